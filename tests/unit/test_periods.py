"""Periods and deadlines: the worked dates of the law note, and what a deadline says of itself."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest

from models.calendars import calendar_named
from models.periods import (
    Deadline,
    Kind,
    Moved,
    Period,
    before,
    beginning_with,
    by,
    clear_days_before,
    clear_working_days_before,
    earlier_of,
    first_working_day_after_clear,
    prior_to,
    within,
)

REPRESENTATION = within(45, "days", source="SI 2013/349 Sch 2 para 19(4)")
FEEDBACK = within(14, "calendar days", source="report para 10")
CALL_IN = first_working_day_after_clear(5, source="council's constitution")
ENGLAND = calendar_named("england-and-wales")


def given(day: date, period: Period = REPRESENTATION, **more: object) -> Deadline:
    """Set a deadline from a notice given on a day."""
    return period.from_(day, name="Representation", event="notice was given", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("period", "event_on", "day"),
    [
        # section 0, rule 7: "by 11 September" INCLUDES the 11th
        (by(), date(2017, 9, 11), date(2017, 9, 11)),
        # section 0, rule 7: "prior to 29 November" EXCLUDES the 29th
        (prior_to(), date(2019, 11, 29), date(2019, 11, 28)),
        (before(), date(2019, 11, 29), date(2019, 11, 28)),
        # section 3.1: Croke, forty-two days from the day after, to midnight on the forty-second
        (within(42, "days"), date(2016, 3, 23), date(2016, 5, 4)),
        # section 4: records are kept six years, background papers four, beginning on the day decided
        (beginning_with(6, "years"), date(2017, 8, 25), date(2023, 8, 24)),
        (beginning_with(4, "years"), date(2020, 2, 29), date(2024, 2, 28)),
        (within(1, "years"), date(2020, 2, 29), date(2021, 2, 28)),
        (beginning_with(6, "months"), date(2020, 8, 31), date(2021, 2, 28)),
        (beginning_with(1, "months"), date(2021, 3, 1), date(2021, 3, 31)),
        (beginning_with(2, "weeks"), date(2017, 7, 26), date(2017, 8, 8)),
    ],
)
def test_worked_dates_of_the_law_note(period: Period, event_on: date, day: date) -> None:
    """Each date that sections 0, 3 and 4 of the law note work out comes out to the day; section 9 has its own file."""
    assert given(event_on, period).last_day == day


def test_england_s_calendar_would_answer_a_freedom_of_information_request_too_early() -> None:
    """2 January 2015 is a holiday in Scotland alone: the rule, not the council, names the calendar."""
    council = calendar_named("england-and-wales", {date(2014, 12, 29): "shutdown"})
    england, kingdom = within(20, "working days"), within(20, "working days", calendar="united-kingdom")
    assert given(date(2014, 12, 2), england, calendar=council).last_day == date(2015, 1, 2)
    assert given(date(2014, 12, 2), kingdom, calendar=council).last_day == date(2015, 1, 5)


def test_clear_working_days_may_begin_after_a_weekend() -> None:
    """Five whole working days fit between Sunday 15 and Monday 23 October 2017; the target is the Friday."""
    notice = given(date(2017, 10, 23), clear_working_days_before(5))
    assert (notice.last_day, notice.target) == (date(2017, 10, 15), date(2017, 10, 13))
    assert notice.sense == "latest day"


def test_a_council_closure_moves_the_target_and_never_the_strict_day() -> None:
    """The council is shut on 22 December 2017: day 45 and a count of working days stay, targets move."""
    shut = calendar_named("england-and-wales", {date(2017, 12, 22): "Christmas shutdown"})
    deadline = given(date(2017, 11, 10), calendar=shut)
    assert (deadline.last_day, deadline.target) == (date(2017, 12, 25), date(2017, 12, 21))
    counted = given(date(2017, 12, 15), within(5, "working days"), calendar=shut)
    assert (counted.last_day, counted.target) == (date(2017, 12, 22), date(2017, 12, 21))
    assert "Friday 22 December 2017, council closed: Christmas shutdown" in "\n".join(counted.explain())


def test_a_newly_proclaimed_bank_holiday_moves_a_count_of_working_days() -> None:
    """A holiday the library does not know counts as soon as the council lists it."""
    told = calendar_named("england-and-wales", proclaimed={date(2017, 7, 24): "Day of thanks"})
    assert given(date(2017, 7, 26), clear_working_days_before(5), calendar=told).last_day == date(2017, 7, 17)


def test_every_day_calendar_makes_the_target_the_last_day() -> None:
    """Where every day is worked, Christmas Day is its own target."""
    assert given(date(2017, 11, 10), calendar=calendar_named("every-day")).target == date(2017, 12, 25)


def test_a_standstill_ends_as_its_first_day_begins() -> None:
    """A call-in published on 20 July 2017 holds through the 27th; from 00:00 on the 28th it has passed."""
    standstill = given(date(2017, 7, 20), CALL_IN)
    assert standstill.sense == "first day"
    assert standstill.ends_at.isoformat() == "2017-07-27T23:59:59.999999+01:00"
    assert standstill.wakes_at.isoformat() == "2017-07-28T00:00:00+01:00"
    assert not standstill.passed(standstill.ends_at)
    assert standstill.passed(standstill.wakes_at)
    assert standstill.in_words().startswith(
        "00:00 on Friday 28 July 2017: the first working day after 5 clear"
    )


def test_now_needs_a_time_zone() -> None:
    """A naive now is refused rather than compared."""
    with pytest.raises(ValueError, match="has no time zone"):
        given(date(2017, 7, 26)).passed(datetime(2017, 9, 9))


def test_a_deadline_in_one_line() -> None:
    """The line says when, how counted, under which paragraph, and that the date is computed."""
    assert given(date(2017, 7, 26)).in_words() == (
        "23:59 on Saturday 9 September 2017: day 45 after notice was given on Wednesday 26 July 2017 "
        "(SI 2013/349 Sch 2 para 19(4); computed date, see how)"
    )
    local = given(date(2017, 8, 9), FEEDBACK, local_policy=True)
    assert local.in_words().endswith("(report para 10; local policy; computed date, see how)")


def test_a_deadline_explains_itself() -> None:
    """Start and evidence, rule and source, days not counted, last day, target, calendar and library."""
    notice = clear_working_days_before(5, source="constitution, access to information rule 5").from_(
        date(2018, 1, 3), name="Agenda", event="the Board meets", evidence="calendar of meetings 2017/18"
    )
    assert notice.explain()[:-1] == [
        "Start: the Board meets on Wednesday 3 January 2018 (evidence: calendar of meetings 2017/18).",
        "Rule: “5 clear working days before”, constitution, access to information rule 5.",
        "Counting: Neither Wednesday 3 January 2018 nor the day of the act is counted.",
        "Not counted: Saturday 23 December 2017, weekend.",
        "Not counted: Sunday 24 December 2017, weekend.",
        "Not counted: Monday 25 December 2017, Christmas Day (bank holiday).",
        "Not counted: Tuesday 26 December 2017, Boxing Day (bank holiday).",
        "Not counted: Saturday 30 December 2017, weekend.",
        "Not counted: Sunday 31 December 2017, weekend.",
        "Not counted: Monday 1 January 2018, New Year's Day (bank holiday).",
        "Latest day: 23:59 on Thursday 21 December 2017, "
        "5 clear working days before the Board meets on Wednesday 3 January 2018.",
        "Target: Thursday 21 December 2017, the same day, because it is a working day.",
    ]
    fingerprint = ENGLAND.fingerprint(date(2017, 12, 21), date(2018, 1, 3))
    assert notice.explain()[-1].startswith(
        f"Calendar: england-and-wales, days as in fingerprint {fingerprint} (holidays "
    )


def test_local_policy_and_missing_evidence_are_said() -> None:
    """An explanation shows that a rule is the council's own, and that nothing proves the start."""
    lines = given(date(2017, 8, 9), FEEDBACK, local_policy=True).explain()
    assert lines[0].endswith("(evidence: none recorded).")
    assert lines[1] == "Rule: “within 14 calendar days of”, report para 10. This is local policy."


