"""The outbox: letters are claimed, sent and confirmed, each once; what became of each is a fact of its case.

Order for one letter: claim (committed), hand over envelope and message but for the final dot, mark it as being sent
(committed), send the dot, record the answer. A crash before the mark lets it be sent again, for a server forgets what
has no final dot; a crash after it leaves its fate unknown, which is an officer's question and never a second letter.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from models.clock import Clock
from models.failpoints import reached
from models.outages import moment
from models.outgoing import Letter, LetterState
from models.store import Store, Writing
from notifications.message import (
    Attachment,
    AttachmentCache,
    Composed,
    MalformedMessage,
    Outgoing,
    address_of,
    composed,
)
from notifications.postbook import FATES, MAIL, POSTROOM, Fate, PostBook, record_fate, record_fates
from notifications.transport import (
    Ambiguous,
    ConnectionFailed,
    PermanentRefusal,
    SentTwice,
    TemporaryRefusal,
    Transport,
)

__all__ = ["FATES", "LostClaim", "Postroom", "deliver_at_once", "record_fate", "without_address"]

MOST_PAPERS = 64 * 1024 * 1024  #: bytes of papers kept between letters
CLAIM = timedelta(minutes=30)  #: how long a desk of which nothing is known may keep a letter it has claimed
LONGEST_PAUSE = 60  #: minutes between tries while our own mail server cannot be reached
PAUSES = (5, 30, 120, 480, 1440)  #: minutes, where a council's own cannot be read

log = logging.getLogger(__name__)

RetryMinutes = Callable[[str], Sequence[int]]


class LostClaim(Exception):
    """The letter is no longer ours to send: another desk took it over."""


class OutOfDate(Exception):
    """What the letter says of dates has ceased to be true while it waited. Nothing of it has left, and nothing does."""


class _Claimed:
    """Letters that are claimed and not yet in hand. More are claimed before they run out, until none is due."""

    def __init__(self, claim: Callable[[], list[Letter]], few: int) -> None:
        self.count = 0  #: how many were claimed so far
        self.tried = 0  #: how many of them were handed out
        self._claim, self._few = claim, few
        self._left: deque[Letter] = deque()
        self._claiming: asyncio.Task[None] | None = None
        self._over = False
        self._failure: BaseException | None = None

    async def next(self) -> Letter | None:
        """Return the letter to send next, or None when none is due any more. Raises what went wrong with claiming."""
        while True:
            if self._failure is not None:
                raise self._failure
            if len(self._left) <= self._few and self._claiming is None and not self._over:
                self._claiming = asyncio.create_task(self.more())
            if self._left:
                self.tried += 1
                return self._left.popleft()
            if self._claiming is None:
                return None
            await asyncio.wait([self._claiming])

    async def more(self) -> None:
        """Claim more, in another thread."""
        try:
            claimed = await asyncio.to_thread(self._claim)
            self._left.extend(claimed)
            self.count += len(claimed)
            self._over = self._over or not claimed
            if claimed:
                reached("letters-claimed")
        except BaseException as failure:
            self._failure = failure
        finally:
            self._claiming = None

    async def stop(self) -> None:
        """Hand out none any more."""
        self._over = True
        self._left.clear()
        if self._claiming is not None:
            await asyncio.wait([self._claiming])
            self._left.clear()


class Postroom:
    """Sends what waits in the outbox through one transport."""

    def __init__(
        self, store: Store, clock: Clock, transport: Transport, holder: str, retry_minutes: RetryMinutes,
        at_once: int = 32, answers: Callable[[str | None], None] = lambda failure: None,
    ) -> None:  # fmt: skip
        """Send for `holder`, up to `at_once` letters at the same time.

        `retry_minutes` gives, for a case, the pauses after each 4xx answer; after the last the letter is refused.
        `answers` is told why our mail server could not be reached, and None when it has answered.
        """
        self._answers = answers
        self._store, self._clock, self._transport, self._holder = store, clock, transport, holder
        self._retry_minutes = retry_minutes
        self._at_once = at_once
        self._book = PostBook(store)
        self._heard = False  # whether `answers` has been told, since this post began, that the server answers
        self._papers: dict[tuple[str, str], Attachment] = {}
        self._encoded = AttachmentCache()
        self._table = asyncio.Lock()  # held while a letter is composed; made anew for each post, as it is of one loop
        self._cut_short = False
        self._stopping = False

    async def post_due(self) -> int:
        """Send every letter that is due now; return how many were tried. Not to be called twice at a time."""
        if self._cut_short:  # letters may still be held in our name, with nobody at work on them
            await asyncio.to_thread(self.recover, [self._holder])
        self._cut_short = True
        tried = await self._post_all_due()
        if self._stopping:  # what was claimed and not begun waits for the next desk
            await asyncio.to_thread(self.recover, [self._holder])
        self._cut_short = False
        return tried

    def stop(self) -> None:
        """Begin no more letters; those in hand go their way to the end. Callable from any thread."""
        self._stopping = True

    async def _post_all_due(self) -> int:
        """Keep letters under way until none is due."""
        tried = 0
        self._table = asyncio.Lock()
        while True:
            claimed = _Claimed(lambda: self._store.write(self._claim), few=self._at_once)
            self._heard = False
            await claimed.more()
            hands = [self._work_off(claimed) for _ in range(min(self._at_once, max(claimed.count, 1)))]
            for failure in await asyncio.gather(*hands, return_exceptions=True):
                if failure is not None:
                    raise failure
            tried += claimed.tried
            if self._stopping or not claimed.count:
                return tried

    def _claim(self, tx: Writing) -> list[Letter]:
        """Claim as many as can be in hand: a mark waits for this transaction, so it is not to be long."""
        return tx.claim_letters(self._clock.now(), self._holder, self._at_once)

    async def _work_off(self, claimed: _Claimed) -> None:
        """Send one letter after the other. When something goes wrong that is no letter's fate, no more are begun."""
        try:
            while not self._stopping and (letter := await claimed.next()) is not None:
                if not self._stopping:  # else it stays claimed, and is given back
                    await self._one(letter)
            if self._stopping:
                await claimed.stop()
        except BaseException:
            await claimed.stop()
            raise

    def recover(self, dead: Sequence[str]) -> int:
        """Take over letters that desks in `dead` had claimed; return how many were found.

        So too those that any other desk claimed long ago: one on another machine is not known to be dead, but no
        letter takes that long. Those not yet being sent wait again; those being sent become ambiguous, with a fact.
        """

        def lost(letters: Sequence[Letter]) -> list[Letter]:
            long_ago = self._clock.now() - CLAIM
            return [
                letter
                for letter in letters
                if letter.claimed_by in dead or (letter.claimed_by != self._holder and letter.due_at < long_ago)
            ]

        def work(tx: Writing) -> int:
            found = lost(tx.letters_held([LetterState.CLAIMED, LetterState.SENDING]))
            for letter in found:
                if letter.state is LetterState.CLAIMED:
                    tx.move_letter(letter, was=LetterState.CLAIMED, becomes=LetterState.WAITING)
                else:
                    why = "the desk stopped while the letter was being sent; it is not known whether it arrived"
                    record_fate(tx, letter, LetterState.AMBIGUOUS, self._clock.now(), {"text": why}, why)
            return len(found)

        with self._store.reading() as reading:
            held = reading.letters_held([LetterState.CLAIMED, LetterState.SENDING])
        return self._store.write(work) if lost(held) else 0

    async def close(self) -> None:
        """Let go of the mail server."""
        await self._transport.close()

    async def _one(self, letter: Letter) -> None:
        try:
            message, digest = await self._made_ready(letter)
            sender = address_of(letter.draft.sender)
            receipt = await self._transport.send(message, sender, letter.draft.address, lambda: self._mark(letter))
        except LostClaim:
            return
        except OutOfDate:
            await self._fall_away(letter)
        except TemporaryRefusal as refusal:
            await self._server_answers()
            await self._put_off(letter, refusal.code, refusal.text)
        except ConnectionFailed as failed:
            self._heard = False
            await asyncio.to_thread(self._answers, str(failed))
            await self._wait_for_server(letter, str(failed))
        except PermanentRefusal as refusal:
            await self._server_answers()
            await self._settle(letter, LetterState.REFUSED, refusal.code, refusal.text)
        except Ambiguous as unknown:
            await self._settle(letter, LetterState.AMBIGUOUS, None, unknown.text)
        except SentTwice as before:
            await self._settle(letter, LetterState.AMBIGUOUS, None, str(before))
        except (MalformedMessage, LookupError) as defect:
            await self._settle(letter, LetterState.REFUSED, None, f"it could not be composed: {defect}")
        except Exception as defect:
            await self._after_defect(letter, defect)
        else:
            reached("letter-accepted", letter.draft.template)
            await self._settle(letter, LetterState.SENT, 250, receipt.reply, receipt.accepted_by, digest)

    async def _after_defect(self, letter: Letter, defect: Exception) -> None:
        """Leave no letter behind when something fails that no mail server did: try later, or ask an officer."""
        log.error("Letter %s of case %s could not be sent.", letter.draft.key, letter.case, exc_info=defect)
        text = f"{type(defect).__name__}: {defect}"
        if await asyncio.to_thread(self._was_marked, letter):
            await self._settle(letter, LetterState.AMBIGUOUS, None, text)
        else:
            await self._wait(letter, LONGEST_PAUSE, None, text, f"letter-delayed/defect/{letter.draft.key}")

    def _was_marked(self, letter: Letter) -> bool:
        with self._store.reading() as reading:
            now = reading.letter(letter.case, letter.draft.key)
        return now is not None and now.state is LetterState.SENDING and now.claim == letter.claim

    async def _made_ready(self, letter: Letter) -> tuple[Composed, str]:
        """Compose a letter; return it with its SHA-256 (hex).

        One letter after the other, and in between we hear what the mail server says: it would stand idle while we
        work on letters whose turn has not come.
        """
        async with self._table:
            message = await self._compose(letter)
            digest = message.sha256()
            await asyncio.sleep(0)
        return message, digest

    async def _compose(self, letter: Letter) -> Composed:
        """Put a letter together; papers that are not at hand are read in another thread meanwhile."""
        draft = letter.draft
        papers: list[Attachment] = []
        for each in draft.enclosures:
            kept = self._papers.get((each.sha256, each.filename))
            if kept is None:
                kept = await asyncio.to_thread(self._paper, each.filename, each.media_type, each.sha256)
            papers.append(kept)
        return composed(
            Outgoing(
                message_id=draft.message_id, date=letter.written_at, sender=draft.sender, reply_to=draft.reply_to,
                recipient=draft.address, subject=draft.subject, text=draft.text, html=draft.html,
                attachments=tuple(papers),
            ),
            self._encoded,
        )  # fmt: skip

    def _paper(self, filename: str, media_type: str, sha256: str) -> Attachment:
        kept = self._papers.get((sha256, filename))
        if kept is None:
            with self._store.reading() as reading:
                kept = Attachment(filename, media_type, sha256, reading.document(sha256))
            while self._papers and self._size_with(kept) > MOST_PAPERS:
                del self._papers[next(iter(self._papers))]
            self._papers[sha256, filename] = kept
        return kept

    def _size_with(self, paper: Attachment) -> int:
        return len(paper.content) + sum(len(kept.content) for kept in tuple(self._papers.values()))

    async def _mark(self, letter: Letter) -> None:
        reached("content-given", letter.draft.template)
        await self._server_answers()
        if why_kept_back(letter, self._clock.now()):
            raise OutOfDate(letter.draft.key)
        if not await self._book.mark(letter):
            raise LostClaim(letter.draft.key)
        reached("letter-marked", letter.draft.template)

    async def _server_answers(self) -> None:
        """Tell `answers` that the server does: once a post and after each failure, not for every letter."""
        if not self._heard:
            self._heard = True
            await asyncio.to_thread(self._answers, None)

    async def _fall_away(self, letter: Letter) -> None:
        """Keep back a letter whose dates are no longer true; the case sees that it never left, and writes what is."""
        now = self._clock.now()
        await asyncio.to_thread(self._store.write, lambda tx: keep_back(tx, letter, now))

    async def _settle(
        self, letter: Letter, state: LetterState, code: int | None, text: str, accepted_by: str = "", digest: str = "",
    ) -> None:  # fmt: skip
        told = {"code": code, "text": without_address(text, letter.draft.address)}
        if digest:
            told = {"accepted_by": accepted_by, "reply": told["text"], "message_sha256": digest}
        await self._book.record(Fate(letter, state, self._clock.now(), told, f"{accepted_by} {text}".strip()))
        reached("fate-recorded", letter.draft.template)

    async def _put_off(self, letter: Letter, code: int, text: str) -> None:
        """Try again after the next pause of the ladder; after the last pause the letter is refused.

        One that has ceased to be true meanwhile falls away instead: what is written anew goes on where it left off.
        """
        if why_kept_back(letter, self._clock.now()):
            await self._fall_away(letter)
            return
        ladder = await asyncio.to_thread(self._pauses, letter.case)
        before = await asyncio.to_thread(self._times_put_off, letter)
        if before >= len(ladder):
            await self._settle(letter, LetterState.REFUSED, code, f"{text} (tried {before + 1} times)")
            return
        await self._wait(letter, ladder[before], code, text, f"letter-delayed/{before + 1}/{letter.draft.key}")

    async def _wait_for_server(self, letter: Letter, text: str) -> None:
        """Try again for as long as our own mail server cannot be reached: that is not the recipient's refusal.

        The record says so once; the pauses grow to an hour.
        """
        ladder = await asyncio.to_thread(self._pauses, letter.case)
        pause = min(LONGEST_PAUSE, ladder[min(letter.attempts, len(ladder)) - 1])
        log.error("The mail server cannot be reached; trying again in %s minutes. %s", pause, text)
        await self._wait(letter, pause, None, text, f"letter-delayed/unreachable/{letter.draft.key}")

    async def _wait(self, letter: Letter, pause: int, code: int | None, text: str, key: str) -> None:
        now = self._clock.now()
        again = now + timedelta(minutes=pause)
        payload = {
            "letter": letter.draft.key, "consultee": letter.draft.recipient, "attempt": letter.attempts,
            "code": code, "text": without_address(text, letter.draft.address), "again_at": again.isoformat(),
        }  # fmt: skip

        def work(tx: Writing) -> None:
            if _fell_away(tx, letter):
                why = f"put off, and cancelled meanwhile: {payload['text']}"
                record_fate(tx, letter, LetterState.CANCELLED, now, {"code": code, "text": why}, text)
                return
            for was in (LetterState.CLAIMED, LetterState.SENDING):
                if tx.move_letter(letter, was=was, becomes=LetterState.WAITING, due_at=again, reply=text):
                    tx.append(letter.case, "letter-delayed", at=now, actor=POSTROOM, channel=MAIL, payload=payload,
                              key=key)  # fmt: skip
                    return

        await asyncio.to_thread(self._store.write, work)

    def _times_put_off(self, letter: Letter) -> int:
        """Count the passing refusals of this letter, and of those kept back that it was written in place of.

        Neither crashes nor an unreachable server are among them. A letter that is put off past the day on which it was
        true does not begin the ladder again: somebody is asked at its end.
        """
        record, keys = self._store.record(letter.case), {letter.draft.key}
        for fact in record.facts[: letter.fact]:
            if (fact.get("consultee"), fact.get("template")) == (letter.draft.recipient, letter.draft.template):
                keys = keys | {fact["letter"]} if fact.get("write_anew") else {letter.draft.key}
        delays = record.all("letter-delayed")
        return sum(delay["letter"] in keys and delay["code"] is not None for delay in delays)

    def _pauses(self, ref: str) -> Sequence[int]:
        try:
            found = self._retry_minutes(ref)
        except Exception:
            log.exception("retry_minutes of the council of case %s cannot be read; %s are used.", ref, PAUSES)
            return PAUSES
        return found or PAUSES


