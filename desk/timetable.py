"""A timetable before there is a case: every date that follows from the day on which it would begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any

from desk import plan_table
from desk.settings import Settings
from desk.tables import as_title
from models.cases import Case, Status
from models.council import Council, load_council
from models.deadlines import Deadline
from models.facts import FIRST_HASH, Record, make_fact
from models.london import LONDON, day_in_words, parse_day, short_day_in_words
from models.pharmacy import PharmacyCase
from models.pharmacy_plan import plan_of
from models.pharmacy_words import FEEDBACK, PROCEDURE
from models.plan_warnings import board_meetings
from notifications.calendar_files import DiaryDay, calendar_file
from notifications.timeline import TimelineEvent, timeline_svg

MIDDAY = time(12, 0)
NO_CASE_YET = "CASE"  #: stands in commands for the reference that the case will have


@dataclass(frozen=True, slots=True)
class Plan:
    """The dates of a procedure from its beginning on, and what in the council's year they meet."""

    procedure: str
    council: str
    given_on: date
    deadlines: tuple[Deadline, ...]
    notes: tuple[str, ...]
    case: Case  #: as it would be on the day on which it begins, with nothing done by anybody
    began: str = "notice given"  #: what happens on that day
    fields: Mapping[str, Any] = field(default_factory=dict)  #: what the case was taken to be entered with

    def as_dict(self) -> dict[str, Any]:
        """Return the plan in plain JSON values, dates as 2017-07-26."""
        return {
            "procedure": self.procedure, "council": self.council, "given": self.given_on.isoformat(),
            "deadlines": [
                {"name": each.name, "last_day": each.last_day.isoformat(), "target": each.target.isoformat(),
                 "day": (each.last_day - self.given_on).days, "rule": each.rule, "source": each.source,
                 "local_policy": each.local_policy, "derivation": each.explain()}
                for each in self.deadlines
            ],
            "notes": list(self.notes), "fields": dict(self.fields),
            "plan": plan_table.as_dict(self.case, plan_of(self.case)) if isinstance(self.case, PharmacyCase) else None,
        }  # fmt: skip


def plan(
    procedure: str, given: str, stated_deadline: str | None, council: str | None, entered_with: Sequence[str] = ()
) -> Plan:
    """Return the dates that follow from a beginning on the day `given` (2017-07-26), each the latest it can be.

    A case other than a pharmacy consolidation is entered as its procedure's example, with each NAME=VALUE of
    `entered_with` in place of the example's. Raises ValueError for a procedure, day, field or council's file that is
    not known or wrong.
    """
    given_on = parse_day(given)
    stated = parse_day(stated_deadline) if stated_deadline else None
    settings = Settings()
    rules = load_council(council or settings.council, settings.councils)
    if procedure != PROCEDURE:
        if stated is not None:
            raise ValueError("only a pharmacy consolidation has a last day that its sender states (--stated-deadline)")
        return _plan_of_the_example(procedure, rules, given_on, dict(_pair(each) for each in entered_with))
    if entered_with:
        raise ValueError("nothing but the day of notice moves these dates; --with is for the other procedures")
    case = _case_without_a_record(rules, given_on, stated)
    feedback = FEEDBACK.from_(
        case.circulate_by.last_day, name="feedback", event="the information is circulated, at the latest",
        evidence="assumed", calendar=case.calendar,
    )  # fmt: skip
    given_alone = (replace(each, evidence="the day given") for each in (case.route_by, case.circulate_by))
    represent_by = replace(case.represent_by, evidence="the day given")
    deadlines = (*given_alone, feedback, represent_by)
    return Plan(procedure, rules.name, given_on, deadlines, tuple(_notes(case)), case)


def _pair(written: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not equals:
        raise ValueError(f"--with {written!r} is not NAME=VALUE, such as --with pounds=750000")
    return name.strip().replace("-", "_"), value.strip()


def _plan_of_the_example(procedure: str, rules: Council, given_on: date, given: Mapping[str, str]) -> Plan:
    from desk.first_day import first_day
    from tasks.procedures import procedure_named

    found = procedure_named(procedure)
    begun = first_day(found, rules, given_on, given)
    shown = ", ".join(f"{name}={_shown(value)}" for name, value in begun.fields.items())
    notes = (begun.says, f"Entered as {shown}. Another: --with NAME=VALUE.")
    deadlines = tuple(
        replace(deadline, evidence="the case as entered") if deadline.evidence == "fact 1" else deadline
        for deadline, status in begun.case.deadlines() if status is not Status.FELL_AWAY
    )  # fmt: skip
    return Plan(
        procedure, rules.name, given_on, deadlines, notes, begun.case, found.opening.title.lower(), begun.fields
    )


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}={each}" for name, each in value.items())
    return ",".join(value) if isinstance(value, list) else str(value)


