"""`cleardays verify`: an evidence file judged, beside daily heads that somebody kept; no database, no settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from desk.evidence_anew import judge_account, made_by
from models.evidence_check import Verdict, judge
from models.evidence_form import Field
from models.evidence_record import Files
from models.evidence_zip import Archive
from models.facts import read_instant
from models.heads import HeadsError, parse_heads
from notifications.message import Attachment, AttachmentCache, MalformedMessage, Outgoing, compose

FIRST_BYTES = b"cleardays-heads "
LARGEST_KEPT = 100 * 1024**2  #: bytes of a file or letter with heads
VERIFY_TEXTS = frozenset({
    "df1296fc4c14f11f75a9561029c0fbbc07c09b57721b89fe5afbd6cf488dbdf5",
    "677096c98741f1f65cf0fb7951c574674c481af8b2c432dbafbfe1901783ed83",
    "fefe2da54b4d3e2bc8ad836f9ede2163e956102e56f25fdab9f452274577629e",
    "4f2faa74b8ede795e8b743db700f39454ea6fd027024216df557381c259d97aa",
    "6c75dc559a648fc84adfcca431cbbdb561a758148d2c7e211e3ebaa7d1b66913",
    "9e8041b5fdd2efe34057de98c257141207144b1f2eabddda100aa2a0c12dac5d",
})  # fmt: skip
"""The SHA-256 of each text that VERIFY.txt has had, oldest first: a file of an older Cleardays holds an older one."""


def verify_file(path: Path, heads: Path | None = None) -> Verdict:
    """Return what is found in the evidence file at `path`, against the heads in a file or folder where one is given.

    Raises NoEvidenceFile for what cannot be read as evidence, ValueError for heads that cannot be read, OSError.
    """
    kept = list(kept_heads(heads)) if heads is not None else []
    return verify_files(Archive(path), kept)


def verify_files(files: Files, kept: list[tuple[str, bytes]] | None = None) -> Verdict:
    """Return what is found in the files of an evidence file; `kept` are files of heads with their names."""
    verdict = judge(files, Composer(files), VERIFY_TEXTS, kept or [])
    judge_account(files, verdict)
    if verdict.about.made_by != made_by():
        verdict.notes.append(
            f"It was made by {verdict.about.made_by}; this is {made_by()}, which composes letters again where the "
            "record does not hold what left"
        )
    return verdict


class Composer:
    """Composes the letters of an evidence file anew from their fields and its own attachments."""

    def __init__(self, files: Files) -> None:
        """Read attachments from `files`."""
        self._files = files
        self._names = {name.partition("/")[2][:64]: name for name in files.names if name.startswith("documents/")}
        self._cache = AttachmentCache()

    def __call__(self, fields: Mapping[str, Field], at: str) -> bytes | None:
        """Return the message of a letter written at an instant of the record, or None where something is not here."""
        try:
            value = {name: field.value for name, field in fields.items() if not field.withheld}
            papers = tuple(
                Attachment(filename, media_type, digest, self._files.read(self._names[digest]))
                for filename, media_type, digest in value["enclosures"]
            )
            return compose(
                Outgoing(
                    message_id=value["message_id"], date=read_instant(at), sender=value["sender"],
                    reply_to=value["reply_to"], recipient=value["address"], subject=value["subject"],
                    text=value["text"], html=value["html"], attachments=papers,
                ),
                self._cache,
            )  # fmt: skip
        except (KeyError, ValueError, TypeError, MalformedMessage, AttributeError):
            return None


# -- heads that were kept ----------------------------------------------------------------------------------------------


def kept_heads(place: Path) -> Iterator[tuple[str, bytes]]:
    """Give each file of daily heads in a file or a folder, with its name: plain, or within the letter that brought it.

    Raises ValueError when there is none, or one of them cannot be read.
    """
    if not place.exists():
        raise ValueError(f"{place} is not there; --heads takes a file of daily heads, its letter, or a folder of them")
    files = sorted(each for each in place.rglob("*") if each.is_file()) if place.is_dir() else [place]
    count = 0
    for file in files:
        if file.stat().st_size > LARGEST_KEPT:
            raise ValueError(f"{file} is far larger than daily heads or their letter are")
        content = file.read_bytes()
        if content.startswith(FIRST_BYTES):
            found = [(file.name, content)]
        elif place.is_file() or file.suffix.lower() in (".eml", ".msg", ".txt"):
            found = list(_enclosed(file.name, content))
        else:
            found = []
        for name, heads in found:
            count += 1
            try:
                parse_heads(heads)
            except HeadsError as error:
                raise ValueError(f"{file}: {error}") from error
            yield name, heads
    if count == 0:
        raise ValueError(f"{place} holds no daily heads; they begin with the line 'cleardays-heads 1'")


def _enclosed(name: str, letter: bytes) -> Iterator[tuple[str, bytes]]:
    message: Message = message_from_bytes(letter)
    for part in message.walk():
        content = part.get_payload(decode=True) if not part.is_multipart() else None
        if isinstance(content, bytes) and (content := content.replace(b"\r\n", b"\n")).startswith(FIRST_BYTES):
            yield f"{name}: {part.get_filename() or 'heads'}", content
