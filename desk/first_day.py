"""The first day of a case that nobody has opened: entered in memory as its procedure's example, to see its dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import yaml

from desk.rehearsal import Rehearsal
from desk.scenario import TextLoader
from models.cases import Case
from models.council import Council
from models.london import date_in_london
from tasks.forms import Form, Refused, read_form
from tasks.procedures import Procedure


@dataclass(frozen=True, slots=True)
class FirstDay:
    """A case as it stands once the desk has looked at it for the first time, and what it was entered with."""

    case: Case
    says: str  #: what the officer would be told
    fields: Mapping[str, Any]


def first_day(procedure: Procedure, council: Council, on: date, given: Mapping[str, str]) -> FirstDay:
    """Return the case that begins `on` a day in London, entered as the procedure's example with `given` over it.

    The example's days keep their distance from its first. One that may be left out, and that is refused on its new
    day, is left out. Raises Refused for a field that is wrong.
    """
    unknown = [name for name in given if name not in procedure.opening.form.model_fields]
    if unknown:
        known = ", ".join(procedure.opening.form.model_fields)
        name = procedure.title.lower()
        raise Refused(f"{', '.join(map(repr, unknown))} is not entered for a {name}; there are {known}")
    example = {name: yaml.load(text, Loader=TextLoader) for name, text in procedure.opening.example.items()}
    fields = {**_moved(procedure, example, on), **given}
    try:
        return _entered(procedure, council, on, fields)
    except Refused:
        kept = {name: value for name, value in fields.items() if name in given or not _may_go(procedure, name)}
        if kept == fields:
            raise
        return _entered(procedure, council, on, kept)


def _entered(procedure: Procedure, council: Council, on: date, fields: dict[str, Any]) -> FirstDay:
    begins_at = procedure.opening.begins_at(read_form(procedure.opening.form, fields))
    played = Rehearsal(council, begins_at + (on - date_in_london(begins_at)), procedure=procedure.name)
    done = played.notify(dict(fields))
    return FirstDay(played.case, done.says.partition(" is open. ")[2], fields)


def _moved(procedure: Procedure, example: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Return an example with each of its days as far from `on` as it is from the example's first day."""
    form = procedure.opening.form
    read = read_form(form, example)
    by = on - date_in_london(procedure.opening.begins_at(read))
    days = {name: (getattr(read, name) + by).isoformat() for name in example if _is_a_day(form, name)}
    return {**example, **days}


def _is_a_day(form: type[Form], name: str) -> bool:
    return any(kind in (date, datetime) for kind in _kinds(form, name))


def _may_go(procedure: Procedure, name: str) -> bool:
    form = procedure.opening.form
    return _is_a_day(form, name) and NoneType in _kinds(form, name)


def _kinds(form: type[Form], name: str) -> list[Any]:
    annotation = form.model_fields[name].annotation
    parts = get_args(annotation) or [annotation]
    return [get_args(part)[0] if get_origin(part) is Annotated else part for part in parts]
