"""A call-in as the record shows it: before whom a called-in decision is, since when, and how it ended.

How long a decision stands still, who may call it in and how it goes on are the council's own rules (LGA 2000 s.9F;
000:273-276). A decision is called in once, and once more where amended decisions may be: the newest call-in counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.executive_words import ENDS_AT, FOLLOWS, CallInOutcome, CallInStage
from models.facts import Fact, Record

CALLED_IN = "called-in"
RESOLVED = "call-in-resolved"


@dataclass(frozen=True, slots=True)
class CallIn:
    """Where a called-in decision is: at a stage, or at the outcome that ended it."""

    called_in: Fact
    stage: CallInStage | None  #: None once the call-in has ended
    outcome: CallInOutcome | None  #: None while it has not
    since: date  #: the London day on which this stage began, or on which it ended
    last: Fact  #: the newest fact of the call-in

    @property
    def may_end_as(self) -> tuple[CallInOutcome, ...]:
        """Return the outcomes that the open stage can have."""
        return ENDS_AT[self.stage] if self.stage else ()


def call_in_of(record: Record) -> CallIn | None:
    """Return the call-in of a decision, the newest, or None where there was none. Follows the facts in their order."""
    called = record.last(CALLED_IN)
    if called is None:
        return None
    stage: CallInStage | None = CallInStage.SCRUTINY
    outcome: CallInOutcome | None = None
    since, last = date.fromisoformat(called["called_in_on"]), called
    for fact in record.all(RESOLVED):
        if fact.number < called.number:
            continue
        said = CallInOutcome(fact["outcome"])
        since, last = date.fromisoformat(fact["resolved_on"]), fact
        stage = FOLLOWS.get(said)
        outcome = None if stage else said
    return CallIn(called, stage, outcome, since, last)
