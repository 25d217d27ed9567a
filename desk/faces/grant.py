"""The face of a grant: its figures, the bodies it goes through, and what each of its facts says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from desk.faces import Face, Move, People
from desk.tables import Cell
from models.amounts import in_pounds
from models.grant_stages import Stage
from models.grants import ASKED_IN_WORDS, GrantCase
from models.london import day_in_words, short_day_in_words
from tasks import lost_letters

SENTENCES = {
    "notified": "letter of {letter_on}: {title}",
    "document-attached": "{kind} attached: {filename}",
    "meeting-planned": "{name} planned for {meets_on} ({reasons})",
    "difference-explained": "difference of the {sum} explained: {reasons}",
    "stage-agreed": "{name} agreed {pounds} on {held_on} ({minute})",
    "stage-refused": "{name} refused on {held_on} ({minute}): {reasons}",
    "deferred": "{name} put it off on {held_on} to {next_on} ({minute}): {reasons}",
    "entry-retracted": "fact {fact} on the {name} taken back: {reasons}",
    "deadline-passed": "no {name} on the record after its meeting of {met_on}",
    "letter-bounced": "the letter to {consultee} came back: {text}",
    "letter-ambiguous": "the fate of the letter to {consultee} is not known",
    "withdrawn": "the grant is withdrawn: {reasons}",
    "closed": "case closed: {outcome}",
}

MILESTONES = {
    "notified": "Announced", "difference-explained": "Difference explained", "stage-agreed": "Agreed",
    "stage-refused": "Refused", "deferred": "Deferred", "entry-retracted": "Taken back", "withdrawn": "Withdrawn",
    "closed": "Closed",
}  # fmt: skip


def what_it_is(case: GrantCase) -> list[str]:
    """Return the grant in two sentences: how much, for which years, announced when; and how its sums stand."""
    years = ", ".join(f"{year}: {in_pounds(amount)}" for year, amount in case.years.items())
    sums = "; ".join(each.in_words() for each in case.sums.values())
    return [
        f"{in_pounds(case.total)} ({years}), announced by letter of {day_in_words(case.began_on)}.",
        f"{sums[:1].upper()}{sums[1:]}.",
    ]


def people(case: GrantCase) -> People:
    """Return one row for each stage: the body, what it is asked, its meeting, its papers, where it stands."""
    columns = ("Body", "Stage id", "Asked", "Meeting", "Papers out by", "Standing", "Minute")
    return People("The bodies", columns, [_row(case, stage) for stage in case.stages])


def _row(case: GrantCase, stage: Stage) -> list[Cell]:
    on, papers, agreed = case.meeting_on(stage), case.papers_by(stage), case.agreed(stage.id)
    return [
        case.name_of(stage), stage.id, f"{ASKED_IN_WORDS[stage.asked]} {in_pounds(stage.amount)}",
        short_day_in_words(on) if on else "no date",
        short_day_in_words(papers.last_day) if papers else "",
        _standing(case, stage), str(agreed["minute"]) if agreed else "",
    ]  # fmt: skip


def _standing(case: GrantCase, stage: Stage) -> Cell:
    if case.agreed(stage.id) is not None:
        return ("agreed", "green")
    if case.refusal is not None:
        return ("refused", "bold red") if case.refusal["stage"] == stage.id else ("no longer asked", "dim")
    if stage in case.unrecorded:
        return ("met, no outcome recorded", "bold red")
    missing = case.missing_before(stage)
    return f"after the {case.name_of(missing)}" if missing else "next"


def moves(case: GrantCase) -> list[Move]:
    """Return what would move a grant on, the most pressing first; nothing once it is closed."""
    return [] if case.closed is not None else list(_moves(case))


def _moves(case: GrantCase) -> Iterator[Move]:
    for name, each in case.unexplained.items():
        yield Move(f"the difference is explained: {each.in_words()}",
                   f"cleardays explain-difference {case.ref} --sum {name} --reasons REASONS")  # fmt: skip
    if case.assessment is None and not case.ratified:
        yield Move("the equality impact assessment, or a reasoned screening, is attached",
                   f"cleardays attach {case.ref} --kind equality-impact-assessment --file FILE")  # fmt: skip
    for stage in case.open_stages:
        on = case.meeting_on(stage)
        when = f" on {day_in_words(on)}" if on else ""
        yield Move(
            f"the {case.name_of(stage)} meets{when} and its outcome is recorded",
            f"cleardays record-stage {case.ref} --stage {stage.id} --outcome OUTCOME --amount AMOUNT --minute MINUTE "
            "--papers-on DATE",
        )


def outstanding(case: GrantCase) -> list[str]:
    """Return what is missing or to be looked into, in sentences."""
    return [] if case.closed is not None else list(_outstanding(case))


def _outstanding(case: GrantCase) -> Iterator[str]:
    for stage in case.unrecorded:
        yield f"The {case.name_of(stage)} has met, and the record does not say what it did."
    for each in case.unexplained.values():
        told = each.in_words()
        yield f"Not explained: {told}."
    to_be_planned = [change.stage for change in case.changes()]
    for stage in case.undecided:
        if case.meeting_on(stage) is None and stage not in to_be_planned:
            yield f"No published meeting of the {case.name_of(stage)} fits: enter one in the council's file."
    yield from lost_letters.in_sentences(case)
    if case.assessment is None and not case.ratified:
        yield "No equality impact assessment or reasoned screening is attached; the report leaves it at “Yes/No”."


def flags(case: GrantCase) -> list[str]:
    """Return each sum that does not agree and that nobody has explained."""
    return [f"The figures differ.** {each.in_words()}." for each in case.unexplained.values()]


def as_dict(case: GrantCase) -> dict[str, Any]:
    """Return what is the grant's own in plain JSON values."""
    return {
        "grant": case.subject, "total": case.total, "years": dict(case.years),
        "differences": {name: each.difference for name, each in case.sums.items()},
        "unexplained": list(case.unexplained),
        "stages": [_stage_dict(case, stage) for stage in case.stages],
    }  # fmt: skip


def _stage_dict(case: GrantCase, stage: Stage) -> dict[str, Any]:
    on, papers, agreed = case.meeting_on(stage), case.papers_by(stage), case.agreed(stage.id)
    return {
        "stage": stage.id, "body": case.name_of(stage), "asked": str(stage.asked), "amount": stage.amount,
        "meets_on": on.isoformat() if on else None, "papers_by": papers.last_day.isoformat() if papers else None,
        "agreed": agreed is not None, "minute": agreed["minute"] if agreed else None,
    }  # fmt: skip


FACE = Face(
    what_it_is=what_it_is, sentences=SENTENCES, milestones=MILESTONES, moves=moves, people=people,
    outstanding=outstanding, flags=flags, as_dict=as_dict,
    in_a_line=lambda case: f"{in_pounds(case.total)} · ratified: {'yes' if case.ratified else 'not yet'}",
)  # fmt: skip
