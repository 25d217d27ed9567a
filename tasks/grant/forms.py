"""What an officer enters about a grant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from models.amounts import Pounds, read_pounds
from models.grant_stages import StageOutcome, first_calendar_year
from tasks.forms import AsPairs, Day, Form, Reference, Text

MOST_LINES = 200


def _years_in_order(years: Mapping[str, Pounds]) -> Mapping[str, Pounds]:
    starts = {first_calendar_year(year): year for year in years}
    if len(starts) < len(years):
        raise ValueError("a year stands in it twice")
    if max(starts) - min(starts) + 1 != len(starts):
        raise ValueError("a year is missing between the first and the last")
    return {starts[each]: years[starts[each]] for each in sorted(starts)}


Amount = Annotated[Pounds, BeforeValidator(read_pounds)]
Lines = Annotated[Mapping[Reference, Amount], AsPairs, Field(min_length=1, max_length=MOST_LINES)]
Years = Annotated[Lines, AfterValidator(_years_in_order)]


class Grant(Form):
    """Enter a grant whose spending the bodies of the council are to agree, from the letter that announces it."""

    reference: Reference = Field(description="Reference of the letter")
    title: Reference = Field(description="Name of the grant, such as: Adult social care grant")
    letter_on: Day = Field(description="The date of the letter that announces the grant")
    total: Amount = Field(description="The whole grant in pounds, such as £9,710,902")
    years: Years = Field(description="The amount of each year, such as 2017/18=£4,981,651; the first is ratified now")
    schemes: Lines = Field(
        description="The schemes for the first year, each with its amount, such as: Out of hours service=100 thousand"
    )
    ready_on: Day | None = Field(
        None, description="The day from which the proposals can be put to a board, if not today"
    )


class RecordStage(Form):
    """Record what a body did with the grant: it agreed, refused, or put it off to a meeting that it named."""

    stage: Reference = Field(description="Id of the stage, such as cabinet, or council-2018-19 for a later year")
    outcome: StageOutcome = Field(description="agreed, refused or deferred")
    minute: Reference = Field(description="Reference of the minute or decision")
    amount: Amount | None = Field(None, description="If it agreed: for how much, to the pound")
    held_on: Day | None = Field(None, description="The day of the meeting, if not today")
    to: Day | None = Field(None, description="If it deferred: to which of its published meetings")
    papers_on: Day | None = Field(None, description="The day on which its papers were out")
    urgency: Text | None = Field(
        None, description="If its papers were out late: why the chair let it be taken as urgent, as minuted"
    )
    special_notice_on: Day | None = Field(
        None, description="For a special meeting, outside the published dates: the day its notice was published"
    )
    reasons: Text | None = Field(None, description="Why it refused or deferred")


class ExplainDifference(Form):
    """Explain why lines of the papers do not come to the total they should come to."""

    sum: Annotated[str, StringConstraints(pattern=r"^(years|schemes)$")] = Field(
        description="years (against the whole grant) or schemes (against the first year's allocation)"
    )
    reasons: Text = Field(description="Why they differ, and what becomes of the difference")
