"""Key decision: from the test and the notice to the day on which it may be implemented.

Sources: Local Authorities (Executive Arrangements) (Meetings and Access to Information) (England) Regulations 2012,
SI 2012/2089 (margin: "reg"); Terms of Reference of the Joint Commissioning Board, Southampton, 2019 (margin: lines of
the paper 000); for a committee of the Council and its officers, LGA 1972 Part VA and SI 2014/2095.

Left to people: whether notice is impracticable (regs 10, 11); that a meeting is advertised and open, and the meeting
itself (reg 6; 000:289-291); the form of notices and where they are kept for inspection (regs 9, 14, 15); access of
members within 24 hours and copies for scrutiny (regs 16, 17); a report that a decision was key after all (reg 18); what
the leader reports, who is reminded of it (reg 19); what is exempt or confidential (reg 20; 000:281-283); keeping and
destroying documents, whose dates are shown (regs 21, 22); freedom of information and data protection (000:278-282).
"""

from __future__ import annotations

from prefect import flow

from models.executive_words import CallInOutcome, Function
from models.key_decision import KeyDecisionCase
from tasks import endings, lost_letters, turns, vacancies
from tasks.executive import steps


@flow(name="Key decision", flow_run_name="{case_ref}", validate_parameters=False, persist_result=False)
def key_decision(case_ref: str) -> str:
    """Bring a decision about lawfully: noticed, open to the public, recorded, and not implemented too early.

    Takes a turn of the case: does whatever the record and the date call for, then leaves the run waiting for the
    next fact or deadline. Returns how the case ended.
    """
    return turns.take(case_ref, KeyDecisionCase, VERSIONS)


def decide(case: KeyDecisionCase) -> str:
    """Carry a decision from its test to its end, and return how it ended."""
    if case.withdrawn:
        steps.tell_of_withdrawal(case)
        return endings.close(case, "withdrawn")

    vacancies.see_to_officer(case)
    lost_letters.see_to_lost_letters(case)
    steps.test_whether_key(case)                                 # reg 8
    steps.watch(case)                                            # regs 5-7, 9, 10, back from the day
    steps.see_to_notice(case)                                    # regs 9, 10, 11; 000:270-271
    steps.see_to_private_meeting(case)                           # reg 5; 000:279-287
    steps.wait_for_papers(case)                                  # regs 6, 7; 000:267-271
    steps.wait_for_decision(case)                                # regs 12, 13; SI 2014/2095 reg 7
    return publish_and_implement(case)


def publish_and_implement(case: KeyDecisionCase) -> str:
    """Publish what was decided, let it stand still where it must, and say when it may be implemented."""
    if case.agreed and not case.key:
        steps.make_implementable(case)                           # 000:273: key decisions alone stand still
    steps.wait_for_signatures(case)                              # the council's own rule
    steps.wait_for_publication(case)                             # regs 12-14, 21; SI 2014/2095 reg 8
    if not case.agreed:
        return end(case, "not agreed", "the proposal was not agreed to, and the decision is published")
    if steps.stand_still(case) is CallInOutcome.DROPPED:         # 000:273-276
        return end(case, "dropped after call-in", "on reconsideration it is not to be done")
    steps.make_implementable(case)
    steps.wait_for_reasons(case)                                 # regs 5(7), 10(3), 11(3)
    steps.wait_for_late_entries(case)                            # 000:273-276: a call-in in time is never lost
    return endings.close(case, "published" if case.function is Function.COUNCIL else "implementable")


def end(case: KeyDecisionCase, outcome: str, why: str) -> str:
    """Tell those who saw to the decision that nothing of it is left to be done, and close the case."""
    steps.wait_for_reasons(case)
    steps.tell_of_end(case, outcome, why)
    return endings.close(case, outcome)


VERSIONS = {1: decide}
"""The procedure by version: a case keeps the one it was opened under."""
