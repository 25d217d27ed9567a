"""Plans laid back from the last day, against a search through all combinations of days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calendars import ENGLAND_AND_WALES, calendar_named
from models.planning import Gap, Link, lay

CALENDAR = calendar_named(ENGLAND_AND_WALES)
LAST_DAY = date(2018, 4, 4)  # the Wednesday after Easter: weekends and two bank holidays lie before it
DAYS = [LAST_DAY - timedelta(days=back) for back in range(26, -1, -1)]

# -- by example ------------------------------------------------------------------------------------------------

MEETING_AFTER_FEEDBACK = [
    Link("circulation", working_day=True),
    Link("close of feedback", Gap(14, why="there are 14 days to answer")),
    Link("decision", Gap(2, "working days", "it takes 2 working days"), working_day=True),
    Link("sending", Gap(1, "working days", "it takes 1 working day")),
]


def days_of(links: Sequence[Link], last_day: date, today: date) -> dict[str, tuple[date | None, date | None]]:
    """The earliest and the latest day of each link."""
    return {each.link.name: (each.earliest, each.latest) for each in lay(links, last_day, today, CALENDAR).links}


def test_each_link_has_its_latest_day_and_how_it_came_about() -> None:
    """From Saturday 9 September 2017 back, over a weekend: each day with a sentence."""
    plan = lay(MEETING_AFTER_FEEDBACK, date(2017, 9, 9), date(2017, 7, 26), CALENDAR)
    assert [(each.link.name, each.latest) for each in plan.links] == [
        ("circulation", date(2017, 8, 22)), ("close of feedback", date(2017, 9, 5)),
        ("decision", date(2017, 9, 7)), ("sending", date(2017, 9, 9)),
    ]  # fmt: skip
    assert [each.how for each in plan.links] == [
        "So that the close of feedback can be on Tuesday 5 September 2017: there are 14 days to answer.",
        "So that the decision can be on Thursday 7 September 2017: it takes 2 working days.",
        "So that the sending can be on Saturday 9 September 2017: it takes 1 working day.",
        "The plan is laid back from Saturday 9 September 2017.",
    ]
    assert plan.fits
    assert plan.failing is None


def test_a_day_that_is_no_working_day_is_passed_over_and_named() -> None:
    """A decision that could be on a Sunday is planned for the Friday before."""
    chain = [Link("decision", working_day=True), Link("sending")]
    (decision, _) = lay(chain, date(2017, 9, 10), date(2017, 9, 1), CALENDAR).links
    assert decision.latest == date(2017, 9, 8)
    assert decision.how == (
        "So that the sending can be on Sunday 10 September 2017: the same day will do; "
        "Sunday 10 September 2017 is not a working day."
    )


def test_only_published_days_will_do() -> None:
    """A body that does not meet in time has no day, and neither has what comes before."""
    published = (date(2017, 7, 26), date(2017, 10, 18))
    chain = [Link("agenda"), Link("meeting", Gap(7, why="agenda first"), only_on=published)]
    plan = lay(chain, date(2017, 9, 9), date(2017, 7, 27), CALENDAR)
    assert [(each.earliest, each.latest) for each in plan.links] == [
        (date(2017, 7, 27), date(2017, 7, 19)), (date(2017, 10, 18), date(2017, 7, 26)),
    ]  # fmt: skip
    assert plan.failing is plan.links[0]
    none_left = lay(chain, date(2017, 7, 1), date(2017, 6, 1), CALENDAR)
    assert [each.latest for each in none_left.links] == [None, None]
    assert none_left.links[0].how == "What follows it has no day left."


def test_a_chain_that_does_not_fit_names_its_first_open_link() -> None:
    """A day late, and the circulation fails; once it is done, the close of feedback does."""
    plan = lay(MEETING_AFTER_FEEDBACK, date(2017, 9, 9), date(2017, 8, 23), CALENDAR)
    assert plan.failing is not None
    assert plan.failing.link.name == "circulation"
    assert plan.failing.why_it_fails == (
        "It can be on Wednesday 23 August 2017 at the earliest and would have to be by Tuesday 22 August 2017."
    )
    done = [Link("circulation", done_on=date(2017, 8, 23)), *MEETING_AFTER_FEEDBACK[1:]]
    assert lay(done, date(2017, 9, 9), date(2017, 8, 24), CALENDAR).failing is not None
    assert days_of(done, date(2017, 9, 9), date(2017, 8, 24))["close of feedback"][0] == date(2017, 9, 6)


def test_the_digest_moves_with_the_dates_and_not_with_progress() -> None:
    """Doing a link, waiting a day or dropping one leaves it; another last day, or a longer gap, does not."""
    chain, last_day, today = MEETING_AFTER_FEEDBACK, date(2017, 9, 9), date(2017, 7, 26)
    digest = lay(chain, last_day, today, CALENDAR).digest
    done = [Link("circulation", working_day=True, done_on=today), chain[1], *chain[2:]]
    dropped = [chain[0], Link("close of feedback", chain[1].gap, fell_away=True), *chain[2:]]
    assert {lay(each, last_day, date(2017, 8, 30), CALENDAR).digest for each in (done, dropped)} == {digest}
    longer = [chain[0], Link("close of feedback", Gap(15, why="longer")), *chain[2:]]
    assert lay(longer, last_day, today, CALENDAR).digest != digest
    assert lay(chain, date(2017, 9, 8), today, CALENDAR).digest != digest


@pytest.mark.parametrize("gap", [(-1, "days"), (0, "working days")])
def test_a_gap_that_cannot_be_counted_is_refused(gap: tuple[int, str]) -> None:
    """Less than nothing between two links is a mistake of the caller."""
    with pytest.raises(ValueError, match="cannot be counted"):
        Gap(*gap)  # type: ignore[arg-type]


# -- against all combinations of days --------------------------------------------------------------------------


@st.composite
def chains(draw: st.DrawFn) -> list[Link]:
    """Chains of up to three links, some done, some fallen away, some possible on a few days alone."""
    gaps = st.one_of(
        st.integers(0, 2).map(Gap), st.integers(1, 2).map(lambda count: Gap(count, "working days"))
    )
    some_days = st.lists(st.sampled_from(DAYS), max_size=3, unique=True).map(lambda days: tuple(sorted(days)))
    rarely = st.sampled_from([None, None, None])
    return [
        Link(
            f"link {place}", draw(gaps), draw(st.booleans()), draw(rarely | some_days),
            done_on=draw(rarely | st.sampled_from(DAYS)), expected_on=draw(rarely | st.sampled_from(DAYS)),
            fell_away=draw(st.integers(0, 5)) == 0,
        )
        for place in range(draw(st.integers(1, 3)))
    ]  # fmt: skip


def can_be_on(link: Link, day: date) -> bool:
    """Whether a link can happen on a day at all."""
    if link.only_on is not None:
        return day in link.only_on
    return CALENDAR.is_working_day(day) or not link.working_day


def far_enough(before: date, after: date, gap: Gap) -> bool:
    """Whether two days keep a gap, by counting what lies between them day by day."""
    between = [before + timedelta(days=n) for n in range(1, (after - before).days + 1)]
    if gap.unit == "working days":
        between = [day for day in between if CALENDAR.is_working_day(day)]
    return after >= before and len(between) >= gap.count


def ways(links: Sequence[Link], before: date | None = None) -> Iterator[list[date]]:
    """All ways to give each open link a day, each keeping its gap from the open link before it."""
    if not links:
        yield []
        return
    first, *others = links
    for day in DAYS:
        if can_be_on(first, day) and (before is None or far_enough(before, day, first.gap)):
            yield from ([day, *rest] for rest in ways(others, day))


def starts_in_time(chain: Sequence[Link], link: Link, day: date, today: date) -> bool:
    """Whether a day is not before today, nor before what is under way, nor too soon after what was done before."""
    before = [each for each in chain[: chain.index(link)] if not each.fell_away]
    if day < today or (link.expected_on is not None and day < link.expected_on):
        return False
    if link.expected_on is not None or not before or before[-1].done_on is None:
        return True
    return far_enough(before[-1].done_on, day, link.gap)


@settings(max_examples=150, deadline=None)
@given(chain=chains(), today=st.sampled_from(DAYS))
def test_a_plan_fits_exactly_when_some_days_do(chain: list[Link], today: date) -> None:
    """The chain fits if and only if a search through all days finds one for each link that is open."""
    still_open = [link for link in chain if link.is_open]
    found = any(
        all(starts_in_time(chain, link, day, today) for link, day in zip(still_open, days, strict=True))
        for days in ways(still_open)
    )
    assert lay(chain, LAST_DAY, today, CALENDAR).fits is found


@settings(max_examples=150, deadline=None)
@given(chain=chains(), today=st.sampled_from(DAYS))
def test_each_latest_day_is_the_last_from_which_the_rest_can_follow(chain: list[Link], today: date) -> None:
    """For every open link: no later day leaves a day for each open link after it, and this one does."""
    still_open = [link for link in chain if link.is_open]
    planned = {each.link.name: each.latest for each in lay(chain, LAST_DAY, today, CALENDAR).links}
    for place, link in enumerate(still_open):
        assert planned[link.name] == max((days[0] for days in ways(still_open[place:])), default=None)


@settings(max_examples=100, deadline=None)
@given(chain=chains(), today=st.sampled_from(DAYS))
def test_the_link_that_fails_is_the_first_that_cannot_be_reached_in_time(chain: list[Link], today: date) -> None:
    """Up to the link before it the chain can be begun in time and still be carried to its end; with it, not."""
    still_open = [link for link in chain if link.is_open]
    found = list(ways(still_open))

    def reached(count: int) -> bool:
        begun = still_open[:count]
        begins = (zip(begun, days, strict=False) for days in found)
        return any(all(starts_in_time(chain, *each, today) for each in pairs) for pairs in begins)

    cannot = next((link for count, link in enumerate(still_open, start=1) if not reached(count)), None)
    failing = lay(chain, LAST_DAY, today, CALENDAR).failing
    assert (failing.link if failing else None) == cannot
