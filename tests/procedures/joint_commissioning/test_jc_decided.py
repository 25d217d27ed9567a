"""An item on which there is consensus: the named individual decides it, or declines; notices, call-in, the end."""

from __future__ import annotations

import pytest
from story_joint_commissioning import (
    ACCOUNTABLE,
    ADULT,
    CCG,
    CHAIR,
    CLERK,
    COUNCIL,
    FINANCE,
    FOUR,
    HEALTH,
    LAY,
    OFFICER,
    Board,
)
from story_office import CouncilWith

from models.cases import Status
from models.outgoing import LetterState


def test_consensus_unlocks_and_the_named_individual_decides(board: Board) -> None:
    """P28, P32, 000:326-348: taken by the Chair, papers out, quorum, hands, decision, two signatures, publication."""
    board.enters(on="2019-05-20", meeting_on="2019-06-13")
    assert board.waits_for() == ("Awaiting a place on the agenda", "2019-05-25")
    board.is_taken(on="2019-05-21")
    assert board.waits_for() == ("Awaiting agenda and reports", "2019-06-05")
    board.publishes("agenda", on="2019-06-05")
    assert board.waits_for() == ("Awaiting the meeting", "2019-06-13")
    board.meets(on="2019-06-13")
    assert board.waits_for() == ("Awaiting a show of hands", "2019-06-17")
    board.shows("for", on="2019-06-13")
    assert board.fact("quorum-met")["taking_part"] == dict(zip(FOUR, ("council", "council", "ccg", "ccg"), strict=True))
    assert board.waits_for() == ("Awaiting the decision", "2019-06-20")
    assert "act at meetings of the Board" in board.may_not_decide(on="2019-06-14")
    board.decides(on="2019-06-14", decided_on="2019-06-13")
    assert board.waits_for() == ("Awaiting signatures", "2019-06-17")
    board.signs_and_publishes(on="2019-06-17")
    assert board.outcome == "decided"
    assert board.fact("implementable")["why"].startswith("only a key decision stands still")
    assert "Cabinet Member for Adult Care decided: To award the contract." in board.letter("jc-outcome", OFFICER)


def test_the_board_is_called_with_the_papers(board: Board) -> None:
    """P27, 000:265-268: every member is called to the meeting, with what is attached and what is asked of them."""
    board.enters(on="2019-05-20", meeting_on="2019-06-13")
    board.does("attach", on="2019-05-20", kind="report", file="report.pdf")
    board.is_taken(on="2019-05-21")
    assert board.recipients("jc-meeting") == [*COUNCIL, *CCG]
    letter = board.letter("jc-meeting", LAY)
    assert "considers this item on Thursday 13 June 2019" in letter
    assert "report.pdf" in letter
    assert "£400,000 is within the limit of £500,000 (ToR 8.4: the same for both partners)" in letter
    assert board.fact("convened")["meeting_on"] == "2019-06-13"


def test_no_individual_is_bound_and_one_may_decline(board: Board) -> None:
    """000:343-348: there is no way to make an individual follow the Board; declining is a decision, nothing put off."""
    board.comes_before_the_board()
    board.agrees(on="2019-06-13")
    assert "does not bind you: you may decline" in board.letter("jc-asked", ADULT)
    board.decides(on="2019-06-13", outcome="not-agreed", reasons="The price has risen since.")
    board.signs_and_publishes(on="2019-06-14")
    assert board.outcome == "declined"
    assert board.facts("deferred") == board.facts("implementable") == []


def test_nobody_decides_in_place_of_the_named_individual(board: Board) -> None:
    """000:62-67: it is the individual who has the delegated authority, rather than the Board or its Chair."""
    board.comes_before_the_board()
    board.agrees(on="2019-06-13")
    assert "cannot decide this item" in board.may_not_decide(on="2019-06-13", by=CHAIR)


def test_a_decision_before_consensus_is_refused(board: Board) -> None:
    """000:326, 336-340: consensus comes prior to any delegated decision."""
    board.comes_before_the_board()
    board.meets(on="2019-06-13")
    refused = board.may_not_decide(on="2019-06-13")
    assert "no consensus of those present has been shown" in refused


