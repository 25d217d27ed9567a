"""What goes wrong around a plan: a signatory whose letter does not arrive, and an office that nobody holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from story_better_care import ABOVE, DIRECTOR, PlanOffice

from models.council import Council
from models.outgoing import LetterState


def test_a_signatory_whose_letter_came_back_is_told_another_way(plan: PlanOffice) -> None:
    """001:586-593 (P07): who was not asked does not sign; the Director is told while there is time."""
    plan.mail_to("cabinet", is_=LetterState.REFUSED)
    plan.receives()
    told = plan.letter("case-letter-lost", DIRECTOR)
    assert "It stands or falls with: Monday 11 September 2017" in told
    plan.does("settle", on="2017-07-19", consultee="cabinet", fate="received", reasons="Told by telephone.")
    assert plan.is_refused("settle", on="2017-07-20", consultee="cabinet", fate="received", reasons="Again.")


def test_while_nobody_is_director_those_above_are_told(
    council_with: Callable[..., Council], tmp_path: Path
) -> None:
    """001:578-604: the plan has a last day, and it does not wait unheard."""
    held = "{person: rowena-castleford, from: 2016-12-05"
    office = PlanOffice(council_with((f"{held}}}", f"{held}, until: 2017-07-31}}")), tmp_path)
    office.receives()
    office.waits_until("2017-08-01")
    assert set(office.recipients("case-office-vacant")) <= {*ABOVE, "director-of-public-health"}
    assert office.written_on("case-office-vacant", "monitoring-officer") == ["2017-08-01"]
    office.is_sound()
