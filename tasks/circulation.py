"""Circulation and feedback: papers out by day 14, fourteen days for each recipient, reminders, the close."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import groupby

from models.clock_facts import anew
from models.consultation import Consultee, Standing
from models.counting import counted
from models.deadlines import Deadline
from models.documents import DocumentKind
from models.facts import Fact
from models.pharmacy import PharmacyCase
from models.pharmacy_words import Route
from tasks.diary import feedback_file
from tasks.drafting import enclose, enclosure_of, listed, morning_of, write_to
from tasks.ladders import newest_come, rungs
from tasks.notices import escalate, inform, told
from tasks.steps import step, step_for_each
from tasks.turns import Effect
from tasks.urgency import wait_is_over
from tasks.waiting import park, wake_after


def circulate(case: PharmacyCase) -> None:
    """Send each consultee the papers (para 8), and again to those an officer had sent to anew.

    Nothing leaves while an office is vacant without which there is no power to decide (recs (i), (ii)) nor, on the
    contentious route, without the application and an equality impact assessment or a reasoned screening (para 9): the
    case then waits, with the reason, until the urgent-decision route is named.
    """
    if case.decision is not None:
        return
    new = [c for c in case.consultees if c.standing is Standing.NOT_INVITED and told(case, [c.role])]
    if new or not case.consultees:
        _note_if_late(case)
        wait_for_what_blocks(case)
        if what_blocks(case):
            return
    for round_, members in groupby(sorted(new, key=lambda c: c.round), key=lambda c: c.round):
        send_papers(case, [c.role for c in members], str(case.route), round_)


def wait_for_what_blocks(case: PharmacyCase) -> None:
    """Return at once when nothing blocks circulation, or once the urgent route is named; otherwise say so and wait."""
    missing = what_blocks(case)
    if not missing:
        return
    officer = told(case, [case.council.pharmacy.responsible_officer])
    mends = {
        "application": f"cleardays attach {case.ref} --kind application --file FILE",
        "assessment": f"cleardays attach {case.ref} --kind equality-impact-assessment --file FILE",
        "precondition": f"Enter the holder in councils/{case.council.id}.yaml",
    }
    for name, why in missing.items():
        inform(
            case, officer, f"circulation blocked: {name}", template="blocked", what="Circulation",
            reasons=[why], reply_by=case.circulate_by.last_day, reply_derivation=case.circulate_by.in_words(),
            mend=mends[name],
        )  # fmt: skip
    wait_is_over(case, f"circulation is blocked: {'; '.join(missing.values())}")
    if case.urgent is not None:
        return
    until = case.represent_by if case.circulate_by.passed(case.now) else case.circulate_by
    park(WAITS[next(iter(missing))], until, f"circulation is blocked: {'; '.join(missing.values())}")


WAITS = {
    "application": "Awaiting application", "assessment": "Awaiting equality impact assessment",
    "precondition": "Awaiting Board members",
}  # fmt: skip
"""What a case waits for whose papers cannot leave, the first that is missing."""


def what_blocks(case: PharmacyCase) -> dict[str, str]:
    """Return what keeps the papers from leaving, by name, each with the reason in a sentence."""
    kept_back = " but as confidential, and so kept back"
    application = any(fact["kind"] == DocumentKind.APPLICATION for fact in case.record.all("document-attached"))
    reasons = {
        "application": (
            f"the application is not attached{kept_back if application else ''}: what is circulated includes what it "
            "contains (report para 9); attach it, or a copy without what the sender marked confidential (Sch 2 para 21)"
        ),
        "assessment": (
            "the equality impact assessment, or a reasoned screening, is not attached"
            f"{kept_back if case.assessment else ''}: it must be circulated with the application "
            "(report paras 9 and 17)"
        ),
    }  # fmt: skip
    missing = {name: reasons[name] for name in case.missing_papers}
    return missing | ({"precondition": case.missing_precondition} if case.missing_precondition else {})


def _note_if_late(case: PharmacyCase) -> None:
    """Record and escalate once that nothing was circulated by day 14; a letter sent anew later is not that."""
    stages = {fact["stage"] for fact in case.record.all("circulated")}
    if case.route is not Route.CONTENTIOUS or Route.CONTENTIOUS in stages:
        return
    wake_after(case.circulate_by)
    if case.circulate_by.passed(case.now):
        note_circulation_late(case)
        escalate(
            case, "circulation late", template="circulation-late", reply_by=case.circulate_by.last_day,
            reply_derivation=case.circulate_by.in_words(),
        )  # fmt: skip


@step("deadline-passed", "Note: circulation is late")
def note_circulation_late(case: PharmacyCase) -> Effect:
    """Record that day 14 passed without circulation: a breach of the council's own procedure (para 8)."""
    return Effect({"deadline": case.circulate_by.to_dict(), "name": "circulation"})


