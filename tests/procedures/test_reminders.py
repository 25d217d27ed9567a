"""Reminders before a day, where the council's file wants them on working days: earlier where they must, never later."""

from __future__ import annotations

from story_office import CouncilWith, Office, OfficeOf

from tasks.ladders import rungs
from tasks.outlook import outlook

WORKING = ("  reminders_on:\n    value: last working day on or before", "  reminders_on:\n    value: any day")


def circulated(office: Office) -> None:
    """Circulate on Monday 7 August 2017: answers by Monday the 21st, and one day before that is a Sunday."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-07")
    assert office.last_day("feedback") == "2017-08-21"


def test_a_reminder_that_would_fall_on_a_sunday_leaves_on_the_friday(office: Office) -> None:
    """Local policy: one reminder that day, the newest; the outlook and the letter say so."""
    circulated(office)
    coming = [each.on.isoformat() for each in outlook(office.playing.case) if "are reminded" in each.what]
    office.waits_until("2017-08-21")
    reminded = office.written_on("reminder", "healthwatch")
    assert reminded == coming == ["2017-08-14", "2017-08-18"]
    assert {fact["days_before"] for fact in office.facts("reminded")} == {7, 1}


def test_a_council_may_remind_on_any_day(council_with: CouncilWith, office_of: OfficeOf) -> None:
    """A file that says so, or says nothing, keeps to the days counted."""
    office = office_of(council_with(WORKING))
    circulated(office)
    office.waits_until("2017-08-21")
    assert office.written_on("reminder", "healthwatch") == ["2017-08-14", "2017-08-18", "2017-08-20"]


def test_a_reminder_is_not_moved_to_a_day_before_anything_was_asked(office: Office) -> None:
    """Asked on the Friday before Easter Monday 2017's week: the Saturday stays, for the Thursday was before."""
    circulated(office)
    case = office.playing.case
    thursday, saturday, wednesday = (case.today.replace(month=4, day=day) for day in (13, 15, 19))
    assert rungs(case, wednesday, thursday, [4]) == {4: saturday}, "14 April 2017 was Good Friday"
