"""The shipped council and policy periods 28 years on: the same weekdays, and still ahead of Prefect's own clock."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from models.london import LONDON
from tests.desk_at_work import PACKS, ROOT

YEARS = 28
A_YEAR = re.compile(r"\b20\d\d(?=-\d\d-\d\d\b)")


def years_on(shipped: Path, file: Path) -> Path:
    """Write `shipped` to `file` with every date in it 28 years later, and return `file`."""
    file.write_text(A_YEAR.sub(lambda year: str(int(year[0]) + YEARS), shipped.read_text()))
    return file


def settings_years_on(home: Path) -> dict[str, str]:
    """Return the settings of a desk at `home` that goes by the shipped files, 28 years on."""
    council = years_on(ROOT / "councils" / "southampton.yaml", home / "southampton.yaml")
    packs = years_on(ROOT / "models" / "better_care.yaml", home / "better_care.yaml")
    return {"CLEARDAYS_COUNCIL": str(council), "CLEARDAYS_PROCEDURES": "", PACKS: str(packs)}


def at(written: str) -> datetime:
    """Return an instant in London, "2045-07-18 10:00", with its time zone."""
    return datetime.fromisoformat(written).replace(tzinfo=LONDON)
