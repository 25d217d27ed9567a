"""The forms of the verbs: every field once, with the words that explain it at every door.

The command line makes its options of these, Prefect its forms, a rehearsal its events. Fields marked `private` (a
consultee's words) are never offered in a Prefect form, because Prefect keeps what a form is given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
)

from models.bank_holidays import FIRST_YEAR, LAST_YEAR
from models.documents import DocumentKind
from models.london import first_instant_of, parse_day, parse_instant
from models.pharmacy_words import Answer, Capacity, Interest, Opinion, Outcome, Route
from notifications.printable import printable
from tasks.plain_words import did_you_mean, in_plain_words

PRIVATE: dict[str, Any] = {"private": True}
PAIR = re.compile(r"(?P<name>[^=:]+)[=:](?P<value>.+)", re.DOTALL)
NUMBERS = ("int_type", "int_parsing", "greater_than_equal", "less_than_equal")  #: what is wrong with a number
BEFORE_A_NAME = re.compile(r",(?=[^,=:]+[=:])")


class Refused(ValueError):
    """Something was asked that cannot be done; the sentence says why and what to do. Nothing was changed."""


class Form(BaseModel):
    """What a verb is given. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _day(value: object) -> object:
    return parse_day(value) if isinstance(value, str) else value


def _instant(value: object) -> object:
    if isinstance(value, datetime):
        return parse_instant(value.isoformat())
    if isinstance(value, date):
        return first_instant_of(value)
    if isinstance(value, str):
        return first_instant_of(parse_day(value)) if len(value.strip()) == 10 else parse_instant(value)
    raise ValueError(f"{value!r} is not a date and time; write it as 2017-08-01T10:00")


def _list(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _pairs(value: object) -> object:
    if not isinstance(value, str):
        return value
    parts = value.split(";") if ";" in value else BEFORE_A_NAME.split(value)
    pairs = [PAIR.fullmatch(part) for part in parts if part.strip()]
    if not all(pairs):
        raise ValueError(f"{value!r} is not a list of names, each with what belongs to it; write them as a=1, b=2")
    return {pair["name"].strip(): pair["value"].strip() for pair in pairs if pair}


def _on_one_line(value: str) -> str:
    if printable(value) != value or "\n" in value:
        raise ValueError("it holds a line break or a character that cannot be shown; write it on one line")
    return value


def _says_something(value: str, info: ValidationInfo) -> str:
    name = info.field_name or ""
    if value in (name.upper(), "WORDS"):  # as the commands have it that letters suggest
        raise ValueError(f"{value} stands for what you have to say; say it in words")
    if not any(each.isalnum() for each in value):
        raise ValueError(f"{value!r} says nothing; say {'the reason' if name.endswith('reasons') else 'it'} in words")
    return value


def _in_reach(day: date) -> date:
    if not FIRST_YEAR < day.year < LAST_YEAR:
        raise ValueError(f"{day.isoformat()} is out of reach; dates are worked out from {FIRST_YEAR} to {LAST_YEAR}")
    return day


Day = Annotated[date, BeforeValidator(_day), AfterValidator(_in_reach)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), AfterValidator(_says_something)
]
Reference = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), AfterValidator(_on_one_line)
]
Names = Annotated[tuple[Text, ...], BeforeValidator(_list)]
AsPairs = BeforeValidator(_pairs)  #: "a=1, b=2" or "a, b: 1; c: 2" as a mapping; a comma in £4,981,651 ends nothing


Clock = Annotated[
    str, StringConstraints(pattern=r"^(circulation|feedback|comments|route|representation|consolidation)$")
]
Unit = Annotated[str, StringConstraints(pattern=r"^(days|weeks|months|working days)$")]


