"""Writes the databases of parked cases of a release: each story stopped at each of its waits.

Run it with the released code, from a copy of it:

    git worktree add --detach ../released v0.2.0 && cp -r tests/parked ../released/tests/
    cd ../released && python -m tests.parked.write OUT/0.2.0

OUT/0.2.0 then holds cases.sqlite.xz, manifest.json (what each case waits for, and how its story goes on), the council's
file and an evidence file of that release, and is copied to tests/parked/.
"""

from __future__ import annotations

import json
import lzma
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from benchmarks.evidence_case import play_posted
from desk.case_views import VIEWS, versions_of
from desk.evidence import evidence_files, gather
from desk.scenario import Scenario, load_yaml, read_scenario
from models.council import COUNCILS, Council, load_council
from models.evidence_zip import zip_bytes
from models.facts import read_instant, write_instant
from models.london import instant_in_words
from models.outgoing import LetterState
from models.store import Store, Writing, open_store
from models.store_schema import NEWEST
from models.tables import LetterRow
from notifications.outbox import record_fate
from tasks.authority import By
from tasks.calendar_changes import CalendarChanges
from tasks.procedures import PLACES, procedure_named
from tasks.verbs import perform
from tests.parked.play import EXAMPLES, GONE, Player, due_letters, flow_facts, goes_on, taken_up, told, where

MORE = Path(__file__).parent / "stories"
STORIES = (
    "contentious", "non-contentious", "late", "dates-that-move", "better-care-plan", "grant",
    "joint-commissioning-item", "key-decision", "withdrawn", "neighbour", "determined-without-us", "plan-withdrawn",
    "grant-refused", "item-for-information", "item-withdrawn", "key-withdrawn", "key-refused",
)  # fmt: skip
TROUBLES = ("letters wait", "letters claimed", "letters being sent", "a letter in question", "a letter refused",
            "a turn claimed")  # fmt: skip
