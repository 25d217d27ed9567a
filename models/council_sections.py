"""The sections of a council file: kinds of value, people, roles with their holders by date, and wards."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from models.council_file import clash, one_of, wrong

WARD_MEMBERS = "ward-members"
"""Stands in a list of consultees for the members of the wards that a case affects."""

Organisation = Literal["council", "ccg", "icb", "nhs-england", "nhs-trust", "healthwatch", "other"]
Item = TypeVar("Item")


@dataclass(frozen=True)
class KnownIds:
    """The ids a file defines, against which each reference in it is checked."""

    people: tuple[str, ...]
    roles: tuple[str, ...]
    bodies: tuple[str, ...]
    fingerprint: str = ""

    @classmethod
    def of(cls, data: object, fingerprint: str) -> KnownIds:
        """Return the ids found in a file's plain data, which may still be wrong in other places."""
        sections = data if isinstance(data, Mapping) else {}

        def ids(kind: str) -> tuple[str, ...]:
            section = sections.get(kind)
            return tuple(section) if isinstance(section, Mapping) else ()

        return cls(ids("people"), ids("roles"), ids("bodies"), fingerprint)


class Section(BaseModel):
    """A part of a council file: read-only, and with no key that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


# --- kinds of value -------------------------------------------------------------------------------


def _matching(pattern: str, expected: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise wrong(expected)
        return value

    return check


def _text(value: str) -> str:
    if not value.strip():
        raise wrong("some text")
    return value.strip()


def _email(value: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(value, check_deliverability=False, allow_smtputf8=False)
        return found.ascii_email or found.normalized  # a letter's headers and Message-ID are ASCII
    except EmailNotValidError as error:
        raise wrong(f"an e-mail address such as name@example.org ({str(error).rstrip('.')})") from error


def _id_of(kind: str, also: tuple[str, ...] = ()) -> Callable[[str, ValidationInfo], str]:
    """Return the check that a value is the id of something this file defines."""

    def check(value: str, info: ValidationInfo) -> str:
        known = (*also, *getattr(info.context, kind))
        if value not in known:
            raise wrong(f"an id from '{kind}' in this file ({one_of(known, value)})")
        return value

    return check


def not_empty(values: tuple[Item, ...]) -> tuple[Item, ...]:
    """Return the entries of a list that must have one, otherwise raise what is expected."""
    if not values:
        raise wrong("a list of at least one")
    return values


def _no_repeats(values: tuple[Item, ...]) -> tuple[Item, ...]:
    pairs = [(values.index(value), place) for place, value in enumerate(values)]
    repeated = [(first, place) for first, place in pairs if first != place]
    if repeated:
        raise clash(repeated, "each entry once")
    return values


def _in_order(values: tuple[date, ...]) -> tuple[date, ...]:
    steps = enumerate(pairwise(values))
    out = [(place, place + 1) for place, (earlier, later) in steps if earlier >= later]
    if out:
        raise clash(out, "dates in order, each once")
    return values


Text = Annotated[str, AfterValidator(_text)]
MailName = Annotated[
    Text,
    AfterValidator(_matching(r'[^"<>\\\x00-\x1f\x7f-\x9f\u2028\u2029]+', 'a name on one line without " < > \\')),
]
Id = Annotated[
    str,
    AfterValidator(
        _matching(
            r"[a-z0-9]+(-[a-z0-9]+)*",
            "an id in small letters, figures and hyphens, like ward-member-shirley-1",
        )
    ),
]
Email = Annotated[str, AfterValidator(_email)]
Telephone = Annotated[
    str, AfterValidator(_matching(r"\+?[0-9][0-9 ]{6,}", "a telephone number in figures and spaces"))
]
WebAddress = Annotated[
    str, AfterValidator(_matching(r"https://[^\s/]+\S*", "a web address that begins with https://"))
]
PersonId = Annotated[str, AfterValidator(_id_of("people"))]
RoleId = Annotated[str, AfterValidator(_id_of("roles"))]
BodyId = Annotated[str, AfterValidator(_id_of("bodies"))]
ConsulteeId = Annotated[str, AfterValidator(_id_of("roles", also=(WARD_MEMBERS,)))]
RoleIds = Annotated[tuple[RoleId, ...], AfterValidator(not_empty), AfterValidator(_no_repeats)]
ConsulteeIds = Annotated[tuple[ConsulteeId, ...], AfterValidator(not_empty), AfterValidator(_no_repeats)]
DatesInOrder = Annotated[tuple[date, ...], AfterValidator(_in_order)]


# --- what has a beginning and an end --------------------------------------------------------------


def not_before_start(ends_on: date | None, info: ValidationInfo) -> date | None:
    """Return an end that is not before its beginning, otherwise raise what is expected."""
    starts_on = info.data.get("starts_on")
    if ends_on and starts_on and ends_on < starts_on:
        raise wrong(f"a date on or after its 'from', {starts_on}")
    return ends_on


class Dated(Section):
    """Something that holds from a day to a day, both included; no end means until further notice."""

    starts_on: date = Field(alias="from")
    ends_on: Annotated[date | None, AfterValidator(not_before_start)] = Field(None, alias="until")

    def covers(self, on: date) -> bool:
        """Tell whether it holds on a day."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)

    def meets(self, other: Dated) -> bool:
        """Tell whether some day belongs to both."""
        first, second = sorted((self, other), key=lambda dated: dated.starts_on)
        return first.covers(second.starts_on)


DatedItem = TypeVar("DatedItem", bound=Dated)


def no_overlap(entries: tuple[DatedItem, ...]) -> tuple[DatedItem, ...]:
    """Return the entries when no day belongs to two of them, otherwise raise a clash of each pair."""
    pairs = [
        (first, second)
        for second, entry in enumerate(entries)
        for first in range(second)
        if entries[first].meets(entry)
    ]
    if pairs:
        raise clash(pairs, "the earlier entry to have an 'until' before the later one's 'from'")
    return entries


# --- people, roles, wards -------------------------------------------------------------------------


class Person(Section):
    """Someone a letter can be addressed to, or a team's shared mailbox."""

    name: Text
    email: Email
    telephone: Telephone | None = None


class Tenure(Dated):
    """Who held a role, from when until when."""

    person: PersonId


class Renaming(Section):
    """A role's new title, and the organisation it then belongs to, from a day on."""

    starts_on: date = Field(alias="from")
    title: Text
    organisation: Organisation


def _renamed_in_order(entries: tuple[Renaming, ...]) -> tuple[Renaming, ...]:
    _in_order(tuple(entry.starts_on for entry in entries))
    return entries


class Role(Section):
    """An office: its title and organisation, both of which may change by date, and who holds it when."""

    title: Text
    organisation: Organisation
    renamed: Annotated[tuple[Renaming, ...], AfterValidator(_renamed_in_order)] = ()
    held_by: Annotated[tuple[Tenure, ...], AfterValidator(not_empty), AfterValidator(no_overlap)]

    def title_on(self, on: date) -> str:
        """Return what the role is called on a day."""
        return self._named(on).title

    def organisation_on(self, on: date) -> str:
        """Return which organisation the role belongs to on a day."""
        return self._named(on).organisation

    def _named(self, on: date) -> Role | Renaming:
        return next((name for name in reversed(self.renamed) if name.starts_on <= on), self)


class Ward(Section):
    """A ward of the council and the roles of its members."""

    name: Text
    members: RoleIds
