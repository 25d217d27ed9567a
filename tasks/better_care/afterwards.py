"""Once a Better Care plan is submitted: the Board's later approval, assurance, section 75, returns, the review."""

from __future__ import annotations

from datetime import date, timedelta

from models.better_care import BetterCarePlan
from models.better_care_returns import Return
from models.better_care_words import Assured, Basis, Panel
from models.deadlines import Deadline
from models.facts import Fact
from models.london import day_in_words, parse_day
from tasks import endings
from tasks.better_care.telling import board_people, escalate, everybody, officer, say_it_passed
from tasks.drafting import morning_of
from tasks.ladders import newest_rung, newest_rung_after
from tasks.notices import inform, told
from tasks.waiting import due, park, wake_after

ONE_DAY = timedelta(days=1)


def tell_submission(case: BetterCarePlan, submission: Fact) -> None:
    """Tell everybody that the plan went out, on what basis, with what proof; those above where it does not comply."""
    above = case.local.escalation_roles.value if submission["basis"] == Basis.NOT_COMPLIANT else ()
    doubts = [fact["doubt"] for fact in case.record.all("signed-off") if fact.get("doubt")]
    inform(
        case, told(case, [*everybody(case), *above]), f"submitted, fact {submission.number}", template="bc-submitted",
        reached_on=parse_day(submission["reached_on"]), late="yes" if submission["late"] else "",
        basis=submission["basis"], proof=submission["proof"], lacking=submission["lacking"],
        doubts=list(dict.fromkeys(doubts)), tests=list(case.pack.assurance.tests),
    )  # fmt: skip


# -- the Board's approval of a plan that went out before it (rec (ii)) -----------------------------------------


def follow_up_board(case: BetterCarePlan) -> None:
    """Put the Board's approval on the agenda of its next meeting, and escalate a meeting that passed without it."""
    if not case.board_to_follow:
        return
    submission = case.submission
    assert submission is not None
    first = max(parse_day(submission["reached_on"]), case.submit_by.last_day) + ONE_DAY
    missed = case.council.meetings_of(case.local.board, first, case.today - ONE_DAY)
    following = case.next_board_meeting
    if following is not None:
        due(morning_of(following + ONE_DAY))
        inform(
            case, board_people(case), f"Board's approval, {following}", template="bc-board-approval",
            meets_on=following, reached_on=parse_day(submission["reached_on"]), basis=submission["basis"],
            missed_before=day_in_words(missed[-1]) if missed else "",
        )  # fmt: skip
    if missed and case.today > missed[-1]:
        escalate(
            case, f"no approval of the Board, {missed[-1]}", template="bc-passed", missed_on=missed[-1],
            what="the Board's approval of the plan already submitted",
            missed_derivation="the Board's published meeting after the submission",
        )  # fmt: skip


# -- assurance (report para 9) ---------------------------------------------------------------------------------


def wait_for_approval(case: BetterCarePlan) -> str | None:
    """Return None once the plan is approved, or "directed" where NHS England directs; waits for graders until then."""
    graded = case.assured
    if graded is None:
        _chase_assurance(case)
        park("Awaiting assurance", None, "NHS England's assurers grade the plan: approved, with conditions, or not")
    _tell_assurance(case, graded)
    if graded["outcome"] == Assured.WITH_CONDITIONS:
        _wait_for_evidence(case)
    if graded["outcome"] == Assured.NOT_APPROVED:
        return _wait_for_panel(case, graded)
    return None


def _chase_assurance(case: BetterCarePlan) -> None:
    submission = case.submission
    assert submission is not None
    since = parse_day(submission["reached_on"])
    ladder = case.local.after_chase_days.value
    rung = newest_rung_after(since, ladder)
    if rung is not None:
        inform(
            case, officer(case), f"assurance not heard, {submission.number}, day {rung}", template="bc-not-heard",
            days_waited=rung, reached_on=since,
            act=f"cleardays record-assurance {case.ref} --outcome OUTCOME --reference REFERENCE",
        )  # fmt: skip


def _tell_assurance(case: BetterCarePlan, graded: Fact) -> None:
    evidence_by = case.evidence_by
    above = case.local.escalation_roles.value if graded["outcome"] == Assured.NOT_APPROVED else ()
    inform(
        case, told(case, [*everybody(case), *above]), f"assured, fact {graded.number}", template="bc-assured",
        outcome=str(graded["outcome"]).replace("-", " "), decided_on=parse_day(graded["decided_on"]),
        to_show=graded.get("conditions") or "", reasons_given=graded.get("reasons") or "",
        evidence_by=evidence_by.last_day if evidence_by else "",
        evidence_derivation=_with(evidence_by, graded.get("doubt")),
    )  # fmt: skip


def _with(deadline: Deadline | None, doubt: str | None) -> str:
    if deadline is None:
        return ""
    return deadline.in_words() + (f"; {doubt}" if doubt else "")


def _wait_for_evidence(case: BetterCarePlan) -> None:
    evidence_by = case.evidence_by
    assert evidence_by is not None
    if case.evidence_sent is None:
        remind(case, evidence_by, "the evidence that the approval asks for",
               f"cleardays send-evidence {case.ref} --evidence EVIDENCE --proof PROOF")  # fmt: skip
        wake_after(evidence_by)
        if evidence_by.passed(case.now):
            say_it_passed(case, evidence_by, "the evidence that the approval asks for was not sent")
        park("Awaiting evidence of the conditions", evidence_by, "approved with conditions: the evidence is to be sent")
    park("Awaiting assurance of the evidence", None, "NHS England's assurers consider the evidence that was sent")


