"""The completeness gate and the conditions: nothing with a gap in it is signed or sent."""

from __future__ import annotations

from io import BytesIO

import pytest
from story_better_care import CONDITIONS, TABLES, PlanOffice

DRAFT = "1. Vision.\nThe total value in the 2017/18 pooled fund is £XX.\nout of hospital services (just over £Xm)."

GAP = "is an amount that was never filled in"


def test_a_plan_without_its_documents_is_neither_signed_nor_submitted(plan: PlanOffice) -> None:
    """001:680-691, 8 (P07): narrative plan and planning return are both wanted."""
    plan.receives()
    plan.attaches("narrative-plan", "The plan.", on="2017-08-01")
    reason = plan.is_refused("sign-off", on="2017-08-02", signatory="nhs", authority="x")
    assert "the planning return is not attached (--kind planning-return)" in reason
    assert "the lines of the pooled fund have not been added up" in reason
    assert "is not complete and is not submitted" in plan.is_refused("submit", on="2017-08-02", proof="x")
    assert "not complete" in plan.is_refused("submit", on="2017-08-02", proof="x", despite="The day is near.")


def test_gaps_in_the_text_block_until_a_version_without_them_comes(plan: PlanOffice) -> None:
    """001:3912, 3927, 700-708 (P07): £XX and £Xm are named with their lines; the final version clears them."""
    plan.receives()
    plan.completes_the_plan(on="2017-08-01")
    said = plan.attaches("narrative-plan", DRAFT, on="2017-08-02", name="draft.txt")
    assert "It is not complete: line 2: “£XX” is an amount that was never filled in" in said
    assert plan.case.problems == [
        f"draft.txt, line 2: “£XX” {GAP}, in “…value in the 2017/18 pooled fund is £XX.”",
        f"draft.txt, line 3: “£Xm” {GAP}, in “out of hospital services (just over £Xm).”",
    ]
    plan.attaches("narrative-plan", DRAFT.replace("£XX", "£35,695,000").replace("£Xm", "£58m"), on="2017-08-20")
    assert plan.case.problems == []


def test_the_table_that_is_thirteen_pounds_out_blocks(plan: PlanOffice) -> None:
    """001:3757-3781 (P07): to the pound, and said as it is attached."""
    plan.receives()
    plan.completes_the_plan(on="2017-08-01")
    table = TABLES["2017-19"].replace("Total,16177000,16485000", "Total,16177000,16484987")
    said = plan.attaches("pool-table", table, on="2017-08-02", name="pool.csv")
    assert "the lines come to £16,485,000, which is £13 more than the total printed, £16,484,987" in said
    assert "£13" in plan.is_refused("sign-off", on="2017-08-03", signatory="nhs", authority="x")


def test_a_contribution_below_the_minimum_blocks(plan: PlanOffice) -> None:
    """001:625-629, 3745 (P07): £16,484,000 is asked for in 2018/19."""
    plan.receives()
    plan.completes_the_plan(on="2017-08-01")
    table = TABLES["2017-19"].replace("16484000", "16483999").replace("16485000", "16484999")
    plan.attaches("pool-table", table, on="2017-08-02", name="pool.csv")
    (problem,) = plan.case.problems
    assert "2018/19: the minimum contribution is £16,483,999, £1 below the £16,484,000 that is required" in problem


def test_a_table_that_nobody_can_add_up_is_said_with_its_line(plan: PlanOffice) -> None:
    """001:3745-3781: an amount that is none."""
    plan.receives()
    plan.completes_the_plan(on="2017-08-01")
    said = plan.attaches("pool-table", "Line,2017/18,2018/19\nCCG,£XX,5\nTotal,5,5\n", on="2017-08-02", name="pool.csv")
    assert "line 2 of the table (“CCG”), 2017/18: '£XX' is not an amount" in said
    assert len(plan.case.problems) == 1


def test_a_document_that_cannot_be_searched_needs_somebody_who_read_it(plan: PlanOffice) -> None:
    """001:680-691: a scan passes only with the name of whoever read it for gaps."""
    plan.receives()
    plan.completes_the_plan(on="2017-08-01")
    plan.attaches("narrative-plan", "%PDF-1.4 no text", on="2017-08-02", name="scan.pdf")
    (problem,) = plan.case.problems
    assert problem.startswith("scan.pdf")
    plan.attaches("narrative-plan", "%PDF-1.4 no text", on="2017-08-03", name="scan.pdf",
                  reasons="Read by the Director on 3 August 2017; no gap found.")  # fmt: skip
    assert plan.case.problems == []


def test_a_word_document_is_searched(plan: PlanOffice) -> None:
    """001:3912: the plan as officers write it."""
    from docx import Document

    document, kept = Document(), BytesIO()
    document.add_paragraph("The total value is £XX.")
    document.save(kept)
    plan.receives()
    path = plan.folder / "plan.docx"
    path.write_bytes(kept.getvalue())
    assert "paragraph 1: “£XX”" in plan.does("attach", on="2017-08-01", kind="narrative-plan", file=path)


def test_each_condition_wants_its_evidence(plan: PlanOffice) -> None:
    """001:620-652, 5 (P07): four conditions; one unmet, and the plan cannot go as compliant."""
    plan.receives()
    plan.agrees_a_delegate()
    plan.does("choose-board-route", on="2017-07-27", route="delegated-approval", reasons="No meeting in time.")
    plan.completes_the_plan(on="2017-08-01")
    assert plan.waits_for() == ("Awaiting evidence", "2017-09-11")
    for condition in CONDITIONS[:3]:
        plan.does("meet-condition", on="2017-08-02", condition=condition, evidence="Section 10.")
    assert plan.case.conditions_unmet == ["transfers-of-care"]
    plan.signs("nhs", on="2017-08-23")
    plan.signs("council", on="2017-08-29")
    plan.signs("board", on="2017-09-07", manner="delegation")
    reason = plan.is_refused("submit", on="2017-09-08", proof="x")
    assert "it cannot be submitted as compliant: no evidence of the condition transfers-of-care" in reason
    assert plan.does("meet-condition", on="2017-09-08", condition="transfers-of-care", evidence="3.15").endswith(
        "All conditions have evidence."
    )
    assert plan.waits_for() == ("Awaiting submission", "2017-09-11")


def test_evidence_can_be_taken_back(plan: PlanOffice) -> None:
    """5 (P07): what turns out not to be met is not met."""
    plan.receives()
    plan.meets_all_conditions(on="2017-08-01")
    plan.does("meet-condition", on="2017-08-02", condition="joint-plan", evidence="Contribution cut.", met=False)
    assert plan.case.conditions_unmet == ["joint-plan"]


@pytest.mark.parametrize(
    ("verb", "fields", "says"),
    [
        ("meet-condition", {"condition": "joint", "evidence": "x"}, "did you mean 'joint-plan'"),
        ("attach", {"kind": "application", "file": "x.txt"}, "has no place in this case"),
        ("attach", {"kind": "narrative-plan"}, "name the file of the narrative-plan"),
    ],
)
def test_what_is_not_part_of_a_plan_is_refused(plan: PlanOffice, verb: str, fields: dict[str, str], says: str) -> None:
    """5, 8: with what would be right."""
    plan.receives()
    assert says in plan.is_refused(verb, on="2017-08-01", **fields)
