"""One application from its notice to its end, told by date: read this first."""

from __future__ import annotations

from story_office import Office


def test_a_contentious_application_from_notice_to_statement(office: Office) -> None:
    """Paras 2, 7 to 11, 17; Sch 2 paras 19, 34A; reg 6(4): circulate, hear back, meet, decide, send, publish."""
    office.receives(on="2017-08-01")
    assert office.waits_for() == ("Awaiting route", "2017-08-14")

    office.attaches_assessment(on="2017-08-03")
    office.decides_route("contentious", on="2017-08-04")
    assert office.recipients("circulation") == office.consulted()
    assert office.waits_for() == ("Awaiting feedback", "2017-08-18")

    office.hears_back({"icb": "gap", "healthwatch": "no-gap"}, on="2017-08-10")
    office.waits_until("2017-08-19")
    assert office.waits_for() == ("Awaiting meeting", "2017-09-15")

    office.meets("director-of-public-health, board-chair, icb", on="2017-08-24", opinion="no-gap")
    assert office.waits_for() == ("Awaiting decision", "2017-09-15")

    office.decides("no-gap", on="2017-08-25")
    assert office.recipients("representation") == ["nhs-england"]
    assert office.waits_for() == ("Awaiting determination", None)

    office.does("record-outcome", on="2017-12-01", outcome="granted")
    assert office.waits_for() == ("Awaiting notice of consolidation", "2018-06-01")

    office.does("record-consolidation", on="2018-02-01", effective_on="2018-02-12")
    office.does("publish-statement", on="2018-02-20")
    assert office.outcome == "statement published"
