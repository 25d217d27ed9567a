"""What must lie before a decision: notices, exceptions, consents and papers, counted back from its day.

Sources: SI 2012/2089 regs 5 to 11; LGA 1972 s.100B; Terms of Reference of the Joint Commissioning Board, 000:265-287.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cached_property

from models.deadlines import Deadline, Moved
from models.executive_item import DecisionItem
from models.executive_notices import (
    CONSENTED,
    PUBLISHED_FACT,
    UNABLE,
    answers,
    clear,
    covering,
    in_time,
)
from models.executive_words import (
    CLEAR,
    DECISION_DAY,
    Function,
    MadeBy,
    Published,
    Route,
    UrgentMatter,
)
from models.facts import Fact
from models.london import date_in_london, day_in_words
from models.periods import Period


class NoticedDecision(DecisionItem):
    """A matter for decision with everything that must come before it."""

    # -- days counted back from the decision ---------------------------------------------------------------

    def _back(self, period: Period, name: str, *, local_policy: bool) -> Deadline:
        """Return a latest day counted back from the decision, with each one it was before the decision was moved."""
        event, evidence = "the decision is to be taken", f"fact {self.record.facts[0].number}"
        days = [period.from_(d.first, name=name, event=event, evidence=evidence, calendar=self.calendar,
                             local_policy=local_policy) for d in self.decision_days]  # fmt: skip
        moved = zip(days, self.decision_days[1:], strict=False)
        return replace(days[-1], history=tuple(Moved(old.last_day, by.who, by.why) for old, by in moved))

    @property
    def notice_period(self) -> Period:
        """Return the 28 clear days of notice, as the council reads them (local policy)."""
        return clear(28, self.numbers.notice_days, "SI 2012/2089 reg 9(1); 000:270-271")

    @property
    def private_period(self) -> Period:
        """Return the 28 clear days of notice of a private meeting."""
        return clear(28, self.numbers.notice_days, "SI 2012/2089 reg 5(2); 000:284-285")

    @property
    def second_private_period(self) -> Period:
        """Return the 5 clear days of the second notice of a private meeting."""
        return clear(5, self.numbers.papers_days, "SI 2012/2089 reg 5(4)")

    @property
    def exception_period(self) -> Period:
        """Return the 5 clear days that must have elapsed after the notice of a general exception."""
        return clear(5, self.numbers.papers_days, "SI 2012/2089 reg 10(1)(c)")

    @property
    def papers_period(self) -> Period:
        """Return the 5 clear days for which agenda and reports are open to the public."""
        law = "SI 2012/2089 regs 6, 7" if self.function is Function.EXECUTIVE else "LGA 1972 s.100B"
        return clear(5, self.numbers.papers_days, f"{law}; 000:271; 001:294")

    @cached_property
    def notice_by(self) -> Deadline:
        """Return the latest day for the notice of a key decision: E-29 (reg 9)."""
        found = self._back(self.notice_period, "notice of key decision", local_policy=True)
        strict = day_in_words(self.strict_notice_by.last_day)
        note = f"Whether the 28 clear days are calendar or working days is not settled; as working days: {strict}."
        return replace(found, notes=(*found.notes, note))

    @cached_property
    def exception_by(self) -> Deadline:
        """Return the latest day for the notice of a general exception (reg 10)."""
        return self._back(self.exception_period, "notice of general exception", local_policy=True)

    @cached_property
    def private_notice_by(self) -> Deadline:
        """Return the latest day for the first notice of a private meeting (reg 5(2); 000:284)."""
        return self._back(self.private_period, "notice of private meeting", local_policy=True)

    @cached_property
    def second_private_notice_by(self) -> Deadline:
        """Return the latest day for the second notice of a private meeting (reg 5(4))."""
        return self._back(self.second_private_period, "second notice of private meeting", local_policy=True)

    @cached_property
    def papers_by(self) -> Deadline:
        """Return the latest day for agenda and reports (regs 6, 7; 000:271; P24)."""
        return self._back(self.papers_period, "agenda and reports", local_policy=self.made_by is not MadeBy.BODY)

    @cached_property
    def decide_by(self) -> Deadline:
        """Return the day of the decision, or the last of its period."""
        return DECISION_DAY.from_(
            self.decide_until, name="decision", event="the decision is to be taken",
            evidence=f"fact {self.record.facts[0].number}", calendar=self.calendar,
        )  # fmt: skip

    @cached_property
    def strict_notice_by(self) -> Deadline:
        """Return the latest day for the notice if its 28 clear days were working days: the strict reading."""
        strict = clear(28, CLEAR[1], "SI 2012/2089 reg 9(1), read strictly")
        return self._back(strict, "notice of key decision, strict reading", local_policy=True)

    @property
    def counted_back(self) -> list[Deadline]:
        """Return every day counted back from the decision that applies to it, in order; that of the decision last."""
        lost = self.notice_by.passed(self.now) and self.notice_for(self.decide_until) is None
        found = [self.notice_by, *([self.exception_by] if lost else [])] if self.key else []
        found += [self.private_notice_by, self.second_private_notice_by] if self.private_notice_is_due else []
        found += [self.papers_by] if self.papers_are_due else []
        return [*sorted(found, key=lambda deadline: deadline.last_day), self.decide_by]

    def still_wanted(self) -> list[Deadline]:
        """Return those days by which something is still to be published before the decision, soonest first."""
        if self.decision is not None:
            return []
        found = []
        if self.key and self.route is None:
            found.append(self.exception_by if self.notice_by.passed(self.now) else self.notice_by)
        if self.private_notice_is_due and not self.may_be_private_on(self.decide_until):
            found.append(self.second_private_notice_by if self.first_private_notice else self.private_notice_by)
        if self.papers_are_due and self.papers_for(self.decide_until) is None:
            found.append(self.papers_by)
        return sorted(found, key=lambda deadline: deadline.last_day)

    # -- notices, exceptions and consents -------------------------------------------------------------------

    def _in_time(self, kind: str, period: Period, day: date) -> Fact | None:
        """Return the fact published for `day` that leaves the clear days of `period` before it, or None."""
        found = covering(self.record, kind, day)
        return next((f for f in found if in_time(period, self.published_on(f), day, self.calendar)), None)

    def notice_for(self, day: date) -> Fact | None:
        """Return the notice of 28 clear days before a decision on `day`, or None (reg 9)."""
        return self._in_time(PUBLISHED_FACT[Published.KEY_DECISION], self.notice_period, day)

    def exception_for(self, day: date) -> Fact | None:
        """Return the general exception that lets the decision be taken on `day`, or None (reg 10).

        Five clear days follow the day of publication, or that on which the chair of scrutiny had the notice if later.
        """
        for fact in covering(self.record, PUBLISHED_FACT[Published.GENERAL_EXCEPTION], day):
            chair_had_it = self.chair_informed_on(fact)
            started = chair_had_it and max(self.published_on(fact), chair_had_it)
            if started and in_time(self.exception_period, started, day, self.calendar):
                return fact
        return None

    def chair_informed_on(self, exception: Fact) -> date | None:
        """Return the London day on which the chair of scrutiny had the notice of an exception, or None.

        Without a chair it is the day on which the last member of the committee had it (reg 10(1)(a)). A letter that
        came back informed nobody.
        """
        if exception.get("chair_informed_on"):
            return date.fromisoformat(exception["chair_informed_on"])
        told = [f for f in self.record.all("informed") if f["about"] == exception_about(exception)]
        days = [self._letter_came_on(fact) for fact in told]
        return max((day for day in days if day), default=None) if all(days) else None

    def _letter_came_on(self, informed: Fact) -> date | None:
        came: date | None = None
        for fact in self.record.facts[informed.number :]:
            if fact.get("letter") == informed.key and fact.kind == "letter-sent":
                came = date_in_london(fact.at)
            elif fact.get("letter") == informed.key and fact.kind in ("letter-bounced", "letter-ambiguous"):
                came = None
        return came

    def consent_office(self, matter: UrgentMatter) -> str | None:
        """Return the office to ask whether a matter is urgent: the first of the three that is held and able to act.

        Whoever refuses has answered; nobody further down may be asked instead (regs 5(6), 11(1)). None: no office left.
        """
        unable = {f["asked"] for f in answers(self.record, matter) if f.kind == UNABLE and self._is_for_now(f)}
        able = (r for r in self.rules.consents if r not in unable and self.council.holder_or_none(r, self.today))
        return next(able, None)

    def consent_for(self, matter: UrgentMatter, day: date) -> Fact | None:
        """Return the agreement, given by then, that a matter is urgent and cannot be deferred beyond `day`, or None.

        Agreement to a key decision or a private meeting comes before it (regs 5(6), 11(1); "prior consent", 000:286).
        """
        by = date.max if matter is UrgentMatter.CALL_IN else day
        given = [f for f in answers(self.record, matter) if f.kind != UNABLE and f["for_day"] >= day.isoformat()
                 and date.fromisoformat(f["answered_on"]) <= by]  # fmt: skip
        return given[-1] if given and given[-1].kind == CONSENTED else None

    def refusal_of(self, matter: UrgentMatter) -> Fact | None:
        """Return the refusal to agree that a matter is urgent, where it stands for the day of the decision."""
        given = [f for f in answers(self.record, matter) if f.kind != UNABLE and self._is_for_now(f)]
        return given[-1] if given and given[-1].kind != CONSENTED else None

    def _is_for_now(self, answer: Fact) -> bool:
        return bool(answer["for_day"] >= self.decide_on.isoformat())

    def route_on(self, day: date) -> Route | None:
        """Return by what right the decision may be taken on `day`, or None where it may not (regs 9 to 11)."""
        if not self.key:
            return Route.NOT_KEY
        if self.notice_for(day):
            return Route.NOTICE
        if self.exception_for(day):
            return Route.EXCEPTION
        return Route.URGENCY if self.consent_for(UrgentMatter.KEY_DECISION, day) else None

    @property
    def route(self) -> Route | None:
        """Return by what right the decision may be taken by the end of its day or period, or None."""
        return self.route_on(self.decide_until)

    @property
    def first_private_notice(self) -> Fact | None:
        """Return the first notice of the private meeting, where it was in time, or None (reg 5(2))."""
        return self._in_time(PUBLISHED_FACT[Published.PRIVATE_MEETING], self.private_period, self.decide_until)

    def may_be_private_on(self, day: date) -> bool:
        """Tell whether the matter may be taken in private on `day` (reg 5; 000:284-287)."""
        if not self.private_notice_is_due:
            return self.private
        first = self._in_time(PUBLISHED_FACT[Published.PRIVATE_MEETING], self.private_period, day)
        second = self._in_time(PUBLISHED_FACT[Published.PRIVATE_MEETING_SECOND], self.second_private_period, day)
        both = first and second and self.published_on(first) < self.published_on(second)
        return bool(both) or self.consent_for(UrgentMatter.PRIVATE_MEETING, day) is not None

    def papers_for(self, day: date) -> Fact | None:
        """Return the agenda that lets the matter be considered on `day`, or None (regs 6, 7; LGA 1972 s.100B).

        A meeting convened at shorter notice: open since it was convened. An item added later than five clear days
        before is not considered, but for special circumstances that the chair of a committee of the Council states.
        """
        agenda, added = PUBLISHED_FACT[Published.AGENDA], PUBLISHED_FACT[Published.ADDED_ITEM]
        for kind in (agenda, added):
            if found := self._in_time(kind, self.papers_period, day):
                return found
        short = (f for f in covering(self.record, agenda, day) if self._open_since_convened(f))
        urgent = (f for f in covering(self.record, added, day) if f.get("reasons"))
        return next(short, None) or (next(urgent, None) if self.function is Function.COUNCIL else None)

    def _open_since_convened(self, agenda: Fact) -> bool:
        convened = agenda.get("convened_on")
        return convened is not None and self.published_on(agenda) <= date.fromisoformat(convened) <= self.decide_until

    def reasons_due(self) -> list[str]:
        """Return for what a notice of reasons is still to be published: an exception or an urgency (regs 5, 10, 11)."""
        route = self.decision["route"] if self.decision else self.route
        relied_on = {
            Published.GENERAL_EXCEPTION: route == Route.EXCEPTION,
            UrgentMatter.KEY_DECISION: route == Route.URGENCY,
            UrgentMatter.PRIVATE_MEETING: self._private_by_consent,
        }
        notices = covering(self.record, PUBLISHED_FACT[Published.REASONS_NOTICE], self.decide_on)
        published = {concern for fact in notices for concern in fact["concerns"]}
        return [str(concern) for concern, relied in relied_on.items() if relied and concern not in published]

    @property
    def _private_by_consent(self) -> bool:
        """Tell whether the meeting is, or was, private with agreement in place of its notices."""
        if not self.private_notice_is_due or (self.decision is not None and not self.decision["in_private"]):
            return False
        return self.consent_for(UrgentMatter.PRIVATE_MEETING, self.day_of_decision) is not None

    @property
    def day_of_decision(self) -> date:
        """Return the London day of the decision; until it is taken, the last on which it may be."""
        return date.fromisoformat(self.decision["decided_on"]) if self.decision else self.decide_until

    def why_not_decide(self, day: date, *, in_private: bool = False) -> str | None:
        """Return why the decision cannot be taken on a London day, in a sentence, or None where it can."""
        if self.decision is not None:
            return f"it was taken before, fact {self.decision.number}"
        if not self.decide_on <= day <= self.decide_until:
            when = day_in_words(self.decide_on)
            when += "" if self.decide_until == self.decide_on else f" to {day_in_words(self.decide_until)}"
            return f"it is set for {when}, not for {day_in_words(day)}; move it first"
        if self.route_on(day) is None:
            return self._why_no_route(day)
        if in_private and not self.may_be_private_on(day):
            return self._why_not_private(day)
        if self.papers_are_due and self.papers_for(day) is None:
            by = day_in_words(self.papers_by.last_day)
            return (
                f"its papers were not open to the public by {by}: an item not available for 5 clear days before cannot "
                f"be considered ({self.papers_period.source})"
            )
        return None

    def _why_no_route(self, day: date) -> str:
        by, refused = day_in_words(self.notice_by.last_day), self.refusal_of(UrgentMatter.KEY_DECISION)
        if refused:
            office = self.council.title(refused["asked"], date_in_london(refused.at))
            return f"{office} refused to agree that it is urgent (reg 11), and no notice of it stands for that day"
        if exceptions := list(covering(self.record, PUBLISHED_FACT[Published.GENERAL_EXCEPTION], day)):
            came = self.chair_informed_on(exceptions[-1])
            told = "the chair of scrutiny has not had the notice" if came is None else "5 clear days have not elapsed"
            return f"of the general exception, {told} (reg 10), and no notice was published by {by} (reg 9)"
        return (
            f"no notice of this key decision was published by {by}, 28 clear days before (reg 9), and neither a "
            "general exception (reg 10) nor special urgency (reg 11) stands for that day"
        )

    def _why_not_private(self, day: date) -> str:
        return (
            "the decision cannot be taken in private: its private meeting was not notified 28 clear days before, with "
            "a second notice 5 clear days before, and nobody agreed that it is urgent (reg 5; 000:284-287)"
        )


def exception_about(exception: Fact) -> str:
    """Return what the letter to the chair of scrutiny on a general exception is about: one for each notice."""
    return f"general exception {exception.number}"