TROUBLED = ("contentious", "Awaiting feedback")  #: the wait whose letters meet with trouble
FUNERAL = date(2022, 9, 19)
PROCLAIMED = {
    "procedure": "pharmacy-consolidation",
    "council": "southampton",
    "notice": {
        "reference": "CAS-22", "given_at": "2022-08-05T10:00", "capacity": "relevant", "wards": ["bargate"],
        "applicant": "Larkrise Chemists Ltd", "closing": "1 Example Street", "remaining": "2 Example Avenue",
    },
    "events": [
        {"on": "2022-08-08", "do": "attach", "kind": "application", "file": "application.pdf"},
        {"on": "2022-08-08", "do": "attach", "kind": "equality-impact-assessment", "file": "assessment.pdf"},
        {"on": "2022-08-09", "do": "decide-route", "route": "contentious", "reasons": "Asked.", "chair_agrees": True},
        {"on": "2022-09-12", "do": "meet", "attended": ["director-of-public-health", "board-chair", "icb"],
         "opinion": "no-gap"},
        {"on": "2022-09-13", "do": "decide", "opinion": "no-gap", "limb_a": "Met.", "limb_b": "None lost.",
         "wishes_oral_hearing": False},
        {"on": "2022-12-01", "do": "record-outcome", "outcome": "refused"},
    ],
    "until": "2022-12-31",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a story is stopped: so many events done, at an instant (as the record writes it)."""

    awaiting: str
    done: int
    at: str


class Writer:
    """Writes parked cases into one database."""

    def __init__(self, store: Store, council: Council) -> None:
        """Write into `store`; `council` is the one whose file goes with the database."""
        self.store, self.council = store, council
        self.stories: dict[str, dict[str, Any]] = {}
        self.parked: list[dict[str, Any]] = []

    def story(self, name: str, scenario: Scenario, *troubles: str) -> None:
        """Park a case of a story at each of its waits and one at its end, and one for each of `troubles`."""
        whole = self.told_once(name, scenario)
        events = whole["events"]
        for number, stop in enumerate(stops(whole), start=1):
            player = self.begun(scenario, f"{name} {number}")
            self.play_to(player, events, stop)
            assert player.rests == whole["rests"][: len(player.rests)], f"{name} did not go the same way twice"
            self.keep(name, player)
            if (name, stop.awaiting) == TROUBLED:
                for trouble in troubles:
                    self.troubled(name, trouble, scenario, events, stop)

    def told_once(self, name: str, scenario: Scenario) -> dict[str, Any]:
        """Play a story to its end on a store of its own, and keep what is done in it and where it rests on the way."""
        events = events_of(scenario)
        player = Player(self.council, scenario.begins_at, open_store("sqlite://"), scenario.procedure)
        player.notify(dict(scenario.notice))
        for event in events:
            event["refused"] = player.tries(event)
        player.advance_to(scenario.until)
        self.stories[name] = {
            "events": events, "ends_at": told(scenario.until), "rests": player.rests, "flow_facts": flow_facts(player),
        }  # fmt: skip
        return self.stories[name]

    def begun(self, scenario: Scenario, mark: str) -> Player:
        """Open a case of a story under a reference of its own."""
        player = Player(self.council, scenario.begins_at, self.store, scenario.procedure)
        player.notify({**scenario.notice, "reference": f"{scenario.notice['reference']} ({mark})"})
        return player

    def play_to(self, player: Player, events: list[dict[str, Any]], stop: Stop, *, posting: bool = True) -> None:
        """Play on to a stop; without `posting`, the letters of the last thing that happens stay in the outbox."""
        for number, event in enumerate(events[: stop.done], start=1):
            player.posting = posting or number < stop.done
            player.tries(event)
        player.advance_to(read_instant(stop.at))

    def troubled(self, name: str, trouble: str, scenario: Scenario, events: list[dict[str, Any]], stop: Stop) -> None:
        """Park a case at a stop as a desk leaves it that dies with its letters, or a turn, in hand."""
        player = self.begun(scenario, trouble)
        if trouble == "a turn claimed":
            self.play_to(player, events, Stop(stop.awaiting, stop.done - 1, events[stop.done - 2]["at"]))
            self._claim_turn(player, events[stop.done - 1])
        else:
            self.play_to(player, events, stop, posting=False)
            self.store.write(lambda tx: _letters_in(trouble, tx, player))
        self.keep(name, player, trouble)

    def _claim_turn(self, player: Player, event: Mapping[str, Any]) -> None:
        now = read_instant(event["at"])
        player.advance_to(now)
        perform(player.office, player.case_ref, event["do"], event["fields"], actor=event["by"], channel="command line",
                read_file=lambda path: b"kept")  # fmt: skip
        player.done += 1
        self.store.write(lambda tx: tx.claim_turn(player.case_ref, GONE, now, now + timedelta(seconds=120)))

    def proclaimed(self) -> None:
        """Park a case that took over a newer edition of the calendar while it was open."""
        scenario = read_scenario(json.loads(json.dumps(PROCLAIMED)))
        events = events_of(scenario)
        before = self.council.dated_by(self.council.edition().without(FUNERAL))
        player = Player(before, scenario.begins_at, self.store, scenario.procedure)
        player.notify(dict(scenario.notice))
        self.play_to(player, events, Stop("", 3, "2022-09-10T09:00:00.000000Z"))
        others = {each["case"] for each in self.parked}
        player.office.council = lambda name: self.council
        changes = CalendarChanges(player.office, VIEWS)
        assert not others & {each.ref for each in changes.behind()}
        roles = self.council.roles  # those of 0.1.0 have no administrator
        who = "administrator" if "administrator" in roles else "director-of-public-health"
        assert list(changes.apply(versions_of, By(who, "command line")))
        player.settle()
        name = "a bank holiday proclaimed"
        self.stories[name] = {"events": events, "ends_at": told(scenario.until)}
        self.keep(name, player, "another edition")

    def keep(self, name: str, player: Player, trouble: str = "") -> None:
        """Note a parked case and how its story goes on; what comes of it is added once everything is parked."""
        summary, record = player.summary, player.record
        self.parked.append(
            {
                "case": summary.ref, "story": name, "trouble": trouble, "procedure": summary.procedure,
                "version": summary.version, "at": write_instant(player.clock.now()), **where(player),
                "head": summary.head, "head_hash": record.facts[-1].hash, "done": player.done,
                "first": _put_right(player, trouble),
                "letters": sorted(f"{each.state} {each.draft.key}" for each in player.letters
                                  if each.state is not LetterState.SENT),
            }
        )  # fmt: skip
        if trouble:  # it goes a way of its own
            self.parked[-1]["rests"] = player.rests


def _letters_in(trouble: str, tx: Writing, player: Player) -> None:
    """Leave the letters of a case as a desk leaves them that dies, or a mail server that answers otherwise."""
    letters = due_letters(tx, player)
    assert len(letters) > 2, "the troubles are about the letters of a circulation"
    if trouble == "letters claimed":
        for letter in letters:
            _held(tx, letter.id, LetterState.CLAIMED)
    elif trouble == "letters being sent":
        _held(tx, letters[0].id, LetterState.SENDING)
        _held(tx, letters[1].id, LetterState.CLAIMED)
    elif trouble in ("a letter in question", "a letter refused"):
        state = LetterState.AMBIGUOUS if trouble == "a letter in question" else LetterState.REFUSED
        (letter,) = tx.claim_letters(player.clock.now(), GONE, 1, player.case_ref)
        record_fate(tx, letter, state, player.clock.now(), {"code": None, "text": "the line was lost"}, "lost")


def _held(tx: Writing, letter: int, state: LetterState) -> None:
    held = update(LetterRow).where(LetterRow.id == letter).values(state=state, claimed_by=GONE, attempts=1)
    tx._connection.execute(held)


def _put_right(player: Player, trouble: str) -> list[dict[str, Any]]:
    """Return what an officer does first about a letter whose fate is not known."""
    if trouble not in ("letters being sent", "a letter in question"):
        return []  # nothing is asked of anybody
    first = next(each for each in player.letters if each.state in (LetterState.SENDING, LetterState.AMBIGUOUS))
    fields = {"consultee": first.draft.recipient, "fate": "received", "reasons": "They telephoned: it is there."}
    at = player.clock.now() + timedelta(minutes=30)
    return [{"at": write_instant(at), "do": "settle", "by": None, "fields": fields}]


def events_of(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the events of a scenario as plain data."""
    return [
        {"at": write_instant(each.at), "do": each.verb, "by": each.actor, "fields": dict(each.fields)}
        for each in scenario.events if each.at <= scenario.until
    ]  # fmt: skip


def stops(story: Mapping[str, Any]) -> Iterator[Stop]:
    """Give the first rest of a story at each of its waits, and its end; one of the quarterly and annual returns."""
    events, seen = story["events"], set()
    last_of_each_instant = {(rest["at"], rest["done"]): rest for rest in story["rests"]}
    for rest in last_of_each_instant.values():
        done = rest["done"] + (rest["done"] < len(events) and events[rest["done"]]["at"] == rest["at"])
        wait = re.split(r"\d", rest["awaiting"])[0]
        if wait not in seen:
            seen.add(wait)
            yield Stop(rest["awaiting"], done, rest["at"])


def tell_what_comes_of_them(file: Path, council: Council, writer: Writer) -> None:
    """Play each case on in a copy of the database, and add what the released code makes of it."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(file, f"{folder}/copy.db")
        store = open_store(f"sqlite:///{folder}/copy.db")
        for parked in writer.parked:
            player, story = taken_up(store, council, parked), writer.stories[parked["story"]]
            refused = goes_on(player, parked, story, Path(folder))
            parked["then"] = {**where(player), "refused": refused}
            if parked["trouble"]:
                parked["then"]["flow_facts"] = flow_facts(player)
            else:
                assert flow_facts(player) == story["flow_facts"], f"{parked['case']} did not go on as its story does"
        store.close()


def pack(file: Path, into: Path) -> None:
    """Shrink a closed SQLite database and pack it."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.execute("VACUUM")
    connection.close()
    into.write_bytes(lzma.compress(file.read_bytes(), preset=9 | lzma.PRESET_EXTREME))


def in_lines(manifest: Mapping[str, Any], writer: Writer) -> str:
    """Return the manifest as JSON with a line for each story and each case."""
    stories = ",\n".join(f"{json.dumps(name)}: {_compact(story)}" for name, story in writer.stories.items())
    cases = ",\n".join(map(_compact, writer.parked))
    return f'{_compact(manifest)[:-1]},\n"stories": {{\n{stories}\n}},\n"cases": [\n{cases}\n]}}\n'


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def main(out: Path) -> None:
    """Write a release's parked cases into the folder `out`, and say how large each file is."""
    out.mkdir(parents=True)
    council = load_council("southampton")
    shutil.copy(COUNCILS / "southampton.yaml", out / "southampton.yaml")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cases.db"
        store = open_store(f"sqlite:///{file}")
        writer = Writer(store, council)
        for name in STORIES:
            (file_of_story,) = [each / f"{name}.yaml" for each in (EXAMPLES, MORE) if (each / f"{name}.yaml").exists()]
            writer.story(name, read_scenario(load_yaml(file_of_story)), *TROUBLES)
        writer.proclaimed()
        store.close()
        pack(file, out / "cases.sqlite.xz")
        tell_what_comes_of_them(file, council, writer)
        played = play_posted(Path(folder) / "outbox", until=1)
        evidence = zip_bytes(evidence_files(gather(played.office, played.case_ref)))
        (out / "evidence.zip.xz").write_bytes(lzma.compress(evidence))
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    manifest = {
        "release": project["version"], "commit": commit, "schema": NEWEST,
        "procedures": {name: procedure_named(name).version for name in PLACES},
    }  # fmt: skip
    (out / "manifest.json").write_text(in_lines(manifest, writer), encoding="utf-8")
    for case in writer.parked:
        until = instant_in_words(read_instant(case["until"])) if case["until"] else "a fact"
        print(f"{case['case']}  {case['story']}: {case['awaiting']}, until {until} {case['trouble']}")
    for each in sorted(out.iterdir()):
        print(f"{each.name}: {each.stat().st_size:,} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m tests.parked.write FOLDER, a folder that is not there yet")
    main(Path(sys.argv[1]))
