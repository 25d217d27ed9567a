"""What the doctor examines around the cases: calendars, council files, settings, the database, disk, Prefect, heads."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from desk.calendar_check import FEWEST
from desk.doctor import UP, Finding
from desk.settings import Settings
from models.calendars import ENGLAND_AND_WALES
from models.council import Council
from models.counting import counted
from models.editions import APPLIED, DATES_BY
from models.london import date_in_london
from models.outages import moment
from models.store import CaseSummary, Reading, Store, Writing
from tasks.procedures import REGISTERS
from tasks.turns import Office

if TYPE_CHECKING:
    from desk.runs import CaseRun, Runs
    from models.heads_register import HeadsRegister

LEAST_FREE = 500_000_000  #: bytes
LEAST_SHARE = 0.03  #: of the disk
LARGEST_LOG = 256_000_000  #: bytes of SQLite's write-ahead log
PORTION = 200  #: runs that Prefect is asked for at once
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SEALED_BY = timedelta(hours=6)  #: after midnight: a day's heads that are not sealed then are late


# -- councils and calendars --------------------------------------------------------------------------------------------


def councils(office: Office, cases: Sequence[CaseSummary], chosen: Settings, today: date) -> Iterator[Finding]:
    """Find council files that cannot be read, and years that their calendars lack before the furthest open deadline."""
    furthest: dict[str, date] = {chosen.council: today}
    for case in cases:
        until = date_in_london(case.until) if case.until is not None else today
        furthest[case.council] = max(until, furthest.get(case.council, today))
    for name, last in sorted(furthest.items()):
        try:
            council = office.council(name)
        except Exception as error:
            of = sum(case.council == name and case.procedure not in REGISTERS for case in cases)
            follow = f"{counted(of, 'open case')} {'follows' if of == 1 else 'follow'}"
            what = f"the council file {name!r}, which {follow}, cannot be used: {error}"
            yield Finding("council", what, f"mend it, then: cleardays council check {name}")
            continue
        yield from missing_years(council, today, last)


def missing_years(council: Council, today: date, last: date) -> Iterator[Finding]:
    """Find the years from `today` to `last` whose bank holidays, or the council's own closures, are not known."""
    known = dict(council.edition().bank_holidays[ENGLAND_AND_WALES])
    closures = {day.year for day, _ in council.closures}
    for year in range(today.year, last.year + 1):
        weekdays = sum(day.year == year and day.weekday() < 5 for day in known)
        if weekdays < FEWEST:
            yield Finding(
                "calendar", f"the bank holidays of {year} are missing ({weekdays} are known, England has at least "
                f"{FEWEST}), and a deadline of an open case lies in it or beyond",
                "install a newer 'holidays' library, or enter them under 'proclaimed_holidays' in "
                f"councils/{council.id}.yaml; then: cleardays calendar check --apply",
            )  # fmt: skip
        if closures and year not in closures and year > min(closures):
            yield Finding(
                "calendar", f"{council.name} names no closures for {year}, though it does for others, and a deadline "
                "of an open case lies in it or beyond",
                f"enter them under 'closure_days' in councils/{council.id}.yaml; then: "
                "cleardays calendar check --apply",
            )  # fmt: skip


def editions(reading: Reading, cases: Sequence[CaseSummary]) -> Iterator[Finding]:
    """Find open cases whose dates follow an edition that this database does not hold."""
    follows = {ref: payload.get(DATES_BY) for ref, payload in reading.newest_of_each(APPLIED).items()}
    missing = reading.documents_missing(sha256 for sha256 in follows.values() if sha256)
    for case in cases:
        if (sha256 := follows.get(case.ref)) in missing and sha256 is not None:
            yield Finding("calendar", f"it follows the dates of edition {sha256}, which this database does not hold",
                          "restore the document from the database's backup", None, case.ref)  # fmt: skip


# -- Prefect -----------------------------------------------------------------------------------------------------------


def runs(cases: Sequence[CaseSummary], on: Runs) -> Iterator[Finding]:
    """Find open cases whose run in Prefect is missing or shows something else than the record."""
    settled = [case for case in cases if case.head == case.seen]
    for start in range(0, len(settled), PORTION):
        some = settled[start : start + PORTION]
        shown = on.states_of([UUID(case.run_id) for case in some if case.run_id])
        for case in some:
            if (wrong := _differs(case, shown.get(case.run_id or ""))) is not None:
                yield Finding("run", wrong, "cleardays reconcile", None, case.ref)


def _differs(case: CaseSummary, run: CaseRun | None) -> str | None:
    if run is None:
        return "it has no run in Prefect"
    if run.state_type in ("PENDING", "RUNNING") or run.state_name == "Woken":
        return None  # a turn is under way
    if run.state_type != "SCHEDULED":
        return f"its run in Prefect is {run.state_name!r}, and the case is open ({case.awaiting})"
    if run.state_name != case.awaiting:
        return f"its run in Prefect shows {run.state_name!r}, the record {case.awaiting!r}"
    if case.until is not None and (run.due_at is None or abs(run.due_at - case.until) > timedelta(seconds=1)):
        shown = moment(run.due_at) if run.due_at else "no date"
        return f"its run in Prefect is due {shown}, by the record {moment(case.until)}"
    return None


