"""Verbs that move dates: entries of the clock ledger, within what law and the council's file allow.

Each is recorded with every date it moves, before and after. What the law sets is never extended; a correction of the
notice is no extension: the time was always that long, and the record had it wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, timedelta
from typing import Any

from models import clock_facts
from models.consultation import Standing
from models.council import UnknownId
from models.deadlines import Deadline
from models.facts import Fact, Payload, Record, make_fact
from models.ledger import Ledger
from models.london import date_in_london, day_in_words, instant_in_words, parse_day
from models.pharmacy import PharmacyCase
from models.pharmacy_words import CIRCULATION, IN_FORCE, SET_BY_LAW, LocalClock
from tasks import forms
from tasks.acts import Act, ReadFile
from tasks.forms import Refused
from tasks.lateness import made_late

Moved = list[dict[str, str]]
MOST_NAMED = 3  #: consultees whose days move alike; of more, the number is told


# -- extensions and suspensions ------------------------------------------------------------------------------


def extend(case: PharmacyCase, form: forms.Extend, read_file: ReadFile) -> Act:
    """Extend one of the council's own clocks, by a number of days or until a day."""
    clock = _own_clock(case, form.clock, form.consultee)
    if (form.count is None) is (form.until is None):
        raise Refused("say how much more time: either how many (--count 7, with --unit) or until when (--until)")
    running = _running(case, clock, form.consultee)
    payload = {
        **_concerned(case, clock, running, form.consultee), "count": form.count or 0, "unit": form.unit,
        "until": form.until.isoformat() if form.until else None, "reasons": form.reasons,
    }  # fmt: skip
    if form.until is not None and clock is not LocalClock.FEEDBACK:  # as days, which move with the day they run from
        days = max(0, (form.until - running[0].last_day).days)
        payload |= {"until": None, "count": days, "unit": "days"} if days else {}
    return _longer(case, clock, running, clock_facts.EXTENDED, payload)


def suspend(case: PharmacyCase, form: forms.Suspend, read_file: ReadFile) -> Act:
    """Stop one of the council's own clocks from a day until another, both included."""
    clock = _own_clock(case, form.clock, form.consultee)
    if form.until < form.starts_on:
        raise Refused(f"{_in_words(form.until)} is before {_in_words(form.starts_on)}; check both days")
    running = _running(case, clock, form.consultee)
    payload = {
        **_concerned(case, clock, running, form.consultee), "reasons": form.reasons,
        "from": form.starts_on.isoformat(), "until": form.until.isoformat(),
    }  # fmt: skip
    return _longer(case, clock, running, clock_facts.SUSPENDED, payload)


def resume(case: PharmacyCase, form: forms.Resume, read_file: ReadFile) -> Act:
    """End a suspension earlier: from today on, or from a later day, the clock runs again."""
    suspension = _open_suspension(case, form.fact)
    resumed_on = form.resumed_on or case.today
    first, until = parse_day(suspension["from"]), parse_day(suspension["until"])
    if not max(case.today, first) <= resumed_on <= until:
        raise Refused(
            f"the clock can run again from {_in_words(max(case.today, first))} to {_in_words(until)}, not from "
            f"{_in_words(resumed_on)}: a day that did not count is not made to count afterwards"
        )
    payload = {"suspension": suspension.number, "resumed_on": resumed_on.isoformat(), "reasons": form.reasons}
    return moved_by(case, clock_facts.RESUMED, payload, f"The clock runs again from {_in_words(resumed_on)}.")


