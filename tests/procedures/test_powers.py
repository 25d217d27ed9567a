"""Who decides: the delegation is the Director's (recommendations (i), (ii))."""

from __future__ import annotations

from typing import Any

from story_office import CouncilWith, Office, OfficeOf

DIRECTOR, DEPUTY, CHAIR = "director-of-public-health", "deputy-director-of-public-health", "board-chair"
DECISION: dict[str, Any] = {"opinion": "no-gap", "limb_a": "Met.", "limb_b": "Kept.", "wishes_oral_hearing": False}
ROUTE: dict[str, Any] = {"route": "contentious", "reasons": "Objections.", "chair_agrees": True}
DELEGATED = "representations on an application deemed contentious.\n      holder: director-of-public-health"
TO_DEPUTY = (DELEGATED, f"{DELEGATED}\n      deputies: [deputy-director-of-public-health]")
HELD = "      - {person: theo-brackenbury, from: 2019-09-01}\n"


def test_nobody_but_the_director_decides(office: Office) -> None:
    """Recs (i), (ii) delegate to the Director alone: a decision by anybody else would be outside the power."""
    answered(office)
    for other in (DEPUTY, CHAIR, "public-health-team"):
        why = office.is_refused("decide", on="2017-08-08", by=other, **DECISION)
        assert "cannot decide (decide): in this council's file that is for Director of Public Health" in why
    office.does("decide", on="2017-08-08", **DECISION)
    assert office.fact("decided").actor == DIRECTOR


def test_nobody_but_the_director_chooses_the_route(office: Office) -> None:
    """Recs (i), (ii): it is at the Director's discretion; the Chair is consulted and does not choose alone."""
    office.receives(on="2017-08-01")
    why = office.is_refused("decide-route", on="2017-08-02", by=CHAIR, **ROUTE)
    chair = "Chair of the Health and Wellbeing Board (board-chair)"
    assert why.startswith(f"{chair} cannot choose the route (decide-route): ")


def test_a_deputy_named_in_the_councils_file_decides_as_deputy(council_with: CouncilWith, office_of: OfficeOf) -> None:
    """Where the scheme of delegation names a deputy, the record and the representation say for whom they stood in."""
    office = office_of(council_with(TO_DEPUTY))
    answered(office)
    office.does("decide", on="2017-08-08", by=DEPUTY, **DECISION)
    decided = office.fact("decided")
    assert (decided.actor, decided["deputy_for"]) == (DEPUTY, DIRECTOR)
    document = office.document_text("representation")
    assert "Deputy Director of Public Health, as deputy of the Director of Public Health" in document


def test_the_urgent_route_has_its_own_holder(council_with: CouncilWith, office_of: OfficeOf) -> None:
    """21 September 2022: once the urgent route is named, its holder decides, and nobody else."""
    urgent = ("    name: Urgent officer decision\n    holder: director-of-public-health",
              "    name: Urgent officer decision\n    holder: monitoring-officer")  # fmt: skip
    office = office_of(council_with(urgent))
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")
    office.does("name-urgent-route", on="2017-08-07", reasons="The group cannot meet in time.")
    why = office.is_refused("decide", on="2017-08-08", by=DIRECTOR, **DECISION)
    assert "that is for Monitoring Officer" in why
    office.does("decide", on="2017-08-08", **DECISION)
    assert office.fact("decided").actor == "monitoring-officer"


def test_an_office_that_nobody_holds_decides_nothing(council_with: CouncilWith, office_of: OfficeOf) -> None:
    """A decision in the name of a vacant office is nobody's decision."""
    office = office_of(council_with((HELD, "")))
    office.receives(on="2019-08-20")
    why = office.is_refused("decide-route", on="2019-09-02", **ROUTE)
    assert "nobody holds the office of Director of Public Health" in why
    assert office.letters("office-vacant")[0].written_at.isoformat() == "2019-08-31T23:00:00+00:00"


def answered(office: Office) -> None:
    """Bring a contentious case to where everybody has answered alike, on 7 August 2017."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")
    office.hears_from_everyone("no-gap", on="2017-08-07")