@pytest.mark.parametrize("period", [REPRESENTATION, CALL_IN, by(), clear_working_days_before(5)])
def test_a_deadline_survives_json(period: Period) -> None:
    """What the record stores reads back to an equal deadline, history included."""
    deadline = given(date(2017, 12, 21), period).moved_to(date(2018, 2, 9), who="A. Officer", why="agreed")
    assert Deadline.from_dict(json.loads(json.dumps(deadline.to_dict()))) == deadline
    assert hash(deadline) == hash(Deadline.from_dict(deadline.to_dict()))


def test_a_moved_deadline_keeps_what_it_was() -> None:
    """The new day has its own target; each earlier day stays with who moved it and why."""
    first = given(date(2017, 7, 26))
    moved = first.moved_to(date(2017, 9, 16), who="NHS England", why="papers sent late")
    again = moved.moved_to(date(2017, 9, 20), who="NHS England", why="meeting put back")
    assert (moved.last_day, moved.target) == (date(2017, 9, 16), date(2017, 9, 15))
    assert again.history == (
        Moved(date(2017, 9, 9), "NHS England", "papers sent late"),
        Moved(date(2017, 9, 16), "NHS England", "meeting put back"),
    )
    assert "Before: Saturday 9 September 2017; moved by NHS England: papers sent late." in again.explain()
    assert moved.in_words().startswith(
        "23:59 on Saturday 16 September 2017: moved by NHS England from Saturday 9 September 2017"
    )
    with pytest.raises(ValueError, match="without saying who moves it and why"):
        first.moved_to(date(2017, 9, 16), who="NHS England", why=" ")