def test_a_decision_not_taken_in_its_days_comes_before_the_board_again(board: Board) -> None:
    """000:343-348, local policy: five working days; then the item stands over, which is no deferral."""
    board.comes_before_the_board()
    board.agrees(on="2019-06-13")
    board.waits_until("2019-06-21")
    assert board.fact("stood-over")["reasons"].startswith("no decision of the named individual")
    assert board.waits_for() == ("Awaiting a meeting", "2019-07-05")
    board.does("convene", on="2019-06-24", meeting_on="2019-07-11")
    board.publishes("agenda", on="2019-06-24")
    board.agrees(on="2019-07-11")
    board.decides(on="2019-07-11")
    board.signs_and_publishes(on="2019-07-11")
    assert board.outcome == "decided"


# --- scope and limits ---


def test_a_key_decision_is_noticed_28_clear_days_before_and_stands_still(board: Board) -> None:
    """P28, 000:268-276: notice 28 days in advance, reports 5 clear working days, call-in before implementation."""
    board.enters(on="2019-05-01", meeting_on="2019-06-13", wards="bargate, bevois")
    board.is_taken(on="2019-05-01")
    assert board.waits_for() == ("Awaiting notice of key decision", "2019-05-15")
    board.publishes("key-decision", on="2019-05-15")
    assert board.waits_for() == ("Awaiting agenda and reports", "2019-06-05")
    board.publishes("agenda", on="2019-06-05")
    board.agrees(on="2019-06-13")
    board.decides(on="2019-06-13")
    board.signs_and_publishes(on="2019-06-14")
    assert board.waits_for() == ("Standing still for call-in", "2019-06-23")
    assert board.last_day("call-in") == "2019-06-24"
    board.waits_until("2019-06-24")
    assert board.waits_for() == ("Awaiting call-ins entered late", "2019-07-01")
    board.waits_until("2019-07-02")
    assert board.outcome == "decided"


def test_a_called_in_decision_is_not_implemented_until_that_is_disposed_of(board: Board) -> None:
    """P28, 000:273-276: dealt with under the Scrutiny Procedure Rules first; here reconsidered and dropped."""
    board.enters(on="2019-05-01", meeting_on="2019-06-13", wards="bargate, bevois")
    board.is_taken(on="2019-05-01")
    board.publishes("key-decision", on="2019-05-15")
    board.publishes("agenda", on="2019-06-05")
    board.agrees(on="2019-06-13")
    board.decides(on="2019-06-13")
    board.signs_and_publishes(on="2019-06-14")
    board.does("call-in", on="2019-06-18", called_in_by="three members", reasons="The cost.")
    board.does("resolve-call-in", on="2019-07-01", outcome="referred-back", reasons="Look again.")
    assert board.waits_for()[0] == "Awaiting reconsideration"
    board.does("resolve-call-in", on="2019-07-04", outcome="dropped", reasons="Not to be done.")
    assert board.outcome == "dropped after call-in"
    assert board.facts("implementable") == []


def test_an_item_without_notice_or_papers_stands_over_after_its_day(board: Board) -> None:
    """P28, 000:268-273: nobody published anything; two working days later the item stands over, and is asked after."""
    board.enters(on="2019-05-01", meeting_on="2019-06-13", wards="bargate, bevois")
    board.is_taken(on="2019-05-01")
    board.waits_until("2019-06-18")
    assert "no notice of this key decision was published" in board.fact("stood-over")["reasons"]
    assert board.waits_for() == ("Awaiting a meeting", "2019-07-02")
    assert "convene" in board.letter("jc-asked", CLERK)


