"""`calendar`: what a changed calendar moves, and the days that are not worked."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from desk.tables import print_json, say, show_table
from models.calendars import ENGLAND_AND_WALES
from models.counting import counted

if TYPE_CHECKING:
    from desk.calendar_check import Found
    from desk.runs import Runs
    from desk.settings import Settings


def calendar(
    action: Annotated[str, typer.Argument(metavar="check|days", help="check: compare open cases with the calendar; "
                                                                     "days: list the days not worked in a year")],
    year: Annotated[int | None, typer.Argument(help="The year to list, such as 2026")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Move the dates, and record in each case what moved")] = False,
    name: Annotated[
        str, typer.Option("--calendar", help="Whose bank holidays to list: england-and-wales or united-kingdom")
    ] = ENGLAND_AND_WALES,
    by: Annotated[
        str | None, typer.Option("--by", metavar="ROLE", help="Who applies it (default: CLEARDAYS_OFFICER, else the "
                                                              "administrator of the council's file)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences")] = False,
) -> None:  # fmt: skip
    """Compare every open case with the current calendar: each date that would move, before and after, and why.

    Bank holidays newly proclaimed, closures and the council's own numbers of days move nothing until --apply.
    """
    if action == "check":
        return _check(apply, by, as_json)
    if action == "days":
        return _days(year, name, as_json)
    raise ValueError(f"{action!r} cannot be done to a calendar; write cleardays calendar check, or calendar days 2026")


calendar.example = "Example: cleardays calendar check --apply"  # type: ignore[attr-defined]


def _check(apply: bool, by: str | None, as_json: bool) -> None:
    from desk import calendar_check
    from desk.door import DOOR, os_user, the_office
    from models.london import date_in_london
    from tasks.authority import By

    told = _progress if sys.stderr.isatty() else lambda number, of: None
    with the_office() as (office, settings), _no_search_for_cycles():
        current = office.council(settings.council)
        if apply:
            named = by or settings.officer
            who = By(named or current.administrators[0], DOOR, os_user(), assumed=named is None)
            with _server_of(settings) as runs:
                found = calendar_check.apply(office, who, runs, told)
        else:
            found = calendar_check.check(office, told)
        missing = list(calendar_check.what_is_missing(current, date_in_london(office.clock.now())))
    if as_json:
        return print_json({**found.as_dict(), "missing": missing})
    _print(found, apply)
    for each in missing:
        say(f"Note: {each}.", "yellow")


def _print(found: Found, apply: bool) -> None:
    from desk import calendar_check

    for why in found.reasons:
        say(f"- {why}.")
    if found.moved:
        columns = ("Case", "Deadline", "Last day", "Target", "Status", "Why")
        show_table(columns, calendar_check.rows_of(found.moved))
        say()
    for line in calendar_check.totals(found):
        say(line)
    if found.behind and not apply:
        say("Nothing has been moved. cleardays calendar check --apply moves these dates and records why.", "bold")
    if apply and found.applied:
        waiting = "waits" if found.turns_called_for == 1 else "wait"
        turns = f", {found.turns_called_for:,} {waiting} for a turn of the desk" if found.turns_called_for else ""
        runs = f", {counted(found.runs_put_right, 'run')} parked anew in Prefect" if found.runs_put_right else ""
        say(f"Recorded in {counted(found.applied, 'case')}{turns}{runs}.", "green")


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Leave garbage cycles alone: records come and go by the thousand without any, and the search costs a third."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _progress(number: int, of: int) -> None:
    print(f"\r{number} of {of} cases", end="\n" if number == of else "", file=sys.stderr, flush=True)


@contextmanager
def _server_of(settings: Settings) -> Iterator[Runs | None]:
    """Give the runs on the Prefect server of the settings, or None where none answers: the desk puts them right."""
    from desk.server import answers, use_server

    if not answers(settings.prefect_api_url):
        yield None
        return
    from desk.runs import Runs
    from desk.server_auth import server_auth

    use_server(settings.prefect_api_url, server_auth(settings))
    with Runs(settings.prefect_api_url) as runs:
        yield runs


def _days(year: int | None, name: str, as_json: bool) -> None:
    from desk.calendar_check import days_not_worked, what_is_missing
    from desk.settings import Settings
    from models.clock import SystemClock
    from models.council import load_council
    from models.london import date_in_london, day_in_words

    chosen, today = Settings(), date_in_london(SystemClock().now())
    council = load_council(chosen.council, chosen.councils)
    listed = days_not_worked(council, year or today.year, name)
    missing = list(what_is_missing(council, today))
    if as_json:
        days = [{"date": day.isoformat(), "reason": why} for day, why in listed]
        return print_json({"calendar": name, "year": year or today.year, "days": days, "missing": missing})
    show_table(("Day not worked", "Why"), [(day_in_words(day), why) for day, why in listed])
    say(f"{counted(len(listed), 'day')}, weekends apart, by the calendar {name} and the file of {council.name}.")
    for each in missing:
        say(f"Note: {each}.", "yellow")
