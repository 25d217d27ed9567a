"""What is done to a pharmacy consolidation: each verb checks against the record as it stands, and gives one fact."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from models import clock_facts
from models.consultation import BEFORE_PAPERS, Consultee, Standing, is_late, lost_letters
from models.documents import ASSESSMENTS
from models.facts import Fact
from models.london import date_in_london, first_instant_of, instant_in_words
from models.pharmacy import PharmacyCase, opinions_agree
from models.pharmacy_words import ATTACHED, Opinion, Route
from tasks import common_verbs, date_verbs, forms, powers
from tasks.acts import Act, ReadFile, Verb
from tasks.authority import DECISION_MAKER, OFFICER
from tasks.common_verbs import check_role
from tasks.days import happened_on
from tasks.forms import Refused

# -- documents and route -------------------------------------------------------------------------------------


def _attach(case: PharmacyCase, form: forms.Attach, read_file: ReadFile) -> Act:
    act = common_verbs.attach(case, form, read_file, ATTACHED)
    again = form.kind in ASSESSMENTS and case.decision is not None
    warning = " Since a decision was taken before it, have the decision looked at again." if again else ""
    return replace(act, says=f"{act.says}{warning}")


def _decide_route(case: PharmacyCase, form: forms.DecideRoute, read_file: ReadFile) -> Act:
    if case.decision is not None:
        raise Refused("the case is decided; its route can no longer be changed")
    current = case.route
    if current is not None and form.route is current:
        raise Refused(
            f"the route is {current} already, decided by fact {case.route_fact.number if case.route_fact else ''}"
        )
    if current is Route.CONTENTIOUS:
        raise Refused(
            "the application is dealt with as contentious; it can be raised from non-contentious to contentious, "
            "never back (those consulted were told so)"
        )
    if form.route is Route.NON_CONTENTIOUS and case.must_represent and case.route_by.passed(case.now):
        raise Refused(
            f"the route had to be chosen by {case.route_by.last_day:%-d %B %Y}, so that circulation is not late; "
            "none was, and the application is contentious by default"
        )
    payload = {
        "route": form.route,
        "reasons": form.reasons,
        "chair_agrees": form.chair_agrees,
        "by_default": False,
    }
    if not form.chair_agrees and current is None:
        return Act(
            "route-disputed", payload,
            "Recorded that the Director and the Chair disagree. Both are asked again; if they have not agreed by "
            f"{case.route_by.last_day:%-d %B %Y}, the application is contentious by default.",
        )  # fmt: skip
    raised = " (raised from non-contentious)" if current is not None else ""
    return Act("route-decided", payload, f"Route decided: {form.route}{raised}.")


# -- consultation --------------------------------------------------------------------------------------------


def _respond(case: PharmacyCase, form: forms.Respond, read_file: ReadFile) -> Act:
    _consulted(case, form.consultee)
    if form.interest == "declared" and not form.interest_detail:
        raise Refused("an interest was declared: say what it is (--interest-detail; report para 12)")
    if form.interest != "declared" and form.interest_detail:
        raise Refused(
            f"no interest was declared (--interest {form.interest}), and yet one is named: {form.interest_detail!r}. "
            "Where it was declared, say so (--interest declared; report para 12); where not, leave out what it is"
        )
    received_at = form.received_at or case.now
    if received_at > case.now:
        raise Refused(
            f"received at {instant_in_words(received_at)} lies ahead; it is {instant_in_words(case.now)}"
        )
    if date_in_london(received_at) < case.notice.given_on:
        raise Refused(
            f"received at {instant_in_words(received_at)} is before notice of the application was given"
        )
    line = case.consultee(form.consultee)
    late = is_late(received_at, line.feedback_by)
    payload = {
        "consultee": form.consultee, "opinion": form.opinion, "reasons": form.reasons, "interest": form.interest,
        "interest_detail": form.interest_detail, "channel": form.channel,
        "received_at": received_at.astimezone(UTC).isoformat(), "late": late,
        "replaces": line.response.number if line.response else None,
        "after_decision": case.decision is not None,
    }  # fmt: skip
    says = f"Response of {case.council.title(form.consultee, case.today)} recorded: {form.opinion}"
    told = [
        "late: kept and marked" if late else "",
        f"replaces fact {line.response.number}" if line.response else "",
        BEFORE_PAPERS if _before_papers(line, received_at) else "",
    ]
    return Act("response-received", payload, f"{', '.join(filter(None, [says, *told]))}.")


def _before_papers(line: Consultee, received_at: datetime) -> bool:
    """Tell whether an answer came before its consultee was asked; one given by its day alone, before that day."""
    if line.first is None:
        return True
    asked_at, day = line.first.at, date_in_london(received_at)
    if received_at == first_instant_of(day):
        return day < date_in_london(asked_at)
    return received_at < asked_at


def _consulted(case: PharmacyCase, role: str) -> None:
    check_role(case, role)
    if case.route is None:
        raise Refused("nobody has been consulted yet: decide the route first")
    earlier = {fact["consultee"] for fact in case.record.all("circulated")}
    if role not in case.all_roles and role not in earlier:
        raise Refused(f"{role!r} is not consulted in this case; those consulted are {', '.join(case.roles)}")


def _meet(case: PharmacyCase, form: forms.Meet, read_file: ReadFile) -> Act:
    if not case.record.all("circulated"):
        raise Refused("nothing has been circulated yet, so there is no group to meet (report para 11)")
    if case.decision is not None:
        raise Refused("the case is decided; a meeting of those consulted can no longer inform the decision")
    held_on = happened_on(case, form.held_on, "the meeting")
    for role in form.attended:
        check_role(case, role)
        if case.council.holder_or_none(role, held_on) is None:
            raise Refused(f"nobody held the office {role} on {held_on:%-d %B %Y}, so it was not at the meeting")
    answer = case.council.quorum_met(case.council.pharmacy.group, form.attended, held_on, case.notice.wards)
    payload = {
        "attended": list(form.attended), "opinion": form.opinion, "note": form.note, "held_on": held_on.isoformat(),
        "quorate": answer.met, "quorum": answer.reason, "round": len(case.record.all("meeting-held")) + 1,
    }  # fmt: skip
    return Act("meeting-held", payload, f"Meeting recorded. {answer.reason}")


def _name_urgent_route(case: PharmacyCase, form: forms.NameUrgentRoute, read_file: ReadFile) -> Act:
    if case.urgent is not None:
        raise Refused(f"the urgent-decision route was named before, fact {case.urgent.number}")
    if case.decision is not None:
        raise Refused("the case is decided; there is nothing urgent left to decide")
    route = case.council.pharmacy.urgent_decision_route
    payload = {
        "reasons": form.reasons, "route": route.name, "holder": route.holder, "legal_basis": route.legal_basis,
        "source": route.source,
    }  # fmt: skip
    return Act("urgent-route-named", payload, f"The decision goes by {route.name}; it is open now.")


def _excuse(case: PharmacyCase, form: forms.Excuse, read_file: ReadFile) -> Act:
    _consulted(case, form.consultee)
    if case.consultee(form.consultee).answered:
        raise Refused(f"{form.consultee} has answered; there is nobody to go on without")
    required, recommendation = case.all_roles, "(i)"
    if case.route is Route.CONTENTIOUS:
        required, recommendation = case.council.contentious_consultees(case.notice.wards, "precondition"), "(ii)"
    warning = (
        f" Recommendation {recommendation} names this office as a precondition of the power to decide: take legal "
        "advice." if form.consultee in required else ""
    )  # fmt: skip
    payload = {"consultee": form.consultee, "reasons": form.reasons, "precondition": bool(warning)}
    return Act("consultee-excused", payload, f"Recorded: going on without {form.consultee}.{warning}")


# -- letters in question -------------------------------------------------------------------------------------


def _letter_to(case: PharmacyCase, role: str, *, first: bool = False) -> Fact:
    """Return the fact whose letter to `role` counts now, the newest circulation or issue, or else the `first`."""
    kind = "representation-issued" if role == "addressee" else "circulated"
    written = [fact for fact in case.record if fact.kind == kind]  # what was kept back in the post can be handed over
    for fact in written if first else reversed(case.record.all(kind)):
        if role in ("addressee", fact["consultee"]):
            return fact
    raise Refused(f"no papers have been sent to {role!r} in this case")


def _resend(case: PharmacyCase, form: forms.Resend, read_file: ReadFile) -> Act:
    if form.consultee == "addressee":
        _letter_to(case, "addressee")
        if case.sent is not None:
            raise Refused(f"the representation was accepted, fact {case.sent.number}; it is not sent twice")
        if not _in_question(case, "addressee"):
            raise Refused("the representation is on its way; its fate is not known to be in question")
    else:
        _consulted(case, form.consultee)
        if case.consultee(form.consultee).standing is not Standing.IN_QUESTION:
            raise Refused(
                f"the letter to {form.consultee} is not in question ({case.consultee(form.consultee).standing}); "
                "it is not sent twice. If it came back, record that first: cleardays bounce"
            )
        if case.council.holder_or_none(form.consultee, case.today) is None:
            raise Refused(
                f"nobody holds the office {form.consultee} today; enter the holder with dates in the council's file, "
                "or excuse the consultee with reasons"
            )
    payload = {"consultee": form.consultee, "reasons": form.reasons}
    return Act(
        "resend-asked",
        payload,
        f"It is sent to {form.consultee} again, at the address in the council's file.",
    )


def _in_question(case: PharmacyCase, role: str) -> bool:
    issued = _letter_to(case, role)
    fates = [f for f in case.record.facts[issued.number :] if f.get("letter") == issued.key]
    return bool(fates) and fates[-1].kind in ("letter-bounced", "letter-ambiguous")


def _serve(case: PharmacyCase, form: forms.Serve, read_file: ReadFile) -> Act:
    papers: Fact | None = None
    if form.consultee == "addressee":
        papers = _letter_to(case, "addressee", first=True)
    else:
        _consulted(case, form.consultee)
        line = case.consultee(form.consultee) if form.consultee in case.roles else None
        papers = line.first if line is not None else None
        if papers is None:
            raise Refused(f"no papers have been sent to {form.consultee!r} in this case")
        if line is not None and line.standing is Standing.SILENT and line.feedback_by is not None:
            raise Refused(
                f"{form.consultee} had the papers, and the time to answer ended with "
                f"{line.feedback_by.last_day:%-d %B %Y}; if the letter came back, record that first (bounce)"
            )
    left_on = date_in_london(papers.at)
    if form.served_on > case.today:
        raise Refused(f"{form.served_on:%-d %B %Y} lies ahead; record it once the papers were received")
    if form.served_on < left_on:
        raise Refused(
            f"{form.served_on:%-d %B %Y} is before {left_on:%-d %B %Y}, the day on which the papers were written; "
            "check the day"
        )
    payload = {
        "consultee": form.consultee, "channel": form.channel, "served_on": form.served_on.isoformat(),
    }  # fmt: skip
    says = f"Recorded: {form.consultee} had the papers on {form.served_on:%-d %B %Y}."
    return date_verbs.moved_by(case, clock_facts.SERVED, payload, says)


def _bounce(case: PharmacyCase, form: forms.Bounce, read_file: ReadFile) -> Act:
    letter = _letter_to(case, form.consultee)
    if form.consultee != "addressee" and case.consultee(form.consultee).answered:
        raise Refused(
            f"{form.consultee} has answered, so the papers arrived; the bounce concerns another letter"
        )
    payload = {
        "consultee": form.consultee, "letter": letter.key, "text": form.text or "came back undelivered", "code": None,
    }  # fmt: skip
    return Act("letter-bounced", payload, f"Recorded: the letter to {form.consultee} came back.")


def _to_settle(case: PharmacyCase, role: str) -> Fact:
    """Return the newest fact on the papers to `role` where their fate is open, or on another letter that was lost."""
    fates = []
    lost = [fact for fact in lost_letters(case.record) if fact["consultee"] == role]
    if not lost:
        letter = _letter_to(case, role)
        fates = [f for f in case.record.facts[letter.number :] if f.get("letter") == letter.key]
    else:
        to_them = [f for f in case.record if f.get("consultee") == role]
        fates = [f for f in to_them if str(f.get("letter")).startswith("circulated/")]
    if fates and fates[-1].kind == "letter-ambiguous":
        return fates[-1]
    if lost:
        return lost[0]
    raise Refused(f"the fate of the letter to {role} is known; there is nothing to settle")


def _settle(case: PharmacyCase, form: forms.Settle, read_file: ReadFile) -> Act:
    return common_verbs.settled(form, _to_settle(case, form.consultee), "send it again with resend")


# -- decision ------------------------------------------------------------------------------------------------


def _decide(case: PharmacyCase, form: forms.Decide, read_file: ReadFile) -> Act:
    why_not = case.why_not_decide()
    if why_not is not None:
        raise Refused(f"no decision can be taken yet: {why_not}")
    for role in form.considered:
        _consulted(case, role)
    answered = {c.role for c in case.consultees if c.response is not None}
    follows = opinions_agree(form.opinion, case.group_view)
    basis, uncertain = powers.legal_basis(case)
    outstanding = [
        *([] if form.limb_a else ["reasons on limb (a)"]),
        *([] if form.limb_b else ["reasons on limb (b)"]),
        *([] if form.alternatives else ["alternatives considered"]),
        *(["matter for the oral hearing"] if form.wishes_oral_hearing and not form.hearing_matter else []),
        *(
            ["reasons for not following those consulted"]
            if follows is False and not form.departure_reasons
            else []
        ),
        *(f"how the response of {role} was considered" for role in sorted(answered - set(form.considered))),
    ]
    payload = {
        **form.model_dump(mode="json"), "legal_basis": basis, "legal_basis_uncertain": uncertain,
        "assessment": case.assessment.number if case.assessment else None, "conflicts": _conflicts(case),
        "follows_those_consulted": follows, "outstanding": outstanding,
        "late": case.represent_by.passed(case.now),
        "urgent": case.urgent.number if case.urgent else None,
    }  # fmt: skip
    left = f" Still outstanding on the record: {'; '.join(outstanding)}." if outstanding else ""
    return Act("decided", payload, f"Decided: {'a gap' if form.opinion is Opinion.GAP else 'no gap'}.{left}")


def _conflicts(case: PharmacyCase) -> str:
    declared = [
        case.council.title(c.role, case.today)
        for c in case.consultees
        if c.response is not None and c.response["interest"] == "declared"
    ]
    return f"Interests declared by: {', '.join(declared)}" if declared else "None declared"


# -- afterwards ----------------------------------------------------------------------------------------------


def _record_outcome(case: PharmacyCase, form: forms.RecordOutcome, read_file: ReadFile) -> Act:
    if case.outcome is not None:
        raise Refused(
            f"the outcome was recorded before, fact {case.outcome.number}: {case.outcome['outcome']}"
        )
    decided_on = happened_on(case, form.decided_on, "the decision")
    payload = {
        "outcome": form.outcome, "reference": form.reference, "decided_on": decided_on.isoformat(),
        "before_representation": case.sent is None,
    }  # fmt: skip
    return Act("outcome-recorded", payload, f"Outcome recorded: {form.outcome} on {decided_on:%-d %B %Y}.")


def _share(case: PharmacyCase, form: forms.ShareRepresentations, read_file: ReadFile) -> Act:
    _after_sending(case)
    shared_on = happened_on(case, form.shared_on, "the sharing")
    return Act(
        "representations-shared", {"shared_on": shared_on.isoformat()}, "Recorded; comments are invited."
    )


def _comment(case: PharmacyCase, form: forms.Comment, read_file: ReadFile) -> Act:
    deadline = case.comments_by
    if deadline is None:
        raise Refused(
            "no representations were shared for comment yet: record that first (share-representations)"
        )
    late = deadline.passed(case.now)
    payload = {"text": form.text, "reference": form.reference, "late": late}
    return Act("comments-made", payload, f"Comments recorded{', late' if late else ''}.")


def _notify_hearing(case: PharmacyCase, form: forms.NotifyHearing, read_file: ReadFile) -> Act:
    notified_on = happened_on(case, form.notified_on, "the notice")
    days = (form.hearing_on - notified_on).days
    if days < 0:
        raise Refused(
            f"the hearing on {form.hearing_on:%-d %B %Y} is before its notice, {notified_on:%-d %B %Y}"
        )
    short = days < 14
    payload = {
        "hearing_on": form.hearing_on.isoformat(), "notified_on": notified_on.isoformat(), "venue": form.venue,
        "short_notice": short,
    }  # fmt: skip
    flag = " That is short of the 14 days' notice of Sch 2 para 25: raise it." if short else ""
    return Act("hearing-notified", payload, f"Hearing recorded, {days} days after its notice.{flag}")


def _record_hearing(case: PharmacyCase, form: forms.RecordHearing, read_file: ReadFile) -> Act:
    if case.record.last("hearing-notified") is None:
        raise Refused("no hearing was notified: record its notice first (notify-hearing)")
    held_on = happened_on(case, form.held_on, "the hearing")
    payload = {"held_on": held_on.isoformat(), "presented": form.presented, "note": form.note}
    return Act("hearing-held", payload, "Hearing recorded.")


def _granted(case: PharmacyCase) -> Fact:
    outcome = case.outcome
    if outcome is None or outcome["outcome"] != "granted":
        raise Refused("the application has not been granted: record the outcome first (record-outcome)")
    return outcome


def _record_consolidation(case: PharmacyCase, form: forms.RecordConsolidation, read_file: ReadFile) -> Act:
    _granted(case)
    if form.effective_on < case.began_on:
        raise Refused(
            f"{form.effective_on:%-d %B %Y} is before {case.began_on:%-d %B %Y}, when notice of the application was "
            "given; check the day"
        )
    payload = {"effective_on": form.effective_on.isoformat()}
    return Act(
        "consolidation-notified", payload, f"The consolidation takes effect on {form.effective_on:%-d %B %Y}."
    )


def _extend_consolidation(case: PharmacyCase, form: forms.ExtendConsolidation, read_file: ReadFile) -> Act:
    _granted(case)
    if case.record.last("consolidation-extended") is not None:
        raise Refused("the time was extended before; Sch 2 para 34A allows three more months once")
    return Act("consolidation-extended", {"reasons": form.reasons}, "Three more months are recorded.")


def _publish_statement(case: PharmacyCase, form: forms.PublishStatement, read_file: ReadFile) -> Act:
    _granted(case)
    if case.record.last("consolidation-notified") is None:
        raise Refused(
            "the premises have not been removed from the list: record the consolidation first (record-consolidation); "
            "the statement says that their removal creates no gap (reg 6(4))"
        )
    published_on = happened_on(case, form.published_on, "the statement")
    payload = {"published_on": published_on.isoformat(), "where": form.where}
    return Act("statement-published", payload, "The supplementary statement is recorded as published.")


def _after_sending(case: PharmacyCase) -> None:
    if case.sent is None:
        raise Refused("the Board's own representation has not been sent yet")


VERBS: dict[str, Verb[Any]] = {
    verb.name: verb
    for verb in (
        Verb("attach", "Attach a document", forms.Attach, _attach, OFFICER,
             example="--kind equality-impact-assessment --file assessment.pdf"),
        Verb("decide-route", "Decide the route", forms.DecideRoute, _decide_route,
             DECISION_MAKER, power=powers.to_choose_route,
             example='--route contentious --reasons "Residents object" --chair-agrees'),
        Verb("respond", "Record a response", forms.Respond, _respond, OFFICER,
             example="--consultee healthwatch --opinion gap --interest none --channel telephone"),
        Verb("meet", "Record a meeting", forms.Meet, _meet, OFFICER,
             example="--attended director-of-public-health,board-chair,healthwatch --opinion gap"),
        Verb("decide", "Decide: gap or no gap", forms.Decide, _decide, DECISION_MAKER, power=powers.to_decide,
             example='--opinion gap --no-wishes-oral-hearing --limb-a "Needs are met" '
             '--considered healthwatch="Accepted"'),
        Verb("name-urgent-route", "Name the urgent-decision route", forms.NameUrgentRoute, _name_urgent_route, OFFICER,
             example='--reasons "The Board cannot meet before the last day"'),
        Verb("resend", "Send papers again", forms.Resend, _resend, OFFICER,
             example='--consultee healthwatch --reasons "Address corrected"'),
        Verb("serve", "Record papers served another way", forms.Serve, _serve, OFFICER,
             example="--consultee healthwatch --channel hand --served-on 2017-08-01"),
        Verb("circulate-again", "Circulate the papers anew", forms.CirculateAgain, date_verbs.circulate_again, OFFICER,
             example='--reasons "The applicant has sent a corrected plan of the premises"'),
        Verb("consult-also", "Consult somebody else as well", forms.ConsultAlso, date_verbs.consult_also, OFFICER,
             example='--consultee board-member-nhs-trust --reasons "Runs the clinic next door"'),
        Verb("extend", "Extend a time", forms.Extend, date_verbs.extend, OFFICER,
             example='--clock feedback --count 5 --reasons "The papers came back garbled for some"'),
        Verb("suspend", "Suspend a clock", forms.Suspend, date_verbs.suspend, OFFICER,
             example='--clock feedback --starts-on 2017-08-14 --until 2017-08-16 --reasons "Our mailbox was down"'),
        Verb("resume", "Let a clock run again", forms.Resume, date_verbs.resume, OFFICER,
             example='--reasons "The mailbox works again"'),
        Verb("correct-notice", "Correct when notice was given", forms.CorrectNotice, date_verbs.correct_notice, OFFICER,
             example='--given-at 2017-07-25T16:40 --evidence "Header of the e-mail" --reasons "Date misread"'),
        Verb("retract", "Take back an entry that moved dates", forms.Retract, date_verbs.retract, OFFICER,
             example='--fact 31 --reasons "Entered in the wrong case"'),
        Verb("excuse", "Go on without a consultee", forms.Excuse, _excuse, OFFICER,
             example='--consultee healthwatch --reasons "Cannot be reached; the other answers cover its view"'),
        Verb("bounce", "Record a bounced letter", forms.Bounce, _bounce, OFFICER,
             example='--consultee healthwatch --text "Mailbox full"'),
        Verb("settle", "Settle a letter whose fate is not known", forms.Settle, _settle, OFFICER, on_closed=True,
             example='--consultee healthwatch --fate received --reasons "Telephoned: it is in their inbox"'),
        Verb("share-representations", "Record representations shared", forms.ShareRepresentations, _share, OFFICER,
             example="--shared-on 2017-09-20"),
        Verb("comment", "Record comments made", forms.Comment, _comment, OFFICER,
             example='--text "The Board adds nothing" --reference CAS-17/C'),
        Verb("notify-hearing", "Record notice of a hearing", forms.NotifyHearing, _notify_hearing, OFFICER,
             example='--hearing-on 2017-10-30 --venue "Civic Centre"'),
        Verb("record-hearing", "Record a hearing", forms.RecordHearing, _record_hearing, OFFICER,
             example="--presented --held-on 2017-10-30"),
        Verb("record-outcome", "Record the outcome", forms.RecordOutcome, _record_outcome, OFFICER,
             example="--outcome granted --decided-on 2017-11-15"),
        Verb("record-consolidation", "Record the consolidation", forms.RecordConsolidation, _record_consolidation,
             OFFICER,
             example="--effective-on 2018-01-31"),
        Verb("extend-consolidation", "Record three more months", forms.ExtendConsolidation, _extend_consolidation,
             OFFICER,
             example='--reasons "Extended by NHS England on request"'),
        Verb("publish-statement", "Record the statement published", forms.PublishStatement, _publish_statement, OFFICER,
             example="--published-on 2018-02-05 --where https://example.org/needs-assessment"),
        Verb("withdraw", "Record a withdrawal", forms.Withdraw, common_verbs.withdraw, OFFICER,
             example='--reasons "Withdrawn by the applicant, letter of 3 August"'),
    )
}  # fmt: skip
"""Every verb of a pharmacy consolidation by its name, in the order in which a case meets them."""