class Notice(Form):
    """Enter the notice of a pharmacy consolidation application; the clock runs from the day it was given."""

    reference: Reference = Field(description="The sender's reference, such as CAS-17")
    given_at: Instant = Field(
        description="When the notice was given to us, such as 2017-08-01T10:00 (London time unless it says otherwise)"
    )
    capacity: Capacity = Field(
        description="relevant: the premises are in our area and the Board must answer; neighbouring: it may comment"
    )
    applicant: Text = Field(description="Who applies")
    closing: Text = Field(description="The premises that would close")
    remaining: Text = Field(description="The premises that would remain")
    wards: Names = Field(description="Ids of the wards affected, such as bargate", min_length=1)
    stated_deadline: Day | None = Field(
        None, description="The last day the sender states, if any: the earlier of it and day 45 is used"
    )
    evidence: Text | None = Field(
        None, description="What proves when it was given, such as: header of the e-mail, or stamp on the letter"
    )


class Attach(Form):
    """Attach a document: the application, a spatial analysis, the equality impact assessment or a screening."""

    kind: DocumentKind = Field(description="What the document is")
    file: Path | None = Field(
        None, description="The file; a screening may do without one if it gives reasons"
    )
    reasons: Text | None = Field(None, description="For a screening: why no full assessment is needed")
    confidential: bool = Field(False, description="Marked confidential by the sender: kept, never circulated")


class DecideRoute(Form):
    """Decide whether the application is contentious, having consulted the Chair (recommendations (i), (ii))."""

    route: Route = Field(
        description="contentious, or non-contentious; later only from non-contentious upwards"
    )
    reasons: Text = Field(description="Why")
    chair_agrees: bool = Field(description="Whether the Chair of the Board, having been consulted, agrees")


class Respond(Form):
    """Record a consultee's response, given by link, e-mail, telephone or letter (paras 10 and 12)."""

    consultee: Text = Field(description="Role id of the consultee, such as healthwatch")
    opinion: Answer = Field(description="gap, no-gap, or no-comment")
    reasons: Text | None = Field(None, description="The consultee's own words", json_schema_extra=PRIVATE)
    interest: Interest = Field(
        description="Whether an interest was declared; everyone consulted must say (para 12)"
    )
    interest_detail: Text | None = Field(
        None, description="What the interest is, when one was declared", json_schema_extra=PRIVATE
    )
    channel: Annotated[str, StringConstraints(pattern=r"^(link|e-mail|telephone|letter)$")] = Field(
        "e-mail", description="How it came: link, e-mail, telephone or letter"
    )
    received_at: Instant | None = Field(None, description="When it was received, if before now")


class Meet(Form):
    """Record a meeting of those consulted and its outcome (para 11)."""

    attended: Names = Field(description="Role ids of those who attended", min_length=1)
    opinion: Opinion | None = Field(
        None, description="The view of the meeting: gap, no-gap; leave out if none"
    )
    note: Text | None = Field(None, description="A note of the discussion", json_schema_extra=PRIVATE)
    held_on: Day | None = Field(None, description="The day it was held, if not today")


class Decide(Form):
    """Decide on the statutory question, following consultation (recommendations (i), (ii); paras 1, 5, 17)."""

    opinion: Opinion = Field(description="gap, or no-gap: the law knows no third opinion")
    limb_a: Text | None = Field(None, description="Reasons on (a): to meet a current or future need")
    limb_b: Text | None = Field(None, description="Reasons on (b): to secure improvements or better access")
    wishes_oral_hearing: bool = Field(
        description="Whether the Board wishes to be heard orally (Sch 2 para 25(2)(b))"
    )
    hearing_matter: Text | None = Field(
        None, description="The matter on which it would give further evidence"
    )
    considered: Mapping[str, Text] = Field(
        default_factory=dict,
        description="How each response was considered, by role id",
        json_schema_extra=PRIVATE,
    )
    alternatives: Text | None = Field(None, description="Alternatives considered and rejected")
    other_matters: Text | None = Field(None, description="Any other matter for the representation")
    departure_reasons: Text | None = Field(
        None, description="Why the view of those consulted is not followed"
    )


class RecordOutcome(Form):
    """Record how NHS England or the ICB determined the application (reg 26A)."""

    outcome: Outcome = Field(description="granted or refused")
    reference: Text | None = Field(None, description="Reference of the decision letter")
    decided_on: Day | None = Field(None, description="The day the decision was sent, if not today")


