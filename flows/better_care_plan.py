"""The Better Care plan: signed off by the Board, the Council and the NHS partner, and submitted by the last day.

Sources: Southampton Health and Wellbeing Board report "2017 - 19 Better Care Plan", 26 July 2017 (margin numbers are
its paragraphs, roman ones its recommendations), and its appendix, the draft plan (margin: "dp"). Every later period is
the same procedure under another policy pack: models/better_care.yaml.

Left to people, and why:
2, 10-12  what the plan says, its priorities and how ambitious its targets are: argument, judged by the Board.
4         alternatives: submission is a national requirement, and the report has none.
6, 7      delayed transfers of care: national dashboards and reviews of others; the review of allocations is told.
9         whether vision, iBCF spending and risk management convince: the assurers' judgement; the letters list them.
14, 16-18 property, other law, risk, policy framework: "not applicable" in the report; for the monitoring officer.
"""

from __future__ import annotations

from prefect import flow

from models.better_care import BetterCarePlan
from tasks import endings, lost_letters, turns, vacancies
from tasks.better_care import afterwards, approvals


@flow(name="Better Care plan", flow_run_name="{case_ref}", validate_parameters=False, persist_result=False)
def better_care_plan(case_ref: str) -> str:
    """Bring one plan through its signatures to NHS England in time, and through what follows.

    Takes a turn of the case: does whatever the record and the date call for, then leaves the run waiting for the next
    signature or day. Returns how the case ended.
    """
    return turns.take(case_ref, BetterCarePlan, VERSIONS)


def sign_off_and_submit(case: BetterCarePlan) -> str:
    """Carry a plan from its draft to its last return, and return how it ended."""
    if case.withdrawn:
        return afterwards.withdraw(case)

    vacancies.see_to_officer(case)
    lost_letters.see_to_lost_letters(case)
    approvals.announce(case)                                     # (i), 1, 3, 5
    approvals.watch_last_day(case)                               # (ii): by 11 September, that day included
    approvals.chase(case)                                        # (ii), 3, 5
    afterwards.see_to_review(case)                               # 6: considered for November 2017
    if case.submission is None:
        approvals.see_to_the_board(case)                         # (ii): no meeting from 26 July to 18 October

    submission = approvals.wait_for_submission(case)             # 3, 5, 8, 13; dp 9, 10
    afterwards.tell_submission(case, submission)                 # 8
    afterwards.follow_up_board(case)                             # (ii): where the Board approves afterwards

    ended = afterwards.wait_for_approval(case)                   # 9
    if ended is not None:
        return ended
    afterwards.see_to_section_75(case)                           # 15: NHS Act 2006 s.223GA, s.75
    afterwards.see_to_returns(case)                              # dp 2.11, 2.12
    afterwards.wait_for_the_rest(case)
    return endings.close(case, "carried out")


VERSIONS = {1: sign_off_and_submit}
"""The procedure by version: a case keeps the one it was opened under."""