@step_for_each("circulated", "Circulate papers, {0} route, round {1}")
def send_papers(case: PharmacyCase, role: str, /, stage: str, round_: int) -> Effect:
    """Send one consultee the papers, with a calendar file of the feedback date (paras 7 to 10, 12)."""
    reply_by = case.feedback_from(case.today, role)
    papers = [enclosure_of(fact) for fact in case.papers]
    diary = feedback_file(case, role, reply_by.last_day, derivation=reply_by.in_words())
    calendar_file, kept = enclose("feedback-date.ics", diary)
    template = "circulation" if stage == Route.CONTENTIOUS else "consultation"
    values: dict[str, object] = {
        "reply_by": reply_by.last_day, "reply_derivation": reply_by.in_words(),
        "papers": [paper.filename for paper in papers], "sent_anew": _sent_anew(case, role),
        **if_after_the_boards_day(case, reply_by.last_day),
    }  # fmt: skip
    letter = write_to(case, template, role, values, [*papers, calendar_file])
    payload = {
        "consultee": role, "stage": stage, "round": round_, "papers": [p.sha256 for p in papers],
        "late": stage == Route.CONTENTIOUS and case.circulate_by.passed(case.now) and not _asked_for_later(case, role),
        "reply_by": reply_by.last_day.isoformat(),
    }  # fmt: skip
    return Effect(payload, [letter], kept)


def _asked_for_later(case: PharmacyCase, role: str) -> bool:
    """Tell whether papers go out because they changed, or to somebody whom para 8 does not name: that is never late."""
    added = any(fact["consultee"] == role for fact in case.record.all("consultee-added"))
    return added or bool(anew(case.record, str(case.route)))


def _sent_anew(case: PharmacyCase, role: str) -> str:
    """Return why papers go to a consultee anew who had some before, as the letter says it; "" where it does not."""
    before = [fact for fact in case.record.all("circulated") if fact["consultee"] == role]
    asked = anew(case.record, str(case.route))
    if not asked or not before or before[-1].number > asked[-1].number:
        return ""
    return str(asked[-1]["reasons"])


def if_after_the_boards_day(case: PharmacyCase, reply_by: date) -> dict[str, object]:
    """Return what a letter says where a consultee's own days (para 10) outlast the Board's time to decide."""
    if reply_by < case.represent_by.target:
        return {}
    if case.today >= case.represent_by.target:
        return {"too_late": "yes"} if case.represent_by.passed(case.now) else {"needed_by": case.represent_by.last_day}
    return {"needed_by": case.represent_by.target}


def wait_for_feedback(case: PharmacyCase) -> None:
    """Return once feedback has closed: everyone has answered, or each one's own fourteen days are over (para 10).

    Meanwhile silent consultees are reminded on the council's ladder and a letter in question is put to an officer.
    """
    if case.decision is not None:
        return
    ask_about_letters_in_question(case, [c for c in case.consultees if c.standing is Standing.IN_QUESTION])
    _remind(case)
    if case.feedback_closed:
        close_feedback(case, _times_opened(case))
        return
    for each in case.consultees:
        if each.feedback_by is not None:
            wake_after(each.feedback_by)
    wait_is_over(case, "feedback has not closed")
    if case.urgent is not None:
        return
    answered = sum(c.response is not None and c.answer_from_before is None for c in case.consultees)
    closes = case.feedback_by
    have = "has" if answered == 1 else "have"
    park(_awaiting_name(case), replace(closes, name="feedback") if closes else case.represent_by,
         f"{answered} of {counted(len(case.consultees), 'consultee')} {have} answered")  # fmt: skip


def close_what_ended_before(case: PharmacyCase, missed: Deadline) -> None:
    """Record the close of feedback that was over before a later day was missed: after an outage, in that order."""
    ends = case.feedback_by if case.route is not None and case.decision is None else None
    if ends is not None and case.feedback_closed and ends.last_day <= missed.last_day:
        close_feedback(case, _times_opened(case))


def _times_opened(case: PharmacyCase) -> int:
    return sum(map(_opens_feedback_anew, case.record))


def _opens_feedback_anew(fact: Fact) -> bool:
    """Tell whether a fact, recorded after feedback closed, makes it close anew: papers, or an answer in time."""
    if fact.kind == "letter-bounced":
        return str(fact["letter"]).startswith("circulated/")
    return fact.kind in ("circulated", "papers-served") or (fact.kind == "response-received" and not fact["late"])


def _awaiting_name(case: PharmacyCase) -> str:
    waiting = {c.standing for c in case.consultees if c.must_be_awaited}
    if waiting == {Standing.IN_QUESTION}:
        return "Awaiting officer: letter in question"
    if Standing.ASKED not in waiting and Standing.IN_THE_POST in waiting:
        return "Awaiting delivery"
    return "Awaiting feedback"