class Withdraw(Form):
    """Record that the applicant has withdrawn the application; the case is closed."""

    reasons: Text = Field(description="What the applicant or NHS England said")


class NameUrgentRoute(Form):
    """Name the urgent-decision route because the consultation cannot be completed in time."""

    reasons: Text = Field(description="Why the consultation cannot be completed before the last day")


class Resend(Form):
    """Send the papers, or the representation, once more; the address is that of the council's file today."""

    consultee: Text = Field(description="Role id of the consultee; 'addressee' for the representation")
    reasons: Text = Field(description="Why, such as: address corrected in the council's file")


class Serve(Form):
    """Record that papers were handed over another way: the time to answer runs from that day."""

    consultee: Text = Field(description="Role id of the consultee; 'addressee' for the representation")
    channel: Annotated[str, StringConstraints(pattern=r"^(hand|post|portal|e-mail)$")] = Field(
        description="How: hand, post, portal or e-mail"
    )
    served_on: Day = Field(description="The day the papers were received")


class Excuse(Form):
    """Go on without a consultee whose papers cannot be delivered, with reasons for the record."""

    consultee: Text = Field(description="Role id of the consultee")
    reasons: Text = Field(description="Why the consultation is fair without this consultee")


class Bounce(Form):
    """Record that a letter came back undelivered: that recipient's time to answer has not begun."""

    consultee: Text = Field(description="Role id of the recipient; 'addressee' for the representation")
    text: Text | None = Field(None, description="What the message says", json_schema_extra=PRIVATE)


class Settle(Form):
    """Settle a letter whose fate is not known: it was received after all, or it was not and may be sent again."""

    consultee: Text = Field(description="Role id of the recipient; 'addressee' for the representation")
    fate: Annotated[str, StringConstraints(pattern=r"^(received|not-received)$")] = Field(
        description="received, or not-received"
    )
    reasons: Text = Field(description="How you know, such as: telephoned, it is in their inbox")


class Extend(Form):
    """Give more time by the council's own clock, within the bounds of its file; never by one that the law sets."""

    clock: Clock = Field(
        description="circulation, feedback or comments; the others are set by law and are refused with the rule"
    )
    consultee: Text | None = Field(None, description="For feedback: the role id of one consultee; empty: everybody")
    count: int | None = Field(None, ge=1, le=366, description="How many more")
    unit: Unit = Field("days", description="days, weeks, months or working days")
    until: Day | None = Field(None, description="Or the new last day itself")
    reasons: Text = Field(description="Why: it stands on the record and in the letter that tells the new date")


class Suspend(Form):
    """Stop one of the council's own clocks: the days named do not count."""

    clock: Clock = Field(description="circulation, feedback or comments; the others are set by law")
    consultee: Text | None = Field(None, description="For feedback: the role id of one consultee; empty: everybody")
    starts_on: Day = Field(description="The first day that does not count")
    until: Day = Field(description="The last day that does not count, at the latest; resume ends it earlier")
    reasons: Text = Field(description="Why: it stands on the record and in the letter that tells the new date")


class Resume(Form):
    """Let a suspended clock run again before its suspension would end."""

    fact: int | None = Field(None, ge=1, description="Number of the suspension's fact, where several are open")
    resumed_on: Day | None = Field(None, description="The first day that counts again, if not today")
    reasons: Text = Field(description="Why")


class CorrectNotice(Form):
    """Correct when the notice was given, or the last day its sender states: every date is worked out anew."""

    given_at: Instant | None = Field(
        None, description="When it was given in truth, such as 2017-07-31T16:40 (London time unless it says otherwise)"
    )
    stated_deadline: Day | None = Field(None, description="The last day that the sender states now")
    evidence: Text = Field(description="What proves it, such as: header of the e-mail, or stamp on the letter")
    reasons: Text = Field(description="How the mistake came about")


