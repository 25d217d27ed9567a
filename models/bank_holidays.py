"""Bank holidays by year, computed offline for a part of the United Kingdom or all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache, partial
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

NAMES_OF_PARTS = {"ENG": "England", "WLS": "Wales", "SCT": "Scotland", "NIR": "Northern Ireland"}

# the Banking and Financial Dealings Act 1971 fixes today's bank holidays; those of 2100 are anyone's guess
FIRST_YEAR, LAST_YEAR = 1972, 2099


def year_reckoned(day: date) -> int:
    """Return the year of a day whose bank holidays are known.

    A year out of reach is a ValueError; an instant in place of a day is a TypeError, because the
    London date must be taken from it first.
    """
    if isinstance(day, datetime):
        raise TypeError(f"{day.isoformat()} is an instant, not a day; take its date_in_london first")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(
            f"the bank holidays of {day.year} are not known; "
            f"working days can be reckoned from {FIRST_YEAR} to {LAST_YEAR}"
        )
    return day.year


@dataclass(frozen=True, slots=True)
class PublishedDays:
    """The bank holidays of a range of years as they were once known: they stand in for the library's."""

    name: str  #: tells one set of days from another: the SHA-256 of the edition that holds them
    source: str  #: the library they came from, with its version
    years: range = field(compare=False)
    days: Mapping[str, Mapping[date, str]] = field(compare=False)  #: by the calendar's name

    def holds(self, day: date, calendar: str) -> bool:
        """Tell whether these days answer for a day of a calendar: its year is in the range, or it is listed."""
        return day.year in self.years or day in self.days.get(calendar, {})


@lru_cache(maxsize=1024)
def bank_holidays(year: int, parts: tuple[str, ...]) -> Mapping[date, str]:
    """Return each bank holiday of a year kept in any of the parts, with its name.

    A Christmas or New Year's Day that falls on a weekend is listed beside its substitute day.
    A day that not every part keeps says which ones do.
    """
    kept: dict[date, dict[str, str]] = {}
    for part in parts:
        for day, name in _of_one_part(year, part).items():
            kept.setdefault(day, {})[part] = name
    return {day: _described(names, parts) for day, names in sorted(kept.items())}


@lru_cache(maxsize=1)
def library_version() -> str:
    """Return the library the bank holidays come from, with its version."""
    from holidays.version import __version__

    return f"holidays {__version__}"


@lru_cache(maxsize=1024)
def _of_one_part(year: int, part: str) -> Mapping[date, str]:
    return dict(_united_kingdom()(subdiv=part, years=year))


@lru_cache(maxsize=1)
def _united_kingdom() -> Callable[..., Mapping[date, str]]:
    """Return the library's class for the United Kingdom.

    The library takes longer to import than all of models/ together, and half of that goes to 250 other countries,
    which their package imports with the one. So that one's file is loaded by itself.
    """
    import holidays

    countries = [f"{folder}/countries" for folder in holidays.__path__]
    found = PathFinder.find_spec("united_kingdom", countries)
    if found is None or found.loader is None:
        return partial(holidays.country_holidays, "GB")
    module = module_from_spec(found)
    found.loader.exec_module(module)
    country: Callable[..., Mapping[date, str]] = module.UnitedKingdom
    return country


def _described(names: Mapping[str, str], parts: tuple[str, ...]) -> str:
    name = next(iter(names.values())).replace(" (observed)", ", substitute day")
    if len(names) == len(parts):
        return name
    kept_in = [NAMES_OF_PARTS[part] for part in parts if part in names]
    where = " and ".join(filter(None, (", ".join(kept_in[:-1]), kept_in[-1])))
    return f"{name} in {where}"