def test_an_earlier_stated_day_is_kept_and_said() -> None:
    """Section 2, step A: the sender states 8 September, a day early; the earlier one is used and flagged."""
    kept = earlier_of(given(date(2017, 7, 26)), date(2017, 9, 8), "NHS England")
    assert (kept.last_day, kept.target) == (date(2017, 9, 8), date(2017, 9, 8))
    assert kept.in_words().startswith(
        "23:59 on Friday 8 September 2017: stated by NHS England, earlier than day 45 after notice was given"
    )
    assert kept.history[0].last_day == date(2017, 9, 9)
    assert (
        "Note: NHS England states Friday 8 September 2017; it is earlier than the computed day and is kept."
        in (kept.explain())
    )


def test_a_later_or_equal_stated_day_changes_nothing_but_is_noted() -> None:
    """A generous sender cannot lengthen a statutory period."""
    computed = given(date(2017, 7, 26))
    later = earlier_of(computed, date(2017, 9, 11), "NHS England")
    same = earlier_of(computed, date(2017, 9, 9), "NHS England")
    assert (later.last_day, same.last_day) == (computed.last_day, computed.last_day)
    assert later.notes == (
        "NHS England states Monday 11 September 2017; the computed day is earlier and is kept.",
    )
    assert same.notes == ("NHS England states the same day.",)


def test_an_impossible_stated_day_is_refused() -> None:
    """A stated day before the notice is a slip; the earlier of two first days is not the safe one."""
    with pytest.raises(ValueError, match=r"states Friday 9 September 2016 .* check the date stated"):
        earlier_of(given(date(2017, 7, 26)), date(2016, 9, 9), "NHS England")
    with pytest.raises(ValueError, match="is a first day"):
        earlier_of(given(date(2017, 7, 20), CALL_IN), date(2017, 7, 27), "NHS England")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: within(45, "fortnights"),
            "'fortnights' does not go with 'within N … of'; use days or calendar days",
        ),
        (lambda: within(0, "days"), "0 days is no period; count 1 or more"),
        (lambda: clear_days_before(-1), "-1 clear days is no period"),
        (
            lambda: Period(Kind.BY, 3, "days"),
            "'days' does not go with 'by'; use a bare day, without a number",
        ),
        (lambda: within(5, "working days", calendar="mars"), "'mars' is not a calendar"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(make: object, message: str) -> None:
    """The error names the value and what would do."""
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]


def test_a_period_is_counted_from_a_day_and_stays_in_the_calendar() -> None:
    """An instant is no day; a date nobody can write is a clear error."""
    with pytest.raises(TypeError, match="is an instant, not a day"):
        given(datetime(2017, 7, 26, 10))
    for period in (within(999_999, "years"), within(999_999, "months"), within(999_999, "weeks")):
        with pytest.raises(ValueError, match="leaves the calendar; check the date"):
            given(date(9990, 7, 26), period)
