"""The words people use for periods: "within 45 days of", "5 clear working days before"."""

from __future__ import annotations

import re

from models.periods import Period
from models.reckoning import RULES, Kind

KNOWN_PHRASES: tuple[str, ...] = tuple(
    kind.format(f"N {unit}") if unit else kind.value
    for kind, (_, units) in RULES.items()
    for unit in units or ("",)
)


def parse_phrase(text: str, *, source: str = "") -> Period:
    """Return the period a phrase stands for, with N written in figures: "within 45 days of".

    Capitals and extra spaces do not matter, and "1 week" is as good as "1 weeks". `source` is the
    paragraph the phrase was read in. A phrase that is not known is a ValueError listing those that are.
    """
    written = " ".join(text.lower().split())
    for kind, (_, units) in RULES.items():
        if written == kind.value:
            return Period(kind, source=source)
        for unit in units:
            found = _pattern(kind, unit).fullmatch(written)
            if found:
                return Period(kind, int(found["count"]), unit, source)
    known = "\n  ".join(KNOWN_PHRASES)
    raise ValueError(f"'{text}' is not a period known here; write one of these with N in figures:\n  {known}")


def _pattern(kind: Kind, unit: str) -> re.Pattern[str]:
    one_or_many = unit.removesuffix("s") + "s?"
    return re.compile(kind.format(rf"(?P<count>[0-9]{{1,6}}) {one_or_many}"))
