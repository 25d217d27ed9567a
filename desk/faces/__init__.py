"""The face of each procedure: how its cases are told to an officer, at the command line and in the Prefect UI."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from desk.tables import Cell
from models.cases import Case


@dataclass(frozen=True, slots=True)
class Move:
    """One thing an officer can do that the case waits for, and the command that does it.

    Words in capitals are the officer's to fill in: typed as it stands, the command is refused and names the choices.
    """

    what: str
    command: str


@dataclass(frozen=True, slots=True)
class People:
    """Those whom a case concerns, by office: consultees, signatories, members of a board."""

    title: str  #: "Consultees"
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    summary: str = ""  #: a sentence below the table


@dataclass(frozen=True, slots=True)
class PlanFace:
    """A plan laid back from the last day, where a procedure has one; each says nothing once it is carried out."""

    title: str
    markdown: Callable[[Any], str]
    print: Callable[[Any], None]
    explained: Callable[[Any], Sequence[str]]


def nothing(case: Any) -> list[str]:
    """Return no sentence."""
    return []


def no_more(case: Any) -> dict[str, Any]:
    """Return nothing beyond what every case tells."""
    return {}


@dataclass(frozen=True, slots=True)
class Face:
    """What differs between procedures when a case is told."""

    what_it_is: Callable[[Any], Sequence[str]]  #: sentences: what the case is about
    sentences: Mapping[str, str]  #: for each kind of fact a sentence with its fields in braces
    milestones: Mapping[str, str]  #: for each kind of fact shown on the timeline, its words there
    moves: Callable[[Any], Sequence[Move]]  #: what would move the case on, the most pressing first
    people: Callable[[Any], People | None]  #: None before anybody is concerned
    outstanding: Callable[[Any], Sequence[str]] = field(default=nothing)  #: what is missing or to be looked into
    in_a_line: Callable[[Any], str] = field(default=lambda case: "")  #: Markdown beside the reference, on its pages
    flags: Callable[[Any], Sequence[str]] = field(default=nothing)  #: Markdown that begins bold: "Late.** It …"
    gate: Callable[[Any], str | None] = field(default=lambda case: None)  #: likewise: why what is next cannot be done
    people_page: Callable[[Any], str] | None = None  #: Markdown of those concerned, where a table says too little
    plan: PlanFace | None = None
    as_dict: Callable[[Any], Mapping[str, Any]] = field(default=no_more)  #: in plain JSON values, for --json


PLACES: Mapping[str, str] = {
    "pharmacy-consolidation": "desk.faces.pharmacy:FACE",
    "key-decision": "desk.faces.key_decision:FACE",
    "better-care-plan": "desk.faces.better_care:FACE",
    "grant": "desk.faces.grant:FACE",
    "joint-commissioning-item": "desk.faces.joint_commissioning:FACE",
    "daily-heads": "desk.faces.daily_heads:FACE",
}
"""Where the face of each procedure, and of the registers kept beside them, is written down."""


def face_of(case: Case) -> Face:
    """Return the face of the procedure that a case follows."""
    return _loaded(PLACES[case.record.procedure])


@cache
def _loaded(place: str) -> Face:
    module, _, name = place.partition(":")
    found: Face = getattr(import_module(module), name)
    return found
