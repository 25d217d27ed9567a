"""Reconcile: bring Prefect's runs into line with the record, which is what counts.

After Prefect's database was lost every open case gets its run back, parked under what it waits for until its
deadline. A run that shows something else than the record is put right.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from models.counting import counted
from models.failpoints import reached
from models.store import CaseSummary
from tasks.procedures import REGISTERS
from tasks.turns import Office

if TYPE_CHECKING:
    from desk.runs import CaseRun, Runs

log = logging.getLogger(__name__)

AT_ONCE = 200  #: runs asked for together


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was done for one case."""

    ref: str
    procedure: str
    did: str  #: "made", "put right", "left as it is", "a turn is under way", "left alone: its procedure is not known"
    awaiting: str
    until: datetime | None


def reconcile(
    office: Office, runs: Runs, deployments: Mapping[str, UUID], told: Callable[[int, int], None] = lambda n, of: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Reconciled]:  # fmt: skip
    """Go through every open case; give what was done for each.

    Turns may be taken meanwhile: a case is read again before its run is touched, and after. `told` hears how many of
    how many are done; `stopped` is asked before each portion.
    """
    with office.store.reading() as reading:
        refs = [case.ref for case in reading.cases(open_only=True)]
    for start in range(0, len(refs), AT_ONCE):
        if stopped():
            return
        with office.store.reading() as reading:
            cases = [case for case in reading.summaries(refs[start : start + AT_ONCE]) if case.outcome is None]
        shown = runs.states_of([UUID(case.run_id) for case in cases if case.run_id])
        for case in cases:
            yield _one(office, runs, deployments, case, shown.get(case.run_id or ""))
        told(min(start + AT_ONCE, len(refs)), len(refs))


def _one(
    office: Office, runs: Runs, deployments: Mapping[str, UUID], case: CaseSummary, run: CaseRun | None
) -> Reconciled:
    awaiting, until = (case.awaiting, case.until) if case.seen else ("Notified", datetime.now(UTC))
    if case.procedure not in deployments:
        log.error("Case %s follows %s, which this desk does not know.", case.ref, case.procedure)
        return Reconciled(case.ref, case.procedure, "left alone: its procedure is not known", awaiting, until)
    if run is None:
        run_id = runs.create(case.ref, case.procedure, deployments[case.procedure], awaiting, until, case.message)
        if runs.repark(run_id, awaiting, until, case.message) == "finished":
            runs.revive(run_id, "The case is open; its run had ended.")
        did = "made"
    else:
        run_id = run.run_id
        did = _put_right(runs, run, awaiting, until, case.message)
    reached("case-reconciled", case.ref)
    if case.run_id != str(run_id):
        office.store.write(lambda tx: tx.note_run(case.ref, str(run_id)))
    if did != "left as it is":
        now = office.store.case(case.ref)
        if now.outcome is None and (now.seen, now.awaiting, now.until) != (case.seen, case.awaiting, case.until):
            put_right(runs, now)  # a turn was taken meanwhile
    return Reconciled(case.ref, case.procedure, did, awaiting, until)


def put_right(runs: Runs, case: CaseSummary) -> str:
    """Bring the run of one case, if it has one, into line with the record; return what was done, in words."""
    run = runs.state_of(UUID(case.run_id)) if case.run_id else None
    if run is None:
        return "it has no run"
    return _put_right(runs, run, case.awaiting, case.until, case.message)


def _put_right(runs: Runs, run: CaseRun, awaiting: str, until: datetime | None, message: str) -> str:
    if run.state_type != "SCHEDULED":
        return "a turn is under way" if run.state_type in ("PENDING", "RUNNING") else "paused in Prefect"
    if run.state_name == awaiting and _same(run.due_at, until):
        return "left as it is"
    if run.state_name == "Woken":
        return "a turn is under way"
    runs.repark(run.run_id, awaiting, until, message)
    return "put right"


def _same(shown: datetime | None, meant: datetime | None) -> bool:
    if shown is None or meant is None:
        return meant is None
    return abs(shown - meant) < timedelta(seconds=1)


def run(json: bool = False) -> int:
    """Reconcile with the Prefect server of the settings, and say what was done. Returns the exit code."""
    import json as json_lines
    import sys

    from desk.deployments import deploy
    from desk.office import open_office
    from desk.rows import set_anew
    from desk.runs import Runs
    from desk.server import use_server
    from desk.server_auth import server_auth
    from desk.settings import settings

    api_url = settings().prefect_api_url
    use_server(api_url, server_auth(settings()))
    office = open_office(settings())
    mended = set_anew(office)
    with Runs(api_url) as runs:
        deployments = deploy(api_url, forms_of=settings().offered)
        done = list(reconcile(office, runs, deployments, _progress if sys.stderr.isatty() else lambda n, of: None))
    for ref in mended if not json else ():
        print(f"{ref}: its row was not as its record has it; it is set anew by the next turn of a running desk.")
    if json:
        print(json_lines.dumps([_plain(each) for each in done]))
        return 0
    for each in done:
        print(f"{each.ref}: {each.did}. {each.awaiting}{_until(each.until)}")
    print(in_sum(done))
    return 0


def in_sum(done: Iterable[Reconciled]) -> str:
    """Return in a sentence how many open cases there are, and how many were given a run again; registers are none."""
    cases = [each.did for each in done if each.procedure not in REGISTERS]
    return f"{counted(len(cases), 'open case')}; {cases.count('made'):,} given a run again."


def _progress(number: int, of: int) -> None:
    import sys

    print(f"\r{number} of {of} cases", end="\n" if number == of else "", file=sys.stderr, flush=True)


def _plain(each: Reconciled) -> dict[str, str | None]:
    return {
        "case": each.ref, "did": each.did, "awaiting": each.awaiting,
        "until": each.until.isoformat() if each.until else None,
    }  # fmt: skip


def _until(until: datetime | None) -> str:
    from models.london import instant_in_words

    return f", until {instant_in_words(until)}" if until else ""
