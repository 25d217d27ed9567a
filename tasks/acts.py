"""What a verb is: its form, whose power it is, and the one fact it records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from models.facts import Fact, Payload
from tasks.authority import Kind
from tasks.forms import Form
from tasks.powers import Power

F = TypeVar("F", bound=Form)
ReadFile = Callable[[Path], bytes]


@dataclass(frozen=True, slots=True)
class Act:
    """What a verb does: one fact, the documents it keeps, and a sentence for the officer."""

    kind: str
    payload: Payload
    says: str
    documents: Mapping[str, bytes] = field(default_factory=dict)
    cancels_letters: str | None = None  #: letters whose key begins so, and that nobody has begun to send, fall away


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a verb: the fact recorded, and a sentence for the officer."""

    case: str
    fact: Fact
    says: str


@dataclass(frozen=True, slots=True)
class Verb(Generic[F]):
    """One thing an officer can do: its form, who does it unless said otherwise, and what it does."""

    name: str
    title: str  #: as the Prefect UI lists it
    form: type[F]
    act: Callable[[Any, F, ReadFile], Act]  #: the case, the form, and how to read a file
    needs: Kind  #: the kind of authority it takes: see tasks.authority
    on_closed: bool = False  #: whether it is taken on a closed case
    power: Callable[[Any], Power] | None = None  #: whose power it is; None: any officer of the procedure may do it
    power_by: Callable[[Any, F], Power] | None = None  #: whose power it is by what the form says; else `power`
    also: str = ""  #: in words, who else may where the form alone says which office that is
    example: str = ""  #: options of the command line, as an example

    def __post_init__(self) -> None:
        """Refuse a decision or a direction that is nobody's, and a power over what any officer does."""
        if (self.needs in (Kind.DECISION_MAKER, Kind.CHAIR)) != (self.power is not None):
            raise ValueError(
                f"the verb {self.name}, which needs authority ({self.needs}): what takes a decision-maker or a "
                "chair says by 'power' who that is, and nothing else does"
            )
        if self.power_by is not None and self.power is None:
            raise ValueError(f"the verb {self.name} says by 'power' who may whatever its form says (power_by)")
