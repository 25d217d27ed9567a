"""The evidence file of a contentious case whose letters really left: into a folder, on the rehearsal's clock."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from benchmarks.mutations import Held, entries_of
from desk.evidence import evidence_files, gather
from desk.rehearsal import Rehearsal, council_named
from desk.scenario import load_yaml, read_scenario
from models.facts import read_instant
from models.heads import NO_FILE_BEFORE, Head, file_name, sha256_of, write_heads
from models.london import date_in_london, first_instant_of
from notifications.outbox import Postroom
from notifications.transport import FolderTransport
from tasks.forms import Refused

SCENARIO = Path(__file__).resolve().parent.parent / "examples" / "contentious.yaml"


class Posted(Rehearsal):
    """A rehearsal whose letters go to a folder instead of nowhere."""

    folder: Path

    def deliver(self) -> None:
        """Send what is due, as a desk does."""

        async def send() -> None:
            postroom = Postroom(self.store, self.clock, FolderTransport(self.folder), "desk", lambda ref: (5, 30, 120))
            await postroom.post_due()

        asyncio.run(send())


def play_posted(folder: Path, until: int | None = None) -> Posted:
    """Play the contentious example, its letters written to `folder`, up to the event number `until`, and return it."""
    scenario = read_scenario(load_yaml(SCENARIO))
    played = Posted(council_named(scenario.council), scenario.begins_at, procedure=scenario.procedure)
    played.folder, played.beside = folder, SCENARIO.parent
    played.notify(dict(scenario.notice))
    for event in scenario.events[:until]:
        played.advance_to(event.at)
        try:
            played.do(event.verb, event.actor, **event.fields)
        except Refused:
            continue
    if until is None:
        played.advance_to(scenario.until)
    return played


def evidence_of_a_case() -> Held:
    """Return the files of the evidence of the contentious example."""
    with tempfile.TemporaryDirectory() as folder:
        played = play_posted(Path(folder))
        return Held(evidence_files(gather(played.office, played.case_ref)))


def heads_of(files: Mapping[str, bytes], council: str = "southampton") -> list[tuple[str, bytes]]:
    """Return the daily heads that an auditor would have been mailed while the record grew, with their names."""
    entries = entries_of(files)
    newest: dict[date, Head] = {}
    for entry in entries:
        newest[date_in_london(read_instant(entry.at))] = Head(entry.case, entry.number, entry.hash)
    kept, previous = [], NO_FILE_BEFORE
    for day, head in newest.items():
        content = write_heads(council, day, first_instant_of(day + timedelta(days=1)), previous, [head])
        previous = sha256_of(content)
        kept.append((file_name(council, day), content))
    return kept
