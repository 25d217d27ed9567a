"""When an item comes before the Board: its rounds, and the days that its waits are given.

The Terms of Reference give hardly any. The council's own choices are local policy; a case keeps those it began with.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from models.council_boards import Chairing
from models.deadlines import Deadline
from models.executive_item import DecisionDay
from models.facts import Fact, until_the_record_grows
from models.joint_commissioning_item import BoardItem
from models.joint_commissioning_rounds import DEFERRED, Round, rounds_of
from models.joint_commissioning_words import AGENDA, DISCUSSIONS, MEETING
from models.london import date_in_london
from models.periods import Period, within

LOCAL = "local policy of the council"


class ItemDays(BoardItem):
    """An item with its rounds, its meetings' days, and every deadline that is counted from them."""

    # -- rounds ------------------------------------------------------------------------------------------------

    @until_the_record_grows
    def rounds(self) -> tuple[Round, ...]:
        """Return each time the item came before the Board, the current one last."""
        return rounds_of(self.record.facts)

    @property
    def round(self) -> Round:
        """Return the current round."""
        return self.rounds[-1]

    @property
    def meeting_on(self) -> date | None:
        """Return the day of the meeting of the current round, or None while none is named."""
        return self._day_of(self.round)

    def _day_of(self, round_: Round) -> date | None:
        if round_.named_day is None and round_.number == 1:
            return date.fromisoformat(self.record.facts[0]["meeting_on"])
        return round_.named_day

    @property
    def chairing(self) -> Chairing | None:
        """Return who presides at the meeting of this round, today while none is named (ToR 7.3)."""
        return self.board.chairing(self.meeting_on or self.today)

    @property
    def presiding(self) -> tuple[str, tuple[str, ...]]:
        """Return the Chair, and who presides in the Chair's absence. Raises ValueError where the file names nobody."""
        term = self.chairing
        if term is None:
            raise ValueError(f"the council's file names no Chair of the {self.board.name} on that day")
        return term.chair, (term.vice_chair,)

    @property
    def times_failed(self) -> int:
        """Return how often consensus was sought and not found."""
        return len(self.record.all("consensus-failed"))

    @property
    def consensus_reached(self) -> Fact | None:
        """Return the fact that consensus was shown in this round, or None."""
        return self.round.last("consensus-reached")

    @property
    def consensus_failed(self) -> Fact | None:
        """Return the fact that consensus was not shown in this round, or None."""
        return self.round.last("consensus-failed")

    @property
    def dispute(self) -> Fact | None:
        """Return the dispute that is open, or None."""
        return self.round.last("dispute-opened")

    # -- days ------------------------------------------------------------------------------------------------------

    @until_the_record_grows
    def decision_days(self) -> Sequence[DecisionDay]:
        """Return each day the item was set for: delegations are exercised at meetings of the Board (001:4409-4412)."""
        named = [(self.record.facts[0], self.record.facts[0]["meeting_on"])]
        for fact in self.record.facts[1:]:
            if day := fact.get("to_meeting_on") or (fact["meeting_on"] if fact.kind == "convened" else None):
                named.append((fact, day))
        return [self._decision_day(fact, date.fromisoformat(day)) for fact, day in named]

    def _decision_day(self, fact: Fact, day: date) -> DecisionDay:
        return DecisionDay(day, day, self.who(fact), str(fact.get("reasons") or "its meeting"))

    def since(self, period: Period, fact: Fact, name: str, event: str, *, on: date | None = None) -> Deadline:
        """Return the deadline that one of the council's own periods sets from a fact (local policy)."""
        return period.from_(
            on or date_in_london(fact.at), name=name, event=event, evidence=f"fact {fact.number}",
            calendar=self.calendar, local_policy=True,
        )  # fmt: skip

    @property
    def agenda_answer_by(self) -> Deadline:
        """Return by when the Chair or Vice-Chair says whether the item is taken (ToR 6.8)."""
        period = within(self.choices.agenda_answer_days, "days", source=LOCAL)
        return self.since(period, self.record.facts[0], "answer on the agenda", "the item was entered")

    @property
    def agenda_by(self) -> Deadline | None:
        """Return the latest day to circulate the agenda of the meeting (ToR 6.8; P27)."""
        return self._before_meeting(AGENDA, "agenda")

    @property
    def discussions_by(self) -> Deadline | None:
        """Return the last day for the discussions that a deferral calls for, or None (ToR 8.2)."""
        return self._before_meeting(DISCUSSIONS, "discussions") if self.round.after_deferral else None

    @property
    def meeting_by(self) -> Deadline | None:
        """Return the day of the meeting as a deadline, or None while no day is named."""
        return self._before_meeting(MEETING, "meeting")

    def _before_meeting(self, period: Period, name: str) -> Deadline | None:
        if self.meeting_on is None:
            return None
        return period.from_(self.meeting_on, name=name, event="the Board meets", evidence=self._evidence_of_day(),
                            calendar=self.calendar)  # fmt: skip

    def _evidence_of_day(self) -> str:
        fact = self.round.last("convened") or self.round.brought_by or self.record.facts[0]
        return f"fact {fact.number}"

    @property
    def convene_by(self) -> Deadline | None:
        """Return by when a meeting is to be named for the item, or None where one is."""
        fact = self.round.brought_by
        if self.meeting_on is not None or fact is None:
            return None
        return self.since(self.convening_period, fact, "naming a meeting", "the item stood over")

    @property
    def convening_period(self) -> Period:
        """Return the time in which an officer sees to what follows from a meeting (local policy)."""
        return within(self.choices.convene_working_days, "working days", source=LOCAL)

    @property
    def roll_by(self) -> Deadline | None:
        """Return by when what happened at the meeting is entered, or None."""
        if self.meeting_on is None:
            return None
        period = within(self.choices.roll_working_days, "working days", source=LOCAL)
        fact = self.round.last("convened") or self.record.facts[0]
        return self.since(period, fact, "record of the meeting", "the Board met", on=self.meeting_on)

    @property
    def entry_by(self) -> Deadline | None:
        """Return by when the named individual's decision is entered once there is consensus (local policy)."""
        reached = self.consensus_reached
        if reached is None:
            return None
        period = within(self.choices.decision_working_days, "working days", source=LOCAL)
        on = date.fromisoformat(reached["held_on"])
        return self.since(period, reached, "record of the decision", "the Board met", on=on)

    @property
    def direction_by(self) -> Deadline | None:
        """Return by when the Chair defers the matter or directs that it be referred back, or None (ToR 8.3)."""
        failed = self.consensus_failed
        if failed is None:
            return None
        period = within(self.choices.direction_working_days, "working days", source=LOCAL)
        return self.since(period, failed, "the Chair's direction", "no consensus was shown")

    @property
    def reconsider_by(self) -> Deadline | None:
        """Return by when a deferred matter comes back, or None (ToR 8.2)."""
        deferred = self.round.after_deferral or (self.round.last(DEFERRED))
        if deferred is None:
            return None
        period = within(self.choices.reconsider_days, "days", source=LOCAL)
        return self.since(period, deferred, "reconsideration", "the matter was deferred")

    def latest_to_defer(self, today: date) -> date:
        """Return the latest day to which the matter may be deferred on a day (local policy)."""
        period = within(self.choices.reconsider_days, "days", source=LOCAL)
        return period.from_(today, name="reconsideration", event="the matter is deferred").last_day

    @property
    def dispute_by(self) -> Deadline | None:
        """Return by when a dispute comes back to the Board, or None (ToR 9.1)."""
        if self.dispute is None:
            return None
        period = within(self.choices.dispute_days, "days", source=LOCAL)
        return self.since(period, self.dispute, "dispute", "the dispute was opened")
