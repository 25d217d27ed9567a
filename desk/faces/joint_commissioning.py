"""The face of an item before the Joint Commissioning Board: its rounds, who takes part, and what moves it on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from desk.faces import Face, Move, People, key_decision
from desk.tables import Cell
from models.amounts import in_pounds
from models.board_meetings import meetings_kept
from models.joint_commissioning import JointCommissioningCase
from models.joint_commissioning_words import ItemKind
from models.london import day_in_words, short_day_in_words
from models.months import months_after
from tasks import lost_letters

Case = JointCommissioningCase

SENTENCES = {
    **key_decision.SENTENCES,
    "notified": "entered: {title}, for the meeting of {meeting_on}",
    "remit-checked": "remit checked: {why}",
    "item-accepted": "taken onto the agenda",
    "item-refused": "not taken onto the agenda: {reasons}",
    "convened": "the Board is called for {meeting_on} ({kind})",
    "attended": "roll of the meeting of {held_on} entered",
    "interest-declared": "interest of {member}: {action}",
    "quorum-met": "quorum met: {reason}",
    "quorum-failed": "no quorum: {reason}",
    "voted": "hands shown at the meeting of {held_on}",
    "consensus-reached": "consensus reached: {reason}",
    "consensus-failed": "consensus failed: {reason}",
    "deferred": "deferred to {to_meeting_on}, nothing decided: {reasons}",
    "referred-back": "referred back to the parent bodies, nothing decided: {reasons}",
    "discussed": "discussed on {held_on}",
    "stood-over": "the item stands over, neither decided nor deferred: {reasons}",
    "dispute-opened": "dispute opened ({route}): {reasons}",
    "dispute-returned": "dispute discussed; back before the Board on {to_meeting_on}: {reasons}",
    "not-progressed": "not progressed: {reasons}",
    "noted": "considered for information: {considerations}; recommended: {recommendations}",
    "minutes-reported": "minutes reported to {consultee}",
    "parent-decided": "{body}: adopted {adopted}, on {decided_on}",
    "constitution-amended": "constitution amended: {changes}",
}

MILESTONES = {
    **key_decision.MILESTONES,
    "item-accepted": "On the agenda", "item-refused": "Not taken", "quorum-failed": "No quorum",
    "consensus-reached": "Consensus", "consensus-failed": "No consensus", "deferred": "Deferred",
    "referred-back": "Referred back", "stood-over": "Stood over", "dispute-opened": "Dispute",
    "dispute-returned": "Back to the Board", "not-progressed": "Not progressed", "noted": "For information",
    "parent-decided": "Cabinet or Council", "constitution-amended": "Constitution amended",
}  # fmt: skip


def what_it_is(case: Case) -> list[str]:
    """Return the item in sentences: what, how much, who would decide it, at which meeting, and the remit."""
    return [*_sentences(case)]


def _sentences(case: Case) -> Iterator[str]:
    amount = f", {in_pounds(case.pounds)}" if case.pounds else ""
    yield f"{case.matter}{amount}. Proposed: {case.proposal}"
    if case.kind is ItemKind.CONSTITUTION:
        yield "Cabinet and Council decide it, in that order; then the constitution is changed."
        return
    when = f"on {day_in_words(case.meeting_on)}" if case.meeting_on else "at a meeting still to be named"
    yield f"Round {case.round.number}: the {case.board.name} considers it {when}."
    yield f"{case.decision_maker_in_words} would decide under delegation. Remit: {case.remit.why}."
    if case.times_failed:
        yield f"There was no consensus {case.times_failed} {'time' if case.times_failed == 1 else 'times'} so far."


def moves(case: Case) -> list[Move]:
    """Return what would move the item on, the most pressing first; nothing once it is closed."""
    if case.closed is not None:
        return []
    if case.kind is ItemKind.CONSTITUTION:
        return [*_constitution(case)]
    executive: Any = case
    if case.decision is not None:
        return key_decision.moves(executive)
    if case.accepted is None:
        return [_move(case, "the Chair or Vice-Chair says whether the item is taken", "place-item", "--agreed")]
    if case.consensus_reached:
        fields = "--outcome OUTCOME --decision TEXT --reasons REASONS --alternatives TEXT --conflicts TEXT"
        on = f"--decided-on {case.meeting.on} "
        return [_move(case, "the named individual decides on the merits, or declines", "decide-item", on + fields)]
    if case.consensus_failed:
        return [*_directions(case)]
    before = key_decision.moves(executive) if case.of_the_council and case.remit.decides else []
    return [*_meeting(case), *before]


def _meeting(case: Case) -> Iterator[Move]:
    if case.meeting_on is None:
        yield _move(case, "a meeting is named", "convene", "--meeting-on DATE")
        return
    if case.round.after_deferral and case.discussed is None:
        chair = case.presiding[0]
        yield _move(case, "the Chair and the partner lead discuss it", "discuss",
                    f"--between {chair},{case.leads_across_from(chair)[0]}")  # fmt: skip
    if case.meeting_on > case.today:
        return
    if not case.remit.decides:
        yield _move(case, "what the Board considered is minuted", "minute",
                    "--considerations TEXT --recommendations TEXT")  # fmt: skip
    elif case.roll is None or not case.meeting.quorum.met:
        here = "" if case.decision_maker in case.board.members else f" --in-attendance {case.decision_maker}"
        yield _move(case, "the roll is entered", "attend", f"--present ROLE,ROLE,ROLE,ROLE{here}")
    elif case.why_not_vote() is None:
        hands = ",".join(f"{attendee.role}=HAND" for attendee in case.meeting.taking_part)
        yield _move(case, "hands are shown", "vote", f"--hands {hands}")


def _directions(case: Case) -> Iterator[Move]:
    if case.dispute is not None:
        if case.discussed is None:
            yield _move(case, "the dispute is discussed", "discuss", f"--between {','.join(case.those_in_dispute)}")
        yield _move(case, "the dispute ends", "conclude-dispute", "--result RESULT --reasons REASONS")
        return
    consulted = ",".join(attendee.role for attendee in case.meeting.taking_part)
    if case.times_failed < case.choices.no_more_after:
        yield _move(case, "the Chair defers it to a named meeting", "defer",
                    f"--to-meeting-on DATE --consulted {consulted} --reasons REASONS")  # fmt: skip
    yield _move(case, "the Chair directs that it be referred back", "refer-back",
                f"--consulted {consulted} --reasons REASONS")  # fmt: skip
    yield _move(case, "the Chair opens a dispute", "open-dispute", "--reasons REASONS")


def _constitution(case: Case) -> Iterator[Move]:
    decided = {fact["body"] for fact in case.record.all("parent-decided")}
    body = next((each for each in ("cabinet", "council") if each not in decided), None)
    if body is not None:
        yield _move(case, f"the {body.capitalize()} decides", "record-parent-decision", f"--body {body} --adopted")
        return
    consulted = ",".join(case.section.constitution.consulted)
    yield _move(case, "the constitution is changed", "amend-constitution",
                f"--consulted {consulted} --changes TEXT")  # fmt: skip


def _move(case: Case, what: str, verb: str, fields: str) -> Move:
    return Move(what, f"cleardays {verb} {case.ref} {fields}")


def outstanding(case: Case) -> list[str]:
    """Return what is missing or to be looked into, in sentences: breaches, and meetings the Board did not keep."""
    if case.kind is ItemKind.CONSTITUTION:
        return []
    found = [f"{breach[0].upper()}{breach[1:]}." for breach in case.breaches()]
    found += lost_letters.in_sentences(case)
    needed = (*case.board.members, case.decision_maker, case.section.clerk, *case.partner_leads)
    for role in dict.fromkeys(needed):
        if case.council.holder_or_none(role, case.today) is None:
            found.append(f"{case.council.title(role, case.today)}: nobody holds this office.")
    section = case.section
    kept = meetings_kept(
        case.board.meetings, section.performance_meetings, max(months_after(case.today, -12), case.board.meetings[0]),
        case.today, tolerance_days=section.meeting_tolerance_days.value,
    )  # fmt: skip
    return [*found, *kept.in_words()]


def people(case: Case) -> People | None:
    """Return the members of the Board with what each did at the meeting of this round."""
    if case.kind is ItemKind.CONSTITUTION:
        return None
    held, rows = case.meeting, []
    seats = {attendee.seat: attendee for attendee in held.present}
    for key, partner in case.board.partners.items():
        for member in partner.members:
            seated = seats.get(member)
            here = "" if seated is None else ("present" if not seated.deputises else f"by deputy ({seated.role})")
            interest = str(case.interests.get(seated.role if seated else member, ""))
            hand = str(held.hands.get(seated.role, "")) if seated else ""
            row: list[Cell] = [case.council.title(member, held.on), member, key, here, interest, hand]
            rows.append(row)
    return People(
        "The Board", ("Office", "Role id", "For", "At the meeting", "Interest", "Hand"), rows,
        held.quorum.reason if held.roll else "",
    )  # fmt: skip


def in_a_line(case: Case) -> str:
    """Return the meeting and the round."""
    when = short_day_in_words(case.meeting_on) if case.meeting_on else "no meeting named"
    return f"{case.board.name} · {when} · round {case.round.number}"


def gate(case: Case) -> str | None:
    """Return why no show of hands can be taken as things stand on the day of the meeting, or None."""
    waiting = case.closed is None and case.decision is None and case.kind is not ItemKind.CONSTITUTION
    if not waiting or case.roll is None or case.consensus_reached or case.consensus_failed:
        return None
    why_not = case.why_not_vote()
    return f"No show of hands can be taken:** {why_not}" if why_not else None


def as_dict(case: Case) -> dict[str, Any]:
    """Return what is the item's own in plain JSON values."""
    return {
        "item": case.matter, "kind": str(case.kind), "scope": str(case.scope), "pounds": case.pounds,
        "decision_maker": case.decision_maker_in_words, "round": case.round.number,
        "meeting_on": case.meeting_on.isoformat() if case.meeting_on else None,
        "times_without_consensus": case.times_failed, "private": case.private, "better_care": case.better_care,
    }  # fmt: skip


FACE = Face(
    what_it_is=what_it_is, sentences=SENTENCES, milestones=MILESTONES, moves=moves, outstanding=outstanding,
    people=people, in_a_line=in_a_line, gate=gate, as_dict=as_dict,
)  # fmt: skip
