"""One line for each person consulted: invited, sent, bounced, declared, answered, late, silent.

Each recipient's time to answer runs from that recipient's own circulation (report para 10): from the London day
on which their mail server accepted the letter, or the papers were handed over. A bounce voids it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from models.clock_facts import SERVED, anew, standing
from models.deadlines import Deadline
from models.facts import Fact, Record
from models.london import date_in_london
from models.outgoing import taken

BEFORE_PAPERS = "said this before the papers, counted unless another answer follows"


class Standing(StrEnum):
    """Where a consultee stands, in the words an officer sees."""

    NOT_INVITED = "not yet invited"
    IN_THE_POST = "letter on its way"
    IN_QUESTION = "letter in question"  #: refused, bounced or ambiguous: an officer's question
    ASKED = "asked, no answer yet"
    ANSWERED = "answered"
    LATE = "answered late"
    SILENT = "no answer (silence is not consent)"
    EXCUSED = "excused by an officer"


@dataclass(frozen=True, slots=True)
class Consultee:
    """One consultee of a case as the record shows them."""

    role: str
    standing: Standing
    round: int  #: how many times papers were circulated to them, from 1
    circulated: Fact | None
    clock_started_on: date | None  #: London day of their own circulation
    feedback_by: Deadline | None
    response: Fact | None  #: the newest, which replaces those before it
    answered: bool  #: whether that response was given after these papers were circulated, not before them
    trouble: Fact | None  #: why their letter is in question
    first: Fact | None  #: the first circulation of the papers they are now asked about

    @property
    def must_be_awaited(self) -> bool:
        """Tell whether feedback cannot close because of them: no answer, and time left or not begun."""
        return self.standing in (
            Standing.NOT_INVITED, Standing.IN_THE_POST, Standing.IN_QUESTION, Standing.ASKED,
        )  # fmt: skip


    @property
    def answer_from_before(self) -> Fact | None:
        """Return what they said before they had these papers, while they can still answer: kept, not counted yet."""
        return self.response if self.must_be_awaited and not self.answered else None


class AnswerBy(Protocol):
    """Tells until when a consultee may answer papers that reached them on a London day."""

    def __call__(self, circulated_on: date, role: str, *, name: str, evidence: str) -> Deadline:
        """Return the deadline."""
        ...


def consultee(record: Record, role: str, stage: str, *, answer_by: AnswerBy, now: datetime) -> Consultee:
    """Return where `role` stands at `now` (aware) in one stage ("contentious") of the consultation.

    Papers that were circulated anew begin the time anew, and want an answer of their own.
    """
    sent_anew, resent = anew(record, stage), [f for f in record.all("resend-asked") if f["consultee"] == role]
    round_ = 1 + len(resent) + len(sent_anew)
    first_round = 1 + len(sent_anew) + sum(bool(sent_anew) and f.number < sent_anew[-1].number for f in resent)
    circulated = record.keyed(f"circulated/{stage}/{round_}/{role}")
    response = _newest(record.all("response-received"), role)
    trouble = None
    started: date | None = None
    first = record.keyed(f"circulated/{stage}/{first_round}/{role}")
    if circulated is not None and first is not None:
        started, trouble, evidence = _clock(record, role, first, circulated)
    feedback_by = None
    if started is not None:
        feedback_by = answer_by(started, role, name=f"feedback: {role}", evidence=evidence)
    answered = response is not None and first is not None and response.number > first.number
    where = _standing(record, role, circulated, response if answered else None, trouble, feedback_by, now)
    if where is Standing.SILENT and response is not None:
        where = Standing.LATE if response["late"] else Standing.ANSWERED  # what they said before stands
    return Consultee(role, where, round_, circulated, started, feedback_by, response, answered, trouble, first)


def is_late(received_at: datetime, feedback_by: Deadline | None) -> bool:
    """Tell whether a response received at `received_at` (aware) came after that consultee's own last day."""
    return feedback_by is not None and feedback_by.passed(received_at)


def _standing(
    record: Record, role: str, circulated: Fact | None, response: Fact | None, trouble: Fact | None,
    feedback_by: Deadline | None, now: datetime,
) -> Standing:  # fmt: skip
    if response is not None:
        late = response["late"] and is_late(datetime.fromisoformat(response["received_at"]), feedback_by)
        return Standing.LATE if late else Standing.ANSWERED  # more time, given later, may make it one in time
    if _newest(record.all("consultee-excused"), role) is not None:
        return Standing.EXCUSED
    if circulated is None:
        return Standing.NOT_INVITED
    if trouble is not None:
        return Standing.IN_QUESTION
    if feedback_by is None:
        return Standing.IN_THE_POST
    return Standing.SILENT if feedback_by.passed(now) else Standing.ASKED