def _own_clock(case: PharmacyCase, name: str, consultee: str | None) -> LocalClock:
    """Return the council's own clock of that name. Raises Refused with the rule for one that the law sets."""
    set_by_law = {"representation": "representation", "consolidation": "notice of consolidation"}.get(name)
    if set_by_law is not None:
        raise Refused(
            f"the time for the {set_by_law} cannot be extended or suspended by an officer: {SET_BY_LAW[set_by_law]}"
        )
    if name == "route":
        raise Refused("the route is chosen by the day before circulation is due: extend the circulation")
    if consultee is not None and name != LocalClock.FEEDBACK:
        raise Refused(f"only feedback has a time for each consultee; leave the consultee out for {name}")
    if consultee is not None:
        _has_a_time_to_answer(case, consultee)
    if name != LocalClock.COMMENTS:
        _still_consulting(case)
    if name == LocalClock.CIRCULATION and case.route is None and case.route_by.passed(case.now):
        raise Refused(
            f"the route had to be chosen by {_in_words(case.route_by.last_day)}; that day has passed, and the "
            "application is contentious by default. More time to circulate can be given once that is on the record"
        )
    return LocalClock(name)


def _still_consulting(case: PharmacyCase) -> None:
    """Refuse what could no longer inform a decision: the case is decided, determined or withdrawn."""
    if case.decision is not None:
        raise Refused("the case is decided; a new answer or more time could no longer inform the decision")
    if case.outcome is not None:
        raise Refused("the application was determined, so that no answer is needed any more")
    if case.withdrawn is not None:
        raise Refused("the application is withdrawn, so that no answer is needed any more")


def _has_a_time_to_answer(case: PharmacyCase, role: str) -> None:
    if role not in case.roles:
        consulted = ", ".join(case.roles) or "nobody"
        raise Refused(f"{role!r} is not consulted in this case; those consulted are {consulted}")
    if case.consultee(role).answered:
        raise Refused(f"{role} has answered; a further answer is kept whenever it comes")


def _concerned(
    case: PharmacyCase, clock: LocalClock, running: Sequence[Deadline], consultee: str | None
) -> dict[str, Any]:
    """Return what an entry concerns: the clock, in which stage and round, and the consultees whose time it moves."""
    stage, round_, roles = "", 0, []
    if clock is LocalClock.FEEDBACK:
        stage = str(case.route)
        round_ = len(clock_facts.anew(case.record, stage))
        posted = [c.role for c in case.consultees if c.standing is Standing.IN_THE_POST and consultee in (None, c.role)]
        roles = [*(each.name.removeprefix("feedback: ") for each in running), *posted]
    elif clock is LocalClock.COMMENTS:
        round_ = len(case.record.all("representations-shared"))
    return {"clock": clock, "consultee": consultee, "stage": stage, "round": round_, "roles": roles}


def _longer(
    case: PharmacyCase, clock: LocalClock, running: Sequence[Deadline], kind: str, payload: dict[str, Any]
) -> Act:
    """Return the act of an extension or suspension. Raises Refused where it moves nothing, or too far."""
    try:
        after = _with(case, kind, payload)
        for before in running:
            _within_bounds(case, clock, before, _of_name(after, before.name))
    except OverflowError as error:
        raise Refused("that leaves the calendar; name a nearer day, or fewer of them") from error
    act = moved_by(case, kind, payload, "")
    if not act.payload["moved"]:
        raise Refused(
            f"that moves no date: {'; '.join(f'{each.name}, {each._moment()}' for each in running)}. Name a later day, "
            "or days that lie within the time"
        )
    return act


def _running(case: PharmacyCase, clock: LocalClock, consultee: str | None) -> list[Deadline]:
    """Return the deadlines of a clock that are still to come. Raises Refused where there is none."""
    names = [f"feedback: {consultee}"] if consultee else None
    found = [each for each in _deadlines_of(case, clock) if names is None or each.name in names]
    open_ = [each for each in found if not each.passed(case.now)]
    if clock is LocalClock.CIRCULATION and case.record.all("circulated"):
        raise Refused("the papers have been circulated; extend the feedback instead")
    if open_:
        return open_
    if not found:
        raise Refused(f"no clock runs for {consultee or clock} yet; there is nothing to extend or suspend")
    ended = max(found, key=lambda each: each.last_day)
    mend = ". A late answer is kept and marked; circulate-again gives everybody a new time"
    mend = mend if clock is LocalClock.FEEDBACK else ""
    raise Refused(f"the time for {ended.name} ended with {_in_words(ended.last_day)}{mend}")


