"""Dates that move: more time, a clock that stands, a notice corrected, papers sent anew, one consultee more.

What the law sets does not move by anybody's wish; a correction only says what was true all along.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations

import pytest
from story_office import CouncilWith, Office, OfficeOf, words_of

from models.cases import Status
from models.consultation import Standing
from models.outgoing import LetterState
from tasks.verbs import perform


def circulated(office: Office, *, on: str = "2017-07-31") -> None:
    """Give notice on 26 July 2017 and circulate on the contentious route."""
    office.receives(on="2017-07-26")
    office.attaches_assessment(on=on)
    office.decides_route("contentious", on=on)


def moved(office: Office, kind: str) -> dict[str, tuple[str, str]]:
    """Return what the newest fact of a kind says it moved, before and after by name."""
    return {each["name"]: (each["before"], each["after"]) for each in office.facts(kind)[-1]["moved"]}


# -- more time -----------------------------------------------------------------------------------------------


def test_everybody_is_given_a_few_days_more(office: Office) -> None:
    """Para 10 is the council's own paper: 14 August becomes 21 August, and each of them is told with the reason."""
    circulated(office)
    says = office.does("extend", on="2017-08-10", clock="feedback", count=7, reasons="The plan was unreadable")

    assert "Feedback: Monday 14 August 2017, now Monday 21 August 2017." in says
    assert office.last_day("feedback") == "2017-08-21"
    assert moved(office, "time-extended")["feedback: healthwatch"] == ("2017-08-14", "2017-08-21")
    told = office.recipients("date-moved")
    assert set(told) == set(office.consulted())
    words = words_of(office.letters("date-moved")[0])
    assert "You now have until Monday 21 August 2017 to reply. It was Monday 14 August 2017 before." in words
    assert "Why: The plan was unreadable" in words
    assert "with 7 days more" in words
    office.waits_until("2017-08-21T23:59:59")
    assert office.facts("feedback-closed") == []
    office.waits_until("2017-08-22T00:00:00")
    assert office.days("feedback-closed") == ["2017-08-22"]


def test_who_has_answered_is_not_told_of_more_time(office: Office) -> None:
    """A letter that asks for nothing is not written."""
    circulated(office)
    office.hears_back({"healthwatch": "gap"}, on="2017-08-02")
    office.does("extend", on="2017-08-10", clock="feedback", count=3, reasons="Holidays")
    assert "healthwatch" not in office.recipients("date-moved")


def test_many_dates_that_move_alike_are_one_sentence(office: Office) -> None:
    """Whose day is another is named; who has answered is not; the record holds the day of each of them."""
    circulated(office)
    office.hears_back({"healthwatch": "gap"}, on="2017-08-02")
    office.does("extend", on="2017-08-03", clock="feedback", consultee="icb", count=1, reasons="Their office moves")
    says = office.does("extend", on="2017-08-10", clock="feedback", count=3, reasons="Holidays")
    others = len(office.consulted()) - 2
    assert says == (
        "Feedback: Tuesday 15 August 2017, now Friday 18 August 2017. "
        f"{others} consultees: Monday 14 August 2017, now Thursday 17 August 2017. "
        "NHS Southampton City Clinical Commissioning Group: Tuesday 15 August 2017, now Friday 18 August 2017."
    )
    assert len([name for name in moved(office, "time-extended") if name.startswith("feedback: ")]) == others + 1
    office.hears_back({"board-chair": "gap"}, on="2017-08-10T15:00")
    number = office.facts("time-extended")[-1].number
    back = office.does("retract", on="2017-08-11", fact=number, reasons="Not asked for")
    assert f"{others - 1} consultees: Thursday 17 August 2017, now Monday 14 August 2017." in back
    assert "Chair of the" not in back


def test_one_consultee_is_given_more_time(office: Office) -> None:
    """The others' day stands, and nobody else is written to."""
    circulated(office)
    office.does("extend", on="2017-08-10", clock="feedback", consultee="healthwatch", until="2017-08-18",
                reasons="Their board meets on the 17th")  # fmt: skip
    assert office.last_day("feedback: healthwatch") == "2017-08-18"
    assert office.last_day("feedback: icb") == "2017-08-14"
    assert office.recipients("date-moved") == ["healthwatch"]