@step("feedback-closed", "Close feedback")
def close_feedback(case: PharmacyCase, after: int) -> Effect:
    """Record the close of feedback: who answered, who was late or silent, and whether the response is clear.

    `after` counts the papers sent, returned and served and the answers given in time, so that any more of these close
    it anew.
    """
    by_standing = {
        standing: [c.role for c in case.consultees if c.standing is standing]
        for standing in (Standing.ANSWERED, Standing.LATE, Standing.SILENT, Standing.EXCUSED)
    }
    views, ends = case.views, [c.feedback_by.wakes_at for c in case.consultees if c.feedback_by is not None]
    return Effect(
        due_at=max(ends) if by_standing[Standing.SILENT] and ends else None,
        payload={
            "reason": "the last answer is in" if not by_standing[Standing.SILENT] else "the time to answer is over",
            "answered": by_standing[Standing.ANSWERED], "late": by_standing[Standing.LATE],
            "silent": by_standing[Standing.SILENT], "excused": by_standing[Standing.EXCUSED],
            "vacant": list(case.vacant), "clear": views.clear, "opinion": views.opinion,
            "gap": views.gap, "no_gap": views.no_gap, "no_comment": views.no_comment,
        }
    )  # fmt: skip


def _remind(case: PharmacyCase) -> None:
    """Remind those who are silent on each rung of the ladder; missed rungs are skipped, never bunched."""
    ladder = case.council.local_policy.reminder_days.value
    rungs_of = cache(lambda last_day, since: rungs(case, last_day, since, ladder))  # most have the same days
    for rung, days in enumerate(ladder, start=1):
        to_remind = [c for c in _silent(case.consultees) if _is_newest_due_rung(c, days, rungs_of)]
        for last_day, members in groupby(sorted(to_remind, key=_last_day), key=_last_day):
            remind(case, told(case, [c.role for c in members]), last_day.isoformat(), rung, days_before=days)


def _silent(consultees: Iterable[Consultee]) -> list[Consultee]:
    return [c for c in consultees if c.standing is Standing.ASKED and c.response is None]


def _last_day(consultee: Consultee) -> date:
    return consultee.feedback_by.last_day if consultee.feedback_by else date.max


def _is_newest_due_rung(c: Consultee, days: int, rungs_of: Callable[[date, date], dict[int, date]]) -> bool:
    """Tell whether the reminder `days` before the last day has come and no later rung has."""
    if c.feedback_by is None or c.clock_started_on is None:
        return False
    return newest_come(rungs_of(c.feedback_by.last_day, c.clock_started_on)) == days


@step_for_each("reminded", "Remind silent consultees, reminder {1}")
def remind(case: PharmacyCase, role: str, /, last_day: str, rung: int, *, days_before: int) -> Effect:
    """Remind one consultee who has not answered by `last_day`; the subject says which reminder it is."""
    before = [f for f in case.record.all("reminded") if f["consultee"] == role and f["last_day"] == last_day]
    line = case.consultee(role)
    assert line.feedback_by is not None
    values: dict[str, object] = {
        "reply_by": line.feedback_by.last_day, "reply_derivation": line.feedback_by.in_words(),
        "reminder_number": len(before) + 1, "days_left": (line.feedback_by.last_day - case.today).days,
        "circulated_on": line.clock_started_on, **if_after_the_boards_day(case, line.feedback_by.last_day),
    }  # fmt: skip
    letter = write_to(case, "reminder", role, values)
    payload = {"consultee": role, "reminder": rung, "days_before": days_before, "last_day": last_day}
    own = rungs(case, line.feedback_by.last_day, line.clock_started_on, [days_before])  # others' days are not its own
    return Effect(payload, [letter], due_at=morning_of(own[days_before]))


def ask_about_letters_in_question(case: PharmacyCase, consultees: list[Consultee]) -> None:
    """Put each refused, bounced or ambiguous letter to the officer, once."""
    for each in consultees:
        if each.trouble is not None:
            ask_about_letter(case, each.role, each.trouble)


def ask_about_letter(case: PharmacyCase, role: str, trouble: Fact) -> None:
    """Put one letter in question to the responsible officer: what happened, and the ways to mend it.

    `role` is whoever the letter went to; the commands call whoever gets the representation "addressee".
    """
    at_fault = "addressee" if trouble["letter"].startswith("representation-issued/") else role
    commands = [
        f"cleardays resend {case.ref} --consultee {at_fault} --reasons REASONS",
        f"cleardays serve {case.ref} --consultee {at_fault} --channel post --served-on YYYY-MM-DD",
    ]
    if at_fault != "addressee":
        commands.append(f"cleardays excuse {case.ref} --consultee {at_fault} --reasons REASONS")
    inform(
        case, told(case, [case.council.pharmacy.responsible_officer]), f"letter in question, fact {trouble.number}",
        template="letter-in-question", recipient_title=listed(case, [role]), consultee=at_fault,
        what_happened=f"{trouble.kind.replace('-', ' ')}: {trouble.get('text') or 'no reason was given'}",
        commands=commands,
    )  # fmt: skip
