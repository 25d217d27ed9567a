"""`council`, `settings`, `demo`, `up`, `reconcile`, `test`: what keeps the house in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.tables import print_json, say, show_table

if TYPE_CHECKING:
    from pydantic import BaseModel

    from models.council import Council

PASSWORD_IN_URL = re.compile(r"(://[^/:@]*:)[^/?]*@|([?&](?:[a-z]*password|passfile|sslkey)=)[^&]*", re.IGNORECASE)
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences")]


def council(
    action: Annotated[
        str, typer.Argument(metavar="check|list", help="check: say what is wrong in the file; list: every id in it")
    ],
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME|PATH]", help="The council's file (default: CLEARDAYS_COUNCIL)")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a council's file: every mistake is told with its line; or list its roles, wards and bodies by id."""
    from desk.settings import Settings
    from models.council import load_council
    from tasks.heads_procedure import without_auditor

    if action not in ("check", "list"):
        raise ValueError(f"{action!r} cannot be done to a council's file; write: cleardays council check {action}")
    chosen = Settings()
    read = load_council(name or chosen.council, chosen.councils)
    if action == "list":
        return _list_ids(read, as_json)
    counts = {"roles": len(read.roles), "wards": len(read.wards), "bodies": len(read.bodies)}
    nobody = without_auditor(read)
    if as_json:
        told = {"council": read.id, "name": read.name, "valid": True, "fingerprint": read.fingerprint}
        return print_json(told | counts | {"auditors": len(read.auditors)})
    counted = ", ".join(f"{count} {what}" for what, count in counts.items())
    say(f"The file of {read.name} is in order: {counted}.", "green")
    if read.authority is None:
        from desk.commands_authority import NO_SECTION

        say(NO_SECTION, "yellow")
    if nobody is not None:
        say(f"{nobody}.", "yellow")


def _list_ids(read: Council, as_json: bool) -> None:
    from models.clock import SystemClock
    from models.london import date_in_london

    today = date_in_london(SystemClock().now())
    ids = [
        *(("role", role, read.title(role, today)) for role in sorted(read.roles)),
        *(("ward", ward, found.name) for ward, found in read.wards.items()),
        *(("body", body, found.name) for body, found in read.bodies.items()),
    ]
    if as_json:
        return print_json([{"kind": kind, "id": id_, "name": named} for kind, id_, named in ids])
    show_table(("What", "Id", "Name"), ids)


council.example = "Example: cleardays council check southampton"  # type: ignore[attr-defined]


def settings(as_json: Json = False) -> None:
    """Show each setting, its value and the variable it is read from: the environment, or a .env file here."""
    from desk.settings import Settings

    found = list(_settings_of(Settings(), "CLEARDAYS_"))
    if as_json:
        return print_json([{"variable": v, "value": value, "description": told} for v, value, told in found])
    show_table(("Variable", "Value", "What it is"), found)


settings.example = "Example: CLEARDAYS_HOME=/srv/cleardays cleardays settings"  # type: ignore[attr-defined]


def _settings_of(model: BaseModel, prefix: str) -> Iterator[tuple[str, str, str]]:
    from pydantic import BaseModel

    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _settings_of(value, f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}", _shown(name, value), field.description or ""


def _shown(name: str, value: Any) -> str:
    """Return a setting's value in words, with every password taken out."""
    if value is None:
        return "not set"
    if name == "token_command":
        return f"{str(value).split(maxsplit=1)[0]} ***"
    return PASSWORD_IN_URL.sub(lambda found: f"{found[1]}***@" if found[1] else f"{found[2]}***", str(value))


def demo(
    days_per_second: Annotated[
        float | None, typer.Option(min=0.01, help="How fast the days pass (default: as fast as one can follow)")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running until Ctrl-C")] = False,
) -> int:
    """Show a case from notice to end on a fast clock: server, desk and letters; nothing leaves this machine."""
    from desk.demo import run

    return run(days_per_second, keep)


demo.example = "Example: cleardays demo --days-per-second 2 --keep"  # type: ignore[attr-defined]


def up() -> int:
    """Start the desk and the Prefect server: cases move, letters leave, deadlines are kept. Ctrl-C stops both."""
    from desk.up import run

    return run()


up.example = "Example: cleardays up"  # type: ignore[attr-defined]


def reconcile(as_json: Json = False) -> int:
    """Give every open case its run in Prefect, waiting for the right day, as the record has it."""
    from desk.reconcile import run

    return run(json=as_json)


reconcile.example = "Example: cleardays reconcile --json"  # type: ignore[attr-defined]


def test(args: list[str]) -> int:
    """Run the project's own tests and return pytest's exit code; `args` go to pytest."""
    from desk.selftest import run

    return run(args)
