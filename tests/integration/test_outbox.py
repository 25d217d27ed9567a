"""The outbox against a real mail server on loopback: every letter leaves at most once, every fate is one fact."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from desk.office import holder, is_dead
from models.clock import FixedClock
from models.facts import Fact, check_chain
from models.outgoing import Enclosure, Letter, LetterState
from models.store import open_store
from notifications.mailer import SmtpTransport
from notifications.message import Composed
from notifications.outbox import FATES, Postroom, deliver_at_once
from notifications.transport import (
    BeforeDot,
    ConnectionFailed,
    PermanentRefusal,
    Receipt,
    SentTwice,
    TemporaryRefusal,
)
from tests.integration.databases import AT, append, draft, open_case
from tests.integration.test_smtp import Sink, serving, settings

LADDER = (5, 30, 120)
ROOT = Path(__file__).resolve().parents[2]


class Office:
    """A case with letters to send, a clock, and a mail server that can be told what to answer."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.store = open_store(url)
        self.clock = FixedClock(AT)
        self.sink = Sink()
        self.ref = open_case(self.store)

    def post(
        self, *keys: str, enclosures: tuple[Enclosure, ...] = (), good_until: datetime | None = None
    ) -> None:
        """Put a letter under each key into the outbox."""

        def write(key: str) -> None:
            letter = replace(draft(key), enclosures=enclosures, good_until=good_until)
            self.store.write(lambda tx: tx.post(self.ref, 1, letter, self.clock.now()))

        for key in keys:
            write(key)

    def sends(self, act: Callable[[Postroom], Awaitable[Any]] | None = None, holder: str = "desk") -> int:
        """Let a postroom with a real connection send what is due, or do `act`; return how many were tried."""

        async def run() -> int:
            async with serving(self.sink) as port:
                postroom = Postroom(self.store, self.clock, SmtpTransport(settings(port)), holder, self.pauses)
                try:
                    return await (act or Postroom.post_due)(postroom)
                finally:
                    await postroom.close()

        return asyncio.run(run())

    def pauses(self, ref: str) -> Sequence[int]:
        """The council's ladder."""
        return LADDER

    def letter(self, key: str) -> Letter:
        """The letter under a key, as it stands."""
        with self.store.reading() as reading:
            found = reading.letter(self.ref, key)
        assert found is not None
        return found

    def facts(self, *kinds: str) -> list[Fact]:
        """The case's facts, but for its first; of these kinds, if any are named."""
        return [fact for fact in self.store.record(self.ref).facts[1:] if not kinds or fact.kind in kinds]

    @property
    def arrived(self) -> list[str]:
        """The Message-ID of everything the mail server has taken over, in its order."""
        parsed = [message_from_bytes(e.content, policy=policy.default) for e in self.sink.received]  # type: ignore[arg-type]
        return [str(message["Message-ID"]) for message in parsed]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with one open case; afterwards its record must chain and every fate must be one fact."""
    office = Office(f"sqlite:///{tmp_path}/cases.db")
    yield office
    record = office.store.record(office.ref)
    check_chain(record)
    fates = Counter(fact["letter"] for fact in record if fact.kind in FATES.values())
    named = Counter(key for fact in record for key in fact.get("cancelled", []))
    with office.store.reading() as reading:
        for letter in reading.letters(office.ref):
            settled = letter.state in (
                LetterState.SENT, LetterState.REFUSED, LetterState.AMBIGUOUS, LetterState.CANCELLED,
            )  # fmt: skip
            assert fates[letter.draft.key] + named[letter.draft.key] == settled, letter.draft.key
    assert len(office.arrived) == len(set(office.arrived)), "a letter arrived twice"
    office.store.close()


def test_a_letter_is_sent_once_and_the_servers_words_are_its_proof(office: Office) -> None:
    """The fact names who accepted it, when, and with what reply; sending again finds nothing to do."""
    office.post("circulated/1/chair")
    assert office.sends() == 1
    assert office.sends() == 0
    assert office.arrived == ["<circulated.1.chair@example.org>"]
    (fact,) = office.facts()
    assert (fact.kind, fact.key, fact.actor, fact.channel) == (
        "letter-sent", "letter-sent/circulated/1/chair", "cleardays", "mail",
    )  # fmt: skip
    assert fact["accepted_at"] == AT.isoformat()
    assert (fact["reply"], fact["attempts"]) == ("250 OK queued as 1", 1)
    assert fact["accepted_by"] == "mail.example.org (127.0.0.1)"
    (envelope,) = office.sink.received
    assert isinstance(envelope.original_content, bytes)
    assert fact["message_sha256"] == sha256(envelope.original_content).hexdigest()  # of what arrived, byte for byte
    assert office.letter("circulated/1/chair").state is LetterState.SENT


def test_a_passing_refusal_waits_on_the_ladder(office: Office) -> None:
    """450 puts the letter off by five minutes, not a moment less; accepted then, it keeps its Message-ID."""
    office.post("a")
    office.sink.at_rcpt = "450 4.2.0 mailbox busy"
    office.sends()
    (delayed,) = office.facts()
    assert (delayed.kind, delayed["code"], delayed["again_at"]) == (
        "letter-delayed", 450, (AT + timedelta(minutes=5)).isoformat(),
    )  # fmt: skip
    office.sink.at_rcpt = "250 OK"
    office.clock.set(AT + timedelta(minutes=5, microseconds=-1))
    assert office.sends() == 0
    office.clock.set(AT + timedelta(minutes=5))
    assert office.sends() == 1
    assert office.arrived == ["<a@example.org>"]
    assert [fact.kind for fact in office.facts()] == ["letter-delayed", "letter-sent"]


@pytest.mark.parametrize("reply", ["at_rcpt", "after_data"])
def test_the_end_of_the_ladder_is_an_officers_question(office: Office, reply: str) -> None:
    """After the last pause a passing refusal counts as one for good; each try left one fact."""
    office.post("a")
    setattr(office.sink, reply, "451 4.7.1 greylisted")
    for minutes in (0, *LADDER):
        office.clock.set(office.clock.now() + timedelta(minutes=minutes))
        assert office.sends() == 1
    office.clock.set(office.clock.now() + timedelta(days=9))
    assert office.sends() == 0
    facts = office.facts()
    assert [fact.kind for fact in facts] == ["letter-delayed"] * 3 + ["letter-bounced"]
    assert facts[-1]["text"] == "4.7.1 greylisted (tried 4 times)"


def test_a_letter_put_off_past_its_day_is_written_anew_and_not_called_undeliverable(office: Office) -> None:
    """Its words are no longer true when the ladder ends: it falls away, whatever the server says of the address."""
    office.post("a", good_until=AT + timedelta(hours=1))
    office.sink.at_rcpt = "450 4.2.0 mailbox busy"
    for minutes in (0, *LADDER):
        office.clock.set(office.clock.now() + timedelta(minutes=minutes))
        assert office.sends() == 1
    facts = office.facts()
    assert [fact.kind for fact in facts] == ["letter-delayed"] * 3 + ["letter-cancelled"]
    assert facts[-1]["write_anew"] is True


def test_a_refusal_for_good_is_recorded_without_the_address(office: Office) -> None:
    """550 makes the letter an officer's question at once; the record names the office, never the mailbox."""
    office.post("a")
    office.sink.at_rcpt = "550 5.1.1 <chair@example.org> unknown"
    office.sends()
    (fact,) = office.facts()
    assert (fact.kind, fact["code"], fact["text"]) == ("letter-bounced", 550, "5.1.1 <[address]> unknown")
    assert "chair@example.org" not in str(fact.payload)
    assert office.letter("a").state is LetterState.REFUSED
    office.clock.set(AT + timedelta(days=9))
    assert office.sends() == 0