# -- the house ---------------------------------------------------------------------------------------------------------


def database(store: Store, chosen: Settings) -> Iterator[Finding]:
    """Find a database that cannot be written, and a write-ahead log that grows without end."""
    if (why := cannot_be_written(store)) is not None:
        do = "make room, or give the desk's user the right to write it; the desk goes on by itself"
        yield Finding("house", f"the case database cannot be written: {why}", do)
    file = _file_of(chosen)
    log = Path(f"{file}-wal") if file is not None else None
    if log is not None and log.exists() and log.stat().st_size > LARGEST_LOG:
        much = f"{log.stat().st_size // 1_000_000} megabytes"
        what = f"the database's log {log} holds {much}: a reader that never ends keeps it from being taken in"
        yield Finding("house", what, f"stop the desk and start it again: {UP}")


class _NotKept(Exception):
    """Ends a trial write."""


def cannot_be_written(store: Store) -> str | None:
    """Return why the database takes no writes, in its own words, or None; what is tried is not kept."""

    def trial(tx: Writing) -> None:
        tx.note_service("a trial", EPOCH, {})
        raise _NotKept

    try:
        store.write(trial)
    except _NotKept:
        return None
    except Exception as error:
        return str(getattr(error, "orig", error))
    return None


def house(chosen: Settings) -> Iterator[Finding]:
    """Find a disk that is nearly full, secrets that others can read, and settings that must not be set here."""
    from models import failpoints

    if (warning := failpoints.warning()) is not None:
        yield Finding("house", warning, f"unset {failpoints.VARIABLE} and start the desk again")
    free = shutil.disk_usage(chosen.home)
    if free.free < LEAST_FREE or free.free < free.total * LEAST_SHARE:
        yield Finding("house", f"the disk of {chosen.home} is nearly full: {free.free // 1_000_000} megabytes are left",
                      "make room: what cannot be recorded does not happen")  # fmt: skip
    for path in open_to_others(chosen):
        mode = "700" if path.is_dir() else "600"
        yield Finding("house", f"{path} can be read by every user of this machine", f"chmod {mode} {path}")


def open_to_others(chosen: Settings) -> list[Path]:
    """Return the files and folders with names, addresses or secrets in them that other users can read."""
    private = [_file_of(chosen), chosen.prefect_auth_file, chosen.home / "prefect-auth", chosen.home / "desk.log"]
    if chosen.transport == "folder":
        private.append(chosen.outbox)
    if _others_may(chosen.home):
        return [chosen.home, *(path for path in private if path and _outside(path, chosen.home) and _others_may(path))]
    return [path for path in private if path and _outside(path, chosen.home) and _others_may(path)]


def _outside(path: Path, folder: Path) -> bool:
    return path.exists() and folder.resolve() not in path.resolve().parents


def _others_may(path: Path) -> bool:
    wanted = stat.S_IXOTH if path.is_dir() else stat.S_IROTH
    return bool(path.stat().st_mode & wanted) and os.name == "posix"


def _file_of(chosen: Settings) -> Path | None:
    """Return the file of a SQLite database, or None for another."""
    _, sqlite, path = chosen.database_url.partition("sqlite:///")
    return Path(path) if sqlite and path else None


# -- daily heads -------------------------------------------------------------------------------------------------------


def heads(office: Office, reading: Reading, chosen: Settings, now: datetime) -> Iterator[Finding]:
    """Find days that are over and not sealed, files mailed to nobody, records cut since, and time stamps not had."""
    from models.heads_register import PROCEDURE, HeadsRegister

    if not chosen.daily_heads:
        return
    for case in reading.cases(open_only=True, procedure=PROCEDURE):
        if case.due_at is not None and now - case.due_at > SEALED_BY:
            yield Finding("heads", f"a day ended on {moment(case.due_at)} and its heads are not sealed", UP,
                          case.due_at, case.ref)  # fmt: skip
        record = reading.record(case.ref)
        try:
            council = office.council_of(record, reading)
        except Exception:  # named where councils are examined
            continue
        yield from _of_register(HeadsRegister(record, council, now))


def _of_register(register: HeadsRegister) -> Iterator[Finding]:
    from models.heads_register import REFUSED

    for each in register.breaches():
        yield Finding("heads", f"a record was cut after it was sealed: {each}",
                      "restore the database from its backup; the files that the auditor was mailed are the proof",
                      None, register.ref)  # fmt: skip
    if register.unmailed and register.now - register.unmailed[0].at > SEALED_BY:
        first = register.unmailed[0]
        yield Finding("heads", f"files since {first['day']} are mailed to nobody: nobody holds the auditor's office",
                      "enter the holder with dates in the council's file", first.at, register.ref)  # fmt: skip
    for trouble in register.stamp_troubles:
        what = "was refused" if trouble.kind == REFUSED else "could not be had"
        yield Finding("heads", f"the time stamp of {trouble['day']} {what}: {trouble['why']}",
                      "look at CLEARDAYS_TSA_URL and CLEARDAYS_TSA_CA_FILE; the desk asks again by itself",
                      trouble.at, register.ref)  # fmt: skip
