"""A grant in any order: verbs, deferrals, outages and power cuts; every run ends by name or waits for somebody by name.

PROPERTIES=deep looks at many more and longer stories.
"""

from __future__ import annotations

import os
from datetime import date, datetime, time, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from desk.rehearsal import council_named, stand_in_for_missing
from models.grant_stages import Asked
from models.grants import GrantCase
from models.london import LONDON, parse_day
from models.store import open_store
from tasks.drafting import morning_of
from tasks.forms import Refused
from tasks.verbs import perform
from tests.properties.replay import as_decided, replayed, turns_in
from tests.properties.trouble import Troubled
from tests.properties.world import FATES, MortalStore, World

DEEP = os.environ.get("PROPERTIES") == "deep"
REPLAYS = 40 if DEEP else 4
COUNCIL = council_named("southampton")
IDS = [
    "integration-board", "commissioning-partnership-board", "cabinet", "council", "health-and-wellbeing-board",
    "council-2018-19", "health-and-wellbeing-board-2018-19", "mayor",
]  # fmt: skip
reasons = st.sampled_from(["Because.", "Because.", "Zoë & <b>{{ 7 }}</b>", "", None])
days = st.sampled_from([0, 0, 0, -1, -7, -40, 1, 30])
outcomes = st.sampled_from(["agreed", "agreed", "agreed", "deferred", "refused", "noted"])
amounts = st.sampled_from([None, "£1,000", "£3,000", 1000, 3000, "£Xm"])


