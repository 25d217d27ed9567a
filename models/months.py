"""Calendar months: the corresponding date, or the last day of a shorter month."""

from __future__ import annotations

import calendar as month_lengths
from datetime import date, timedelta


def months_after(day: date, months: int) -> date:
    """Return the corresponding date some months later, or the last day of that month where there is none.

    Dodds v Walker [1981]: six months after 31 August end on 28 February. Past the year 9999 it is an
    OverflowError, as adding days is.
    """
    year, month = _month_after(day, months)
    return date(year, month, min(day.day, month_lengths.monthrange(year, month)[1]))


def months_beginning_with(day: date, months: int) -> date:
    """Return the last day of some months of which the day given is the first.

    The eve of the corresponding date; where that month has no such date, its last day.
    """
    corresponding = months_after(day, months)
    return corresponding if corresponding.day < day.day else corresponding - timedelta(days=1)


def last_day_of_month(day: date) -> date:
    """Return the last day of the month a day is in."""
    return day.replace(day=month_lengths.monthrange(day.year, day.month)[1])


def last_day_of_quarter(day: date) -> date:
    """Return the last day of the calendar quarter a day is in: January to March, April to June and on."""
    return last_day_of_month(months_after(day.replace(day=1), 2 - (day.month - 1) % 3))


def last_day_of_financial_year(day: date) -> date:
    """Return the 31 March that ends the financial year a day is in."""
    return date(day.year if day < date(day.year, 4, 1) else day.year + 1, 3, 31)


def _month_after(day: date, months: int) -> tuple[int, int]:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError(f"{months} months from {day.isoformat()} leave the calendar")
    return year, month + 1
