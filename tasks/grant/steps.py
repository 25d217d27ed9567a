"""What a grant's procedure does: it plans the meetings, reminds, escalates, waits for each body, and tells the end."""

from __future__ import annotations

from datetime import date, timedelta

from models.amounts import Pounds, Sum, in_pounds
from models.facts import Fact
from models.grant_stages import Asked, Stage
from models.grants import ASKED_IN_WORDS, BEFORE_WHICH, PLANNED, Change, GrantCase
from models.london import date_in_london, day_in_words, parse_day
from tasks import endings
from tasks.drafting import morning_of
from tasks.ladders import newest_rung
from tasks.notices import escalate, inform, told
from tasks.steps import step, step_for_each
from tasks.turns import Effect
from tasks.waiting import due, park

TAKEN_BACK = {"stage-agreed": "agreement", "stage-refused": "refusal", "deferred": "deferral"}
AWAITED = {Asked.AGREE_IN_PRINCIPLE: "agreement in principle", Asked.BUDGET: "budgets of later years"}


# -- the plan ------------------------------------------------------------------------------------------------


def lay_plan(case: GrantCase) -> None:
    """Plan each stage for a published meeting of its body, anew where one no longer fits, and tell those concerned."""
    changes = {change.stage.id: change for change in case.changes()}
    if changes:
        plan_meetings(case, list(changes), _round(case) + 1, changes=changes)
    if _round(case) and _next(case) is not None:
        tell_plan(case)
    for stage in case.undecided:
        if case.meeting_on(stage) is None:
            look_again(case, stage)
            inform(
                case, told(case, [case.responsible_officer]), f"no meeting: {stage.id}, plan {_round(case)}",
                template="gr-no-meeting", body=case.name_of(stage), asked=_asked(stage),
                file=f"councils/{case.council.id}.yaml",
            )  # fmt: skip


def look_again(case: GrantCase, stage: Stage) -> None:
    """Ask for a turn tomorrow, or next week while its turn has not come: the council's file may hold a date by then."""
    due(morning_of(case.today + timedelta(days=1 if stage in case.open_stages else 7)))


@step_for_each(PLANNED, "Plan the meetings, plan {0}")
def plan_meetings(case: GrantCase, stage: str, /, round_: int, *, changes: dict[str, Change]) -> Effect:
    """Record for which meeting a stage is planned, which it was planned for before, and why it is another."""
    change = changes[stage]
    return Effect(
        {
            "stage": stage, "name": case.name_of(change.stage), "round": round_, "reasons": change.why,
            "meets_on": change.on.isoformat() if change.on else None,
            "was_on": change.was.isoformat() if change.was else None,
        }
    )  # fmt: skip


def tell_plan(case: GrantCase) -> None:
    """Write to everybody concerned which body is next, when, by when its papers are due, and what has moved."""
    following = _next(case)
    assert following is not None
    papers, on = case.papers_by(following), case.meeting_on(following)
    assert papers is not None
    newest = [fact for fact in case.record.all(PLANNED) if fact["round"] == _round(case)]
    clerks = [stage.clerk for stage in case.undecided]
    inform(
        case, told(case, [case.responsible_officer, *clerks, *case.rules.concerned]), f"plan {_round(case)}",
        template="gr-plan", body=case.name_of(following), meets_on=on, asked=_asked(following),
        papers_by=papers.last_day, papers_derivation=papers.in_words(),
        moves=[_move(fact) for fact in newest if fact["was_on"]],
    )  # fmt: skip


def _round(case: GrantCase) -> int:
    newest = case.record.last(PLANNED)
    return int(newest["round"]) if newest else 0


def _next(case: GrantCase) -> Stage | None:
    """Return the first stage still to decide that has a date."""
    return next((stage for stage in case.undecided if case.meeting_on(stage) is not None), None)


def _move(fact: Fact) -> str:
    on = day_in_words(parse_day(fact["meets_on"])) if fact["meets_on"] else "no published meeting fits"
    return f"{fact['name']}: was {day_in_words(parse_day(fact['was_on']))}, now {on} ({fact['reasons']})"


def _asked(stage: Stage) -> str:
    return f"{ASKED_IN_WORDS[stage.asked]} {in_pounds(stage.amount)}"


# -- the figures ---------------------------------------------------------------------------------------------


def ask_about_differences(case: GrantCase) -> None:
    """Ask the officer to explain each sum that does not agree: it is flagged, and never passed in silence."""
    for name, wrong in case.unexplained.items():
        inform(
            case, told(case, [case.responsible_officer]), f"difference: {name}", template="gr-difference",
            difference=in_pounds(abs(wrong.difference)), sum=wrong.in_words(),
            lines=[f"{line}: {in_pounds(pounds)}" for line, pounds in _largest_first(wrong)],
            before=BEFORE_WHICH[name],
            act=f"cleardays explain-difference {case.ref} --sum {name} --reasons REASONS",
        )  # fmt: skip


def _largest_first(lines: Sum) -> list[tuple[str, Pounds]]:
    return sorted(lines.lines.items(), key=lambda line: (-line[1], line[0]))


# -- before and after each meeting ---------------------------------------------------------------------------


def watch_meetings(case: GrantCase) -> None:
    """Remind officer and clerk before each meeting; escalate where one has passed without an outcome on the record."""
    for stage in case.undecided:
        on = case.meeting_on(stage)
        if on is not None:
            _remind(case, stage, on)
    for stage in case.open_stages:
        on = case.meeting_on(stage)
        if on is not None and due(morning_of(case.look_for_outcome_on(stage, on))):
            note_unrecorded(case, stage.id, on.isoformat())
            escalate(
                case, f"no outcome of {stage.id}, {on}", template="gr-outcome-missing", body=case.name_of(stage),
                meets_on=on, asked=_asked(stage),
                act=f"cleardays record-stage {case.ref} --stage {stage.id} --outcome OUTCOME --minute MINUTE",
            )  # fmt: skip


