"""A meeting of a joint board: who counts, when the quorum is lost, and what shows consensus."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.boards import (
    Abstention,
    BadRoll,
    Hand,
    InterestAction,
    Meeting,
    Result,
    next_meeting,
    read_roll,
    result_of,
)
from models.council import COUNCILS, Council, CouncilFileError, load_council
from models.cycles import missed, quarters_between

BOARD = "joint-commissioning-board"
ON = date(2019, 6, 13)
COUNCIL = ("cabinet-member-health", "cabinet-member-adult-care", "cabinet-member-finance")
CCG = ("ccg-chair", "ccg-accountable-officer", "ccg-lay-member")
DEPUTIES = ("jcb-deputy-council", "jcb-deputy-ccg")
FOUR = (*COUNCIL[:2], *CCG[:2])
SOUTHAMPTON = load_council("southampton")


def meeting(roll: Any = FOUR, *, council: Council = SOUTHAMPTON, **more: Any) -> Meeting:
    """Return a meeting of the Board on 13 June 2019 with those of `roll` in the room."""
    return Meeting(council, BOARD, ON, roll if isinstance(roll, dict) else {role: role for role in roll}, **more)


def hands(*roles: str, hand: Hand = Hand.FOR) -> dict[str, Hand]:
    """Return the same hand for each role."""
    return dict.fromkeys(roles, hand)


# --- quorum (000:328-330) ---


@pytest.mark.parametrize(
    ("roll", "met", "words"),
    [
        (FOUR, True, "Quorate: 4 members present, 4 needed; 2 of the Council, 2 of the CCG, 2 of each needed."),
        ((*COUNCIL, CCG[0]), False, "4 members present, 4 needed; 3 of the Council, 1 of the CCG"),
        ((*COUNCIL[:1], *CCG), False, "1 of the Council, 3 of the CCG"),
        ((*COUNCIL[:2], CCG[0]), False, "3 members present, 4 needed"),
        ((*FOUR[:3], "director-quality-and-integration"), False, "3 members present, 4 needed"),
        ((), False, "0 members present"),
    ],
)
def test_four_must_be_there_and_two_of_each_organisation(roll: tuple[str, ...], met: bool, words: str) -> None:
    """000:328-330, ToR 8.1: at least 4 in attendance, at least 2 from each; officers in attendance do not count."""
    answer = meeting(roll).quorum
    assert answer.met is met
    assert words in answer.reason


def test_a_deputy_takes_the_seat_of_a_member_who_is_away() -> None:
    """P36, 000:310: both organisations send deputies in absences."""
    roll = {role: role for role in FOUR[:3]} | {"jcb-deputy-ccg": "ccg-lay-member"}
    held = meeting(roll)
    assert held.quorum.met
    assert [a.role for a in held.present if a.deputises] == ["jcb-deputy-ccg"]
    assert held.absent == ("cabinet-member-finance", "ccg-accountable-officer")


def test_a_deputy_of_a_member_who_is_there_counts_for_nothing() -> None:
    """P36, 000:310: deputies come in absences; a seat is taken once."""
    roll = {role: role for role in FOUR[:3]} | {"jcb-deputy-ccg": "ccg-chair"}
    held = meeting(roll)
    assert not held.quorum.met
    with pytest.raises(BadRoll, match="takes the seat of Chair of NHS Southampton City CCG"):
        held.check_roll()


def test_no_deputy_sits_before_the_scheme_was_agreed() -> None:
    """001:5167-5168: the draft of 2017 leaves the scheme of deputies to the inaugural meeting."""
    roll = {role: role for role in FOUR[:3]} | {"jcb-deputy-ccg": "ccg-lay-member"}
    early = Meeting(SOUTHAMPTON, BOARD, date(2017, 8, 9), roll)
    assert not early.quorum.met
    with pytest.raises(BadRoll, match="is not named as a deputy for Lay Member"):
        early.check_roll()


def test_a_deputy_sits_for_their_own_organisation_alone() -> None:
    """000:310, 328-330: the Council's deputy cannot fill a seat of the CCG."""
    roll = {role: role for role in FOUR[:3]} | {"jcb-deputy-council": "ccg-lay-member"}
    assert not meeting(roll).quorum.met


def test_one_person_in_two_roles_counts_once(tmp_path: Any) -> None:
    """000:328-330: four members are four people, whatever offices they hold."""
    shipped = (COUNCILS / "southampton.yaml").read_text("utf-8")
    both = shipped.replace("held_by: [{person: ottoline-brandreth,", "held_by: [{person: quentin-abara,")
    path = tmp_path / "southampton.yaml"
    path.write_text(both, encoding="utf-8")
    held = meeting(council=load_council(path))
    assert not held.quorum.met
    assert "3 members present, 4 needed; 1 of the Council, 2 of the CCG" in held.quorum.reason
    with pytest.raises(BadRoll, match="same person"):
        held.check_roll()


# --- interests (000:375-379) ---


