"""The forms of what happens at and around meetings of boards: a verb of one name has one form in all procedures."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from models.boards import Hand, InterestAction
from models.executive_words import Published, UrgentAnswer, UrgentMatter
from tasks.forms import PRIVATE, AsPairs, Day, Form, Names, Text


class MeetingKind(StrEnum):
    """How a meeting comes about."""

    ORDINARY = "ordinary"  #: on a published date
    ADDITIONAL = "additional"  #: at the Chair's request, outside the published dates
    SPECIAL = "special"  #: called for one matter


Hands = Annotated[Mapping[str, Hand], AsPairs]


class Convene(Form):
    """Call a meeting of a board for this matter, or say at which of its published meetings it is taken."""

    body: Text | None = Field(None, description="Id of the body, where the case concerns more than one")
    meeting_on: Day = Field(description="The day of the meeting")
    kind: MeetingKind = Field(MeetingKind.ORDINARY, description="ordinary (a published date), additional or special")
    reasons: Text | None = Field(None, description="Why, for a meeting outside the published dates")


class Attend(Form):
    """Record who is at the meeting; entered again, the newer roll replaces the older."""

    body: Text | None = Field(None, description="Id of the body, where the case concerns more than one")
    present: Names = Field(
        description="Role ids of those present; a deputy as 'jcb-deputy-ccg for ccg-chair'", min_length=1
    )
    in_attendance: Names = Field((), description="Role ids of others in the room, such as an officer who decides there")
    held_on: Day | None = Field(None, description="The day of the meeting, if not today")
    public_questions: bool | None = Field(
        None, description="Whether the Chair invited questions and statements of the public at the start (ToR 6.12)"
    )


class DeclareInterest(Form):
    """Record an interest declared by a member, and what was done about it."""

    member: Text = Field(description="Role id of the member")
    action: InterestAction = Field(description="none, declared-remains, declared-withdraws or dispensation")
    interest: Text | None = Field(None, description="What the interest is", json_schema_extra=PRIVATE)
    granted_by: Text | None = Field(None, description="For a dispensation: who granted it")


class Vote(Form):
    """Record a show of hands, one for each person who takes part."""

    body: Text | None = Field(None, description="Id of the body, where the case concerns more than one")
    hands: Hands = Field(
        description="By role id: for, against or abstain, such as ccg-chair=for, cabinet-member-health=against",
        min_length=1,
    )
    reasons: Text | None = Field(None, description="Reasons that were given, and dissent in its own words")


class Defer(Form):
    """Put the matter off to a named meeting, having consulted those present; this decides nothing (ToR 8.2, 8.3)."""

    to_meeting_on: Day = Field(description="The day of the later meeting")
    consulted: Names = Field(description="Role ids of those present who were consulted", min_length=1)
    reasons: Text = Field(description="Why, and what is to be discussed until then")


class ReferBack(Form):
    """Direct that the matter go back to each parent body, having consulted those present (ToR 8.3)."""

    consulted: Names = Field(description="Role ids of those present who were consulted", min_length=1)
    reasons: Text = Field(description="Why")


class Discuss(Form):
    """Record a discussion of a matter that was deferred or is in dispute (ToR 8.2, 9.1)."""

    between: Names = Field(description="Role ids of those who spoke", min_length=2)
    held_on: Day | None = Field(None, description="The day, if not today")
    note: Text | None = Field(None, description="What came of it", json_schema_extra=PRIVATE)


class Publish(Form):
    """Record that a notice, an agenda with its reports, or a decision notice was published."""

    what: Published = Field(
        description="key-decision, general-exception, private-meeting, private-meeting-second, agenda, added-item, "
        "reasons-notice or decision-notice"
    )
    published_on: Day | None = Field(None, description="The day, if not today")
    where: Text | None = Field(None, description="Where it can be read, such as an address on the website")
    reasons: Text | None = Field(
        None, description="The reasons it gives, such as why the public is excluded or why notice could not be given"
    )
    representations: Text | None = Field(
        None, description="For the second notice of a private meeting: what was said against it, and the response"
    )
    documents: Names = Field((), description="Names of the documents listed in a notice, or published with an agenda")
    convened_on: Day | None = Field(
        None, description="For an agenda: the day the meeting was convened, where that was at shorter notice"
    )
    chair_informed_on: Day | None = Field(
        None, description="For a general exception: the day scrutiny's chair had the notice, if not by our letter"
    )


class CallIn(Form):
    """Record that a decision was called in for scrutiny before it is implemented."""

    called_in_by: Text = Field(description="Who called it in: names of members, or the office")
    reasons: Text = Field(description="The reasons given")
    called_in_on: Day | None = Field(None, description="The day, if not today")


class ConsentUrgency(Form):
    """Record what an office said when asked to agree that a matter is urgent and cannot reasonably be deferred."""

    asked: Text = Field(description="Role id of the office asked, such as scrutiny-chair")
    answer: UrgentAnswer = Field(description="agreed, refused or unable-to-act")
    matter: UrgentMatter = Field(UrgentMatter.KEY_DECISION, description="key-decision, private-meeting or call-in")
    reasons: Text = Field(description="Why the matter is urgent, or why agreement was refused")
    answered_on: Day | None = Field(None, description="The day, if not today")
