"""Whatever is recorded in whatever order: never compliant without every signature, and every run ends or waits."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from story_better_care import CHAIR, DIRECTOR, PlanOffice

from models.better_care_words import Basis
from models.council import Council, load_council
from models.facts import Record
from models.london import date_in_london
from tasks.forms import Refused

COUNCIL: Council = load_council("southampton")
ENDS = {"carried out", "directed by NHS England", "withdrawn"}
FIRST = date(2017, 7, 26)

SIGNATURES = st.fixed_dictionaries(
    {
        "signatory": st.sampled_from(["board", "council", "nhs"]),
        "manner": st.sampled_from([None, "resolution", "delegation", "chair-support", "in-person"]),
        "answer": st.sampled_from(["signed", "signed", "signed", "refused"]),
        "signed_by": st.sampled_from([None, None, CHAIR, DIRECTOR]),
        "authority": st.just("minute"),
    }
)
ROUTES = st.one_of(
    st.fixed_dictionaries({"route": st.sampled_from(["delegated-approval", "chair-support"]), "reasons": st.just("x")}),
    st.fixed_dictionaries(
        {"route": st.just("special-meeting"), "reasons": st.just("x"), "meets_on": st.just("2017-09-07")}
    ),
)
VERBS: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    st.tuples(st.just("sign-off"), SIGNATURES),
    st.tuples(st.just("sign-off"), SIGNATURES),
    st.tuples(st.just("choose-board-route"), ROUTES),
    st.tuples(st.just("give-meeting-notice"), st.just({})),
    st.tuples(st.just("meet-condition"), st.fixed_dictionaries(
        {"condition": st.just("joint-plan"), "evidence": st.just("x"), "met": st.booleans()})),
    st.tuples(st.just("attach"), st.sampled_from([{"words": "The plan, revised."}, {"words": "It is £XX."}])),
    st.tuples(st.just("submit"), st.sampled_from([{"proof": "x"}, {"proof": "x", "despite": "The day."}])),
    st.tuples(st.just("record-assurance"), st.sampled_from(
        [{"outcome": "approved"}, {"outcome": "not-approved", "reasons": "x"},
         {"outcome": "approved-with-conditions", "conditions": "x"}])),
    st.tuples(st.just("send-evidence"), st.just({"evidence": "x", "proof": "x"})),
    st.tuples(st.just("record-panel"), st.fixed_dictionaries(
        {"outcome": st.sampled_from(["approved", "revise", "directed"]), "reasons": st.just("x")})),
    st.tuples(st.just("record-section-75"), st.just({"reference": "x"})),
    st.tuples(st.just("withdraw"), st.just({"reasons": "x"})),
)  # fmt: skip
STEPS = st.lists(st.tuples(st.integers(0, 12), VERBS), min_size=4, max_size=22)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, ready=st.booleans())
def test_no_order_of_signatures_makes_a_plan_compliant_without_all_of_them(
    steps: list[tuple[int, tuple[str, dict[str, Any]]]], ready: bool
) -> None:
    """P07, P08: compliant means every signature, on the version that was sent; every run ends by name or waits."""
    with tempfile.TemporaryDirectory() as folder:
        plan = PlanOffice(COUNCIL, Path(folder))
        plan.receives()
        plan.agrees_a_delegate()
        if ready:
            plan.is_ready_to_sign(on="2017-07-26")
        today = FIRST
        for days, (verb, fields) in steps:
            today += timedelta(days=days)
            _try(plan, verb, fields, today)
            _check_rest(plan)
        plan.waits_until("2018-02-01")
        _check_submissions(plan.playing.record)
        _check_rest(plan)
        plan.is_sound()


def _try(plan: PlanOffice, verb: str, fields: dict[str, Any], today: date) -> None:
    with suppress(Refused):
        if verb == "attach":
            plan.attaches("narrative-plan", fields["words"], on=today.isoformat())
        else:
            plan.does(verb, on=today.isoformat(), **fields)


def _check_submissions(record: Record) -> None:
    """Check each submission against the record as it stood before it, by looking at the signatures alone."""
    for sent in record.all("submitted"):
        before = [fact for fact in record.facts[: sent.number - 1] if fact.kind in ("signed-off", "sign-off-refused")]
        own = [fact for fact in before if fact["version"] == sent["version"] and fact["manner"] != "chair-support"]
        delegated = {fact["signatory"]: fact.kind for fact in own if fact["manner"] == "delegation"}
        themselves = {fact["signatory"]: fact.kind for fact in own if fact["manner"] != "delegation"}
        newest = {**delegated, **themselves}
        signed = {signatory for signatory, kind in newest.items() if kind == "signed-off"}
        assert sent["compliant"] == (sent["basis"] == Basis.COMPLIANT)
        if sent["compliant"]:
            assert signed == {"board", "council", "nhs"}
            assert not sent["lacking"]
        if sent["basis"] == Basis.CHAIR_SUPPORT:
            assert signed == {"council", "nhs"}
        assert sent["basis"] != Basis.BOARD_TO_FOLLOW, "the period of 2017 does not allow it"
        assert sent["late"] == (sent["reached_on"] > "2017-09-11")
    for earlier, later in pairwise(record.all("submitted")):
        assert earlier.number < later.number


def _check_rest(plan: PlanOffice) -> None:
    """Check that a run has ended by a known name, or waits under one for a day or a person that its message tells."""
    summary = plan.playing.summary
    if summary.outcome is not None:
        assert summary.outcome in ENDS
        return
    assert summary.awaiting.startswith("Awaiting ")
    assert summary.message
    if summary.until is not None:
        assert date_in_london(summary.until) >= date_in_london(plan.playing.clock.now())
