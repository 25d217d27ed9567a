"""The board: open cases by next deadline, on the page of the “Cases” deployment in the Prefect UI.

Prefect's own list of upcoming runs shows when a run first started, not when it is due next, and leaves out states with
a name of their own; so the list that an officer needs stands in the deployment's description.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from models.clock import ClockInDoubt
from models.london import date_in_london, days_between, short_day_in_words
from models.store import CaseSummary
from models.store_checks import Hint
from tasks.calendar_changes import behind_in_words, count_behind, current_editions
from tasks.procedures import REGISTERS, procedure_named, read
from tasks.turns import Office

if TYPE_CHECKING:
    from desk.runs import Runs

log = logging.getLogger(__name__)

ARTIFACTS = ("timetable", "people", "next")  #: those of each case, by the end of their keys
FEW = 10  #: cases named in a warning
MOST = 100  #: cases listed; an officer with more uses `cleardays cases`
AT_ONCE = 200  #: records read in one look for days that were missed; of more, the rest is read in the next looks
NARROW = "\N{NO-BREAK SPACE}"  #: keeps a date on one line of a narrow column
EVERY = 5.0  #: seconds between two looks
SELDOM = 60.0  #: seconds between two looks whether a council's calendar has changed
RARELY = 3600.0  #: seconds between two comparisons of all open cases with calendars that have not


class Missed(NamedTuple):
    """The last day of a case on which its act was not done, and whether the record holds that as a breach."""

    on: date
    breach: bool


class _Read(NamedTuple):
    """What was missed of a case when its record was read, and what that depended on."""

    by: tuple[Hint, date]
    missed: Missed | None


NOTHING_MISSED: Mapping[str, Missed] = {}


class Board:
    """Keeps the list of open cases on the page of each procedure's deployment."""

    def __init__(
        self, office: Office, runs: Runs, deployments: Mapping[str, UUID],
        told: Callable[[str], None] = lambda line: None,
    ) -> None:  # fmt: skip
        """`deployments` gives each procedure's deployment; `told` hears that open cases follow older dates."""
        self._office, self._runs, self._deployments, self._told = office, runs, deployments, told
        self._shown: dict[str, str] = {}
        self._artifacts: dict[str, dict[str, Mapping[str, UUID]]] = {}  # by procedure and run
        self._shown_at: tuple[object, ...] | None = None
        self._pause, self._again_at = EVERY, math.inf  # until what was not there yet is looked for again
        self._read: dict[str, dict[str, _Read]] = {}  # by procedure and case
        self._unread = False
        self._behind, self._compared_with = 0, ""
        self._watch_at = self._compare_at = 0.0  # not before

    def keep_fresh(self, wait: Callable[[float], bool]) -> None:
        """Refresh every few seconds, until `wait`, which waits for so many, says that it is over.

        It has a thread of its own: no case waits for its turn while a page is written.
        """
        while True:
            try:
                try:
                    self.refresh()
                except ClockInDoubt as doubt:
                    self.tell(str(doubt))
            except Exception as error:  # the server is away; the list is shown when it is back
                log.warning("The list of open cases could not be shown. %s: %s", type(error).__name__, error)
            if wait(EVERY):
                return

    def refresh(self) -> None:
        """Show the list anew where it has changed."""
        now, behind, mark = self._office.clock.now(), self._cases_behind(), self._office.store.mark()
        with self._office.store.reading() as reading:
            failing = [each.case for each in reading.turn_failures()]
        shown = (mark, date_in_london(now), behind, *failing)
        is_new = mark is None or shown != self._shown_at
        if not is_new and time.monotonic() < self._again_at:
            return
        self._unread = False
        for procedure, deployment in self._deployments.items():
            if procedure in REGISTERS:  # nobody's to act on: `cleardays heads` lists them
                continue
            missed = self._missed(procedure, now)
            with self._office.store.reading() as reading:
                late = reading.summaries(sorted(missed, key=lambda ref: (missed[ref].on, ref))[:MOST])
                cases = reading.first_open(procedure, MOST + 1)
                count = len(cases) if len(cases) <= MOST else reading.count_open(procedure)
            late = [case for case in late if case.outcome is None]
            listed = [*late, *(case for case in cases if case.ref not in missed)][:MOST]
            text = open_cases(
                listed, now, self._runs.ui_url, self._artifacts_of(procedure, listed),
                procedure_named(procedure).opening.title, behind, count, failing, missed,
            )  # fmt: skip
            if self._shown.get(procedure) != text:
                self._runs.describe(deployment, text)
                self._shown[procedure] = text
        whole = all(len(names) == len(ARTIFACTS) for runs in self._artifacts.values() for names in runs.values())
        self._shown_at = shown
        self._pause = EVERY if is_new or self._unread else min(2 * self._pause, SELDOM)
        self._again_at = math.inf if whole and not self._unread else time.monotonic() + self._pause

    def tell(self, warning: str) -> None:
        """Show a warning in the place of every list, until the next refresh."""
        for procedure, deployment in self._deployments.items():
            if self._shown.get(procedure) != warning:
                self._runs.describe(deployment, f"> **The desk holds back.** {warning}")
                self._shown[procedure], self._shown_at = warning, None

    def _cases_behind(self) -> int:
        """Return how many open cases follow older dates: counted when a calendar changes, while there are any, hourly.

        To compare a hundred thousand cases takes seconds; they then wait a hundred times as long for the next time.
        """
        began = time.monotonic()
        if began < self._watch_at:
            return self._behind
        self._watch_at = began + SELDOM
        calendars = ",".join(current_editions(self._office))
        if calendars != self._compared_with or began >= self._compare_at:
            before, self._behind, self._compared_with = self._behind, count_behind(self._office), calendars
            if self._behind not in (0, before):
                self._told(f"{behind_in_words(self._behind)}.")
            took = time.monotonic() - began
            self._compare_at = began + max(100 * took, SELDOM if self._behind else RARELY)
        return self._behind

    def _missed(self, procedure: str, now: datetime) -> dict[str, Missed]:
        """Return the last day that was missed of each open case of a procedure, also where its row waits for another.

        A record is read once for each fact and each day, and some in each look: there may be a hundred thousand.
        """
        with self._office.store.reading() as reading:
            hints = reading.perhaps_missed(now, procedure)
        today, before = date_in_london(now), self._read.get(procedure, {})
        known = self._read[procedure] = {ref: before[ref] for ref in hints if ref in before}
        stale = [ref for ref, hint in hints.items() if ref not in known or known[ref].by != (hint, today)]
        stale.sort(key=lambda ref: ref in known)  # what was never read comes first
        for ref in stale[:AT_ONCE]:
            known[ref] = _Read((hints[ref], today), self._missed_of(ref, now))
        self._unread |= len(stale) > AT_ONCE
        return {ref: each.missed for ref, each in known.items() if each.missed is not None}

    def _missed_of(self, ref: str, now: datetime) -> Missed | None:
        with suppress(Exception):  # doctor says what is wrong with it
            record = self._office.store.record(ref)
            view = read(record, self._office.council_of(record), now)
            if view.overdue and (by := view.must_be_done_by) is not None:
                return Missed(by.last_day, breach=bool(view.breaches()))
        return None

    def _artifacts_of(self, procedure: str, cases: Sequence[CaseSummary]) -> Mapping[str, Mapping[str, UUID]]:
        """Return the artifacts of each run by name, asking only for those of runs not seen whole before."""
        runs = [case.run_id for case in cases if case.run_id]
        known = self._artifacts.get(procedure, {})
        missing = [run for run in runs if len(known.get(run, ())) < len(ARTIFACTS)]
        found = {**known, **(self._runs.artifacts_of(missing) if missing else {})}
        self._artifacts[procedure] = {run: found.get(run, {}) for run in runs}
        return self._artifacts[procedure]


