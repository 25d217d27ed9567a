"""Outages in an officer's words: what was not there, from when until when, and what came late because of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.facts import write_instant
from models.london import LONDON, day_in_words

LATE = timedelta(minutes=15)  #: what comes within this after its time is not late
MOST_NAMED = 4  #: outages named in one reason
CLOCK = "clock"  #: under this name it is kept who confirmed the clock
BELIEVED_UNTIL = "believed_until"  #: facts and signs of life up to this instant do not speak against the clock
DELAY = "delay"  #: the field of a fact that says by how much it was late and why

DESK, MAIL, PREFECT, CLOCK = "desk", "mail", "prefect", "clock"

IN_WORDS = {
    DESK: "the desk did not run",
    MAIL: "the mail server could not be reached",
    PREFECT: "the Prefect server did not answer",
    CLOCK: "the desk held back because its clock was in doubt",
}
NONE_NOTED = "no outage was noted"


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch of time in which something was not there; `until` is None while it lasts."""

    service: str
    since: datetime
    until: datetime | None
    why: str = ""  #: what was seen of it: an error, or how the desk had ended

    def in_words(self) -> str:
        """Return the outage as a clause: "the desk did not run from Friday 29 December 2017 16:40 to ..."."""
        what = IN_WORDS.get(self.service, f"{self.service} was not there")
        if self.until is None:
            return f"{what} since {moment(self.since)}"
        return f"{what} from {moment(self.since)} to {moment(self.until)}"


@dataclass(frozen=True, slots=True)
class TurnFailure:
    """That the turns of a case fail, one after the other."""

    case: str
    times: int
    first_at: datetime
    last_at: datetime
    why: str

    def in_words(self) -> str:
        """Return it as a clause."""
        return f"the turns of the case failed from {moment(self.first_at)} to {moment(self.last_at)} ({self.why})"


@dataclass(frozen=True, slots=True)
class Seen:
    """When something was last heard of, and what it said of itself then, as plain JSON values."""

    name: str
    at: datetime
    says: dict[str, Any]


def moment(instant: datetime) -> str:
    """Return an aware instant to the minute as London reads it: "Friday 29 December 2017 16:40"."""
    local = instant.astimezone(LONDON)
    return f"{day_in_words(local.date())} {local:%H:%M}"


def times(count: int) -> str:
    """Return how often: "once", "twice", "5 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def is_late(due_at: datetime, at: datetime) -> bool:
    """Tell whether what was due at one aware instant came late at another."""
    return at - due_at > LATE


def delay(
    due_at: datetime, at: datetime, outages: Sequence[Outage], failure: TurnFailure | None = None
) -> dict[str, Any]:  # fmt: skip
    """Return what a fact says of its being late: when it was due, by how many seconds it was late, and because of what.

    `outages` are those noted between the two instants; nothing is guessed where none was.
    """
    reasons = [outage.in_words() for outage in outages[:MOST_NAMED]]
    if len(outages) > MOST_NAMED:
        reasons.append(f"{len(outages) - MOST_NAMED} more outages")
    if failure is not None and failure.first_at < at and failure.last_at > due_at:
        reasons.append(failure.in_words())
    return {
        "due_at": write_instant(due_at), "by_seconds": int((at - due_at).total_seconds()),
        "because": "; ".join(reasons) or NONE_NOTED,
    }  # fmt: skip


def in_words(delayed: dict[str, Any] | Any) -> str:
    """Return the `delay` of a fact as a clause: "3 days 2 hours late, because the desk did not run ..."."""
    by = duration(timedelta(seconds=int(delayed["by_seconds"])))
    because = str(delayed["because"])
    return f"{by} late; {because}" if because == NONE_NOTED else f"{by} late, because {because}"


def duration(length: timedelta) -> str:
    """Return a length of time by its two largest units: "3 days 2 hours", "40 minutes"."""
    seconds = int(length.total_seconds())
    parts = [(seconds // 86_400, "day"), (seconds // 3_600 % 24, "hour"), (seconds // 60 % 60, "minute")]
    told = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(told[:2]) or "less than a minute"
