"""What a rehearsal leaves behind when asked to: result, record, letters, documents and the timeline."""

from __future__ import annotations

import json
from pathlib import Path

from desk.artifacts import timeline_events
from desk.letter_files import save_letters
from desk.rehearsal import Rehearsal, as_json
from desk.show import fact_dicts
from notifications.timeline import timeline_svg


def keep(played: Rehearsal, folder: Path) -> None:
    """Write result.json, record.jsonl, timeline.svg, letters/ (.eml and .txt) and documents/ into `folder`.

    Raises OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    result = json.dumps(as_json(played), ensure_ascii=False, indent=2)
    (folder / "result.json").write_text(f"{result}\n", encoding="utf-8")
    record = "".join(f"{json.dumps(fact, ensure_ascii=False)}\n" for fact in fact_dicts(played.case))
    (folder / "record.jsonl").write_text(record, encoding="utf-8")
    (folder / "timeline.svg").write_text(_timeline(played), encoding="utf-8")
    save_letters(played.store, played.letters, folder / "letters", text=True)
    _save_documents(played, folder / "documents")


def _timeline(played: Rehearsal) -> str:
    case = played.case
    title = f"Timetable of {case.ref}"
    return timeline_svg(
        title, f"The dates of case {case.ref}, in order.", case.began_on, timeline_events(case), case.today
    )


def _save_documents(played: Rehearsal, folder: Path) -> None:
    """Write every enclosure of every letter once, by its own name; each letter keeps its own calendar file."""
    folder.mkdir(exist_ok=True)
    enclosures = {
        (each.filename, each.sha256): each
        for letter in played.letters
        for each in letter.draft.enclosures
        if not each.media_type.startswith("text/calendar")
    }
    taken: set[str] = set()
    with played.store.reading() as reading:
        for each in enclosures.values():
            name = Path(each.filename).name
            name = name if name not in taken else f"{each.sha256[:8]}-{name}"
            taken.add(name)
            (folder / name).write_bytes(reading.document(each.sha256))