def test_reports_published_late_are_not_considered_and_the_item_moves(board: Board) -> None:
    """P28, 000:271: published 5 clear working days in advance, or another meeting is named."""
    board.enters(on="2019-05-20", meeting_on="2019-06-13")
    board.is_taken(on="2019-05-21")
    board.publishes("agenda", on="2019-06-06")
    assert board.waits_for() == ("Awaiting a new day: papers late", None)
    board.meets(on="2019-06-13")
    refused = board.is_refused("vote", on="2019-06-13", hands=dict.fromkeys(FOUR, "for"))
    assert "not open to the public by Wednesday 5 June 2019" in refused
    board.does("convene", on="2019-06-14", meeting_on="2019-07-11")
    board.publishes("agenda", on="2019-06-14")
    assert board.waits_for() == ("Awaiting the meeting", "2019-07-11")
    board.waits_until("2019-07-11")
    assert board.waits_for() == ("Awaiting the roll", "2019-07-15")


@pytest.mark.parametrize(
    ("entered", "meeting", "pounds", "decides", "words"),
    [
        ("2019-05-20", "2019-06-13", 500_000, True, "within the limit of £500,000"),
        ("2019-05-20", "2019-06-13", 500_001, False, "above the limit of £500,000"),
        ("2018-01-15", "2018-02-08", 500_001, True, "within £2,000,000, when all members of the Council"),
        ("2018-01-15", "2018-02-08", 2_000_000, True, "within £2,000,000"),
        ("2018-01-15", "2018-02-08", 2_000_001, False, "above the limit of £2,000,000"),
        ("2019-04-15", "2019-05-09", 600_000, False, "above the limit of £500,000"),
    ],
)
def test_the_limit_is_that_of_the_day_of_the_meeting(
    board: Board, entered: str, meeting: str, pounds: int, decides: bool, words: str
) -> None:
    """000:347-348 (£500k, May 2019) and 001:4787-4789 (£2M when all three agree, 2017): dated, both ends included."""
    board.enters(on=entered, meeting_on=meeting, pounds=pounds)
    checked = board.fact("remit-checked")
    assert checked["decides"] is decides
    assert words in checked["why"]


def test_two_million_need_all_three_cabinet_members_in_person(board: Board) -> None:
    """001:4787-4789: "only when all 3 Cabinet Members on the Board are in agreement"; a deputy is none of them."""
    six = (HEALTH, ADULT, "jcb-deputy-council for cabinet-member-finance", CHAIR, ACCOUNTABLE, LAY)
    big = {"entered": "2018-01-02", "meeting": "2018-02-08", "pounds": 1_500_000}
    board.enters(on="2018-01-02", meeting_on="2018-02-08", pounds=big["pounds"])
    board.is_taken(on="2018-01-02", by=HEALTH)
    board.publishes("key-decision", on="2018-01-03")
    board.publishes("agenda", on="2018-01-30")
    board.meets(six, on="2018-02-08")
    board.shows("for", on="2018-02-08")
    assert "Cabinet Member for Finance did not agree in person" in board.fact("consensus-failed")["reason"]
    board.does("defer", on="2018-02-08", to_meeting_on="2018-03-08", reasons="The Member for Finance was away.",
               consulted=[HEALTH, ADULT, "jcb-deputy-council", CHAIR, ACCOUNTABLE, LAY])  # fmt: skip
    board.discusses(on="2018-02-15", between=(HEALTH, "ccg-clinical-lead"))
    board.publishes("key-decision", on="2018-02-06")
    board.publishes("agenda", on="2018-02-27")
    board.meets((*COUNCIL, *CCG), on="2018-03-08")
    assert board.waits_for()[0] in ("Awaiting a show of hands", "Awaiting agreement that it is urgent")


def test_what_the_ccgs_own_member_decides_is_no_executive_decision(board: Board) -> None:
    """000:268-276: the law on notices and call-in binds the Council's Members and officers; P27's agenda all alike."""
    board.enters(on="2019-05-20", meeting_on="2019-06-13", decision_maker=ACCOUNTABLE, wards="bargate, bevois")
    board.is_taken(on="2019-05-21")
    assert board.waits_for() == ("Awaiting the meeting", "2019-06-13")
    assert board.last_day("agenda") == "2019-06-06"
    board.agrees(on="2019-06-13")
    assert board.status("agenda") is Status.PASSED
    assert board.playing.case.breaches() == ["the agenda was due by Thursday 6 June 2019 (ToR 6.8)"]
    board.decides(on="2019-06-14", decided_on="2019-06-13")
    assert board.outcome == "decided"


