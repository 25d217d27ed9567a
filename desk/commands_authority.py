"""`who-may`: which office may do what, by the council's file."""

from __future__ import annotations

from typing import Annotated

import typer

from desk.case_names import case_named
from desk.tables import print_json, say, show_table


def who_may(
    procedure: Annotated[
        str | None, typer.Argument(metavar="[PROCEDURE]", help="One procedure (default: every one, and the house)")
    ] = None,
    case: Annotated[
        str | None,
        typer.Option("--case", metavar="CASE", callback=case_named, help="In a case of yours, as it stands"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")] = False,
) -> None:
    """List everything that can be done, what authority it takes, and which offices have it; the first does it."""
    from desk.door import read_case, the_office
    from desk.who_may import grouped, rows, rows_of
    from models.london import date_in_london, day_in_words
    from tasks.procedures import procedure_of

    with the_office() as (office, settings):
        if case is not None:
            own = read_case(office, case)
            council, on, found = own.council, own.today, list(rows_of(own, procedure_of(own.record)))
        else:
            council, on = office.council(settings.council), date_in_london(office.clock.now())
            found = list(rows(council, on, procedure))
    if as_json:
        return print_json([
            {"procedure": row.procedure, "do": row.deed.name, "title": row.deed.title, "needs": row.needs,
             "roles": list(row.roles), "also": list(row.also)} for row in found
        ])  # fmt: skip
    for name, groups in grouped(found).items():
        say(name, "bold")
        show_table(
            ("It takes a", "Who may", "What"),
            [(str(group.needs), group.in_words(council, on), ", ".join(group.deeds)) for group in groups],
        )
        say()
    if case is None:
        when = day_in_words(on)
        say(f"Who decides, or presides, is that of a case such as the example, entered on {when}; --case names one.")
    say("Every other office may do nothing by itself: an officer records what it says. An auditor records nothing.")
    if council.authority is None:
        say(NO_SECTION, "yellow")


who_may.example = "Example: cleardays who-may pharmacy-consolidation"  # type: ignore[attr-defined]

NO_SECTION = (
    "The council's file has no section 'authority'. So a procedure's responsible officer and the team that its own "
    "section names are its officers, the Director keeps the house, and there is no auditor; see councils/README.md."
)