def test_a_line_lost_after_the_message_is_never_a_second_letter(office: Office) -> None:
    """Handed over, but no answer: ambiguous, an officer's question, and nothing is sent again by itself."""
    office.post("a")
    office.sink.after_data = "hang up"
    office.sends()
    office.sink.after_data = "250 OK"
    office.clock.set(AT + timedelta(days=9))
    assert office.sends() == 0
    assert [fact.kind for fact in office.facts()] == ["letter-ambiguous"]


def test_an_unreachable_mail_server_is_not_the_recipients_refusal(office: Office) -> None:
    """Down for two days: one fact says so and the letter waits on; then one 450 is still the first of the ladder."""
    office.post("a")

    async def to_nobody(postroom: Postroom) -> int:
        async with serving(Sink()) as port:
            pass
        nobody = Postroom(office.store, office.clock, SmtpTransport(settings(port)), "desk", office.pauses)
        return await nobody.post_due()

    for _ in range(48):
        office.sends(to_nobody)
        office.clock.set(office.clock.now() + timedelta(hours=1))
    office.sink.at_rcpt = "450 busy"
    assert office.sends() == 1
    office.sink.at_rcpt = "250 OK"
    office.clock.set(office.clock.now() + timedelta(minutes=5))
    assert office.sends() == 1
    assert [fact.kind for fact in office.facts()] == ["letter-delayed", "letter-delayed", "letter-sent"]
    assert len(office.arrived) == 1


