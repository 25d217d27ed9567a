"""Working days: agreement with gov.uk, reasons, closures, stepping and fingerprints."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial
from types import SimpleNamespace

import holidays
import pytest
from govuk_bank_holidays.bank_holidays import BankHolidays

from models.bank_holidays import FIRST_YEAR, LAST_YEAR, NAMES_OF_PARTS, _united_kingdom, bank_holidays
from models.calendars import Calendar, calendar_named

ENGLAND = calendar_named("england-and-wales")
KINGDOM = calendar_named("united-kingdom")
DAYS_OF_GOV_UK = {
    division: frozenset(row["date"] for row in rows)
    for division, rows in BankHolidays(use_cached_holidays=True).data.items()
}
# Scotland's World Cup day: proclaimed on 3 February 2026, after the copy of the list used here was made
PROCLAIMED_SINCE = frozenset({date(2026, 6, 15)})
YEARS_OF_GOV_UK = sorted({day.year for day in DAYS_OF_GOV_UK["england-and-wales"]})


@pytest.mark.parametrize("year", YEARS_OF_GOV_UK)
def test_every_day_agrees_with_gov_uk(year: int) -> None:
    """Each day of each year gov.uk lists is a working day there and here, or in neither."""
    in_any_part = PROCLAIMED_SINCE.union(*DAYS_OF_GOV_UK.values())
    for day in (date(year, 1, 1) + timedelta(days=n) for n in range(366 if year % 4 == 0 else 365)):
        on_a_weekday = day.weekday() < 5
        assert ENGLAND.is_working_day(day) == (
            on_a_weekday and day not in DAYS_OF_GOV_UK["england-and-wales"]
        ), day
        assert KINGDOM.is_working_day(day) == (on_a_weekday and day not in in_any_part), day


@pytest.mark.parametrize("part", NAMES_OF_PARTS)
def test_the_library_says_the_same_when_asked_the_common_way(part: str) -> None:
    """Its file for the United Kingdom is loaded by itself; its own registry answers alike for every year reckoned."""
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        kept = holidays.country_holidays("GB", subdiv=part, years=year)
        named = {day: name.replace(" (observed)", ", substitute day") for day, name in kept.items()}
        assert bank_holidays(year, (part,)) == named


def test_a_library_laid_out_otherwise_is_asked_the_common_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file is not found, the registry finds the country, and the days are the same."""
    monkeypatch.setattr("models.bank_holidays.PathFinder", SimpleNamespace(find_spec=lambda *_: None))
    asked = _united_kingdom.__wrapped__()
    assert isinstance(asked, partial)
    assert set(asked(subdiv="ENG", years=2017)) == set(bank_holidays(2017, ("ENG",)))


def test_next_year_is_known() -> None:
    """gov.uk's list for next year is here and agrees; otherwise both libraries need renewing."""
    next_year = date.today().year + 1
    listed = {day for day in DAYS_OF_GOV_UK["england-and-wales"] if day.year == next_year}
    assert listed, (
        f"gov.uk's list for {next_year} is missing: "
        "run `uv lock --upgrade-package govuk-bank-holidays --upgrade-package holidays`"
    )
    assert {day for day in listed if ENGLAND.is_working_day(day)} == set()


@pytest.mark.parametrize(
    "day",
    # one-off days proclaimed since 2012, typed by hand
    [
        *(date(2012, 6, 4), date(2012, 6, 5), date(2020, 5, 8), date(2022, 6, 2), date(2022, 6, 3)),
        *(date(2022, 9, 19), date(2023, 5, 8)),
        # substitute days, typed by hand
        *(date(2012, 1, 2), date(2015, 12, 28), date(2016, 12, 27), date(2017, 1, 2), date(2020, 12, 28)),
        *(date(2021, 12, 27), date(2021, 12, 28), date(2022, 1, 3), date(2022, 12, 27), date(2023, 1, 2)),
        *(date(2026, 12, 28), date(2027, 12, 27), date(2027, 12, 28), date(2028, 1, 3)),
    ],
)
def test_one_off_and_substitute_days_are_not_worked(day: date) -> None:
    """Jubilees, the state funeral, the coronation and substitute days are bank holidays."""
    assert day.weekday() < 5
    assert str(ENGLAND.why_not_working(day)).endswith("(bank holiday)")


