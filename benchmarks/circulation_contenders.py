"""The ways to send one circulation, each played in a process of its own: ours, a raw sender, and what others offer.

Every way sends the same letter, personalised, with the same papers, to the same sink; it reports the seconds from the
first letter to the last reply and the processor time it used meanwhile. Ours ends when every fate is in the record.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import smtplib
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import partial
from hashlib import sha256
from time import perf_counter, thread_time
from typing import Any

RAW, OURS, DJANGO = "raw sender", "ours", "Django"
HERE = "127.0.0.1"
SENDER, REPLIES = "Public Health <public.health@example.org>", "pharmacy.applications@example.org"
ENVELOPE_SENDER = "public.health@example.org"
SUBJECT = "Reply by Friday 18 August 2017: proposed pharmacy consolidation"
PROFILE = "CIRCULATION_PROFILE"  #: names a file
A_CIRCULATION = 200  #: letters of one case
PDF = sha256(b"application").digest() + bytes(range(256)) * 800  # 200 KB, of which no part is text
DATES = "".join(
    ["BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//dates//EN\r\n"]
    + [f"BEGIN:VEVENT\r\nUID:{n}@example.org\r\nDTSTART;VALUE=DATE:2017081{n}\r\nEND:VEVENT\r\n" for n in range(8)]
    + ["END:VCALENDAR\r\n"]
).encode()


@dataclass(frozen=True)
class Task:
    """What is to be sent, and where to."""

    way: str
    letters: int
    small: bool
    connections: int
    port: int
    database: str | None = None


@dataclass(frozen=True)
class Played:
    """What it took."""

    seconds: float
    cpu: float


def text_of(number: int) -> str:
    """Return the words of one letter."""
    said = "The Health and Wellbeing Board is asked whether a gap in services would follow from this consolidation.\n"
    return f"Dear consultee {number},\n\n{said * 15}\nPlease answer at https://board.example.org/answer/{number:040d}\n"


def html_of(number: int) -> str:
    """Return the same words as a page."""
    paragraphs = text_of(number).strip().split("\n")
    return "".join(f'<p style="margin:0 0 1em;font-family:Arial,sans-serif">{each}</p>\n' for each in paragraphs)


def address_of(number: int) -> str:
    """Return the address of one recipient."""
    return f"consultee.{number}@example.org"


# -- ours --------------------------------------------------------------------------------------------------------------


def ours(task: Task) -> Played:
    """Rows in the outbox of a real store; the postroom claims, marks, hands over and records, as a desk does."""
    with tempfile.TemporaryDirectory(prefix="circulation-") as home:
        return _posted(task, task.database or f"sqlite:///{home}/cases.db")


def _posted(task: Task, url: str) -> Played:
    from models.clock import SystemClock
    from models.facts import check_chain
    from models.outgoing import LetterState
    from models.store import open_store
    from notifications.mail_settings import SmtpSettings
    from notifications.mailer import SmtpTransport
    from notifications.outbox import Postroom

    store = open_store(url)
    cases = _written(store, task)
    transport = SmtpTransport(SmtpSettings(host=HERE, port=task.port, connections=task.connections))
    postroom = Postroom(store, SystemClock(), transport, "desk", lambda ref: (5, 30))

    async def post() -> int:
        tried = await postroom.post_due()
        await postroom.close()
        return tried

    played = timed(lambda: asyncio.run(post()), expected=task.letters)
    with store.reading() as reading:
        for ref in cases:
            states = {letter.state for letter in reading.letters(ref)}
            if states != {LetterState.SENT} or not check_chain(reading.record(ref)):
                raise SystemExit(f"letters of case {ref} ended {sorted(states)}; their speed would mean nothing")
    store.close()
    return played


def _written(store: Any, task: Task) -> Sequence[str]:
    """Open cases and put their letters into the outbox; return the cases' references."""
    from models.outgoing import Draft, Enclosure
    from models.store import NewCase, Writing
    from notifications.message import message_id

    papers = (("application.pdf", "application/pdf", PDF), ("dates.ics", "text/calendar; method=PUBLISH", DATES))
    enclosures = () if task.small else tuple(Enclosure(n, t, sha256(c).hexdigest()) for n, t, c in papers)
    now, cases = datetime.now(UTC), []

    def work(tx: Writing, first: int) -> str:
        notice = f"CAS-{first}-{os.getpid()}"
        ref = tx.open_case(NewCase("PC", 2017, "pharmacy-consolidation", 1, "southampton", notice))
        tx.append(ref, "circulated", at=now, actor="cleardays", channel="flow", payload={})
        for _, _, content in papers:
            tx.keep_document(sha256(content).hexdigest(), content)
        for number in range(first, min(first + A_CIRCULATION, task.letters)):
            key = f"circulated/1/consultee-{number}"
            draft = Draft(
                template="circulation", recipient=f"consultee-{number}", address=address_of(number), sender=SENDER,
                reply_to=REPLIES, subject=SUBJECT, text=text_of(number), html=html_of(number), enclosures=enclosures,
                key=key, message_id=message_id(ref, key, str(os.getpid()), "example.org"),
            )  # fmt: skip
            tx.post(ref, 1, draft, now)
        return ref

    for first in range(0, task.letters, A_CIRCULATION):
        cases.append(store.write(partial(work, first=first)))
    return cases


# -- the least that can be done ----------------------------------------------------------------------------------------


