"""The policy packs: what each period asks, how far each entry can be relied on, and mistakes told with their line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from models.better_care_packs import SHIPPED, UnknownPack, pack_named, read_packs, shipped_packs
from models.council_file import CouncilFileError


def test_the_plan_of_2017_is_due_by_11_september_with_three_signatures() -> None:
    """001:586-604, 620-629 (P07): deadline, signatories and four conditions as the report gives them."""
    pack = pack_named("2017-19")
    assert (pack.submit_by.on, pack.submit_by.standing) == (date(2017, 9, 11), "verified")
    assert list(pack.signatories) == ["board", "council", "nhs"]
    assert len(pack.conditions) == 4
    assert pack.board.delegation == "uncertain"
    assert not any(signatory.may_follow for signatory in pack.signatories.values())


def test_dates_that_nobody_could_verify_say_so() -> None:
    """P08: conditions by 31 October and section 75 by 30 November 2017 are from memory, and marked."""
    pack = pack_named("2017-19")
    assert pack.evidence_by is not None
    assert (pack.evidence_by.on, pack.section_75_by.on) == (date(2017, 10, 31), date(2017, 11, 30))
    for day in (pack.evidence_by, pack.section_75_by):
        assert "not verified: confirm it" in day.doubt
    assert pack.submit_by.doubt == ""


def test_the_review_of_november_2017_is_part_of_the_first_pack_alone() -> None:
    """001:666-669 (P09): a review of 2018-19 allocations, considered for November."""
    review = pack_named("2017-19").review
    assert review is not None
    assert (review.starts_on, review.ends_on) == (date(2017, 11, 1), date(2017, 11, 30))
    assert [name for name, pack in shipped_packs().items() if pack.review] == ["2017-19"]


def test_later_periods_differ_as_data() -> None:
    """P07: dates, Boards that may approve afterwards, and chief executives who sign in person."""
    addendum, newest = pack_named("2024-25-addendum"), pack_named("2025-26")
    assert (addendum.submit_by.on, addendum.section_75_by.on) == (date(2024, 6, 10), date(2024, 9, 30))
    assert addendum.board.may_follow
    assert newest.signatories["council-chief-executive"].delegation == "never"
    assert newest.signatories["icb-chief-executive"].delegation == "never"
    assert "section-151-officer" in newest.signatories
    assert pack_named("2023-25").submit_by.on == date(2023, 6, 28)
    assert "North Yorkshire give 19 July 2023" in pack_named("2023-25").submit_by.source


def test_a_return_is_made_for_every_quarter_of_the_period() -> None:
    """001:1114-1124 (P10): quarterly, to the end of the second year."""
    quarters = pack_named("2017-19").returns.quarters
    assert (len(quarters), quarters[0], quarters[-1]) == (7, date(2017, 9, 30), date(2019, 3, 31))
    assert date(2018, 6, 30) in quarters


def test_an_unknown_period_is_named_with_those_that_are_known() -> None:
    """P07: a year without rules is never guessed."""
    with pytest.raises(UnknownPack, match=r"'2026-27' is not a policy period known here \(.*2025-26.*\)"):
        pack_named("2026-27")


FIRST_REQUIRES = "requires: [narrative-plan, planning-return]\n    conditions:\n      joint-plan:\n        text: >-"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (FIRST_REQUIRES, FIRST_REQUIRES.replace("narrative", "narative"), "did you mean 'narrative-plan'"),
        ("first_quarter_ends: 2017-09-30", "first_quarter_ends: 2017-09-29", "the last day of a quarter"),
        ("last_quarter_ends: 2019-03-31", "last_quarter_ends: 2017-06-30", "a quarter on or after the first"),
        ("until: 2017-11-30", "until: 2017-10-30", "a date on or after its 'from'"),
        ("date: 2017-09-11", "date: 2017-09-31", "a date of the calendar"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_pack_is_told_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    """P07: packs are read and checked like a council's file."""
    text = SHIPPED.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / "packs.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CouncilFileError) as refused:
        read_packs(path)
    line = text[: text.index(old)].count("\n") + 1
    assert says in str(refused.value)
    assert any(line <= problem.line <= line + 3 for problem in refused.value.problems)


def test_a_delegation_in_doubt_needs_a_note_and_every_pack_a_board(tmp_path: Path) -> None:
    """P07, SI 2013/218 reg 3: what is printed on the record as uncertain must say why."""
    text = SHIPPED.read_text(encoding="utf-8")
    path = tmp_path / "packs.yaml"
    may, never = "as a body\n        delegation: may", "as a body\n        delegation: never"
    path.write_text(text.replace(may, never, 1), encoding="utf-8")
    with pytest.raises(CouncilFileError, match="a note that says why"):
        read_packs(path)
    board, panel = "      board:\n        name: Health", "      panel:\n        name: Health"
    path.write_text(text.replace(board, panel, 1), encoding="utf-8")
    with pytest.raises(CouncilFileError, match="'board' among the signatories"):
        read_packs(path)
