"""The urgent-decision route: named when the consultation cannot be completed before the last day.

Southampton used it on 21 September 2022, when the Board was inquorate and a statutory date could not wait.
"""

from __future__ import annotations

from models.pharmacy import PharmacyCase
from tasks.drafting import morning_of, write_to
from tasks.notices import told
from tasks.steps import step
from tasks.turns import Effect
from tasks.waiting import due


def wait_is_over(case: PharmacyCase, why: str) -> None:
    """Name the urgent route on the morning of the internal target when something is still waited for.

    Before that morning, asks for a turn then. Only the relevant Board, which must represent, has need of it.
    """
    if case.must_represent and case.urgent is None and due(morning_of(case.represent_by.target)):
        name_urgent_route(case, why=f"{why}, and the representation is due by {case.represent_by.last_day:%-d %B %Y}")


@step("urgent-route-named", "Name the urgent-decision route")
def name_urgent_route(case: PharmacyCase, *, why: str) -> Effect:
    """Record that the decision goes by the council's named urgent route, and why; tell those who must know.

    The letters go with the fact: once it is recorded the flow does not pass here again.
    """
    route, pharmacy = case.council.pharmacy.urgent_decision_route, case.council.pharmacy
    roles = told(case, [route.holder, pharmacy.responsible_officer, pharmacy.chair])
    values: dict[str, object] = {
        "reasons": [why], "route_name": route.name, "legal_basis": route.legal_basis,
        "decision_maker": case.council.title(route.holder, case.today),
    }  # fmt: skip
    return Effect(
        {"reasons": why, "route": route.name, "holder": route.holder, "legal_basis": route.legal_basis,
         "source": route.source, "told": roles},
        [write_to(case, "urgent-route-named", role, values) for role in roles],
    )  # fmt: skip
