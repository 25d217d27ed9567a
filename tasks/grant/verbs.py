"""What an officer does to a grant: record what each body did, explain a difference, attach a paper, withdraw it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from models.amounts import in_pounds
from models.clock_facts import RETRACTED, standing
from models.documents import ASSESSMENTS, DocumentKind
from models.grant_stages import FACT_OF, Stage, StageOutcome
from models.grants import EXPLAINED, Change, GrantCase
from models.london import day_in_words, parse_day
from tasks import common_verbs, forms
from tasks.acts import Act, ReadFile, Verb
from tasks.authority import DECISION_MAKER, OFFICER
from tasks.days import happened_beforehand
from tasks.forms import Refused
from tasks.grant.forms import ExplainDifference, RecordStage
from tasks.powers import Power

ATTACHED = (
    DocumentKind.LETTER, DocumentKind.REPORT, DocumentKind.MINUTES, *ASSESSMENTS, DocumentKind.BUSINESS_CASE,
    DocumentKind.EVIDENCE, DocumentKind.BACKGROUND_PAPER, DocumentKind.OTHER,
)  # fmt: skip


def record_stage(case: GrantCase, form: RecordStage, read_file: ReadFile) -> Act:
    """Record that a body agreed, refused or deferred; out of order it is refused, with the stage that is missing."""
    stage = _in_turn(case, form.stage)
    held_on = _day_held(case, stage, form)
    payload: dict[str, Any] = {
        "stage": stage.id, "name": case.name_of(stage), "asked": str(stage.asked), "pounds": stage.amount,
        "held_on": held_on.isoformat(), "reached_on": held_on.isoformat(), "minute": form.minute,
        "reasons": form.reasons, "papers_on": form.papers_on.isoformat() if form.papers_on else None,
        "papers_late": _papers_late(case, stage, held_on, form.papers_on), "urgency": form.urgency,
        "special_notice_on": form.special_notice_on.isoformat() if form.special_notice_on else None,
    }  # fmt: skip
    body = case.name_of(stage)
    if form.outcome is StageOutcome.DEFERRED:
        to = _deferred_to(case, stage, form, held_on)
        says = f"Recorded: the {body} deferred it to {day_in_words(to)}. {_what_follows(case, stage, to)}"
        return Act(FACT_OF[form.outcome], {**payload, "next_on": to.isoformat()}, says)
    if form.to is not None:
        raise Refused(f"a meeting to which it is put off (--to) goes with --outcome deferred, not with {form.outcome}")
    if form.outcome is StageOutcome.REFUSED:
        if form.reasons is None:
            raise Refused(f"say why the {body} refused (--reasons); those concerned are told")
        return Act(FACT_OF[form.outcome], payload, f"Recorded: the {body} refused. The chain stops; the case closes.")
    _check_amount(case, stage, form)
    why_not = case.why_not_agree(stage)
    if why_not is not None:
        raise Refused(why_not)
    if form.papers_on is None:
        raise Refused(
            f"say on which day the papers for the {body} were out (--papers-on): an item whose papers are late is not "
            f"agreed as if they had been in time ({stage.papers_rule or 'local policy'})"
        )
    late = ""
    if payload["papers_late"]:
        _check_urgent(case, stage, held_on, form)
        late = f" Its papers were out late; its chair took it as urgent ({stage.urgent}), as minuted."
    return Act(
        FACT_OF[form.outcome], payload,
        f"Recorded: the {body} agreed {in_pounds(stage.amount)} on {day_in_words(held_on)}.{late}",
    )  # fmt: skip


def _in_turn(case: GrantCase, name: str) -> Stage:
    """Return the stage whose turn it is, or refuse with the reason why it is not."""
    stage = case.stage_named(name)
    if stage is None:
        known = ", ".join(each.id for each in case.undecided)
        raise Refused(f"{name!r} is not a stage of this grant; still to decide are {known}")
    if case.withdrawn is not None:
        raise Refused(f"the grant was withdrawn, fact {case.withdrawn.number}; nothing more is decided on it")
    if case.refusal is not None:
        refused = case.stage_named(case.refusal["stage"])
        by = case.name_of(refused) if refused else case.refusal["stage"]
        raise Refused(f"the {by} refused, fact {case.refusal.number}: the chain has stopped")
    agreed = case.agreed(stage.id)
    if agreed is not None:
        held = day_in_words(parse_day(agreed["held_on"]))
        raise Refused(f"the {case.name_of(stage)} agreed on {held}, fact {agreed.number}; that stands")
    missing = case.missing_before(stage)
    if missing is not None:
        raise Refused(
            f"the {case.name_of(stage)} comes after the {case.name_of(missing)}, which has not agreed yet; record its "
            f"outcome first: cleardays record-stage {case.ref} --stage {missing.id}"
        )
    return stage


def _day_held(case: GrantCase, stage: Stage, form: RecordStage) -> date:
    held_on = form.held_on or case.today
    if held_on > case.today:
        raise Refused(f"the meeting of {day_in_words(held_on)} lies ahead; record it once it was held")
    if held_on < case.began_on:
        raise Refused(
            f"{day_in_words(held_on)} is before the letter of {day_in_words(case.began_on)} that announces the grant"
        )
    for before in (each for each in case.stages if each.id in stage.after):
        earlier = case.meeting_on(before)
        if earlier is not None and held_on < earlier:
            raise Refused(
                f"the {case.name_of(stage)} comes after the {case.name_of(before)}, which met on "
                f"{day_in_words(earlier)}; {day_in_words(held_on)} is before that"
            )
    if form.papers_on is not None and form.papers_on > held_on:
        raise Refused(
            f"papers out on {day_in_words(form.papers_on)} came after the meeting of {day_in_words(held_on)}; "
            "check both days"
        )
    put_off_to = case.put_off_to(stage)
    if put_off_to is not None and held_on < put_off_to:
        raise Refused(
            f"the {case.name_of(stage)} put it off to {day_in_words(put_off_to)}; what it did on "
            f"{day_in_words(held_on)} was to defer it, and it decides at the later meeting"
        )
    for on, what in ((form.papers_on, "the publication of papers"), (form.special_notice_on, "the notice")):
        happened_beforehand(case, on, what)
    _check_meeting(case, stage, held_on, form.special_notice_on)
    return held_on


def _check_meeting(case: GrantCase, stage: Stage, held_on: date, notice_on: date | None) -> None:
    """Refuse a meeting that nobody was told of: neither published, nor special with its notice in time."""
    body, meetings = case.body_of(stage), case.council.body(stage.body).meetings
    if held_on in meetings:
        return
    day = day_in_words(held_on)
    if notice_on is None:
        near = ", ".join(day_in_words(each) for each in sorted(meetings, key=lambda each: abs(each - held_on))[:2])
        raise Refused(
            f"the {body} has no published meeting on {day}; near it are: {near or 'none'}. For a special meeting say "
            "when its notice was published (--special-notice-on)"
        )
    latest = stage.papers_by(held_on, case.calendar, body).last_day
    if notice_on > latest:
        raise Refused(
            f"notice of the special meeting of {day} was due by {day_in_words(latest)}, and was published on "
            f"{day_in_words(notice_on)} ({stage.papers_rule or 'local policy'})"
        )


def _check_urgent(case: GrantCase, stage: Stage, held_on: date, form: RecordStage) -> None:
    """Refuse agreement on late papers, but for reasons of urgency that the chair gave and that are minuted."""
    body, papers = case.name_of(stage), stage.papers_by(held_on, case.calendar, case.body_of(stage))
    late = f"papers for the {body} were due by {day_in_words(papers.last_day)}"
    if not stage.urgent:
        raise Refused(
            f"{late}: an item whose papers are out later is not considered "
            f"({stage.papers_rule or 'local policy'}); record that it was put off (--outcome deferred)"
        )
    if form.urgency is None:
        raise Refused(
            f"{late}: say why its chair let it be taken as urgent, as minuted (--urgency; {stage.urgent}), or record "
            "that it was put off"
        )


def _papers_late(case: GrantCase, stage: Stage, held_on: date, papers_on: date | None) -> bool:
    return papers_on is not None and papers_on > stage.papers_by(held_on, case.calendar, case.body_of(stage)).last_day


def _check_amount(case: GrantCase, stage: Stage, form: RecordStage) -> None:
    body = case.name_of(stage)
    if form.amount is None:
        raise Refused(f"say for how much the {body} agreed (--amount); it is asked for {in_pounds(stage.amount)}")
    if form.amount != stage.amount:
        more_or_less = "more" if form.amount > stage.amount else "less"
        raise Refused(
            f"{in_pounds(form.amount)} is {in_pounds(abs(form.amount - stage.amount))} {more_or_less} than the "
            f"{in_pounds(stage.amount)} that the {body} is asked for; where it changed the amount, withdraw this grant "
            "and enter it anew with its new figures"
        )


def _deferred_to(case: GrantCase, stage: Stage, form: RecordStage, held_on: date) -> date:
    body = case.body_of(stage)
    if form.reasons is None:
        raise Refused(f"say why the {body} put it off (--reasons); those concerned are told")
    later = [day for day in case.council.body(stage.body).meetings if day > held_on]
    near = ", ".join(day_in_words(day) for day in later[:3]) or "none"
    if form.to is None:
        raise Refused(f"say to which meeting the {body} put it off (--to); its next published ones are: {near}")
    if form.to not in later:
        raise Refused(
            f"{day_in_words(form.to)} is not a published meeting of the {body} after {day_in_words(held_on)}; the next "
            f"are: {near}. Enter another in the council's file first"
        )
    return form.to


def _what_follows(case: GrantCase, stage: Stage, to: date) -> str:
    """Return whether the later stages still fit when one is put off to a day; each that does not, with its new day."""
    later = [change for change in case.changes({stage.id: to}) if change.stage.id != stage.id]
    if not later:
        return "The later stages still fit."
    return f"No longer fitting: {'; '.join(_moved(case, change) for change in later)}."


def _moved(case: GrantCase, change: Change) -> str:
    was = f", was {day_in_words(change.was)}" if change.was else ""
    on = f"now {day_in_words(change.on)}" if change.on else "no published meeting fits"
    return f"{case.name_of(change.stage)}{was}, {on}"


def explain_difference(case: GrantCase, form: ExplainDifference, read_file: ReadFile) -> Act:
    """Record why a sum does not agree, with the difference to the pound."""
    wrong, before = case.sums[form.sum], case.explained(form.sum)
    if wrong.agrees:
        raise Refused(f"{wrong.in_words()}: there is no difference to explain")
    if before is not None:
        difference = in_pounds(abs(wrong.difference))
        raise Refused(f"the difference of {difference} was explained before, fact {before.number}")
    payload = {
        "sum": form.sum, "lines": wrong.total, "stated": wrong.stated, "difference": wrong.difference,
        "reasons": form.reasons,
    }  # fmt: skip
    return Act(EXPLAINED, payload, f"Recorded: {wrong.in_words()}. The reason stands on the record.")


def retract(case: GrantCase, form: forms.Retract, read_file: ReadFile) -> Act:
    """Take back what a body was said to have done; what has been agreed on its strength is taken back before it."""
    if case.withdrawn is not None:
        raise Refused(f"the grant was withdrawn, fact {case.withdrawn.number}; nothing of it is corrected any more")
    outcomes = standing(case.record, *FACT_OF.values())
    found = next((fact for fact in outcomes if fact.number == form.fact), None)
    if found is None:
        told = ", ".join(f"{fact.number} ({fact['name']})" for fact in outcomes) or "none"
        raise Refused(f"fact {form.fact} is no outcome that can be taken back; those of this case are: {told}")
    later = [each for stage in case.stages if found["stage"] in stage.after and (each := case.agreed(stage.id))]
    if later and found.kind == FACT_OF[StageOutcome.AGREED]:
        raise Refused(
            f"the {later[-1]['name']} agreed after it, fact {later[-1].number}; take that back first, or leave both"
        )
    payload = {
        "fact": found.number, "kind": found.kind, "stage": found["stage"], "name": found["name"],
        "minute": found["minute"], "held_on": found["held_on"], "reasons": form.reasons,
    }  # fmt: skip
    says = f"Fact {found.number} is taken back; it stays on the record. Record what the {found['name']} did."
    return Act(RETRACTED, payload, says)


def to_retract(case: GrantCase, form: forms.Retract) -> Power:
    """Return who takes back what a body was said to have done: its clerk, on its word."""
    stage = next((fact.get("stage") for fact in case.record if fact.number == form.fact), None)
    asked = case.stage_named(stage) if stage else None
    if asked is None:
        return to_record_stage(case)
    return Power(f"take back what the {case.name_of(asked)} did", asked.clerk, word_of=asked.body)


def to_record_stage(case: GrantCase) -> Power:
    """Return who enters what bodies did: of each stage the clerk whom the council's file names, the next one first."""
    holder, *others = dict.fromkeys(stage.clerk for stage in (*case.undecided, *case.stages))
    return Power("record what a body did", holder, deputies=tuple(others))


