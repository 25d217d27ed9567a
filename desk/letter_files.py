"""Letters as files: the message as it leaves, and its text as it reads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from models.outgoing import Letter
from models.store import Store
from notifications.message import Attachment, AttachmentCache, Outgoing, compose


def save_letters(store: Store, letters: Iterable[Letter], folder: Path, *, text: bool = False) -> list[Path]:
    """Write each letter to `folder` as 001-circulation-healthwatch.eml, with `text` as .txt too; return the .eml files.

    Raises OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cache = AttachmentCache()
    saved = []
    for number, letter in enumerate(letters, start=1):
        path = folder / f"{number:03d}-{letter.draft.template}-{letter.draft.recipient}.eml"
        path.write_bytes(compose(_outgoing(store, letter), cache))
        if text:
            path.with_suffix(".txt").write_text(f"{letter.draft.subject}\n\n{letter.draft.text}", encoding="utf-8")
        saved.append(path)
    return saved


def _outgoing(store: Store, letter: Letter) -> Outgoing:
    draft = letter.draft
    with store.reading() as reading:
        papers = tuple(
            Attachment(e.filename, e.media_type, e.sha256, reading.document(e.sha256)) for e in draft.enclosures
        )
    return Outgoing(
        message_id=draft.message_id, date=letter.written_at, sender=draft.sender, reply_to=draft.reply_to,
        recipient=draft.address, subject=draft.subject, text=draft.text, html=draft.html, attachments=papers,
    )  # fmt: skip
