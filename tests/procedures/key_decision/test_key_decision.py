"""Key decisions told by date: from the notice of 28 clear days to the day of implementation."""

from __future__ import annotations

import pytest
from story_key_decision import LEADER, OFFICER, Office
from story_office import CouncilWith

from models.cases import Status
from tasks.forms import Refused


def decided(office: Office, *, on: str = "2017-07-18") -> None:
    """Bring a key decision of the Cabinet to the day on which it is taken, everything in time."""
    office.enters(on="2017-06-01", decide_on=on)
    office.publishes("key-decision", on="2017-06-19", documents="report, business case")
    office.publishes("agenda", on="2017-07-10", documents="report")
    office.decides(on=on)


def test_the_whole_way(office: Office) -> None:
    """P28, 000:265-276, SI 2012/2089 regs 8, 9, 12: noticed, published, signed twice, standing still, implemented."""
    said = office.enters(on="2017-06-01", decide_on="2017-07-18")
    assert "is a key decision: £750,000 is at or above the threshold of £500,000" in said
    assert office.fact("key-decision-tested")["key"] is True
    assert office.waits_for() == ("Awaiting notice of key decision", "2017-06-19")
    office.publishes("key-decision", on="2017-06-19", documents="report, business case")
    notice = office.fact("notice-published")
    assert (notice["matter"], notice["decision_maker"], notice["for_day"], notice["documents"]) == (
        "Extra care housing", "Cabinet", "2017-07-18", ["report", "business case"],
    )  # fmt: skip
    assert office.waits_for() == ("Awaiting agenda and reports", "2017-07-10")
    office.publishes("agenda", on="2017-07-10")
    assert office.waits_for() == ("Awaiting decision", "2017-07-18")
    office.decides(on="2017-07-18")
    assert office.waits_for() == ("Awaiting signatures", "2017-07-20")
    office.signs_and_publishes(on="2017-07-20")
    assert office.waits_for() == ("Standing still for call-in", "2017-07-27")
    office.waits_until("2017-07-27T23:59:59")
    assert office.implemented_on() is None
    office.waits_until("2017-07-28T00:00:01")
    assert office.implemented_on() == "2017-07-28"
    assert office.waits_for() == ("Awaiting call-ins entered late", "2017-08-04")
    office.waits_until("2017-08-05T00:00:01")
    assert office.outcome == "implementable"


def test_notice_is_due_on_day_e_29_and_the_strict_reading_is_shown(office: Office) -> None:
    """SI 2012/2089 reg 9, law section 9: 28 clear days before Tuesday 18 July 2017; U2: the strict reading is shown."""
    office.enters(on="2017-06-01", decide_on="2017-07-18")
    deadline = office.deadline("notice of key decision")
    assert deadline.last_day.isoformat() == "2017-06-19"
    assert deadline.local_policy
    assert "as working days: Wednesday 7 June 2017" in deadline.notes[0]
    assert "Read strictly, the notice is due by Wednesday 7 June 2017" in office.newest("kd-timetable", OFFICER)


def test_from_day_0_the_letter_says_what_is_out_of_reach_and_what_would_mend_it(office: Office) -> None:
    """000:270-271: entered 20 days before; the notice is lost, the general exception and another day would mend it."""
    office.enters(on="2017-06-28", decide_on="2017-07-18")
    told = office.newest("kd-timetable", OFFICER)
    assert "Already out of reach: notice of key decision, Monday 19 June 2017" in told
    assert "give notice of the general exception by Monday 10 July 2017 (reg 10)" in told
    assert "publish today and move the decision to Thursday 27 July 2017 or later" in told
    assert "cleardays publish KD-2017-001 --what general-exception" in office.newest("kd-out-of-reach", OFFICER)
    assert office.waits_for() == ("Awaiting notice of general exception", "2017-07-10")


