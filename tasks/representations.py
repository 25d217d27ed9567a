"""The representation: issued as Word and PDF, sent to the addressee of the day, its proof kept; or its absence."""

from __future__ import annotations

from datetime import date, datetime

from models.facts import Fact
from models.london import date_in_london, parse_day
from models.pharmacy import PharmacyCase
from models.pharmacy_words import OPINION_IN_WORDS, Opinion
from tasks import breaches
from tasks.circulation import ask_about_letter, close_what_ended_before
from tasks.drafting import day_45_if_open, enclose, write_to
from tasks.representation_text import text_of
from tasks.steps import step
from tasks.turns import Effect
from tasks.waiting import park, wake_after


def watch_last_day(case: PharmacyCase) -> None:
    """See to it that the last day does not pass in silence (Sch 2 para 19(4), (5)).

    For the relevant Board a last day without a representation sent is recorded as a breach and escalated; it can
    still be sent late. Where the sender stated an earlier day, that day is watched first and day 45 after it: only
    then are the Regulations broken. A neighbouring Board was free to say nothing: only the passing is recorded.
    """
    breaches.withdraw_disproved(case)
    missed = None
    for last in case.last_days:
        if breaches.kept(case, last.last_day):
            continue
        wake_after(last)
        if last.passed(case.now):
            missed = last  # after an outage only the newest
    if missed is None:
        return
    close_what_ended_before(case, missed)
    note_last_day_passed(case)
    if case.must_represent:
        breaches.record(case, missed)


@step("deadline-passed", "Note: the last day has passed")
def _passed(case: PharmacyCase, name: str) -> Effect:
    return Effect({"name": name, "deadline": case.represent_by.to_dict()})


def note_last_day_passed(case: PharmacyCase) -> Fact:
    """Record that the last day passed without a representation."""
    return _passed(case, "representation")


def send(case: PharmacyCase, decision: Fact) -> Fact:
    """Issue the representation, wait until the addressee's mail server has accepted it, and record it as sent.

    Returns the fact `representation-sent`, marked late where the last day had passed when it was accepted. What was
    late is looked at again when proof of an earlier delivery comes in.
    """
    if case.sent is not None and not case.sent["late"]:
        return case.sent
    round_ = 1 + sum(fact["consultee"] == "addressee" for fact in case.record.all("resend-asked"))
    _wait_for_addressee(case, round_)
    issued = issue(case, round_, decision=decision)
    proof = _proof(case, issued)
    if case.sent is not None and (proof is None or not _is_earlier(case, proof, case.sent)):
        return case.sent
    if proof is not None and proof.kind in ("letter-sent", "papers-served"):
        sent = record_sent(case, proof.number, issued=issued, proof=proof)
        breaches.withdraw_disproved(case)
        return sent
    if proof is not None:
        ask_about_letter(case, issued["consultee"], proof)
        park("Awaiting officer: representation in question", case.represent_by,
             "the representation was refused, bounced, or its fate is not known")  # fmt: skip
    park("Awaiting acceptance of the representation", case.represent_by, "it is on its way to the addressee")


def _wait_for_addressee(case: PharmacyCase, round_: int) -> None:
    """Return at once where somebody can be written to; otherwise wait for the council's file (see tasks.vacancies)."""
    if case.record.keyed(f"representation-issued/{round_}") is None and case.addressee is None:
        park("Awaiting addressee: office vacant", case.represent_by,
             "the council's file names nobody to whom the representation can go")  # fmt: skip


def _is_earlier(case: PharmacyCase, proof: Fact, sent: Fact) -> bool:
    return proof.kind == "papers-served" and _reached(case, proof)[2] < parse_day(sent["reached_on"])


@step("representation-issued", "Issue the representation")
def issue(case: PharmacyCase, round_: int, *, decision: Fact) -> Effect:
    """Make the representation as Word and PDF and post it to the addressee of the day (para 2)."""
    from notifications.documents import pdf_file, word_file

    addressee = case.addressee
    assert addressee is not None
    text = text_of(case, decision)
    word, kept_word = enclose(f"Representation {case.ref}.docx", word_file(text))
    pdf, kept_pdf = enclose(f"Representation {case.ref}.pdf", pdf_file(text))
    letter = write_to(
        case, "representation", addressee,
        {"opinion": OPINION_IN_WORDS[Opinion(decision["opinion"])], "papers": [pdf.filename, word.filename],
         "wishes_oral_hearing": bool(decision["wishes_oral_hearing"]),
         "hearing_matter": decision.get("hearing_matter") or "",
         "late": case.represent_by.passed(case.now), "day_45": day_45_if_open(case) or ""},
        [pdf, word],
    )  # fmt: skip
    return Effect(
        {"consultee": addressee, "round": round_, "word": word.sha256, "pdf": pdf.sha256,
         "opinion": decision["opinion"], "decision": decision.number},
        [letter], {**kept_word, **kept_pdf},
    )  # fmt: skip


def _proof(case: PharmacyCase, issued: Fact) -> Fact | None:
    """Return the newest fact on the fate of the representation's letter, or that it was served another way."""
    fate = ("letter-sent", "letter-bounced", "letter-ambiguous")
    for fact in reversed(case.record.facts[issued.number :]):
        if fact.kind in fate and fact["letter"] == issued.key:
            return fact
        if fact.kind == "papers-served" and fact["consultee"] in (issued["consultee"], "addressee"):
            return fact
    return None


@step("representation-sent", "Record the representation as sent")
def record_sent(case: PharmacyCase, proof_number: int, *, issued: Fact, proof: Fact) -> Effect:
    """Record that the representation reached the addressee, when, by what proof, and whether it was late.

    Receipt by the last day is the test; acceptance by the addressee's mail server is its evidence.
    """
    late, accepted_at, reached_on = _reached(case, proof)
    return Effect(
        {"addressee": issued["consultee"], "opinion": issued["opinion"], "accepted_at": accepted_at,
         "reached_on": reached_on.isoformat(),
         "accepted_by": proof.get("accepted_by") or proof.get("channel"), "reply": proof.get("reply") or "",
         "proof": proof_number, "word": issued["word"], "pdf": issued["pdf"], "late": late,
         "last_day": case.represent_by.last_day.isoformat()}
    )  # fmt: skip


def _reached(case: PharmacyCase, proof: Fact) -> tuple[bool, str, date]:
    """Return whether it was late, the instant of the proof, and the London day on which it reached the addressee."""
    if proof.kind == "papers-served":
        served_on = date.fromisoformat(proof["served_on"])
        return served_on > case.represent_by.last_day, proof.at.isoformat(), served_on
    accepted_at = datetime.fromisoformat(proof["accepted_at"])
    return case.represent_by.passed(accepted_at), proof["accepted_at"], date_in_london(accepted_at)