def _wait_for_panel(case: BetterCarePlan, graded: Fact) -> str | None:
    panel = case.panel
    if panel is None:
        park("Awaiting escalation panel", None, f"not approved ({graded['reasons']}); the escalation panel decides")
    return endings.close(case, "directed by NHS England") if panel["outcome"] == Panel.DIRECTED else None


# -- what an approval brings (s.75; draft plan 2.11, 2.12) -----------------------------------------------------


def remind(case: BetterCarePlan, deadline: Deadline, what: str, act: str) -> None:
    """Remind the Director of something due, on the council's ladder before the day; nothing once the day has passed."""
    if deadline.passed(case.now):
        return
    rung = newest_rung(case, deadline.last_day, case.began_on, case.local.chase_days.value)
    if rung is not None:
        inform(
            case, officer(case), f"due: {deadline.name}, {deadline.last_day}, {rung} days before", template="bc-due",
            what=what, reply_by=deadline.last_day, reply_derivation=deadline.in_words(),
            days_left=(deadline.last_day - case.today).days, act=act,
        )  # fmt: skip


def see_to_section_75(case: BetterCarePlan) -> None:
    """Remind of the section 75 agreement until it is signed; escalate when its day has passed without it."""
    if case.section_75 is not None:
        return
    signed_by = case.section_75_by
    remind(case, signed_by, "the agreement under section 75 of the NHS Act 2006, signed by both partners",
           f"cleardays record-section-75 {case.ref} --reference REFERENCE")  # fmt: skip
    wake_after(signed_by)
    if signed_by.passed(case.now):
        say_it_passed(case, signed_by, "the agreement under section 75 of the NHS Act 2006 is not signed")


def see_to_returns(case: BetterCarePlan) -> None:
    """Ask for each return when its quarter or year has ended; escalate one that is late (draft plan 2.11, 2.12)."""
    for each in case.returns:
        if each.complete or not due(morning_of(each.ends_on + ONE_DAY)):
            continue
        if each.sent is None:
            _ask_for_return(case, each)


def _ask_for_return(case: BetterCarePlan, each: Return) -> None:
    stage = each.missing[0]
    inform(
        case, officer(case), f"return begun: {each.id}", template="bc-return", what=each.title,
        reply_by=each.due.last_day, reply_derivation=each.due.in_words(), joint_board=joint_board(case, each.ends_on),
        stages=[str(stage).replace("-", " ") for stage in each.stages],
        act=f"cleardays record-return {case.ref} --returns {each.id} --stage {stage} --authority AUTHORITY",
    )  # fmt: skip
    wake_after(each.due)
    if each.due.passed(case.now):
        say_it_passed(case, each.due, f"the return for {each.title} has not been made")


def joint_board(case: BetterCarePlan, on: date) -> str:
    """Return the name of the joint board that signs returns off on a day."""
    found = next((each for each in case.local.joint_boards if each.covers(on)), None)
    return case.council.body(found.body).name if found else "the joint board"


def see_to_review(case: BetterCarePlan) -> None:
    """Tell the Director when a national review of the allocations begins, and ask once it should be over (para 6)."""
    review = case.pack.review
    if review is None or case.record.last("review-recorded") is not None:
        return
    moments = {"begins": review.starts_on, "should be over": review.ends_on + ONE_DAY}
    come = [moment for moment, day in moments.items() if day > case.began_on and due(morning_of(day))]
    if come:
        inform(
            case, officer(case), f"review {come[-1]}", template="bc-review", review=review.name, moment=come[-1],
            starts_on=review.starts_on, ends_on=review.ends_on, review_source=review.source,
            act=f"cleardays record-review {case.ref} --outcome OUTCOME --reasons REASONS",
        )  # fmt: skip


def wait_for_the_rest(case: BetterCarePlan) -> None:
    """Return when the Board, the agreement and every return are done; until then wait for the soonest due."""
    rest: list[tuple[Deadline, str, str]] = []
    if case.section_75 is None:
        rest.append((case.section_75_by, "Awaiting section 75 agreement", "both partners sign the pooling agreement"))
    rest += [(each.due, *_awaited(each)) for each in case.returns if not each.complete]
    if rest:
        open_first = sorted(rest, key=lambda one: (one[0].passed(case.now), one[0].last_day))
        deadline, awaiting, why = open_first[0]
        park(awaiting, deadline, why)
    if case.board_to_follow:
        following = case.next_board_meeting
        when = f"on {day_in_words(following)}" if following else "on a day still to be published"
        park("Awaiting the Board's approval", None, f"the Board next meets {when}")


def _awaited(each: Return) -> tuple[str, str]:
    if each.awaits_retrospective_approval:
        return "Awaiting the Board's approval of returns", f"{each.title} was sent; the Board approves it afterwards"
    stages = " and ".join(str(stage).replace("-", " ") for stage in each.missing)
    return f"Awaiting return {each.id}", f"the return for {each.title} waits for {stages}"


def withdraw(case: BetterCarePlan) -> str:
    """Tell everybody that the plan was withdrawn, close the case, return "withdrawn"."""
    written = [fact["consultee"] for fact in case.record.all("informed")]
    inform(
        case, told(case, [*everybody(case), *written]), "withdrawal", template="bc-withdrawn",
        why=case.withdrawn["reasons"] if case.withdrawn else "",
    )  # fmt: skip
    return endings.close(case, "withdrawn")
