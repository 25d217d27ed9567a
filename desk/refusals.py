"""Expected errors as one sentence: what was wrong, what is expected, what to do. Anything else is a defect."""

from __future__ import annotations

import json
import sys
from typing import Any

REFUSED = 2  #: exit code of everything that was asked and could not be done

SECRET = ("smtp", "database", "prefect_auth", "prefect_url", "tsa_url")  #: settings whose values are never repeated

# Told by name, so that knowing an error does not mean importing the database or the libraries it comes from.
EXPECTED = {
    "models.store.UnknownCase",
    "models.council.UnknownId",
    "models.clock.ClockInDoubt",
    "models.editions.EditionMissing",
    "models.council.Vacant",
    "models.council.NoAddressee",
    "models.store_backup.NoRoomForBackup",
    "models.store_schema.StoreIsNewer",
    "models.store_writers.OutcomeUnknown",
    "models.facts.BrokenRecord",
    "desk.server.ServerDidNotStart",
    "desk.service.MailIsNotSet",
}


def sentence_for(error: BaseException, command: str = "") -> str | None:
    """Return the sentence that tells an expected error, or None for one that nobody foresaw.

    `command` is the word that was typed behind `cleardays`.
    """
    if _name(error) == "pydantic_core._pydantic_core.ValidationError":
        return _settings_are_wrong(error)
    if _name(error) in ("sqlalchemy.exc.ArgumentError", "sqlalchemy.exc.NoSuchModuleError"):
        return f"CLEARDAYS_DATABASE is not the address of a database ({error}); such as sqlite:////srv/cleardays/cases.db"
    if type(error).__module__.startswith("sqlalchemy.") and hasattr(error, "orig"):
        return f"the case database cannot be used ({error.orig}); check CLEARDAYS_DATABASE and CLEARDAYS_HOME"
    if hasattr(error, "format_message"):  # what typer says of a command line it cannot read
        return _misread(error, command)
    if isinstance(error, OSError):
        named = f"{error.filename}: " if error.filename else ""
        return f"{named}{error.strerror or error}"
    if isinstance(error, ValueError) or any(_named(kind) in EXPECTED for kind in type(error).__mro__):
        return str(error)
    return None


def refuse(sentence: str, *, as_json: bool) -> int:
    """Tell a refusal, in red on standard error or as JSON on standard output, and return the exit code 2."""
    from desk.tables import clean

    if as_json:
        print(json.dumps({"error": sentence}, ensure_ascii=False))
    else:
        print(_red(f"cleardays: {clean(sentence)}"), file=sys.stderr)  # it may quote a file that was sent to us
    return REFUSED


def _red(text: str) -> str:
    from desk.tables import has_colour

    return f"\033[31m{text}\033[0m" if has_colour(sys.stderr) else text


def _misread(error: Any, command: str) -> str:
    """Return what was wrong with a command line, and the command that explains it with an example."""
    context = error.ctx
    named = context.command_path if context is not None else f"cleardays {command}".rstrip()
    example = str(context.command.epilog or "") if context is not None else ""
    such_as = f", such as: {example.removeprefix('Example: ')}" if example else ""
    told = _unread(error)
    return f"{told}{'' if told.endswith('?') else ';'} `{named} --help` names what it takes{such_as}"


def _unread(error: Any) -> str:
    """Return in plain words what typer could not read."""
    from tasks.plain_words import did_you_mean, in_plain_words

    kind, told = type(error).__name__, str(error.format_message()).rstrip(".").replace("\n", " ")
    if kind == "NoSuchOption":
        near = did_you_mean(error.option_name, error.possibilities or ()).rstrip()
        return f"there is no option {error.option_name} here{f'; {near}' if near else ''}"
    if kind == "MissingParameter":
        return f"{_quoted(told)} is missing"
    if kind == "BadParameter":
        return f"{_quoted(told)}: {in_plain_words(error.message)}"
    if kind == "BadOptionUsage":
        return f"{error.option_name} wants a value behind it"
    if told.startswith("Got unexpected extra argument"):
        return f"nothing is expected where {told.partition(' (')[2].rstrip(')')} stands"
    return told


def _quoted(told: str) -> str:
    """Return what stands first in quotation marks: the argument or option that it is about."""
    parts = told.split("'")
    return parts[1] if len(parts) > 2 else told


def _settings_are_wrong(error: BaseException) -> str:
    problems = error.errors(include_url=False)  # type: ignore[attr-defined]
    told = [
        f"{_variable(problem)}{problem['msg'].removeprefix('Value error, ')}{_found(problem)}"
        for problem in problems
    ]
    return f"the settings are wrong: {'; '.join(told)}; `cleardays settings --help` says where they come from"


def _found(problem: dict[str, Any]) -> str:
    """Return the value that is wrong; nothing of settings that hold a secret, nor of all of them at once."""
    at = problem["loc"][:1]
    return "" if not at or at[0] in SECRET else f" (found {problem['input']!r})"


def _variable(problem: dict[str, Any]) -> str:
    """Return the variable that is wrong, and a colon; nothing where it is not one alone."""
    return f"CLEARDAYS_{'__'.join(str(part) for part in problem['loc']).upper()}: " if problem["loc"] else ""


def _name(error: BaseException) -> str:
    return _named(type(error))


def _named(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
