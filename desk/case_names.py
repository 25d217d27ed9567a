"""How a case is named at every door: PC-2026-001, however it was typed."""

from __future__ import annotations

from typing import Annotated, TypeVar

import typer

Typed = TypeVar("Typed", str, str | None)


def case_named(typed: Typed) -> Typed:
    """Return a reference typed in small letters or with spaces as it is kept; None where none was."""
    return "".join(typed.split()).upper() if typed is not None else typed


Case = Annotated[str, typer.Argument(metavar="CASE", callback=case_named, help="The case, such as PC-2017-001")]
