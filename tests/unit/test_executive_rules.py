"""The rules of executive decisions by themselves: the key test, clear days in both readings, the way of a call-in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendars import calendar_named
from models.call_in import call_in_of
from models.council import load_council
from models.executive_notices import clear, covering, first_day_after, in_time, published_on
from models.executive_words import ENDS_AT, FOLLOWS, KEEP_PAPERS, KEEP_RECORD, CallInOutcome, CallInStage
from models.facts import FIRST_HASH, Record, make_fact
from models.key_test import Numbers, whether_key
from models.periods import first_working_day_after_clear

CALENDAR = calendar_named("england-and-wales")
SECTION = load_council("southampton").executive_decisions
assert SECTION is not None
NUMBERS = Numbers.of(SECTION)
NOW = datetime(2017, 7, 20, 11, tzinfo=UTC)
days = st.dates(date(2016, 6, 1), date(2026, 6, 1))


def record_of(*facts: tuple[str, dict[str, Any]]) -> Record:
    """Return a record of these facts: kind and payload each."""
    record = Record("KD-2017-001", "key-decision", 1, "southampton")
    for number, (kind, payload) in enumerate(facts, start=1):
        previous = record.facts[-1].hash if record.facts else FIRST_HASH
        record.add(make_fact(case=record.case, number=number, at=NOW, kind=kind, actor="democratic-services",
                             channel="test", payload=payload, key=None, salt="s", previous=previous))  # fmt: skip
    return record


@pytest.mark.parametrize(
    ("pounds", "wards", "key"),
    [
        (499_999, ["Bargate"], False), (500_000, [], True), (500_001, [], True), (0, [], False),
        (0, ["Bargate", "Bevois"], True), (0, ["Bargate"], False),
    ],
)  # fmt: skip
def test_the_key_decision_test(pounds: int, wards: list[str], key: bool) -> None:
    """SI 2012/2089 reg 8: the threshold itself is significant; so are effects in two wards, whatever they cost."""
    tested = whether_key(pounds, wards, NUMBERS)
    assert tested.key is key
    assert tested.why.startswith("a key decision" if key else "not a key decision")


def test_the_numbers_of_a_case_are_read_back() -> None:
    """P28: a case keeps the council's numbers as they stood, in its record."""
    assert Numbers(**NUMBERS.to_dict()) == NUMBERS


@pytest.mark.parametrize(
    ("reading", "latest"), [("clear days", date(2017, 6, 19)), ("clear working days", date(2017, 6, 7))]
)
def test_28_clear_days_in_both_readings(reading: str, latest: date) -> None:
    """U2, law section 9: before Tuesday 18 July 2017 by 19 June, or by 7 June read strictly."""
    period = clear(28, reading, "reg 9")
    assert period.from_(date(2017, 7, 18), name="notice", event="it is decided").last_day == latest
    assert in_time(period, latest, date(2017, 7, 18), CALENDAR)
    assert not in_time(period, latest + timedelta(days=1), date(2017, 7, 18), CALENDAR)


def test_a_reading_not_known_is_refused() -> None:
    """U2: there are two readings of clear days, and no third."""
    with pytest.raises(ValueError, match="'days' is no reading of clear days"):
        clear(28, "days", "reg 9")


@given(published=days, reading=st.sampled_from(["clear days", "clear working days"]), count=st.sampled_from([5, 28]))
def test_the_first_day_after_a_notice_is_the_first_working_day_it_is_clear_of(
    published: date, reading: str, count: int
) -> None:
    """SI 2012/2089 regs 5, 9, 10: clear on that day, a working day, and clear on no working day before it."""
    period = clear(count, reading, "the Regulations")
    first = first_day_after(period, published, CALENDAR)
    assert CALENDAR.is_working_day(first)
    assert in_time(period, published, first, CALENDAR)
    assert not in_time(period, published, CALENDAR.working_day_before(first, 1), CALENDAR)


