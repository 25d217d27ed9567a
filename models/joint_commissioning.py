"""An item before the Joint Commissioning Board as its record shows it: its rounds, its meetings, and what came of them.

Sources: Terms of Reference of the Joint Commissioning Board, May 2019 (000), and the draft of 30 June 2017 (001).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from models.boards import Abstention, Consensus, Hand, InterestAction, Meeting, interests_of
from models.cases import Status, status_of
from models.deadlines import Deadline
from models.documents import DocumentKind
from models.executive_notices import PUBLISHED_FACT, covering
from models.executive_words import Published
from models.facts import Fact, until_the_record_grows
from models.joint_commissioning_days import ItemDays
from models.joint_commissioning_words import (
    DisputeRoute,
    ItemKind,
    Remit,
)
from models.london import date_in_london, day_in_words

LOCAL = "local policy of the council"


class JointCommissioningCase(ItemDays):
    """One item, from its entry to its end."""

    # -- the meeting -------------------------------------------------------------------------------------------

    @until_the_record_grows
    def meeting(self) -> Meeting:
        """Return the meeting of this round: the newest roll, every interest declared, the hands raised."""
        roll, voted = self.roll, self.round.last("voted")
        return self.meeting_with(
            roll["present"] if roll else {}, {r: Hand(h) for r, h in voted["hands"].items()} if voted else {}
        )

    @property
    def roll(self) -> Fact | None:
        """Return the newest roll of the meeting that is named for this round, or None; another day's is none of it."""
        on = self.meeting_on.isoformat() if self.meeting_on else ""
        return next((fact for fact in reversed(self.round.all("attended")) if fact["held_on"] == on), None)

    def meeting_with(self, roll: Mapping[str, str], hands: Mapping[str, Hand]) -> Meeting:
        """Return the meeting of this round as it would be with another roll and other hands."""
        on = self.meeting_on or self.today
        return Meeting(self.council, self.section.board, on, roll, self.interests, hands,
                       Abstention(self.choices.abstention))  # fmt: skip

    @property
    def interests(self) -> Mapping[str, InterestAction]:
        """Return by role what was done about each interest declared in this round (ToR 11.1)."""
        return interests_of(self.round.all("interest-declared"))

    @property
    def remit(self) -> Remit:
        """Return whether the named individual may decide at the meeting of this round."""
        return self.remit_on(self.meeting_on or self.today)

    @property
    def consensus(self) -> Consensus:
        """Return whether consensus was shown; above the limit all of the partner's members must agree in person.

        "Only when all 3 Cabinet Members on the Board are in agreement" (001:4787-4789): no deputy is one of them.
        """
        shown, hands = self.meeting.consensus, self.meeting.hands
        if not shown.reached or not self.remit.all_must_agree:
            return shown
        here = {attendee.role for attendee in self.meeting.taking_part if not attendee.deputises}
        lacking = [r for r in self.partner.members if r not in here or hands.get(r) is not Hand.FOR]
        if not lacking:
            return shown
        titles = ", ".join(self.council.title(role, self.meeting.on) for role in lacking)
        why = f"{self.remit.why}; of them {titles} did not agree in person"
        return Consensus(False, f"The Board supports it, but {why}.", tuple(lacking))

    # -- what the record says of this round --------------------------------------------------------------------

    @property
    def accepted(self) -> Fact | None:
        """Return the Chair's or Vice-Chair's agreement to take the item (ToR 6.8), or None."""
        return self.record.last("item-accepted")

    @property
    def refused(self) -> Fact | None:
        """Return their refusal to take it, or None."""
        return self.record.last("item-refused")

    @property
    def business_case(self) -> Fact | None:
        """Return the business case attached last, or None (ToR 4.2)."""
        found = [f for f in self.record.all("document-attached") if f["kind"] == DocumentKind.BUSINESS_CASE]
        return found[-1] if found else None

    @property
    def papers(self) -> list[Fact]:
        """Return what goes to members with the agenda: the newest of each kind, never what is marked confidential."""
        newest = {f["kind"]: f for f in self.record.all("document-attached") if f["kind"] != DocumentKind.MINUTES}
        return [f for f in newest.values() if not f.get("confidential") and f.get("sha256")]

    @property
    def was_in_dispute(self) -> bool:
        """Tell whether the item has been in dispute, now or before."""
        return bool(self.record.all("dispute-opened"))

    @property
    def dispute_route(self) -> DisputeRoute:
        """Return how a dispute on this item is resolved (ToR 9.1)."""
        return DisputeRoute.SECTION_75 if self.better_care else DisputeRoute.LEADERS

    @property
    def those_in_dispute(self) -> Sequence[str]:
        """Return who discuss a dispute on this item."""
        section = self.section
        return section.section_75_dispute if self.dispute_route is DisputeRoute.SECTION_75 else section.dispute

    @property
    def partner_leads(self) -> tuple[str, ...]:
        """Return with whom the Chair discusses a deferred matter: the lead of each partner (ToR 8.2)."""
        return tuple(dict.fromkeys(partner.lead for partner in self.board.partners.values()))

    def leads_across_from(self, chair: str) -> tuple[str, ...]:
        """Return the leads of the partners for which who presides does not sit: with them both sides are heard."""
        own = self.board.partner_of(chair, self.meeting_on or self.today)
        return tuple(partner.lead for key, partner in self.board.partners.items() if key != own)

    @property
    def discussed(self) -> Fact | None:
        """Return the discussion held since the matter was deferred, or went to dispute, or None."""
        return self.round.last("discussed")

    def why_not_vote(self) -> str | None:
        """Return why no show of hands can be taken now, in a clause, or None where it can."""
        roll = self.roll
        if not self.remit.decides:
            return f"the item is before the Board for information only: {self.remit.why}"
        if roll is None:
            return "nobody's attendance is recorded; record the roll first (attend)"
        if voted := self.round.last("voted"):
            return f"hands were shown before, fact {voted.number}; the same consideration is not voted on twice"
        if not self.meeting.quorum.met:
            return self.meeting.quorum.reason
        if self.round.after_deferral and self.discussed is None:
            return "it was deferred, and the Chair and the partner lead have not discussed it yet (ToR 8.2; discuss)"
        return self.why_not_consider()

    def why_not_consider(self) -> str | None:
        """Return why the Board cannot consider the item for decision on its day: notice or papers (ToR 6.8, 6.10)."""
        assert self.meeting_on is not None
        return super().why_not_decide(self.meeting_on, in_private=self.private)

    def why_not_decide(self, day: date, *, in_private: bool = False) -> str | None:
        """Return why the named individual cannot decide on a London day, or None: consensus comes first (ToR 8.3)."""
        if not self.remit.decides:
            return f"the item is before the Board for information only: {self.remit.why}"
        reached = self.consensus_reached
        if reached is None and self.decision is None:
            return "no consensus of those present has been shown, so nothing is decided under delegation (ToR 8.3)"
        if self.meeting.has_withdrawn(self.decision_maker):
            return f"{self.decision_maker_in_words} withdrew for an interest, and takes no part (ToR 11.1)"
        if self.decision is None and (away := self.why_not_there()):
            return away
        if reached is not None and self.decision is None and day != self.meeting.on:
            met_on = day_in_words(self.meeting.on)
            return (
                f"those who decide under delegation act at meetings of the Board (001:4409-4412): it was on {met_on}"
                " (--decided-on), or else it comes before another meeting"
            )
        return super().why_not_decide(day, in_private=in_private)

    def why_not_there(self) -> str | None:
        """Return why the named individual did not act at the meeting of this round, or None (001:4409-4412)."""
        roll, maker = self.roll, self.decision_maker
        if self.meeting.was_there(maker, roll.get("in_attendance", ()) if roll else ()):
            return None
        if maker in self.board.members:
            why = "is not on its roll: those who decide under delegation act at meetings of the Board (001:4409-4412)"
        else:
            why = f"is not recorded in attendance (attend … --in-attendance {maker}; 001:4409-4412)"
        return f"{self.decision_maker_in_words} was not at the meeting, or {why}"

    @property
    def must_be_done_by(self) -> Deadline | None:
        """Return the day of the meeting, or the last day to enter the decision once there is consensus."""
        if self.decision is not None or self.kind is ItemKind.CONSTITUTION or self.meeting_on is None:
            return None
        return self.entry_by or self.meeting_by

    # -- what every case says ----------------------------------------------------------------------------------

    def deadlines(self) -> list[tuple[Deadline, Status]]:
        """Return every deadline of the item as it stands now, in the order in which they fall."""
        if self.kind is ItemKind.CONSTITUTION:
            return []
        ended = self.closed or self.withdrawn
        at = ended.at if ended else self.now
        own = [(d, status_of(d, met, at, ended=ended is not None)) for d, met in self._own() if d is not None]
        executive = self.deadlines_of_decision() if self.remit.decides and self.of_the_council else []
        return sorted([*own, *executive], key=lambda row: row[0].last_day)

    def _own(self) -> Iterator[tuple[Deadline | None, Fact | None]]:
        answered = self.accepted or self.refused
        yield self.agenda_answer_by, answered
        if not (self.of_the_council and self.remit.decides):
            yield self.agenda_by, self._dated(self.agenda_published)
        yield self.convene_by, None
        yield self.discussions_by, self.discussed
        yield self.roll_by, self.roll or self.round.last("noted")
        yield self.entry_by, self.decision
        yield self.direction_by, self.round.last("deferred") or self.round.last("referred-back") or self.dispute
        yield self.reconsider_by, self.round.last("voted") if self.round.after_deferral else None
        yield self.dispute_by, self.round.last("dispute-returned") or self.record.last("not-progressed")

    @property
    def agenda_published(self) -> Fact | None:
        """Return the publication of the agenda for the meeting of this round, or None."""
        if self.meeting_on is None:
            return None
        found = covering(self.record, PUBLISHED_FACT[Published.AGENDA], self.meeting_on)
        return next(found, None)

    @staticmethod
    def _dated(published: Fact | None) -> Any:
        return None if published is None else {"reached_on": published["published_on"]}

    def letter_values(self) -> Mapping[str, object]:
        """Return what any letter of an item may say."""
        return {
            "reference": self.reference, "item": self.matter, "proposal": self.proposal,
            "amount": "none" if self.without_amount else f"£{self.pounds:,}",
            "decision_maker": self.decision_maker_in_words, "board": self.board.name,
        }  # fmt: skip

    def breaches(self) -> list[str]:
        """Return each departure from the Terms of Reference that the record holds, in words."""
        found = []
        for fact in self.record.all("attended"):
            if fact.get("undeclared"):
                names = ", ".join(self.council.title(role, date_in_london(fact.at)) for role in fact["undeclared"])
                found.append(f"no annual declaration of interests within twelve months: {names} (ToR 11.1)")
            if fact.get("public_questions") is False and not self.private:
                found.append("the Chair did not invite questions of the public at the start (ToR 6.12)")
        for deadline, status in self.deadlines():
            if deadline.name == "agenda" and status in (Status.PASSED, Status.MET_LATE):
                found.append(f"the agenda was due by {day_in_words(deadline.last_day)} (ToR 6.8)")
        return list(dict.fromkeys(found))
