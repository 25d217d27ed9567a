"""The forms of an item before the Joint Commissioning Board, beside those that all boards share."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from models.joint_commissioning_words import DisputeResult, ItemKind, Scope
from tasks.forms import Day, Form, Names, Reference, Text


class ParentBody(StrEnum):
    """Before which of the Council's bodies a change of the constitution comes."""

    CABINET = "cabinet"
    COUNCIL = "council"


class Item(Form):
    """Enter an item for the Joint Commissioning Board."""

    reference: Reference = Field(description="The item's reference, such as JCB-2019-14")
    title: Text = Field(description="The item in one line")
    proposal: Text = Field(description="What is proposed, in the words of the report's recommendation")
    kind: ItemKind = Field(ItemKind.DECISION, description="decision, business-case, exception-report or constitution")
    scope: Scope = Field(
        Scope.JOINT, description="jointly-commissioned, aligned, of-joint-interest or outside (ToR 2 and Annex A)"
    )
    decision_maker: Text = Field(description="Role id of the named individual who would decide under delegation")
    meeting_on: Day | None = Field(None, description="The meeting it is for; empty: the next that its papers can reach")
    pounds: int | None = Field(
        None, ge=0, description="Expenditure or savings in pounds, whichever is greater; 0 where it is nothing"
    )
    wards: Names = Field((), description="Ids of the wards on whose communities the effects are significant")
    private: bool = Field(False, description="Whether it is to be taken in Part 2, without the public")
    better_care: bool = Field(False, description="Whether it arises under the Better Care section 75 agreement")
    cabinet_on: Day | None = Field(None, description="For constitution: the day of the Cabinet")
    council_on: Day | None = Field(None, description="For constitution: the day of the Council")


class PlaceItem(Form):
    """Say, as Chair or Vice-Chair, whether a new item is taken onto the agenda (ToR 6.8)."""

    agreed: bool = Field(description="Whether it is taken")
    reasons: Text | None = Field(None, description="Why not, where it is not taken")


class OpenDispute(Form):
    """Refer a matter on which there is no consensus to dispute resolution (ToR 9.1)."""

    reasons: Text = Field(description="What is in dispute")


class ConcludeDispute(Form):
    """Record how a dispute ended: back before the Board, or not progressed (ToR 9.1)."""

    result: DisputeResult = Field(description="back-to-board or not-progressed")
    to_meeting_on: Day | None = Field(None, description="For back-to-board: the meeting at which it is considered")
    reasons: Text = Field(description="What came of the discussions")


class Minute(Form):
    """Minute what the Board considered and recommended on an item that it does not decide (ToR 3.9, 8.5)."""

    considerations: Text = Field(description="What was considered")
    recommendations: Text = Field(description="What the Board recommends; 'none' where nothing")


class RecordParentDecision(Form):
    """Record what the Cabinet or the Council decided on a change of the constitution (001:4401-4437)."""

    body: ParentBody = Field(description="cabinet or council")
    adopted: bool = Field(description="Whether the recommendations were adopted")
    decided_on: Day | None = Field(None, description="The day, if not today")
    minute: Text | None = Field(None, description="Where the minute can be read")


class AmendConstitution(Form):
    """Record the changes made to the constitution, and who was consulted before (001:4427-4437)."""

    consulted: Names = Field(description="Role ids of those consulted", min_length=1)
    changes: Text = Field(description="What was changed")