def _clock(record: Record, role: str, first: Fact, circulated: Fact) -> tuple[date | None, Fact | None, str]:
    """Return the day the recipient's clock started, if it has, what is in question, if anything is, and the proof.

    Papers served another way count from the earliest day on which they were received; otherwise the letter counts
    from the day on which it was accepted, unless it came back. In whatever order these facts were recorded.
    """
    served = [f for f in standing(record, SERVED) if f["consultee"] == role and f.number > first.number]
    if served:
        earliest = min(served, key=lambda fact: (fact["served_on"], fact.number))
        proof = f"fact {earliest.number}: papers served by {earliest['channel']}"
        return date.fromisoformat(earliest["served_on"]), None, proof
    fates = record.about_letter(circulated.key)
    fate = fates[-1] if fates else None
    if fate is None or fate.kind not in ("letter-sent", "letter-bounced", "letter-ambiguous"):
        return None, None, f"fact {circulated.number}"
    if fate.kind != "letter-sent":
        return None, fate, f"fact {fate.number}"
    accepted_on = date_in_london(datetime.fromisoformat(fate["accepted_at"]))
    return accepted_on, None, f"fact {fate.number}: letter {taken(fate['accepted_by'])}"


def lost_letters(record: Record) -> list[Fact]:
    """Return the newest fact on each letter that did not arrive, or may not have: papers and representation apart.

    Those two are asked about by themselves, because something waits for them.
    """
    newest: dict[str, Fact] = {}
    for fact in record:
        if fact.kind in ("letter-sent", "letter-bounced", "letter-ambiguous", "letter-cancelled"):
            newest[fact["letter"]] = fact
    return [
        fact
        for letter, fact in newest.items()
        if fact.kind in ("letter-bounced", "letter-ambiguous")
        and not letter.startswith(("circulated/", "representation-issued/"))
    ]


def _newest(facts: Sequence[Fact], role: str) -> Fact | None:
    return next((fact for fact in reversed(facts) if fact["consultee"] == role), None)


@dataclass(frozen=True, slots=True)
class Views:
    """What the consultees' answers, taken together, say."""

    gap: int
    no_gap: int
    no_comment: int
    silent: int
    minimum: int  #: how many opinions the council wants before it calls them agreed
    interested: int = 0  #: how many of the opinions came with an interest declared (report para 12)

    @property
    def clear(self) -> bool:
        """Tell whether a clear response can be identified and agreed electronically (report para 11).

        Opinions are all the same and there are enough of them to agree, without those given with an interest;
        silence never counts as one.
        """
        return self.gap + self.no_gap - self.interested >= self.minimum and 0 in (self.gap, self.no_gap)

    @property
    def opinion(self) -> str | None:
        """Return the opinion they agree on, or None."""
        if not self.clear:
            return None
        return "gap" if self.gap else "no-gap"

    def in_words(self, *, feedback_closed: bool = True) -> str:
        """Return the count in a sentence; while feedback is open, nobody is called silent yet."""
        silence = "did not answer (silence is not consent)" if feedback_closed else "have not answered yet"
        return (
            f"{self.gap} said there would be a gap, {self.no_gap} said there would be none, "
            f"{self.no_comment} had no comment, {self.silent} {silence}"
            + (f"; {self.interested} of these opinions came with an interest declared" if self.interested else "")
        )


def views_of(consultees: Sequence[Consultee], minimum: int, *, more_may_follow: bool = False) -> Views:
    """Return what the answers on record say together; late answers are kept and counted, and marked late.

    Where more may follow, what somebody said before the papers, who can still answer them, is not counted yet.
    """
    heard = [c for c in consultees if not (more_may_follow and c.answer_from_before)]
    responses = [c.response for c in heard if c.response is not None]
    answers = [response["opinion"] for response in responses]
    interested = [r for r in responses if r["interest"] == "declared" and r["opinion"] != "no-comment"]
    return Views(
        gap=answers.count("gap"), no_gap=answers.count("no-gap"), no_comment=answers.count("no-comment"),
        silent=len(consultees) - len(answers), minimum=minimum, interested=len(interested),
    )  # fmt: skip