def test_a_late_notice_lets_the_decision_be_taken_on_another_day_only(office: Office) -> None:
    """SI 2012/2089 reg 9: a notice of 20 June leaves 27 clear days; moved by a day and noticed for it, it is lawful."""
    office.enters(on="2017-06-01", decide_on="2017-07-18")
    said = office.publishes("key-decision", on="2017-06-20")
    assert "That is after Monday 19 June 2017, the latest day for it" in said
    office.publishes("agenda", on="2017-07-10")
    assert "28 clear days before (reg 9)" in office.may_not_decide(on="2017-07-18")
    office.does("move-decision", on="2017-07-18", to="2017-08-22", reasons="Notice was a day late.")
    assert office.deadline("notice of key decision").history[0].last_day.isoformat() == "2017-06-19"
    assert office.waits_for() == ("Awaiting notice of key decision", "2017-07-24")
    office.publishes("key-decision", on="2017-07-24")
    office.publishes("agenda", on="2017-08-14")
    office.decides(on="2017-08-22")
    assert office.fact("decided")["route"] == "notice of 28 clear days (reg 9)"


def test_a_notice_for_a_period_serves_every_day_in_it(office: Office) -> None:
    """SI 2012/2089 reg 9: the notice states the date or the period; E-29 is counted from its first day."""
    office.enters(on="2017-06-01", decide_on="2017-07-18", decide_until="2017-07-31",
                  made_by="member", decision_maker="cabinet-member-health")  # fmt: skip
    office.publishes("key-decision", on="2017-06-19")
    office.publishes("agenda", on="2017-07-10")
    assert "it is set for Tuesday 18 July 2017 to Monday 31 July 2017" in office.may_not_decide(on="2017-07-17")
    office.decides(on="2017-07-27")
    assert office.fact("decided")["made_by"] == "member"


def test_agenda_is_due_five_clear_working_days_before(office: Office) -> None:
    """P24, 001:294, law section 9: for Wed 26 July 2017 by Tue 18 July; not available then, it is not considered."""
    office.enters(on="2017-06-01", decide_on="2017-07-26")
    office.publishes("key-decision", on="2017-06-20")
    assert office.last_day("agenda and reports") == "2017-07-18"
    assert "convene the meeting at shorter notice" in office.publishes("agenda", on="2017-07-19")
    assert office.waits_for() == ("Awaiting a new day: papers late", None)
    why = office.may_not_decide(on="2017-07-26")
    assert "an item not available for 5 clear days before cannot be considered" in why
    assert office.status("agenda and reports") is Status.MET_LATE


def test_agenda_days_leave_out_christmas_and_a_state_funeral(office: Office) -> None:
    """P24, law section 9: before Wed 3 January 2018 by Thu 21 December 2017; before 21 Sep 2022 by 12 Sep."""
    office.enters(on="2017-11-01", decide_on="2018-01-03")
    assert office.last_day("agenda and reports") == "2017-12-21"
    office.enters(on="2022-08-01", decide_on="2022-09-21")
    assert office.last_day("agenda and reports") == "2022-09-12"


def test_a_meeting_convened_at_shorter_notice_has_its_agenda_open_from_then_on(office: Office) -> None:
    """SI 2012/2089 regs 6, 7: convened at shorter notice, what was open since it was convened may be considered."""
    office.enters(on="2017-06-01", decide_on="2017-07-26")
    office.publishes("key-decision", on="2017-06-20")
    office.publishes("agenda", on="2017-07-20", convened_on="2017-07-19")
    assert "an item not available" in office.may_not_decide(on="2017-07-26T10:00")
    office.publishes("agenda", on="2017-07-26T10:30", published_on="2017-07-20", convened_on="2017-07-20")
    office.decides(on="2017-07-26")


def test_an_item_added_too_late_is_not_considered(office: Office) -> None:
    """SI 2012/2089 reg 7: an item added to an agenda needs its five clear days like any other."""
    office.enters(on="2017-06-01", decide_on="2017-07-26")
    office.publishes("key-decision", on="2017-06-20")
    office.publishes("added-item", on="2017-07-19", reasons="Late news.")
    assert "an item not available" in office.may_not_decide(on="2017-07-26")