class StopsAt(Sink):
    """A mail server at whose first letters the desk is told to stop."""

    postroom: Postroom

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Tell it."""
        self.postroom.stop()
        return await super().handle_DATA(server, session, envelope)


def test_a_desk_that_is_told_to_stop_does_not_first_send_all_that_waits(office: Office) -> None:
    """Those in hand go their way; the rest waits, held by nobody, and goes out once from the next desk."""
    office.post(*map(str, range(90)))
    office.sink = StopsAt()

    async def until_told(postroom: Postroom) -> int:
        assert isinstance(office.sink, StopsAt)
        office.sink.postroom = postroom
        return await postroom.post_due()

    office.sends(until_told)
    sent = len(office.arrived)
    assert 0 < sent < 90
    assert Counter(office.letter(str(number)).state for number in range(90)) == {
        LetterState.SENT: sent, LetterState.WAITING: 90 - sent,
    }  # fmt: skip
    before, office.sink = office.arrived, Sink()
    assert office.sends(holder="the next desk") == 90 - sent
    assert len({*before, *office.arrived}) == 90


def test_a_desk_that_was_told_to_stop_before_its_first_letter_sends_none(office: Office) -> None:
    """What it had claimed waits again."""
    office.post("a")

    async def told_before(postroom: Postroom) -> int:
        postroom.stop()
        return await postroom.post_due()

    office.sends(told_before)
    assert (office.arrived, office.letter("a").state) == ([], LetterState.WAITING)


def test_a_desk_that_died_between_claim_and_mark_sent_nothing(office: Office) -> None:
    """Nothing of the letter had left: it waits again, and goes out once."""
    office.post("a")
    office.store.write(lambda tx: tx.claim_letters(AT, "dead desk", 5))
    assert office.sends() == 0

    async def recover(postroom: Postroom) -> int:
        assert postroom.recover(["another"]) == 0
        return postroom.recover(["dead desk"])

    assert office.sends(recover) == 1
    assert office.facts() == []
    assert office.sends() == 1
    assert len(office.arrived) == 1


def test_a_desk_that_died_after_the_mark_leaves_a_question(office: Office) -> None:
    """It may have arrived: ambiguous, with one fact however often it is found, and no second letter."""
    office.post("a", "b")
    letters = office.store.write(lambda tx: tx.claim_letters(AT, "dead desk", 5))
    office.store.write(lambda tx: tx.move_letter(letters[0], was=LetterState.CLAIMED, becomes=LetterState.SENDING))

    async def recover(postroom: Postroom) -> int:
        return postroom.recover(["dead desk"]) + postroom.recover(["dead desk"])

    assert office.sends(recover) == 2
    assert [(fact.kind, fact["letter"]) for fact in office.facts()] == [("letter-ambiguous", "a")]
    assert office.sends() == 1
    assert office.arrived == ["<b@example.org>"]


def test_a_desk_of_which_nothing_is_known_loses_its_claim_in_time(office: Office) -> None:
    """A container that came back under another name: its letters are taken over after half an hour, not before."""
    office.post("a")
    office.store.write(lambda tx: tx.claim_letters(AT, "desk on a machine that is gone", 5))

    async def recover(postroom: Postroom) -> int:
        return postroom.recover([])

    assert office.sends(recover) == 0
    office.clock.set(AT + timedelta(minutes=31))
    assert office.sends(recover) == 1
    assert office.sends() == 1
    assert len(office.arrived) == 1


A_DESK = """
import asyncio, sys
from desk.office import holder
from models.clock import SystemClock
from models.store import open_store
from notifications.mailer import SmtpTransport
from notifications.outbox import Postroom
from tests.integration.test_smtp import settings
store = open_store(sys.argv[1])
postroom = Postroom(store, SystemClock(), SmtpTransport(settings(int(sys.argv[2]))), holder(), lambda ref: (5,))
print(holder(), flush=True)
asyncio.run(postroom.post_due())
"""


def test_a_desk_killed_while_the_server_has_the_message(office: Office) -> None:
    """A real process, killed in the midst of sending: known to be dead, its letter is put to an officer."""
    office.post("a")
    office.sink.after_data = "silence"

    async def run() -> str:
        async with serving(office.sink) as port:
            desk = subprocess.Popen(
                [sys.executable, "-c", A_DESK, office.url, str(port)], cwd=ROOT, stdout=subprocess.PIPE, text=True
            )
            assert desk.stdout is not None
            name = (await asyncio.to_thread(desk.stdout.readline)).strip()
            while office.letter("a").state is not LetterState.SENDING:
                await asyncio.sleep(0.01)
            assert not is_dead(name)
            desk.send_signal(signal.SIGKILL)
            desk.wait()
            desk.stdout.close()
            return name

    name = asyncio.run(run())
    assert office.letter("a").claimed_by == name
    assert is_dead(name)
    assert not is_dead(holder())

    async def recover(postroom: Postroom) -> int:
        return postroom.recover([name])

    assert office.sends(recover) == 1
    assert [fact.kind for fact in office.facts()] == ["letter-ambiguous"]


def test_two_desks_send_each_letter_once(office: Office) -> None:
    """Two postrooms on one database at the same time share forty letters; each arrives once."""
    office.post(*[f"l/{n}" for n in range(40)])
    other = open_store(office.url)

    async def both(postroom: Postroom) -> int:
        transport = postroom._transport
        second = Postroom(other, office.clock, transport, "another desk", office.pauses, at_once=3)
        return sum(await asyncio.gather(postroom.post_due(), second.post_due()))

    assert office.sends(both) == 40
    assert len(office.arrived) == len(set(office.arrived)) == 40
    assert len(office.facts("letter-sent")) == 40
    other.close()


class Stands:
    """A transport whose machine was suspended before the final dot: it stands still, and then fails."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure
        self.stands, self.goes_on = asyncio.Event(), asyncio.Event()

    async def send(
        self, message: Composed, sender: str, recipient: str, before_dot: BeforeDot | None = None
    ) -> Receipt:
        """Stand still until told, and fail."""
        self.stands.set()
        await self.goes_on.wait()
        raise self.failure

    async def close(self) -> None:
        """Nothing to close."""


