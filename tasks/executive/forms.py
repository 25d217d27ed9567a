"""The forms of executive decisions: the decision itself, its signatures, and how a call-in goes on."""

from __future__ import annotations

from pydantic import Field

from models.executive_words import CallInOutcome, ItemOutcome, Signatory
from tasks.forms import Day, Form, Names, Text


class DecideItem(Form):
    """Record the decision with its five fields (SI 2012/2089 regs 12, 13; SI 2014/2095 reg 7)."""

    outcome: ItemOutcome = Field(description="agreed, or not-agreed")
    decision: Text = Field(description="The decision, in the words of the record")
    reasons: Text = Field(description="The reasons for it")
    alternatives: Text = Field(description="Alternatives considered and rejected; 'none' where there were none")
    conflicts: Text = Field(description="Conflicts of interest declared, and by whom; 'none' where there were none")
    dispensations: Text = Field("none", description="Dispensations given by the head of paid service, if any")
    decided_on: Day | None = Field(None, description="The day, if not today")
    in_private: bool | None = Field(None, description="Whether it was taken in private, as Part 2, if not as entered")
    democratic_services_present: bool = Field(
        False, description="Whether Democratic Services attended, as the Terms of Reference ask (000:272-273)"
    )
    background_papers: Names = Field((), description="Background papers, published with an officer's decision")


class Sign(Form):
    """Record a signature on the decision notice: of the decision-maker or of the Proper Officer."""

    capacity: Signatory = Field(description="decision-maker or proper-officer")
    signed_on: Day | None = Field(None, description="The day, if not today")


class ResolveCallIn(Form):
    """Record how a stage of a call-in ended: before scrutiny, before the Council, or on reconsideration."""

    outcome: CallInOutcome = Field(
        description="decision-stands, referred-back or to-council; on reconsideration confirmed, amended or dropped"
    )
    resolved_on: Day | None = Field(None, description="The day, if not today")
    reasons: Text = Field(description="What was resolved, and why")
    decision: Text | None = Field(None, description="For amended: the decision as it reads now")


class CorrectPublication(Form):
    """Correct the day on which something was published: every date that hangs on it is worked out anew."""

    fact: int = Field(ge=1, description="The number of its fact (cleardays show CASE --facts)")
    published_on: Day = Field(description="The day on which it was published in truth")
    evidence: Text = Field(description="What proves it, such as: date stamp of the web page")
    reasons: Text = Field(description="How the mistake came about")
