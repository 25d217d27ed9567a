"""Grant ratification: the bodies that must agree, one after another, before a grant is spent.

Source: report "Adult social care grant" to Southampton's Health and Wellbeing Board, 26 July 2017 (margin numbers are
its paragraphs, the roman one its recommendation). The chain itself, with the law on papers, is in the council's file.

Left to people, and why:
3        whether the Cabinet's approval is a key decision: £9.7M is (SI 2012/2089 reg 8). Its notice of 28 clear days,
         its decision notice and call-in are a case of their own beside this one (flow "Key decision"); here its papers
         alone are held against the law, and that test is not made.
4        alternatives: the report has none, and no step can make one.
6, 8, 9  what the money must buy, and how its use is measured: conditions that officers and inspectors judge.
13       building work at Holcroft House: a matter of its own, scoped by Capital Assets for the Council Capital Board.
14, 15   the power to do it (Care Act 2014, NHS Act 2006): for the monitoring officer.
17, 18   which strategies it serves: argument of the report.
"""

from __future__ import annotations

from prefect import flow

from models.grant_stages import Asked
from models.grants import GrantCase
from tasks import endings, lost_letters, turns, vacancies
from tasks.grant import steps


@flow(name="Grant ratification", flow_run_name="{case_ref}", validate_parameters=False, persist_result=False)
def grant_ratification(case_ref: str) -> str:
    """Carry one grant through the bodies that must agree to it.

    Takes a turn of the case: does whatever the record and the date call for, then leaves the run waiting for the
    next meeting or fact. Returns how the case ended.
    """
    return turns.take(case_ref, GrantCase, VERSIONS)


def ratify(case: GrantCase) -> str:
    """Carry a grant from the letter that announces it to its last budget, and return how it ended."""
    if case.withdrawn:
        return steps.withdraw(case)
    if case.refusal:                                             # 3: "subject to": a refusal stops the chain
        return steps.stop(case, case.refusal)

    vacancies.see_to_officer(case)
    lost_letters.see_to_lost_letters(case)
    steps.tell_what_was_taken_back(case)
    steps.lay_plan(case)                                         # 3, 7, 12: at published meetings
    steps.ask_about_differences(case)                            # 3, 5, 10, 12; Appendix 1
    steps.watch_meetings(case)                                   # 7, 12

    steps.wait_for(case, Asked.AGREE_IN_PRINCIPLE)               # 2, 7: two boards, either order
    steps.wait_for(case, Asked.APPROVE)                          # 3, 7: Cabinet, 18 July 2017
    steps.wait_for(case, Asked.ACCEPT)                           # 3, 7, 10, 11, 16: Council, 19 July 2017
    steps.wait_for(case, Asked.RATIFY)                           # (i), 1, 12: Health and Wellbeing Board, 26 July 2017
    steps.tell_ratified(case)                                    # (i)

    steps.wait_for(case, Asked.BUDGET)                           # 12: the Board and, in February, the Council
    return endings.close(case, "ratified")


VERSIONS = {1: ratify}
"""The procedure by version: a case keeps the one it was opened under."""
