"""Officers publish, consent, decide, call in, correct and withdraw in any order: nothing is implemented too early."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from story_key_decision import CABINET, FIELDS, Office, check

from desk.rehearsal import council_named
from models import executive_notices
from models.calendars import calendar_named
from models.executive_words import CallInOutcome
from models.facts import Fact, Record
from models.london import LONDON, date_in_london
from tasks.forms import Refused

EXAMPLES = 200 if os.environ.get("PROPERTIES") == "deep" else 40
COUNCIL = council_named("southampton")
BEGINS = date(2017, 12, 1)  #: Christmas lies ahead
CALENDAR = calendar_named("england-and-wales")
OFFICES = ("scrutiny-chair", "council-chair", "council-vice-chair", "board-chair")

ago = st.sampled_from([0, 0, 0, 0, 1, 4])
WHAT = (
    "key-decision", "general-exception", "private-meeting", "private-meeting-second", "agenda", "added-item",
    "reasons-notice", "decision-notice", "decision-notice",
)  # fmt: skip


def acts() -> st.SearchStrategy[tuple[str, dict[str, Any], int]]:
    """Any verb with fields that may or may not do, and for dated ones how many days ago it happened."""
    said = {"reasons": st.just("As told.")}
    notice = {"what": st.sampled_from(WHAT), **said, "representations": st.just("None were received.")}
    return st.one_of(
        st.tuples(st.just("publish"), st.fixed_dictionaries(notice), ago),
        st.tuples(st.just("sign"), st.fixed_dictionaries({
            "capacity": st.sampled_from(["decision-maker", "proper-officer"])}), st.just(0)),
        st.tuples(st.just("decide-item"), st.fixed_dictionaries({
            "outcome": st.sampled_from(["agreed", "agreed", "agreed", "not-agreed"]),
            "in_private": st.sampled_from([False, False, True])}), st.integers(0, 2)),
        st.tuples(st.just("consent-urgency"), st.fixed_dictionaries({
            "asked": st.sampled_from(OFFICES), "answer": st.sampled_from(["agreed", "refused", "unable-to-act"]),
            "matter": st.sampled_from(["key-decision", "private-meeting", "call-in"]), **said}), st.just(0)),
        st.tuples(st.just("call-in"), st.fixed_dictionaries({"called_in_by": st.just("three members"), **said}), ago),
        *[st.tuples(st.just("resolve-call-in"), st.fixed_dictionaries({
            "outcome": st.sampled_from([str(outcome) for outcome in CallInOutcome]),
            "decision": st.just("As it reads now."), **said}), ago)] * 3,
        st.tuples(st.just("correct-publication"), st.fixed_dictionaries({
            "fact": st.integers(0, 40), "evidence": st.just("web log"), **said}), ago),
        st.tuples(st.just("correct-decision"), st.fixed_dictionaries({
            "pounds": st.sampled_from([1_000, 499_999, 500_000]), **said}), st.just(0)),
        st.tuples(st.just("move-decision"), st.just({"reasons": "As told."}), st.integers(-40, 0)),
    )  # fmt: skip


DATED = {"publish": "published_on", "decide-item": "decided_on", "call-in": "called_in_on",
         "resolve-call-in": "resolved_on", "correct-publication": "published_on", "move-decision": "to"}  # fmt: skip

LAWFUL: list[tuple[str, dict[str, Any], int]] = [
    ("publish", {"what": "key-decision", "reasons": "As told."}, 0),
    ("publish", {"what": "agenda", "reasons": "As told."}, 0),
    ("consent-urgency", {"asked": OFFICES[0], "answer": "agreed", "matter": "key-decision", "reasons": "Now."}, 0),
    ("decide-item", {"outcome": "agreed", "in_private": False}, 0),
    ("sign", {"capacity": "decision-maker"}, 0),
    ("sign", {"capacity": "proper-officer"}, 0),
    ("publish", {"what": "decision-notice"}, 0),
    ("call-in", {"called_in_by": "three members", "reasons": "As told."}, 0),
]
"""A beginning that is in order; the third does where notice came too late. The third and fourth happen on the day."""


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    ahead=st.integers(0, 45), private=st.booleans(), in_order=st.sampled_from([0, 2, 4, 6, 7, 7, 7, 8, 8, 8]),
    ends=st.sampled_from([False, False, False, True]),
    steps=st.lists(st.tuples(st.integers(0, 3), acts()), min_size=8, max_size=25),
)  # fmt: skip
def test_never_implementable_before_call_in_expired_or_was_disposed_of(
    ahead: int, private: bool, in_order: int, ends: bool, steps: list[tuple[int, tuple[str, dict[str, Any], int]]]
) -> None:
    """P28, 000:273-276, SI 2012/2089 regs 5-13: no decision without its right, none acted on early."""
    office = Office(COUNCIL)
    more = {"private": True, "private_reasons": "Paragraph 3."} if private else {}
    decide_on = (BEGINS + timedelta(days=ahead)).isoformat()
    office.enters(on=BEGINS.isoformat(), decide_on=decide_on, **{**CABINET, **more})
    withdrawn = [(3, ("withdraw", {"reasons": "As told."}, 0))] if ends else []
    for number, act in enumerate(LAWFUL[:in_order]):
        play(office, [(ahead if number == 2 else 0, act)])
    play(office, [*steps, *withdrawn])
    office.playing.advance_to(office.playing.clock.now() + timedelta(days=60))
    check(office)
    check_record(office.playing.record)
    assert office.outcome or office.waits_for()[0].startswith(("Awaiting", "Standing still"))


def play(office: Office, steps: list[tuple[int, tuple[str, dict[str, Any], int]]]) -> None:
    """Let days pass and do each thing; what is refused is refused."""
    for days, (verb, fields, ago_days) in steps:
        now = office.playing.clock.now().astimezone(LONDON)
        office.playing.advance_to(datetime.combine(now.date() + timedelta(days=days), time(12), LONDON)
                                  + timedelta(seconds=office.playing.record.head))  # fmt: skip
        given_fields = {**FIELDS, **fields} if verb == "decide-item" else dict(fields)
        dated = [fact.number for fact in office.playing.record if fact.kind in executive_notices.DATED]
        if verb == "correct-publication" and dated:
            given_fields["fact"] = dated[-1 - fields["fact"] % len(dated)]
        if verb in DATED:
            on = office.playing.clock.now().astimezone(LONDON).date() - timedelta(days=ago_days)
            given_fields[DATED[verb]] = on.isoformat()
        with suppress(Refused):
            office.playing.do(verb, **given_fields)


def check_record(record: Record) -> None:
    """Check a record by reckoning of its own: the decision's right, and the day of implementation."""
    decided = record.first("decided") or record.first("declined")
    implementable = record.all("implementable")
    late = [fact.number for fact in record.all("called-in")]
    for before, again in pairwise(implementable):
        assert any(before.number < number < again.number for number in late), "implementable twice, and not stopped"
    assert not (record.first("decided") and record.first("declined"))
    if decided is not None:
        check_right(record, decided)
    for fact in implementable:
        assert record.first("decided") is not None
        check_not_early(record.until(fact.number - 1), fact)


