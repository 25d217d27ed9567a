"""How long the parts of a closed case are kept: from which day, by which rule, and never less long than the law."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from models.council import COUNCILS, load_council
from models.council_file import CouncilFileError
from models.facts import FIRST_HASH, Fact, Record, Withheld, make_fact
from models.retention import LawsYears, Part, begins_on, kept, papers, personal

CLOSED_ON = date(2018, 1, 10)


def record(*told: tuple[str, dict[str, Any]], closed: bool = True, closed_on: date = CLOSED_ON) -> Record:
    """A case with some facts, recorded one a day from 1 August 2017 on, and closed on 10 January 2018."""
    ended = datetime(closed_on.year, closed_on.month, closed_on.day, 9, tzinfo=UTC)
    facts: list[Fact] = []
    days = [datetime(2017, 8, number, 9, tzinfo=UTC) for number in range(1, len(told) + 1)]
    ending = [("closed", {"outcome": "granted"})] if closed else []
    for number, (kind, payload) in enumerate([*told, *ending], start=1):
        at = days[number - 1] if number <= len(told) else ended
        facts.append(make_fact(
            case="PC-2017-001", number=number, at=at, kind=kind, actor="cleardays", channel="flow", payload=payload,
            key=None, salt="ab" * 16, previous=facts[-1].hash if facts else FIRST_HASH,
        ))  # fmt: skip
    return Record("PC-2017-001", "pharmacy-consolidation", 1, "southampton", facts)


DECIDED = ("decided", {"opinion": "gap", "decided_on": "2017-08-25"})


def test_papers_are_kept_four_years_and_the_record_six_beginning_with_the_day_of_closing() -> None:
    """SI 2012/2089 reg 21(6), (7), and no less: that day is the first; the day after the last, it may go."""
    of_papers, whole = kept(record(DECIDED))
    assert (of_papers.until.last_day, of_papers.may_go_on) == (date(2022, 1, 9), date(2022, 1, 10))
    assert (whole.until.last_day, whole.may_go_on) == (date(2024, 1, 9), date(2024, 1, 10))
    assert not of_papers.may_go(date(2022, 1, 9))
    assert of_papers.may_go(date(2022, 1, 10))
    assert of_papers.rule == (
        "4 years beginning with Wednesday 10 January 2018, when the case was closed after its last decision or meeting "
        "(SI 2012/2089 reg 21(7); SI 2014/2095 reg 8)"
    )
    assert "Rule: “6 years beginning with”, SI 2012/2089 reg 21(6)" in " ".join(whole.until.explain())


def test_a_refusal_names_the_rule_and_the_day() -> None:
    """What an administrator is told who would delete too early."""
    _, whole = kept(record(DECIDED))
    told = whole.refusal("PC-2017-001")
    assert told.startswith("the record of case PC-2017-001 must be kept until Tuesday 9 January 2024: 6 years begin")
    assert told.endswith("nothing of it is deleted before Wednesday 10 January 2024")
    assert "reg 21(6)" in told


@pytest.mark.parametrize(
    ("facts", "begins"),
    [
        ([DECIDED, ("meeting-held", {"held_on": "2017-08-24"})], CLOSED_ON),
        ([DECIDED, ("outcome-recorded", {"decided_on": "2010-11-15"})], CLOSED_ON),
        ([("stage-agreed", {"held_on": "2019-02-20"}), DECIDED], date(2019, 2, 20)),
        ([("notified", {}), ("decided", {"opinion": "gap"})], CLOSED_ON),
        ([("decided", {"decided_on": None})], CLOSED_ON),
        ([("outcome-recorded", {"decided_on": "2010-11-15"})], CLOSED_ON),
        ([("notified", {}), ("withdrawn", {})], CLOSED_ON),
    ],
)  # fmt: skip
def test_time_begins_with_the_closing_or_a_decision_after_it(
    facts: list[tuple[str, dict[str, Any]]], begins: date
) -> None:
    """A typed day, whatever its year, makes no time shorter; a decision after the closing makes it longer."""
    assert begins_on(record(*facts))[0] == begins


def test_a_decision_of_a_leap_day_is_kept_four_whole_years() -> None:
    """29 February 2020 itself is day 1: its four years end with 28 February 2024, and it may go on the 29th."""
    of_papers, _ = kept(record(("decided", {}), closed_on=date(2020, 2, 29)))
    assert of_papers.may_go_on == date(2024, 2, 29)


def test_an_open_case_has_no_such_time_yet() -> None:
    """It begins when the case is closed."""
    with pytest.raises(ValueError, match="is open; its time of keeping begins when it is closed"):
        kept(record(DECIDED, closed=False))


def test_a_council_may_keep_longer_and_never_less_long() -> None:
    """Local policy is named in the rule; fewer years than the law's are refused."""
    of_papers, whole = kept(record(DECIDED), LawsYears(record_years=10, background_paper_years=4))
    assert (whole.may_go_on, of_papers.may_go_on) == (date(2028, 1, 10), date(2022, 1, 10))
    assert "made longer by the council's file" in whole.rule
    assert (whole.until.local_policy, of_papers.until.local_policy) == (True, False)
    with pytest.raises(ValueError, match="the law asks for 6"):
        kept(record(DECIDED), LawsYears(record_years=5))


