"""The section of a council file on grants: the bodies that must agree, in which order, and when their papers go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.council_file import wrong
from models.council_procedures import CountingDown, Days, Policy
from models.council_sections import BodyId, Id, RoleId, RoleIds, Section, Text


class PapersOut(Section):
    """How many clear working days before a meeting its papers must be out, and by whose rule or for what reason."""

    clear_working_days: Days
    source: Text | None = None
    urgent: Text | None = None  #: by what power the chair takes a late item as urgent; None where no law gives one
    why: Text | None = None

    @model_validator(mode="after")
    def _explained(self) -> Self:
        """Refuse a number that nobody answers for."""
        if not self.source and not self.why:
            raise wrong("a 'source' for the number of days, or a 'why' where it is local policy")
        return self


class AskedBody(Section):
    """A body that is asked about a grant, and who is told when its meeting comes near."""

    body: BodyId
    papers: PapersOut
    clerk: RoleId
    source: Text


class ChainStage(AskedBody):
    """A stage in the first year: what the body is asked, for how much, and which stages must have agreed before it."""

    asked: Literal["agree-in-principle", "approve", "accept", "ratify"]
    amount: Literal["whole grant", "first year"]
    after: tuple[Id, ...] = ()


class LaterStage(AskedBody):
    """A body before which each later year's part comes, and in which month of the year that it begins."""

    month: Annotated[int, Field(ge=1, le=12)]
    why: Text | None = None


class Grants(Section):
    """How the council agrees what it does with a grant."""

    responsible_officer: RoleId
    concerned: RoleIds
    chain: Mapping[Id, ChainStage]
    later_years: Mapping[Id, LaterStage] = {}
    reminder_days: Policy[CountingDown]
    source: Text

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """Refuse a chain without end, or one in which a stage waits for what does not come before it."""
        before: list[str] = []
        for key, stage in self.chain.items():
            late = [each for each in stage.after if each not in before]
            if late:
                raise wrong(f"'{key}' to come after stages above it alone, not after {', '.join(late)}")
            before.append(key)
        if not before or [stage.asked for stage in self.chain.values()].count("ratify") != 1:
            raise wrong("a chain with one stage that is asked to ratify")
        return self
