"""Composition: what is put into a message comes back out of it, and the bytes are safe to send."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.message import (
    Attachment,
    AttachmentCache,
    Composed,
    MalformedMessage,
    Outgoing,
    address_of,
    compose,
    composed,
    message_id,
)

PDF = Attachment.of("application.pdf", "application/pdf", bytes(range(256)) * 40)
DIARY = Attachment.of("Réponse.ics", "text/calendar; method=PUBLISH; charset=utf-8", b"BEGIN:VCALENDAR\r\n")
PLAIN = Outgoing(
    message_id="<0f9a@example.org>",
    date=datetime(2017, 8, 4, 10, 30, tzinfo=ZoneInfo("Europe/London")),
    sender="Southampton City Council, Public Health <public.health@example.org>",
    reply_to="replies@example.org",
    recipient="o'neill@example.org",
    subject="Reply by Friday 18 August 2017: proposed pharmacy consolidation, PC-2017-01",
    text="Please reply by Friday 18 August 2017.\n\n.\n..\nFrom the Director – £5 \n",
    html="<p>Please reply by <b>Friday 18 August 2017</b>.</p>\n" + "<p>" + "x" * 3000 + "</p>\n",
    attachments=(PDF, DIARY),
)

PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]))
LINES = st.text(st.characters(codec="utf-8", exclude_characters="\r"))


def parsed(outgoing: Outgoing) -> EmailMessage:
    """The message as a mail program reads it."""
    message = message_from_bytes(compose(outgoing, AttachmentCache()), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    """The text or HTML part, with line feeds."""
    body = message.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


def test_every_part_comes_back_as_it_was_given() -> None:
    """Headers, both parts and the attachments survive; nothing is found wrong with the message."""
    message = parsed(PLAIN)
    assert message.defects == []
    assert message["From"] == '"Southampton City Council, Public Health" <public.health@example.org>'
    assert message["To"] == "o'neill@example.org"
    assert message["Reply-To"] == "replies@example.org"
    assert message["Subject"] == PLAIN.subject
    assert message["Date"].datetime == PLAIN.date
    assert message["Message-ID"] == "<0f9a@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert (part(message, "plain"), part(message, "html")) == (PLAIN.text, PLAIN.html)
    pdf, diary = message.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type(), pdf.get_content()) == (
        "application.pdf",
        "application/pdf",
        PDF.content,
    )
    assert diary.get_filename() == "Réponse.ics"
    assert diary["Content-Type"].params["method"] == "PUBLISH"
    assert diary.get_payload(decode=True) == DIARY.content


def test_the_structure_is_the_one_the_standard_library_would_give() -> None:
    """The parts stand in the same tree as in a message made by email.message."""
    made = EmailMessage(policy=policy.SMTP)
    made.set_content(PLAIN.text)
    made.add_alternative(PLAIN.html, subtype="html")
    assert tree(parsed(replace(PLAIN, attachments=()))) == tree(made)
    made.add_attachment(PDF.content, "application", "pdf", filename=PDF.filename)
    made.add_attachment(DIARY.content, "text", "calendar", filename=DIARY.filename)
    assert tree(parsed(PLAIN)) == tree(made)


def test_headers_and_papers_are_the_bytes_that_the_standard_library_would_write() -> None:
    """What is written here without email.message is what it writes: each header in one line, and the base64."""
    made = EmailMessage(policy=policy.SMTP)
    made["To"], made["Reply-To"], made["Date"] = PLAIN.recipient, PLAIN.reply_to, PLAIN.date
    made["Message-ID"], made["Auto-Submitted"] = PLAIN.message_id, "auto-generated"
    made.set_content(PDF.content, "application", "pdf")
    head, body = made.as_bytes().split(b"\r\n\r\n")
    ours = compose(PLAIN, AttachmentCache())
    headers = [line for line in head.split(b"\r\n") if line.split(b":")[0] not in (b"Content-Type",)]
    assert len(headers) == 7
    assert set(headers) <= set(ours.split(b"\r\n"))
    assert b"\r\n\r\n" + body + b"\r\n--" in ours


@pytest.mark.parametrize("papers", [(), (PDF,), (PDF, DIARY)])
def test_a_message_in_pieces_is_the_same_message(papers: tuple[Attachment, ...]) -> None:
    """Size, fingerprint and the bytes as SMTP transfers them are those of the whole; papers are not copied."""
    outgoing, cache = replace(PLAIN, attachments=papers), AttachmentCache()
    whole, pieces = compose(outgoing, cache), composed(outgoing, cache)
    assert (bytes(pieces), len(pieces), pieces.sha256()) == (whole, len(whole), sha256(whole).hexdigest())
    assert b"".join(pieces.stuffed()) == b"".join(Composed.of(whole).stuffed())
    assert [piece is cache.encoded(paper) for piece, paper in zip(pieces.pieces[1::2], papers, strict=True)] == [
        True
    ] * len(papers)


def test_a_line_that_begins_with_a_dot_is_given_another() -> None:
    """At the very beginning, and after every line end."""
    assert b"".join(Composed.of(b".a\r\n..\r\nb.\r\n.\r\n").stuffed()) == b"..a\r\n...\r\nb.\r\n..\r\n"


def tree(message: EmailMessage) -> list[tuple[str, str | None, str | None]]:
    """Type, disposition and file name of every part, outermost first."""
    return [(p.get_content_type(), p.get_content_disposition(), p.get_filename()) for p in message.walk()]


def test_the_same_letter_is_the_same_bytes() -> None:
    """The message can be made again and proved to be the one that was sent."""
    assert compose(PLAIN, AttachmentCache()) == compose(replace(PLAIN), AttachmentCache())


@given(subject=PRINTABLE, name=PRINTABLE, text=LINES, html=LINES)
def test_any_letter_is_safe_to_send_and_reads_back(subject: str, name: str, text: str, html: str) -> None:
    """Whatever the words: ASCII, CRLF line ends, no line over 998 bytes, and the parts as they were given."""
    name = "".join(mark for mark in name if mark not in '"<>\\').strip() or "Public Health"
    outgoing = replace(
        PLAIN,
        subject=subject,
        sender=f"{name} <public.health@example.org>",
        text=text,
        html=html,
        attachments=(),
    )
    content = compose(outgoing, AttachmentCache())
    assert content.isascii()
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert (part(message, "plain"), part(message, "html")) == (text, html)
    assert len(message["From"].addresses) == 1
    assert message["From"].addresses[0].addr_spec == "public.health@example.org"


@pytest.mark.parametrize(
    "subject",
    [
        "Réponse d’ici au 18 août – " * 12 + "fin",
        "=?utf-8?q?Not_encoded?=",
        "x" * 2000,
        "Plain " * 60 + "end",
    ],
)
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    """Accents, great length and words that only look encoded all arrive unchanged."""
    assert parsed(replace(PLAIN, subject=subject))["Subject"] == subject


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"subject": "Reply\r\nBcc: everyone@example.org"}, "line break"),
        ({"sender": "Public\nHealth <public.health@example.org>"}, "line break"),
        ({"sender": "Public Health <public.health@example.org>, x@example.org"}, "one plain ASCII address"),
        ({"recipient": "Jo <jo@example.org>"}, "one plain ASCII address"),
        ({"recipient": "jo@example.org\r\nBcc: everyone@example.org"}, "one plain ASCII address"),
        ({"recipient": "jo@example.org,ann@example.org"}, "one plain ASCII address"),
        ({"reply_to": "zoë@example.org"}, "one plain ASCII address"),
        ({"message_id": "no brackets"}, "not a Message-ID"),
        ({"date": datetime(2017, 8, 4)}, "no time zone"),
        ({"attachments": (replace(PDF, content=b"another file"),)}, "not the one on record"),
        ({"attachments": (replace(PDF, filename="a\r\nb.pdf"),)}, "name of an attachment"),
        ({"attachments": (replace(PDF, filename="../b.pdf"),)}, "name of an attachment"),
        ({"attachments": (replace(PDF, media_type="pdf\r\nX: y"),)}, "not a media type"),
    ],
)
def test_what_would_make_another_message_is_refused(change: dict[str, object], complaint: str) -> None:
    """A header cannot be smuggled in, a second recipient not added, a paper not exchanged."""
    with pytest.raises(MalformedMessage, match=complaint):
        compose(replace(PLAIN, **change), AttachmentCache())  # type: ignore[arg-type]


def test_a_paper_is_encoded_once_for_a_whole_circulation() -> None:
    """The second letter gets the very object that was made for the first; the oldest paper makes room."""
    cache = AttachmentCache(capacity=20_000)
    first = cache.encoded(PDF)
    assert cache.encoded(replace(PDF, filename="copy.pdf")) is first
    cache.encoded(Attachment.of("other.pdf", "application/pdf", b"y" * 10_000))
    assert cache.encoded(PDF) is not first
    assert cache.encoded(PDF) == first


def test_a_message_id_tells_the_letter_and_not_the_person() -> None:
    """Case, step and role fix it; each of them changes it; no part of them can be read from it."""
    known = message_id("PC-2017-01", "circulated:1", "ward-member:bargate", "example.org")
    assert known == message_id("PC-2017-01", "circulated:1", "ward-member:bargate", "example.org")
    others = {
        message_id("PC-2017-02", "circulated:1", "ward-member:bargate", "example.org"),
        message_id("PC-2017-01", "circulated:2", "ward-member:bargate", "example.org"),
        message_id("PC-2017-01", "circulated:1", "ward-member:bevois", "example.org"),
        message_id("PC-2017-01circulated:1", "", "ward-member:bargate", "example.org"),
    }
    assert len(others | {known}) == 5
    assert "bargate" not in known
    assert known.startswith("<")
    assert known.endswith("@example.org>")


def test_the_envelope_takes_the_address_alone() -> None:
    """A comma in the council's name does not make two senders."""
    assert address_of(PLAIN.sender) == "public.health@example.org"
    assert address_of("public.health@example.org") == "public.health@example.org"
    with pytest.raises(MalformedMessage, match="one plain ASCII address"):
        address_of("Public Health")


def test_the_date_is_told_with_its_zone() -> None:
    """A British summer instant and the same instant in UTC are the same moment, each in its own words."""
    summer = compose(PLAIN, AttachmentCache())
    in_utc = compose(replace(PLAIN, date=PLAIN.date.astimezone(UTC)), AttachmentCache())
    assert b"\r\nDate: Fri, 04 Aug 2017 10:30:00 +0100\r\n" in summer
    assert b"\r\nDate: Fri, 04 Aug 2017 09:30:00 +0000\r\n" in in_utc
