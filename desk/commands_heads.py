"""`heads`: the daily heads that were sealed, listed and written to files."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from desk.door import the_office
from desk.registers import SealedDay, sealed_days
from desk.tables import Cell, print_json, say, show_table
from models.counting import counted
from models.london import LONDON, instant_in_words, parse_day, short_day_in_words
from models.store import Reading
from models.whole_record import kept_as_sealed
from tasks.forms import Refused
from tasks.heads_procedure import without_auditor

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences")]
SHOWN = 12  #: figures of a hash in the table; --json gives it whole


def heads(
    council: Annotated[str | None, typer.Option(help="Of one council alone, such as southampton")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write each file and time stamp there")] = None,
    as_json: Json = False,
) -> None:
    """List the daily heads: how far each record had come, sealed day by day and mailed to the auditor."""
    with the_office() as (office, chosen):
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
        with office.store.reading() as reading:
            days = sealed_days(office, reading, council)
            written = [path for day in days for path in _write(reading, day, out)] if out is not None else []
        nobody = None if days else without_auditor(office.council(council or chosen.council))
    if as_json:
        return print_json([_as_dict(day) for day in days])
    if not days:
        there = f" {out} is there for the files; until the first, verify a file without --heads." if out else ""
        sealed = "No day is sealed yet. The desk seals each day once it is over, from the first case on."
        return say(f"{nobody or sealed}{there}")
    show_table(("Day", "Records that grew", "Sealed at", "Letter", "Stamped", "SHA-256"), [_row(day) for day in days])
    if out is not None:
        say(f"{counted(len(written), 'file is', 'files are')} in {out}. Hold an evidence file against them: "
            f"cleardays verify FILE.zip --heads {out}")  # fmt: skip


heads.example = "Example: cleardays heads --out kept-heads/"  # type: ignore[attr-defined]


def _row(day: SealedDay) -> list[Cell]:
    fact = day.fact
    late: Cell = (f"{instant_in_words(fact.at)}, late", "yellow") if fact["late"] else instant_in_words(fact.at)
    mailed: Cell = (day.mailed, "green" if day.mailed == "sent" else "bold red")
    stamped = str(day.stamp["stamped_at"]) if day.stamp is not None else ""
    named = short_day_in_words(parse_day(fact["day"]))
    return [named, str(fact["cases"]), late, mailed, stamped, f"{fact['sha256'][:SHOWN]}..."]


def _as_dict(day: SealedDay) -> dict[str, object]:
    fact = day.fact
    return {
        "register": day.register, "council": day.council, "day": fact["day"], "cases": fact["cases"],
        "sealed_at": fact.at.astimezone(LONDON).isoformat(), "late": fact["late"], "letter": day.mailed,
        "file": fact["filename"], "sha256": fact["sha256"], "previous": fact["previous"],
        "stamped_at": day.stamp["at"] if day.stamp is not None else None,
        "token": day.stamp["filename"] if day.stamp is not None else None,
    }  # fmt: skip


def _write(reading: Reading, day: SealedDay, folder: Path) -> list[Path]:
    """Write a day's file, and its time stamp where it has one; return their paths.

    Raises Refused where another file of that name is there: what an auditor kept is never written over; BrokenRecord
    where the one in the database is not as it was sealed.
    """
    wanted = {day.fact["filename"]: day.fact["sha256"]}
    if day.stamp is not None:
        wanted[day.stamp["filename"]] = day.stamp["token"]
    for name, digest in wanted.items():
        path = folder / name
        if not path.exists():
            path.write_bytes(kept_as_sealed(reading, name, digest))
        elif sha256(path.read_bytes()).hexdigest() != digest:
            raise Refused(f"{path} is there and is not the file sealed then (SHA-256 {digest}); name another folder")
    return [folder / name for name in wanted]
