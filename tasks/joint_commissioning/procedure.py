"""An item before the Joint Commissioning Board as a procedure: how it is entered, and what it does by itself."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from models.cases import Status
from models.council import Council
from models.council_joint_commissioning import JointCommissioning
from models.executive_notices import clear, in_time
from models.joint_commissioning import JointCommissioningCase
from models.joint_commissioning_item import COUNCIL_SIDE
from models.joint_commissioning_words import AGENDA, PREFIX, PROCEDURE, Choices, ItemKind
from models.key_test import Numbers, whether_key
from models.london import LONDON, date_in_london, day_in_words
from models.periods import Period
from tasks.forms import Refused
from tasks.joint_commissioning.forms import Item
from tasks.joint_commissioning.verbs import VERBS
from tasks.outlook import Coming
from tasks.procedures import Opened, Opening, Procedure

EXAMPLE = {
    "reference": "JCB-2019-14",
    "title": "Carers' support contract",
    "proposal": "To award the contract for support to carers for three years.",
    "decision_maker": "cabinet-member-adult-care",
    "meeting_on": "2019-06-13",
    "pounds": "420000",
    "better_care": "true",
}


def open_case(council: Council, form: Item, now: datetime, actor: str | None) -> Opened:
    """Open a case with an item for the Board, at the meeting named or the next that its papers can reach.

    Raises Refused with a sentence, and models.council.UnknownId for a role or ward that the council's file lacks.
    """
    section = council.joint_commissioning
    if section is None or council.executive_decisions is None:
        raise Refused(f"the file of {council.name} lacks a section 'joint_commissioning' or 'executive_decisions'")
    today = date_in_london(now)
    council.title(form.decision_maker, today)
    council.ward_members(form.wards)
    if form.pounds is None and form.kind in (ItemKind.DECISION, ItemKind.BUSINESS_CASE):
        raise Refused(
            "say what it costs or saves, whichever is greater (--pounds), 0 where it is nothing: the delegated limit "
            "and the key decision test go by it (ToR 8.4; SI 2012/2089 reg 8)"
        )
    meeting_on = _council_day(form) if form.kind is ItemKind.CONSTITUTION else _meeting(council, section, form, today)
    payload = {
        **form.model_dump(mode="json"), "meeting_on": meeting_on.isoformat(), "choices": Choices.of(section).to_dict(),
    }  # fmt: skip
    where = "the Council" if form.kind is ItemKind.CONSTITUTION else f"the {council.body(section.board).name}"
    says = f"It comes before {where} on {day_in_words(meeting_on)}."
    return Opened(payload, form.reference, today.year, actor or section.responsible_officer, says)


def _council_day(form: Item) -> date:
    """Return the day of the Council for a change of the constitution, which follows the Cabinet (001:4401-4437)."""
    if form.cabinet_on is None or form.council_on is None:
        raise Refused("a change of the constitution names the days of Cabinet and Council (--cabinet-on, --council-on)")
    if form.council_on < form.cabinet_on:
        raise Refused(
            f"the Council, {day_in_words(form.council_on)}, comes after the Cabinet, {day_in_words(form.cabinet_on)}"
        )
    return form.council_on


def _meeting(council: Council, section: JointCommissioning, form: Item, today: date) -> date:
    """Return the meeting named, or the next one that notice and papers can reach."""
    board = council.body(section.board)
    own = council.organisation(form.decision_maker, today)
    if own not in {council.organisation(role, today) for role in board.members}:
        raise Refused(
            f"{council.title(form.decision_maker, today)} is of none of the Board's organisations; name the member or "
            "officer who has the delegated authority"
        )
    if form.meeting_on is not None:
        if form.meeting_on not in board.meetings or form.meeting_on < today:
            raise Refused(f"{day_in_words(form.meeting_on)} is no published meeting of the {board.name} to come")
        meeting_on: date | None = form.meeting_on
    else:
        period = _time_before(council, form, own)
        coming = (day for day in board.meetings if day > today and in_time(period, today, day, council.calendar()))
        meeting_on = next(coming, None)
    if meeting_on is None or board.chairing(meeting_on) is None:
        raise Refused(f"the council's file has no later meeting of the {board.name} with a Chair; enter its dates")
    return meeting_on


def _time_before(council: Council, form: Item, organisation: str) -> Period:
    """Return the notice that an item needs: 28 clear days where key, 5 for papers, else the agenda's time."""
    if organisation != COUNCIL_SIDE or council.executive_decisions is None:
        return AGENDA
    numbers = Numbers.of(council.executive_decisions)
    if whether_key(form.pounds or 0, form.wards, numbers).key or form.private:
        return clear(28, numbers.notice_days, "SI 2012/2089 regs 5, 9")
    return clear(5, numbers.papers_days, "SI 2012/2089 reg 7")


def outlook(case: JointCommissioningCase) -> list[Coming]:
    """Return what an item will do by itself from now on, soonest first."""
    if case.closed is not None:
        return []
    coming = []
    for deadline, status in case.deadlines():
        if status is Status.OPEN:
            what = "it may be implemented" if deadline.sense == "first day" else "if not done by then, it is escalated"
            coming.append(Coming(deadline.wakes_at, f"{deadline.name}: {what}"))
    return sorted((each for each in coming if each.at > case.now), key=lambda each: each.at)


def _begins_at(form: Any) -> datetime:
    """Return when a rehearsal of an item begins: six weeks before its meeting, at nine in the morning."""
    day = form.meeting_on or form.cabinet_on or date(2019, 6, 13)
    return datetime.combine(day - timedelta(days=42), time(9, 0), LONDON)


JOINT_COMMISSIONING = Procedure(
    name=PROCEDURE, title="Joint commissioning item", prefix=PREFIX, view=JointCommissioningCase,
    opening=Opening(Item, "Entered", open_case, _begins_at, EXAMPLE), verbs=VERBS, outlook=outlook,
)  # fmt: skip
