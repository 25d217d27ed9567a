"""The section of a council file on retention: a council may keep longer than the law asks for, never less long."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from models.council_file import wrong
from models.council_sections import Section, Text
from models.retention import PAPERS_SOURCE, PAPERS_YEARS, RECORD_SOURCE, RECORD_YEARS

LONGEST = 100


def _as_the_law_asks(years: int, info: ValidationInfo) -> int:
    """Return a number of years. Refuses fewer than the law's, naming it, and papers kept longer than their record."""
    record = info.field_name == "record_years"
    least, source = (RECORD_YEARS, RECORD_SOURCE) if record else (PAPERS_YEARS, PAPERS_SOURCE)
    if years < least:
        raise wrong(f"{least} years or more ({source}); a council may keep longer than the law, not less long")
    if not record and years > info.data.get("record_years", LONGEST):
        raise wrong("background papers kept no longer than the record they belong to (record_years)")
    return years


YearsKept = Annotated[int, Field(le=LONGEST), AfterValidator(_as_the_law_asks)]


class Retention(Section):
    """For how many years a closed case is kept; local policy."""

    record_years: YearsKept
    background_paper_years: YearsKept
    why: Text