class Wakes:
    """The transport of the desk that took over: as its letter leaves, the desk that stood still goes on to its end."""

    def __init__(self, other: Stands) -> None:
        self.other, self.first, self.left = other, asyncio.Event(), 0

    async def send(
        self, message: Composed, sender: str, recipient: str, before_dot: BeforeDot | None = None
    ) -> Receipt:
        """Take the letter; say so only when the other desk is done with it."""
        assert before_dot is not None
        await before_dot()
        self.left += 1
        self.other.goes_on.set()
        await self.first.wait()
        return Receipt("mail.example.org", "250 OK")

    async def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    "failure",
    [ConnectionFailed("lost"), TemporaryRefusal(451, "later"), PermanentRefusal(550, "no"), RuntimeError("a defect")],
)
@pytest.mark.parametrize("second", ["another desk", "desk"], ids=["another", "itself"])
def test_a_desk_that_wakes_up_leaves_alone_what_was_taken_over(office: Office, failure: Exception, second: str) -> None:
    """Suspended for longer than a claim lasts, it has no say any more in what the next claim does with the letter.

    Nor where the next claim is its own: a third desk had the letter meanwhile, and let go of it.
    """
    office.post("a")
    stands = Stands(failure)
    wakes = Wakes(stands)
    first = Postroom(office.store, office.clock, stands, "desk", office.pauses)
    then = Postroom(office.store, office.clock, wakes, second, office.pauses)
    third = Postroom(office.store, office.clock, wakes, "a third desk", office.pauses)

    async def run() -> None:
        asleep = asyncio.create_task(first.post_due())
        await stands.stands.wait()
        await asyncio.gather(*(task for task in asyncio.all_tasks() if "_Claimed.more" in repr(task)))  # it has looked
        office.clock.set(AT + timedelta(minutes=31))
        assert third.recover([]) == 1
        takes_over = asyncio.create_task(then.post_due())
        await asleep
        wakes.first.set()
        await takes_over
        office.clock.set(AT + timedelta(days=1))
        assert await then.post_due() == 0

    asyncio.run(asyncio.wait_for(run(), 60))
    assert wakes.left == 1
    assert [(fact.kind, fact["attempts"]) for fact in office.facts()] == [("letter-sent", 2)]


