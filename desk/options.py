"""A form's fields as options of a command: one description for every door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from inspect import Parameter, Signature
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import typer
from pydantic import BeforeValidator
from pydantic.fields import FieldInfo

from tasks.forms import Form, Refused

METAVARS: dict[Any, str] = {
    tuple: "ID,ID,...", Mapping: "ROLE=TEXT", Path: "FILE", date: "DATE", datetime: "DATE[THH:MM]",
}  # fmt: skip
NEEDED, OPTIONAL = "What it needs", "What may be added"


def with_options(
    function: Callable[..., Any], form: type[Form], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Callable[..., Any]:
    """Return `function` with the form's fields as options, behind the parameters `before` and ahead of `after`.

    `before` and `after` map a parameter's name to (annotation, default). Every option may be left out:
    `given_fields` then says which are missing, all at once.
    """
    fields = {name: (_annotation(name, field), None) for name, field in form.model_fields.items()}
    parameters = [
        Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
        for name, (annotation, default) in {**before, **fields, **after}.items()
    ]
    function.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    function.__annotations__ = {each.name: each.annotation for each in parameters}
    return function


def given_fields(
    form: type[Form], options: Mapping[str, Any], from_file: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the fields given as options, over those of a file.

    Raises Refused naming every field that the form needs and that was not given.
    """
    given = dict(from_file or {})
    for name, field in form.model_fields.items():
        value = options.get(name)
        if value not in (None, []):
            given[name] = _read(name, field, value)
    missing = [
        f"{option_of(name, field)} is missing ({field.description})"
        for name, field in form.model_fields.items()
        if field.is_required() and given.get(name) is None
    ]
    if missing:
        raise Refused("; ".join(missing))
    return given


def option_of(name: str, field: FieldInfo) -> str:
    """Return how a field is written on the command line: --chair-agrees or --no-chair-agrees."""
    kebab = name.replace("_", "-")
    return f"--{kebab} or --no-{kebab}" if _kind(field) is bool and field.is_required() else f"--{kebab}"


def _annotation(name: str, field: FieldInfo) -> Any:
    kebab, kind = name.replace("_", "-"), _kind(field)
    needed = field.is_required()
    told = f"{field.description}{' (required)' if needed else ''}"
    panel = NEEDED if needed else OPTIONAL
    if kind is bool:
        return Annotated[bool | None, typer.Option(f"--{kebab}/--no-{kebab}", help=told, rich_help_panel=panel)]
    many = kind in (tuple, Mapping)
    option = typer.Option(f"--{kebab}", metavar=_metavar(field, kind), help=told, rich_help_panel=panel)
    return Annotated[list[str] | None if many else str | None, option]


def _kind(field: FieldInfo) -> Any:
    """Return the plain type of a field: bool, an enumeration, tuple, Mapping, Path, date or another."""
    kind: Any = field.annotation
    if get_origin(kind) in (Union, UnionType):
        kind = next(part for part in get_args(kind) if part is not type(None))
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return get_origin(kind) or kind


def _reads_words(field: FieldInfo) -> bool:
    """Tell whether the form itself reads several from one text: a=1, b=2."""
    return any(isinstance(each, BeforeValidator) for each in field.metadata)


def _metavar(field: FieldInfo, kind: Any) -> str:
    if kind is Mapping and _reads_words(field):
        return "NAME=VALUE,..."
    if issubclass(kind, StrEnum):
        return "|".join(kind)
    patterns = [each.pattern for each in field.metadata if getattr(each, "pattern", None)]
    if patterns:
        return str(patterns[0]).strip("^$()")
    return METAVARS.get(kind, "TEXT")


def _read(name: str, field: FieldInfo, value: Any) -> Any:
    kind = _kind(field)
    if kind is tuple:
        return [part.strip() for each in value for part in each.split(",") if part.strip()]
    if kind is Mapping and _reads_words(field):
        return ", ".join(value)
    if kind is Mapping:
        return dict(_pair(name, each) for each in value)
    return value


def _pair(name: str, written: str) -> tuple[str, str]:
    key, equals, text = written.partition("=")
    if not equals or not key.strip():
        option = f"--{name.replace('_', '-')}"
        raise Refused(f'{option} {written!r} is not ROLE=TEXT, such as {option} healthwatch="weighed, accepted"')
    return key.strip(), text
