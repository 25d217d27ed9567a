"""Amounts of money in whole pounds: read as the papers print them, added up, and held against a printed total."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

Pounds = int
"""Whole pounds. The papers print no pence, and a sum that must agree to the pound is never held in floating point."""

LARGEST: Pounds = 10**12  #: more than any paper of a council is about: a slip of the keyboard
_UNITS = {"": 1, "thousand": 1_000, "k": 1_000, "m": 1_000_000, "million": 1_000_000}
_AMOUNT = re.compile(
    r"£?\s*(?P<whole>[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,15})(\.(?P<part>[0-9]{1,6}))?\s*(?P<unit>thousand|million|k|m)?",
    re.IGNORECASE,
)


def in_pounds(amount: Pounds) -> str:
    """Return whole pounds as a letter writes them: £4,981,651; less than nothing as minus £13."""
    return f"minus £{-amount:,}" if amount < 0 else f"£{amount:,}"


def read_pounds(written: object) -> Pounds:
    """Return whole pounds from 4981651, "£4,981,651", "4,980 thousand" or "£3.16m".

    Raises ValueError naming what was written when it is no amount, has pence, or is beyond `LARGEST`.
    """
    text = str(written).strip()
    found = None if isinstance(written, (bool, float)) else _AMOUNT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not an amount; write whole pounds, such as £4,981,651 or 4,980 thousand")
    unit, part = _UNITS[(found["unit"] or "").lower()], found["part"] or ""
    pounds, pence = divmod(int(found["whole"].replace(",", "") + part) * unit, int(10 ** len(part)))
    if pence:
        raise ValueError(f"{text!r} has a part of a pound; the sums here are in whole pounds")
    if pounds > LARGEST:
        raise ValueError(f"{text!r} is more than {in_pounds(LARGEST)}; check the number of noughts")
    return pounds


@dataclass(frozen=True, slots=True)
class Sum:
    """Lines of a paper that are to come to a total which the paper states elsewhere."""

    name: str  #: what the lines are: "the schemes for 2017/18"
    lines: Mapping[str, Pounds]
    stated: Pounds
    stated_as: str  #: what the total is: "the allocation for 2017/18"

    @property
    def total(self) -> Pounds:
        """Return what the lines come to."""
        return sum(self.lines.values())

    @property
    def difference(self) -> Pounds:
        """Return by how much the stated total exceeds the lines; less than nothing where they exceed it."""
        return self.stated - self.total

    @property
    def agrees(self) -> bool:
        """Tell whether the lines come to the stated total, to the pound."""
        return self.difference == 0

    def in_words(self) -> str:
        """Return the sum as a clause: what the lines come to, against what, and by how much they differ."""
        told = f"{self.name} come to {in_pounds(self.total)}"
        if self.agrees:
            return f"{told}, as does {self.stated_as}"
        more_or_less = "less" if self.difference > 0 else "more"
        return (
            f"{told}, which is {in_pounds(abs(self.difference))} {more_or_less} than {self.stated_as}, "
            f"{in_pounds(self.stated)}"
        )