def _fell_away(tx: Writing, letter: Letter) -> bool:
    """Tell whether the case's letters were cancelled while this one was at the mail server."""
    return any("cancelled" in fact.payload for fact in tx.record(letter.case).facts[letter.fact :])


def why_kept_back(letter: Letter, now: datetime) -> str | None:
    """Return why a letter must not leave `now` (aware) as it was written, or None."""
    good, use = letter.draft.good_until, letter.draft.of_use_until
    if use is not None and now > use:
        return f"it was of use until {moment(use)} and could not leave before; nothing of it has left"
    if good is not None and now > good:
        return f"it was true until {moment(good)} and could not leave before; nothing of it has left"
    return None


def keep_back(tx: Writing, letter: Letter, now: datetime) -> None:
    """Record that a letter did not leave, and whether the case is to write it anew if it still calls for it."""
    why, use = why_kept_back(letter, now), letter.draft.of_use_until
    assert why is not None
    told = {"text": why, "write_anew": use is None or now <= use}
    record_fate(tx, letter, LetterState.CANCELLED, now, told, why)


def without_address(text: str, address: str) -> str:
    """Return a mail server's words with the recipient's address struck out: the record names offices only."""
    return text.replace(address, "[address]")


def deliver_at_once(store: Store, clock: Clock) -> int:
    """Mark every waiting letter as accepted now, without sending anything: a rehearsal. Returns how many."""

    def work(tx: Writing) -> int:
        now = clock.now()
        claimed = tx.claim_letters(now, "rehearsal", 10_000)
        told = {"accepted_by": "rehearsal", "reply": "nothing was sent"}
        record_fates(tx, [Fate(letter, LetterState.SENT, now, told, "nothing was sent") for letter in claimed])
        return len(claimed)

    return store.write(work)
