"""Officers do anything in any order, at any hour, while mail and power fail: what must hold then, holds.

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
from models.clock_facts import MOVES_DATES, corrected
from models.clock_facts import entries as entries_of
from models.consultation import Standing
from models.documents import ASSESSMENTS
from models.ledger import Ledger
from models.london import LONDON
from models.pharmacy import PharmacyCase
from models.pharmacy_words import FEEDBACK, Route
from models.store import open_store
from tasks.forms import Refused
from tasks.verbs import perform
from tests.properties.replay import as_decided, replayed, turns_in
from tests.properties.trouble import Troubled
from tests.properties.world import FATES, MortalStore, World

DEEP = os.environ.get("PROPERTIES") == "deep"
REPLAYS = 40 if DEEP else 6
COUNCIL = council_named("southampton")
WARDS = sorted(COUNCIL.wards)
CONSULTED = [
    "board-chair", "cabinet-member-health", "board-member-council", "board-member-icb", "icb", "public-health-team",
    "planning-policy-team", "scrutiny-chair", "healthwatch", "addressee",
]  # fmt: skip

words = st.sampled_from(["Because.", "O’Brien & <b>{{ 7 * 7 }}</b>", "Zoë\u2028\x00", "long " * 400, "", None, 7])
reasons = st.sampled_from(["Because.", "Because.", "Because.", "", "{% raw %}"])
roles = st.sampled_from([*CONSULTED, *CONSULTED, "nobody", "ward-members", "director-of-public-health", ""])
GROUP = ["director-of-public-health", "board-chair", "healthwatch"]
PAPERS = ["application", "application", "equality-screening", "equality-impact-assessment"]
days_ago = st.sampled_from([0, 0, 0, 1, 14, 400, -1])
opinions = st.sampled_from(["gap", "no-gap", "gap", "no-gap", "maybe"])


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these fields, most often all of them."""
    left_out = st.sampled_from([None, None, None, None, *fields])
    return st.tuples(st.fixed_dictionaries(fields), left_out).map(
        lambda drawn: {name: value for name, value in drawn[0].items() if name != drawn[1]}
    )


BEFORE = {
    "attach": some(
        kind=st.sampled_from([*PAPERS, "spatial-analysis", "other", "x"]),
        file=st.sampled_from([None, "paper.pdf"]), reasons=reasons, confidential=st.booleans(),
    ),
    "decide-route": some(
        route=st.sampled_from(["contentious", "contentious", "non-contentious", "other"]), reasons=reasons,
        chair_agrees=st.sampled_from([True, True, True, False]),
    ),
}  # fmt: skip
CONSULTING = {
    "respond": some(
        consultee=roles, opinion=st.sampled_from(["gap", "no-gap", "no-comment", "maybe"]), reasons=words,
        interest=st.sampled_from(["none", "none", "declared"]), interest_detail=words, received_at=days_ago,
    ),
    "meet": some(
        attended=st.lists(
            st.sampled_from(["director-of-public-health", "board-chair", "healthwatch", "icb", "nobody"]), max_size=4
        ),
        opinion=opinions, held_on=days_ago,
    ),
    "excuse": some(consultee=roles, reasons=reasons),
    "serve": some(consultee=roles, channel=st.sampled_from(["hand", "post", "pigeon"]), served_on=days_ago),
    "bounce": some(consultee=roles, text=words),
    "resend": some(consultee=roles, reasons=reasons),
    "settle": some(consultee=roles, fate=st.sampled_from(["received", "not-received", "x"]), reasons=reasons),
    "name-urgent-route": some(reasons=reasons),
}  # fmt: skip
DECIDING = {
    "decide": some(
        opinion=opinions, limb_a=words, wishes_oral_hearing=st.booleans(), departure_reasons=words,
        considered=st.dictionaries(roles, st.just("Weighed."), max_size=2),
    ),
}  # fmt: skip
AFTERWARDS = {
    "record-outcome": some(
        outcome=st.sampled_from(["granted", "granted", "refused", "x"]), reference=words, decided_on=days_ago
    ),
    "share-representations": some(shared_on=days_ago),
    "comment": some(text=words),
    "notify-hearing": some(hearing_on=st.sampled_from([0, -20, -3, 5]), notified_on=days_ago, venue=words),
    "record-hearing": some(held_on=days_ago, presented=st.booleans()),
    "record-consolidation": some(effective_on=days_ago),
    "extend-consolidation": some(reasons=reasons),
    "publish-statement": some(published_on=days_ago, where=words),
}
near = st.sampled_from([0, -1, -2, -3, -5, -9, 2])
own_clocks = st.sampled_from(["feedback", "feedback", "feedback", "circulation", "comments", "representation", "route"])
MOVING = {
    "extend": some(
        clock=own_clocks, count=st.sampled_from([1, 2, 7, None]), until=st.sampled_from([None, None, -4, -20]),
        unit=st.sampled_from(["days", "days", "working days", "weeks"]), consultee=st.sampled_from([None, "icb", "x"]),
        reasons=reasons,
    ),
    "suspend": some(clock=own_clocks, starts_on=near, until=near, consultee=st.sampled_from([None, "healthwatch"]),
                    reasons=reasons),
    "resume": some(resumed_on=near, reasons=reasons),
    "correct-notice": some(
        given_at=st.sampled_from([1, 2, 13, 30, 46, 90, None]), stated_deadline=st.sampled_from([None, None, -9, -40]),
        evidence=reasons, reasons=reasons,
    ),
    "retract": some(fact=st.integers(1, 60), reasons=reasons),
    "circulate-again": some(reasons=reasons),
    "consult-also": some(consultee=st.sampled_from(["board-member-nhs-trust", "icb", "nobody"]), reasons=reasons),
}  # fmt: skip
INSTANTS = {"received_at", "given_at"}
DAYS = {
    "held_on", "served_on", "decided_on", "shared_on", "hearing_on", "notified_on", "effective_on", "published_on",
    "starts_on", "until", "resumed_on", "stated_deadline",
}  # fmt: skip


