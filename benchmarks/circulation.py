"""A circulation, measured: python -m benchmarks.circulation [--letters 1000] [--small] [--json FILE].

Personalised letters, each with a PDF of 200 KB and a calendar file (or without: `--small`), to postfix's smtp-sink
where it is on the PATH or given by `--sink`, and to a bundled sink otherwise. Ours is the whole way: rows in the
outbox of a real store, claimed, marked before they leave, handed over, each fate a fact of its case. Beside it a raw
sender (the same bytes, made before, nothing recorded) and what else one would take. `--round-trip 20` puts a line of
20 ms there and back between them and the sink.

All take turns; the best of several rounds counts. The slow ones are judged by fewer letters, as the table says. The
ratios travel between machines; the rates do not. A letter of ours waits for a commit before its final dot, so a disk
that is slow to flush wants more connections: `--connections`, for all that can use several.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.circulation_contenders import DJANGO, OURS, RAW, WAYS, Task
from benchmarks.circulation_sink import cpu_of, found_sink, serving

ROOT = Path(__file__).resolve().parents[1]
FEW, FEWER = 200, 40  #: letters by which the slow ones are judged, near and over a long line
OF_RAW, OF_DJANGO = 0.8, 8.0  #: what is aimed at, with the attachment


@dataclass(frozen=True)
class Rate:
    """How fast one way was at its best."""

    letters: int  #: how many it was judged by
    per_second: float
    cpu_ms: float  #: of our side, for one letter
    sink_cpu_ms: float


def played(task: Task, sink: Path | None, round_trip: float) -> Rate:
    """Play a task in a process of its own, against a sink of its own."""
    with serving(sink, round_trip) as (port, sink_pid):
        spec = json.dumps({**asdict(task), "port": port})
        command = [sys.executable, "-m", "benchmarks.circulation_contenders", spec]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        sink_cpu = cpu_of(sink_pid)
    took = json.loads(done.stdout)
    return Rate(
        task.letters, task.letters / took["seconds"], 1000 * took["cpu"] / task.letters, 1000 * sink_cpu / task.letters
    )


def measured(options: argparse.Namespace, sink: Path | None, *, small: bool, round_trip: float) -> Mapping[str, Rate]:
    """Let every way take its turn, in several rounds; return each way's best."""
    best: dict[str, Rate] = {}
    for _ in range(options.rounds):
        for way in options.only or WAYS:
            few = FEWER if round_trip else FEW
            letters = options.letters if way in (OURS, RAW) else min(few, options.letters)
            task = Task(way, letters, small, options.connections, 0, options.database)
            rate = played(task, sink, round_trip)
            if way not in best or rate.per_second > best[way].per_second:
                best[way] = rate
    return best


def table(rates: Mapping[str, Rate]) -> Sequence[str]:
    """Return the lines of a table: rates, processor time, and each way beside the raw sender and beside Django."""
    lines = [f"  {'':12} {'letters':>8} {'a second':>10} {'CPU ms':>8} {'sink ms':>8} {'of raw':>8} {'x Django':>9}"]
    for way, rate in rates.items():
        lines.append(
            f"  {way:12} {rate.letters:8,} {rate.per_second:10,.1f} {rate.cpu_ms:8.2f} {rate.sink_cpu_ms:8.2f} "
            f"{_beside(rate, rates.get(RAW)):>8} {_beside(rate, rates.get(DJANGO)):>9}"
        )
    return lines


def verdict(rates: Mapping[str, Rate]) -> str:
    """Return whether ours is as fast as it is meant to be, with papers and near the sink."""
    ours, raw, django = (rates[way].per_second for way in (OURS, RAW, DJANGO))
    met = "met" if ours >= OF_RAW * raw and ours >= OF_DJANGO * django else "not met"
    return f"aimed at: {OF_RAW} of the raw sender and {OF_DJANGO:g} times Django: {met}"


def _beside(rate: Rate, other: Rate | None) -> str:
    return "" if other is None else f"{rate.per_second / other.per_second:.2f}"


def options_given() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.circulation", description="A circulation, measured.")
    parser.add_argument("--letters", type=int, default=1000, help="how many ours and the raw sender send")
    parser.add_argument("--small", action="store_true", help="letters without papers only")
    parser.add_argument("--round-trip", type=float, help="milliseconds there and back; else 0 and then 20")
    parser.add_argument("--connections", type=int, default=8, help="of ours, the raw sender and aiosmtplib")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", choices=list(WAYS), help="one way alone; may be repeated")
    parser.add_argument("--sink", type=Path, help="smtp-sink, where it is not on the PATH")
    parser.add_argument("--bundled-sink", action="store_true", help="not smtp-sink, even where there is one")
    parser.add_argument("--database", help="URL of an empty database; else a SQLite file, every commit flushed")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    return parser.parse_args()


def main() -> None:
    """Measure with papers and without, near and over a long line; print the tables."""
    options = options_given()
    sink = None if options.bundled_sink else found_sink(options.sink)
    print(f"{options.letters:,} letters over {options.connections} connections to {sink or 'the bundled sink'}")
    told: dict[str, Mapping[str, object]] = {}
    trips = (0.0, 20.0) if options.round_trip is None else (options.round_trip,)
    for small in (True,) if options.small else (False, True):
        for trip in trips:
            name = f"{'small' if small else 'with papers'}, {trip:g} ms round trip"
            rates = measured(options, sink, small=small, round_trip=trip / 1000)
            print(f"\n{name}\n", *table(rates), sep="\n", flush=True)
            told[name] = {way: asdict(rate) for way, rate in rates.items()}
            if not small and not trip and {OURS, RAW, DJANGO} <= rates.keys():
                print("\n  " + verdict(rates))
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