@pytest.mark.parametrize(
    ("clock", "rule"),
    [("representation", "SI 2013/349 Sch 2 para 19(4) gives 45 days"), ("consolidation", "Sch 2 para 34A gives six")],
)
def test_what_the_law_sets_is_not_extended(office: Office, clock: str, rule: str) -> None:
    """Sch 2 paras 19(4), 34A: the refusal names the rule, for an extension and for a suspension."""
    circulated(office)
    assert rule in office.is_refused("extend", on="2017-08-10", clock=clock, count=1, reasons="Please")
    refused = office.is_refused("suspend", on="2017-08-10", clock=clock, starts_on="2017-08-10", until="2017-08-11",
                                reasons="Please")  # fmt: skip
    assert "cannot be extended or suspended by an officer" in refused


def test_the_councils_file_bounds_extensions(office: Office) -> None:
    """Local policy: seven days beyond the day first set, extensions and suspensions together; the eighth is refused."""
    circulated(office)
    office.does("extend", on="2017-08-04", clock="feedback", count=5, reasons="Holidays")
    refused = office.is_refused("extend", on="2017-08-05", clock="feedback", count=3, reasons="More holidays")
    assert "first set to Monday 14 August 2017, and this council allows 7 days more at most" in refused
    refused = office.is_refused("suspend", on="2017-08-05", clock="feedback", starts_on="2017-08-08",
                                until="2017-08-10", reasons="Mailbox down")  # fmt: skip
    assert "extensions and suspensions together" in refused
    office.does("suspend", on="2017-08-05", clock="feedback", starts_on="2017-08-08", until="2017-08-09",
                reasons="Mailbox down")  # fmt: skip
    assert office.last_day("feedback") == "2017-08-21"


def test_more_time_must_leave_the_board_its_own(office_of: OfficeOf, council_with: CouncilWith) -> None:
    """Sch 2 para 19(4): feedback may not be moved to where the representation could no longer follow in time."""
    office = office_of(council_with(("feedback: 7, comments", "feedback: 60, comments")))
    circulated(office, on="2017-08-08")
    refused = office.is_refused("extend", on="2017-08-20", clock="feedback", until="2017-09-08", reasons="Holidays")
    assert "leaves the Board no working day before its own target, Friday 8 September 2017" in refused
    office.does("extend", on="2017-08-20", clock="feedback", until="2017-09-07", reasons="Holidays")


def test_time_that_is_over_is_not_extended(office: Office) -> None:
    """What ended has ended: the refusal says what can be done instead."""
    circulated(office)
    refused = office.is_refused("extend", on="2017-08-15", clock="feedback", count=3, reasons="Late")
    assert "ended with Monday 14 August 2017" in refused
    assert "circulate-again" in refused


def test_circulation_can_be_put_off_by_a_few_days_before_it_is_late(office: Office) -> None:
    """Para 8 is the council's own: 9 August becomes 11 August; the route's day moves with it, day 45 does not."""
    office.receives(on="2017-07-26")
    office.does("extend", on="2017-08-01", clock="circulation", count=2, reasons="The map is being redrawn")
    assert office.last_day("circulation") == "2017-08-11"
    assert office.last_day("route") == "2017-08-10"
    assert office.last_day("representation") == "2017-09-09"
    office.waits_until("2017-08-10T12:00")
    assert office.facts("route-decided") == []
    office.waits_until("2017-08-11T00:00:00")
    assert office.fact("route-decided")["by_default"] is True


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"clock": "feedback"}, "say how much more time"),
        ({"clock": "feedback", "count": 3, "until": "2017-08-20"}, "say how much more time"),
        ({"clock": "route", "count": 3}, "extend the circulation"),
        ({"clock": "comments", "count": 3}, "no clock runs for comments yet"),
        ({"clock": "circulation", "count": 1}, "the papers have been circulated; extend the feedback"),
        ({"clock": "circulation", "count": 1, "consultee": "healthwatch"}, "only feedback has a time for each"),
        ({"clock": "feedback", "count": 3, "consultee": "nobody"}, "'nobody' is not consulted in this case"),
        ({"clock": "feedback", "until": "2017-08-13"}, "that moves no date"),
        ({"clock": "feedback", "count": 0}, "count"),
        ({"clock": "forever", "count": 1}, "write one of: circulation, feedback"),
    ],
)
def test_an_extension_that_makes_no_sense_is_refused(office: Office, fields: dict[str, object], said: str) -> None:
    """Each refusal says what to name instead; nothing is recorded."""
    circulated(office)
    assert said in office.is_refused("extend", on="2017-08-10", reasons="Because", **fields)