def _deadlines_of(case: PharmacyCase, clock: LocalClock) -> list[Deadline]:
    if clock is LocalClock.FEEDBACK:
        return [each.feedback_by for each in case.consultees if each.feedback_by and not each.answered]
    only = case.circulate_by if clock is LocalClock.CIRCULATION else case.comments_by
    return [only] if only else []


def _within_bounds(case: PharmacyCase, clock: LocalClock, before: Deadline, after: Deadline) -> None:
    """Refuse what goes past the council's own bound, or leaves the Board no working day to represent."""
    at_most = case.council.local_policy.extension_days.value.get(clock.value, 0)
    first = _as_first_set(case, clock, after)
    if (after.last_day - first).days > at_most:
        raise Refused(
            f"{before.name} would end on {_in_words(after.last_day)}; it was first set to {_in_words(first)}, and this "
            f"council allows {at_most} days more at most, extensions and suspensions together (local policy "
            "'extension_days' of its file)"
        )
    own = case.represent_by
    if clock is not LocalClock.COMMENTS and after.last_day >= own.target and after.last_day > before.last_day:
        raise Refused(
            f"{before.name} would end on {_in_words(after.last_day)}, which leaves the Board no working day before its "
            f"own target, {_in_words(own.target)}: its last day is {_in_words(own.last_day)}"
        )


def _as_first_set(case: PharmacyCase, clock: LocalClock, deadline: Deadline) -> date:
    """Return the last day that the period alone sets from the event, as it is known now."""
    period = {LocalClock.CIRCULATION: CIRCULATION, LocalClock.FEEDBACK: case.feedback_period[0]}.get(clock)
    if period is None:
        return deadline.event_on + timedelta(days=case.council.local_policy.comment_days.value)
    return Ledger().last_day(period, deadline.event_on, period.days_of_law(case.calendar))


def _open_suspension(case: PharmacyCase, number: int | None) -> Fact:
    resumed = {fact["suspension"] for fact in clock_facts.standing(case.record, clock_facts.RESUMED)}
    found = [
        fact
        for fact in clock_facts.standing(case.record, clock_facts.SUSPENDED)
        if fact.number not in resumed and parse_day(fact["until"]) >= case.today
    ]
    chosen = [fact for fact in found if number in (None, fact.number)]
    if len(chosen) == 1:
        return chosen[0]
    if not found:
        raise Refused("no clock of this case stands, so none can be resumed")
    told = "; ".join(f"{fact.number}: {fact['clock']} until {_in_words(parse_day(fact['until']))}" for fact in found)
    raise Refused(f"say which suspension ends (--fact): {told}")


# -- corrections ---------------------------------------------------------------------------------------------


def correct_notice(case: PharmacyCase, form: forms.CorrectNotice, read_file: ReadFile) -> Act:
    """Correct the instant of the notice or the sender's stated day; replaces the corrections that stand."""
    notice = case.notice
    given_at, stated = form.given_at or notice.given_at, form.stated_deadline or notice.stated_deadline
    given_on = date_in_london(given_at)
    if (given_at, stated) == (notice.given_at, notice.stated_deadline):
        raise Refused(
            f"that is what the record says already: given at {instant_in_words(given_at)}, "
            f"{f'last day stated {_in_words(stated)}' if stated else 'no last day stated'}"
        )
    if case.withdrawn is not None:
        raise Refused("the application is withdrawn; nothing runs from its notice any more")
    entered_at = case.record.facts[0].at
    if given_at > entered_at:
        raise Refused(
            f"notice given at {instant_in_words(given_at)} is after it was entered here, {instant_in_words(entered_at)}"
        )
    if given_on < IN_FORCE:
        raise Refused(f"notice given on {_in_words(given_on)} is before {_in_words(IN_FORCE)} (SI 2016/1077)")
    if stated is not None and stated < given_on:
        raise Refused(f"the sender's last day, {_in_words(stated)}, is before notice was given, {_in_words(given_on)}")
    replaced = [fact.number for fact in clock_facts.standing(case.record, clock_facts.CORRECTED)]
    payload = {
        "given_at": given_at.astimezone(UTC).isoformat(), "given_on": given_on.isoformat(),
        "stated_deadline": stated.isoformat() if stated else None, "evidence": form.evidence,
        "reasons": form.reasons, "replaces": replaced,
    }  # fmt: skip
    after = _with(case, clock_facts.CORRECTED, payload)
    gained = (after.represent_by.last_day - case.represent_by.last_day).days
    says = f"Corrected: notice was given on {_in_words(given_on)}.{_gain(gained)}{_outlasting(after)}"
    return moved_by(case, clock_facts.CORRECTED, {**payload, "days_gained": max(0, gained)}, says)