def test_withdrawal_for_an_interest_tests_the_quorum_again() -> None:
    """P42, 000:375-379: four are a quorum, and three are none once one withdraws."""
    held = meeting(actions={"ccg-chair": InterestAction.WITHDRAWS})
    assert not held.quorum.met
    assert held.quorum.reason.endswith(
        "The quorum was lost when Chair of NHS Southampton City CCG withdrew for an interest."
    )


@pytest.mark.parametrize("action", [InterestAction.NONE, InterestAction.REMAINS, InterestAction.DISPENSATION])
def test_who_declares_and_stays_counts(action: InterestAction) -> None:
    """000:375-379, 001:302-315: personal interests were declared and members stayed; a dispensation lets one stay."""
    assert meeting(actions={"ccg-chair": action}).quorum.met


def test_five_are_enough_when_one_withdraws() -> None:
    """000:375-379: who withdraws is present, does not count, and raises no hand."""
    held = meeting(
        (*FOUR, CCG[2]), actions={"ccg-chair": InterestAction.WITHDRAWS},
        hands=hands(*COUNCIL[:2], *CCG[1:]) | {"ccg-chair": Hand.AGAINST},
    )  # fmt: skip
    assert held.quorum.met
    assert held.consensus.reached


def test_members_without_a_declaration_this_year_are_named() -> None:
    """P42, 000:375-376: interests are declared annually; the day twelve months later is the last."""
    body = SOUTHAMPTON.body(BOARD)
    assert body.undeclared(body.members, ON) == ("ccg-lay-member",)
    assert body.undeclared(COUNCIL, date(2020, 4, 11)) == ()
    assert body.undeclared(COUNCIL, date(2020, 4, 12)) == COUNCIL


# --- consensus (000:326-330, 336-340) ---


def test_consensus_is_the_support_of_everybody_present_of_both_organisations() -> None:
    """P32, 000:326-328: shown by hands, of those present."""
    shown = meeting(hands=hands(*FOUR)).consensus
    assert shown.reached
    assert shown.reason == "Consensus: 4 of 4 present support, among them each of the Council, the CCG."


def test_one_hand_against_is_no_consensus_and_the_dissent_is_kept() -> None:
    """P32, 000:336-340: a majority of five to one is no consensus of those present."""
    against = hands(*COUNCIL, *CCG[:2]) | {CCG[2]: Hand.AGAINST}
    shown = meeting((*COUNCIL, *CCG), hands=against).consensus
    assert not shown.reached
    assert shown.dissent == ("ccg-lay-member",)
    assert "(against)" in shown.reason


def test_an_abstention_is_not_support() -> None:
    """000:326-340 say nothing of abstention; the council's file decides (local policy)."""
    abstained = hands(*FOUR[:3]) | {FOUR[3]: Hand.ABSTAIN}
    assert not meeting(hands=abstained).consensus.reached
    aside = meeting(hands=abstained, abstention=Abstention.STANDS_ASIDE).consensus
    assert aside.reached
    assert aside.dissent == (FOUR[3],)


def test_standing_aside_leaves_no_organisation_without_support() -> None:
    """000:327-328: securing the support of both partners is critical, also where an abstention stands aside."""
    abstained = hands(*COUNCIL[:2]) | hands(*CCG[:2], hand=Hand.ABSTAIN)
    shown = meeting(hands=abstained, abstention=Abstention.STANDS_ASIDE).consensus
    assert not shown.reached
    assert shown.reason == "No consensus: nobody supports for the CCG."


def test_a_hand_that_was_not_recorded_supports_nothing() -> None:
    """000:326-328: consensus is demonstrated, never presumed."""
    assert "no hand recorded" in meeting(hands=hands(*FOUR[:3])).consensus.reason


def test_no_quorum_no_consensus_whatever_the_hands() -> None:
    """000:328-330: three hands of three are no consensus of a Board that is not quorate."""
    assert not meeting(FOUR[:3], hands=hands(*FOUR[:3])).consensus.reached


EVERYBODY = (*COUNCIL, *CCG, *DEPUTIES, "director-quality-and-integration", "healthwatch")
ROLLS = st.dictionaries(st.sampled_from(EVERYBODY), st.sampled_from((*COUNCIL, *CCG)))
HANDS = st.dictionaries(st.sampled_from(EVERYBODY), st.sampled_from(list(Hand))) | st.just(hands(*EVERYBODY))
ACTIONS = st.dictionaries(st.sampled_from(EVERYBODY), st.sampled_from(list(InterestAction)))


@given(ROLLS | st.sets(st.sampled_from(EVERYBODY)), ACTIONS, HANDS, st.sampled_from(list(Abstention)))
def test_random_rooms_never_show_consensus_without_quorum(
    roll: Any, actions: dict[str, InterestAction], hands: dict[str, Hand], abstention: Abstention
) -> None:
    """000:326-330: whoever comes and votes, consensus has four people, two of each, none withdrawn or against."""
    held = meeting(roll, actions=actions, hands=hands, abstention=abstention)
    seats = [attendee.seat for attendee in held.present]
    assert len(set(seats)) == len(seats) == len({a.person for a in held.present})
    if not held.consensus.reached:
        return
    taking = held.taking_part
    assert len(taking) >= 4
    assert all(sum(a.partner == side for a in taking) >= 2 for side in ("council", "ccg"))
    assert {a.partner for a in taking if hands.get(a.role) is Hand.FOR} == {"council", "ccg"}
    assert not any(actions.get(a.role) is InterestAction.WITHDRAWS for a in taking)
    assert not any(hands.get(a.role) in (Hand.AGAINST, None) for a in taking)
    assert abstention is Abstention.STANDS_ASIDE or all(hands[a.role] is Hand.FOR for a in taking)


