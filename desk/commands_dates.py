"""`when` and `timetable`: dates and how they come about, without a case and without a database."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from models.calendars import ENGLAND_AND_WALES

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences")]


def when(
    phrase: Annotated[str | None, typer.Argument(help='The period in words, such as "within 45 days of"')] = None,
    day: Annotated[str | None, typer.Argument(metavar="DATE", help="The day it counts from: 2017-07-26")] = None,
    calendar: Annotated[
        str, typer.Option(help="Whose bank holidays count: england-and-wales, united-kingdom or every-day")
    ] = ENGLAND_AND_WALES,
    batch: Annotated[
        bool, typer.Option("--batch", help='Answer JSON lines {"phrase", "date", "calendar"?} from standard input')
    ] = False,
    as_json: Json = False,
) -> None:
    """Work out a date from a period in words, with every day that was not counted and why."""
    from desk.when import Question

    if batch:
        return _answer_standard_input()
    if phrase is None or day is None:
        raise ValueError('give a phrase and a date: cleardays when "5 clear working days before" 2017-07-26')
    Question(phrase, day, calendar, as_json).print_answer()


when.example = 'Example: cleardays when "5 clear working days before" 2017-07-26'  # type: ignore[attr-defined]


def _answer_standard_input() -> None:
    from desk.when import A_FEW, answer_lines

    at_once = 1 if sys.stdin.isatty() else A_FEW  # whoever types the questions sees each answer
    answers = answer_lines(sys.stdin)
    while lines := list(islice(answers, at_once)):
        print("\n".join(lines))


def timetable(
    procedure: Annotated[str, typer.Argument(help="The procedure, such as pharmacy-consolidation or key-decision")],
    given: Annotated[str, typer.Option(help="The day on which it begins, such as that of the notice: 2017-07-26")],
    stated_deadline: Annotated[str | None, typer.Option(help="The last day the sender states, if any")] = None,
    entered_with: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="NAME=VALUE", help="Instead of a value of the example, such as pounds=750000"),
    ] = None,
    council: Annotated[str | None, typer.Option(help="Name or path of the council's file")] = None,
    svg: Annotated[Path | None, typer.Option(help="Write the timeline to this file as a picture")] = None,
    ics: Annotated[Path | None, typer.Option(help="Write the dates to this file for a calendar (.ics)")] = None,
    as_json: Json = False,
) -> None:
    """Show the dates a procedure would have from the day on which it begins, without opening a case.

    Where more than that day moves them, the case is taken to be as in `cleardays notify PROCEDURE --example`.
    """
    from desk.tables import print_json
    from desk.timetable import plan, plan_calendar, print_plan, timeline_picture

    made = plan(procedure, given, stated_deadline, council, entered_with or ())
    if svg is not None:
        svg.write_text(timeline_picture(made), encoding="utf-8")
    if ics is not None:
        from models.clock import SystemClock

        ics.write_bytes(plan_calendar(made, SystemClock().now()))
    if as_json:
        return print_json(made.as_dict())
    print_plan(made)


timetable.example = "Example: cleardays timetable pharmacy-consolidation --given 2017-07-26"  # type: ignore[attr-defined]