def _gain(days: int) -> str:
    if days <= 0:
        return ""
    return (
        f" The Board gains {days} {'day' if days == 1 else 'days'} by it: the monitoring officer is told, and must be "
        "able to rely on the proof."
    )


def _outlasting(case: PharmacyCase) -> str:
    """Return a warning where somebody's time to answer ends on the Board's target or after it, else ""."""
    feedback, target = case.feedback_by, case.represent_by.target
    if feedback is None or feedback.last_day < target or case.decision is not None:
        return ""
    return (
        f" Time to answer runs until {_in_words(feedback.last_day)}, and the Board's target is {_in_words(target)}: "
        "ask for earlier answers, or name the urgent-decision route."
    )


def retract(case: PharmacyCase, form: forms.Retract, read_file: ReadFile) -> Act:
    """Take back an entry: the dates are worked out as if it had never been made."""
    undone = clock_facts.standing(
        case.record, clock_facts.EXTENDED, clock_facts.SUSPENDED, clock_facts.CORRECTED, clock_facts.SERVED
    )
    found = next((fact for fact in undone if fact.number == form.fact), None)
    if found is None:
        told = ", ".join(f"{fact.number} ({fact.kind.replace('-', ' ')})" for fact in undone) or "none"
        raise Refused(f"fact {form.fact} is no entry that can be taken back; those of this case are: {told}")
    payload = {"fact": found.number, "kind": found.kind, "reasons": form.reasons}
    after = _with(case, clock_facts.RETRACTED, payload)
    if found.kind != clock_facts.CORRECTED:
        for before in _deadlines_of(case, LocalClock(found.get("clock", LocalClock.FEEDBACK))):
            if all(before.name != deadline.name for deadline, _ in after.deadlines()):
                continue  # its letter is in question again
            now_ends = _of_name(after, before.name)
            if not before.passed(case.now) and now_ends.passed(case.now):
                raise Refused(
                    f"without fact {found.number} {before.name} would have ended on {_in_words(now_ends.last_day)}, a "
                    "day that is over: time once given is not taken away when people may have relied on it"
                )
    says = f"Fact {found.number} is taken back; it stays on the record."
    return moved_by(case, clock_facts.RETRACTED, payload, says)


# -- papers anew, and to others ------------------------------------------------------------------------------


def circulate_again(case: PharmacyCase, form: forms.CirculateAgain, read_file: ReadFile) -> Act:
    """Send everybody the papers anew; what has not left yet of the earlier ones stays unsent."""
    stage = str(case.route)
    if not [fact for fact in case.record.all("circulated") if fact["stage"] == stage]:
        raise Refused("nothing has been circulated yet; what is attached now goes out with the first circulation")
    _still_consulting(case)
    payload = {"stage": stage, "reasons": form.reasons}
    says = f"The papers go to everybody anew, with a new time to answer.{_late_by(case)}"
    return Act(clock_facts.ANEW, payload, says, cancels_letters="circulated/")