class Withdraws(Sink):
    """A server at which, while it deals with a letter, the application is withdrawn."""

    def __init__(self, office: Office, when: str, **replies: Any) -> None:
        super().__init__(**replies)
        self._office, self._when = office, when

    def _withdraw(self) -> None:
        office = self._office

        def work(tx: Any) -> None:
            cancelled = tx.cancel_waiting(office.ref, office.clock.now())
            append(tx, office.ref, "withdrawn", cancelled=cancelled)

        office.store.write(work)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Withdraw before the message is asked for."""
        if self._when == "before the message":
            await asyncio.to_thread(self._withdraw)
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Withdraw when the message is there."""
        if self._when == "after the message":
            await asyncio.to_thread(self._withdraw)
        return await super().handle_DATA(server, session, envelope)


def test_a_withdrawal_stops_a_letter_that_is_about_to_leave(office: Office) -> None:
    """Cancelled between claim and mark, the letter is not handed over; the withdrawal's own fact names it."""
    office.post("a")
    office.sink = Withdraws(office, "before the message")
    office.sends()
    assert office.arrived == []
    (fact,) = office.facts()
    assert (fact.kind, fact["cancelled"]) == ("withdrawn", ["a"])


def test_a_withdrawal_stops_a_letter_that_was_put_off(office: Office) -> None:
    """Waiting on the ladder, it falls away; its time comes and nothing is sent."""
    office.post("a")
    office.sink.at_rcpt = "450 busy"
    office.sends()
    Withdraws(office, "")._withdraw()
    office.sink.at_rcpt = "250 OK"
    office.clock.set(AT + timedelta(hours=1))
    assert office.sends() == 0
    assert office.letter("a").state is LetterState.CANCELLED


def test_a_letter_put_off_during_the_withdrawal_does_not_come_back(office: Office) -> None:
    """The server refused for now what was withdrawn meanwhile: it is cancelled, with a fact of its own."""
    office.post("a")
    office.sink = Withdraws(office, "after the message", after_data="451 later")
    office.sends()
    assert [fact.kind for fact in office.facts()] == ["withdrawn", "letter-cancelled"]
    office.sink = Sink()
    office.clock.set(AT + timedelta(hours=1))
    assert office.sends() == 0


def test_a_letter_accepted_during_the_withdrawal_is_told_as_sent(office: Office) -> None:
    """What left before the withdrawal could stop it has left, and the record says so."""
    office.post("a")
    office.sink = Withdraws(office, "after the message")
    office.sends()
    assert [(fact.kind, fact.get("cancelled")) for fact in office.facts()] == [("withdrawn", []), ("letter-sent", None)]


# -- defects of our own ----------------------------------------------------------------------------------------