class Retract(Form):
    """Take back an extension, a suspension, a correction or a grant's outcome that should not have been entered."""

    fact: int = Field(ge=1, description="The number of its fact (cleardays show CASE --facts)")
    reasons: Text = Field(description="Why")


class CirculateAgain(Form):
    """Send everybody the papers anew, as when they have changed: each one's time to answer begins again."""

    reasons: Text = Field(description="What has changed; the letter says it")


class ConsultAlso(Form):
    """Consult one more office, with its own time to answer (para 5: more members for more contentious applications)."""

    consultee: Text = Field(description="Role id of the office, as the council's file names it")
    reasons: Text = Field(description="Why")


class ShareRepresentations(Form):
    """Record that others' representations were sent to us for comment."""

    shared_on: Day | None = Field(None, description="The day they were given to us, if not today")


class Comment(Form):
    """Record the Board's comments on others' representations."""

    text: Text | None = Field(None, description="The comments", json_schema_extra=PRIVATE)
    reference: Text | None = Field(None, description="Reference under which they were sent")


class NotifyHearing(Form):
    """Record notice of an oral hearing (Sch 2 paras 22 and 25)."""

    hearing_on: Day = Field(description="The day of the hearing")
    notified_on: Day | None = Field(None, description="The day we were given notice, if not today")
    venue: Text | None = Field(None, description="Where")


class RecordHearing(Form):
    """Record that an oral hearing was held."""

    held_on: Day | None = Field(None, description="The day it was held, if not today")
    presented: bool = Field(description="Whether the Board presented evidence")
    note: Text | None = Field(None, description="A note of it", json_schema_extra=PRIVATE)


class RecordConsolidation(Form):
    """Record the notice of consolidation: the premises leave the pharmaceutical list (Sch 2 para 34A)."""

    effective_on: Day = Field(description="The day the consolidation takes effect")


class ExtendConsolidation(Form):
    """Record that the time for the notice of consolidation was extended by three months (Sch 2 para 34A)."""

    reasons: Text = Field(description="Who extended it and why")


class PublishStatement(Form):
    """Record that the supplementary statement to the needs assessment was published (reg 6(4))."""

    published_on: Day | None = Field(None, description="The day, if not today")
    where: Text | None = Field(None, description="Where it can be read")


class Forget(Form):
    """Remove personal data from a closed case: see `cleardays forget`."""

    reasons: Text = Field("the case is closed", description="Why, for the record")


F = TypeVar("F", bound=Form)


def read_form(form: type[F], fields: Mapping[str, Any]) -> F:
    """Return the form filled with `fields`. Raises Refused naming every field that is wrong, and what it wants."""
    try:
        return form.model_validate(dict(fields))
    except ValidationError as error:
        raise Refused("; ".join(_in_words(form, problem) for problem in error.errors())) from error


def _in_words(form: type[Form], problem: Any) -> str:
    name = ".".join(str(part) for part in problem["loc"]) or "the fields"
    field = form.model_fields.get(str(problem["loc"][0])) if problem["loc"] else None
    wanted = f" ({field.description})" if field is not None else ""
    kind, given = problem["type"], problem.get("input")
    if kind == "missing":
        return f"{name} is missing{wanted}"
    if kind == "extra_forbidden":
        return f"{name} is not known here; the fields are {', '.join(form.model_fields)}"
    if kind in ("string_too_short", "string_type") and not given:
        return f"{name} is empty{wanted}"
    if kind in ("enum", "string_pattern_mismatch"):
        return f"{name}: {given!r} is not one of the choices{wanted}; {_choices(problem)}"
    return f"{name}: {in_plain_words(problem['msg'])}{f', not {given!r}' if kind in NUMBERS else ''}{wanted}"


def _choices(problem: Any) -> str:
    context = problem.get("ctx", {})
    expected = str(context.get("expected") or context.get("pattern", "")).strip("^$()").replace("|", ", ")
    known = [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")]
    return f"{did_you_mean(str(problem.get('input')), known)}write one of: {expected}"