def _remind(case: GrantCase, stage: Stage, on: date) -> None:
    if on < case.today:
        return
    planned = case.plans(stage.id)[-1]
    rung = newest_rung(case, on, date_in_london(planned.at), case.rules.reminder_days.value)
    papers = case.papers_by(stage)
    if rung is None or papers is None:
        return
    missing = case.missing_before(stage)
    inform(
        case, told(case, [case.responsible_officer, stage.clerk]), f"meeting of {on}: {stage.id}, {rung} days before",
        template="gr-meeting-ahead", body=case.name_of(stage), meets_on=on, asked=_asked(stage),
        days_left=(on - case.today).days,
        papers_by=papers.last_day, papers_derivation=papers.in_words(), papers_ahead=not papers.passed(case.now),
        missing=case.name_of(missing) if missing else "", why_not=case.why_not_agree(stage) or "",
    )  # fmt: skip


@step("deadline-passed", "Note: no outcome of {0}")
def note_unrecorded(case: GrantCase, stage: str, on: str) -> Effect:
    """Record that a meeting passed without an outcome on the record."""
    return Effect({"name": f"outcome of {stage}", "stage": stage, "met_on": on})


# -- waiting for a body --------------------------------------------------------------------------------------


def wait_for(case: GrantCase, asked: Asked) -> None:
    """Return once every body that is asked this has agreed, in whichever order; otherwise wait for the others."""
    waiting = [stage for stage in case.undecided if stage.asked is asked]
    if not waiting:
        return
    names = " and ".join(case.name_of(stage) for stage in waiting)
    passed = [stage for stage in case.unrecorded if stage in waiting]
    dated = [(on, stage) for stage in waiting if (on := case.meeting_on(stage)) is not None and on >= case.today]
    why = f"{names}: {ASKED_IN_WORDS[asked]} {in_pounds(waiting[0].amount)}"
    if passed:
        name = f"Awaiting officer: outcome of {case.body_of(passed[0])}"
        why = f"{case.council.title(case.responsible_officer, case.today)} is to record what the {names} did"
    elif not dated:
        name = f"Awaiting a meeting date: {case.body_of(waiting[0])}"
        why = f"no published meeting of the {names} fits; {case.council.id}.yaml is to be mended"
    else:
        name = f"Awaiting {AWAITED.get(asked, case.body_of(waiting[0]))}"
    until = None
    if dated:
        on, stage = min(dated, key=lambda pair: pair[0])
        until = stage.meeting(on, case.calendar, case.body_of(stage))
    park(name, until, why)


# -- how it ends ---------------------------------------------------------------------------------------------


def tell_what_was_taken_back(case: GrantCase) -> None:
    """Tell those concerned, and the clerks, of each outcome that was taken back, once."""
    clerks = [stage.clerk for stage in case.stages]
    people = told(case, [case.responsible_officer, *clerks, *case.rules.concerned])
    for fact in case.taken_back:
        inform(
            case, people, f"taken back, fact {fact.number}", template="gr-taken-back", body=fact["name"],
            meets_on=parse_day(fact["held_on"]), minute=fact["minute"], why=fact["reasons"],
            what=TAKEN_BACK[fact["kind"]],
        )  # fmt: skip


def tell_ratified(case: GrantCase) -> None:
    """Tell those concerned that the first year's expenditure is ratified, and what is left of the later years."""
    undone = [fact.number for fact in case.taken_back if case.asked_by(fact) is Asked.RATIFY]
    again = f", after fact {undone[-1]}" if undone else ""
    inform(
        case, told(case, [case.responsible_officer, *case.rules.concerned]), f"ratified{again}", template="gr-ratified",
        amount=in_pounds(next(iter(case.years.values()))), year=next(iter(case.years)),
        differences=[f"{case.sums[fact['sum']].in_words()}: {fact['reasons']}"
                     for fact in case.record.all("difference-explained")],
    )  # fmt: skip


def stop(case: GrantCase, refused: Fact) -> str:
    """Tell those concerned that a body refused and the chain has stopped; close the case and return who refused."""
    left = case.undecided
    clerks = [stage.clerk for stage in case.stages if stage in left or stage.id == refused["stage"]]
    inform(
        case, told(case, [case.responsible_officer, *clerks, *case.rules.concerned]), "refused", template="gr-refused",
        body=refused["name"], refused_on=parse_day(refused["held_on"]), minute=refused["minute"],
        why=refused["reasons"], asked=f"{ASKED_IN_WORDS[Asked(refused['asked'])]} {in_pounds(refused['pounds'])}",
        left=[case.name_of(stage) for stage in left],
    )  # fmt: skip
    ratified = "ratified; " if case.ratified else ""
    return endings.close(case, f"{ratified}refused by {refused['name']}")


def withdraw(case: GrantCase) -> str:
    """Tell those concerned that the grant is withdrawn, close the case, return "withdrawn"."""
    assert case.withdrawn is not None
    clerks = [stage.clerk for stage in case.stages]
    inform(
        case, told(case, [case.responsible_officer, *clerks, *case.rules.concerned]), "withdrawal",
        template="gr-withdrawn", why=case.withdrawn["reasons"],
    )  # fmt: skip
    return endings.close(case, "withdrawn")
