"""The words and periods of executive decisions, each with its source.

"The Regulations" are SI 2012/2089; "000" is the Terms of Reference of the Joint Commissioning Board, Southampton, 2019.
"""

from __future__ import annotations

from enum import StrEnum

from models.periods import beginning_with, by, within

KEEP_RECORD = beginning_with(6, "years", source="SI 2012/2089 reg 21(6); SI 2014/2095 reg 8")
KEEP_PAPERS = beginning_with(4, "years", source="SI 2012/2089 reg 21(7); SI 2014/2095 reg 8")
URGENCY_REPORT = within(12, "months", source="SI 2012/2089 reg 19: the leader reports to the Council at least annually")
DECISION_DAY = by(source="as entered")

CLEAR = ("clear days", "clear working days")
"""How clear days may be read: whether 28 of them are calendar or working days is not settled (local policy)."""


class Function(StrEnum):
    """Whose function is exercised, which tells the rules that apply."""

    EXECUTIVE = "executive"  #: SI 2012/2089: the Cabinet, its members, its officers
    COUNCIL = "council"  #: LGA 1972 Part VA and SI 2014/2095: the Health and Wellbeing Board and its officers


class MadeBy(StrEnum):
    """Who takes the decision."""

    BODY = "body"  #: at a meeting: reg 12
    MEMBER = "member"  #: an individual member: reg 13(1)
    OFFICER = "officer"  #: reg 13(4), or SI 2014/2095 reg 7


class Route(StrEnum):
    """By what right a decision may be taken on its day."""

    NOT_KEY = "not a key decision"
    NOTICE = "notice of 28 clear days (reg 9)"
    EXCEPTION = "general exception (reg 10)"
    URGENCY = "special urgency (reg 11)"


class UrgentMatter(StrEnum):
    """What somebody is asked to agree is urgent."""

    KEY_DECISION = "key-decision"  #: reg 11
    PRIVATE_MEETING = "private-meeting"  #: reg 5(6); 000:286
    CALL_IN = "call-in"  #: the decision is not to stand still: local policy


class UrgentAnswer(StrEnum):
    """What they say; who is unable to act opens the way to the next of the three, who refuses does not."""

    AGREED = "agreed"
    REFUSED = "refused"
    UNABLE = "unable-to-act"


class Published(StrEnum):
    """What is published around a decision: the notices before it, its papers, and its record."""

    KEY_DECISION = "key-decision"  #: reg 9
    GENERAL_EXCEPTION = "general-exception"  #: reg 10: to the chair of scrutiny, and published
    PRIVATE_MEETING = "private-meeting"  #: reg 5(2)
    PRIVATE_MEETING_SECOND = "private-meeting-second"  #: reg 5(4): with representations and the response to them
    AGENDA = "agenda"  #: with the reports on it: regs 6 and 7
    ADDED_ITEM = "added-item"  #: an item added to an agenda already published
    REASONS_NOTICE = "reasons-notice"  #: why notice could not be given: regs 5(7), 10(3), 11(3)
    DECISION_NOTICE = "decision-notice"  #: the record of the decision: regs 12 to 14


class ItemOutcome(StrEnum):
    """What the decision-maker decided on the proposal."""

    AGREED = "agreed"
    NOT_AGREED = "not-agreed"


class Signatory(StrEnum):
    """Who signs a decision notice: both for the Joint Commissioning Board (000:271-273), else local policy."""

    DECISION_MAKER = "decision-maker"
    PROPER_OFFICER = "proper-officer"


class CallInStage(StrEnum):
    """Before whom a called-in decision is."""

    SCRUTINY = "scrutiny"
    COUNCIL = "council"
    RECONSIDERATION = "reconsideration"


class CallInOutcome(StrEnum):
    """How a stage of a call-in ended."""

    STANDS = "decision-stands"  #: scrutiny, or the Council, lets the decision stand as it is
    REFERRED_BACK = "referred-back"  #: to the decision-maker, to reconsider
    TO_COUNCIL = "to-council"
    CONFIRMED = "confirmed"  #: reconsidered: as before
    AMENDED = "amended"  #: reconsidered: otherwise than before, and published anew
    DROPPED = "dropped"  #: reconsidered: not to be done


ENDS_AT: dict[CallInStage, tuple[CallInOutcome, ...]] = {
    CallInStage.SCRUTINY: (CallInOutcome.STANDS, CallInOutcome.REFERRED_BACK, CallInOutcome.TO_COUNCIL),
    CallInStage.COUNCIL: (CallInOutcome.STANDS, CallInOutcome.REFERRED_BACK),
    CallInStage.RECONSIDERATION: (CallInOutcome.CONFIRMED, CallInOutcome.AMENDED, CallInOutcome.DROPPED),
}
"""The outcomes each stage of a call-in can have."""

FOLLOWS = {
    CallInOutcome.REFERRED_BACK: CallInStage.RECONSIDERATION,
    CallInOutcome.TO_COUNCIL: CallInStage.COUNCIL,
}
"""The stage that an outcome leads to; every other outcome ends the call-in."""