def test_an_item_added_in_time_is_considered(office: Office) -> None:
    """SI 2012/2089 reg 7: added five clear working days before, it is open to the public when it is added."""
    office.enters(on="2017-06-01", decide_on="2017-07-26")
    office.publishes("key-decision", on="2017-06-20")
    office.publishes("added-item", on="2017-07-18")
    office.decides(on="2017-07-26")


def test_a_decision_that_is_not_key_needs_no_notice_and_does_not_stand_still(office: Office) -> None:
    """000:273-276, reg 8: below the threshold and in one ward; the paper lets key decisions alone stand still."""
    office.enters(on="2017-07-01", decide_on="2017-07-18", pounds=499_999)
    assert office.fact("key-decision-tested")["key"] is False
    assert office.waits_for() == ("Awaiting agenda and reports", "2017-07-10")
    office.publishes("agenda", on="2017-07-10")
    office.decides(on="2017-07-18")
    assert office.implemented_on() == "2017-07-18"
    assert office.waits_for() == ("Awaiting signatures", "2017-07-20")
    office.signs_and_publishes(on="2017-07-19")
    assert office.outcome == "implementable"


def test_two_wards_make_a_decision_key_whatever_it_costs(office: Office) -> None:
    """SI 2012/2089 reg 8: significant effects in two or more wards."""
    office.enters(on="2017-06-01", decide_on="2017-07-18", pounds=0, wards="bargate, bevois")
    tested = office.fact("key-decision-tested")
    assert tested["key"] is True
    assert "significant in 2 wards (Bargate, Bevois)" in tested["why"]


def test_a_corrected_estimate_is_tested_anew(office: Office) -> None:
    """SI 2012/2089 reg 8: at £500,000 it turns key a week before; then no notice stands and it cannot be decided."""
    office.enters(on="2017-06-01", decide_on="2017-07-18", pounds=400_000)
    office.publishes("agenda", on="2017-07-10")
    office.does("correct-decision", on="2017-07-11", pounds=500_000, reasons="The estimate was revised.")
    assert [fact["key"] for fact in office.facts("key-decision-tested")] == [False, True]
    assert office.waits_for() == ("Awaiting agreement that it is urgent", "2017-07-18")
    assert "no notice of this key decision" in office.may_not_decide(on="2017-07-18")


def test_the_record_holds_five_fields_and_is_signed_twice_before_it_is_published(office: Office) -> None:
    """000:271-273, regs 12, 13: decision and date, reasons, alternatives, conflicts, dispensation; two signatures."""
    decided(office)
    fact = office.fact("decided")
    assert all(fact[name] for name in ("decision", "decided_on", "reasons", "alternatives", "conflicts",
                                       "dispensations"))  # fmt: skip
    assert "nor by the proper-officer" in office.is_refused("publish", on="2017-07-18", what="decision-notice")
    office.does("sign", on="2017-07-19", capacity="decision-maker")
    assert "by the proper-officer" in office.is_refused("publish", on="2017-07-19", what="decision-notice")
    assert "has signed" in office.is_refused("sign", on="2017-07-19", capacity="decision-maker")
    office.does("sign", on="2017-07-19", capacity="proper-officer")
    office.publishes("decision-notice", on="2017-07-19")
    assert [fact["office"] for fact in office.facts("signed")] == [LEADER, OFFICER]


def test_a_record_without_its_fields_is_refused(office: Office) -> None:
    """SI 2012/2089 reg 12: a record lacks none of its fields; 'none' is an answer, silence is not."""
    office.enters(on="2017-06-01", decide_on="2017-07-18")
    refused = office.is_refused("decide-item", on="2017-07-18", outcome="agreed", decision="Yes.")
    assert "reasons is missing" in refused
    assert "alternatives is missing" in refused
    assert "conflicts is missing" in refused


def test_publication_overdue_is_told_and_is_a_breach_of_the_councils_own_time(office: Office) -> None:
    """SI 2012/2089 regs 12-14: as soon as reasonably practicable; the council's file says two working days."""
    decided(office)
    office.waits_until("2017-07-21")
    assert "publication of the decision" in office.newest("kd-overdue", "monitoring-officer")
    office.signs_and_publishes(on="2017-07-21")
    assert office.status("publication of the decision") is Status.MET_LATE
    assert "20 July 2017, was not kept" in office.playing.case.breaches()[0]
    assert office.last_day("call-in") == "2017-07-31"


