"""Deployments: the cases of each procedure, and a form for each thing an officer does."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from uuid import UUID

from desk.procedures import PROCEDURES
from desk.server import deploy_with, ensure_pool
from desk.service import POOL


def deploy(
    api_url: str, told: Callable[[str], None] = lambda line: None, auth: str | None = None, *,
    forms_of: Collection[str],
) -> Mapping[str, UUID]:  # fmt: skip
    """Make or renew the deployments on the server at `api_url`; return the cases' one for each procedure.

    Cases of every procedure have one; forms are offered for the procedures named in `forms_of`.
    """
    from prefect.client.orchestration import SyncPrefectClient

    from desk.prefect_forms import FORMS

    ensure_pool(api_url, POOL, auth)
    found = {}
    with SyncPrefectClient(api_url, auth_string=auth) as client:
        for procedure, (flow, entrypoint) in PROCEDURES.items():
            found[procedure] = deploy_with(
                client, flow, entrypoint, "00 Cases", POOL, [procedure],
                "The open cases are listed here once the desk works.",
            )  # fmt: skip
        offered = {procedure: forms for procedure, forms in FORMS.items() if procedure in forms_of}
        for procedure, forms in offered.items():
            for number, (name, title, form) in enumerate(forms, start=1):
                deploy_with(
                    client, form, f"desk.prefect_forms:{name}", f"{number:02d} {title}", POOL, ["form", procedure],
                    inspect.getdoc(form.fn) or "",
                )  # fmt: skip
    many = "procedure" if len(found) == 1 else "procedures"
    told(f"{len(found)} {many} and {sum(map(len, offered.values()))} forms are ready.")
    return found