@pytest.mark.parametrize(
    ("published", "implement"), [(date(2017, 7, 20), date(2017, 7, 28)), (date(2017, 12, 21), date(2018, 1, 3))]
)
def test_five_clear_working_days_of_call_in(published: date, implement: date) -> None:
    """U3, 000:273-275, law section 9: published Thu 20 July 2017, from Fri 28 July; 21 December, from 3 January."""
    standstill = first_working_day_after_clear(5).from_(published, name="call-in", event="it was published")
    assert standstill.last_day == implement
    assert not standstill.passed(standstill.ends_at)
    assert standstill.passed(standstill.wakes_at)


@given(day=days)
def test_records_are_kept_from_the_day_of_the_decision_on(day: date) -> None:
    """SI 2012/2089 reg 21(6), (7): six and four years beginning on the day end on the eve of its anniversary."""
    for period, years in (KEEP_RECORD, 6), (KEEP_PAPERS, 4):
        last = period.from_(day, name="keeping", event="it was decided").last_day
        assert last.year in (day.year + years, day.year + years - 1)
        after = last + timedelta(days=1)
        assert (after.month, after.day) in ((day.month, day.day), (3, 1) if (day.month, day.day) == (2, 29) else ())


def test_a_corrected_day_of_publication_holds_and_the_newest_correction_first() -> None:
    """000:273-275: what was entered wrongly is corrected by new facts; the fact itself stays as it was."""
    record = record_of(
        ("decision-published", {"published_on": "2017-07-20"}),
        ("publication-corrected", {"fact": 1, "published_on": "2017-07-24"}),
        ("publication-corrected", {"fact": 1, "published_on": "2017-07-21"}),
    )
    assert published_on(record, record.facts[0]) == date(2017, 7, 21)
    assert record.facts[0]["published_on"] == "2017-07-20"


def test_a_notice_serves_the_days_it_names_and_no_other() -> None:
    """SI 2012/2089 reg 9: the date on which, or the period within which, the decision is to be made."""
    record = record_of(("notice-published", {"for_day": "2017-07-18", "until_day": "2017-07-31"}))
    serves = [day for day in range(17, 32) if any(covering(record, "notice-published", date(2017, 7, day)))]
    assert serves == list(range(18, 32))


def called_in(*outcomes: tuple[str, str]) -> Record:
    """Return the record of a call-in of 25 July 2017 and of how its stages ended, each outcome with its day."""
    return record_of(
        ("called-in", {"called_in_on": "2017-07-25"}),
        *(("call-in-resolved", {"outcome": said, "resolved_on": on}) for said, on in outcomes),
    )


def test_without_a_call_in_there_is_none() -> None:
    """000:273-276: an expired call-in leaves nothing behind."""
    assert call_in_of(record_of()) is None


@pytest.mark.parametrize(
    ("outcomes", "stage", "outcome", "since"),
    [
        ((), "scrutiny", None, "2017-07-25"),
        ((("decision-stands", "2017-08-10"),), None, "decision-stands", "2017-08-10"),
        ((("referred-back", "2017-08-10"),), "reconsideration", None, "2017-08-10"),
        ((("referred-back", "2017-08-10"), ("dropped", "2017-08-15")), None, "dropped", "2017-08-15"),
        ((("to-council", "2017-08-10"), ("decision-stands", "2017-09-20")), None, "decision-stands", "2017-09-20"),
        ((("to-council", "2017-08-10"), ("referred-back", "2017-09-20"), ("confirmed", "2017-09-22")),
         None, "confirmed", "2017-09-22"),
    ],
)  # fmt: skip
def test_the_way_of_a_call_in(
    outcomes: tuple[tuple[str, str], ...], stage: str | None, outcome: str | None, since: str
) -> None:
    """000:275-276: scrutiny, the Council, reconsideration: before whom it is, since when, how it ended."""
    found = call_in_of(called_in(*outcomes))
    assert found is not None
    assert (found.stage, found.outcome, found.since.isoformat()) == (stage, outcome, since)
    assert bool(found.may_end_as) is (stage is not None)


def test_every_outcome_of_a_call_in_leads_somewhere() -> None:
    """000:275-276: each stage has outcomes, each outcome belongs to a stage, and each leads on or ends it."""
    assert set(ENDS_AT) == set(CallInStage)
    assert {outcome for ends in ENDS_AT.values() for outcome in ends} == set(CallInOutcome)
    assert all(FOLLOWS[outcome] in ENDS_AT for outcome in FOLLOWS)
