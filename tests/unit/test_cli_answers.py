"""What the command line answers an officer, in words that can be acted on."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.cli import main
from desk.door import the_office
from flows.pharmacy_consolidation import pharmacy_consolidation
from models.counting import counted
from models.outages import DESK
from models.outgoing import FOLDER, LetterState
from models.store import Writing
from notifications.outbox import Fate, record_fates
from tasks.turns import Parked, in_office

NOTICE = (
    "notify", "pharmacy-consolidation", "--reference", "CAS-17", "--capacity", "relevant", "--wards", "bargate",
    "--applicant", "Larkrise Chemists Ltd", "--closing", "1 Example Street", "--remaining", "20 Example Avenue",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a home of its own."""
    monkeypatch.setenv("CLEARDAYS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Run a command and return its exit code and what it said."""

    def told(*args: str) -> tuple[int, str]:
        code, said = main(args), capsys.readouterr()
        return code, said.out + said.err

    return told


def a_case(told) -> str:  # type: ignore[no-untyped-def]
    """Enter a notice given yesterday and return its case."""
    given_at = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    code, said = told(*NOTICE, "--given-at", given_at, "--json")
    assert code == 0, said
    return str(json.loads(said)["case"])


def sign_of_life(*, open_: bool) -> None:
    """Leave the sign of life that a desk leaves while it runs, or as it stops."""
    with the_office() as (office, _):
        now = office.clock.now()
        office.store.write(lambda tx: tx.note_service(DESK, now, {"open": open_}))


def test_an_entry_says_where_no_desk_runs(told) -> None:  # type: ignore[no-untyped-def]
    """What is entered while no desk runs is recorded, and nothing follows: the answer says so, JSON stays as it was."""
    attach = ("attach", a_case(told), "--kind", "equality-screening", "--reasons")
    for reasons, open_, silent in (("One street", None, True), ("Same", True, False), ("Again", False, True)):
        if open_ is not None:
            sign_of_life(open_=open_)
        code, said = told(*attach, reasons)
        assert code == 0
        assert ("The desk does not run: nothing follows" in said) is silent, said
    _, said = told(*attach, "Once more", "--json")
    assert set(json.loads(said)) == {"case", "fact", "kind", "at", "actor", "says"}


@pytest.mark.parametrize(
    ("typed", "wrong", "then"),
    [
        ("show", "CASE is missing", "`cleardays show --help` names what it takes, such as: cleardays show PC-2017-001"),
        ("letters PC-2026-001 --letter 3", "there is no option --letter here", "`cleardays letters --help`"),
        ("letters PC-2026-001 --reed 3", "no option --reed here; did you mean --read? ", "`cleardays letters --help`"),
        ("letters PC-2026-001 --read x", "--read: a whole number is wanted", "`cleardays letters --help`"),
        ("show PC-2026-001 whole", "nothing is expected where whole stands", "`cleardays show --help`"),
        ("heads --out", "--out wants a value behind it", "`cleardays heads --help`"),
        ("extend PC-2026-001 --clock feedback --count 0 --reasons ill", "count: 1 or more is wanted, not '0'",
         "`cleardays extend --help` names the fields"),
        ("extend PC-2026-001 --clock feedback --count x --reasons ill", "count: a whole number is wanted",
         "`cleardays extend --help` names the fields"),
        ("respond PC-2026-001", "--consultee is missing", "`cleardays respond --help` names the fields"),
        ("attach PC-2026-001 --kind aplication", "'aplication' is not one of the choices", "did you mean application?"),
        ("notify pharmacy-consolidation --capacity relevnt", "--reference is missing",
         "`cleardays notify pharmacy-consolidation --help` names the fields"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_what_to_do(told, typed: str, wrong: str, then: str) -> None:  # type: ignore[no-untyped-def]
    """No sentence of a library comes bare: each says in plain words what is wrong, and where it is explained."""
    code, said = told(*typed.split())
    assert code == 2
    assert wrong in said
    assert then in said.partition(wrong)[2]
    assert not re.search("Input should|No such option|Missing argument|Possible options|extra argument", said)


def test_what_is_counted_agrees_with_its_number() -> None:
    """One is one; many are told with their thousands."""
    told_ = [counted(n, "open case") for n in (0, 1, 2, 2_000)]
    assert told_ == ["0 open cases", "1 open case", "2 open cases", "2,000 open cases"]
    assert counted(2, "field is", "fields are") == "2 fields are"


def test_a_letter_put_into_a_folder_is_told_with_the_name_of_its_file(told) -> None:  # type: ignore[no-untyped-def]
    """As the folder's own receipt has it, in words that can be read aloud."""
    case = a_case(told)
    with the_office() as (office, _):
        with suppress(Parked), in_office(office):
            pharmacy_consolidation.fn(case)

        def put(tx: Writing) -> None:
            claimed = tx.claim_letters(office.clock.now(), "a postroom", 100)
            says = f"{FOLDER}/srv/outbox written as 0001-first.eml"
            fates = [Fate(each, LetterState.SENT, office.clock.now(), {"accepted_by": "x"}, says) for each in claimed]
            record_fates(tx, fates)

        office.store.write(put)
    _, said = told("letters", case)
    assert "put into the folder /srv/outbox, written as 0001-first.eml" in said
