"""What an officer does to an executive decision: publish, ask for consent, decide, sign, call in, resolve.

The same in every procedure that brings such a decision about. A verb takes any ExecutiveDecision.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from models.executive_decisions import ExecutiveDecision
from models.executive_mends import out_of_reach
from models.executive_notices import ANSWER_FACT, CORRECTED, DATED, PUBLISHED_FACT, covering
from models.executive_words import (
    CallInOutcome,
    CallInStage,
    ItemOutcome,
    MadeBy,
    Published,
    Signatory,
    UrgentAnswer,
    UrgentMatter,
)
from models.london import day_in_words
from tasks import board_forms
from tasks.acts import Act, ReadFile, Verb
from tasks.authority import DECISION_MAKER, OFFICER
from tasks.common_verbs import check_role
from tasks.days import happened_beforehand, happened_on
from tasks.executive import forms
from tasks.forms import Refused
from tasks.powers import Power, entered

# -- notices and publications ----------------------------------------------------------------------------------


def publish(case: ExecutiveDecision, form: board_forms.Publish, read_file: ReadFile) -> Act:
    """Record that a notice, an agenda with reports, or the decision notice was published, and for which day."""
    published_on = happened_beforehand(case, form.published_on, "the publication")
    if form.what is Published.DECISION_NOTICE:
        if case.publication is not None:
            raise Refused(f"it was published, fact {case.publication.number}; for another day use correct-publication")
        _check_decision_notice(case, published_on)
    else:
        _check_before_decision(case, form)
        _check_of_its_own(case, form, published_on)
    informed = form.chair_informed_on and happened_beforehand(case, form.chair_informed_on, "the notice to the chair")
    payload: dict[str, Any] = {
        "published_on": published_on.isoformat(), "where": form.where, "reasons": form.reasons,
        "for_day": case.decide_on.isoformat(), "until_day": case.decide_until.isoformat(),
        "matter": case.matter, "decision_maker": case.decision_maker_in_words, "documents": list(form.documents),
    }  # fmt: skip
    if form.what is Published.PRIVATE_MEETING_SECOND:
        payload["representations"] = form.representations
    if form.what is Published.GENERAL_EXCEPTION:
        payload["chair_informed_on"] = informed.isoformat() if informed else None
    if form.what is Published.AGENDA:
        payload["convened_on"] = form.convened_on.isoformat() if form.convened_on else None
    if form.what is Published.REASONS_NOTICE:
        payload["concerns"] = case.reasons_due()
    says = f"Recorded: {form.what} published on {day_in_words(published_on)}.{_how_far(case, form, published_on)}"
    return Act(PUBLISHED_FACT[form.what], payload, says)


def _check_before_decision(case: ExecutiveDecision, form: board_forms.Publish) -> None:
    what = form.what
    if case.decision is not None and what is not Published.REASONS_NOTICE:
        raise Refused(f"the decision was taken, fact {case.decision.number}; a {what} can no longer go before it")
    wants_reasons = {
        Published.GENERAL_EXCEPTION: "why 28 clear days' notice is impracticable (reg 10)",
        Published.PRIVATE_MEETING: "why the public is to be excluded (reg 5(3))",
        Published.PRIVATE_MEETING_SECOND: "why the public is to be excluded (reg 5(5))",
        Published.REASONS_NOTICE: "why notice could not be given (regs 5(7), 10(3), 11(3))",
    }
    if what in wants_reasons and not form.reasons:
        raise Refused(f"a {what} says {wants_reasons[what]}; give them (--reasons)")
    if what is Published.REASONS_NOTICE and not case.reasons_due():
        raise Refused("no notice of reasons is due: neither an exception nor an urgency is relied on")


def _check_of_its_own(case: ExecutiveDecision, form: board_forms.Publish, published_on: date) -> None:
    """Refuse an exception while notice can be given, a second notice before the first, an agenda before its meeting."""
    if form.what is Published.GENERAL_EXCEPTION and published_on <= case.notice_by.last_day:
        raise Refused(
            f"notice of the key decision can still be given until {day_in_words(case.notice_by.last_day)} (reg 9): the "
            "general exception is for when that is impracticable (reg 10(1))"
        )
    if form.what is Published.PRIVATE_MEETING_SECOND:
        _check_second_private_notice(case, form, published_on)
    if form.what is Published.AGENDA and form.convened_on is not None:
        _check_convened(case, form.convened_on)


def _check_second_private_notice(case: ExecutiveDecision, form: board_forms.Publish, published_on: date) -> None:
    first = covering(case.record, PUBLISHED_FACT[Published.PRIVATE_MEETING], case.decide_on)
    if not any(case.published_on(fact) < published_on for fact in first):
        raise Refused(
            "the second notice of a private meeting comes after the first, which leaves time for representations; no "
            f"first notice was published before {day_in_words(published_on)} (reg 5(2) to (4))"
        )
    if not form.representations:
        raise Refused(
            "the second notice says what representations were received and the response to them (reg 5(4)): give them, "
            "or say that none were received (--representations)"
        )


def _check_convened(case: ExecutiveDecision, convened_on: date) -> None:
    happened_beforehand(case, convened_on, "the convening")
    said = f"{day_in_words(convened_on)} is given as the day on which the meeting was convened at shorter notice"
    if convened_on > case.decide_until:
        raise Refused(f"{said}, and the meeting itself was to be by {day_in_words(case.decide_until)}; check it")
    if convened_on <= case.papers_by.last_day:
        raise Refused(
            f"{said}, but that leaves its 5 clear days: its papers are due by {day_in_words(case.papers_by.last_day)} "
            "like any others (regs 6, 7); leave it out (--convened-on)"
        )


def _check_decision_notice(case: ExecutiveDecision, published_on: date) -> None:
    if case.decision is None or case.decided_on is None:
        raise Refused("nothing is decided yet; there is no decision to publish")
    if published_on < case.decided_on:
        raise Refused(
            f"{day_in_words(published_on)} is before {day_in_words(case.decided_on)}, the day of the decision; check it"
        )
    lacking = [s for s in case.signatures_due if s not in case.signed_by]
    if lacking:
        raise Refused(
            f"the decision notice is not signed by the {' nor by the '.join(lacking)}, who sign it before it is "
            f"published ({case.signatures_source}; sign)"
        )
    if case.signed_last_on is not None and published_on < case.signed_last_on:
        raise Refused(
            f"{day_in_words(published_on)} is before {day_in_words(case.signed_last_on)}, when the notice was signed; "
            f"it is published after that ({case.signatures_source}); check the day"
        )
    if case.amended is not None and published_on < date.fromisoformat(case.amended["resolved_on"]):
        raise Refused("the decision was amended after that day; publish it as it reads now")


def _how_far(case: ExecutiveDecision, form: board_forms.Publish, published_on: date) -> str:
    """Say what a publication of today is good for: whether it was in time for the day of the decision."""
    late = {
        Published.KEY_DECISION: case.notice_by, Published.PRIVATE_MEETING: case.private_notice_by,
        Published.PRIVATE_MEETING_SECOND: case.second_private_notice_by,
        Published.GENERAL_EXCEPTION: case.exception_by, Published.AGENDA: case.papers_by,
        Published.ADDED_ITEM: case.papers_by,
    }.get(form.what)  # fmt: skip
    if late is None or published_on <= late.last_day:
        return ""
    lost = [each for each in out_of_reach(case) if each.deadline.name == late.name]
    mends = f" To mend it: {'; or '.join(mend.says for each in lost for mend in each.mends)}." if lost else ""
    return f" That is after {day_in_words(late.last_day)}, the latest day for it.{mends}"


def correct_publication(case: ExecutiveDecision, form: forms.CorrectPublication, read_file: ReadFile) -> Act:
    """Record that something was published on another day than was entered."""
    fact = case.record.facts[form.fact - 1] if form.fact <= case.record.head else None
    if fact is None or fact.kind not in DATED:
        raise Refused(f"fact {form.fact} is no publication; cleardays show {case.ref} --facts lists them")
    published_on = happened_beforehand(case, form.published_on, "the publication")
    before = case.published_on(fact)
    if published_on == before:
        raise Refused(f"fact {form.fact} says {day_in_words(before)} already")
    if fact.kind == PUBLISHED_FACT[Published.DECISION_NOTICE]:
        _check_decision_notice(case, published_on)
        if case.implementable is not None:
            raise Refused("the decision became implementable on that publication; ask the monitoring officer")
    elif case.decision is not None:
        raise Refused("the decision was taken on that publication; ask the monitoring officer what follows")
    payload = {"fact": form.fact, "published_on": published_on.isoformat(), "before": before.isoformat(),
               "evidence": form.evidence, "reasons": form.reasons}  # fmt: skip
    return Act(CORRECTED, payload, f"Corrected: published on {day_in_words(published_on)}.")


# -- consent that it is urgent ----------------------------------------------------------------------------------


def consent_urgency(case: ExecutiveDecision, form: board_forms.ConsentUrgency, read_file: ReadFile) -> Act:
    """Record what an office of the three said when asked to agree that a matter is urgent (regs 5(6), 11(1))."""
    check_role(case, form.asked)
    answered_on = happened_beforehand(case, form.answered_on, "the answer")
    _check_consent_is_called_for(case, form.matter)
    if form.matter is not UrgentMatter.CALL_IN and answered_on > case.decide_until:
        raise Refused(
            f"agreement comes before the decision (regs 5(6), 11(1); 000:286), which was set for "
            f"{day_in_words(case.decide_until)}, and this was answered on {day_in_words(answered_on)}; move it first"
        )
    office = case.consent_office(form.matter)
    if form.asked != office:
        wanted = f"{case.council.title(office, case.today)} ({office})" if office else "nobody: no office is left"
        raise Refused(
            f"whom to ask is {wanted}: the next of {', '.join(case.rules.consents)} is asked only where the one before "
            "is vacant or unable to act, never because it refused (regs 5(6), 11(1))"
        )
    payload = {
        "asked": form.asked, "matter": form.matter, "answer": form.answer, "reasons": form.reasons,
        "answered_on": answered_on.isoformat(), "for_day": case.decide_until.isoformat(),
    }  # fmt: skip
    says = {
        UrgentAnswer.AGREED: "agreed that it is urgent and cannot reasonably be deferred",
        UrgentAnswer.REFUSED: "refused to agree that it is urgent",
        UrgentAnswer.UNABLE: "is unable to act; the next office may be asked",
    }[form.answer]
    return Act(ANSWER_FACT[form.answer], payload, f"Recorded: {case.council.title(form.asked, case.today)} {says}.")


def _check_consent_is_called_for(case: ExecutiveDecision, matter: UrgentMatter) -> None:
    if matter is UrgentMatter.CALL_IN:
        if not case.key:
            raise Refused("it is no key decision, and does not stand still; nothing is to be exempted from call-in")
        if case.call_in is not None:
            raise Refused(f"the decision was called in, fact {case.call_in.called_in.number}; that goes its way now")
        return
    if case.decision is not None:
        raise Refused(f"the decision was taken, fact {case.decision.number}; consent comes before it, or not at all")
    if matter is UrgentMatter.KEY_DECISION and not case.key:
        raise Refused(f"no consent is called for: {case.key_test.why}")
    if matter is UrgentMatter.KEY_DECISION and not case.exception_by.passed(case.now):
        raise Refused(
            f"the general exception can still be notified until {day_in_words(case.exception_by.last_day)} (reg 10): "
            "special urgency is for what that makes impracticable (reg 11(1))"
        )
    if matter is UrgentMatter.PRIVATE_MEETING and not case.private_notice_is_due:
        raise Refused("it is not to be taken at a private meeting of the executive; no consent is called for")


def to_decide(case: ExecutiveDecision) -> Power:
    """Return who enters the decision: a body's the Proper Officer, a member's that member or, told to, the same.

    A body's decisions are recorded by the Proper Officer; a member or an officer who decides alone produces the record,
    or has it produced (SI 2012/2089 regs 12, 13).
    """
    proper_officer = case.rules.proper_officer
    if case.made_by is MadeBy.BODY:
        return Power("record the decision", proper_officer)
    recorders = (proper_officer,) if case.made_by is MadeBy.MEMBER else ()
    return Power("decide this matter", case.decision_maker, recorders=recorders)


def to_consent(case: ExecutiveDecision) -> Power:
    """Return who enters what an office said when it was asked: the Proper Officer, on its word (regs 5(6), 11(1))."""
    return Power("record a consent to urgency", case.rules.proper_officer)


def to_consent_as(case: ExecutiveDecision, form: board_forms.ConsentUrgency) -> Power:
    """Return the same where it is known which office is asked: it may enter its own answer."""
    return entered(case, "record a consent to urgency", case.rules.proper_officer, form.asked)


def to_sign(case: ExecutiveDecision) -> Power:
    """Return who enters signatures: the Proper Officer, the other one on the decision-maker's word (000:271-273)."""
    return Power("sign the decision notice", case.rules.proper_officer)