# -- a clock that stands -------------------------------------------------------------------------------------


def test_days_on_which_the_clock_stood_do_not_count(office: Office) -> None:
    """Three days without a mailbox: the fourteen days end three days later, each day named with its reason."""
    circulated(office)
    office.does("suspend", on="2017-08-08", clock="feedback", starts_on="2017-08-07", until="2017-08-09",
                reasons="our mailbox refused mail")  # fmt: skip
    assert office.last_day("feedback") == "2017-08-17"
    explained = "\n".join(office.deadline("feedback: icb").explain())
    assert "the 3 days from Monday 7 August 2017 to Wednesday 9 August 2017, the clock stood: our mailbox" in explained
    assert "Before: Monday 14 August 2017; moved by the Director of Public Health: our mailbox refused" in explained


def test_a_clock_runs_again_before_its_suspension_would_end(office: Office) -> None:
    """Resumed a day early: one day comes back; the days that did not count stay uncounted."""
    circulated(office)
    office.does("suspend", on="2017-08-07", clock="feedback", starts_on="2017-08-07", until="2017-08-12",
                reasons="Mailbox down")  # fmt: skip
    assert office.last_day("feedback") == "2017-08-20"
    refused = office.is_refused("resume", on="2017-08-10", resumed_on="2017-08-08", reasons="It works")
    assert "a day that did not count is not made to count afterwards" in refused
    office.does("resume", on="2017-08-10", reasons="It works")
    assert office.last_day("feedback") == "2017-08-17"
    assert "no clock of this case stands" in office.is_refused("resume", on="2017-08-11", reasons="Again")
    assert len(office.letters("date-moved")) == 2 * len(office.consulted())


ENTRIES: dict[str, dict[str, object]] = {
    "more time": {"verb": "extend", "clock": "feedback", "count": 3, "reasons": "Holidays"},
    "more for one": {"verb": "extend", "clock": "feedback", "consultee": "icb", "count": 1, "reasons": "Late"},
    "clock stands": {"verb": "suspend", "clock": "feedback", "starts_on": "2017-08-07", "until": "2017-08-08",
                     "reasons": "Mailbox down"},
    "served later": {"verb": "serve", "consultee": "icb", "channel": "hand", "served_on": "2017-08-01"},
}  # fmt: skip


@pytest.mark.parametrize("order", list(permutations(ENTRIES)), ids=", ".join)
def test_entries_come_to_the_same_days_in_any_order(office: Office, order: tuple[str, ...]) -> None:
    """Extension, suspension, an extension for one and papers served late: 24 orders of arrival, one result."""
    circulated(office)
    for number, name in enumerate(order):
        fields = dict(ENTRIES[name])
        office.does(str(fields.pop("verb")), on=f"2017-08-0{2 + number}", **fields)
    assert office.last_day("feedback: icb") == "2017-08-21"  # 1 August + 14 + 3 + 1 + 2
    assert office.last_day("feedback: healthwatch") == "2017-08-19"
    office.waits_until("2017-08-20")
    assert office.waits_for() == ("Awaiting feedback", "2017-08-21")


# -- taking back ---------------------------------------------------------------------------------------------


def test_an_extension_entered_by_mistake_is_taken_back(office: Office) -> None:
    """The entry stays on the record and counts no more; those told are told again."""
    circulated(office)
    office.does("extend", on="2017-08-08", clock="feedback", count=5, reasons="Wrong case")
    number = office.fact("time-extended").number
    office.does("retract", on="2017-08-09", fact=number, reasons="Entered in the wrong case")
    assert office.last_day("feedback") == "2017-08-14"
    assert [letter.draft.subject for letter in office.letters("date-moved")[-1:]] == [
        "New date: reply by Monday 14 August 2017, pharmacy consolidation, PC-2017-001"
    ]
    again = office.is_refused("retract", on="2017-08-10", fact=number, reasons="Again")
    assert f"fact {number} is no entry that can be taken back" in again


