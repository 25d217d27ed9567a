"""A deadline: the strict last day, the target before it, and everything needed to defend both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, Literal

from models.calendars import ENGLAND_AND_WALES, Calendar, Reasons, calendar_named
from models.london import day_in_words, first_instant_of, last_instant_of

Sense = Literal["last day", "latest day", "first day"]


@dataclass(frozen=True)
class Moved:
    """What a deadline was before it was moved, who moved it and why."""

    last_day: date
    who: str
    why: str


@dataclass(frozen=True)
class Deadline:
    """A date with its derivation. Days are London days; the target never falls after the last day.

    `sense` is "last day" (act on or before it), "latest day" (act on or before it, counted back from
    what follows) or "first day" (act from it onward: a standstill ends as it begins).
    """

    name: str
    last_day: date
    target: date
    sense: Sense
    event: str
    """The event the rule counts from, as a clause: "notice was given"."""
    event_on: date
    rule: str
    """The words of the rule: "within 45 days of"."""
    reckoning: str
    """How the rule came to the last day: "day 45 after notice was given on Wednesday 26 July 2017"."""
    day_zero: str
    """Which end days the rule counts, in a sentence."""
    source: str = ""
    local_policy: bool = False
    skipped: Reasons = ()
    """The days that the rule itself does not count, with reasons."""
    target_skipped: Reasons = ()
    """The days between the target and the last day, with reasons."""
    calendar: str = ENGLAND_AND_WALES
    fingerprint: str = ""
    library_version: str = ""
    evidence: str = ""
    notes: tuple[str, ...] = ()
    history: tuple[Moved, ...] = ()

    @property
    def ends_at(self) -> datetime:
        """Return the last instant of waiting, in London time: shown and enforced alike.

        That is 23:59:59.999999 of the last day, or of the eve of a "first day".
        """
        eve = self.last_day - timedelta(days=1)
        return last_instant_of(eve if self.sense == "first day" else self.last_day)

    @property
    def wakes_at(self) -> datetime:
        """Return the first instant, in London time, at which the deadline has passed."""
        first = self.last_day if self.sense == "first day" else self.last_day + timedelta(days=1)
        return first_instant_of(first)

    def passed(self, now: datetime) -> bool:
        """Tell whether an aware instant is after `ends_at`; a naive one is a ValueError."""
        if now.utcoffset() is None:
            raise ValueError(f"{now.isoformat()} has no time zone, so nobody can tell whether it is in time")
        return now.astimezone(UTC) > self.ends_at.astimezone(UTC)

    def in_words(self) -> str:
        """Return the deadline in one line, for a letter or a list."""
        cited = [self.source, "local policy" if self.local_policy else "", "computed date, see how"]
        return f"{self._moment()}: {self.reckoning} ({'; '.join(filter(None, cited))})"

    def explain(self) -> list[str]:
        """Return the derivation as plain lines: start, rule, days not counted, last day, target, calendar."""
        source = f", {self.source}" if self.source else ""
        return [
            f"Start: {self.event} on {day_in_words(self.event_on)} "
            f"(evidence: {self.evidence or 'none recorded'}).",
            f"Rule: “{self.rule}”{source}.{' This is local policy.' if self.local_policy else ''}",
            f"Counting: {self.day_zero}",
            *_not_counted(self.skipped),
            f"{self.sense.capitalize()}: {self._moment()}, {self.reckoning}.",
            self._target_explained(),
            *(f"Note: {note}" for note in self.notes),
            *(f"Before: {day_in_words(m.last_day)}; moved by {m.who}: {m.why}." for m in self.history),
            f"Calendar: {self.calendar}, days as in fingerprint {self.fingerprint} ({self.library_version}).",
        ]

    def moved_to(self, last_day: date, *, who: str, why: str, calendar: Calendar | None = None) -> Deadline:
        """Return the deadline on another day, keeping what it was, who moved it and why.

        The target is set anew by `calendar` (default: this deadline's calendar without closures).
        """
        if not who.strip() or not why.strip():
            raise ValueError(f"'{self.name}' cannot be moved without saying who moves it and why")
        moved = self.on(last_day, calendar)
        return replace(
            moved,
            reckoning=f"moved by {who} from {day_in_words(self.last_day)} ({why})",
            history=(*self.history, Moved(self.last_day, who, why)),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return every field in plain JSON values; `from_dict` reads it back."""
        plain = dict(self.__dict__)
        for name in ("last_day", "target", "event_on"):
            plain[name] = plain[name].isoformat()
        for name in ("skipped", "target_skipped"):
            plain[name] = [[day.isoformat(), why] for day, why in plain[name]]
        plain["notes"] = list(self.notes)
        plain["history"] = [[m.last_day.isoformat(), m.who, m.why] for m in self.history]
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Deadline:
        """Return the deadline that `to_dict` wrote down."""
        fields = dict(plain)
        for name in ("last_day", "target", "event_on"):
            fields[name] = date.fromisoformat(fields[name])
        for name in ("skipped", "target_skipped"):
            fields[name] = tuple((date.fromisoformat(day), why) for day, why in fields[name])
        fields["notes"] = tuple(fields["notes"])
        fields["history"] = tuple(Moved(date.fromisoformat(d), who, why) for d, who, why in fields["history"])
        return cls(**fields)

    def on(self, last_day: date, calendar: Calendar | None = None) -> Deadline:
        """Return the deadline with another last day, and the target and fingerprint that go with it.

        How it was reckoned stays as it was: whoever moves it says so. `calendar`: default this deadline's own,
        without closures.
        """
        days = calendar or calendar_named(self.calendar)
        return replace(self, last_day=last_day, **target_on_or_before(last_day, self.event_on, days))

    def _moment(self) -> str:
        clock = "00:00" if self.sense == "first day" else "23:59"
        return f"{clock} on {day_in_words(self.last_day)}"

    def _target_explained(self) -> str:
        target = f"Target: {day_in_words(self.target)}"
        if not self.target_skipped:
            return f"{target}, the same day, because it is a working day."
        why = "; ".join(_with_reason(day, reason) for day, reason in self.target_skipped)
        return f"{target}, the last working day before. Passed over: {why}."


def _not_counted(skipped: Reasons) -> Iterator[str]:
    """Give a line for each day not counted; a run of days with one reason in one line."""
    for _, run in groupby(enumerate(skipped), key=lambda at: (at[1][0].toordinal() - at[0], at[1][1])):
        (_, (first, why)), *others = run
        if len(others) < 2:
            yield f"Not counted: {_with_reason(first, why)}."
            yield from (f"Not counted: {_with_reason(day, why)}." for _, (day, _) in others)
        else:
            last = others[-1][1][0]
            yield f"Not counted: the {len(others) + 1} days from {day_in_words(first)} to {day_in_words(last)}, {why}."


def _with_reason(day: date, why: str) -> str:
    return f"{day_in_words(day)}, {'weekend' if day_in_words(day).startswith(why) else why}"


def target_on_or_before(last_day: date, event_on: date, calendar: Calendar) -> dict[str, Any]:
    """Return the fields of a deadline that a calendar decides, for a last day and its event."""
    target = calendar.last_working_day_on_or_before(last_day)
    return {
        "target": target,
        "target_skipped": calendar.not_working(target, last_day),
        "calendar": calendar.name,
        "fingerprint": calendar.fingerprint(min(target, event_on), max(last_day, event_on)),
        "library_version": calendar.library_version,
    }


def earlier_of(
    computed: Deadline, stated_last_day: date, by: str, *, calendar: Calendar | None = None
) -> Deadline:
    """Return the deadline on the earlier of its own day and the day a sender stated, saying which was kept.

    Refuses a "first day", where the earlier one would be the laxer, and a stated day before the event.
    """
    stated = day_in_words(stated_last_day)
    if computed.sense == "first day":
        raise ValueError(f"'{computed.name}' is a first day, of which the later is the safe one; keep that")
    if computed.sense == "last day" and stated_last_day < computed.event_on:
        raise ValueError(
            f"{by} states {stated} as the last day, but {computed.event} on "
            f"{day_in_words(computed.event_on)}; check the date stated"
        )
    if stated_last_day == computed.last_day:
        note = f"{by} states the same day."
        return replace(computed, notes=(*computed.notes, note))
    if stated_last_day > computed.last_day:
        note = f"{by} states {stated}; the computed day is earlier and is kept."
        return replace(computed, notes=(*computed.notes, note))
    was = f"{computed.reckoning}, which is {day_in_words(computed.last_day)}"
    return replace(
        computed.on(stated_last_day, calendar),
        reckoning=f"stated by {by}, earlier than {was}",
        notes=(*computed.notes, f"{by} states {stated}; it is earlier than the computed day and is kept."),
        history=(*computed.history, Moved(computed.last_day, by, "an earlier day was stated")),
    )