def to_sign_as(case: ExecutiveDecision, form: forms.Sign) -> Power:
    """Return who enters one signature: its own office; the decision-maker's also the Proper Officer, on that word."""
    to, proper_officer = f"sign the decision notice as the {form.capacity}", case.rules.proper_officer
    if form.capacity is Signatory.PROPER_OFFICER:
        return Power(to, proper_officer)
    return entered(case, to, proper_officer, case.decision_maker)


def to_resolve(
    case: ExecutiveDecision, deciding: Callable[[Any], Power] = to_decide
) -> Power:
    """Return who enters how the open stage of a call-in ended.

    Scrutiny recommends and the Council refers (Local Government Act 2000 s.9F): the Proper Officer enters what they
    resolved, on their word. Reconsidered it is by whoever decided, as `deciding` says (SI 2012/2089 regs 12, 13).
    """
    stage = case.call_in.stage if case.call_in is not None else None
    if stage is CallInStage.RECONSIDERATION:
        return deciding(case)
    said_by = stage or CallInStage.SCRUTINY
    return Power(f"record what {said_by} resolved on a call-in", case.rules.proper_officer, word_of=str(said_by))


# -- the decision ------------------------------------------------------------------------------------------------


def decide_item(case: ExecutiveDecision, form: forms.DecideItem, read_file: ReadFile) -> Act:
    """Record the decision with the fields that the Regulations ask for, and by what right it was taken."""
    decided_on = happened_on(case, form.decided_on, "the decision")
    in_private = case.private if form.in_private is None else form.in_private
    why_not = case.why_not_decide(decided_on, in_private=in_private)
    if why_not is not None:
        raise Refused(f"the decision cannot be taken: {why_not}")
    route = case.route_on(decided_on)
    payload = {
        **form.model_dump(mode="json"), "decided_on": decided_on.isoformat(), "in_private": in_private,
        "made_by": case.made_by, "decision_maker": case.decision_maker_in_words, "route": route, "key": case.key,
        "function": case.function,
    }  # fmt: skip
    agreed = form.outcome is ItemOutcome.AGREED
    still = " It stands still until call-in has expired or been disposed of." if agreed and case.stands_still else ""
    return Act("decided" if agreed else "declined", payload,
               f"Decision recorded: {form.outcome} on {day_in_words(decided_on)}.{still}")  # fmt: skip