def test_agenda_circulated_five_working_days_before_is_in_time(board: Board) -> None:
    """P27, 000:266-267: "at least 5 working days in advance", the day of circulation counted."""
    board.enters(on="2019-05-20", meeting_on="2019-06-13", decision_maker=ACCOUNTABLE)
    board.is_taken(on="2019-05-21")
    board.publishes("agenda", on="2019-06-06")
    assert board.status("agenda") is Status.MET


# --- Part 2, public, better care ---


def test_a_part_2_item_needs_28_days_and_reasons_or_it_cannot_be_taken(board: Board) -> None:
    """P29, 000:284-287: notified 28 days in advance with reasons for excluding the public."""
    board.enters(on="2019-05-01", meeting_on="2019-06-13", private=True)
    board.is_taken(on="2019-05-01")
    assert board.waits_for() == ("Awaiting notice of private meeting", "2019-05-15")
    assert "give them (--reasons)" in board.is_refused("publish", on="2019-05-02", what="private-meeting")
    board.publishes("private-meeting", on="2019-05-15", reasons="Schedule 12A paragraph 3: business affairs.")
    board.publishes("private-meeting-second", on="2019-06-05", reasons="Schedule 12A paragraph 3.",
                    representations="None came.")  # fmt: skip
    board.publishes("agenda", on="2019-06-05")
    board.agrees(on="2019-06-13")
    board.decides(on="2019-06-13", in_private=True)
    board.signs_and_publishes(on="2019-06-13")
    assert board.outcome == "decided"


def test_urgency_of_a_part_2_item_needs_the_consent_of_the_scrutiny_chair(board: Board) -> None:
    """P29, 000:285-287: limited urgency, with the prior consent of the chair of the scrutiny panel."""
    board.enters(on="2019-05-28", meeting_on="2019-06-13", private=True)
    board.is_taken(on="2019-05-28")
    board.publishes("agenda", on="2019-05-28")
    assert board.waits_for()[0] == "Awaiting consent to a private meeting"
    board.waits_until("2019-06-13")
    board.meets(on="2019-06-13")
    refused = board.is_refused("vote", on="2019-06-13", hands=dict.fromkeys(FOUR, "for"))
    assert "not notified 28 clear days before" in refused
    board.does("consent-urgency", on="2019-06-13", asked="scrutiny-chair", answer="agreed", matter="private-meeting",
               reasons="The provider fails on Monday.")  # fmt: skip
    board.shows("for", on="2019-06-13")
    board.decides(on="2019-06-13", in_private=True)
    assert board.fact("decided")["in_private"] is True


def test_the_chair_invites_questions_of_the_public_at_the_start(board: Board) -> None:
    """P30, 000:293-294: a meeting in public at which none were invited is noted."""
    board.comes_before_the_board()
    board.meets(on="2019-06-13", public_questions=False)
    assert "the Chair did not invite questions of the public at the start (ToR 6.12)" in board.playing.case.breaches()


def test_better_care_items_are_told_to_the_health_and_wellbeing_board(board: Board) -> None:
    """P31, 000:300-301: the Board is accountable for Better Care to the Health and Wellbeing Board."""
    board.comes_before_the_board(better_care=True)
    board.agrees(on="2019-06-13")
    board.decides(on="2019-06-13")
    board.signs_and_publishes(on="2019-06-13")
    assert "board-chair" in board.recipients("jc-outcome")


def test_minutes_go_to_the_governing_body_and_the_cabinet(board: Board) -> None:
    """P31, 000:263-264: all minutes and papers are reported to the one and made available to the other."""
    board.comes_before_the_board()
    board.agrees(on="2019-06-13")
    board.does("attach", on="2019-06-14", kind="minutes", file="minutes.pdf")
    assert board.recipients("jc-minutes") == ["ccg-governing-body", "cabinet"]


# --- the agenda ---