def to_record_stage_as(case: GrantCase, form: RecordStage) -> Power:
    """Return who enters what one body did: its clerk, on its word."""
    stage = case.stage_named(form.stage)
    if stage is None:
        return to_record_stage(case)
    return Power(f"record what the {case.name_of(stage)} did", stage.clerk, word_of=stage.body)


def attach(case: GrantCase, form: forms.Attach, read_file: ReadFile) -> Act:
    """Attach the letter, a report, minutes, or the equality impact assessment."""
    return common_verbs.attach(case, form, read_file, ATTACHED)


EXAMPLES = {
    "record-stage": "--stage cabinet --outcome agreed --amount £9,710,902 --minute CAB/17/31 --papers-on 2017-07-10",
    "explain-difference": '--sum schemes --reasons "Rounded to thousands; £1,651 is kept in contingency"',
    "attach": "--kind equality-impact-assessment --file assessment.pdf",
    "retract": '--fact 31 --reasons "Entered for the wrong body"',
    "settle": '--consultee cabinet --fate received --reasons "Told by telephone"',
    "withdraw": '--reasons "The Department has withdrawn the grant"',
}
VERBS: dict[str, Verb[Any]] = {
    verb.name: replace(verb, example=EXAMPLES[verb.name])
    for verb in (
        Verb("attach", "Attach a document", forms.Attach, attach, OFFICER),
        Verb("explain-difference", "Explain a difference", ExplainDifference, explain_difference, OFFICER),
        Verb("record-stage", "Record what a body did", RecordStage, record_stage, DECISION_MAKER,
             power=to_record_stage, power_by=to_record_stage_as),
        Verb("retract", "Take back an outcome", forms.Retract, retract, DECISION_MAKER,
             power=to_record_stage, power_by=to_retract),
        Verb("settle", "Settle a letter whose fate is not known", forms.Settle, common_verbs.settle, OFFICER,
             on_closed=True),
        Verb("withdraw", "Record a withdrawal", forms.Withdraw, common_verbs.withdraw, OFFICER),
    )
}
"""Every verb of a grant by its name."""