def sign(case: ExecutiveDecision, form: forms.Sign, read_file: ReadFile) -> Act:
    """Record a signature on the decision notice."""
    if case.decision is None or case.decided_on is None:
        raise Refused("nothing is decided yet; there is no notice to sign")
    if form.capacity not in case.signatures_due:
        raise Refused(
            f"this record is not signed by the {form.capacity}: the Regulations ask for a written record alone "
            "(SI 2012/2089 regs 12, 13; SI 2014/2095 reg 7), and neither does the council's own rule; publish it"
        )
    if form.capacity in case.signed_by:
        raise Refused(f"the {form.capacity} has signed the notice as it reads now")
    signed_on = happened_on(case, form.signed_on, "the signature")
    if signed_on < case.decided_on:
        raise Refused(f"{day_in_words(signed_on)} is before the decision, {day_in_words(case.decided_on)}; check it")
    office = case.decision_maker if form.capacity is Signatory.DECISION_MAKER else case.rules.proper_officer
    payload = {"capacity": form.capacity, "office": office, "signed_on": signed_on.isoformat()}
    return Act("signed", payload, f"Recorded: signed by the {form.capacity}.")


# -- call-in -----------------------------------------------------------------------------------------------------


def call_in(case: ExecutiveDecision, form: board_forms.CallIn, read_file: ReadFile) -> Act:
    """Record that the decision was called in, within its time; one that came in time is taken whenever it is entered.

    It then stops a decision that was implementable already, until the call-in is disposed of (000:273-276).
    """
    called_in_on = happened_on(case, form.called_in_on, "the call-in")
    standstill = case.standstill
    if case.call_in is not None and not case.may_be_called_in_anew:
        raise Refused(f"the decision was called in before, fact {case.call_in.called_in.number}; once is all there is")
    if case.decision is None or case.publication is None:
        raise Refused("no decision is published yet; there is nothing to call in")
    if not case.agreed:
        raise Refused("the decision was not to agree; there is nothing to hold up")
    if standstill is None:
        why = "it was exempted as urgent" if case.exemption else "the papers let only key decisions stand still"
        raise Refused(f"the decision is not subject to call-in: {why} (000:273-276)")
    if called_in_on < case.published_on(case.publication):
        raise Refused(f"{day_in_words(called_in_on)} is before the decision was published; check the day")
    if called_in_on >= standstill.last_day:
        raise Refused(
            f"the time for call-in has expired: it may be implemented from {day_in_words(standstill.last_day)}; if it "
            "was handed in before, say on which day (--called-in-on)"
        )
    payload = {"called_in_by": form.called_in_by, "reasons": form.reasons, "called_in_on": called_in_on.isoformat()}
    says = "Recorded: called in. The decision stands still until that is disposed of."
    if case.implementable is not None:
        says = "Recorded: called in, in time. The decision may no longer be implemented until that is disposed of."
    return Act("called-in", payload, f"{says}{_nobody_is_told(case)}")


