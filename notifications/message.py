"""Composition: a letter and its papers as the bytes that leave the building, the same bytes each time."""

from __future__ import annotations

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote

_CRLF = b"\r\n"
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
_MAILBOX = re.compile(r'"?([^"<>\\]*[^"<>\\\s])"?\s*<([^<>]*)>')
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+(; [a-z0-9-]+=[A-Za-z0-9._-]+)*")
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[A-Za-z0-9.-]+>")


class MalformedMessage(ValueError):
    """A header cannot hold its value, or a file does not match its fingerprint. Nothing was sent."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A paper that goes with a letter.

    `media_type` may carry parameters ("text/calendar; method=PUBLISH"); `sha256` is the fingerprint of
    `content` in lower-case hexadecimal, as the record holds it.
    """

    filename: str
    media_type: str
    sha256: str
    content: bytes

    @classmethod
    def of(cls, filename: str, media_type: str, content: bytes) -> Attachment:
        """Return an attachment with the fingerprint of its content."""
        return cls(filename, media_type, sha256(content).hexdigest(), content)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one person, ready to be composed.

    `message_id` stands in angle brackets, `date` is aware, `sender` is "Name <address>", `reply_to` and
    `recipient` are plain addresses. Lines of `text` and `html` end with a line feed.
    """

    message_id: str
    date: datetime
    sender: str
    reply_to: str
    recipient: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    """A whole message in the pieces it was put together from, so that its papers are not copied for each letter.

    `pieces` are words and papers by turns, words first; papers are base64 in whole lines.
    """

    pieces: tuple[bytes, ...]

    @classmethod
    def of(cls, message: bytes) -> Composed:
        """Return bytes made elsewhere as a message. Raises MalformedMessage unless every line ends with CRLF."""
        lines = message.count(b"\n")
        if not (lines == message.count(b"\r\n") == message.count(b"\r")) or not message.endswith(_CRLF):
            raise MalformedMessage(
                "The message's lines do not all end with CRLF; compose it with notifications.message.compose."
            )
        return cls((message,))

    def __bytes__(self) -> bytes:
        """Return the message in one piece."""
        return b"".join(self.pieces)

    def __len__(self) -> int:
        """Return how many bytes the message has."""
        return sum(map(len, self.pieces))

    def sha256(self) -> str:
        """Return the SHA-256 (hex) of the message, byte for byte."""
        told = sha256()
        for piece in self.pieces:
            told.update(piece)
        return told.hexdigest()

    def stuffed(self) -> Iterator[bytes]:
        """Give the pieces as SMTP transfers them: a line that begins with a dot gets another before it.

        Only words are looked through: base64 has no dots, and papers end a line, so that words begin one.
        """
        for number, piece in enumerate(self.pieces):
            yield piece if number % 2 else _with_dots(piece)


def _with_dots(words: bytes) -> bytes:
    stuffed = words.replace(b"\n.", b"\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


class AttachmentCache:
    """Papers in base64, encoded once for the whole circulation: up to `capacity` bytes, oldest out first."""

    def __init__(self, capacity: int = 64 * 1024 * 1024) -> None:
        self._capacity = capacity
        self._held: dict[str, bytes] = {}
        self._size = 0

    def encoded(self, attachment: Attachment) -> bytes:
        """Return the content in base64, in lines of 76 that end with CRLF.

        Raises MalformedMessage if the content does not have the fingerprint it was recorded under.
        """
        held = self._held.get(attachment.sha256)
        if held is not None:
            return held
        if sha256(attachment.content).hexdigest() != attachment.sha256:
            raise MalformedMessage(
                f"The file {attachment.filename!r} is not the one on record: "
                f"its fingerprint is not {attachment.sha256}. "
                "Attach the file again."
            )
        encoded = encodebytes(attachment.content).replace(b"\n", _CRLF)
        self._keep(attachment.sha256, encoded)
        return encoded

    def _keep(self, fingerprint: str, encoded: bytes) -> None:
        self._held[fingerprint] = encoded
        self._size += len(encoded)
        while self._size > self._capacity:
            self._size -= len(self._held.pop(next(iter(self._held))))


def message_id(case_ref: str, step_key: str, recipient_role: str, domain: str) -> str:
    """Return the Message-ID of the letter that this step of this case owes this recipient.

    `case_ref` is whatever tells the case from every other. The same three always give the same identifier, so a
    letter sent twice is recognised; it tells no name.
    """
    told = "\x1f".join((case_ref, step_key, recipient_role)).encode()
    return f"<{sha256(told).hexdigest()[:40]}@{domain}>"


def address_of(mailbox: str) -> str:
    """Return the plain address of "Name <address>"; a comma in the name is part of the name.

    Raises MalformedMessage if there is no plain ASCII address in it.
    """
    found = _MAILBOX.fullmatch(mailbox)
    return _address("From", found[2] if found else mailbox)


def compose(outgoing: Outgoing, encoded: AttachmentCache) -> bytes:
    """Return the message in the form of RFC 5322 and MIME: ASCII, CRLF line ends, no line over 998 bytes.

    The same `outgoing` always gives the same bytes. Raises MalformedMessage if a header cannot hold its
    value, an address is not ASCII, the date has no time zone, or a file does not match its fingerprint.
    """
    return bytes(composed(outgoing, encoded))


def composed(outgoing: Outgoing, encoded: AttachmentCache) -> Composed:
    """Return the message that `compose` gives, in pieces; its papers are those that `encoded` keeps."""
    boundary = _boundary(outgoing.message_id, "alternative")
    told = (_text("plain", outgoing.text), _text("html", outgoing.html))
    parts = b"".join(b"--%b\r\n%b\r\n" % (boundary, part) for part in told)
    words = _multipart_head("alternative", boundary) + parts + b"--%b--\r\n" % boundary
    if not outgoing.attachments:
        return Composed((_headers(outgoing) + words,))
    boundary = _boundary(outgoing.message_id, "mixed")
    words = b"%b%b--%b\r\n%b\r\n" % (_headers(outgoing), _multipart_head("mixed", boundary), boundary, words)
    pieces: list[bytes] = []
    for attachment in outgoing.attachments:
        head = _attachment_head(attachment.filename, attachment.media_type)
        pieces += (b"%b--%b\r\n%b" % (words, boundary, head), encoded.encoded(attachment))
        words = _CRLF
    return Composed((*pieces, b"\r\n--%b--\r\n" % boundary))


def _headers(outgoing: Outgoing) -> bytes:
    if not _MESSAGE_ID.fullmatch(outgoing.message_id):
        raise MalformedMessage(f"{outgoing.message_id!r} is not a Message-ID; make one with message_id().")
    if outgoing.date.tzinfo is None:
        raise MalformedMessage(f"The date {outgoing.date.isoformat()} has no time zone; give an aware datetime.")
    lines = (
        _mailbox_header("From", outgoing.sender),
        f"To: {_address('To', outgoing.recipient)}",
        f"Reply-To: {_address('Reply-To', outgoing.reply_to)}",
        _text_header("Subject", outgoing.subject),
        f"Date: {format_datetime(outgoing.date)}",
        f"Message-ID: {outgoing.message_id}",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
    )
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


@lru_cache(maxsize=1024)
def _text_header(name: str, value: str) -> str:
    """Return a folded header; words outside ASCII, or that look encoded already, are encoded."""
    if _UNPRINTABLE.search(value):
        raise MalformedMessage(f"The {name} {value!r} holds a line break or control character; write it on one line.")
    foldable = all(len(word) <= 60 for word in value.split(" "))
    charset = "us-ascii" if value.isascii() and "=?" not in value and foldable else "utf-8"
    return f"{name}: {Header(value, charset, header_name=name).encode(linesep=_CRLF.decode())}"


@lru_cache(maxsize=64)
def _mailbox_header(name: str, mailbox: str) -> str:
    address = address_of(mailbox)
    found = _MAILBOX.fullmatch(mailbox)
    if not found:
        return f"{name}: {address}"
    person = found[1]
    folded = _text_header(name, person)
    if "=?" not in folded:
        folded = f'{name}: "{person}"'
    return f"{folded}\r\n <{address}>"


def _address(header: str, address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise MalformedMessage(
            f"{address!r} cannot stand in {header}: give one plain ASCII address, such as name@example.org."
        )
    return address


def _boundary(seed: str, kind: str) -> bytes:
    # "=_" never occurs in quoted-printable or base64, so no part can hold the boundary.
    return f"=_{sha256(f'{seed}/{kind}'.encode()).hexdigest()[:32]}".encode()


def _multipart_head(kind: str, boundary: bytes) -> bytes:
    return b'Content-Type: multipart/%b;\r\n boundary="%b"\r\n\r\n' % (kind.encode(), boundary)


def _text(subtype: str, text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    return (
        b'Content-Type: text/%b; charset="utf-8"\r\n'
        b"Content-Language: en-GB\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n%b"
        # the encoder takes over the first line end it meets, so it is given one kind only
        % (subtype.encode(), b2a_qp(lines).replace(b"\n", _CRLF))
    )


@lru_cache(maxsize=256)
def _attachment_head(filename: str, media_type: str) -> bytes:
    if not _MEDIA_TYPE.fullmatch(media_type):
        raise MalformedMessage(f"{media_type!r} is not a media type, such as application/pdf.")
    head = (
        f"Content-Type: {media_type}\r\n"
        f"Content-Disposition: attachment;\r\n {_filename(filename)}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode("ascii")


def _filename(filename: str) -> str:
    if _UNPRINTABLE.search(filename) or not filename or "/" in filename or "\\" in filename:
        raise MalformedMessage(f"{filename!r} cannot be the name of an attachment; use a plain file name.")
    if filename.isascii():
        escaped = filename.replace('"', '\\"')
        return f'filename="{escaped}"'
    return f"filename*=utf-8''{quote(filename, safe='')}"