def test_time_once_given_is_not_taken_away_once_people_have_relied_on_it(office: Office) -> None:
    """On 16 August the extension is what keeps feedback open; it can no longer be taken back."""
    circulated(office)
    office.does("extend", on="2017-08-08", clock="feedback", count=5, reasons="Holidays")
    number = office.fact("time-extended").number
    refused = office.is_refused("retract", on="2017-08-16", fact=number, reasons="Changed our mind")
    assert "would have ended on Monday 14 August 2017, a day that is over" in refused


# -- the notice, corrected -----------------------------------------------------------------------------------


def corrects(office: Office, *, on: str, given_at: str | None = None, stated: str | None = None) -> str:
    """Correct the notice, with a proof and a reason."""
    return office.does("correct-notice", on=on, given_at=given_at, stated_deadline=stated,
                       evidence="Header of the e-mail", reasons="Date misread")  # fmt: skip


def test_a_notice_that_arrived_a_day_earlier_moves_every_date_that_runs_from_it(office: Office) -> None:
    """Sch 2 para 19(4): day 45 runs from when notice was given, whatever was entered; consultees' days stand."""
    circulated(office)
    says = corrects(office, on="2017-08-02", given_at="2017-07-25T16:40")

    assert "Representation: Saturday 9 September 2017, now Friday 8 September 2017." in says
    assert office.last_day("representation") == "2017-09-08"
    assert office.last_day("circulation") == "2017-08-08"
    assert office.last_day("feedback") == "2017-08-14"
    assert set(office.recipients("notice-corrected")) == {
        "director-of-public-health", "board-chair", "monitoring-officer",
    }  # fmt: skip
    words = words_of(office.letters("notice-corrected")[0])
    assert "Representation: Friday 8 September 2017; before it was Saturday 9 September 2017" in words
    assert "Proof: fact 1; fact " in words
    explained = "\n".join(office.deadline("representation").explain())
    assert "corrected the day to Tuesday 25 July 2017 (Date misread); Wednesday 26 July 2017 was recorded" in explained
    assert "Before: Saturday 9 September 2017; moved by the Director of Public Health: Date misread." in explained


def test_a_correction_can_show_that_the_last_day_has_passed(office: Office) -> None:
    """Sch 2 para 19(5): noticed on day 45 that it was day 46: the breach is recorded at once, and escalated."""
    office.receives(on="2017-07-26")
    office.waits_until("2017-09-09")
    assert office.facts("breach-recorded") == []
    corrects(office, on="2017-09-09", given_at="2017-07-25T09:00")
    assert office.fact("breach-recorded")["last_day"] == "2017-09-08"
    assert "has passed by the corrected date of notice" in words_of(office.letters("notice-corrected")[0])


def test_what_was_sent_on_day_45_is_late_once_the_notice_is_shown_to_be_earlier(office: Office) -> None:
    """Sch 2 para 19(4): the day it reached the addressee stays a fact; whether that was in time follows from it."""
    circulated(office)
    office.hears_from_everyone("no-gap", on="2017-08-03")
    office.decides("no-gap", on="2017-09-09")
    assert office.status("representation") is Status.MET
    corrects(office, on="2017-09-12", given_at="2017-07-25T09:00")
    assert office.status("representation") is Status.MET_LATE
    assert office.fact("breach-recorded")["last_day"] == "2017-09-08"


def test_a_correction_withdraws_a_breach_that_was_none(office: Office) -> None:
    """Noticed on day 46 that notice had come a day later: today is day 45, and the breach is withdrawn."""
    office.receives(on="2017-07-26", entered="2017-07-28")
    office.waits_until("2017-09-10")
    assert office.fact("breach-recorded")["last_day"] == "2017-09-09"
    corrects(office, on="2017-09-10", given_at="2017-07-27T08:00")
    assert office.last_day("representation") == "2017-09-10"
    assert office.fact("breach-withdrawn")["breach"] == office.fact("breach-recorded").number
    assert "The Board gains 1 day by this correction." in words_of(office.letters("notice-corrected")[0])
    office.waits_until("2017-09-11T00:00:00")
    assert [fact["last_day"] for fact in office.facts("breach-recorded")] == ["2017-09-09", "2017-09-10"]