def test_days_that_moved_are_worked() -> None:
    """In 2020 and 2022 a bank holiday moved; its usual Monday was worked."""
    assert ENGLAND.is_working_day(date(2020, 5, 4))
    assert ENGLAND.is_working_day(date(2022, 5, 30))


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2017, 9, 8), None),
        (date(2017, 9, 9), "Saturday"),
        (date(2017, 9, 10), "Sunday"),
        (date(2017, 12, 25), "Christmas Day (bank holiday)"),
        (date(2021, 12, 25), "Saturday, Christmas Day"),
        (date(2021, 12, 27), "Christmas Day, substitute day (bank holiday)"),
        (date(2022, 9, 19), "State Funeral of Queen Elizabeth II (bank holiday)"),
    ],
)
def test_a_day_not_worked_says_why(day: date, why: str | None) -> None:
    """A Saturday 25 December is not a working day whatever its substitute; each reason is in words."""
    assert ENGLAND.why_not_working(day) == why
    assert ENGLAND.is_working_day(day) == (why is None)


def test_the_united_kingdom_keeps_the_days_of_every_part() -> None:
    """Freedom of Information counts a bank holiday in any part; the reason names the part."""
    assert KINGDOM.why_not_working(date(2015, 1, 2)) == "New Year Holiday in Scotland (bank holiday)"
    assert (
        KINGDOM.why_not_working(date(2015, 3, 17)) == "Saint Patrick's Day in Northern Ireland (bank holiday)"
    )
    assert KINGDOM.why_not_working(date(2015, 4, 6)) == (
        "Easter Monday in England, Wales and Northern Ireland (bank holiday)"
    )
    assert ENGLAND.is_working_day(date(2015, 1, 2))


def test_every_day_skips_nothing() -> None:
    """On "every-day" Christmas is a day like another, and stepping is plain addition."""
    every = calendar_named("every-day")
    assert every.is_working_day(date(2017, 12, 25))
    assert every.working_day_after(date(2017, 12, 24), 1) == date(2017, 12, 25)
    assert every.working_day_before(date(2017, 12, 26), 1) == date(2017, 12, 25)
    assert every.library_version == "no library needed"


def test_the_council_s_closures_and_new_bank_holidays_count() -> None:
    """A closed day gives the council's reason; a proclaimed one is a bank holiday, also in law."""
    council = calendar_named(
        "england-and-wales",
        {date(2017, 12, 27): "Christmas shutdown"},
        proclaimed={date(2017, 12, 28): "Day of thanks"},
    )
    assert council.why_not_working(date(2017, 12, 27)) == "council closed: Christmas shutdown"
    assert council.why_not_working(date(2017, 12, 28)) == "Day of thanks (bank holiday)"
    assert council.last_working_day_on_or_before(date(2017, 12, 28)) == date(2017, 12, 22)
    in_law = council.without_closures()
    assert in_law.is_working_day(date(2017, 12, 27))
    assert not in_law.is_working_day(date(2017, 12, 28))


def test_an_unknown_calendar_lists_the_known_ones() -> None:
    """The error names the calendar asked for and the three there are."""
    with pytest.raises(
        ValueError, match=r"'scotland' is not a calendar; .* england-and-wales, united-kingdom, every-day"
    ):
        calendar_named("scotland")


@pytest.mark.parametrize("year", [1971, 2100])
def test_years_whose_bank_holidays_nobody_knows_are_refused(year: int) -> None:
    """Rather than skip weekends only, a year out of reach is an error that says the range."""
    for ask in (ENGLAND.is_working_day, lambda day: ENGLAND.working_day_after(day, 1)):
        with pytest.raises(ValueError, match=f"bank holidays of {year} are not known.*1972 to 2099"):
            ask(date(year, 6, 1))