def _case_without_a_record(council: Council, given_on: date, stated: date | None) -> PharmacyCase:
    at = datetime.combine(given_on, MIDDAY, LONDON)
    payload: dict[str, Any] = {
        "reference": "not yet entered", "given_at": at.isoformat(), "capacity": "relevant", "applicant": "",
        "closing": "", "remaining": "", "wards": [], "stated_deadline": stated.isoformat() if stated else None,
    }  # fmt: skip
    notified = make_fact(
        case="plan", number=1, at=at, kind="notified", actor="cleardays", channel="plan", payload=payload, key=None,
        salt="", previous=FIRST_HASH,
    )  # fmt: skip
    return PharmacyCase(Record(NO_CASE_YET, PROCEDURE, 1, council.id, [notified]), council, at)


def _notes(case: PharmacyCase) -> Iterator[str]:
    if case.stated_difference:
        yield case.stated_difference
    meetings = ", ".join(short_day_in_words(day) for day in board_meetings(case))
    if meetings:
        yield f"The {case.council.bodies[case.council.pharmacy.board].name} meets on {meetings}."


def timeline_picture(made: Plan) -> str:
    """Return the timeline of a plan as an SVG document."""
    events = [TimelineEvent(as_title(made.began), made.given_on, state="met")]
    for each in made.deadlines:
        note = "local policy" if each.local_policy else ""
        events.append(TimelineEvent(as_title(each.name), each.last_day, "last day", note=note))
        if each.target != each.last_day:
            events.append(TimelineEvent(as_title(each.name), each.target, "target", note="local policy"))
    title = f"Timetable from {short_day_in_words(made.given_on)}"
    return timeline_svg(title, f"The dates of {made.procedure}, in order.", made.given_on, events, today=None)


def plan_calendar(made: Plan, stamp: datetime) -> bytes:
    """Return a plan as a calendar file written at `stamp` (aware). The same plan has the same entries on every day.

    Nothing in it is a date of a case: its entries are others than those of the case that may follow.
    """
    days = []
    for each in made.deadlines:
        title, how = f"Plan, {each.name}", " ".join([f"{each.in_words()}.", *each.notes])
        days.append(DiaryDay(_plan_uid(made, each.name), f"{title}: last day", how, each.last_day))
        if each.target != each.last_day:
            uid, why = _plan_uid(made, f"{each.name} target"), "The last working day on or before the last day"
            days.append(DiaryDay(uid, f"{title}: internal target", f"{why} (local policy). {how}", each.target))
    name = f"Plan: {made.procedure}, {made.began} on {short_day_in_words(made.given_on)}"
    return calendar_file(sorted(days, key=lambda day: (day.on, day.uid)), stamp=stamp, name=name)


def _plan_uid(made: Plan, name: str) -> str:
    told = "\x1f".join((made.procedure, made.council, made.given_on.isoformat(), name))
    return f"plan-{sha256(told.encode()).hexdigest()[:32]}@cleardays.invalid"


def print_plan(made: Plan) -> None:
    """Print a plan: a table of its dates, then how each came about."""
    from desk.tables import heading, say, show_table

    say(f"{made.council}: {made.procedure}, {made.began} on {day_in_words(made.given_on)}", "bold")
    say()
    rows = [(made.began, short_day_in_words(made.given_on), "0", "", "", "")]
    rows += [
        (each.name, short_day_in_words(each.last_day), str((each.last_day - made.given_on).days),
         short_day_in_words(each.target), each.source, "local policy" if each.local_policy else "")
        for each in made.deadlines
    ]  # fmt: skip
    show_table(("What", "Last day", "Day", "Internal target", "Source", ""), rows)
    if made.notes:
        say()
    for note in made.notes:
        say(note)
    laid_back = plan_of(made.case) if isinstance(made.case, PharmacyCase) else None
    if laid_back is not None and isinstance(made.case, PharmacyCase):
        plan_table.print_laid_back(made.case, laid_back)
    for each in made.deadlines:
        heading(as_title(each.name))
        print("\n".join(f"  {line}" for line in each.explain()))
    if laid_back is not None:
        heading(plan_table.TITLE)
        print("\n".join(f"  {line}" for line in plan_table.explained(laid_back)))
