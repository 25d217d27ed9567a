"""The forms of a key decision: how it is entered, moved to another day, and corrected."""

from __future__ import annotations

from pydantic import Field

from models.executive_words import Function, MadeBy
from tasks.forms import Day, Form, Names, Reference, Text


class KeyDecision(Form):
    """Enter a decision to be taken; every notice is counted back from its day."""

    reference: Reference = Field(description="The council's reference, such as CAB-2017-31")
    matter: Text = Field(description="What is to be decided, in one line")
    made_by: MadeBy = Field(description="body, member or officer")
    decision_maker: Text = Field(description="Id of the body, such as cabinet, or of the office, such as a role id")
    signatory: Text | None = Field(None, description="For a body: the role id that signs for it, if not the Leader's")
    function: Function = Field(
        Function.EXECUTIVE, description="executive (SI 2012/2089), or council (a committee or officer of the Council)"
    )
    decide_on: Day = Field(description="The day on which it is to be decided, or the first of a period")
    decide_until: Day | None = Field(None, description="The last day of the period, if it is one")
    pounds: int = Field(ge=0, description="Expenditure or savings in pounds, whichever is greater; 0 for none")
    wards: Names = Field((), description="Ids of the wards on whose communities the effects are significant")
    private: bool = Field(False, description="Whether it is to be taken in private, as Part 2 of the agenda")
    private_reasons: Text | None = Field(
        None, description="For Part 2: why, with the paragraph of LGA 1972 Schedule 12A"
    )
    proposed_on: Day | None = Field(None, description="The day it was put forward for decision, if not today")
    documents: Names = Field((), description="Documents to be submitted to the decision-maker")


class MoveDecision(Form):
    """Move the decision to another day: every day counted back from it is worked out anew."""

    to: Day = Field(description="The new day, or the first of the new period")
    until: Day | None = Field(None, description="The last day of the period, if it is one")
    reasons: Text = Field(description="Why")


class CorrectDecision(Form):
    """Correct what was entered of the decision before it is taken; the key decision test is made anew."""

    pounds: int | None = Field(None, ge=0, description="Expenditure or savings in pounds, whichever is greater")
    wards: Names | None = Field(None, description="Ids of the wards on which the effects are significant")
    private: bool | None = Field(None, description="Whether it is to be taken in private")
    reasons: Text = Field(description="Why, such as: the estimate was revised")