def _nobody_is_told(case: ExecutiveDecision) -> str:
    """Say what an officer does about a call-in of a case that was closed: it writes no letters any more."""
    if case.closed is None:
        return ""
    return (
        " The case is closed and writes to nobody: tell the decision-maker, the Leader, the chair of scrutiny and the "
        "Monitoring Officer yourself, at once."
    )


def resolve_call_in(case: ExecutiveDecision, form: forms.ResolveCallIn, read_file: ReadFile) -> Act:
    """Record how the open stage of a call-in ended."""
    called = case.call_in
    if called is None or called.stage is None:
        raise Refused("no call-in is open; there is nothing to resolve")
    if form.outcome not in called.may_end_as:
        raise Refused(
            f"{form.outcome} is not how the stage of {called.stage} ends; that is {', '.join(called.may_end_as)}"
        )
    if form.outcome is CallInOutcome.AMENDED and not form.decision:
        raise Refused("say how the decision reads now (--decision)")
    resolved_on = happened_on(case, form.resolved_on, "the end of the stage")
    if resolved_on < called.since:
        raise Refused(f"{day_in_words(resolved_on)} is before {day_in_words(called.since)}, when that stage began")
    payload = {"stage": called.stage, "outcome": form.outcome, "resolved_on": resolved_on.isoformat(),
               "reasons": form.reasons, "decision": form.decision}  # fmt: skip
    return Act("call-in-resolved", payload, f"Recorded: {called.stage}, {form.outcome}.{_nobody_is_told(case)}")