class GrantInAnyOrder(Troubled):
    """One grant, from its letter to wherever it gets."""

    @initialize(
        on=st.dates(date(2017, 4, 1), date(2027, 6, 30)),
        at=st.sampled_from([time(0, 0), time(9, 0), time(23, 59, 59)]),
        years=st.integers(1, 3), off_by=st.sampled_from([0, 0, 1]), short_by=st.sampled_from([0, 1]),
        ready_after=st.sampled_from([None, 0, 20]),
    )  # fmt: skip
    def announced(
        self, on: date, at: time, years: int, off_by: int, short_by: int, ready_after: int | None
    ) -> None:
        """A grant is announced, its sums right or wrong by a pound."""
        store = MortalStore(open_store("sqlite://")._engine)
        self.world = World(COUNCIL, datetime.combine(on, at, LONDON), store, "grant")
        names = [f"{on.year + n}/{(on.year + n + 1) % 100:02}" for n in range(years)]
        self.settled, self.cut_at = True, set[datetime]()
        self.world.notify(
            {"reference": "G-17", "title": "A grant", "letter_on": on, "total": 1000 * years + off_by,
             "years": dict.fromkeys(names, 1000), "schemes": {"One": 500, "Another": 500 - short_by},
             "ready_on": None if ready_after is None else on + timedelta(days=ready_after)}
        )  # fmt: skip

    # -- what happens --------------------------------------------------------------------------------------

    @rule(pick=st.integers(0, 99), settle=st.booleans())
    def the_next_thing_is_done(self, pick: int, settle: bool) -> None:
        """Somebody does what the case calls for, so that stories get further than chance would take them."""
        case = self.case
        if case.closed is not None or not case.open_stages:
            return
        stage = case.open_stages[pick % len(case.open_stages)]
        for name in case.unexplained:
            self._do("explain-difference", {"sum": name, "reasons": "Rounded."}, settle=False)
        if case.assessment is None and stage.asked is Asked.RATIFY:
            self._do("attach", {"kind": "equality-screening", "reasons": "Nobody loses."}, settle=False)
        meets_on, papers = case.meeting_on(stage), case.papers_by(stage)
        if meets_on is not None and meets_on > case.today:
            self.world.live(lambda: self.world.advance_to(datetime.combine(meets_on, time(12), LONDON)))
            self._settle()
        self._do("record-stage", {"stage": stage.id, "outcome": "agreed", "amount": stage.amount, "minute": "M/1",
                                  "held_on": meets_on, "papers_on": papers and papers.last_day},
                 settle=settle)  # fmt: skip

    @rule(
        fields=st.fixed_dictionaries(
            {"stage": st.sampled_from(IDS), "outcome": outcomes, "amount": amounts, "minute": st.just("M/2"),
             "held_on": days, "papers_on": st.sampled_from([None, -1, -20, 2]), "reasons": reasons,
             "to": st.sampled_from([None, 0, 1, 2, 90])}
        ),
        settle=st.booleans(),
    )  # fmt: skip
    def a_body_does_something(self, fields: dict[str, Any], settle: bool) -> None:
        """An officer records whatever of whomever, in its turn or out of it."""
        told = dict(fields)
        stage = self.case.stage_named(told["stage"])
        for name in ("held_on", "papers_on"):
            told[name] = None if told[name] is None else self.case.today + timedelta(days=told[name])
        if told["to"] is not None and stage is not None:
            later = [day for day in COUNCIL.body(stage.body).meetings if day > self.case.today]
            told["to"] = later[told["to"]] if told["to"] < len(later) else self.case.today
        self._do("record-stage", told, settle=settle)

    @rule(name=st.sampled_from(["years", "schemes", "x"]), why=reasons)
    def a_difference_is_explained(self, name: str, why: str | None) -> None:
        """Whether there is one or not."""
        self._do("explain-difference", {"sum": name, "reasons": why}, settle=True)

    @rule(kind=st.sampled_from(["equality-screening", "letter", "application"]), why=reasons)
    def something_is_attached(self, kind: str, why: str | None) -> None:
        """What belongs to the case, and what does not."""
        file = None if "screening" in kind else "a.pdf"
        self._do("attach", {"kind": kind, "reasons": why, "file": file}, settle=True)

    @precondition(lambda self: self.world.record.head > 25)
    @rule(sure=st.integers(0, 9), settle=st.booleans())
    def it_is_withdrawn(self, sure: int, settle: bool) -> None:
        """Not in every story."""
        if sure == 7:
            self._do("withdraw", {"reasons": "Withdrawn."}, settle=settle)

    @rule(days=st.sampled_from([30, 200]))
    def months_pass(self, days: int) -> None:
        """To the budgets of the later years."""
        target = self.world.clock.now() + timedelta(days=days)
        self.world.live(lambda: self.world.advance_to(target))
        self._settle()

    @rule(role=st.sampled_from(["cabinet", "service-director-adults", "board-chair"]), fate=st.sampled_from(FATES))
    def mail_changes(self, role: str, fate: str) -> None:
        """From now on, letters to this office meet with this."""
        person = COUNCIL.holder_or_none(role, self.case.today)
        if person is not None:
            self.world.mail.moods[person.email] = fate

    # -- what always holds ---------------------------------------------------------------------------------

    @invariant()
    def nobody_agrees_out_of_order_or_for_another_amount(self) -> None:
        """001:4017, 4042-4045: each body after those before it, for what it was asked, once."""
        case = self.case
        seen: dict[str, str] = {}
        for fact in self.world.record.all("stage-agreed"):
            stage = case.stage_named(fact["stage"])
            assert stage is not None
            assert fact["stage"] not in seen
            assert fact["pounds"] == stage.amount
            assert all(seen.get(each, "9") <= fact["held_on"] for each in stage.after)
            seen[fact["stage"]] = fact["held_on"]

    @invariant()
    def each_body_acts_at_a_meeting_that_was_made_known(self) -> None:
        """001:294, 4042-4045: on a published day, or with notice; after a deferral not before the later meeting."""
        put_off: dict[str, str] = {}
        for fact in self.world.record.facts:
            if fact.kind not in ("stage-agreed", "stage-refused", "deferred"):
                continue
            stage = self.case.stage_named(fact["stage"])
            assert stage is not None
            assert fact["special_notice_on"] or parse_day(fact["held_on"]) in COUNCIL.body(stage.body).meetings
            assert fact["held_on"] >= put_off.get(stage.id, "")
            if fact.kind == "deferred":
                put_off[stage.id] = fact["next_on"]

    @invariant()
    def nothing_is_ratified_over_figures_that_nobody_explained(self) -> None:
        """001:4007-4012, 4136-4246: not a pound is passed in silence."""
        case = self.case
        for fact in self.world.record.all("stage-agreed"):
            before = GrantCase(self.world.record.until(fact.number - 1), COUNCIL, fact.at)
            order = list(Asked).index(Asked(fact["asked"]))
            assert "years" not in before.unexplained or order < list(Asked).index(Asked.ACCEPT)
            assert "schemes" not in before.unexplained or order < list(Asked).index(Asked.RATIFY)
        assert case.assessment is not None or not case.ratified

    @invariant()
    def nothing_follows_a_refusal(self) -> None:
        """A refusal stops the chain: after it nobody is asked, and nothing is planned."""
        refused = self.world.record.all("stage-refused")
        assert len(refused) <= 1
        for fact in refused:
            after = {each.kind for each in self.world.record.facts[fact.number :]}
            assert not after & {"stage-agreed", "stage-refused", "deferred", "meeting-planned"}

    @invariant()
    def meetings_ahead_are_in_order_and_published(self) -> None:
        """What is planned comes after what it waits for, on a day that the council has published."""
        case = self.case
        if not self.settled or case.closed is not None:
            return
        for stage in case.undecided:
            on = case.meeting_on(stage)
            before = [case.meeting_on(each) for each in case.stages if each.id in stage.after]
            if on is not None and on > case.today:
                assert on in COUNCIL.body(stage.body).meetings
                assert all(day is not None and day < on for day in before)

    @invariant()
    def it_ends_by_name_or_waits_for_somebody_by_name(self) -> None:
        """After a turn a case is closed with a named outcome, or waits for a meeting ahead or an officer by title."""
        if not self.settled:
            return
        summary, case, now = self.world.summary, self.case, self.world.clock.now()
        if summary.outcome is not None:
            ended = summary.outcome.removeprefix("ratified; ")
            assert ended in ("ratified", "withdrawn") or ended.startswith("refused by ")
            return
        assert case.withdrawn is None
        assert case.refusal is None
        assert summary.awaiting.startswith("Awaiting ")
        if summary.until is None and not case.unrecorded:
            assert summary.awaiting.startswith("Awaiting a meeting date")
            assert summary.due_at is not None
        if summary.awaiting.startswith("Awaiting officer"):
            assert COUNCIL.title(case.responsible_officer, case.today) in summary.message
        for stage in case.unrecorded:
            on = case.meeting_on(stage)
            assert on is not None
            if now >= morning_of(on + timedelta(days=1)):
                assert any(
                    (fact["stage"], parse_day(fact["met_on"])) == (stage.id, on)
                    for fact in self.world.record.all("deadline-passed")
                )

    def teardown(self) -> None:
        """The record alone decides: run again from anywhere in it, the flow does what it did."""
        if not hasattr(self, "world"):
            return
        self._settle()
        assert replayed(self.world.record, COUNCIL, self.world.clock.now()) == ([], {})
        rounds = [turn for turn in turns_in(self.world.record) if turn and turn[0].at not in self.cut_at]
        for turn in rounds[:: max(1, len(rounds) // REPLAYS)]:
            before = self.world.record.until(turn[0].number - 1)
            facts, _ = replayed(before, COUNCIL, turn[0].at)
            assert as_decided(facts) == as_decided(turn)
        self.world.store.close()

    # -- how -----------------------------------------------------------------------------------------------

    @property
    def case(self) -> GrantCase:
        """Return the case as it stands."""
        case = self.world.case
        assert isinstance(case, GrantCase)
        return case

    def _do(self, verb: str, fields: dict[str, Any], *, settle: bool) -> None:
        world = self.world
        given = {name: value for name, value in fields.items() if value is not None}
        head = world.record.head
        try:
            perform(world.office, world.case_ref, verb, given, channel="test", read_file=stand_in_for_missing)
        except Refused:
            assert world.record.head == head, "a refusal changed the record"
            return
        self.settled = False
        if settle:
            self._settle()

TestGrantInAnyOrder = GrantInAnyOrder.TestCase
TestGrantInAnyOrder.settings = settings(
    max_examples=300 if DEEP else 8,
    stateful_step_count=50 if DEEP else 25,
    phases=tuple(Phase) if DEEP else (Phase.explicit, Phase.reuse, Phase.generate),  # a long story shrinks slowly
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
