"""Establishing the Board, or changing its powers: Cabinet, then Council, then the constitution (001:4401-4437; P17)."""

from __future__ import annotations

from datetime import date

from models.deadlines import Deadline
from models.facts import Fact
from models.joint_commissioning import JointCommissioningCase
from models.periods import by
from tasks.drafting import listed
from tasks.joint_commissioning.asking import ask
from tasks.joint_commissioning.forms import ParentBody
from tasks.waiting import park

Case = JointCommissioningCase

ON_THE_DAY = by(source="report of 18 and 19 July 2017: the day of the decision")


def wait_for(case: Case, body: ParentBody) -> bool:
    """Return whether the Cabinet, or the Council, adopted the recommendations; until then ask who minutes it."""
    found = decision_of(case, body)
    if found is not None:
        return bool(found["adopted"])
    due = day_of(case, body)
    ask(
        case, [case.section.clerk, _role(case, body)], f"record what the {body.capitalize()} decided", due,
        "The Board is established, and its powers are changed, by the Cabinet for executive functions and by the "
        "Council for all others.",
        f"record-parent-decision CASE --body {body} --adopted",
    )  # fmt: skip
    park(f"Awaiting the {body.capitalize()}", due, f"the {body.capitalize()} decides on {due.last_day:%-d %B %Y}")


def wait_for_changes(case: Case) -> None:
    """Wait for the Service Director's changes to the constitution, following consultation (001:4427-4437)."""
    if case.record.last("constitution-amended") is not None:
        return
    section = case.section.constitution
    adopted = decision_of(case, ParentBody.COUNCIL)
    assert adopted is not None
    period = case.convening_period
    due = case.since(period, adopted, "changes to the constitution", "the Council adopted the recommendations")
    ask(case, [section.officer], "make the changes to the constitution", due,
        f"The changes are made following consultation with {listed(case, section.consulted)}.",
        f"amend-constitution CASE --consulted {','.join(section.consulted)} --changes WORDS")  # fmt: skip
    park("Awaiting the changes to the constitution", due, f"{listed(case, [section.officer])} makes them")


def decision_of(case: Case, body: ParentBody) -> Fact | None:
    """Return what a parent body decided, or None."""
    return next((fact for fact in case.record.all("parent-decided") if fact["body"] == body), None)


def day_of(case: Case, body: ParentBody) -> Deadline:
    """Return the day on which a parent body decides, as a deadline."""
    on = date.fromisoformat(case.record.facts[0][f"{body}_on"])
    return ON_THE_DAY.from_(on, name=str(body), event=f"the {body.capitalize()} meets",
                            evidence="fact 1", calendar=case.calendar)  # fmt: skip


def _role(case: Case, body: ParentBody) -> str:
    section = case.section.constitution
    return section.cabinet if body is ParentBody.CABINET else section.council