def test_record_and_papers_are_kept_for_six_and_four_years_beginning_on_the_day(office: Office) -> None:
    """SI 2012/2089 reg 21(6), (7): both begin on the date of the decision, so that day counts."""
    decided(office)
    assert office.kept_until() == ["2023-07-17", "2021-07-17"]
    assert "kept until Monday 17 July 2023 at least" in office.newest("kd-record-due", OFFICER)


def test_a_proposal_not_agreed_to_is_published_and_ends(office: Office) -> None:
    """000:343-347: whoever decides may decline on the merits; that is a decision, recorded and published."""
    office.enters(on="2017-06-01", decide_on="2017-07-18")
    office.publishes("key-decision", on="2017-06-19")
    office.publishes("agenda", on="2017-07-10")
    office.decides(on="2017-07-18", outcome="not-agreed")
    assert office.facts("decided") == []
    office.signs_and_publishes(on="2017-07-20")
    assert office.outcome == "not agreed"
    assert office.implemented_on() is None


def test_a_day_that_passes_without_a_decision_wants_another(office: Office) -> None:
    """SI 2012/2089 reg 9: the notice was for that day; a later one needs a notice that names it."""
    office.enters(on="2017-06-01", decide_on="2017-07-18")
    office.publishes("key-decision", on="2017-06-19")
    office.publishes("agenda", on="2017-07-10")
    office.waits_until("2017-07-19")
    assert office.waits_for() == ("Awaiting a new day: not decided", None)
    assert "move it first" in office.may_not_decide(on="2017-07-19")
    office.does("move-decision", on="2017-07-19", to="2017-08-15", reasons="The Cabinet rose early.")
    assert office.waits_for()[0] == "Awaiting notice of general exception"


def test_a_withdrawn_matter_ends_and_is_told(office: Office) -> None:
    """000:268-276: withdrawn is an end of its own; everybody who was written to hears of it."""
    office.enters(on="2017-06-01", decide_on="2017-07-18")
    office.does("withdraw", on="2017-06-15", reasons="The landlord sold.")
    assert office.outcome == "withdrawn"
    assert [each.draft.recipient for each in office.letters("kd-ended")] == [OFFICER, LEADER]


def test_a_decision_says_what_it_costs(office: Office) -> None:
    """SI 2012/2089 reg 8: the test is of an amount; none given is refused, 0 says that there is none."""
    with pytest.raises(Refused, match="pounds"):
        office.enters(on="2017-06-01", decide_on="2017-07-18", pounds=None)
    office.enters(on="2017-06-01", decide_on="2017-07-18", pounds=0)
    assert "£0 is below the threshold" in office.fact("key-decision-tested")["why"]


def test_a_decision_once_taken_is_not_withdrawn(office: Office) -> None:
    """000:273-276, SI 2012/2089 reg 12: decided, it stands on the record, and never ends as withdrawn as well."""
    decided(office)
    assert "another decision" in office.is_refused("withdraw", on="2017-07-18", reasons="Overtaken by events.")
    office.signs_and_publishes(on="2017-07-20")
    assert "is not withdrawn" in office.is_refused("withdraw", on="2017-07-25", reasons="Overtaken by events.")
    office.waits_until("2017-08-10")
    assert office.outcome == "implementable"


def test_who_signs_a_decision_of_the_cabinet_is_the_councils_own_rule(council_with: CouncilWith) -> None:
    """SI 2012/2089 reg 12: a written record; two signatures are for the Joint Commissioning Board (000:271-273)."""
    office = Office(council_with(("body: [decision-maker, proper-officer]", "body: []")))
    decided(office)
    assert office.waits_for()[0] == "Awaiting publication of the decision"
    assert "is not signed" in office.is_refused("sign", on="2017-07-18", capacity="proper-officer")
    office.publishes("decision-notice", on="2017-07-20")
    assert office.waits_for() == ("Standing still for call-in", "2017-07-27")
