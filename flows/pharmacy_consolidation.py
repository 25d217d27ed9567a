"""Pharmacy consolidation: the Board's representation to NHS England, today the Integrated Care Board.

Sources: Southampton Health and Wellbeing Board report, 26 July 2017 (margin numbers are its paragraphs, roman ones
its recommendations); NHS (Pharmaceutical and Local Pharmaceutical Services) Regulations 2013, SI 2013/349, with
SI 2016/1077 (margin: "reg", "Sch").
"""

from __future__ import annotations

from prefect import flow

from models.pharmacy import PharmacyCase
from models.pharmacy_words import Route
from tasks import (
    afterwards,
    circulation,
    date_changes,
    decisions,
    endings,
    lost_letters,
    meetings,
    notices,
    planning,
    representations,
    routes,
    turns,
    vacancies,
)


@flow(name="Pharmacy consolidation", flow_run_name="{case_ref}", validate_parameters=False, persist_result=False)
def pharmacy_consolidation(case_ref: str) -> str:
    """Answer one application: would granting it leave a gap in pharmaceutical services?

    Takes a turn of the case: does whatever the record and the date call for, then leaves the run waiting for the
    next fact or deadline. Returns how the case ended.
    """
    return turns.take(case_ref, PharmacyCase, VERSIONS)


def represent(case: PharmacyCase) -> str:
    """Carry an application from its notice to its end, and return how it ended."""
    if case.withdrawn:
        return endings.withdraw(case)

    planning.lay(case)                                           # 2, 8, 10, 11, back from the last day
    vacancies.see_to_vacancies(case)
    lost_letters.raise_lost_letters(case)
    routes.ask(case)                                             # (i), (ii)
    notices.tell_scrutiny_of_application(case)                   # 7
    date_changes.tell_of_moved_dates(case)
    representations.watch_last_day(case)                         # 2; Sch 2 para 19(4)
    if may_stay_silent(case):
        return endings.close(case, "no comment made")            # Sch 2 para 19(4): a neighbour may comment

    if case.determined_without_us:                               # reg 26A: nothing is left to represent on
        notices.tell_those_asked_of_determination(case)
    else:
        answer(case)

    outcome = afterwards.wait_for_determination(case)            # 13; reg 26A
    if outcome["outcome"] == "refused":
        afterwards.tell_outcome(case)
        return endings.close(case, "refused")
    ended = afterwards.see_to_consolidation(case)                # Sch 2 para 34A; reg 6(4)
    return endings.close(case, ended)


def answer(case: PharmacyCase) -> None:
    """Consult on the route chosen, have the question decided, and send the Board's representation."""
    route = routes.wait_for_route(case)                          # (i), (ii)
    if route is Route.CONTENTIOUS:
        consult_on_contentious(case)
    else:
        consult_on_non_contentious(case)
    decision = decisions.wait_for_decision(case)                 # 1, 5, 17
    representations.send(case, decision)                         # 2; Sch 2 para 19(5)
    notices.tell_scrutiny_of_response(case, decision)            # 7


def consult_on_non_contentious(case: PharmacyCase) -> None:
    """Consult the Chair and the members of the wards affected (rec (i), para 7)."""
    circulation.circulate(case)                                  # (i), 7
    circulation.wait_for_feedback(case)                          # time: local policy


def consult_on_contentious(case: PharmacyCase) -> None:
    """Circulate the papers, hear back, and call the group to a meeting where its answers are not clear."""
    circulation.circulate(case)                                  # (ii), 8, 9, 17
    circulation.wait_for_feedback(case)                          # 10, 12
    if not case.response_is_clear:
        meetings.convene(case)                                   # 11


def may_stay_silent(case: PharmacyCase) -> bool:
    """Tell whether a neighbouring Board let its last day pass without deciding to comment."""
    return not case.must_represent and case.decision is None and case.represent_by.passed(case.now)


VERSIONS = {1: represent, 2: represent}
"""The procedure by version: a case keeps the one it was opened under. They differ in what must be circulated (para 9):
`PharmacyCase.missing_papers`."""