def _late_by(case: PharmacyCase) -> str:
    """Return a warning where papers sent today leave less than their time before the Board's target, else ""."""
    ends = case.today + timedelta(days=case.feedback_period[0].count)
    if ends < case.represent_by.target:
        return ""
    return (
        f" Their time would end on {_in_words(ends)}, and the Board's target is {_in_words(case.represent_by.target)}: "
        "the letters ask for earlier answers."
    )


def consult_also(case: PharmacyCase, form: forms.ConsultAlso, read_file: ReadFile) -> Act:
    """Add one office to those consulted; its own time to answer runs from its own circulation."""
    if case.route is None:
        raise Refused("nobody is consulted before the route is chosen: decide the route first")
    _still_consulting(case)
    if form.consultee in case.all_roles:
        raise Refused(f"{form.consultee!r} is consulted in this case already")
    try:
        title = case.council.title(form.consultee, case.today)
    except UnknownId as error:
        raise Refused(str(error)) from error
    if case.council.holder_or_none(form.consultee, case.today) is None:
        raise Refused(f"nobody holds the office of {title} today; enter the holder with dates in the council's file")
    payload = {"consultee": form.consultee, "reasons": form.reasons}
    says = f"{title} is consulted as well; the papers go out with the next turn.{_late_by(case)}"
    return Act("consultee-added", payload, says)


# -- what moves ----------------------------------------------------------------------------------------------


def moved_by(case: PharmacyCase, kind: str, payload: Payload, says: str) -> Act:
    """Return the act of recording a fact, with every last day it moves, before and after, and what it makes late."""
    after = _with(case, kind, payload)
    moved, late = _moved(case, after), made_late(case, after)
    payload = {**payload, "moved": moved, **({"made_late": late} if late else {})}
    return Act(kind, payload, " ".join(filter(None, [says, *_told(case, moved), *late])))


def _told(case: PharmacyCase, moved: Moved) -> list[str]:
    """Return a sentence for each date that moves; of consultees who have not answered one for all of the same days."""
    theirs: dict[tuple[str, str], list[str]] = {}
    sentences = []
    for each in moved:
        clock, _, role = each["name"].partition(": ")
        days = each["before"], each["after"]
        if clock != LocalClock.FEEDBACK or not role:
            sentences.append(_from_to(each["name"].capitalize(), *days))
        elif not case.consultee(role).answered:
            theirs.setdefault(days, []).append(case.council.title(role, case.today))
    for days, titles in theirs.items():
        who = ", ".join(titles) if len(titles) <= MOST_NAMED else f"{len(titles)} consultees"
        sentences.append(_from_to(who, *days))
    return sentences


def _from_to(what: str, before: str, after: str) -> str:
    return f"{what}: {_in_words(parse_day(before))}, now {_in_words(parse_day(after))}."


def _with(case: PharmacyCase, kind: str, payload: Payload) -> PharmacyCase:
    """Return the case as it would be with one fact more."""
    record = case.record
    fact = make_fact(
        case=record.case, number=record.head + 1, at=case.now, kind=kind,
        actor=case.council.pharmacy.responsible_officer, channel="trial", payload=payload, key=None, salt="",
        previous=record.facts[-1].hash,
    )  # fmt: skip
    longer = Record(record.case, record.procedure, record.version, record.council, [*record.facts, fact])
    return PharmacyCase(longer, case.council, case.now)


def _moved(before: PharmacyCase, after: PharmacyCase) -> Moved:
    was, is_ = _last_days(before), _last_days(after)
    return [
        {"name": name, "before": was[name].isoformat(), "after": is_[name].isoformat()}
        for name in was
        if name in is_ and was[name] != is_[name]
    ]


def _last_days(case: PharmacyCase) -> Mapping[str, date]:
    return {deadline.name: deadline.last_day for deadline, _ in case.deadlines()}


def _of_name(case: PharmacyCase, name: str) -> Deadline:
    return next(deadline for deadline, _ in case.deadlines() if deadline.name == name)


def _in_words(day: date) -> str:
    return day_in_words(day)