def acts(verbs: dict[str, st.SearchStrategy[dict[str, Any]]]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """One of these verbs, with fields."""
    return st.sampled_from(sorted(verbs)).flatmap(lambda verb: st.tuples(st.just(verb), verbs[verb]))


def an_answer(case: PharmacyCase, pick: int) -> tuple[str, dict[str, Any]] | None:
    """Return a response that somebody who was asked could give now, if anybody was."""
    asked = [line.role for line in case.consultees if line.standing is Standing.ASKED]
    if not asked or case.closed is not None:
        return None
    opinion = ("gap", "gap", "gap", "no-gap", "no-comment")[pick % 5]
    return "respond", {"consultee": asked[pick % len(asked)], "opinion": opinion, "interest": "none"}


def next_act(case: PharmacyCase, pick: int) -> tuple[str, dict[str, Any]] | None:
    """Return what an officer who knows the procedure would do now, if there is anything."""
    if case.closed is not None:
        return None
    if case.assessment is None:
        return "attach", {"kind": "equality-screening", "reasons": "Nobody loses access."}
    if case.missing_papers:
        return "attach", {"kind": "application", "file": "application.pdf"}
    if case.route is None:
        return "decide-route", {"route": "contentious", "reasons": "It divides opinion.", "chair_agrees": True}
    if case.why_not_decide() is None:
        return "decide", {"opinion": ("gap", "no-gap")[pick % 2], "wishes_oral_hearing": pick % 3 == 0}
    if case.decision is None:
        return an_answer(case, pick) or (
            "meet",
            {"attended": ["director-of-public-health", "board-chair", "healthwatch"]},
        )
    if case.sent is not None and case.outcome is None:
        return "record-outcome", {"outcome": ("granted", "granted", "refused")[pick % 3]}
    if case.outcome is not None:
        return ("record-consolidation", {"effective_on": 0}) if pick % 2 else ("publish-statement", {"published_on": 0})
    return "resend", {"consultee": "addressee", "reasons": "It came back."}


class AnyOrder(Troubled):
    """One application, from its notice to wherever it gets."""

    @initialize(
        on=st.dates(date(2017, 1, 2), date(2027, 6, 30)),
        at=st.sampled_from([time(0, 0), time(0, 30), time(9, 15), time(23, 59, 59), time(23, 30)]),
        entered_after=st.sampled_from([0, 0, 0, 1, 13, 14, 45, 46, 60]),
        capacity=st.sampled_from(["relevant", "relevant", "relevant", "neighbouring"]),
        stated=st.sampled_from([None, None, 45, 30, 10, 0, 60]),
        wards=st.lists(st.sampled_from(WARDS), min_size=1, max_size=2, unique=True),
        prepared=st.sampled_from(["contentious", "contentious", "non-contentious", None]),
    )
    def notice(
        self, on: date, at: time, entered_after: int, capacity: str, stated: int | None, wards: list[str],
        prepared: str | None,
    ) -> None:  # fmt: skip
        """A notice is entered, perhaps long after it was given."""
        given_at = datetime.combine(on, at, LONDON)
        store = MortalStore(open_store("sqlite://")._engine)
        self.world = World(COUNCIL, given_at + timedelta(days=entered_after), store)
        self.cut_at: set[datetime] = set()
        self.settled = True
        self.world.notify(
            {"reference": "CAS-17", "given_at": given_at, "capacity": capacity, "applicant": "A Ltd",
             "closing": "1 Low Street", "remaining": "2 High Street", "wards": wards,
             "stated_deadline": None if stated is None else on + timedelta(days=stated)}
        )  # fmt: skip
        if prepared is not None:
            self._do("attach", {"kind": "application", "file": "application.pdf"}, settle=False)
            self._do("attach", {"kind": "equality-screening", "reasons": "Nobody loses access."}, settle=False)
            self._do("decide-route", {"route": prepared, "reasons": "So it is.", "chair_agrees": True}, settle=True)

    # -- what happens --------------------------------------------------------------------------------------

    @rule(pick=st.integers(0, 99), settle=st.booleans())
    def the_next_thing_is_done(self, pick: int, settle: bool) -> None:
        """Somebody does what the case calls for, so that stories get further than chance would take them."""
        act = next_act(self.world.case, pick)
        if act is not None:
            self._do(*act, settle=settle)

    @rule(picks=st.lists(st.integers(0, 99), min_size=2, max_size=6))
    def several_answer(self, picks: list[int]) -> None:
        """Some of those asked answer, all the same or not."""
        for pick in picks:
            act = an_answer(self.world.case, pick)
            if act is not None:
                self._do(*act, settle=False)
        self._settle()

    @rule(act=acts(BEFORE), settle=st.booleans())
    def prepare(self, act: tuple[str, dict[str, Any]], settle: bool) -> None:
        """An officer attaches something or decides the route."""
        self._do(*act, settle=settle)

    @rule(act=acts(CONSULTING), settle=st.booleans())
    def consult(self, act: tuple[str, dict[str, Any]], settle: bool) -> None:
        """Somebody answers, a meeting is held, a letter is seen to."""
        self._do(*act, settle=settle)

    @rule(act=acts(MOVING), settle=st.booleans())
    def dates_move(self, act: tuple[str, dict[str, Any]], settle: bool) -> None:
        """A time is extended or stands, the notice is corrected, papers go out anew, or an entry is taken back."""
        self._do(*act, settle=settle)

    @rule(act=acts(DECIDING), settle=st.booleans())
    def decide(self, act: tuple[str, dict[str, Any]], settle: bool) -> None:
        """Somebody tries to decide."""
        self._do(*act, settle=settle)

    @rule(act=acts(AFTERWARDS), settle=st.booleans())
    def afterwards(self, act: tuple[str, dict[str, Any]], settle: bool) -> None:
        """News from NHS England, in or out of season."""
        self._do(*act, settle=settle)

    @precondition(lambda self: self.world.record.head > 30)
    @rule(reason=reasons, sure=st.integers(0, 9))
    def withdraw(self, reason: str, sure: int) -> None:
        """The applicant withdraws; not in every story."""
        if sure == 7:
            self._do("withdraw", {"reasons": reason}, settle=False)

    @rule(role=st.sampled_from([*CONSULTED, "nhs-england"]), fate=st.sampled_from(FATES))
    def mail_changes(self, role: str, fate: str) -> None:
        """From now on, letters to this office meet with this."""
        with self.world.store.reading() as reading:
            letters = reading.letters(self.world.case_ref)
        for address in {each.draft.address for each in letters if each.draft.recipient == role}:
            self.world.mail.moods[address] = fate

    def _do(self, verb: str, fields: dict[str, Any], *, settle: bool) -> None:
        world = self.world
        now = world.clock.now()
        for name in (name for name in DAYS & fields.keys() if fields[name] is not None):
            fields[name] = (world.case.today - timedelta(days=fields[name])).isoformat()
        for name in (name for name in INSTANTS & fields.keys() if fields[name] is not None):
            fields[name] = now - timedelta(days=fields[name])
        if verb == "retract" and fields.get("fact") and world.record.head:
            moved = [fact.number for fact in world.record if fact.kind in MOVES_DATES]
            fields["fact"] = moved[fields["fact"] % len(moved)] if moved else fields["fact"]
        request = f"{verb} {world.record.head}"
        head = world.record.head
        try:
            done = perform(world.office, world.case_ref, verb, fields, channel="test", request=request,
                           read_file=stand_in_for_missing)  # fmt: skip
        except Refused:
            assert world.record.head == head, "a refusal changed the record"
            return
        again = perform(world.office, world.case_ref, verb, fields, channel="test", request=request,
                        read_file=stand_in_for_missing)  # fmt: skip
        assert again.fact == done.fact, "the same request was recorded twice"
        self.settled = False
        if settle:
            self._settle()

    # -- what must hold ------------------------------------------------------------------------------------

    @invariant()
    def the_last_day_does_not_pass_in_silence(self) -> None:
        """Once a turn was taken after a last day: received in time, determined by then, or the breach is on record."""
        case = self.world.case
        if not self.settled or not case.must_represent or case.withdrawn:
            return
        looked_last_at = case.now if case.closed is None else case.closed.at
        passed = [last.last_day.isoformat() for last in case.last_days if last.passed(looked_last_at)]
        if not passed:
            return
        received = case.sent is not None and case.sent["reached_on"] <= passed[-1]
        determined = case.outcome is not None and case.outcome["decided_on"] <= passed[-1]
        withdrawn = {fact["breach"] for fact in case.record.all("breach-withdrawn")}
        breaches = [fact for fact in case.record.all("breach-recorded") if fact["last_day"] == passed[-1]]
        stands = any(fact.number not in withdrawn for fact in breaches)
        assert received or determined or stands
        assert not (received and stands), "a breach stands that was none"

    @invariant()
    def what_the_law_sets_moves_with_the_notice_alone(self) -> None:
        """Day 45 is 45 days after the notice as it is known now; no consultee has more than the council allows."""
        case = self.world.case
        assert case.computed_represent_by.last_day == case.notice.given_on + timedelta(days=45)
        most = COUNCIL.local_policy.extension_days.value
        assert case.circulate_by.last_day <= case.notice.given_on + timedelta(days=14 + most["circulation"])
        for line in case.consultees:
            if line.feedback_by is not None and line.clock_started_on is not None:
                assert 14 <= (line.feedback_by.last_day - line.clock_started_on).days <= 14 + most["feedback"]

    @invariant()
    def dates_do_not_depend_on_the_order_of_entries(self) -> None:
        """The same entries, recorded in the opposite order, come to the same days."""
        record = self.world.record
        entries = [*corrected(record, str), *entries_of(record, "feedback", str)]
        day, today = date(2017, 8, 4), self.world.case.today
        one, other = (Ledger(order).apply(FEEDBACK, day, name="x", event="y", today=today)
                      for order in (entries, entries[::-1]))  # fmt: skip
        assert one == other

    @invariant()
    def nothing_is_decided_before_its_time(self) -> None:
        """Not without an assessment, and not before feedback closed or the urgent route was named."""
        decided = self.world.record.all("decided")
        assert len(decided) <= 1
        for fact in decided:
            before = self.world.case_at(fact.number, fact.at)
            assert before.assessment is not None
            assert before.urgent is not None or before.feedback_closed

    @invariant()
    def nothing_is_circulated_as_contentious_without_what_paragraph_9_lists(self) -> None:
        """Paragraph 9: the application and the assessment go with the papers, and neither is confidential."""
        attached = [(fact["sha256"], fact["kind"]) for fact in self.world.record.all("document-attached")]
        for fact in self.world.record.all("circulated"):
            if fact["stage"] == Route.CONTENTIOUS:  # one file may have been attached under two names
                kinds = {kind for digest, kind in attached if digest in fact["papers"]}
                assert "application" in kinds
                assert kinds & set(ASSESSMENTS)

    @invariant()
    def the_route_is_only_ever_raised(self) -> None:
        """From non-contentious to contentious, never back."""
        routes = [fact["route"] for fact in self.world.record.all("route-decided")]
        assert routes in ([], ["contentious"], ["non-contentious"], ["non-contentious", "contentious"])

    def teardown(self) -> None:
        """The record alone decides: run again from anywhere in it, the flow does what it did."""
        if not hasattr(self, "world"):
            return
        self._settle()
        self._nothing_more_is_done_now()
        rounds = [turn for turn in turns_in(self.world.record) if turn]
        for turn in rounds[:: max(1, len(rounds) // REPLAYS)]:
            self._does_it_again(turn)
        self.world.store.close()

    def _nothing_more_is_done_now(self) -> None:
        facts, letters = replayed(self.world.record, COUNCIL, self.world.clock.now())
        assert (facts, letters) == ([], {})

    def _does_it_again(self, turn: list[Any]) -> None:
        letters_then = {letter.draft.key: letter.draft for letter in self.world.letters}
        for cut in sorted({0, len(turn) // 2, len(turn) - 1}):
            before = self.world.record.until(turn[cut].number - 1)
            if not before.facts:
                continue
            facts, letters = replayed(before, COUNCIL, turn[0].at)
            then, now = as_decided(turn[cut:]), as_decided(facts)
            assert now[: len(then)] == then
            if turn[0].at not in self.cut_at:
                assert len(now) == len(then)
            for fact in turn[cut:]:
                for key in (k for k in letters if k == fact.key or k.startswith(f"{fact.key}/")):
                    assert letters[key] == letters_then[key]


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=500 if DEEP else 8,
    stateful_step_count=60 if DEEP else 40,
    phases=tuple(Phase) if DEEP else (Phase.explicit, Phase.reuse, Phase.generate),  # a long story shrinks slowly
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
