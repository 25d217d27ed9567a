"""What `cleardays calendar` does: compares open cases with the current calendar, and lets them take it over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from desk.case_views import VIEWS, versions_of
from models.calendars import ENGLAND_AND_WALES
from models.council import Council
from models.counting import counted
from models.london import short_day_in_words
from tasks.authority import By
from tasks.calendar_changes import Applied, CalendarChanges, MovedDate, Projection
from tasks.turns import Office

if TYPE_CHECKING:
    from desk.runs import Runs

FEWEST = 8  #: bank holidays on weekdays that every year has in England since 1978
Told = Callable[[int, int], None]


@dataclass(slots=True)
class Found:
    """What a check found, or what applying it did."""

    looked_at: int = 0
    behind: int = 0  #: cases that follow an older edition
    not_kept: int = 0  #: of these, those opened before editions were kept
    reasons: list[str] = field(default_factory=list)
    moved: list[tuple[str, MovedDate]] = field(default_factory=list)  #: with the case's reference
    applied: int = 0
    turns_called_for: int = 0
    runs_put_right: int = 0

    @property
    def cases_moved(self) -> int:
        """Return how many cases have a date that moves."""
        return len({ref for ref, _ in self.moved})

    @property
    def times_to_answer(self) -> int:
        """Return how many consultees' own last days move: they were told another one in writing."""
        return sum(
            each.name.startswith("feedback: ") and each.before.last_day != each.after.last_day for _, each in self.moved
        )

    def note(self, projection: Projection) -> None:
        """Count one case in."""
        self.behind += 1
        self.not_kept += projection.was is None
        self.moved += [(projection.ref, each) for each in projection.moved]
        self.reasons += [why for why in projection.reasons if why not in self.reasons]

    def as_dict(self) -> dict[str, Any]:
        """Return everything in plain JSON values, days as 2022-09-19."""
        return {
            "cases": self.looked_at, "behind": self.behind, "not_kept": self.not_kept, "reasons": self.reasons,
            "cases_moved": self.cases_moved, "dates_moved": len(self.moved), "applied": self.applied,
            "turns_called_for": self.turns_called_for, "runs_put_right": self.runs_put_right,
            "moved": [_as_dict(ref, each) for ref, each in self.moved],
        }  # fmt: skip


def _as_dict(ref: str, moved: MovedDate) -> dict[str, Any]:
    return {
        "case": ref, "name": moved.name, "status": moved.status, "reasons": list(moved.reasons),
        "last_day": [moved.before.last_day.isoformat(), moved.after.last_day.isoformat()],
        "target": [moved.before.target.isoformat(), moved.after.target.isoformat()],
    }  # fmt: skip


def check(office: Office, told: Told) -> Found:
    """Compare every open case with its council's current calendar. Raises CouncilFileError for a file that is wrong."""
    found = Found()
    for projection in CalendarChanges(office, VIEWS).behind(_counting(found, told)):
        found.note(projection)
    return found


def apply(office: Office, by: By, runs: Runs | None, told: Told) -> Found:
    """Let every open case take over its council's current calendar; `runs`: the Prefect server, where one answers."""
    found = Found()
    changed = CalendarChanges(office, VIEWS)
    for each in changed.apply(versions_of, by, _counting(found, told)):
        found.note(each.projection)
        found.applied += 1
        found.turns_called_for += each.rest is None
        if runs is not None and each.rest is not None and (each.waits_otherwise or each.projection.moved):
            found.runs_put_right += _show(office, runs, each)
    return found


def _counting(found: Found, told: Told) -> Told:
    def count(number: int, of: int) -> None:
        found.looked_at = of
        told(number, of)

    return count


def _show(office: Office, runs: Runs, applied: Applied) -> bool:
    """Let the run of a case show its new dates; tell whether it was parked anew. A turn shows those of all others."""
    from uuid import UUID

    from desk.engine import publish
    from desk.reconcile import put_right

    summary = office.store.case(applied.projection.ref)
    if summary.run_id is None:
        return False
    if applied.projection.moved:
        record = office.store.record(summary.ref)
        case = VIEWS[record.procedure](record, office.council_of(record), office.clock.now())
        publish(runs, UUID(summary.run_id), case, summary.awaiting, summary.message)
    return applied.waits_otherwise and put_right(runs, summary) == "put right"


# -- the days themselves -----------------------------------------------------------------------------------------------


def days_not_worked(council: Council, year: int, name: str = ENGLAND_AND_WALES) -> list[tuple[date, str]]:
    """Return the bank holidays and closures of a year, with reasons; plain weekends left out. Raises ValueError."""
    listed = council.calendar(name).not_working(date(year, 1, 1), date(year, 12, 31))
    return [(day, why) for day, why in listed if why not in ("Saturday", "Sunday")]


def what_is_missing(council: Council, today: date) -> Iterator[str]:
    """Give a sentence for each thing that the calendar lacks for this year and the next."""
    for year in (today.year, today.year + 1):
        days = dict(council.edition().bank_holidays[ENGLAND_AND_WALES])
        weekdays = [day for day in days if day.year == year and day.weekday() < 5]
        if len(weekdays) < FEWEST:
            yield (
                f"the bank holidays of {year} are missing: {len(weekdays)} are known, and England has at least "
                f"{FEWEST}. Install a newer 'holidays' library, or enter them under 'proclaimed_holidays' in "
                f"councils/{council.id}.yaml"
            )
    closures = {day.year for day, _ in council.closures}
    if today.year in closures and today.year + 1 not in closures:
        yield f"councils/{council.id}.yaml names no closures for {today.year + 1} yet, though it does for {today.year}"


# -- in words ----------------------------------------------------------------------------------------------------------


def rows_of(moved: Iterable[tuple[str, MovedDate]]) -> list[list[str]]:
    """Return a table row for each date that moves: case, deadline, last day, target, where it stands, why."""
    return [
        [ref, each.name, _days(each.before.last_day, each.after.last_day),
         _days(each.before.target, each.after.target), each.status, each.why]
        for ref, each in moved
    ]  # fmt: skip


def _days(before: date, after: date) -> str:
    was, now = short_day_in_words(before), short_day_in_words(after)
    return now if was == now else f"{was} → {now}"


def totals(found: Found) -> list[str]:
    """Return what was found or done, in sentences."""
    if not found.behind:
        of = "the one open case" if found.looked_at == 1 else f"each of {found.looked_at:,} open cases"
        return [f"Nothing has changed: {of} follows the current calendar."]
    kept = found.behind - found.cases_moved
    told = [
        f"{counted(found.looked_at, 'open case')}, {found.behind:,} of them dated by an older calendar. "
        f"Dates that move: {len(found.moved):,}, in {counted(found.cases_moved, 'case')}; {kept:,} keep every date."
    ]
    if found.not_kept:
        told.append(f"{found.not_kept:,} of them were opened before calendars were kept; no date of theirs moves.")
    if found.times_to_answer:
        told.append(
            f"{counted(found.times_to_answer, 'consultee')} had been told another last day in writing: those who have "
            "not answered are written to. Shortening their time may be unfair to them."
        )
    return told
