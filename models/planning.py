"""A plan laid back from its last day: a chain of links, the latest day of each, and the first link that fails.

The chain is in the order in which things happen. A forward pass from today gives the earliest day of each link, a
backward pass from the last day the latest; where the earliest comes after the latest, the chain does not fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Literal

from models.calendars import Calendar
from models.london import day_in_words

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """What must lie between a link and the one before it: nothing (the same day will do), days, or working days.

    What closes at the end of its day, such as feedback, is followed by a gap of one day: the day after.
    """

    count: int = 0
    unit: Literal["days", "working days"] = "days"
    why: str = "the same day will do"  #: a clause for derivations: "the meeting is called with 3 working days' notice"

    def __post_init__(self) -> None:
        """Refuse a count that no days can be counted by."""
        least = 1 if self.unit == "working days" else 0
        if self.count < least:
            raise ValueError(f"a gap of {self.count} {self.unit} cannot be counted; count {least} or more")

    def first_day(self, before: date, calendar: Calendar) -> date:
        """Return the first day on which the link can be, the link before it being on the day `before`."""
        if self.unit == "working days":
            return calendar.working_day_after(before, self.count)
        return before + timedelta(days=self.count)

    def latest_before(self, day: date, calendar: Calendar) -> date:
        """Return the latest day for the link before, so that this one can still be on `day`."""
        before = day - timedelta(days=self.count)
        while self.first_day(before, calendar) > day:
            before -= ONE_DAY
        return before


@dataclass(frozen=True, slots=True)
class Link:
    """One thing that must happen, in its place in the chain."""

    name: str
    gap: Gap = Gap()
    working_day: bool = False  #: whether it can happen on a working day only
    only_on: tuple[date, ...] | None = None  #: the published days on which alone it can happen, in order
    done_on: date | None = None
    expected_on: date | None = None  #: a day already under way, in place of the gap to a link that is done
    fell_away: bool = False  #: whether it is needed no more

    @property
    def is_open(self) -> bool:
        """Tell whether it is still to be done."""
        return self.done_on is None and not self.fell_away

    def afresh(self) -> Link:
        """Return the link as it stands in the plan before anything was done."""
        if self.is_open and self.expected_on is None:
            return self
        return replace(self, done_on=None, expected_on=None, fell_away=False)

    def first_on_or_after(self, day: date, calendar: Calendar) -> date | None:
        """Return the first day from `day` on when it can happen, or None."""
        if self.only_on is not None:
            return next((each for each in self.only_on if each >= day), None)
        while self.working_day and not calendar.is_working_day(day):
            day += ONE_DAY
        return day

    def last_on_or_before(self, day: date, calendar: Calendar) -> date | None:
        """Return the last day up to `day` when it can happen, or None."""
        if self.only_on is not None:
            return next((each for each in reversed(self.only_on) if each <= day), None)
        return calendar.last_working_day_on_or_before(day) if self.working_day else day


@dataclass(frozen=True, slots=True)
class Planned:
    """A link with its days. Without an earliest or a latest day there is none on which it could be."""

    link: Link
    earliest: date | None  #: None for what is done or has fallen away, too
    latest: date | None
    how: str  #: how the latest day came about, in a sentence

    @property
    def fails(self) -> bool:
        """Tell whether it is still to be done and can no longer be done in time."""
        in_time = self.earliest is not None and self.latest is not None and self.earliest <= self.latest
        return self.link.is_open and not in_time

    @property
    def why_it_fails(self) -> str:
        """Return, in a sentence, why a link that fails does."""
        earliest = f"on {day_in_words(self.earliest)} at the earliest" if self.earliest else "on no published day"
        latest = f"by {day_in_words(self.latest)}" if self.latest else "on a day that there is not"
        return f"It can be {earliest} and would have to be {latest}."


@dataclass(frozen=True, slots=True)
class Plan:
    """A chain with its days, reckoned for one day."""

    last_day: date
    today: date
    links: tuple[Planned, ...]
    digest: str  #: of the latest days before anything was done: it changes when a date moves, and not with progress

    @property
    def failing(self) -> Planned | None:
        """Return the first link that can no longer be done in time, or None where the chain fits."""
        return next((each for each in self.links if each.fails), None)

    @property
    def fits(self) -> bool:
        """Tell whether everything still to be done can be done by the last day."""
        return self.failing is None

    @property
    def next_open(self) -> Planned | None:
        """Return the first link still to be done, or None; the chain fails on the day after its latest."""
        return next((each for each in self.links if each.link.is_open), None)


def lay(links: Sequence[Link], last_day: date, today: date, calendar: Calendar) -> Plan:
    """Return the plan of a chain that must be done by the end of the London day `last_day`, reckoned for `today`.

    Working days are those of `calendar`, the council's closures included.
    """
    earliest, laid = _earliest(links, today, calendar), _lay_back(links, last_day, calendar)
    planned = [
        Planned(link, earliest[place], laid[place].latest, _how(links, laid, place, after))
        for place, (link, after) in enumerate(zip(links, _followers(links), strict=True))
    ]
    fresh = [link.afresh() for link in links]
    return Plan(last_day, today, tuple(planned), _digest(fresh, _lay_back(fresh, last_day, calendar)))


# -- backward ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _LaidBack:
    """How far what follows lets a link go, and the last day up to there when it can happen."""

    bound: date | None
    latest: date | None


def _lay_back(links: Sequence[Link], last_day: date, calendar: Calendar) -> list[_LaidBack]:
    laid = [_LaidBack(None, None)] * len(links)
    for place, after in reversed(list(enumerate(_followers(links)))):
        follows = last_day if after is None else laid[after].latest
        if follows is not None:
            bound = follows if after is None else links[after].gap.latest_before(follows, calendar)
            laid[place] = _LaidBack(bound, links[place].last_on_or_before(bound, calendar))
    return laid


def _followers(links: Sequence[Link]) -> list[int | None]:
    """Return for each link the one that limits it: the next still to be done; for one that is not, simply the next."""
    followers: list[int | None] = []
    still_open: int | None = None
    for place in reversed(range(len(links))):
        directly = place + 1 if place + 1 < len(links) else None
        followers.append(still_open if links[place].is_open else directly)
        still_open = place if links[place].is_open else still_open
    return followers[::-1]


def _how(links: Sequence[Link], laid: Sequence[_LaidBack], place: int, after: int | None) -> str:
    link, bound = links[place], laid[place].bound
    if bound is None:
        return "What follows it has no day left."
    if after is None:
        how = f"The plan is laid back from {day_in_words(bound)}"
    else:
        next_day = laid[after].latest
        assert next_day is not None
        how = f"So that the {links[after].name} can be on {day_in_words(next_day)}: {links[after].gap.why}"
    if laid[place].latest == bound:
        return f"{how}."
    kind = "a working day" if link.only_on is None else "a published day for it"
    return f"{how}; {day_in_words(bound)} is not {kind}."


# -- forward -------------------------------------------------------------------------------------------------


def _earliest(links: Sequence[Link], today: date, calendar: Calendar) -> list[date | None]:
    earliest: list[date | None] = []
    for place, link in enumerate(links):
        if not link.is_open:
            earliest.append(None)
            continue
        starts: list[date | None] = [today, link.expected_on or today]
        for before in _before(links, place):
            started = links[before].done_on or earliest[before]
            starts.append(None if started is None else link.gap.first_day(started, calendar))
        known = [day for day in starts if day is not None]
        earliest.append(link.first_on_or_after(max(known), calendar) if len(known) == len(starts) else None)
    return earliest


def _before(links: Sequence[Link], place: int) -> set[int]:
    """Return the links from which the gap counts: the one before, and the one before that is still to be done.

    They differ where a link was done out of turn. What fell away is passed over.
    """
    earlier = [each for each in reversed(range(place)) if not links[each].fell_away]
    still_open = [each for each in earlier if links[each].is_open]
    directly = [each for each in earlier[:1] if links[each].is_open or links[place].expected_on is None]
    return {*directly, *still_open[:1]}


def _digest(links: Sequence[Link], laid: Sequence[_LaidBack]) -> str:
    lines = [f"{link.name} {days.bound} {days.latest}" for link, days in zip(links, laid, strict=True)]
    return sha256("\n".join(lines).encode()).hexdigest()[:16]