def check_right(record: Record, decided: Fact) -> None:
    """Check that a key decision was noticed, excepted, or agreed to be urgent; and its papers open for 5 clear days."""
    before, on = record.until(decided.number - 1), date.fromisoformat(decided["decided_on"])
    if decided["key"]:
        noticed = any(day + timedelta(days=29) <= on for day in days_of(before, "notice-published"))
        excepted = any(clear_working_days(day, on) >= 5 for day in days_of(before, "exception-notified"))
        agreed = [f for f in before.all("urgency-consented") if f["matter"] == "key-decision"]
        assert noticed or excepted or agreed
    papers = [*days_of(before, "agenda-published"), *days_of(before, "item-added")]
    assert any(clear_working_days(day, on) >= 5 for day in papers)
    if decided["in_private"]:
        first = any(day + timedelta(days=29) <= on for day in days_of(before, "private-notice-published"))
        earliest = min(days_of(before, "private-notice-published"), default=on)
        seconds = days_of(before, "second-private-notice-published")
        again = any(day > earliest and clear_working_days(day, on) >= 5 for day in seconds)
        agreed = [f for f in before.all("urgency-consented") if f["matter"] == "private-meeting"]
        assert (first and again) or agreed


def check_not_early(before: Record, implementable: Fact) -> None:
    """Check that call-in had expired, was disposed of or not to be had when a decision became implementable."""
    on = date_in_london(implementable.at)
    decided, resolved = before.first("decided"), before.last("call-in-resolved")
    assert decided is not None
    if not decided["key"]:
        return
    published = days_of(before, "decision-published")
    assert published, "implementable without publication"
    assert {f["capacity"] for f in before.all("signed")} == {"decision-maker", "proper-officer"}
    if before.first("called-in"):
        assert resolved is not None
        assert resolved["outcome"] in ("decision-stands", "confirmed", "amended")
        if resolved["outcome"] == "amended":
            assert before.all("decision-published")[-1].number > resolved.number
    elif not any(f["matter"] == "call-in" for f in before.all("urgency-consented")):
        assert clear_working_days(published[-1], on) >= 5, f"published {published[-1]}, implementable {on}"
        assert CALENDAR.is_working_day(on)


def days_of(record: Record, kind: str) -> list[date]:
    """Return the days on which things of a kind were published in truth, in the order of their facts."""
    found = []
    for fact in record.all(kind):
        day = fact["published_on"]
        for correction in record.all("publication-corrected"):
            day = correction["published_on"] if correction["fact"] == fact.number else day
        found.append(date.fromisoformat(day))
    return found


def clear_working_days(first: date, last: date) -> int:
    """Count the working days strictly between two days, one by one."""
    between = (first + timedelta(days=n) for n in range(1, (last - first).days))
    return sum(CALENDAR.is_working_day(day) for day in between)
