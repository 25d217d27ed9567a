"""The Prefect door: one flow for each verb, whose form is the verb's own, less what Prefect must not keep.

Prefect keeps what a form is given, in its database and its pages. So a form takes ids, choices, dates, facts of
the application and the official's own reasons; a consultee's words, names or addresses go to the command line.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from prefect import Flow, flow
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.states import Completed, Failed
from pydantic_core import PydanticUndefined

from desk.settings import settings
from models.store import UnknownCase
from models.store_schema import StoreIsNewer
from tasks.forms import Form, Notice, Refused
from tasks.notify import notify
from tasks.turns import current_office
from tasks.verbs import VERBS, Done, Verb, perform

DOOR = "form"
CASE = "The case, such as PC-2026-001"
ACTING = "Role id of who does this, as the council's file names it; empty for the office whose task it is"
YesOrNo = Literal["yes", "no"]
WORDS = (
    "Prefect keeps what this form is given. A consultee's own words, name or address do not belong here: "
    "`cleardays {verb}` on the command line takes them."
)


def _form_flow(
    name: str, title: str, form: type[Form], act: Callable[[dict[str, Any]], Done], with_case: bool
) -> Flow[..., Any]:
    fields = {key: field for key, field in form.model_fields.items() if not _is_private(field)}
    parameters = [_parameter(key, field) for key, field in fields.items()]
    described = {key: field.description or key for key, field in fields.items()}
    if with_case:
        parameters.insert(0, inspect.Parameter("case", inspect.Parameter.KEYWORD_ONLY, annotation=str))
        described = {"case": CASE, **described}
    parameters.append(
        inspect.Parameter("acting_as", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=str | None)
    )
    described["acting_as"] = ACTING
    parameters.sort(key=lambda parameter: parameter.default is not inspect.Parameter.empty)

    def fill_in(**given: Any) -> State[Any]:
        try:
            done = act(_plain(given))
        except (Refused, UnknownCase, StoreIsNewer, OSError) as refused:
            return Failed(message=f"Nothing was changed: {refused}")
        return Completed(message=f"{done.case}: {done.says}")

    fill_in.__name__ = name.replace("-", "_")
    fill_in.__doc__ = _doc(form, name, described, len(fields) < len(form.model_fields))
    fill_in.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    fill_in.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run_name = f"{title}: {{case}}" if with_case else f"{title}: {{reference}}"
    return flow(name=f"Pharmacy consolidation: {title.lower()}", flow_run_name=run_name, validate_parameters=False)(fill_in)


def _is_private(field: Any) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("private"))


def _parameter(name: str, field: Any) -> inspect.Parameter:
    default = inspect.Parameter.empty if field.is_required() else field.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        default = inspect.Parameter.empty
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=_shown(default), annotation=_annotation(field.annotation)
    )


def _annotation(annotation: Any) -> Any:
    """Return the type that Prefect's form has a field for.

    An instant is written as text: the form's own picker would take it as UTC, and a notice given at 23:30 on a
    summer evening in London would be given a day late. A question of yes or no is a choice: a switch that nobody
    touched would answer it.
    """
    if annotation is bool:
        return YesOrNo
    if annotation in (datetime, datetime | None):
        return str if annotation is datetime else str | None
    if annotation in (Path, Path | None):
        return str if annotation is Path else str | None
    if annotation == tuple[str, ...] or "tuple" in str(annotation):
        return list[str]
    return annotation


def _shown(default: Any) -> Any:
    if isinstance(default, bool):
        return "yes" if default else "no"
    return default.value if isinstance(default, Enum) else default


def _doc(form: type[Form], verb: str, described: Mapping[str, str], hides: bool) -> str:
    told = inspect.getdoc(form) or ""
    words = f"\n\n{WORDS.format(verb=verb)}" if hides else ""
    lines = "\n".join(f"    {name}: {text}" for name, text in described.items())
    return f"{told}{words}\n\nArgs:\n{lines}\n"


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None and value != ""}


def _request() -> str | None:
    """Return the id of the form's own run: filling it in again by a retry records nothing twice."""
    context = FlowRunContext.get()
    return str(context.flow_run.id) if context is not None and context.flow_run is not None else None


def _do(verb: Verb[Any]) -> Callable[[dict[str, Any]], Done]:
    def act(given: dict[str, Any]) -> Done:
        ref, actor = str(given.pop("case")).strip(), given.pop("acting_as", None)
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


def _enter(given: dict[str, Any]) -> Done:
    actor = given.pop("acting_as", None)
    return notify(current_office(), settings().council, given, actor=actor, channel=DOOR, request=_request())


notified: Flow[..., Any] = _form_flow("notified", "Notified", Notice, _enter, with_case=False)
FORMS: dict[str, Flow[..., Any]] = {
    "notified": notified,
    **{
        verb.name.replace("-", "_"): _form_flow(verb.name, verb.title, verb.form, _do(verb), with_case=True)
        for verb in VERBS.values()
    },
}
"""Every form by the name under which Prefect loads it from this module."""

TITLES = {"notified": "Notified", **{verb.name.replace("-", "_"): verb.title for verb in VERBS.values()}}
"""What each form is called."""

globals().update(FORMS)
