"""What would move a case on now, as commands an officer can type, and what is still outstanding on it."""

from __future__ import annotations

from collections.abc import Iterator

from desk.faces import Move
from models.consultation import Consultee, Standing
from models.documents import DocumentKind
from models.pharmacy import PharmacyCase
from models.pharmacy_words import Opinion, Route
from tasks import lost_letters
from tasks.vacancies import vacant_offices


def moves(case: PharmacyCase) -> list[Move]:
    """Return what would move the case on, the most pressing first; nothing once it is closed."""
    if case.closed is not None:
        return []
    if case.decision is None:
        found = [*_letters(case), *_route(case), *_papers(case), *_answers(case), *_decision(case)]
    elif case.sent is None:
        found = [_move(case, "the representation is on its way; if it came back, record that",
                       "bounce", "--consultee addressee")]  # fmt: skip
    else:
        found = [*_after_sending(case)]
    return found


def outstanding(case: PharmacyCase) -> list[str]:
    """Return what is missing or to be looked into, in sentences; empty when nothing is."""
    if case.closed is not None:
        return []
    return [*_flags(case), *_gaps(case)]


def _move(case: PharmacyCase, what: str, verb: str, fields: str) -> Move:
    return Move(what, f"cleardays {verb} {case.ref} {fields}")


def _route(case: PharmacyCase) -> Iterator[Move]:
    if case.route is None and case.urgent is None:
        yield _move(case, "the Director, having consulted the Chair, decides the route", "decide-route",
                    "--route ROUTE --chair-agrees --reasons REASONS")  # fmt: skip


def _papers(case: PharmacyCase) -> Iterator[Move]:
    if "application" in case.missing_papers:
        yield _move(case, "the application is attached, which is circulated with the papers", "attach",
                    "--kind application --file FILE")  # fmt: skip
    if case.assessment is None:
        yield _move(case, "the equality impact assessment, or a reasoned screening, is attached", "attach",
                    "--kind equality-impact-assessment --file FILE")  # fmt: skip


def _letters(case: PharmacyCase) -> Iterator[Move]:
    for each in case.consultees:
        if each.standing is Standing.IN_QUESTION:
            yield _move(case, f"the letter to {_title(case, each)} is sent again (or: serve, excuse, settle)", "resend",
                        f"--consultee {each.role}")  # fmt: skip


def _answers(case: PharmacyCase) -> Iterator[Move]:
    waiting = [each for each in case.consultees if each.standing is Standing.ASKED]
    if waiting:
        yield _move(case, f"an answer comes in ({len(waiting)} still to come)", "respond",
                    f"--consultee {waiting[0].role} --opinion OPINION --interest INTEREST")  # fmt: skip


def _decision(case: PharmacyCase) -> Iterator[Move]:
    if case.route is Route.CONTENTIOUS and case.record.all("meeting-called") and not case.record.all("meeting-held"):
        yield _move(case, "the meeting of those consulted is held", "meet",
                    "--attended ROLE,ROLE,ROLE --opinion OPINION")  # fmt: skip
    if case.why_not_decide() is None:
        yield _move(case, "the Director decides", "decide",
                    "--opinion OPINION --limb-a REASONS --limb-b REASONS --no-wishes-oral-hearing")  # fmt: skip


def _after_sending(case: PharmacyCase) -> Iterator[Move]:
    outcome = case.outcome
    if outcome is None:
        yield _move(case, "NHS England or the ICB determines the application", "record-outcome",
                    "--outcome OUTCOME")  # fmt: skip
        return
    noticed = case.record.last("consolidation-notified")
    if noticed is None:
        yield _move(case, "the notice of consolidation arrives", "record-consolidation", "--effective-on DATE")
    if case.decision is not None and case.decision["opinion"] == Opinion.NO_GAP:
        yield _move(case, "the supplementary statement is published", "publish-statement",
                    "--published-on DATE --where ADDRESS")  # fmt: skip


def _flags(case: PharmacyCase) -> Iterator[str]:
    if case.stated_difference:
        yield case.stated_difference
    if case.decision is None and case.route is not None and (why_not := case.why_not_decide()):
        yield f"No decision can be taken yet: {why_not}."
    if case.decision is not None:
        newest, considered = case.assessment, case.decision.get("assessment")
        if newest is not None and newest.number != considered and case.sent is None:
            yield (
                f"{str(newest['kind']).replace('-', ' ').capitalize()}, fact {newest.number}, came after the decision, "
                "which did not consider it (Equality Act 2010 s.149): have the decision looked at again."
            )
        yield from (f"Missing from the decision: {each}." for each in case.decision.get("outstanding", ()))
        if case.decision.get("legal_basis_uncertain"):
            yield "The council's file marks the power to decide as uncertain: have the monitoring officer confirm it."


def _gaps(case: PharmacyCase) -> Iterator[str]:
    yield from lost_letters.in_sentences(case)
    for office, why in vacant_offices(case).items():
        yield f"{office}: nobody holds this office. {why}"
    if case.route is Route.CONTENTIOUS and case.decision is None and case.missing_precondition:
        yield f"A precondition is not met: {case.missing_precondition}."
    for role in case.vacant:
        yield f"{case.council.title(role, case.today)}: nobody holds this office, so nobody was asked."
    if case.decision is None and case.assessment is None:
        yield "No equality impact assessment or reasoned screening is attached (report para 17)."
    if case.decision is None and not any(fact["kind"] == DocumentKind.APPLICATION for fact in case.papers):
        yield "The application itself is not among the papers to be circulated (report para 9)."


def _title(case: PharmacyCase, each: Consultee) -> str:
    return case.council.title(each.role, case.today)
