"""The Prefect door: one flow for each verb, whose form is the verb's own, less what Prefect must not keep.

Prefect holds what a form is given, in its database and its pages, until the desk has acted on it (desk.form_words). So
a form takes ids, choices, dates, facts of the application and the official's own reasons; a consultee's words, names or
addresses go to the command line.
"""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from enum import Enum, StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from httpx import HTTPError
from prefect import Flow, flow
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.states import Completed, Failed
from pydantic import BeforeValidator
from pydantic_core import PydanticUndefined

from desk.case_names import case_named
from desk.form_words import IN_WORDS, take_out
from desk.settings import settings
from models.council_file import CouncilFileError
from models.store import UnknownCase
from models.store_schema import StoreIsNewer
from tasks.acts import Done, Verb
from tasks.forms import Form, Refused
from tasks.opening import notify
from tasks.procedures import Procedure, procedures
from tasks.turns import current_office
from tasks.verbs import perform

log = logging.getLogger(__name__)

DOOR = "form"
CASE = "The case, such as {prefix}-2026-001"
ACTING = "Role id of who does this, as the council's file names it; empty for the office whose task it is"
YES_OR_NO = ("yes", "no")
NOT_SAID = "not said"  #: the choice of whoever makes none
FEW = re.compile(r"\^\(([\w |-]+)\)\$")  #: the pattern of a text with a few choices
WORDS = (
    "Everybody who can open these pages sees what a form is given until it has been acted on. A consultee's own words, "
    "name or address do not belong here: `cleardays {verb}` on the command line takes them."
)


def _form_flow(
    procedure: str, name: str, title: str, form: type[Form], act: Callable[[dict[str, Any]], Done], prefix: str = ""
) -> Flow[..., Any]:
    fields = {key: field for key, field in form.model_fields.items() if not _is_private(field)}
    parameters = [_parameter(key, field) for key, field in fields.items()]
    described = {key: _described(key, field) for key, field in fields.items()}
    if prefix:  # of the references of cases that are there already
        parameters.insert(0, inspect.Parameter("case", inspect.Parameter.KEYWORD_ONLY, annotation=str))
        described = {"case": CASE.format(prefix=prefix), **described}
    parameters.append(inspect.Parameter("acting_as", inspect.Parameter.KEYWORD_ONLY, default="", annotation=str))
    described["acting_as"] = ACTING
    parameters.sort(key=lambda parameter: parameter.default is not inspect.Parameter.empty)

    def fill_in(**given: Any) -> State[Any]:
        try:
            done = act(_plain(given))
        except (Refused, UnknownCase, StoreIsNewer, CouncilFileError, OSError) as refused:
            return Failed(message=f"Nothing was changed: {refused}\n{IN_WORDS}")
        _empty_this_form()
        return Completed(message=f"{done.case}: {done.says}")

    fill_in.__name__ = name.replace("-", "_").replace(" ", "_")
    fill_in.__doc__ = _doc(form, name, described, len(fields) < len(form.model_fields))
    fill_in.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    fill_in.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run_name = f"{title}: {{case}}" if prefix else f"{title}: {{reference}}"
    called = f"{procedure}: {title.lower()}"
    as_flow = flow(name=called, flow_run_name=run_name, validate_parameters=False, persist_result=False)
    return as_flow(fill_in)


def _is_private(field: Any) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("private"))


def _described(name: str, field: Any) -> str:
    told, kinds, optional = field.description or name, _kinds(field), _may_be_left_out(field)
    if any(get_origin(kind) is Mapping for kind in kinds):
        return f"{told}; several are separated by commas, or by semicolons where a name holds a comma"
    if any(get_origin(kind) is tuple for kind in kinds):
        return f"{told}; several are separated by commas"
    return f"{told}; written as 2017-09-15" if optional and date in kinds else told


def _parameter(name: str, field: Any) -> inspect.Parameter:
    annotation = _annotation(field)
    default = inspect.Parameter.empty if field.is_required() else field.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        default = inspect.Parameter.empty
    if default is None:
        default = "" if annotation is str else NOT_SAID
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=_shown(default), annotation=annotation)


def _annotation(field: Any) -> Any:
    """Return the type that Prefect's form has a plain field for: text, a whole number, a day, or a few choices.

    An instant is written as text: the form's own picker would take it as UTC, and a notice given at 23:30 on a
    summer evening in London would be given a day late. A question of yes or no is a choice: a switch that nobody
    touched would answer it. What may be left out is an empty text or a choice not made, where Prefect would ask for
    its type first. What a form reads in words, such as £4,981,651, is text as well.
    """
    optional, kinds = _may_be_left_out(field), _kinds(field)
    if choices := _choices(field, kinds):
        return Literal[(NOT_SAID, *choices) if optional else choices]
    if optional or kinds[0] not in (int, date) or (kinds[0] is int and _is_read_from_words(field)):
        return str
    return kinds[0]