# --- chair, meetings, ends ---


def test_the_chair_rotates_and_the_vice_chair_is_of_the_other_partner() -> None:
    """P35, 000:320-322: Chair and Vice-Chair take turns between the organisations; the basis is local policy."""
    body = SOUTHAMPTON.body(BOARD)
    for on, chair in [(date(2018, 8, 8), COUNCIL[0]), (date(2018, 8, 9), CCG[0]), (ON, CCG[0])]:
        term = body.chairing(on)
        assert term is not None
        assert term.chair == chair
        assert body.partner_of(term.vice_chair, on) != body.partner_of(term.chair, on)
    assert body.chairing(date(2017, 8, 9)) is None
    assert all(a.ends_on and (b.starts_on - a.ends_on).days == 1 for a, b in pairwise(body.chairs))


def test_the_board_meets_every_month() -> None:
    """P25, 000:252: the published dates leave no month out from August 2017."""
    meetings = SOUTHAMPTON.body(BOARD).meetings
    months = [(day.year, day.month) for day in meetings]
    assert months == [(2017 + m // 12, m % 12 + 1) for m in range(7, 7 + len(meetings))]
    assert next_meeting(SOUTHAMPTON, BOARD, date(2019, 6, 13)) == date(2019, 7, 11)
    assert next_meeting(SOUTHAMPTON, BOARD, meetings[-1]) is None


def test_a_meeting_of_each_quarter_is_given_to_the_partnership_agreement() -> None:
    """P26, 000:256-258: at least one in each quarter, all of them published; one left out is found."""
    rules = SOUTHAMPTON.joint_commissioning
    assert rules is not None
    held, published = rules.performance_meetings, SOUTHAMPTON.body(BOARD).meetings
    assert set(held) <= set(published)
    assert missed(quarters_between(published[0], published[-1]), held) == ()
    (window,) = missed(quarters_between(published[0], published[-1]), set(held) - {date(2019, 5, 9)})
    assert (window.first, window.last) == (date(2019, 4, 1), date(2019, 6, 30))


def test_a_roll_is_read_as_it_is_written() -> None:
    """P36: "deputy for member" takes that member's seat; nobody is entered twice."""
    assert read_roll(["ccg-chair", "jcb-deputy-ccg for ccg-lay-member"]) == {
        "ccg-chair": "ccg-chair", "jcb-deputy-ccg": "ccg-lay-member",
    }  # fmt: skip
    with pytest.raises(BadRoll, match="ccg-chair is on the roll twice"):
        read_roll(["ccg-chair", "ccg-chair"])


def test_the_four_ends_of_a_consideration_are_never_confused() -> None:
    """000:332-348: a deferral is no decision, a referral back no deferral; two at once are an error."""
    assert result_of(["convened", "voted"]) is None
    assert result_of(["deferred"]) is Result.DEFERRED
    assert result_of(["referred-back"]) is Result.REFERRED_BACK
    assert result_of(["declined"]) is Result.DECIDED
    with pytest.raises(ValueError, match="cannot end as decided and as deferred"):
        result_of(["decided", "deferred"])


# --- mistakes in a joint body ---

PARTNERS_MEMBERS = "members: [ccg-chair, ccg-accountable-officer, ccg-lay-member]"
TERM = "- {chair: cabinet-member-health, vice_chair: ccg-chair, from: 2017-08-10, until: 2018-08-08}"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            PARTNERS_MEMBERS, "members: [ccg-chair, ccg-accountable-officer]",
            "each member of the body to be a member for exactly one of its partners",
        ),
        (
            PARTNERS_MEMBERS, "members: [ccg-chair, ccg-accountable-officer, ccg-lay-member, cabinet-member-health]",
            "each member of the body to be a member for exactly one of its partners",
        ),
        (TERM, TERM.replace("vice_chair: ccg-chair", "vice_chair: cabinet-member-finance"), "for different partners"),
        (TERM, TERM.replace("2018-08-08", "2018-08-09"), "the earlier entry to have an 'until' before"),
    ],
)  # fmt: skip
def test_a_joint_body_that_does_not_fit_is_refused(tmp_path: Any, old: str, new: str, expected: str) -> None:
    """000:308-322: three members of each, Chair and Vice-Chair of alternate partners, one after another."""
    shipped = (COUNCILS / "southampton.yaml").read_text("utf-8")
    assert shipped.count(old) == 1
    path = tmp_path / "southampton.yaml"
    path.write_text(shipped.replace(old, new), encoding="utf-8")
    with pytest.raises(CouncilFileError, match=expected) as refused:
        load_council(path)
    assert "bodies > joint-commissioning-board" in str(refused.value)
