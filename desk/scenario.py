"""A rehearsal's scenario: read from YAML, every mistake told with what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from models.london import LONDON, last_instant_of, parse_day, parse_instant
from tasks.forms import Refused, read_form
from tasks.procedures import Procedure, procedure_named

NOON = time(12, 0)  #: when an event given by day alone happens, London time
LARGEST = 1_000_000  #: bytes of a scenario or a notice; a long one has some thousand
KEYS = ("procedure", "council", "notice", "events", "until")
OF_EVENT = ("on", "at", "do", "by")


class TextLoader(yaml.SafeLoader):
    """Reads every value as the text it is, so that the forms alone decide what it means.

    YAML 1.1 would take the key `on` for a truth value, and a date for midnight UTC.
    """

    kept = ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse aliases: ten lines of them can stand for more text than a machine holds."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "an alias (*) stands where a value is expected", mark)
        return super().compose_node(parent, index)


TextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in TextLoader.kept]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something an officer does on a day of the rehearsal."""

    at: datetime
    verb: str
    fields: Mapping[str, Any]
    actor: str | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is rehearsed: a notice, what officers do and when, and until when it is played."""

    procedure: str
    council: str
    notice: Mapping[str, Any]
    begins_at: datetime
    events: tuple[Event, ...]
    until: datetime


def load_yaml(path: Path) -> Any:
    """Return the content of a YAML file with dates as text. Raises Refused naming the file and line."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise Refused(f"{path} has more than {LARGEST // 1_000_000} MB; a scenario or a notice is far shorter")
        return yaml.load(content.decode("utf-8"), Loader=TextLoader)
    except RecursionError as error:
        raise Refused(f"{path} is not a scenario or a notice: its lists and sections nest too deeply") from error
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror}); check the name") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise Refused(f"{path}{where} is not YAML: {getattr(error, 'problem', None) or error}") from error


def read_scenario(raw: Any) -> Scenario:
    """Return the scenario that plain data describes. Raises Refused with every expectation named."""
    if not isinstance(raw, dict):
        raise Refused(f"a scenario is a list of keys and values: {', '.join(KEYS)}")
    unknown = [key for key in raw if key not in KEYS]
    if unknown:
        raise Refused(f"{', '.join(map(repr, unknown))} is not part of a scenario; it has {', '.join(KEYS)}")
    missing = [key for key in ("procedure", "council", "notice") if key not in raw]
    if missing:
        raise Refused(f"the scenario lacks {', '.join(missing)}")
    procedure = procedure_named(str(raw["procedure"]))
    notice = dict(raw["notice"] or {})
    given_at = procedure.opening.begins_at(read_form(procedure.opening.form, notice))
    events = [_event(procedure, number, each, given_at) for number, each in enumerate(raw.get("events") or [], start=1)]
    events.sort(key=lambda event: event.at)
    return Scenario(
        procedure=raw["procedure"], council=str(raw["council"]), notice=notice, begins_at=given_at,
        events=tuple(events), until=_until(raw.get("until"), events, given_at),
    )  # fmt: skip


def _event(procedure: Procedure, number: int, raw: Any, given_at: datetime) -> Event:
    if not isinstance(raw, dict) or "do" not in raw or not ("on" in raw or "at" in raw):
        raise Refused(f"event {number} needs 'on' (a day) or 'at' (an instant), and 'do' (a verb)")
    if raw["do"] not in procedure.verbs:
        raise Refused(f"event {number}: {raw['do']!r} is not a verb; there are {', '.join(procedure.verbs)}")
    try:
        at = _instant_of(raw, given_at)
    except ValueError as error:
        raise Refused(f"event {number}: {error}") from error
    fields = {key: value for key, value in raw.items() if key not in OF_EVENT}
    return Event(at, raw["do"], fields, raw.get("by"))


def _instant_of(raw: Mapping[str, Any], given_at: datetime) -> datetime:
    if "at" in raw:
        return parse_instant(str(raw["at"]))
    written = str(raw["on"])
    if len(written.strip()) > len("2017-08-03"):
        return parse_instant(written)
    noon = datetime.combine(parse_day(written), NOON, LONDON)
    just_after = given_at + timedelta(minutes=1)
    return max(noon, just_after) if noon.date() == given_at.astimezone(LONDON).date() else noon


def _until(raw: Any, events: list[Event], given_at: datetime) -> datetime:
    if raw is None:
        last = max([event.at for event in events], default=given_at)
        return max(last, given_at + timedelta(days=60))
    try:
        written = str(raw)
        return (
            last_instant_of(parse_day(written))
            if len(written) == len("2017-08-03")
            else parse_instant(written)
        )
    except ValueError as error:
        raise Refused(f"until: {error}") from error
