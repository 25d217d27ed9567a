"""A pharmacy consolidation case as its record shows it: every question a step, a verb or a page asks of it.

Nothing is kept here: each answer is derived from the facts, the council's file and the present instant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property

from models import clock_facts
from models.cases import Case, Status, status_of
from models.consultation import Consultee, Standing, Views, consultee, views_of
from models.council import NoAddressee
from models.deadlines import Deadline, earlier_of
from models.documents import ASSESSMENTS, DocumentKind
from models.editions import with_history
from models.facts import Fact, until_the_record_grows
from models.ledger import NOTHING_HAPPENED, Ledger
from models.london import date_in_london
from models.periods import Period, within
from models.pharmacy_notice import Notice, read_notice
from models.pharmacy_words import (
    CIRCULATED,
    CIRCULATION,
    CONSOLIDATION,
    CONSOLIDATION_EXTENDED,
    FEEDBACK,
    REPRESENTATION,
    ROUTE,
    WITH_APPLICATION,
    Capacity,
    LocalClock,
    Opinion,
    Route,
)

NOBODY = "The body that determines applications"  #: where the council's file names no addressee


class PharmacyCase(Case):
    """One application, read from its record at one instant."""

    # -- the notice ----------------------------------------------------------------------------------------

    @cached_property
    def notice(self) -> Notice:
        """Return the notice, with later corrections of it applied."""
        return read_notice(self.record)

    @property
    def must_represent(self) -> bool:
        """Tell whether a representation is a duty: the relevant Board's (Sch 2 para 19(5)), not a neighbour's."""
        return self.notice.capacity is Capacity.RELEVANT

    @property
    def wards_in_words(self) -> str:
        """Return the names of the wards affected."""
        return ", ".join(self.council.wards[ward].name for ward in self.notice.wards)

    # -- deadlines -----------------------------------------------------------------------------------------

    @cached_property
    def represent_by(self) -> Deadline:
        """Return the last day for the representation: the earlier of day 45 and the day the sender stated."""
        computed = self.computed_represent_by
        stated = self.notice.stated_deadline
        if stated is None:
            return computed
        return earlier_of(computed, stated, "the sender", calendar=self.calendar)

    @cached_property
    def computed_represent_by(self) -> Deadline:
        """Return day 45 as the Regulations give it, whatever the sender stated."""
        return self._clock().apply(
            REPRESENTATION, self._entered_on, name="representation", event="notice of the application was given",
            evidence=self.notice.evidence, calendar=self.calendar,
        )  # fmt: skip

    @property
    def _entered_on(self) -> date:
        """Return the London day of notice as it was entered, before any correction."""
        return date_in_london(datetime.fromisoformat(self.record.facts[0]["given_at"]))

    def _clock(self, clock: LocalClock | None = None) -> Ledger:
        """Return what has happened to a clock that runs from the notice, or to one of the council's own."""
        from_notice = clock in (None, LocalClock.CIRCULATION)
        notice = clock_facts.corrected(self.record, self.who) if from_notice else ()
        if clock is None:
            return Ledger(notice)
        round_ = len(self.record.all("representations-shared")) if clock is LocalClock.COMMENTS else 0
        return Ledger([*notice, *clock_facts.entries(self.record, clock, self.who, round_=round_)])

    def feedback_clock(self, role: str) -> Ledger:
        """Return what has happened to a consultee's time to answer since the papers now with them were sent."""
        if not self.record.all(clock_facts.EXTENDED) and not self.record.all(clock_facts.SUSPENDED):
            return NOTHING_HAPPENED
        stage = str(self.route)
        return Ledger(
            clock_facts.entries(
                self.record, LocalClock.FEEDBACK, self.who, consultee=role, stage=stage,
                round_=len(clock_facts.anew(self.record, stage)),
            )
        )  # fmt: skip

    def feedback_from(self, circulated_on: date, role: str, *, name: str = "feedback", evidence: str = "") -> Deadline:
        """Return a consultee's last day to answer papers that reached them on a London day (report para 10)."""
        period, local_policy = self.feedback_period
        return self.feedback_clock(role).apply(
            period, circulated_on, name=name, event="the information was circulated", evidence=evidence,
            calendar=self.calendar, local_policy=local_policy,
        )  # fmt: skip

    @property
    def last_days(self) -> list[Deadline]:
        """Return the last days for the representation in their order: what the sender stated if earlier, and day 45."""
        kept, computed = self.represent_by, self.computed_represent_by
        return [kept] if kept.last_day == computed.last_day else [kept, computed]

    @property
    def addressee(self) -> str | None:
        """Return the role to which the representation goes today, or None where nobody can be written to."""
        try:
            role = self.council.addressee(self.today)
        except NoAddressee:
            return None
        return role if self.council.holder_or_none(role, self.today) else None

    @property
    def stated_difference(self) -> str | None:
        """Return a sentence when the sender's stated deadline is not day 45, otherwise None."""
        stated = self.notice.stated_deadline
        computed = self.computed_represent_by.last_day
        if stated is None or stated == computed:
            return None
        return (
            f"The sender states {stated:%-d %B %Y}; day 45 is {computed:%-d %B %Y}. "
            f"The earlier, {min(stated, computed):%-d %B %Y}, is used."
        )

    @cached_property
    def circulate_by(self) -> Deadline:
        """Return the last day for circulation (report para 8)."""
        return self._clock(LocalClock.CIRCULATION).apply(
            CIRCULATION, self._entered_on, name="circulation", event="the application was notified",
            evidence=self.notice.evidence, calendar=self.calendar,
        )  # fmt: skip

    @cached_property
    def route_by(self) -> Deadline:
        """Return the last day for choosing the route: the day before circulation is due at the latest."""
        return ROUTE.from_(
            self.circulate_by.last_day, name="route", event="circulation is due at the latest",
            evidence=self.notice.evidence, calendar=self.calendar, local_policy=True,
        )  # fmt: skip

    @property
    def route_as_it_ended(self) -> Deadline:
        """Return the last day for choosing the route; once the default was taken, that on which it was."""
        taken = next((fact for fact in self.record.all("route-decided") if fact.get("by_default")), None)
        return self.route_by if taken is None else Deadline.from_dict(taken["deadline"])

    @property
    def feedback_by(self) -> Deadline | None:
        """Return the latest of the consultees' own last days, or None while no clock runs."""
        running = [
            c.feedback_by for c in self.consultees if c.feedback_by and c.standing is not Standing.EXCUSED
        ]
        return max(running, key=lambda deadline: deadline.last_day, default=None)

    @property
    def comments_by(self) -> Deadline | None:
        """Return the last day for comments on others' representations, once those were shared."""
        shared = self.record.last("representations-shared")
        if shared is None:
            return None
        days = self.council.local_policy.comment_days.value
        period = within(days, "days", source="practice of the service that processes applications")
        return self._clock(LocalClock.COMMENTS).apply(
            period, date.fromisoformat(shared["shared_on"]), name="comments", event="the representations were shared",
            evidence=f"fact {shared.number}", calendar=self.calendar, local_policy=True,
        )  # fmt: skip

    @property
    def consolidate_by(self) -> Deadline | None:
        """Return the last day for the notice of consolidation, once the application was granted."""
        outcome = self.outcome
        if outcome is None or outcome["outcome"] != "granted":
            return None
        period = CONSOLIDATION_EXTENDED if self.record.last("consolidation-extended") else CONSOLIDATION
        return period.from_(
            date.fromisoformat(outcome["decided_on"]), name="notice of consolidation",
            event="the decision was sent", evidence=f"fact {outcome.number}", calendar=self.calendar,
        )  # fmt: skip

    # -- documents -----------------------------------------------------------------------------------------

    @property
    def assessment(self) -> Fact | None:
        """Return the equality impact assessment or reasoned screening attached last, or None (para 17)."""
        found = [f for f in self.record.all("document-attached") if f["kind"] in ASSESSMENTS]
        return found[-1] if found else None

    @property
    def papers(self) -> list[Fact]:
        """Return what is circulated (para 9): the newest of each kind, never what is marked confidential."""
        newest = {f["kind"]: f for f in self.record.all("document-attached") if f["kind"] in CIRCULATED}
        return [f for f in newest.values() if not f.get("confidential") and f.get("sha256")]

    @property
    def missing_papers(self) -> list[str]:
        """Return what keeps the papers from leaving, by name: "application", "assessment" (para 9).

        Paragraph 9 is about the contentious route; on the other one what there is goes along and nothing is waited for.
        Version 1 of the procedure circulated without the application.
        """
        if self.route is Route.NON_CONTENTIOUS:
            return []
        wanted = {"application": (DocumentKind.APPLICATION,), "assessment": ASSESSMENTS}
        if self.record.version < WITH_APPLICATION:
            del wanted["application"]
        there = {paper["kind"] for paper in self.papers}
        return [name for name, kinds in wanted.items() if there.isdisjoint(kinds)]

    # -- route ---------------------------------------------------------------------------------------------

    @property
    def route_fact(self) -> Fact | None:
        """Return the decision on the route that stands, or None."""
        return self.record.last("route-decided")

    @until_the_record_grows
    def route(self) -> Route | None:
        """Return the route that stands, or None while none was chosen."""
        fact = self.route_fact
        return None if fact is None else Route(fact["route"])

    # -- consultation --------------------------------------------------------------------------------------

    @until_the_record_grows
    def all_roles(self) -> tuple[str, ...]:
        """Return who is to be consulted on the route that stands, vacant offices included."""
        if self.route is None:
            return ()
        listed = (
            self.council.contentious_consultees(self.notice.wards)
            if self.route is Route.CONTENTIOUS
            else self.council.non_contentious_consultees(self.notice.wards)
        )
        added = [fact["consultee"] for fact in self.record.all("consultee-added")]
        return tuple(dict.fromkeys([*listed, *added]))  # para 5: more members for more contentious applications

    @until_the_record_grows
    def roles(self) -> tuple[str, ...]:
        """Return who is to be consulted: those of `all_roles` whose office somebody holds or held when asked."""
        return tuple(
            role
            for role in self.all_roles
            if self.council.holder_or_none(role, self.today) or self._was_circulated(role)
        )

    @property
    def vacant(self) -> tuple[str, ...]:
        """Return the offices that should be consulted and that nobody holds."""
        return tuple(role for role in self.all_roles if role not in self.roles)

    def _was_circulated(self, role: str) -> bool:
        return self.record.keyed(f"circulated/{self.route}/1/{role}") is not None

    @property
    def missing_precondition(self) -> str | None:
        """Return why those without whom there is no power to decide cannot be consulted, or None (recs (i), (ii))."""
        return self._vacancy_that_matters() or (
            self._too_few_board_members() if self.route is Route.CONTENTIOUS else None
        )

    def _vacancy_that_matters(self) -> str | None:
        council, wards = self.council, self.notice.wards
        members = council.ward_members(wards)
        further = council.pharmacy.contentious.further_board_members.at_least_one_of.values()
        counted_apart = {*members, *(role for roles in further for role in roles)}
        needed = self.all_roles
        if self.route is Route.CONTENTIOUS:
            needed = council.contentious_consultees(wards, "precondition")
        vacant = [council.title(r, self.today) for r in needed if r in self.vacant and r not in counted_apart]
        if set(members) & set(needed) and not set(members) & set(self.roles):
            vacant.append("any member of the wards affected")
        if not vacant:
            return None
        return (
            f"nobody holds office as {', '.join(vacant)}, whom the recommendation requires to be consulted before the "
            "decision. Enter the holder with dates in the council's file"
        )

    def _too_few_board_members(self) -> str | None:
        rule = self.council.pharmacy.contentious.further_board_members
        held = {role for roles in rule.at_least_one_of.values() for role in roles if role in self.roles}
        lacking = [
            group
            for group, roles in rule.at_least_one_of.items()
            if not any(role in self.roles for role in roles)
        ]
        if not lacking and len(held) >= rule.at_least:
            return None
        return (
            f"recommendation (ii) wants at least {rule.at_least} further members of the Board, "
            f"of each of: {', '.join(rule.at_least_one_of)}; nobody holds office for {', '.join(lacking) or 'enough'}. "
            "Enter the holder with dates in the council's file"
        )

    @property
    def feedback_period(self) -> tuple[Period, bool]:
        """Return how long a consultee has, and whether that is local policy: the paper gives it for one route."""
        if self.route is Route.NON_CONTENTIOUS:
            days = self.council.local_policy.non_contentious_feedback_days.value
            return within(days, "calendar days", source="report rec (i) gives none"), True
        return FEEDBACK, False

    @until_the_record_grows
    def consultees(self) -> list[Consultee]:
        """Return one line for each person to be consulted on the route that stands."""
        return [self.consultee(role) for role in self.roles]

    def consultee(self, role: str) -> Consultee:
        """Return where one consultee stands."""
        known = self._lines
        if role not in known:
            known[role] = self._consultee(role)
        return known[role]

    @until_the_record_grows
    def _lines(self) -> dict[str, Consultee]:
        return {}

    def _consultee(self, role: str) -> Consultee:
        return consultee(self.record, role, str(self.route), answer_by=self.feedback_from, now=self.now)

    @property
    def feedback_closed(self) -> bool:
        """Tell whether feedback has closed: everyone has answered, or their own time has run out (para 10)."""
        return bool(self.roles) and not any(c.must_be_awaited for c in self.consultees)

    @property
    def response_is_clear(self) -> bool:
        """Tell whether a clear response stood when feedback last closed (para 11); a late answer changes nothing."""
        closed = self.record.last("feedback-closed")
        return closed is not None and bool(closed["clear"])

    @property
    def views(self) -> Views:
        """Return what the answers together say."""
        minimum = self.council.local_policy.clear_response.value.minimum_answers
        return views_of(self.consultees, minimum, more_may_follow=self.urgent is None and self.decision is None)

    # -- meeting, urgent route, decision -------------------------------------------------------------------

    @property
    def urgent(self) -> Fact | None:
        """Return the fact that the urgent-decision route was named, or None."""
        return self.record.last("urgent-route-named")

    @property
    def decision(self) -> Fact | None:
        """Return the decision, or None."""
        return self.record.last("decided")

    @property
    def group_view(self) -> str | None:
        """Return the opinion of those consulted: of the last quorate meeting, else of a clear response."""
        held = [f for f in self.record.all("meeting-held") if f["quorate"] and f.get("opinion")]
        return held[-1]["opinion"] if held else self.views.opinion

    def why_not_decide(self) -> str | None:
        """Return why no decision can be taken now, in a sentence that says what would mend it, or None.

        Report recs (i), (ii): determined *following* consultation; para 17: any exercise of the delegation
        needs an equality impact assessment; Equality Act 2010 s.149.
        """
        if self.decision is not None:
            return f"the case was decided on {date_in_london(self.decision.at):%-d %B %Y}, fact {self.decision.number}"
        if self.route is None:
            return "no route has been chosen; decide the route first (recommendations (i) and (ii))"
        if self.urgent is None and not self.feedback_closed:
            return self._why_feedback_is_open()
        if self.assessment is None:
            return (
                "no equality impact assessment or reasoned screening is attached (report para 17, Equality Act "
                "2010 s.149); attach one first"
            )
        return None

    def _why_feedback_is_open(self) -> str:
        waiting = [c for c in self.consultees if c.must_be_awaited]
        in_question = [c.role for c in waiting if c.standing is Standing.IN_QUESTION]
        if in_question:
            return (
                f"the letter to {', '.join(in_question)} is in question, so that time to answer has not begun; "
                "send it again, serve the papers another way, or excuse the consultee with reasons"
            )
        not_sent = [c.role for c in waiting if c.feedback_by is None]
        if not_sent:
            return f"the papers have not yet reached {', '.join(not_sent)}"
        closes = self.feedback_by
        until = f" until {closes._moment()}" if closes else ""
        return (
            f"feedback is open{until}: {', '.join(c.role for c in waiting)} can still answer. A decision is open "
            "once feedback has closed or the last answer is in (recommendations (i), (ii), para 10)"
        )

    # -- sending and after ---------------------------------------------------------------------------------

    @property
    def sent(self) -> Fact | None:
        """Return the fact that the representation was sent, or None; a letter that came back was not sent."""
        sent = self.record.last("representation-sent")
        if sent is None:
            return None
        letter = self.record.facts[sent["proof"] - 1].get("letter")
        since = self.record.facts[sent.number :]
        came_back = letter and any(f.kind == "letter-bounced" and f.get("letter") == letter for f in since)
        return None if came_back else sent

    @property
    def outcome(self) -> Fact | None:
        """Return how the application was determined, or None."""
        return self.record.last("outcome-recorded")

    @property
    def determined_without_us(self) -> bool:
        """Tell whether the application was determined before the Board's representation was sent (reg 26A)."""
        return self.outcome is not None and self.sent is None

    # -- what every case says ------------------------------------------------------------------------------

    @property
    def subject(self) -> str:
        """Return the applicant."""
        return self.notice.applicant

    @property
    def began_on(self) -> date:
        """Return the day on which notice was given."""
        return self.notice.given_on

    @property
    def responsible_officer(self) -> str:
        """Return the role that acts: the responsible officer, or the holder of the urgent route once it is named."""
        pharmacy = self.council.pharmacy
        return pharmacy.responsible_officer if self.urgent is None else pharmacy.urgent_decision_route.holder

    @property
    def signs(self) -> str:
        """Return the responsible officer, in whose name every letter is written."""
        return self.council.pharmacy.responsible_officer

    @property
    def must_be_done_by(self) -> Deadline | None:
        """Return the last day for the representation until it is sent."""
        return self.represent_by if self.sent is None else None

    @property
    def overdue(self) -> bool:
        """Tell whether a representation that must be made was not sent by its last day."""
        return self.sent is None and self.must_represent and self.represent_by.passed(self.now)

    def letter_values(self) -> Mapping[str, object]:
        """Return what any letter of an application may say: the application and its dates."""
        notice, addressee = self.notice, self.addressee
        return {
            "reference": notice.reference, "applicant": notice.applicant, "closing": notice.closing,
            "remaining": notice.remaining, "wards": [self.council.wards[ward].name for ward in notice.wards],
            "given_on": notice.given_on, "last_day": self.represent_by.last_day, "target": self.represent_by.target,
            "derivation": self.represent_by.in_words(), "capacity": notice.capacity,
            "addressee": self.council.title(addressee, self.today) if addressee else NOBODY,
            "paper": "the Health and Wellbeing Board's report of 26 July 2017",
        }  # fmt: skip

    def breaches(self) -> list[str]:
        """Return each breach that the record holds, in words."""
        late = [fact for fact in self.record.all("deadline-passed") if fact["name"] == "circulation"]
        found = ["circulation was late (report para 8)" for _ in late]
        for breach in self.record.all("breach-recorded"):
            if self.record.keyed(f"breach-withdrawn/{breach.number}") is None:
                whose = "Sch 2 para 19" if breach["statutory"] else "stated by the sender, day 45 follows"
                found.append(f"the last day for the representation was missed ({whose})")
        return found

    # -- all deadlines -------------------------------------------------------------------------------------

    def deadlines(self) -> list[tuple[Deadline, Status]]:
        """Return every deadline the case has had, with where it stands at `now`."""
        stage = str(self.route)
        first_circulated = next((f for f in self.record.all("circulated") if f["stage"] == stage), None)
        feedback = self.feedback_by
        found: list[tuple[Deadline | None, Fact | None, bool]] = [
            (self.route_as_it_ended, self._by_someone("route-decided"), False),
            (self.circulate_by, first_circulated, self.route is Route.NON_CONTENTIOUS),
            *((c.feedback_by, c.response, c.standing is Standing.EXCUSED) for c in self.consultees),
            (feedback and replace(feedback, name="feedback"), self._closed_early(), False),
            (self.represent_by, self.sent, False),
            (self.comments_by, self.record.last("comments-made"), False),
            (self.consolidate_by, self.record.last("consolidation-notified"), False),
        ]
        ended = self.withdrawn or self.closed
        return [
            (
                with_history(self.record, deadline),
                status_of(deadline, met, ended.at if ended else self.now, fell_away=away, ended=ended is not None),
            )
            for deadline, met, away in found
            if deadline is not None
        ]

    def _closed_early(self) -> Fact | None:
        closed = self.record.last("feedback-closed")
        return closed if closed is not None and not closed["silent"] else None

    def _by_someone(self, kind: str) -> Fact | None:
        return next((f for f in self.record.all(kind) if not f.get("by_default")), None)


def opinions_agree(decision: Opinion, group: str | None) -> bool | None:
    """Tell whether a decision follows those consulted; None where they had no common view."""
    return None if group is None else decision == group
