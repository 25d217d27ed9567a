"""A bank holiday is proclaimed while ten thousand cases are open: what moves, how long it takes, and that nothing
else moves.

    python -m benchmarks.proclaimed [--cases 10000] [--exemplars 120] [--database URL]

The real flow plays exemplary cases to this day, from notices given over the last two years; each is copied, fact for
fact, until there are enough. A day ahead is then proclaimed in the council's file, and the command checks and applies
it in processes of its own. Afterwards every date of every case is worked out again by walking from day to day.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import insert

from desk.case_views import VIEWS
from desk.office import council_files
from desk.rehearsal import Rehearsal
from models.clock import FixedClock
from models.council import COUNCILS, load_council
from models.editions import APPLIED, DATES_BY
from models.facts import FIRST_HASH, canonical, make_fact
from models.pharmacy_words import PREFIX, PROCEDURE
from models.store import NewCase, Store, Writing, open_store
from models.tables import FactRow
from tasks.forms import Refused
from tasks.turns import Office

ROOT = Path(__file__).resolve().parents[1]
TWO_YEARS, LAST_DAY = 730, 45
AHEAD = timedelta(days=12)  # the earliest that a day is proclaimed here
PORTION = 200
NOTICE = {"applicant": "A Ltd", "closing": "1 Low Street", "remaining": "2 High Street", "wards": "bargate"}

Dates = Mapping[str, tuple[date, date]]  # by the deadline's name: last day, target


@dataclass(frozen=True)
class Exemplar:
    """A case as the flow left it: its facts without their hashes, and what it waits for."""

    facts: Sequence[tuple[datetime, str, str, str, Mapping[str, Any], str | None]]
    awaiting: str
    until: datetime | None
    due_at: datetime | None
    message: str


# -- ten thousand cases ------------------------------------------------------------------------------------------------


def exemplar(number: int, given_at: datetime, now: datetime) -> Exemplar | None:
    """Play one case from its notice until now; None when it is over by then."""
    play = Rehearsal(load_council("southampton"), given_at)
    play.notify({**NOTICE, "reference": f"CAS-{number}", "given_at": given_at.isoformat(), "capacity": "relevant"})
    contentious = number % 3 != 0
    acts: list[tuple[int, str, Callable[[], list[dict[str, Any]]]]] = [
        (2, "attach", lambda: [{"kind": kind, "file": f"{kind}.pdf"}
                               for kind in ("application", "equality-impact-assessment")]),
        (3 + number % 8, "decide-route", lambda: [
            {"route": "contentious" if contentious else "non-contentious", "reasons": "As discussed.",
             "chair_agrees": True}]),
        (12 + number % 9, "respond", lambda: [
            {"consultee": each.role, "opinion": "no-gap", "interest": "none", "reasons": "In our view."}
            for place, each in enumerate(play.case.consultees) if place % 4 or number % 2]),
        (36, "decide", lambda: [
            {"opinion": "no-gap", "limb_a": "Need is met.", "limb_b": "Access is kept.",
             "alternatives": "None was found.", "wishes_oral_hearing": False}]),
    ]  # fmt: skip
    for day, verb, fields in acts[: 1 + number % 7]:
        if given_at + timedelta(days=day) > now:
            break
        play.advance_to(given_at + timedelta(days=day))
        for each in fields():
            try:
                play.do(verb, **each)
            except Refused:  # an officer tried; the case goes its way
                continue
    play.advance_to(now)
    summary = play.summary
    if summary.outcome is not None:
        return None
    facts = [(f.at, f.kind, f.actor, f.channel, f.payload, f.key) for f in play.record]
    return Exemplar(facts, summary.awaiting, summary.until, summary.due_at, summary.message)


def fill(store: Store, exemplars: Sequence[Exemplar], cases: int) -> None:
    """Enter cases, each a copy of an exemplar under a reference and salts of its own."""
    edition = load_council("southampton").edition()
    store.write(lambda tx: tx.keep_document(edition.sha256, edition.to_bytes()))
    for start in range(0, cases, PORTION):
        some = [(number, exemplars[number % len(exemplars)]) for number in range(start, min(start + PORTION, cases))]

        def work(tx: Writing, some: Sequence[tuple[int, Exemplar]] = some) -> None:
            for number, each in some:
                _copy(tx, number, each)

        store.write(work)


def _copy(tx: Writing, number: int, each: Exemplar) -> None:
    from sqlalchemy import update

    from models.tables import CaseRow

    given = each.facts[0][0]
    ref = tx.open_case(NewCase(PREFIX, given.year, PROCEDURE, 1, "southampton", f"CAS-{number}"))
    rows, previous = [], FIRST_HASH
    for place, (at, kind, actor, channel, payload, key) in enumerate(each.facts, start=1):
        fact = make_fact(case=ref, number=place, at=at, kind=kind, actor=actor, channel=channel, payload=payload,
                         key=key, salt=secrets.token_hex(16), previous=previous)  # fmt: skip
        rows.append({"case_ref": ref, "number": place, "at": at, "kind": kind, "actor": actor, "channel": channel,
                     "payload": canonical(payload), "key": key, "salt": fact.salt, "previous": previous,
                     "hash": fact.hash})  # fmt: skip
        previous = fact.hash
    tx._connection.execute(insert(FactRow), rows)
    tx._connection.execute(update(CaseRow).where(CaseRow.ref == ref).values(head=len(rows), head_hash=previous))
    tx.park(ref, seen=len(rows), awaiting=each.awaiting, until=each.until, due_at=each.due_at, message=each.message)


# -- looking at every date ---------------------------------------------------------------------------------------------


def dates_of(office: Office) -> dict[str, Dates]:
    """Return every last day and target of every open case, as the case itself tells them."""
    with office.store.reading() as reading:
        refs = sorted(case.ref for case in reading.cases(open_only=True))
    found: dict[str, Dates] = {}
    for start in range(0, len(refs), PORTION):
        with office.store.reading() as reading:
            records = [record for _, record in reading.records(refs[start : start + PORTION])]
        for record in records:
            case = VIEWS[record.procedure](record, office.council_of(record), office.clock.now())
            found[record.case] = {d.name: (d.last_day, d.target) for d, _ in case.deadlines()}
    return found


def walked_back(last_day: date, not_worked: frozenset[date]) -> date:
    """Return the last working day on or before a day, found by walking back day by day."""
    day = last_day
    while day.weekday() >= 5 or day in not_worked:
        day -= timedelta(days=1)
    return day


def faults(
    before: Mapping[str, Dates], after: Mapping[str, Dates], closed: frozenset[date], proclaimed: date
) -> Iterator[str]:
    """Give a line for each date that is not what walking from day to day finds, before and after the proclamation."""
    if before.keys() != after.keys():
        yield f"{len(before.keys() ^ after.keys())} cases are open only before or only after"
    for ref, was in before.items():
        now = after[ref]
        if was.keys() != now.keys():
            yield f"{ref}: other deadlines than before"
        for name, (last_day, target) in was.items():
            if now[name][0] != last_day:
                yield f"{ref}, {name}: the last day was moved from {last_day} to {now[name][0]}"
            if target != walked_back(last_day, closed):
                yield f"{ref}, {name}: the target was {target} before, walking finds another"
            if now[name][1] != walked_back(last_day, closed | {proclaimed}):
                yield f"{ref}, {name}: the target is {now[name][1]} now, walking finds another"


# -- the command -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """What a run of the command said, and what it took."""

    answer: dict[str, Any]
    seconds: float
    cpu: float  #: seconds of processor time, which other work on the machine lengthens less
    megabytes: float


def command(environment: Mapping[str, str], *options: str) -> Told:
    """Run `cleardays calendar check --json` with options. Raises CalledProcessError when it fails."""
    began, before = perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "desk.cli", "calendar", "check", "--json", *options], cwd=ROOT, env=dict(environment),
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    seconds, used = perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return Told(json.loads(done.stdout), seconds, cpu, used.ru_maxrss / 1024)


def day_to_proclaim(exemplars: Sequence[Exemplar], today: date) -> date:
    """Return a working day, some way ahead, that is the last day of a case."""
    calendar = load_council("southampton").calendar()
    last_days = {date.fromisoformat(each.facts[0][4]["given_on"]) + timedelta(days=LAST_DAY) for each in exemplars}
    return min(day for day in last_days if day >= today + AHEAD and calendar.is_working_day(day))


def listed(told: Told) -> set[tuple[str, str]]:
    """Return case and name of each date that the command lists as moving."""
    return {(each["case"], each["name"]) for each in told.answer["moved"]}


def measure(cases: int, exemplars: int, database: str | None, home: Path) -> int:
    """Fill a database, proclaim a day, check, apply and verify; print the table. Returns the exit code."""
    now, began = datetime.now(UTC).replace(microsecond=0), perf_counter()
    instants = [now - timedelta(days=TWO_YEARS * place / exemplars, hours=1) for place in range(exemplars)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        made = [each for each in pool.map(exemplar, range(exemplars), instants, [now] * exemplars, chunksize=4) if each]
    url = database or f"sqlite:///{home}/cases.db"
    store = open_store(url)
    fill(store, made, cases)
    facts = sum(len(made[number % len(made)].facts) for number in range(cases))
    print(f"{cases:,} open cases, {facts:,} facts, from {len(made)} exemplars, in {perf_counter() - began:.0f} s")
    for state, count in Counter(made[number % len(made)].awaiting for number in range(cases)).most_common():
        print(f"  {count:>7,}  {state}")

    councils = home / "councils"
    councils.mkdir()
    file = (COUNCILS / "southampton.yaml").read_text(encoding="utf-8")
    (councils / "southampton.yaml").write_text(file, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CLEARDAYS_"))}
    environment |= {"CLEARDAYS_HOME": str(home), "CLEARDAYS_DATABASE": url, "CLEARDAYS_COUNCILS": str(councils),
                    "CLEARDAYS_PREFECT_PORT": "9"}  # fmt: skip
    unchanged = command(environment)
    office = Office(store, FixedClock(now), council_files(councils))
    council = office.council("southampton")
    before = dates_of(office)

    proclaimed = day_to_proclaim(made, now.date())
    said = f"proclaimed_holidays:\n  - {{date: {proclaimed}, reason: Day of thanks}}"
    (councils / "southampton.yaml").write_text(file.replace("proclaimed_holidays: []", said), encoding="utf-8")
    checked = command(environment)
    untouched = dates_of(Office(store, FixedClock(now), council_files(councils))) == before
    applied = command(environment, "--apply")
    again = command(environment, "--apply")

    after_office = Office(store, FixedClock(now), council_files(councils))
    after = dates_of(after_office)
    closed = frozenset(day for day, _ in (*council.edition().bank_holidays["england-and-wales"], *council.closures))
    wrong = list(faults(before, after, closed, proclaimed))
    moved = {(ref, name) for ref, dates in before.items() for name in dates if dates[name] != after[ref].get(name)}
    edition = after_office.council("southampton").edition().sha256
    with store.reading() as reading:
        follow = sum(each[DATES_BY] == edition for each in reading.newest_of_each(APPLIED).values())
    promises = {
        "nothing was behind before the proclamation": unchanged.answer["behind"] == 0,
        "the check alone moved nothing": untouched,
        "every case is dated by the new edition": follow == len(before) == applied.answer["applied"],
        "the list is what moved, no more and no less": listed(checked) == listed(applied) == moved != set(),
        "every date is where walking finds it": not wrong,
        "applying it again does nothing": again.answer["applied"] == again.answer["behind"] == 0,
    }
    _print(proclaimed, {"check, nothing changed": unchanged, "check": checked, "check --apply": applied,
                        "check --apply, again": again}, len(before), moved, after, promises)  # fmt: skip
    for line in wrong[:20]:
        print(f"  {line}")
    store.close()
    return 0 if all(promises.values()) else 1


def _print(
    proclaimed: date, runs: Mapping[str, Told], cases: int, moved: set[tuple[str, str]], after: Mapping[str, Dates],
    promises: Mapping[str, bool],
) -> None:  # fmt: skip
    print(f"\n{proclaimed:%A %-d %B %Y} is proclaimed a bank holiday; two processors at most, no Prefect server\n")
    print(f"{'':24}{'seconds':>9}{'CPU s':>8}{'ms a case':>11}{'MB':>7}{'moved':>7}{'recorded':>10}{'turns due':>11}")
    for name, told in runs.items():
        answer = told.answer
        print(f"{name:24}{told.seconds:9.1f}{told.cpu:8.1f}{1000 * told.seconds / cases:11.2f}{told.megabytes:7.0f}"
              f"{answer['dates_moved']:7}{answer['applied']:10,}{answer['turns_called_for']:11}")  # fmt: skip
    dates = sum(map(len, after.values()))
    print(f"\n{dates:,} dates walked; {len(moved)} moved, in {len({ref for ref, _ in moved})} cases\n")
    for promise, held in promises.items():
        print(f"  {'yes' if held else 'NO '}  {promise}")


def main() -> int:
    """Print the table; 1 if a date moved that should not have, or one stayed that should have moved."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000, help="how many cases are open")
    parser.add_argument("--exemplars", type=int, default=120, help="how many of them are played, the others copied")
    parser.add_argument("--database", help="URL of an empty database; without it SQLite in a temporary folder")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        return measure(chosen.cases, min(chosen.cases, chosen.exemplars), chosen.database, Path(home))


if __name__ == "__main__":
    raise SystemExit(main())