class Fails:
    """A transport with a defect, before or after the mark."""

    def __init__(self, failure: BaseException, marked: bool) -> None:
        self.failure, self.marked = failure, marked
        self.tried = 0

    async def send(
        self, message: Composed, sender: str, recipient: str, before_dot: BeforeDot | None = None
    ) -> Receipt:
        """Fail."""
        self.tried += 1
        if self.marked and before_dot is not None:
            await before_dot()
        raise self.failure

    async def close(self) -> None:
        """Nothing to close."""


def failing(office: Office, failure: BaseException, *, marked: bool) -> Fails:
    """Send what is due through a transport that fails."""
    transport = Fails(failure, marked)
    asyncio.run(Postroom(office.store, office.clock, transport, "desk", office.pauses).post_due())
    return transport


def test_an_unforeseen_failure_before_the_mark_is_tried_again(office: Office) -> None:
    """A defect holds up one letter for an hour, with a fact, and never strands it in the desk's hands."""
    office.post("a")
    failing(office, RuntimeError("a defect"), marked=False)
    assert office.sends() == 0
    office.clock.set(AT + timedelta(hours=1))
    assert office.sends() == 1
    assert [(f.kind, f.get("text")) for f in office.facts()] == [
        ("letter-delayed", "RuntimeError: a defect"), ("letter-sent", None),
    ]  # fmt: skip


@pytest.mark.parametrize("failure", [RuntimeError("a defect"), SentTwice("it was sent before")])
def test_an_unforeseen_failure_after_the_mark_is_a_question(office: Office, failure: Exception) -> None:
    """Nobody knows what has left: ambiguous."""
    office.post("a")
    failing(office, failure, marked=True)
    office.clock.set(AT + timedelta(days=9))
    assert office.sends() == 0
    assert [fact.kind for fact in office.facts()] == ["letter-ambiguous"]


def test_a_desk_interrupted_while_it_posts_goes_on_with_its_own_letters(office: Office) -> None:
    """Cut short before the mark, the same postroom finds its letters again and sends them, once."""
    office.post("a", "b")

    async def interrupted_then_again(postroom: Postroom) -> int:
        real, postroom._transport = postroom._transport, Fails(asyncio.CancelledError(), marked=False)
        with pytest.raises(asyncio.CancelledError):
            await postroom.post_due()
        postroom._transport = real
        return await postroom.post_due()

    assert office.sends(interrupted_then_again) == 2
    assert len(office.arrived) == 2


def test_a_letter_that_cannot_be_composed_does_not_hold_up_others(office: Office) -> None:
    """An enclosure that is not kept makes its letter an officer's question; its neighbour leaves."""
    office.post("broken", enclosures=(Enclosure("a.pdf", "application/pdf", "0" * 64),))
    office.post("whole")
    assert office.sends() == 2
    assert {fact["letter"]: fact.kind for fact in office.facts()} == {
        "broken": "letter-bounced", "whole": "letter-sent",
    }  # fmt: skip
    assert office.arrived == ["<whole@example.org>"]


def test_a_council_file_that_cannot_be_read_does_not_strand_a_letter(office: Office) -> None:
    """Put off by the server while the ladder is unreadable, a letter waits by the usual pauses."""
    office.post("a")
    office.sink.at_rcpt = "450 busy"

    def unreadable(ref: str) -> Sequence[int]:
        raise ValueError("the council's file is wrong")

    office.pauses = unreadable  # type: ignore[method-assign]
    office.sends()
    (fact,) = office.facts()
    assert (fact.kind, fact["again_at"]) == ("letter-delayed", (AT + timedelta(minutes=5)).isoformat())


def test_a_rehearsal_sends_nothing_and_records_as_much(office: Office) -> None:
    """Every waiting letter counts as accepted, each with its fact; the mail server saw none."""
    office.post("a", "b")
    assert deliver_at_once(office.store, office.clock) == 2
    assert deliver_at_once(office.store, office.clock) == 0
    assert [fact["accepted_by"] for fact in office.facts("letter-sent")] == ["rehearsal"] * 2
    assert office.sends() == 0


def test_the_store_is_closed_to_a_second_message_id(office: Office) -> None:
    """Whatever a step does wrong, two letters under one key are one letter."""
    office.post("a")
    office.post("a")
    assert office.sends() == 1
    assert office.arrived == ["<a@example.org>"]