def test_counting_off_either_end_of_the_known_years_is_refused() -> None:
    """A count that would leave 1972 to 2099 is an error at once."""
    with pytest.raises(ValueError, match="not known"):
        ENGLAND.working_day_after(date(2099, 12, 31), 1)
    with pytest.raises(ValueError, match="not known"):
        ENGLAND.working_day_after(date(2017, 7, 26), 999_999)
    with pytest.raises(ValueError, match="not known"):
        ENGLAND.working_day_before(date(1972, 1, 4), 5)


def test_counts_below_one_and_instants_are_refused() -> None:
    """Nought working days after is no question; an instant must be made a London day first."""
    for step in (ENGLAND.working_day_after, ENGLAND.working_day_before):
        with pytest.raises(ValueError, match="cannot count 0 working days"):
            step(date(2017, 7, 26), 0)
        with pytest.raises(TypeError, match="is an instant, not a day"):
            step(datetime(2017, 7, 26, 10), 1)


def test_a_fingerprint_is_the_digest_of_the_days_not_worked() -> None:
    """Anybody can recompute it with sha256sum; a new closed day inside the range changes it."""
    first, last = date(2017, 12, 22), date(2017, 12, 27)
    listed = "2017-12-23\n2017-12-24\n2017-12-25\n2017-12-26\n"
    assert ENGLAND.fingerprint(first, last) == hashlib.sha256(listed.encode()).hexdigest()[:16]
    closed = calendar_named("england-and-wales", {date(2017, 12, 27): "shutdown"})
    assert closed.fingerprint(first, last) != ENGLAND.fingerprint(first, last)
    assert closed.fingerprint(first, date(2017, 12, 26)) == ENGLAND.fingerprint(first, date(2017, 12, 26))


def test_calendars_compare_hash_and_pickle_by_what_they_say() -> None:
    """Two calendars that say the same are equal, and one survives being sent to another process."""
    closures = {date(2017, 12, 27): "shutdown"}
    one, other = calendar_named("england-and-wales", closures), calendar_named("england-and-wales", closures)
    assert (one, hash(one)) == (other, hash(other))
    assert one != ENGLAND
    copy = pickle.loads(pickle.dumps(one))
    assert copy == one
    assert copy.working_day_after(date(2017, 12, 26), 1) == date(2017, 12, 28)


def test_growing_tables_under_many_threads_gives_the_same_days() -> None:
    """Threads that ask for far-apart years at once all get the answer a single one gets."""
    starts = [date(year, 12, 20) for year in range(1975, 2095, 3)] * 4
    alone = [calendar_named("united-kingdom").working_day_after(day, 9) for day in starts]
    fresh = Calendar("united-kingdom", closures=((date(1990, 1, 1), "never mind"),))
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda day: fresh.working_day_after(day, 9), starts))
    assert together == alone


def test_many_days_at_once_are_the_days_one_by_one() -> None:
    """Stepping from many days gives what stepping from each does, whether its year was met before or not."""
    starts = [date(2031, 12, 20) + timedelta(days=n) for n in range(20)]
    fresh = Calendar("england-and-wales", closures=((date(2032, 1, 5), "shutdown"),))
    one_by_one = [fresh.working_day_after(day, 3) for day in starts]
    assert Calendar(fresh.name, fresh.closures).working_days_after(starts, 3) == one_by_one
    assert fresh.working_days_after(iter(starts), 3) == one_by_one
    assert calendar_named("every-day").working_days_after(starts[:1], 3) == [date(2031, 12, 23)]
    with pytest.raises(ValueError, match="cannot count 0"):
        fresh.working_days_after(starts, 0)


def test_naming_a_calendar_imports_no_holidays() -> None:
    """The library is imported when the first year is computed, not before."""
    code = (
        "import sys, models.phrases, models.cycles; from models.calendars import calendar_named;"
        "calendar_named('united-kingdom'); sys.exit('holidays' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