def test_a_correction_taken_back_leaves_the_notice_as_it_was(office: Office) -> None:
    """The second correction replaces the first; taken back, the first stands again."""
    office.receives(on="2017-07-26")
    corrects(office, on="2017-08-01", given_at="2017-07-25T16:40")
    corrects(office, on="2017-08-02", given_at="2017-07-24T16:40")
    assert office.last_day("representation") == "2017-09-07"
    second = office.facts("notice-corrected")[-1].number
    office.does("retract", on="2017-08-03", fact=second, reasons="It was another e-mail")
    assert office.last_day("representation") == "2017-09-08"


def test_the_sender_states_another_day(office: Office) -> None:
    """Step A: the earlier of day 45 and the day stated holds, also when the sender states it anew."""
    office.receives(on="2017-07-26", stated="2017-09-05")
    assert office.last_day("representation") == "2017-09-05"
    corrects(office, on="2017-08-01", stated="2017-09-07")
    assert office.last_day("representation") == "2017-09-07"
    corrects(office, on="2017-08-02", stated="2017-09-12")
    assert office.last_day("representation") == "2017-09-09"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"given_at": "2017-07-26T12:00"}, "that is what the record says already"),
        ({}, "that is what the record says already"),
        ({"given_at": "2017-07-27T12:00"}, "is after it was entered here"),
        ({"given_at": "2016-07-26T12:00"}, "is before Monday 5 December 2016"),
        ({"stated_deadline": "2017-07-20"}, "is before notice was given"),
        ({"given_at": "2017-07-32"}, "given_at"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(office: Office, fields: dict[str, object], said: str) -> None:
    """Each refusal names the value and what is expected."""
    office.receives(on="2017-07-26")
    refused = office.is_refused("correct-notice", on="2017-08-01", evidence="E-mail", reasons="Misread", **fields)
    assert said in refused


# -- papers anew, one consultee more -------------------------------------------------------------------------


def test_changed_papers_go_to_everybody_with_a_new_time(office: Office) -> None:
    """Paras 8, 10: papers circulated anew begin each one's fourteen days anew; an answer given before is kept."""
    circulated(office)
    office.hears_back({"healthwatch": "gap"}, on="2017-08-02")
    office.does("extend", on="2017-08-03", clock="feedback", count=5, reasons="Holidays")
    office.attaches("application", on="2017-08-04", file="corrected.pdf")
    office.does("circulate-again", on="2017-08-04", reasons="The plan of the premises was wrong")

    assert office.last_day("feedback") == "2017-08-18", "the extension belonged to the papers before"
    assert office.standing("healthwatch") is Standing.ASKED
    newest = [letter for letter in office.letters("circulation") if letter.draft.recipient == "healthwatch"][-1]
    assert "This takes the place of what we sent you before: The plan of the premises was wrong." in words_of(newest)
    assert "corrected.pdf" in [enclosure.filename for enclosure in newest.draft.enclosures]
    office.waits_until("2017-08-19")
    assert office.standing("healthwatch") is Standing.ANSWERED, "what they said before stands"
    assert office.standing("icb") is Standing.SILENT


def test_papers_not_yet_sent_are_not_sent_any_more_when_others_take_their_place(office: Office) -> None:
    """An earlier letter still in the outbox would name papers and a date that are not true any more."""
    office.receives(on="2017-07-26")
    office.attaches_assessment(on="2017-07-30")
    office.closes_its_mailroom()
    office.decides_route("contentious", on="2017-07-31")
    office.does("circulate-again", on="2017-08-02", reasons="A page was missing")
    office.opens_its_mailroom()
    states = [letter.state for letter in office.letters("circulation") if letter.draft.recipient == "icb"]
    assert states == [LetterState.CANCELLED, LetterState.SENT]
    assert office.last_day("feedback: icb") == "2017-08-16"


def test_one_more_member_is_consulted_with_a_time_of_their_own(office: Office) -> None:
    """Para 5: more board members for more contentious applications; the late recipient has fourteen days as well."""
    circulated(office)
    office.does("consult-also", on="2017-08-05", consultee="board-member-nhs-trust", reasons="Runs the clinic there")
    assert office.last_day("feedback: board-member-nhs-trust") == "2017-08-19"
    assert office.last_day("feedback: icb") == "2017-08-14"
    assert office.last_day("feedback") == "2017-08-19"
    office.hears_back({"board-member-nhs-trust": "no-gap"}, on="2017-08-06")
    assert office.standing("board-member-nhs-trust") is Standing.ANSWERED


def test_a_member_added_after_feedback_closed_opens_it_again(office: Office) -> None:
    """The Director does not decide over the head of somebody who has just been asked."""
    circulated(office)
    office.waits_until("2017-08-16")
    assert len(office.facts("feedback-closed")) == 1
    office.does("consult-also", on="2017-08-16", consultee="board-member-nhs-trust", reasons="Asked to be heard")
    assert "feedback is open until 23:59 on Wednesday 30 August 2017" in office.is_refused(
        "decide", on="2017-08-17", opinion="gap", limb_a="a", limb_b="b", alternatives="c", wishes_oral_hearing=False
    )


@pytest.mark.parametrize(
    ("consultee", "said"),
    [("healthwatch", "is consulted in this case already"), ("nobody", "'nobody' is not a role of this council")],
)
def test_who_cannot_be_added_is_refused(office: Office, consultee: str, said: str) -> None:
    """Each refusal says why."""
    circulated(office)
    assert said in office.is_refused("consult-also", on="2017-08-05", consultee=consultee, reasons="Why not")


def test_nothing_is_circulated_anew_before_it_was_circulated(office: Office) -> None:
    """The refusal says that what is attached now goes out with the first circulation."""
    office.receives(on="2017-07-26")
    refused = office.is_refused("circulate-again", on="2017-07-27", reasons="Changed")
    assert "nothing has been circulated yet" in refused


def test_more_time_for_everybody_is_for_those_whose_time_runs(office: Office) -> None:
    """Local policy bounds each one's time: what has ended stays ended, and who is asked later has fourteen days."""
    circulated(office)
    office.does("consult-also", on="2017-08-10", consultee="board-member-nhs-trust", reasons="Runs the clinic there")
    office.does("extend", on="2017-08-20", clock="feedback", count=5, reasons="Holidays")
    assert office.last_day("feedback: icb") == "2017-08-14"
    assert office.standing("icb") is Standing.SILENT
    assert office.last_day("feedback: board-member-nhs-trust") == "2017-08-29"


def test_time_beyond_the_boards_own_target_is_never_lengthened(office: Office) -> None:
    """Sch 2 para 19(4): papers sent anew so late that answers come too late are not given yet more time."""
    circulated(office)
    says = office.does("circulate-again", on="2017-08-25", reasons="The plan was wrong")
    assert "the Board's target is Friday 8 September 2017" in says
    refused = office.is_refused("extend", on="2017-08-26", clock="feedback", count=7, reasons="Holidays")
    assert "leaves the Board no working day" in refused


def test_more_time_on_the_short_route_does_not_follow_onto_the_long_one(office: Office) -> None:
    """Para 10: those first asked when the route was raised have fourteen days, not what others were given before."""
    office.receives(on="2017-07-26")
    office.attaches_assessment(on="2017-07-28")
    office.decides_route("non-contentious", on="2017-07-28")
    office.does("extend", on="2017-08-01", clock="feedback", count=7, reasons="Holidays")
    office.decides_route("contentious", on="2017-08-02")
    assert office.last_day("feedback: icb") == "2017-08-16"


def test_a_correction_that_was_replaced_is_not_raised_by_taking_back_what_replaced_it(office: Office) -> None:
    """Of three corrections the third replaces both: taking back the second changes nothing."""
    office.receives(on="2017-07-26", entered="2017-07-28")
    for given in ("2017-07-20T09:00", "2017-07-25T09:00", "2017-07-26T09:00"):
        corrects(office, on="2017-08-01", given_at=given)
    second = office.facts("notice-corrected")[1].number
    office.does("retract", on="2017-08-02", fact=second, reasons="It was another e-mail")
    assert office.last_day("representation") == "2017-09-09"


def test_a_clock_resumed_on_the_day_it_was_to_stop_never_stopped(office: Office) -> None:
    """The suspension stays on the record and takes no day."""
    circulated(office)
    office.does("suspend", on="2017-08-08", clock="feedback", starts_on="2017-08-08", until="2017-08-10",
                reasons="Mailbox down")  # fmt: skip
    office.does("resume", on="2017-08-08", reasons="It works")
    assert office.last_day("feedback") == "2017-08-14"


@pytest.mark.parametrize("fields", [{"count": 366, "unit": "months"}, {"until": "9999-12-31"}])
def test_a_day_out_of_reach_is_refused_in_words(office: Office, fields: dict[str, object]) -> None:
    """A date that nobody can work out with is told to whoever typed it."""
    circulated(office)
    refused = office.is_refused("extend", on="2017-08-08", clock="feedback", reasons="Holidays", **fields)
    assert "days more at most" in refused or "out of reach" in refused


@pytest.mark.parametrize("days", [("2017-08-03", "2017-08-05"), ("2017-08-05", "2017-08-03")])
def test_papers_served_count_from_the_earliest_day_in_any_order(office: Office, days: tuple[str, str]) -> None:
    """Para 10: time runs from when the information was circulated to them, however it was entered; they are told."""
    circulated(office)
    for served_on in days:
        office.does("serve", on="2017-08-06", consultee="icb", channel="hand", served_on=served_on)
    assert office.last_day("feedback: icb") == "2017-08-17"
    assert "You now have until Thursday 17 August 2017" in words_of(office.letters("date-moved", "icb")[-1])
    mistaken = office.facts("papers-served")[days.index("2017-08-03")].number
    office.does("retract", on="2017-08-07", fact=mistaken, reasons="Another office's receipt")
    assert office.last_day("feedback: icb") == "2017-08-19"


def test_a_bounce_of_the_letter_does_not_undo_papers_served_by_hand(office: Office) -> None:
    """Served on 2 August and bounced on 4 August, or the other way about: the papers were there on the 2nd."""
    circulated(office)
    office.does("serve", on="2017-08-03", consultee="icb", channel="hand", served_on="2017-08-02")
    office.does("bounce", on="2017-08-04", consultee="icb", text="Mailbox full")
    assert office.last_day("feedback: icb") == "2017-08-16"
    assert office.standing("icb") is Standing.ASKED


def test_papers_served_late_do_not_give_new_time_to_whoever_had_them(office: Office) -> None:
    """What ended has ended; the refusal says what to record first where the letter came back."""
    circulated(office)
    refused = office.is_refused("serve", on="2017-08-20", consultee="icb", channel="hand", served_on="2017-08-19")
    assert "ended with 14 August 2017" in refused


def test_each_consultee_hears_of_the_newest_entry_that_moved_their_own_day(office: Office) -> None:
    """Two entries before the desk could look: each of the two is told of theirs."""
    circulated(office)
    office.waits_until("2017-08-08")
    for consultee, count in (("icb", 3), ("healthwatch", 2)):
        fields = {"clock": "feedback", "consultee": consultee, "count": count, "reasons": "Holidays"}
        perform(office.playing.office, "PC-2017-001", "extend", fields, channel="test")
    office.playing.settle()
    assert set(office.recipients("date-moved")) == {"icb", "healthwatch"}


def test_nobody_is_asked_for_more_once_the_application_was_determined(office: Office) -> None:
    """Reg 26A: nothing is left to represent on; more time and more papers are refused."""
    circulated(office)
    office.does("record-outcome", on="2017-08-05", outcome="granted")
    for verb, fields in (("extend", {"clock": "feedback", "count": 1}), ("circulate-again", {}),
                         ("consult-also", {"consultee": "board-member-nhs-trust"})):  # fmt: skip
        assert "was determined" in office.is_refused(verb, on="2017-08-06", reasons="Why", **fields)


def test_dates_in_the_record_are_whole(office: Office) -> None:
    """Each entry carries every date it moves, before and after: days of the calendar, the later never lost."""
    circulated(office)
    office.does("extend", on="2017-08-10", clock="feedback", count=7, reasons="Holidays")
    for each in office.fact("time-extended")["moved"]:
        before, after = (date.fromisoformat(each[when]) for when in ("before", "after"))
        assert after - before == timedelta(days=7)
