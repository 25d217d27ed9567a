"""After the representation: comments, a hearing, the determination, and what a grant brings with it."""

from __future__ import annotations

from datetime import date

from models.facts import Fact
from models.london import date_in_london, parse_day
from models.pharmacy import PharmacyCase
from models.pharmacy_words import Opinion
from tasks.ladders import newest_rung_after
from tasks.notices import inform, told
from tasks.steps import step
from tasks.turns import Effect
from tasks.waiting import park, wake_after


def wait_for_determination(case: PharmacyCase) -> Fact:
    """Return how the application was determined (reg 26A); meanwhile see to comments and an oral hearing.

    NHS England may give others' representations for comment (14 days, practice) and may hold an oral hearing, at not
    less than 14 days' notice (Sch 2 para 25). The Board may speak there if its representation said it wished to.
    """
    if case.outcome is not None:
        return case.outcome
    _invite_comments(case)
    _announce_hearings(case)
    _chase(case)
    open_comments = case.comments_by
    if (
        open_comments is not None
        and case.record.last("comments-made") is None
        and not open_comments.passed(case.now)
    ):
        park("Awaiting comments", open_comments, "the Board may comment on the other representations")
    park("Awaiting determination", None, "NHS England or the ICB determines the application")


def _invite_comments(case: PharmacyCase) -> None:
    comments_by = case.comments_by
    if comments_by is None:
        return
    shared = case.record.all("representations-shared")
    inform(
        case, _director(case), f"comments {len(shared)}", template="comments-invited",
        reply_by=comments_by.last_day, reply_derivation=comments_by.in_words(),
        shared_on=comments_by.event_on,
    )  # fmt: skip
    wake_after(comments_by)
    if case.record.last("comments-made") is None and comments_by.passed(case.now):
        note_no_comments(case, "comments", str(len(shared)))


@step("deadline-passed", "Note: no comments were made")
def note_no_comments(case: PharmacyCase, name: str, round_: str) -> Effect:
    """Record that the time to comment on others' representations passed; the Board need not comment."""
    deadline = case.comments_by
    return Effect({"name": name, "round": round_, "deadline": deadline.to_dict() if deadline else None})


def _announce_hearings(case: PharmacyCase) -> None:
    for number, hearing in enumerate(case.record.all("hearing-notified"), start=1):
        decision = case.decision
        inform(
            case, told(case, [*_director(case), case.council.pharmacy.chair]), f"hearing {number}",
            template="hearing-notified", hearing_on=parse_day(hearing["hearing_on"]), venue=hearing.get("venue") or "",
            notified_on=parse_day(hearing["notified_on"]),
            days_of_notice=(parse_day(hearing["hearing_on"]) - parse_day(hearing["notified_on"])).days,
            asked_to_be_heard="yes" if decision is not None and decision["wishes_oral_hearing"] else "no",
        )  # fmt: skip


def _chase(case: PharmacyCase) -> None:
    """Ask the Director to chase the outcome on the council's ladder; after an outage only the newest."""
    sent = case.sent
    if sent is None:
        return
    since = date_in_london(sent.at)
    ladder = case.council.local_policy.outcome_chase_days.value
    rung = newest_rung_after(since, ladder)
    if rung is not None:
        inform(
            case, _director(case), f"outcome not heard, day {rung}", template="outcome-chase",
            days_waited=rung,
        )  # fmt: skip


def see_to_consolidation(case: PharmacyCase) -> str:
    """Carry a granted application on, and return how it ended: "consolidated", "statement published" or "lapsed".

    A neighbouring Board has no statement to publish: for it the case ends with the grant ("granted").
    Without a notice of consolidation within six months, or nine where extended, the grant lapses (Sch 2 para 34A).
    After an opinion of no gap a supplementary statement must be published (reg 6(4)); no time limit is given. Where
    the Board gave no opinion, as where the application was determined before it could, reg 6(4) does not apply.
    """
    tell_outcome(case)
    if not case.must_represent:
        return "granted"
    notice = case.record.last("consolidation-notified")
    published = case.record.last("statement-published")
    consolidate_by = case.consolidate_by
    assert consolidate_by is not None
    if notice is None and published is None:
        wake_after(consolidate_by)
        if consolidate_by.passed(case.now):
            note_lapse(case, "notice of consolidation")
            return "lapsed"
        park("Awaiting notice of consolidation", consolidate_by, "granted; it lapses without the notice")
    if published is not None:
        return "statement published"
    if case.sent is None:
        return "consolidated"
    if case.sent["opinion"] != Opinion.NO_GAP:
        inform(case, _director(case), "gap opinion, granted", template="gap-but-granted")
        return "consolidated"
    assert notice is not None
    _ask_for_statement(case, notice)
    park("Awaiting supplementary statement", None, "it must be published (reg 6(4)); no time limit is given")


def tell_outcome(case: PharmacyCase) -> None:
    """Tell the Director, the Chair and the scrutiny chair how the application was determined."""
    outcome, pharmacy = case.outcome, case.council.pharmacy
    assert outcome is not None
    granted = outcome["outcome"] == "granted"
    lapse = case.consolidate_by
    inform(
        case, told(case, [pharmacy.responsible_officer, pharmacy.chair, *pharmacy.told]), "outcome",
        template="outcome-recorded", outcome=outcome["outcome"], decided_on=parse_day(outcome["decided_on"]),
        outcome_reference=outcome.get("reference") or "none given", lapses_on=lapse.last_day if lapse else "",
        lapse_derivation=lapse.in_words() if lapse else "",
        next_duty=_next_duty(granted, case),
    )  # fmt: skip


def _next_duty(granted: bool, case: PharmacyCase) -> str:
    sent = case.sent
    if not granted:
        return "Nothing more is to be done."
    if not case.must_represent:
        return (
            "The supplementary statement is for the Board in whose area the premises are (reg 6(4)). Consider whether "
            "people in this Board's area are affected, so that its own assessment needs a look (reg 6(2) and (3))."
        )
    if sent is not None and sent["opinion"] == Opinion.NO_GAP:
        return (
            "When the premises are removed from the pharmaceutical list, the Board must publish a supplementary "
            "statement to its pharmaceutical needs assessment (reg 6(4))."
        )
    return (
        "When the premises are removed from the pharmaceutical list, the Board must consider whether its assessment "
        "needs a supplementary statement or a revision (reg 6(2) and (3))."
    )


def _ask_for_statement(case: PharmacyCase, notice: Fact) -> None:
    effective = date.fromisoformat(notice["effective_on"])
    rung = newest_rung_after(effective, case.council.local_policy.outcome_chase_days.value) or 0
    inform(
        case, _director(case), f"statement due, day {rung}", template="statement-due",
        effective_on=effective, days_waited=rung,
    )  # fmt: skip


@step("deadline-passed", "Note: the grant has lapsed")
def note_lapse(case: PharmacyCase, name: str) -> Effect:
    """Record that the grant lapsed: no notice of consolidation within its time (Sch 2 para 34A)."""
    deadline = case.consolidate_by
    return Effect({"name": name, "deadline": deadline.to_dict() if deadline else None})


def _director(case: PharmacyCase) -> list[str]:
    return told(case, [case.council.pharmacy.responsible_officer])
