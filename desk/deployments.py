"""Deployments: the cases of each procedure, and a form for each thing an officer does."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from desk.service import POOL
from tasks.procedures import REGISTERS

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

HOUSE = Path(__file__).resolve().parent.parent
LISTED = "The open cases are listed here once the desk works."
SHAPED_BY = ("desk", "flows", "tasks", "models", "councils")  #: folders whose files say what a form looks like


def deploy(
    api_url: str, told: Callable[[str], None] = lambda line: None, auth: str | None = None, *,
    forms_of: Collection[str], kept: Path | None = None,
) -> Mapping[str, UUID]:  # fmt: skip
    """Make or renew the deployments on the server at `api_url`; return the cases' one for each procedure.

    Cases of every procedure have one; forms are offered for the procedures named in `forms_of`. What was made is noted
    in the file `kept`: while neither the code nor the council files change, and the server still has every one, a desk
    that opens again makes none anew.
    """
    from prefect.client.orchestration import SyncPrefectClient

    from desk.server import auth_in_force, client_settings

    made_from = _fingerprint(api_url, forms_of)
    with SyncPrefectClient(api_url, auth_string=auth_in_force(auth), httpx_settings=client_settings(api_url)) as client:
        found = _as_noted(client, kept, made_from)
        if found is None:
            cases, forms = _make(client, api_url, auth, forms_of)
            found = {"made_from": made_from, "cases": cases, "forms": forms}
            if kept is not None:
                kept.write_text(json.dumps(found), encoding="utf-8")
    of_cases = [procedure for procedure in found["cases"] if procedure not in REGISTERS]
    many = "procedure" if len(of_cases) == 1 else "procedures"
    told(f"{len(of_cases)} {many} and {len(found['forms'])} forms are ready.")
    return {procedure: UUID(made) for procedure, made in found["cases"].items()}


def deployed_here(entrypoint: str) -> bool:
    """Tell whether an entrypoint is that of a flow deployed here: of a procedure, a register or a form."""
    from desk.procedures import PROCEDURES

    if any(entrypoint == ours for _, ours in PROCEDURES.values()):
        return True
    if not entrypoint.startswith(_entrypoint("")):
        return False
    from desk.prefect_forms import FORMS  # seconds, which a turn of a case need not wait for

    return any(entrypoint == _entrypoint(name) for offered in FORMS.values() for name, _, _ in offered)


def _entrypoint(form: str) -> str:
    return f"desk.prefect_forms:{form}"


def _make(
    client: SyncPrefectClient, api_url: str, auth: str | None, forms_of: Collection[str]
) -> tuple[dict[str, str], list[str]]:
    from desk.prefect_forms import FORMS
    from desk.procedures import PROCEDURES
    from desk.server import deploy_with, ensure_pool

    ensure_pool(api_url, POOL, auth)
    cases = {
        procedure: str(deploy_with(
            client, flow, entrypoint, "00 Register" if procedure in REGISTERS else "00 Cases", POOL, [procedure],
            (inspect.getdoc(flow.fn) or "") if procedure in REGISTERS else LISTED,
        ))
        for procedure, (flow, entrypoint) in PROCEDURES.items()
    }  # fmt: skip
    forms = [
        str(deploy_with(
            client, form, _entrypoint(name), f"{number:02d} {title}", POOL, ["form", procedure],
            inspect.getdoc(form.fn) or "",
        ))
        for procedure, offered in FORMS.items() if procedure in forms_of
        for number, (name, title, form) in enumerate(offered, start=1)
    ]  # fmt: skip
    return cases, forms


def _as_noted(client: SyncPrefectClient, kept: Path | None, made_from: str) -> dict[str, Any] | None:
    """Return what was made before, if it was made from the same and the server still has all of it."""
    try:
        noted: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept is not None else {}
    except (OSError, ValueError):
        return None
    if noted.get("made_from") != made_from:
        return None
    ids = [*noted["cases"].values(), *noted["forms"]]
    answer = client.request("POST", "/deployments/count", json={"deployments": {"id": {"any_": ids}}})
    return noted if answer.json() == len(ids) else None


def _fingerprint(api_url: str, forms_of: Collection[str]) -> str:
    """Return the SHA-256 of all that deployments are made from: cheaper to read than to import."""
    digest = sha256(json.dumps([api_url, sorted(forms_of)]).encode())
    for folder in SHAPED_BY:
        for file in sorted((HOUSE / folder).rglob("*")):
            if file.suffix in (".py", ".yaml"):
                digest.update(f"{file.relative_to(HOUSE)}\0".encode() + file.read_bytes())
    return digest.hexdigest()