def open_cases(
    cases: Sequence[CaseSummary], now: datetime, ui_url: str, artifacts: Mapping[str, Mapping[str, UUID]],
    opening: str, behind: int = 0, count: int | None = None, failing: Sequence[str] = (),
    missed: Mapping[str, Missed] = NOTHING_MISSED,
) -> str:  # fmt: skip
    """Return the first open cases of a procedure as Markdown, those that missed their day first, then by deadline.

    `now` is aware; `artifacts` are by run id and name; `opening` is the title of the form that opens a case; `behind`
    of all open cases follow older dates than the current calendar's; `count` cases are open, those given among them.
    The turns of the cases `failing` fail; `missed` are the days on which cases were not done that had to be.
    """
    older = f"> **{behind_in_words(behind)}**\n\n" if behind else ""
    if failing:
        named = ", ".join(failing[:FEW]) + (f" and {len(failing) - FEW} more" if len(failing) > FEW else "")
        older += f"> **Stuck: {named}. Their turns fail; `cleardays doctor` says why and what to do.**\n\n"
    intro = (
        f"{older}## Open cases by next deadline\n\n"
        f"Start a case with **01 {opening}**, not here. A case's own link opens its timetable. While a case waits, "
        "Prefect hides the tabs of its run that hold its timetable and its steps; the links here open them.\n\n"
    )
    if not cases:
        return f"{intro}No case is open."
    in_order = sorted(cases, key=lambda case: missed[case.ref].on if case.ref in missed else date.max)
    rows = [_row(case, now, ui_url, artifacts.get(case.run_id or "", {}), missed.get(case.ref)) for case in in_order]
    left = (count or 0) - len(cases)
    more = f"\n\n{left:,} more: `cleardays cases`." if left > 0 else ""
    return f"{intro}| Case | Waits for | Until | Left | More |\n|---|---|---|---|---|\n" + "\n".join(rows) + more


def _row(
    case: CaseSummary, now: datetime, ui_url: str, artifacts: Mapping[str, UUID], missed: Missed | None
) -> str:  # fmt: skip
    pages = {name: f"{ui_url}/v2/artifacts/artifact/{artifacts[name]}" for name in ARTIFACTS if name in artifacts}
    timetable = pages.pop("timetable", None)
    ref = f"[{case.ref}]({timetable})" if timetable else case.ref
    if case.run_id:
        pages["steps"] = f"{ui_url}/v2/runs/flow-run/{case.run_id}?tab=TaskRuns"
    links = " · ".join(f"[{name}]({page})" for name, page in pages.items())
    today, day, left = date_in_london(now), case.until and date_in_london(case.until), ""
    if missed is not None:
        day, late = missed.on, days_between(missed.on, today)
        left = f"**{'breach, ' if missed.breach else ''}{late}{NARROW}day{'' if late == 1 else 's'} late**"
    elif day is not None:
        days = days_between(today, day)
        left = "**last day today**" if days == 0 else f"{days}{NARROW}day{'' if days == 1 else 's'}"
    until = short_day_in_words(day).replace(" ", NARROW) if day is not None else "no date"
    return f"| {ref} | {case.awaiting} | {until} | {left} | {links} |"
