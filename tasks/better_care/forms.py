"""The forms of a Better Care plan: every field once, with the words that explain it at every door."""

from __future__ import annotations

from pydantic import Field

from models.better_care_words import Answer, Assured, BoardRoute, Manner, Panel, Review, Stage
from tasks.forms import Day, Form, Instant, Names, Reference, Text


class PlanReceived(Form):
    """Enter a draft Better Care plan: its last day, signatories and conditions are those of its policy period."""

    reference: Reference = Field(description="A reference for this plan, such as BCP-2017-19")
    policy: Text = Field(
        description="The policy period: 2017-19, 2023-25, 2024-25-addendum or 2025-26 (models/better_care.yaml)"
    )
    received_at: Instant = Field(description="When the draft was received, such as 2017-07-18T10:00 (London time)")
    draft_on: Day | None = Field(
        None, description="The Board meeting that considers the draft, if any; later ones can approve the final"
    )


class RecordArrangements(Form):
    """Record what the Board agreed on approving the final version (report of 26 July 2017, recommendation (ii))."""

    authority: Text = Field(description="The resolution and its minute, such as: Board, 26 July 2017, minute 14")
    text: Text = Field(description="What was agreed, in its own words")
    delegate: Text | None = Field(
        None, description="Role id of whoever may approve for the Board, if it delegated that; leave out if not"
    )
    agreed_on: Day | None = Field(None, description="The day it was agreed, if not today")


class MeetCondition(Form):
    """Record the evidence that a national condition is met, or that it is not met after all."""

    condition: Text = Field(description="Id of the condition, such as social-care-maintained (cleardays show CASE)")
    evidence: Text = Field(description="What shows it: document and page, or a decision; or why it is not met")
    met: bool = Field(True, description="false: it is not met after all, and earlier evidence no longer counts")


class ChooseBoardRoute(Form):
    """Choose how the Board's approval is had where it does not meet before the last day."""

    route: BoardRoute = Field(
        description="delegated-approval (the Board agreed a delegate), special-meeting (5 clear working days' notice), "
        "or chair-support (the Board approves at its next meeting, afterwards)"
    )
    reasons: Text = Field(description="Why this route")
    meets_on: Day | None = Field(None, description="For a special meeting: the day on which the Board meets")


class GiveMeetingNotice(Form):
    """Record that public notice of the Board's special meeting was given, with its papers."""

    given_on: Day | None = Field(None, description="The day notice was published, if not today")
    where: Text | None = Field(None, description="Where it can be read")


class SignOff(Form):
    """Record that a signatory signed the plan off, or refused: by whom, on what authority, on which day."""

    signatory: Text = Field(description="Id of the signatory: board, council, nhs, or as the policy period names it")
    authority: Text = Field(description="The decision, such as: Cabinet, 22 August 2017, minute 31; or the delegation")
    answer: Answer = Field(Answer.SIGNED, description="signed, or refused")
    manner: Manner | None = Field(
        None, description="resolution (at a meeting), delegation, chair-support, in-person; empty: the usual one"
    )
    signed_by: Text | None = Field(None, description="Role id of who signed; empty: the office that was asked")
    signed_on: Day | None = Field(None, description="The day it was signed, if not today")


class Submit(Form):
    """Record that the plan was submitted to NHS England, with the proof of it."""

    proof: Text = Field(description="What proves it, such as: receipt of the portal, or header of the e-mail")
    submitted_at: Instant | None = Field(None, description="When it was submitted, if before now")
    despite: Text | None = Field(
        None, description="Only where a signature or a condition is missing: why it is submitted all the same"
    )


class RecordAssurance(Form):
    """Record how NHS England graded the plan (report of 26 July 2017, paragraph 9)."""

    outcome: Assured = Field(description="approved, approved-with-conditions or not-approved")
    reference: Text | None = Field(None, description="Reference of the letter")
    decided_on: Day | None = Field(None, description="The day of the letter, if not today")
    conditions: Text | None = Field(None, description="For an approval with conditions: what has to be shown")
    evidence_by: Day | None = Field(
        None, description="By when it has to be shown; empty: the usual day of the policy period"
    )
    reasons: Text | None = Field(None, description="For a plan not approved: why")


class SendEvidence(Form):
    """Record that the evidence which an approval with conditions asks for was sent."""

    evidence: Text = Field(description="What was sent")
    proof: Text = Field(description="What proves that it was sent, such as: header of the e-mail")
    sent_on: Day | None = Field(None, description="The day it was sent, if not today")


class RecordPanel(Form):
    """Record what the escalation panel said of a plan that was not approved."""

    outcome: Panel = Field(description="approved, revise (to be signed and submitted again) or directed")
    reasons: Text = Field(description="What it said")
    decided_on: Day | None = Field(None, description="The day it decided, if not today")


class RecordSection75(Form):
    """Record that the pooling agreement under section 75 of the NHS Act 2006 was signed by both partners."""

    reference: Text = Field(description="Where the signed agreement is, such as a document reference")
    signed_on: Day | None = Field(None, description="The day of the last signature, if not today")


class RecordReturn(Form):
    """Record a stage of a return: joint board, then Board, then NHS England; the Board may approve several together."""

    returns: Names = Field(description="Ids of the returns, such as 2017/18-q2 or 2017/18-annual", min_length=1)
    stage: Stage = Field(description="joint-board, board, nhs-england; for an annual return joint-board, partners")
    authority: Text = Field(description="The decision, or for a return that was sent what proves it")
    done_on: Day | None = Field(None, description="The day, if not today")
    reasons: Text | None = Field(
        None, description="Only for a return sent before the Board approved it: why; the Board approves it afterwards"
    )


class RecordReview(Form):
    """Record what a national review of the allocations came to (report of 26 July 2017, paragraph 6)."""

    outcome: Review = Field(description="not-reduced, reduced or not-held")
    reasons: Text = Field(description="What was said, and by whom")
    decided_on: Day | None = Field(None, description="The day it was made known, if not today")
