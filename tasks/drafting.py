"""Writing a letter for a case: who holds the office that day, which words, which enclosures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any

from models.cases import Case
from models.facts import Fact
from models.london import LONDON
from models.outgoing import Draft, Enclosure
from models.pharmacy import PharmacyCase
from notifications.letters import lasting, render

MORNING = time(9, 0)  #: when the engine writes on a day of its own choosing, London time

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "png": "image/png",
    "jpg": "image/jpeg",
    "ics": "text/calendar; method=PUBLISH; charset=utf-8",
}


def write_to(
    case: Case,
    template: str,
    role: str,
    values: Mapping[str, object],
    enclosures: Sequence[Enclosure] = (),
) -> Draft:
    """Return a letter from `template` to whoever holds `role` today, with the values common to all letters.

    Raises models.council.Vacant when nobody holds the office, and
    notifications.letters.UnknownPlaceholder when the template wants a value that is not given.
    """
    council = case.council
    recipient = council.holder(role, case.today)
    told = {**common_values(case), "to_title": council.title(role, case.today), **values}
    rendered, lasts = render(template, told), lasting(template, told, case.now)
    return Draft(
        template=template, recipient=role, address=recipient.email,
        sender=f"{council.sender.from_name} <{council.sender.from_address}>",
        reply_to=council.sender.reply_to, subject=rendered.subject, text=rendered.text, html=rendered.html,
        enclosures=tuple(enclosures), good_until=lasts.good_until, of_use_until=lasts.of_use_until,
    )  # fmt: skip


def common_values(case: Case) -> Mapping[str, object]:
    """Return what any letter of a case may say: what its procedure gives, and who writes."""
    council = case.council
    return {
        **case.letter_values(),
        "case_ref": case.ref,
        "council_name": council.name,
        "signed_by_title": council.title(case.signs, case.today),
        "telephone": council.sender.telephone,
        "reply_to": council.sender.reply_to,
        "alternative_formats": council.alternative_formats,
        "privacy_notice": council.privacy_notice,
    }


def day_45_if_open(case: PharmacyCase) -> date | None:
    """Return day 45 where the sender stated an earlier day and day 45 is not over: then nothing is late in law."""
    computed = case.computed_represent_by
    earlier_stated = case.represent_by.last_day < computed.last_day
    return computed.last_day if earlier_stated and not computed.passed(case.now) else None


def enclosure_of(document: Fact) -> Enclosure:
    """Return the enclosure that an attached document makes."""
    return Enclosure(document["filename"], media_type(document["filename"]), document["sha256"])


def enclose(filename: str, content: bytes) -> tuple[Enclosure, dict[str, bytes]]:
    """Return an enclosure made now, and its content by SHA-256 for the step to keep."""
    digest = sha256(content).hexdigest()
    return Enclosure(filename, media_type(filename), digest), {digest: content}


def media_type(filename: str) -> str:
    """Return the media type that a file's ending stands for."""
    return MEDIA_TYPES.get(filename.rpartition(".")[2].lower(), "application/octet-stream")


def morning_of(day: date) -> datetime:
    """Return 09:00 in London on a day, aware: when reminders and warnings are written."""
    return datetime.combine(day, MORNING, LONDON)


def concerning(case: Case) -> dict[str, Any]:
    """Return what a letter of any procedure says of its case: what it concerns, and the day it stands or falls with."""
    stands_by = case.must_be_done_by
    return {"concerns": case.subject, "reference": case.reference, "stands_by": stands_by.last_day if stands_by else ""}


def listed(case: Case, roles: Sequence[str]) -> str:
    """Return the titles of roles in one line, "none" when there are none."""
    return ", ".join(case.council.title(role, case.today) for role in roles) or "none"