# -- all of them -------------------------------------------------------------------------------------------------

PUBLISH = Verb("publish", "Record a publication", board_forms.Publish, publish, OFFICER,
               example="--what key-decision --where 'the forward plan'")  # fmt: skip
CONSENT = Verb("consent-urgency", "Record a consent to urgency", board_forms.ConsentUrgency, consent_urgency,
               DECISION_MAKER, power=to_consent, power_by=to_consent_as, also="the office that is asked",
               example="--asked scrutiny-chair --answer agreed --reasons 'The offer lapses'")  # fmt: skip
DECIDE = Verb("decide-item", "Record the decision", forms.DecideItem, decide_item, DECISION_MAKER, power=to_decide,
              example="--outcome agreed --decision 'To enter into the agreement' --reasons 'The best offer' "
              "--alternatives none --conflicts none")  # fmt: skip
SIGN = Verb("sign", "Record a signature", forms.Sign, sign, DECISION_MAKER, power=to_sign, power_by=to_sign_as,
            also="the decision-maker who signs", example="--capacity proper-officer")  # fmt: skip
CALL_IN = Verb("call-in", "Record a call-in", board_forms.CallIn, call_in, OFFICER, on_closed=True,
               example="--called-in-by 'three members' --reasons 'The cost is not explained'")  # fmt: skip
RESOLVE = Verb("resolve-call-in", "Record how a call-in went on", forms.ResolveCallIn, resolve_call_in,
               DECISION_MAKER, power=to_resolve, on_closed=True,
               example="--outcome referred-back --reasons 'The cost is to be explained'")  # fmt: skip
CORRECT = Verb("correct-publication", "Correct a day of publication", forms.CorrectPublication, correct_publication,
               OFFICER,
               example="--fact 3 --published-on 2017-06-19 --evidence 'date stamp' --reasons 'Mistyped'")  # fmt: skip

EXECUTIVE_VERBS: tuple[Verb[Any], ...] = (PUBLISH, CONSENT, DECIDE, SIGN, CALL_IN, RESOLVE, CORRECT)
"""Those that any procedure with an executive decision has."""