def test_a_new_item_may_be_refused_by_the_chair_or_vice_chair(board: Board) -> None:
    """P27, 000:267-268: all new items are subject to their agreement, and to nobody else's."""
    board.enters(on="2019-05-20", meeting_on="2019-06-13")
    assert "cannot take an item" in board.is_refused("place-item", on="2019-05-21", by=LAY, agreed=True)
    board.does("place-item", on="2019-05-21", by=HEALTH, agreed=False, reasons="It was decided in March.")
    assert board.outcome == "not taken onto the agenda"


def test_a_chair_who_does_not_answer_is_reminded_and_it_is_escalated(board: Board) -> None:
    """P27, 000:267-268, local policy: reminders three days and one day before the fifth day, then escalation."""
    board.enters(on="2019-05-20", meeting_on="2019-06-13")
    board.waits_until("2019-05-25")
    reminders = [letter for letter in board.letters("jc-asked", CHAIR) if "Reminder" in letter.draft.subject]
    assert len(reminders) == 2
    assert board.letters("jc-overdue") == []
    board.waits_until("2019-05-26")
    assert OFFICER in board.recipients("jc-overdue")
    assert board.waits_for() == ("Awaiting a place on the agenda", None)
    board.is_taken(on="2019-05-27", by=HEALTH)
    assert board.fact("item-accepted")["deputy_for"] == CHAIR


def test_the_next_meeting_that_the_papers_can_reach_is_taken(board: Board) -> None:
    """P27, P28, 000:265-271: entered nine days before, it is for the meeting after; a key item needs longer still."""
    board.enters(on="2019-06-06")
    assert board.last_day("decision") == "2019-07-11"
    board.enters(on="2019-06-14", wards="bargate, bevois")
    assert board.fact("notified")["meeting_on"] == "2019-08-08"


def test_an_additional_meeting_is_held_on_an_exceptional_basis(board: Board) -> None:
    """P25, 000:253-260: outside the schedule for reasons given, and the notice runs to that day all the same."""
    board.enters(on="2019-05-20", meeting_on="2019-06-13")
    board.is_taken(on="2019-05-20")
    assert "no published meeting" in board.is_refused("convene", on="2019-05-21", meeting_on="2019-06-04")
    assert "say why" in board.is_refused("convene", on="2019-05-21", meeting_on="2019-06-04", kind="additional")
    said = board.does("convene", on="2019-05-21", meeting_on="2019-06-04", kind="additional", reasons="It is urgent.")
    assert "The latest day for its papers is Monday 27 May 2019" in said
    assert board.waits_for() == ("Awaiting agenda and reports", "2019-05-27")


# --- at the meeting ---


def test_without_a_quorum_nothing_is_decided_and_the_item_stands_over(board: Board) -> None:
    """P32, 000:328-330: three members, or one of a partner; when the day is over the item stands over, not deferred."""
    board.comes_before_the_board()
    said = board.meets((HEALTH, ADULT, CHAIR), on="2019-06-13")
    assert "3 members present, 4 needed" in said
    assert board.waits_for() == ("Awaiting a quorum", "2019-06-13")
    assert "Not quorate" in board.is_refused("vote", on="2019-06-13", hands={HEALTH: "for", ADULT: "for", CHAIR: "for"})
    board.waits_until("2019-06-14")
    assert board.facts("deferred") == []
    assert board.waits_for()[0] == "Awaiting a meeting"


def test_somebody_who_arrives_late_makes_the_quorum(board: Board) -> None:
    """P32, 000:328-330: the roll entered again replaces the older one."""
    board.comes_before_the_board()
    board.meets((HEALTH, ADULT, CHAIR), on="2019-06-13T14:00")
    board.meets(FOUR, on="2019-06-13T14:20")
    assert len(board.facts("quorum-failed")) == len(board.facts("quorum-met")) == 1
    board.shows("for", on="2019-06-13T15:00")
    assert board.waits_for()[0] == "Awaiting the decision"