def raw(task: Task) -> Played:
    """Prebuilt bytes over the same number of connections, by the least code: no database, nothing composed.

    The next letter's envelope goes out behind the last letter's final dot, so that a letter costs one round trip.
    """
    from notifications.message import Attachment, AttachmentCache, Outgoing, compose

    papers = (
        Attachment.of("application.pdf", "application/pdf", PDF),
        Attachment.of("dates.ics", "text/calendar; method=PUBLISH", DATES),
    )
    outgoing = Outgoing(
        message_id="<raw@example.org>", date=datetime.now(UTC), sender=SENDER, reply_to=REPLIES,
        recipient=address_of(0), subject=SUBJECT, text=text_of(0), html=html_of(0),
        attachments=() if task.small else papers,
    )  # fmt: skip
    message = bytes(compose(outgoing, AttachmentCache())).replace(b"\n.", b"\n..") + b".\r\n"
    numbers = iter(range(task.letters))

    def envelope(number: int) -> bytes:
        return b"MAIL FROM:<%b>\r\nRCPT TO:<%b>\r\nDATA\r\n" % (ENVELOPE_SENDER.encode(), address_of(number).encode())

    async def connection() -> int:
        taken = 0
        reader, writer = await asyncio.open_connection(HERE, task.port)
        await reader.readline()
        writer.write(b"EHLO desk.example.org\r\n")
        while (await reader.readline())[3:4] == b"-":
            pass
        number = next(numbers, None)
        if number is not None:
            writer.write(envelope(number))
        while number is not None:
            for expected in (b"250", b"250", b"354"):
                assert (await reader.readline())[:3] == expected
            number = next(numbers, None)
            writer.write(message)
            writer.write(b"QUIT\r\n" if number is None else envelope(number))
            await writer.drain()
            assert (await reader.readline())[:3] == b"250"
            taken += 1
        writer.close()
        return taken

    async def all_connections() -> int:
        return sum(await asyncio.gather(*(connection() for _ in range(task.connections))))

    return timed(lambda: asyncio.run(all_connections()), expected=task.letters)


# -- peers -------------------------------------------------------------------------------------------------------------


def _email(number: int, small: bool) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Reply-To"] = SENDER, address_of(number), REPLIES
    message["Subject"], message["Message-ID"] = SUBJECT, f"<{number}@example.org>"
    message["Date"] = format_datetime(datetime.now(UTC))
    message.set_content(text_of(number))
    message.add_alternative(html_of(number), subtype="html")
    if not small:
        message.add_attachment(PDF, "application", "pdf", filename="application.pdf")
        message.add_attachment(DATES, "text", "calendar", filename="dates.ics", params={"method": "PUBLISH"})
    return message


def standard_library(task: Task) -> Played:
    """smtplib and email.message, over one connection that is kept."""

    def send() -> int:
        with smtplib.SMTP(HERE, task.port) as server:
            for number in range(task.letters):
                server.send_message(_email(number, task.small))
        return task.letters

    return timed(send, expected=task.letters)


def django(task: Task) -> Played:
    """Django's backend and its messages, over one connection that is kept."""
    from django.conf import settings
    from django.core.mail import EmailMultiAlternatives, get_connection

    settings.configure()
    connection = get_connection("django.core.mail.backends.smtp.EmailBackend", host=HERE, port=task.port)

    def message(number: int) -> Any:
        made = EmailMultiAlternatives(
            SUBJECT, text_of(number), SENDER, [address_of(number)], reply_to=[REPLIES],
            headers={"Message-ID": f"<{number}@example.org>"}, connection=connection,
        )  # fmt: skip
        made.attach_alternative(html_of(number), "text/html")
        if not task.small:
            made.attach("application.pdf", PDF, "application/pdf")
            made.attach("dates.ics", DATES, "text/calendar")
        return made

    def send() -> int:
        taken: int = connection.send_messages([message(number) for number in range(task.letters)])
        return taken

    return timed(send, expected=task.letters)


def aiosmtplib(task: Task) -> Played:
    """One aiosmtplib client for each connection, kept open as its documentation shows, and email.message."""
    from aiosmtplib import SMTP

    async def client(numbers: Iterable[int]) -> int:
        taken = 0
        async with SMTP(hostname=HERE, port=task.port) as server:
            for number in numbers:
                await server.send_message(_email(number, task.small))
                taken += 1
        return taken

    async def all_clients() -> int:
        numbers = iter(range(task.letters))
        return sum(await asyncio.gather(*(client(numbers) for _ in range(task.connections))))

    return timed(lambda: asyncio.run(all_clients()), expected=task.letters)


WAYS: dict[str, Callable[[Task], Played]] = {
    RAW: raw,
    OURS: ours,
    DJANGO: django,
    "smtplib": standard_library,
    "aiosmtplib": aiosmtplib,
}


def timed(send: Callable[[], int], expected: int) -> Played:
    """Return what `send` took; it has to say how many letters the sink took, and all of them."""
    before, begun = _cpu(), perf_counter()
    taken = _profiled(send, os.environ[PROFILE]) if PROFILE in os.environ else send()
    played = Played(perf_counter() - begun, _cpu() - before)
    if taken != expected:
        raise SystemExit(f"{taken} of {expected} letters were taken; their speed would mean nothing")
    return played


def _profiled(send: Callable[[], int], into: str) -> int:
    from cProfile import Profile

    with Profile(thread_time) as profile:
        taken = send()
    profile.dump_stats(into)
    return taken


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Play the task given as JSON; where PROFILE names a file, a profile of the thread that sends is written there."""
    task = Task(**json.loads(sys.argv[1]))
    print(json.dumps(asdict(WAYS[task.way](task))))


if __name__ == "__main__":
    main()
