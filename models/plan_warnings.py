"""What a plan meets in the council's year: Christmas, Easter, elections, a Board that does not meet, a late start."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from models.london import date_in_london, day_in_words
from models.pharmacy import PharmacyCase
from models.pharmacy_plan import AGENDA
from models.reckoning import quantity

FAIRNESS = "Consultees must have adequate time (R (Moseley) v Haringey [2014] UKSC 56)"


def warnings(case: PharmacyCase) -> list[str]:
    """Return what to look out for on the way to the last day, each in a sentence or two.

    They change when a date moves, and when the time to answer begins; not merely because a day passes.
    """
    return [*_entered_late(case), *_seasons(case), *_elections(case), *_board_does_not_meet(case)]


def board_meetings(case: PharmacyCase) -> tuple[date, ...]:
    """Return the Board's published meetings after the notice and by the last day, for which an agenda can go out.

    An item that was not open to inspection for five clear days before cannot be considered (LGA 1972 s.100B).
    """
    return tuple(day for day in _meetings_between(case) if _agenda_by(case, day) >= case.notice.given_on)


def _meetings_between(case: PharmacyCase) -> tuple[date, ...]:
    first = case.notice.given_on + timedelta(days=1)
    return case.council.meetings_of(case.council.pharmacy.board, first, case.represent_by.last_day)


def _agenda_by(case: PharmacyCase, meeting: date) -> date:
    return AGENDA.from_(meeting, name="agenda", event="the Board meets", calendar=case.calendar).last_day


# -- the notice and the Board ------------------------------------------------------------------------------------


def _entered_late(case: PharmacyCase) -> Iterator[str]:
    given_on, entered_on = case.notice.given_on, date_in_london(case.record.facts[0].at)
    if entered_on > case.calendar.working_day_after(given_on, 1):
        gone, all_days = (entered_on - given_on).days, (case.represent_by.last_day - given_on).days
        yield (
            f"The notice, given on {day_in_words(given_on)}, was entered only on {day_in_words(entered_on)}: "
            f"{min(gone, all_days)} of its {all_days} days had gone."
        )


def _board_does_not_meet(case: PharmacyCase) -> Iterator[str]:
    if board_meetings(case):
        return
    council, pharmacy = case.council, case.council.pharmacy
    given_on, last_day = case.notice.given_on, case.represent_by.last_day
    between = f"between notice ({day_in_words(given_on)}) and last day ({day_in_words(last_day)})"
    too_soon = [day_in_words(day) for day in _meetings_between(case)]
    when = f"only on {', '.join(too_soon)}, too soon for an agenda {AGENDA.words} it" if too_soon else ""
    later = council.meetings_of(pharmacy.board, last_day + timedelta(days=1), date.max)
    after = f"; it meets next on {day_in_words(later[0])}" if later else ""
    meets = f"meets {between} {when}" if when else f"does not meet {between}"
    yield (
        f"The {council.bodies[pharmacy.board].name} {meets}{after}. So the Board itself cannot decide in an ordinary "
        "meeting: the decision is the officer's under the delegation, or an extraordinary meeting's, called with "
        f"{quantity(AGENDA.count, AGENDA.unit)}' notice, or goes by the urgent route "
        f"({pharmacy.urgent_decision_route.name})."
    )


# -- the time to answer --------------------------------------------------------------------------------------------


def _answering(case: PharmacyCase) -> tuple[date, date, str]:
    """Return the first and the last day on which somebody asked may answer, and whether that is certain, as a verb.

    Until a consultee's own time runs, it may begin on any day up to the last one for circulation.
    """
    running = [(c.clock_started_on, c.feedback_by) for c in case.consultees]
    started = [began for began, _ in running if began is not None]
    if started:
        return min(started), max(by.last_day for _, by in running if by is not None), "spans"
    period, _ = case.feedback_period
    begins_by = max(case.circulate_by.last_day, date_in_london(case.record.facts[0].at))
    return case.notice.given_on, begins_by + timedelta(days=period.count), "may span"


def _seasons(case: PharmacyCase) -> Iterator[str]:
    first, last, spans = _answering(case)
    for name, begins, ends in [*_christmases(first, last), *_easters(case, first, last)]:
        if begins <= last and first <= ends:
            yield (
                f"The time to answer {spans} {name}, {day_in_words(begins)} to {day_in_words(ends)}. {FAIRNESS}: "
                "circulate early enough to close before it, or extend the time where the plan leaves room."
            )


def _christmases(first: date, last: date) -> Iterator[tuple[str, date, date]]:
    for year in range(first.year - 1, last.year + 1):
        yield "Christmas", date(year, 12, 24), date(year + 1, 1, 1)


def _easters(case: PharmacyCase, first: date, last: date) -> Iterator[tuple[str, date, date]]:
    """Give each Good Friday to Easter Monday near these days, as the calendar itself names them."""
    around = case.calendar.without_closures().not_working(first - timedelta(days=3), last + timedelta(days=3))
    for day, why in around:
        if "Good Friday" in why:
            yield "Easter", day, day + timedelta(days=3)


def _elections(case: PharmacyCase) -> Iterator[str]:
    first, last, spans = _answering(case)
    for period in case.council.pre_election_periods(case.notice.given_on, case.represent_by.last_day):
        days = f"{period.name}, {day_in_words(period.starts_on)} to {day_in_words(period.ends_on)}"
        answering = period.starts_on <= last and first <= period.ends_on
        what = f"The time to answer {spans}" if answering else "The time after feedback, up to the last day, spans"
        yield (
            f"{what} days of a pre-election period ({days}): publicity is restricted then; have the monitoring "
            "officer agree what is sent and published."
        )