def _choices(field: Any, kinds: Sequence[Any]) -> tuple[str, ...]:
    """Return the choices of a field that has a few, such as hand, post, portal or e-mail; none for any other."""
    if kinds == [bool]:
        return YES_OR_NO
    if all(isinstance(kind, type) and issubclass(kind, StrEnum) for kind in kinds):
        return tuple(str(each) for kind in kinds for each in kind)
    patterns = [str(rule.pattern) for rule in field.metadata if getattr(rule, "pattern", None)]
    few = next((found for pattern in patterns if (found := FEW.fullmatch(pattern))), None)
    return tuple(few[1].split("|")) if few else ()


def _kinds(field: Any) -> list[Any]:
    """Return the plain types that a field takes beside none at all."""
    found = field.annotation
    parts = get_args(found) if get_origin(found) in (Union, UnionType) else (found,)
    return [_bare(part) for part in parts if part is not NoneType]


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _may_be_left_out(field: Any) -> bool:
    return NoneType in get_args(field.annotation)


def _is_read_from_words(field: Any) -> bool:
    return any(isinstance(rule, BeforeValidator) for rule in field.metadata)


def _shown(default: Any) -> Any:
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, tuple):
        return ", ".join(default)
    return default.value if isinstance(default, Enum) else default


def _doc(form: type[Form], verb: str, described: Mapping[str, str], hides: bool) -> str:
    told = inspect.getdoc(form) or ""
    words = f"\n\n{WORDS.format(verb=verb)}" if hides else ""
    lines = "\n".join(f"    {name}: {text}" for name, text in described.items())
    return f"{told}{words}\n\nArgs:\n{lines}\n"


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value not in (None, "", NOT_SAID)}


def _request() -> str | None:
    """Return the id of the form's own run: filling it in again by a retry records nothing twice."""
    context = FlowRunContext.get()
    return str(context.flow_run.id) if context is not None and context.flow_run is not None else None


def _empty_this_form() -> None:
    """Take out of Prefect what was typed; where its server is away just now, the desk does it later."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or not isinstance(context.client, SyncPrefectClient):
        return
    try:
        take_out(context.client, context.flow_run)
    except HTTPError as error:
        log.warning("What was typed into form %s could not be taken out yet: %s", context.flow_run.id, error)


def _do(verb: Verb[Any]) -> Callable[[dict[str, Any]], Done]:
    def act(given: dict[str, Any]) -> Done:
        ref, actor = case_named(str(given.pop("case"))), given.pop("acting_as", None)
        if "file" in given:
            given["file"] = _in_inbox(given["file"])
        return perform(current_office(), ref, verb.name, given, actor=actor, channel=DOOR, request=_request())

    return act


def _in_inbox(name: str) -> Path:
    """Return the file of that name in the desk's inbox folder; a form cannot reach any other."""
    inbox = settings().home / "inbox"
    path = inbox / Path(name).name
    if not path.is_file():
        there = ", ".join(sorted(p.name for p in inbox.glob("*"))[:20]) if inbox.is_dir() else ""
        found = there or "nothing"
        raise Refused(f"{Path(name).name!r} is not in the folder {inbox}; put it there first. There: {found}")
    return path


def _enter(procedure: str) -> Callable[[dict[str, Any]], Done]:
    def act(given: dict[str, Any]) -> Done:
        actor = given.pop("acting_as", None)
        office, council = current_office(), settings().council
        return notify(office, procedure, council, given, actor=actor, channel=DOOR, request=_request())

    return act


def _forms_of(procedure: Procedure) -> Iterator[tuple[str, str, Flow[..., Any]]]:
    """Give each form of a procedure: the name under which Prefect loads it, its title, its flow."""
    name, opening = procedure.name.replace("-", "_"), procedure.opening
    enter = _form_flow(procedure.title, f"notify {procedure.name}", opening.title, opening.form,
                       _enter(procedure.name))  # fmt: skip
    yield f"{name}_opened", opening.title, enter
    for verb in procedure.verbs.values():
        as_flow = _form_flow(procedure.title, verb.name, verb.title, verb.form, _do(verb), procedure.prefix)
        yield f"{name}_{verb.name.replace('-', '_')}", verb.title, as_flow


FORMS: dict[str, list[tuple[str, str, Flow[..., Any]]]] = {
    procedure.name: list(_forms_of(procedure)) for procedure in procedures()
}
"""The forms of each procedure, each by the name under which Prefect loads it from this module."""

globals().update({name: form for forms in FORMS.values() for name, _, form in forms})
