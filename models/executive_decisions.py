"""A decision of a council's executive as its record shows it: taken, signed, published, called in, implementable.

Any procedure with a decision of that sort builds its case on `ExecutiveDecision`: everything is derived from the facts
and from what the case itself says of the decision (its day, its maker, what it costs).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from models.call_in import CALLED_IN, RESOLVED, CallIn, call_in_of
from models.cases import Status
from models.deadlines import Deadline
from models.editions import with_history
from models.executive_beforehand import NoticedDecision
from models.executive_notices import PUBLISHED_FACT, covering
from models.executive_words import (
    KEEP_PAPERS,
    KEEP_RECORD,
    URGENCY_REPORT,
    CallInOutcome,
    CallInStage,
    Function,
    ItemOutcome,
    Published,
    Route,
    Signatory,
    UrgentMatter,
)
from models.facts import Fact
from models.london import date_in_london
from models.periods import Period, first_working_day_after_clear, within

IMPLEMENTABLE = "implementable"


class ExecutiveDecision(NoticedDecision):
    """A matter for decision, what must come before it, and what comes after."""

    # -- the decision --------------------------------------------------------------------------------------

    @property
    def decided_on(self) -> date | None:
        """Return the London day of the decision, or None."""
        return date.fromisoformat(self.decision["decided_on"]) if self.decision else None

    @property
    def agreed(self) -> bool:
        """Tell whether the decision agreed to what was proposed."""
        return self.decision is not None and self.decision["outcome"] == ItemOutcome.AGREED

    @property
    def signed_by(self) -> tuple[Signatory, ...]:
        """Return who has signed the decision notice as it reads now."""
        since = self.amended.number if self.amended else 0
        return tuple(s for s in Signatory if any(
            f["capacity"] == s and f.number > since for f in self.record.all("signed")))  # fmt: skip

    @property
    def signed(self) -> bool:
        """Tell whether everybody who must sign the decision notice has."""
        return all(signatory in self.signed_by for signatory in self.signatures_due)

    @property
    def amended(self) -> Fact | None:
        """Return the newest reconsideration that changed the decision after a call-in, or None."""
        found = [fact for fact in self.record.all(RESOLVED) if fact["outcome"] == CallInOutcome.AMENDED]
        return found[-1] if found else None

    @property
    def may_be_called_in_anew(self) -> bool:
        """Tell whether the decision, amended after a call-in, stands still as any other (local policy)."""
        called = self.call_in
        return bool(called and called.outcome is CallInOutcome.AMENDED and self.numbers.amended_stands_still)

    @property
    def signed_last_on(self) -> date | None:
        """Return the London day of the newest signature on the decision notice as it reads now, or None."""
        since = self.amended.number if self.amended else 0
        days = [date.fromisoformat(f["signed_on"]) for f in self.record.all("signed") if f.number > since]
        return max(days, default=None)

    @property
    def publication(self) -> Fact | None:
        """Return the publication of the decision as it reads now, the newest, or None."""
        found = self.record.last(PUBLISHED_FACT[Published.DECISION_NOTICE])
        return found if found and (self.amended is None or found.number > self.amended.number) else None

    @property
    def publication_by(self) -> Deadline | None:
        """Return the day by which the decision is published: "as soon as practicable", in the council's own days."""
        if self.decision is None:
            return None
        source = "SI 2012/2089 regs 12 to 14: as soon as reasonably practicable"
        if self.function is Function.COUNCIL:
            source = "SI 2014/2095 reg 8: as soon as reasonably practicable"
        since = date.fromisoformat(self.amended["resolved_on"]) if self.amended else self.decided_on
        assert since is not None
        return within(self.numbers.publication, "working days", source=source).from_(
            since, name="publication of the decision", event="the decision was taken",
            evidence=f"fact {self.decision.number}", calendar=self.calendar, local_policy=True,
        )  # fmt: skip

    @property
    def stands_still(self) -> bool:
        """Tell whether the decision waits for call-in: key, and not exempt with consent (000:273-276).

        The paper does not say that other decisions stand still.
        """
        return self.key and self.exemption is None

    @property
    def exemption(self) -> Fact | None:
        """Return the agreement that the decision is too urgent for a call-in, or None (local policy)."""
        return self.consent_for(UrgentMatter.CALL_IN, self.decide_on) if self.call_in is None else None

    @property
    def call_in(self) -> CallIn | None:
        """Return the call-in of the decision, the newest, or None."""
        return call_in_of(self.record)

    @property
    def standstill(self) -> Deadline | None:
        """Return the first day on which the decision may be implemented if nobody calls it in, once published.

        Its time runs from the publication, and from its entry where that was later: only then does scrutiny hear of it.
        """
        first = self.record.last(PUBLISHED_FACT[Published.DECISION_NOTICE])
        unpublished = self.may_be_called_in_anew and self.publication is None
        if first is None or unpublished or not self.stands_still:
            return None
        period = first_working_day_after_clear(
            self.numbers.call_in, source="the council's call-in rules; LGA 2000 s.9F; 000:273-276"
        )
        published, entered = self.published_on(first), date_in_london(first.at)
        return period.from_(
            max(published, entered), name="call-in",
            event="the decision was published" if published >= entered else "the publication was entered, and told",
            evidence=f"fact {first.number}", calendar=self.calendar, local_policy=True,
        )  # fmt: skip

    @property
    def call_in_by(self) -> Deadline | None:
        """Return by when the open stage of a call-in is to end, by the council's own times; None where none is open."""
        called = self.call_in
        if called is None or called.stage is None:
            return None
        count, name, event = {
            CallInStage.SCRUTINY: (self.numbers.scrutiny, "call-in: scrutiny", "the decision was called in"),
            CallInStage.COUNCIL: (self.numbers.council, "call-in: the Council", "it was referred to the Council"),
            CallInStage.RECONSIDERATION: (self.numbers.reconsideration, "call-in: reconsideration",
                                          "it was referred back"),
        }[called.stage]  # fmt: skip
        return within(count, "working days", source="the council's call-in rules; 000:275-276").from_(
            called.since, name=name, event=event, evidence=f"fact {called.last.number}", calendar=self.calendar,
            local_policy=True,
        )  # fmt: skip

    @property
    def implementable_from(self) -> date | None:
        """Return the first London day on which the decision may be implemented, or None while there is none.

        A key decision: once its call-in time has expired, or the call-in was disposed of (000:273-276).
        """
        if not self.agreed or self.decided_on is None:
            return None
        if not self.key:
            return self.decided_on
        if self.publication is None:
            return None
        called, published = self.call_in, self.published_on(self.publication)
        if called is None or self.may_be_called_in_anew:
            return self.standstill.last_day if self.standstill else published
        if called.outcome in (CallInOutcome.STANDS, CallInOutcome.CONFIRMED):
            return called.since
        return max(called.since, published) if called.outcome is CallInOutcome.AMENDED else None

    @property
    def may_be_implemented(self) -> bool:
        """Tell whether the decision may be implemented on the day of the reading."""
        return self.implementable_from is not None and self.implementable_from <= self.today

    @property
    def implementable(self) -> Fact | None:
        """Return the fact that the decision became implementable, or None; a call-in entered since then stops it."""
        found, called = self.record.last(IMPLEMENTABLE), self.record.last(CALLED_IN)
        return None if found and called and called.number > found.number else found

    @property
    def stopped(self) -> Fact | None:
        """Return the fact that the decision was implementable where a call-in entered late stopped it, or None."""
        found = self.record.last(IMPLEMENTABLE)
        return found if self.implementable is None else None

    @property
    def late_entry_by(self) -> Deadline | None:
        """Return until when the case stays open for a call-in that came in time and is entered late (local policy).

        None where the decision does not stand still, and where it was called in: then no other call-in can come.
        """
        standstill = self.standstill
        if standstill is None or (self.call_in is not None and not self.may_be_called_in_anew):
            return None
        return within(self.numbers.late_entry, "working days", source="the council's own rule").from_(
            standstill.last_day, name="call-ins entered late", event="the time for call-in has expired",
            evidence=standstill.evidence, calendar=self.calendar, local_policy=True,
        )  # fmt: skip

    @property
    def keep_until(self) -> tuple[Deadline, Deadline] | None:
        """Return until when the record (6 years) and the background papers (4 years) are kept at least."""
        if self.decision is None or self.decided_on is None:
            return None
        decided, evidence = self.decided_on, f"fact {self.decision.number}"

        def keeping(name: str, period: Period) -> Deadline:
            return period.from_(decided, name=name, event="the decision was taken", evidence=evidence,
                                calendar=self.calendar)  # fmt: skip

        return keeping("keeping the record", KEEP_RECORD), keeping("keeping the papers", KEEP_PAPERS)

    @property
    def urgency_report_by(self) -> Deadline | None:
        """Return by when the leader reports a decision of special urgency to the Council, or None (reg 19)."""
        if self.decision is None or self.decided_on is None or self.route_on(self.decided_on) is not Route.URGENCY:
            return None
        return URGENCY_REPORT.from_(
            self.decided_on, name="report to the Council", event="the urgent decision was taken",
            evidence=f"fact {self.decision.number}", calendar=self.calendar,
        )  # fmt: skip

    # -- all deadlines ---------------------------------------------------------------------------------------

    def deadlines_of_decision(self) -> list[tuple[Deadline, Status]]:
        """Return every deadline of the decision, with where it stands, in the order in which they fall."""
        done, ended = self.decision is not None, self.withdrawn or self.closed
        rows: list[tuple[Deadline | None, date | None, bool]] = [
            *self._rows_before(), (self.decide_by, self.decided_on, False),
            (self.publication_by, self._published(Published.DECISION_NOTICE), False),
            (self.standstill, self._expired_on, self.call_in is not None and not self.may_be_called_in_anew),
            (self.call_in_by, None, False),
        ]  # fmt: skip
        at = ended.at if ended else self.now
        return [
            (with_history(self.record, deadline),
             _status(deadline, met, at, ended=ended is not None,
                     away=away or (done and deadline.sense == "latest day")))
            for deadline, met, away in rows if deadline is not None
        ]  # fmt: skip

    @property
    def _expired_on(self) -> date | None:
        """Return the day on which the time for call-in was over and the decision implementable, or None."""
        expired = self.call_in is None or self.may_be_called_in_anew
        return self.implementable_from if self.implementable and expired else None

    def _rows_before(self) -> Iterator[tuple[Deadline, date | None, bool]]:
        if self.key:
            other = self.route in (Route.EXCEPTION, Route.URGENCY)
            yield self.notice_by, self._published(Published.KEY_DECISION), other
            if self.notice_by.passed(self.now) and self.notice_for(self.decide_on) is None:
                yield self.exception_by, self._published(Published.GENERAL_EXCEPTION), self.route is Route.URGENCY
        if self.private_notice_is_due:
            agreed = self.consent_for(UrgentMatter.PRIVATE_MEETING, self.day_of_decision) is not None
            yield self.private_notice_by, self._published(Published.PRIVATE_MEETING), agreed
            yield self.second_private_notice_by, self._published(Published.PRIVATE_MEETING_SECOND), agreed
        if self.papers_are_due:
            papers = self.papers_for(self.decide_on)
            met = self.published_on(papers) if papers else self._published(Published.AGENDA)
            yield self.papers_by, met, bool(papers and met and met > self.papers_by.last_day)

    def _published(self, what: Published) -> date | None:
        """Return the first London day on which something was published for the day of the decision, or None."""
        if what is Published.DECISION_NOTICE:
            return self.published_on(self.publication) if self.publication else None
        days = [self.published_on(f) for f in covering(self.record, PUBLISHED_FACT[what], self.decide_on)]
        return min(days, default=None)


def _status(deadline: Deadline, met_on: date | None, at: datetime, *, away: bool, ended: bool) -> Status:
    """Return where a deadline stands at `at` (aware), `met_on` being the London day on which it was kept."""
    if met_on is not None:
        late = deadline.sense != "first day" and met_on > deadline.last_day
        return Status.MET_LATE if late else Status.MET
    if away:
        return Status.FELL_AWAY
    if deadline.passed(at):
        return Status.PASSED
    return Status.FELL_AWAY if ended else Status.OPEN
