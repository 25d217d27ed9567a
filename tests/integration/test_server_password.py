"""The Prefect server of a desk: it lets nobody in without the password, which stands nowhere; forms are emptied."""

from __future__ import annotations

import asyncio
import os
import stat
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from prefect.client.orchestration import PrefectClient
from pydantic import SecretStr

from desk.form_words import AFTER_REFUSAL, FORM, TAKEN_OUT, take_out_all
from desk.server import lets_in
from desk.server_auth import auth_file
from desk.settings import Settings
from desk.up import work as up
from tests.desk_at_work import DeskAtWork
from tests.integration.one_case import entered
from tests.integration.test_privacy import everything_kept

pytestmark = pytest.mark.prefect

WORDS = "Withdrawn by the applicant, Mrs Ada Quillfeather, by telephone"


def basic(auth: str) -> dict[str, str]:
    """Return the header with which a password is sent."""
    return {"Authorization": f"Basic {b64encode(auth.encode()).decode()}"}


def test_nobody_gets_in_without_the_password(work: DeskAtWork) -> None:
    """The API answers 401 to whoever has none or a wrong one, reading or writing; health alone is told to everybody."""
    assert work.auth is not None
    api, client = f"{work.url}/api", str(uuid4())
    token = httpx.get(f"{api}/csrf-token?client={client}", headers=basic(work.auth)).json()["token"]
    unforged = {"Prefect-Csrf-Token": token, "Prefect-Csrf-Client": client}
    for headers in ({}, basic("cleardays:wrong"), basic("cleardays:"), {"Authorization": f"Bearer {work.auth}"}):
        for path in ("/flow_runs/filter", "/deployments/filter", "/logs/filter", "/artifacts/filter"):
            assert httpx.post(f"{api}{path}", json={}, headers={**headers, **unforged}).status_code == 401
        assert httpx.get(f"{api}/csrf-token?client={client}", headers=headers).status_code == 401
        assert httpx.get(f"{api}/admin/version", headers=headers).status_code == 401
    assert httpx.get(f"{api}/admin/version", headers=basic(work.auth)).status_code == 200
    assert httpx.get(f"{api}/health").status_code == 200
    assert (lets_in(api, None), lets_in(api, "a:b"), lets_in(api, work.auth)) == (False, False, True)


def test_a_page_of_another_site_gets_in_with_no_password_either(work: DeskAtWork) -> None:
    """The check against forged requests stays on beside the password."""
    answer = httpx.post(f"{work.url}/api/flows/", json={"name": "x"}, headers=basic(str(work.auth)))
    assert answer.status_code == 403
    assert "CSRF" in answer.text
    assert httpx.get(f"{work.url}/ui-settings").json()["auth"] == "BASIC"


def test_it_listens_on_this_machine_alone(work: DeskAtWork) -> None:
    """As the kernel tells it: one socket on the port, on 127.0.0.1."""
    listening = [
        line.split()[1] for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    ]  # fmt: skip
    assert [each for each in listening if int(each.rpartition(":")[2], 16) == work.port] == [
        f"0100007F:{work.port:04X}"
    ]


def test_the_password_stands_in_its_file_and_in_no_other_place(work: DeskAtWork) -> None:
    """No log, no row of Prefect's, no list of processes and no other process's environment holds it."""
    secret = str(work.auth).partition(":")[2]
    file = auth_file(Settings(home=work.home, _env_file=None))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert secret.lower() not in "\n".join(everything_kept(work.home))
    (desk,) = work.processes
    told = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            shown, kept = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
        except OSError:
            continue
        assert secret.encode() not in shown
        if secret.encode() in kept:
            told[int(process.name)] = shown
    assert desk.pid not in told
    assert len(told) == 1, told  # the server itself, which cannot do without
    assert b"desk.server_process" in next(iter(told.values()))
    assert os.getpid() not in told


def test_a_desk_with_the_wrong_password_says_so_and_does_not_open(work: DeskAtWork, tmp_path: Path) -> None:
    """Before anything is done, in a sentence that names the settings; the password it was given is not repeated."""
    told: list[str] = []
    before = os.umask(0o077)
    try:
        auth = SecretStr("a:zebra")
        wrong = Settings(home=tmp_path, prefect_url=f"{work.url}/api", prefect_auth=auth, _env_file=None)
        assert up(wrong, told=told.append) == 2
    finally:
        os.umask(before)
    assert "does not take the password it was given" in told[-1]
    assert "CLEARDAYS_PREFECT_AUTH" in told[-1]
    assert "zebra" not in " ".join(told)


def test_a_form_that_was_acted_on_is_emptied_at_once(work: DeskAtWork) -> None:
    """Prefect keeps which case it was and who acted; what was typed is in the record alone."""
    ref = entered(work, "CAS-80")
    form = work.fill_in("Record a withdrawal", case=ref, reasons=WORDS, acting_as="public-health-team")
    assert form.state == "Completed", form.message
    run = work.prefect.read_flow_run(form.run_id)
    assert run.parameters == {"case": ref, "acting_as": "public-health-team"}
    assert TAKEN_OUT in run.tags
    assert FORM not in run.tags
    assert work.record(ref).first("withdrawn")["reasons"] == WORDS  # type: ignore[index]
    assert "os_user" not in work.record(ref).first("withdrawn").payload  # type: ignore[union-attr]


def test_a_refused_form_can_be_put_right_for_an_hour(work: DeskAtWork) -> None:
    """Then what was typed into it is taken out as well; the refusal says so."""
    ref = entered(work, "CAS-81")
    form = work.fill_in("Record a withdrawal", case=ref, reasons=WORDS, acting_as="healthwatch")
    assert form.state == "Failed"
    assert "Healthwatch Southampton (healthwatch) cannot record a withdrawal (withdraw)" in form.message
    assert "for an hour" in form.message
    empty(work, timedelta(0))
    assert work.prefect.read_flow_run(form.run_id).parameters["reasons"] == WORDS
    empty(work, AFTER_REFUSAL + timedelta(minutes=1))
    assert work.prefect.read_flow_run(form.run_id).parameters == {"case": ref, "acting_as": "healthwatch"}


def test_a_form_whose_desk_died_before_it_was_emptied_is_emptied_by_the_next(work: DeskAtWork) -> None:
    """The record comes first; the sweep finds what was left behind."""
    ref = entered(work, "CAS-82")
    form = work.fill_in("Record a withdrawal", case=ref, reasons=WORDS)
    work.prefect.update_flow_run(form.run_id, parameters={"case": ref, "reasons": WORDS}, tags=[FORM])
    assert empty(work, timedelta(0)) >= 1
    assert work.prefect.read_flow_run(form.run_id).parameters == {"case": ref}
    assert empty(work, timedelta(0)) == 0


def empty(work: DeskAtWork, later: timedelta) -> int:
    """Sweep as the desk does at each heartbeat, `later` than now."""

    async def sweep() -> int:
        async with PrefectClient(f"{work.url}/api", auth_string=work.auth) as client:
            return await take_out_all(client, datetime.now(UTC) + later)

    return asyncio.run(sweep())
