"""An item before the Joint Commissioning Board: consensus or deferral, and one named individual who decides.

Sources: Terms of Reference of the Board, Southampton, May 2019 (margin numbers are its paragraphs, lines 000:1-389);
the draft of 30 June 2017 and the report to Cabinet and Council of 18 and 19 July 2017 (001:4355-5250); SI 2012/2089 for
what the Council's Members and officers decide.

Left to people: whether a proposal serves the Board's objectives and its schemes, which are judgements (3, 4.4 to 4.9);
the oversight, reports and annual review of the partnership agreement (4.1, 4.3, 4.10) and its risk sharing (5); the
quarterly meeting on it, which the case shows where it is missing (6.5); to whom the Board answers and what informs it
(6.1 to 6.3); advertising meetings, their administration and the Steering Board's minutes (6.11, 6.13, 6.15); what the
public asks (6.12); who attends beside the members (7.2); a change of the remit, the membership or the Terms themselves
by the parent bodies (2.5, 2.6, 12.1), which the constitution then follows; scrutiny's own view of a decision (10.1).
"""

from __future__ import annotations

from prefect import flow

from models.joint_commissioning import JointCommissioningCase
from models.joint_commissioning_words import ItemKind
from tasks import endings, lost_letters, turns, vacancies
from tasks.joint_commissioning import agenda, constitution, meetings, outcomes, without_consensus
from tasks.joint_commissioning.forms import ParentBody


@flow(name="Joint commissioning item", flow_run_name="{case_ref}", validate_parameters=False, persist_result=False)
def joint_commissioning_item(case_ref: str) -> str:
    """Bring one item before the Board: does its named individual decide it, and may that be carried out?

    Takes a turn of the case: does whatever the record and the date call for, then leaves the run waiting for the
    next fact or deadline. Returns how the case ended.
    """
    return turns.take(case_ref, JointCommissioningCase, VERSIONS)


def bring(case: JointCommissioningCase) -> str:
    """Carry an item from its entry to its end, and return how it ended."""
    if case.withdrawn:
        return outcomes.withdraw(case)
    vacancies.see_to_officer(case)
    lost_letters.see_to_lost_letters(case)
    if case.kind is ItemKind.CONSTITUTION:
        return endings.close(case, outcomes.tell_outcome(case, establish(case)))   # 1.3, 12.1; 001:4401-4437

    agenda.check_remit(case)                                         # 2, 8.4, 8.5
    if not agenda.wait_for_place(case):                              # 6.8
        return endings.close(case, outcomes.tell_outcome(case, "not taken onto the agenda"))
    outcomes.report_minutes(case)                                    # 6.7
    if not case.remit.decides:
        return endings.close(case, outcomes.consider_for_information(case))   # 3.9, 8.5

    agenda.wait_for_business_case(case)                              # 4.2
    return endings.close(case, decide(case))


def decide(case: JointCommissioningCase) -> str:
    """Seek consensus, meeting by meeting; then the named individual decides. Return how that ended."""
    while True:                                                      # a round for each meeting
        if not meetings.consider(case):                              # 6.4, 6.6, 6.8 to 6.10, 7.1, 7.3, 8.1, 8.2, 11.1
            continue                                                 # stood over: neither decided nor deferred
        if not case.consensus_reached:
            return without_consensus.wait_for_direction(case)        # 8.2, 8.3, 9.1
        decision = outcomes.wait_for_decision(case)                  # 1.4, 8.4
        if decision is not None:
            return outcomes.carry_out(case, decision)                # 6.8, 6.14, 10.1


def establish(case: JointCommissioningCase) -> str:
    """Have Cabinet and Council adopt the Board, or a change of its powers; return whether they did."""
    for body in ParentBody:                                          # 001:4401-4425
        if not constitution.wait_for(case, body):
            return "not adopted"
    constitution.wait_for_changes(case)                              # 001:4427-4437
    return "adopted"


VERSIONS = {1: bring}
"""The procedure by version: a case keeps the one it was opened under."""
