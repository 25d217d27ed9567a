"""The ratification of a grant as a procedure: how its cases are opened and read, and what can be done to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from models.amounts import Sum
from models.council import Council
from models.grant_stages import PREFIX, PROCEDURE, stages_of
from models.grants import BEFORE_WHICH, GrantCase
from models.london import LONDON, date_in_london, day_in_words
from tasks.drafting import morning_of
from tasks.forms import Refused
from tasks.grant.forms import Grant
from tasks.grant.verbs import VERBS
from tasks.ladders import rungs
from tasks.outlook import Coming
from tasks.procedures import Opened, Opening, Procedure

EXAMPLE = {
    "reference": "Department of Health and DCLG, 22 March 2017",
    "title": "Adult social care grant",
    "letter_on": "2017-03-22",
    "total": "£9,710,902",
    "years": "{2017/18: 4981651, 2018/19: 3161704, 2019/20: 1567547}",
    "schemes": "{Extra nursing home capacity: 1500 thousand, Increased demand and complexity: 1000 thousand}",
}


def open_case(council: Council, form: Grant, now: datetime, actor: str | None) -> Opened:
    """Open a case with the letter that announces a grant; the chain is that of the council's file on this day.

    Raises Refused where the file has no chain, or a day lies where it cannot.
    """
    if council.grants is None:
        raise Refused(f"the file of {council.name} has no section 'grants'; enter the chain of bodies there first")
    today = date_in_london(now)
    if form.letter_on > today:
        raise Refused(f"the letter of {day_in_words(form.letter_on)} lies ahead; it is {day_in_words(today)}")
    if form.ready_on is not None and form.ready_on < form.letter_on:
        raise Refused(
            f"proposals ready on {day_in_words(form.ready_on)} came before the letter of "
            f"{day_in_words(form.letter_on)}; check both days"
        )
    payload = {
        **form.model_dump(mode="json"), "ready_on": (form.ready_on or today).isoformat(),
        "stages": [stage.to_dict() for stage in stages_of(council.grants, form.total, form.years)],
    }  # fmt: skip
    who = actor or council.grants.responsible_officer
    return Opened(payload, form.reference, form.letter_on.year, who, " ".join(_sums_in_words(form)))


def _sums_in_words(form: Grant) -> Iterator[str]:
    first, *_ = form.years.items()
    sums = {
        "years": Sum("The years", form.years, form.total, "the whole grant"),
        "schemes": Sum(f"The schemes for {first[0]}", form.schemes, first[1], f"the allocation for {first[0]}"),
    }
    for name, each in sums.items():
        flag = "" if each.agrees else f": explain the difference before it is to {BEFORE_WHICH[name]}"
        yield f"{each.in_words()}{flag}."


def begins_at(form: Grant) -> datetime:
    """Return the instant (aware) at which a rehearsal begins: the morning on which the proposals are ready."""
    return datetime.combine(form.ready_on or form.letter_on, time(9), LONDON)


def outlook(case: GrantCase) -> list[Coming]:
    """Return what a grant's case will do by itself from now on, soonest first."""
    if case.closed is not None or case.refusal is not None:
        return []
    coming = []
    for stage in case.undecided:
        on, name = case.meeting_on(stage), case.name_of(stage)
        if on is not None:
            coming += [
                Coming(morning_of(day), f"officer and clerk are reminded of the {name}")
                for day in dict.fromkeys(rungs(case, on, None, case.rules.reminder_days.value).values())
            ]
            unrecorded = f"without an outcome of the {name}, that is recorded and escalated"
            coming.append(Coming(morning_of(on + timedelta(days=1)), unrecorded))
    return sorted((each for each in coming if each.at > case.now), key=lambda each: each.at)


GRANT = Procedure(
    name=PROCEDURE, title="Grant ratification", prefix=PREFIX, view=GrantCase,
    opening=Opening(Grant, "Announced", open_case, begins_at, EXAMPLE), verbs=VERBS, outlook=outlook,
)  # fmt: skip
