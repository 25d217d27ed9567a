"""Before the meeting: remit, a place on the agenda, the business case, the call and the papers (ToR 2, 4.2, 6, 8)."""

from __future__ import annotations

from models.executive_item import CORRECTED
from models.joint_commissioning import JointCommissioningCase
from models.joint_commissioning_words import ItemKind
from models.london import day_in_words
from tasks.drafting import enclosure_of, listed, write_to
from tasks.executive import steps as executive
from tasks.joint_commissioning.asking import ask
from tasks.notices import told
from tasks.steps import step, step_for_each
from tasks.turns import Effect
from tasks.waiting import park, wake_after

Case = JointCommissioningCase


def check_remit(case: Case) -> None:
    """Record for the meeting of this round whether the item can be decided under delegation, and by which limit."""
    if case.meeting_on is not None and case.decision is None:
        record_remit(case, case.round.number, case.meeting_on.isoformat(), len(case.record.all(CORRECTED)))


@step("remit-checked", "Check the remit for the meeting of {1}")
def record_remit(case: Case, round_: int, day: str, corrections: int) -> Effect:
    """Record whether the item is in scope and within the limit of that day, anew once corrected (ToR 8.4, 8.5)."""
    remit, limit = case.remit, case.limit_on(case.meeting_on or case.today)
    return Effect({
        "decides": remit.decides, "why": remit.why, "all_must_agree": remit.all_must_agree, "scope": case.scope,
        "partner": case.partner_id, "pounds": case.pounds, "limit": limit.pounds if limit else None,
        "limit_from": limit.starts_on.isoformat() if limit else None,
    })  # fmt: skip


def wait_for_place(case: Case) -> bool:
    """Return whether the Chair or Vice-Chair takes the new item onto the agenda; until then ask (ToR 6.8)."""
    if case.accepted is not None:
        return True
    if case.refused is not None:
        return False
    chair, others = case.presiding
    ask(
        case, [chair, *others], "say whether this new item is taken onto the agenda", case.agenda_answer_by,
        "New items need the agreement of the Chair or Vice-Chair (Terms of Reference 6.8).",
        "place-item CASE --agreed",
    )  # fmt: skip
    park("Awaiting a place on the agenda", case.agenda_answer_by, f"{listed(case, [chair, *others])} agree new items")


def wait_for_business_case(case: Case) -> None:
    """Wait for the business case of a new pooled fund scheme: the Board receives, reviews and approves it (ToR 4.2)."""
    if case.kind is not ItemKind.BUSINESS_CASE or case.business_case is not None:
        return
    by = case.agenda_by
    if by is None:
        return
    ask(
        case, [case.responsible_officer], "attach the business case of the new scheme", by,
        "The Board approves new pooled fund schemes on their business case (Terms of Reference 4.2).",
        "attach CASE --kind business-case --file FILE",
    )  # fmt: skip
    park("Awaiting the business case", by, f"{case.council.title(case.responsible_officer, case.today)} attaches it")


def wait_for_named_meeting(case: Case) -> None:
    """Wait until a meeting is named for an item that stood over (ToR 6.4, 6.6)."""
    if case.meeting_on is not None:
        return
    by = case.convene_by
    assert by is not None
    ask(
        case, [case.section.clerk, case.responsible_officer], "name the meeting at which this item is taken", by,
        "The item stood over, and no later meeting is named for it.", "convene CASE --meeting-on DATE",
    )  # fmt: skip
    park("Awaiting a meeting", by, f"{listed(case, [case.section.clerk, case.responsible_officer])} name one")


def call(case: Case) -> None:
    """Call the Board to the meeting of this round, with the papers that are there (ToR 6.8)."""
    assert case.meeting_on is not None
    if case.meeting_on < case.today:
        return
    if case.round.last("convened") is None:
        record_convened(case, case.round.number, case.meeting_on.isoformat())
    summon(case, told(case, case.board.members), case.round.number, case.meeting_on.isoformat())


@step("convened", "Call the Board for {1}")
def record_convened(case: Case, round_: int, day: str) -> Effect:
    """Record for which meeting the Board is called."""
    kind = "ordinary" if case.meeting_on in case.board.meetings else "additional"
    return Effect({"meeting_on": day, "kind": kind, "reasons": None, "round": round_})


@step_for_each("called", "Call the members of the Board, round {0}, {1}")
def summon(case: Case, role: str, /, round_: int, day: str) -> Effect:
    """Call one member, with the papers and what they are asked."""
    assert case.meeting_on is not None
    deferred = case.round.after_deferral
    values: dict[str, object] = {
        "meets_on": case.meeting_on, "papers": [fact["filename"] for fact in case.papers],
        "remit": case.remit.why, "decides": "yes" if case.remit.decides else "",
        "deferred_on": day_in_words(deferred.at.date()) if deferred else "",
    }  # fmt: skip
    enclosures = [enclosure_of(fact) for fact in case.papers]
    return Effect({"consultee": role, "round": round_}, [write_to(case, "jc-meeting", role, values, enclosures)])


def see_to_notice_and_papers(case: Case) -> None:
    """Wait for the notices and papers that the law and the Terms of Reference ask before this meeting (ToR 6.8, 6.10).

    Where the Council's Member or officer decides, the law of executive decisions applies; for what the CCG's own
    people decide there is the agenda alone.
    """
    if case.consensus_reached or case.consensus_failed:
        return
    if case.of_the_council:
        executive.test_whether_key(case)
        executive.watch(case)
        executive.see_to_notice(case)
        executive.see_to_private_meeting(case)
        executive.wait_for_papers(case)
        return
    executive.see_to_private_meeting(case)
    see_to_agenda(case)


def see_to_agenda(case: Case) -> None:
    """Ask for the agenda at least five working days before the meeting; a late one is on the record (ToR 6.8; P27)."""
    by = case.agenda_by
    if by is None or case.agenda_published is not None:
        return
    ask(
        case, [case.section.clerk], "circulate the agenda with this item", by,
        "Agendas are circulated at least 5 working days before the meeting (Terms of Reference 6.8).",
        "publish CASE --what agenda",
    )  # fmt: skip
    wake_after(by)
