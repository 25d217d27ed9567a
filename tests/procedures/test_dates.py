"""The worked dates, each reached through the procedure itself."""

from __future__ import annotations

import pytest
from story_office import Office

from models.cases import Status


def test_summer_2017_runs_from_notice_to_the_second_saturday_of_september(office: Office) -> None:
    """Paras 2, 8, 10: given 26 July 2017; circulate by 9 August, hear back by 23 August, represent by 9 September."""
    office.receives(on="2017-07-26")
    office.decides_route("contentious", on="2017-08-07")
    office.attaches_assessment(on="2017-08-09")

    assert office.last_day("circulation") == "2017-08-09"
    assert office.status("circulation") is Status.MET
    assert office.last_day("feedback") == "2017-08-23"
    assert office.last_day("representation") == "2017-09-09"
    assert office.target("representation") == "2017-09-08"


@pytest.mark.parametrize(
    ("given", "last_day", "target"),
    [
        pytest.param("2017-11-10", "2017-12-25", "2017-12-22", id="Christmas Day does not roll"),
        pytest.param("2017-02-16", "2017-04-02", "2017-03-31", id="the clocks go forward on the way"),
        pytest.param("2020-01-20", "2020-03-05", "2020-03-05", id="29 February is a day"),
    ],
)
def test_day_45_is_strict_and_the_target_comes_before_it(
    office: Office, given: str, last_day: str, target: str
) -> None:
    """Sch 2 para 19(4): forty-five calendar days after the day of the notice, whatever day that is."""
    office.receives(on=given)
    assert office.last_day("representation") == last_day
    assert office.target("representation") == target


def test_an_email_before_midnight_utc_arrives_the_next_day_in_london(office: Office) -> None:
    """Interpretation Act 1978 s.9: 23:30Z on 30 June 2017 is 00:30 on 1 July in London, and that is day zero."""
    office.receives(on="2017-06-30T23:30:00Z")
    assert office.fact("notified")["given_on"] == "2017-07-01"
    assert office.last_day("representation") == "2017-08-15"


def test_the_last_second_of_day_45_is_in_time(office: Office) -> None:
    """Sch 2 para 19(4): the time ends with the last day, at 23:59:59 in London."""
    nearly_decided(office)
    office.decides("no-gap", on="2017-09-15T23:59:59")
    assert office.fact("representation-sent")["late"] is False
    assert office.status("representation") is Status.MET
    assert office.facts("breach-recorded") == []


def test_the_first_second_after_day_45_is_out_of_time(office: Office) -> None:
    """Sch 2 para 19(4): 00:00:00 of the next day is late, is marked late, and the breach stands."""
    nearly_decided(office)
    office.decides("no-gap", on="2017-09-16T00:00:00")
    assert office.fact("representation-sent")["late"] is True
    assert office.status("representation") is Status.MET_LATE
    assert office.fact("breach-recorded")["last_day"] == "2017-09-15"


def test_a_day_ends_at_midnight_in_london_when_the_clocks_have_gone_forward(office: Office) -> None:
    """Summer Time Act 1972: 22:59:59Z on 2 April 2017 is the last second; 23:00:00Z is already Monday."""
    office.receives(on="2017-02-16")
    office.waits_until("2017-04-02T22:59:59Z")
    assert office.facts("breach-recorded") == []
    office.waits_until("2017-04-02T23:00:00Z")
    assert office.days("breach-recorded") == ["2017-04-03"]


def nearly_decided(office: Office) -> None:
    """Give notice on 1 August 2017 and bring the case to where only the decision is missing."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("non-contentious", on="2017-08-02")
    office.hears_from_everyone("no-gap", on="2017-08-03")
    assert office.waits_for() == ("Awaiting decision", "2017-09-15")