def test_an_interest_that_withdraws_a_member_tests_the_quorum_again(board: Board) -> None:
    """P42, 000:375-379: with four present, one who withdraws loses the quorum; a deputy of another brings it back."""
    board.comes_before_the_board()
    board.meets(on="2019-06-13T14:00")
    board.does("declare-interest", on="2019-06-13T14:05", member=CHAIR, action="declared-withdraws",
               interest="Partner in the practice concerned")  # fmt: skip
    assert "withdrew for an interest" in board.fact("quorum-failed")["reason"]
    assert board.waits_for()[0] == "Awaiting a quorum"
    board.meets((*FOUR, "jcb-deputy-ccg for ccg-lay-member"), on="2019-06-13T14:30")
    assert board.waits_for()[0] == "Awaiting a show of hands"
    assert "takes no part" in board.is_refused("vote", on="2019-06-13T14:40", hands=dict.fromkeys(FOUR, "for"))
    board.shows("for", on="2019-06-13T14:45")
    assert CHAIR not in board.fact("voted")["hands"]


def test_an_annual_declaration_that_is_missing_is_noted(board: Board) -> None:
    """P42, 000:375-376: interests are declared annually and at each meeting."""
    board.comes_before_the_board()
    said = board.meets((*FOUR, LAY), on="2019-06-13")
    assert "No declaration of interests within twelve months: Lay Member" in said
    assert any("no annual declaration" in each for each in board.playing.case.breaches())


def test_a_decision_maker_who_withdrew_does_not_decide(board: Board) -> None:
    """P42, 000:375-379; Localism Act 2011 s.31: who withdraws takes no part, also not in the decision."""
    board.comes_before_the_board()
    board.meets((*COUNCIL, CHAIR, ACCOUNTABLE), on="2019-06-13")
    board.does("declare-interest", on="2019-06-13", member=ADULT, action="declared-withdraws", interest="A trustee")
    board.shows("for", on="2019-06-13")
    refused = board.may_not_decide(on="2019-06-13")
    assert "withdrew for an interest" in refused


def test_a_meeting_of_which_nothing_is_entered_is_asked_after_and_then_stands_over(board: Board) -> None:
    """000:252: the Board's meetings are minuted; who keeps the record is asked, and named while the case waits."""
    board.comes_before_the_board()
    board.waits_until("2019-06-13")
    assert board.waits_for() == ("Awaiting the roll", "2019-06-17")
    assert "say who is at the meeting" in board.letter("jc-asked", CLERK)
    board.waits_until("2019-06-18")
    assert board.fact("stood-over")["reasons"] == "no roll of its meeting was entered"


def test_an_unknown_finance_member_is_refused_with_those_there_are(board: Board) -> None:
    """000:308-310: members are offices of the council's file; a misspelt one is no member less."""
    board.comes_before_the_board()
    assert "did you mean" in board.is_refused("attend", on="2019-06-13", present=[*FOUR, FINANCE + "s"])


def test_an_office_that_nobody_holds_is_told_of_and_has_no_seat(council_with: CouncilWith) -> None:
    """000:62-67, 308-310: the named individual's office is vacant; both heads hear of it, and nobody decides."""
    holder = "held_by: [{person: ottoline-brandreth, from: 2016-12-05}]"
    board = Board(council_with((holder, holder.replace("2016-12-05}", "2016-12-05, until: 2019-06-13}"))))
    board.comes_before_the_board()
    board.agrees(on="2019-06-13")
    board.waits_until("2019-06-18")
    assert "nobody holds the office" in board.may_not_decide(on="2019-06-18", decided_on="2019-06-13")
    assert board.recipients("case-office-vacant") == [OFFICER, "monitoring-officer", "leader-of-the-council", CHAIR]


def test_a_letter_that_was_lost_is_put_to_the_officer(board: Board) -> None:
    """000:265-268: a member whose call came back is told another way, and that is settled on the record."""
    board.mail_to(LAY, is_=LetterState.REFUSED)
    board.comes_before_the_board()
    board.waits_until("2019-05-21")
    assert board.recipients("case-letter-lost") == [OFFICER]
    board.does("settle", on="2019-05-22", consultee=LAY, fate="received", reasons="Told by telephone.")