@pytest.mark.parametrize(
    ("section", "wrong"),
    [
        ("{record_years: 10, background_paper_years: 6, why: Asked by the archivist.}", None),
        ("{record_years: 5, background_paper_years: 4, why: Less.}", "expected 6 years or more"),
        ("{record_years: 6, background_paper_years: 3, why: Less.}", "expected 4 years or more"),
        ("{record_years: 6, background_paper_years: 8, why: More.}", "no longer than the record they belong to"),
    ],
)
def test_the_section_of_the_councils_file(section: str, wrong: str | None, tmp_path: Path) -> None:
    """A file may ask for more than the law; less is refused with the rule, at its line."""
    file = tmp_path / "southampton.yaml"
    shipped = (COUNCILS / "southampton.yaml").read_text(encoding="utf-8")
    file.write_text(f"{shipped}\nretention: {section}\n", encoding="utf-8")
    if wrong is None:
        retention = load_council(file).retention
        assert retention is not None
        assert (retention.record_years, retention.background_paper_years) == (10, 6)
    else:
        with pytest.raises(CouncilFileError, match=wrong):
            load_council(file)


def test_what_was_decided_on_is_no_background_paper() -> None:
    """A report, or the plan itself, stays as long as the record; what was removed before is not named again."""
    attached = [
        ("document-attached", {"kind": kind, "sha256": kind, "filename": f"{kind}.pdf"})
        for kind in ("application", "report", "narrative-plan", "other")
    ]
    assert papers(record(*attached)) == {"application": "application.pdf", "other": "other.pdf"}
    removed = ("background-papers-removed", {"documents": {"application": "application.pdf"}})
    assert papers(record(*attached, removed)) == {"other": "other.pdf"}


def test_contact_data_goes_at_once_and_words_with_the_papers() -> None:
    """Mail servers' words go when the case is closed; what people wrote stays four years; offices and codes stay."""
    whole = record(
        ("notified", {"applicant": "A Ltd", "wards": ["bargate"]}),
        ("letter-sent", {"reply": "250 OK", "letter": "circulated/1/icb", "accepted_by": "mail.example.org"}),
        ("response-received", {"reasons": "Too far", "opinion": "gap", "interest_detail": "", "consultee": "icb"}),
        ("letter-bounced", {"text": Withheld("ab" * 32), "letter": "x"}),
        DECIDED,
    )
    of_papers, _ = kept(whole)
    found = [(each.kind, each.field, each.kept and each.kept.part) for each in personal(whole, of_papers)]
    assert found == [
        ("notified", "applicant", Part.PAPERS), ("letter-sent", "reply", None),
        ("response-received", "reasons", Part.PAPERS),
    ]  # fmt: skip
