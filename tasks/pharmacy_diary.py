"""The diary of a pharmacy consolidation: the dates of a case, and in whose diary each of them stands."""

from __future__ import annotations

from collections.abc import Iterator

from models.deadlines import Deadline
from models.facts import Fact
from models.london import day_in_words, parse_day
from models.pharmacy import PharmacyCase
from models.pharmacy_words import Route
from tasks.diary import DiaryDate, feedback_dates, in_sentences
from tasks.powers import to_choose_route, to_decide


def pharmacy_dates(case: PharmacyCase) -> list[DiaryDate]:
    """Return the dates that stand in a case, read at its present instant (London days).

    A date that several offices share is one entry, under one UID, in each of their diaries. What was done in time stays
    as it is, without a reminder; what fell away (route raised, consultee excused, application determined or withdrawn,
    case closed) while its day lay ahead is cancelled, whether it had been done or not.
    """
    if case.withdrawn or case.closed:
        return []
    if case.outcome:
        return list(_consolidation(case))
    return [
        *_route(case), *_circulation(case), *_feedback(case), *_meetings(case), *_representation(case),
        *_comments(case), *_hearings(case),
    ]  # fmt: skip


def _date(deadline: Deadline, what: str, *roles: str, done: bool) -> DiaryDate:
    return DiaryDate(deadline.name, deadline.last_day, what, in_sentences(deadline), _once(*roles), done=done)


def _once(*roles: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(roles))


def _officer(case: PharmacyCase) -> str:
    return case.council.pharmacy.responsible_officer


def _route(case: PharmacyCase) -> Iterator[DiaryDate]:
    asked = (_officer(case), *to_choose_route(case).asked(case), case.council.pharmacy.chair)
    yield _date(case.route_by, "Last day to choose the route", *asked, done=case.route is not None)


def _circulation(case: PharmacyCase) -> Iterator[DiaryDate]:
    """Give the day by which papers must go out (para 8): done on the short route, gone once it is decided without."""
    sent = any(fact["stage"] == str(case.route) for fact in case.record.all("circulated"))
    if sent or case.decision is None:
        done = sent or case.route is Route.NON_CONTENTIOUS
        yield _date(case.circulate_by, "Last day to circulate the papers", _officer(case), done=done)


def _feedback(case: PharmacyCase) -> Iterator[DiaryDate]:
    """Give each consultee's own last day, and the latest of them for the case (para 10)."""
    own = feedback_dates(case)
    yield from own
    if own:
        last = max(own, key=lambda each: each.on)
        how = f"The latest of the consultees' own last days ({len(own)}). {last.how}"
        yield DiaryDate(
            "feedback", last.on, "Feedback closes", how, _once(_officer(case), *to_decide(case).asked(case)),
            done=all(each.done for each in own),
        )  # fmt: skip


def _meetings(case: PharmacyCase) -> Iterator[DiaryDate]:
    """Give the day by which those consulted must meet, once they are called (para 11)."""
    held = len(case.record.all("meeting-held"))
    rounds: dict[int, list[str]] = {}
    for fact in case.record.all("meeting-called"):
        rounds.setdefault(fact["round"], []).append(fact["consultee"])
    for round_, called in rounds.items():
        if round_ <= held or case.decision is None:
            how = f"{_target_in_words(case.represent_by)} The meeting must be held by then (report para 11)."
            yield DiaryDate(
                f"meeting {round_}", case.represent_by.target, "Last day for the meeting of those consulted", how,
                _once(_officer(case), *called), done=round_ <= held, is_target_of="representation",
            )  # fmt: skip


def _representation(case: PharmacyCase) -> Iterator[DiaryDate]:
    """Give the internal target and the strict last day, even where the two fall together: either may move alone."""
    decide = _once(_officer(case), *to_decide(case).asked(case))
    deadline, done = case.represent_by, case.sent is not None
    what, how = "Internal target: decide and send the representation", _target_in_words(deadline)
    yield DiaryDate("target", deadline.target, what, how, decide, done=done, is_target_of=deadline.name)
    last = "Last day for the representation" if case.must_represent else "Last day to comment, if the Board wishes to"
    yield _date(deadline, last, *decide, done=done)


def _target_in_words(deadline: Deadline) -> str:
    return (
        f"{day_in_words(deadline.target)}: the last working day on or before the last day "
        f"(local policy). {in_sentences(deadline)}"
    )


def _comments(case: PharmacyCase) -> Iterator[DiaryDate]:
    if case.comments_by is not None:
        made = case.record.last("comments-made") is not None
        yield _date(case.comments_by, "Last day to comment on others' representations", _officer(case), done=made)


def _hearings(case: PharmacyCase) -> Iterator[DiaryDate]:
    """Give each oral hearing. A second notice before it was held moves it; after that it is of another hearing."""
    newest: dict[int, Fact] = {}
    held = 0
    for fact in case.record:
        held += fact.kind == "hearing-held"
        if fact.kind == "hearing-notified":
            newest[held + 1] = fact
    for number, fact in newest.items():
        where = f" at {fact['venue']}" if fact.get("venue") else ""
        how = f"Notified on {day_in_words(parse_day(fact['notified_on']))}, fact {fact.number} (Sch 2 paras 22 and 25)."
        yield DiaryDate(
            f"hearing {number}", parse_day(fact["hearing_on"]), f"Oral hearing{where}", how,
            _once(_officer(case), case.council.pharmacy.chair), done=number <= held,
        )  # fmt: skip


def _consolidation(case: PharmacyCase) -> Iterator[DiaryDate]:
    if case.consolidate_by is not None:
        what = "Last day for the notice of consolidation: without it the grant lapses"
        done = case.record.last("consolidation-notified") is not None
        yield _date(case.consolidate_by, what, _officer(case), case.council.pharmacy.chair, done=done)
