"""Periods and deadlines: the worked dates of the law note, and what a deadline says of itself."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from models.calendars import calendar_named
from models.periods import (
    Deadline,
    Kind,
    Moved,
    Period,
    at_least_working_days_before,
    before,
    beginning_with,
    by,
    clear_days_before,
    clear_working_days_before,
    earlier_of,
    every,
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
    ("given_on", "last_day", "target"),
    [
        # "Given Wed 26 Jul 2017: ... last day Sat 9 Sep 2017, internal target Fri 8 Sep"
        (date(2017, 7, 26), date(2017, 9, 9), date(2017, 9, 8)),
        # "Given Fri 10 Nov 2017: last day Mon 25 Dec 2017 (Christmas Day, does not roll), target Fri 22 Dec"
        (date(2017, 11, 10), date(2017, 12, 25), date(2017, 12, 22)),
        # "Given Thu 16 Feb 2017: last day Sun 2 Apr 2017 (clocks change inside), target Fri 31 Mar"
        (date(2017, 2, 16), date(2017, 4, 2), date(2017, 3, 31)),
        # "Given Mon 20 Jan 2020: last day Thu 5 Mar 2020 (leap year)"
        (date(2020, 1, 20), date(2020, 3, 5), date(2020, 3, 5)),
    ],
)
def test_45_days_run_from_the_day_after_notice_and_never_roll(
    given_on: date, last_day: date, target: date
) -> None:
    """Section 9, rows 1 to 4: the day of notice is excluded, day 45 stands, the target is worked."""
    deadline = given(given_on)
    assert (deadline.last_day, deadline.target, deadline.sense) == (last_day, target, "last day")


def test_the_two_local_periods_of_14_days() -> None:
    """Section 9, row 1: circulate by 9 August; circulated that day, feedback by 23 August."""
    circulate = given(date(2017, 7, 26), within(14, "calendar days"))
    assert circulate.last_day == date(2017, 8, 9)
    assert given(circulate.last_day, FEEDBACK).last_day == date(2017, 8, 23)


@pytest.mark.parametrize(
    ("period", "event_on", "day"),
    [
        # "60 days beginning with Mon 23 Oct 2017: last day of the minimum period Thu 21 Dec 2017"
        (beginning_with(60, "days"), date(2017, 10, 23), date(2017, 12, 21)),
        # "5 clear working days before a meeting on Wed 26 Jul 2017: latest publication Tue 18 Jul 2017"
        (clear_working_days_before(5), date(2017, 7, 26), date(2017, 7, 18)),
        # "before Wed 3 Jan 2018: Thu 21 Dec 2017"
        (clear_working_days_before(5), date(2018, 1, 3), date(2017, 12, 21)),
        # "before Wed 21 Sep 2022: Mon 12 Sep 2022 (state funeral on the 19th)"
        (clear_working_days_before(5), date(2022, 9, 21), date(2022, 9, 12)),
        # "At least 5 working days in advance (not clear) of 26 Jul 2017: Wed 19 Jul"
        (at_least_working_days_before(5), date(2017, 7, 26), date(2017, 7, 19)),
        # "28 clear days before Tue 18 Jul 2017: Mon 19 Jun 2017 (calendar reading)"
        (clear_days_before(28), date(2017, 7, 18), date(2017, 6, 19)),
        # "strict working-day reading Wed 7 Jun"
        (clear_working_days_before(28), date(2017, 7, 18), date(2017, 6, 7)),
        # "Call-in of 5 clear working days: published Thu 20 Jul 2017, implement from Fri 28 Jul"
        (CALL_IN, date(2017, 7, 20), date(2017, 7, 28)),
        # "published Thu 21 Dec 2017, from Wed 3 Jan 2018"
        (CALL_IN, date(2017, 12, 21), date(2018, 1, 3)),
        # "Six-weekly from Wed 20 Mar 2019: 1 May"
        (every(6, "weeks"), date(2019, 3, 20), date(2019, 5, 1)),
        # "Six months from 31 Aug 2020: 28 Feb 2021"
        (within(6, "months"), date(2020, 8, 31), date(2021, 2, 28)),
        # "Minutes within 1 week of 11 Jun 2019: 18 Jun"
        (within(1, "weeks"), date(2019, 6, 11), date(2019, 6, 18)),
        # "Freedom of Information, 20 working days with UK-wide holidays: received 2 Dec 2014, due 5 Jan 2015"
        (within(20, "working days", calendar="united-kingdom"), date(2014, 12, 2), date(2015, 1, 5)),
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
    """Each date that sections 0, 3, 4 and 9 of the law note work out comes out to the day."""
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


@pytest.mark.parametrize("change", [date(2017, 3, 26), date(2017, 10, 29)])
@pytest.mark.parametrize("offset", range(-3, 4))
def test_the_last_microsecond_is_in_time_and_the_next_is_not(change: date, offset: int) -> None:
    """Section 9: 23:59:59.999999 local is in time, 00:00:00 is out, on each day of a clock-change week."""
    last_day = change + timedelta(days=offset)
    deadline = given(last_day - timedelta(days=45))
    assert deadline.last_day == last_day
    ends_at = deadline.ends_at.astimezone(UTC)
    assert not deadline.passed(ends_at)
    assert not deadline.passed(deadline.ends_at)
    assert deadline.passed(ends_at + timedelta(microseconds=1))
    assert deadline.passed(deadline.wakes_at)
    assert deadline.wakes_at.astimezone(UTC) - ends_at == timedelta(microseconds=1)


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
