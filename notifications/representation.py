"""What the Board's representation says: the facts of one case, and the words made of them.

Source: NHS (Pharmaceutical and Local Pharmaceutical Services) Regulations 2013, SI 2013/349, Schedule 2,
paras 19(4), 19(5) and 25(2)(b). Margin numbers are paragraphs of the Southampton Health and Wellbeing Board
report of 26 July 2017. People appear by role or title only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from models.london import day_in_words, short_day_in_words
from notifications.printable import printable

OUTSTANDING = "outstanding"
"""Printed wherever the record holds nothing: a reader must never mistake a blank for an answer."""

SCHEDULE = (
    "Schedule 2 to the National Health Service (Pharmaceutical and Local Pharmaceutical Services) "
    "Regulations 2013 (SI 2013/349)"
)
CAPACITIES = {
    "relevant": f"the relevant Health and Wellbeing Board, as paragraph 19(5) of {SCHEDULE} requires",
    "neighbouring": "a neighbouring Health and Wellbeing Board that was given notice of the application, "
    f"as paragraph 19(4) of {SCHEDULE} allows",
}
GAP = (
    "create a gap in pharmaceutical services that could be met by a routine application "
    "(a) to meet a current or future need for pharmaceutical services, or "
    "(b) to secure improvements, or better access, to pharmaceutical services"
)


LEGAL_BASIS_UNCERTAIN = (
    "The council records this legal basis as uncertain: the law is not settled on this point."
)
NO_REPLY = "No reply (silence is not an opinion)"


@dataclass(frozen=True, kw_only=True)
class ConsultationRow:
    """One consultee: when asked, what came back, and how the decision-maker considered it.

    No reply is `answered_on=None`; it is printed as no reply and never as consent (paras 8-12). `not_reached` says
    why there is no day of circulation, where the record says why.
    """

    consultee: str
    circulated_on: date | None
    not_reached: str = ""
    answered_on: date | None = None
    late: bool = False
    opinion: str = ""
    interest: str = ""
    considered: str = ""


@dataclass(frozen=True, kw_only=True)
class MeetingHeld:
    """The further discussion, where views differed (para 11). Attendance is by role."""

    held_on: date | None
    attendance: Sequence[str]
    outcome: str


@dataclass(frozen=True, kw_only=True)
class Representation:
    """Everything the representation says. Dates are days in London; an empty value prints "outstanding".

    `case_ref` is the council's reference, `senders_ref` the one on the notice received. `creates_gap` is the
    binary opinion of para 19(5): there is no third value, and None means not yet decided. When
    `wishes_to_be_heard` is True, para 25(2)(b) also needs `matter_for_evidence`. `day_45` is given where the sender
    stated an earlier `last_day`; `issued` tells what has been decided and leaves from a draft.
    """

    case_ref: str
    senders_ref: str
    council_name: str
    board_name: str
    addressee: str
    sent_on: date | None

    applicant: str
    premises_closing: str
    premises_remaining: str
    wards: Sequence[str]
    capacity: Literal["relevant", "neighbouring"]

    notice_given_on: date | None
    last_day: date | None
    derivation: str

    creates_gap: bool | None
    reasons_need: str
    reasons_access: str
    other_matters: str = "None."
    wishes_to_be_heard: bool | None
    matter_for_evidence: str = ""

    decided_on: date | None
    decision_maker: str
    legal_basis: str
    legal_basis_uncertain: bool
    equality_ref: str
    equality_considered_on: date | None
    alternatives: str
    conflicts: str
    consultation: Sequence[ConsultationRow]
    meeting: MeetingHeld | None = None
    day_45: date | None = None
    issued: bool = False

    @property
    def late(self) -> bool:
        """True when it is sent after the last day. On the last day itself it is in time."""
        return self.sent_on is not None and self.last_day is not None and self.sent_on > self.last_day

    def outstanding(self) -> list[str]:
        """Return what is still missing, in the words of the document; empty when it is ready to be sent."""
        said = words(self)
        missing = [label for key, label in LABELS.items() if said[key] == OUTSTANDING]
        if self.meeting is not None:
            missing += [f"meeting: {piece}" for piece, text in _meeting(self.meeting) if text == OUTSTANDING]
        for row in consultation_rows(self):
            lacking = [label for key, label in ROW_LABELS.items() if row[key] == OUTSTANDING]
            missing += [f"{row['consultee']}: {label}" for label in lacking]
        return missing


LABELS = {
    "council_name": "the council's name",
    "board_name": "the board's name",
    "addressee": "the addressee",
    "case_ref": "our reference",
    "senders_ref": "your reference",
    "sent_on": "the date of this representation",
    "applicant": "the applicant",
    "premises_closing": "the premises that would close",
    "premises_remaining": "the premises that would remain",
    "wards": "the wards",
    "opinion": "the Board's opinion",
    "reasons_need": "the reasons on limb (a)",
    "reasons_access": "the reasons on limb (b)",
    "other_matters": "any other matter",
    "hearing": "whether the Board wishes to be heard orally",
    "matter_for_evidence": "the matter for further evidence",
    "notice_given_on": "the date notice was given",
    "last_day": "the last day",
    "derivation": "how the last day was worked out",
    "decided_on": "the date of the decision",
    "decision_maker": "the decision-maker",
    "legal_basis": "the legal basis",
    "equality_ref": "the equality impact assessment",
    "equality_considered_on": "the date the equality impact assessment was considered",
    "alternatives": "the alternatives considered",
    "conflicts": "the conflicts of interest",
    "consultation_summary": "the consultation",
}
ROW_LABELS = {
    "consultee": "name of the consultee's role",
    "circulated": "date of circulation",
    "opinion": "opinion",
    "interest": "declaration of interests",
    "considered": "how the answer was considered",
}


def words(representation: Representation) -> dict[str, str]:
    """Return every text of the document but the consultation table, by its placeholder in the templates.

    A missing fact reads "outstanding". Only the warnings `late_notice` and `legal_basis_note` may be empty,
    when there is nothing to warn of. A blank line parts two paragraphs.
    """
    r = representation
    return {
        "title": "Representation on a pharmacy consolidation application",
        "council_name": _text(r.council_name),
        "board_name": _text(r.board_name),
        "addressee": _text(r.addressee),
        "case_ref": _text(r.case_ref),
        "senders_ref": _text(r.senders_ref),
        "sent_on": _day(r.sent_on),
        "late_notice": _late_notice(r),
        "capacity": f"The Board makes this representation as {CAPACITIES[r.capacity]}.",
        "applicant": _text(r.applicant),
        "premises_closing": _text(r.premises_closing),
        "premises_remaining": _text(r.premises_remaining),
        "wards": _listed(r.wards),
        "opinion": _opinion(r.creates_gap),
        "reasons_need": _text(r.reasons_need),
        "reasons_access": _text(r.reasons_access),
        "other_matters": _text(r.other_matters),
        "hearing": _hearing(r.wishes_to_be_heard),
        "matter_for_evidence": _matter_for_evidence(r),
        "notice_given_on": _day(r.notice_given_on),
        "last_day": _day(r.last_day),
        "derivation": _text(r.derivation),
        "decided_on": _day(r.decided_on),
        "decision_maker": _text(r.decision_maker),
        "legal_basis": _text(r.legal_basis),
        "legal_basis_note": LEGAL_BASIS_UNCERTAIN if r.legal_basis_uncertain else "",
        "equality_ref": _text(r.equality_ref),
        "equality_considered_on": _day(r.equality_considered_on),
        "alternatives": _text(r.alternatives),
        "conflicts": _text(r.conflicts),
        "consultation_summary": _consultation_summary(r.consultation),
        "meeting": "\n\n".join(f"{piece.capitalize()}: {text}" for piece, text in _meeting(r.meeting))
        or "No meeting was held.",
    }


def consultation_rows(representation: Representation) -> list[dict[str, str]]:
    """Return the consultation table as texts by column, one row for each consultee in the order given."""
    return [_row(row) for row in representation.consultation]


def draft_notice(representation: Representation) -> str:
    """Return the sentence that marks a draft, or says what was issued without; empty when all is there."""
    missing = "; ".join(representation.outstanding())
    if not missing:
        return ""
    if representation.issued:
        return f"The record holds nothing on: {missing}."
    return f"Draft, not ready to be sent. Still outstanding: {missing}."


def _row(row: ConsultationRow) -> dict[str, str]:
    common = {
        "consultee": _text(row.consultee),
        "circulated": short_day_in_words(row.circulated_on) if row.circulated_on else _text(row.not_reached),
    }
    if row.answered_on is None:
        reply = "Not asked" if row.not_reached and not row.circulated_on else NO_REPLY
        unanswered = {"answered": reply, "opinion": "None given", "interest": "None stated"}
        return {
            **common,
            **unanswered,
            "considered": _text(row.considered, otherwise="No answer to consider"),
        }
    return {
        **common,
        "answered": short_day_in_words(row.answered_on) + (" (late)" if row.late else ""),
        "opinion": _text(row.opinion),
        "interest": _text(row.interest),
        "considered": _text(row.considered),
    }


def _text(text: str, otherwise: str = OUTSTANDING) -> str:
    return printable(text) or otherwise


def _day(day: date | None) -> str:
    return day_in_words(day) if day else OUTSTANDING


def _listed(names: Sequence[str]) -> str:
    *most, last = [_text(name) for name in names] or [OUTSTANDING]
    return f"{', '.join(most)} and {last}" if most else last


def _late_notice(r: Representation) -> str:
    if r.late and r.day_45 is not None and r.sent_on is not None and r.sent_on <= r.day_45:
        return (
            f"This representation is sent after the day that the notice stated, which was {_day(r.last_day)}, and "
            f"within the 45 days of paragraph 19(4), which end on {_day(r.day_45)}."
        )
    return f"This representation is sent after the last day, which was {_day(r.last_day)}." if r.late else ""


def _opinion(creates_gap: bool | None) -> str:
    if creates_gap is None:
        return OUTSTANDING
    would = "would" if creates_gap else "would not"
    return (
        "In the opinion of the Board, if the application were granted, the proposed removal of premises from "
        f"the pharmaceutical list {would} {GAP}."
    )


def _hearing(wishes_to_be_heard: bool | None) -> str:
    if wishes_to_be_heard is None:
        return OUTSTANDING
    if wishes_to_be_heard:
        return "If an oral hearing is held, the Board wishes to be heard at it."
    return "The Board does not wish to be heard orally."


def _matter_for_evidence(r: Representation) -> str:
    if r.wishes_to_be_heard is False:
        return _text(r.matter_for_evidence, otherwise="None.")
    return _text(r.matter_for_evidence)


def _consultation_summary(rows: Sequence[ConsultationRow]) -> str:
    if not rows:
        return OUTSTANDING
    replied = [row for row in rows if row.answered_on is not None]
    late = sum(row.late for row in replied)
    return (
        f"Of {len(rows)} consulted, {len(replied)} replied{f' ({late} late)' if late else ''} and "
        f"{len(rows) - len(replied)} did not reply. Silence is not an opinion and is not counted as one."
    )


def _meeting(meeting: MeetingHeld | None) -> list[tuple[str, str]]:
    if meeting is None:
        return []
    present = "; ".join(_text(role) for role in meeting.attendance) or OUTSTANDING
    return [("held on", _day(meeting.held_on)), ("present", present), ("outcome", _text(meeting.outcome))]
