"""`notify` and the verbs: what an officer does, each made a command from its form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from desk.door import DOOR, the_office
from desk.options import given_fields, with_options
from desk.tables import print_json, say
from models.pharmacy_words import PROCEDURE
from tasks import forms
from tasks.acts import Done
from tasks.forms import Refused
from tasks.notify import notify as enter_notice
from tasks.verbs import perform, verb_named

By = Annotated[
    str | None,
    typer.Option("--by", metavar="ROLE", help="Who acts: a role id of the council's file (default: CLEARDAYS_OFFICER)"),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences")]
Case = Annotated[str, typer.Argument(metavar="CASE", help="The case, such as PC-2017-001")]

EXAMPLES = {
    "attach": "--kind equality-impact-assessment --file assessment.pdf",
    "decide-route": '--route contentious --reasons "Residents object" --chair-agrees',
    "respond": "--consultee healthwatch --opinion gap --interest none --channel telephone",
    "meet": "--attended director-of-public-health,board-chair,healthwatch --opinion gap",
    "decide": '--opinion gap --no-wishes-oral-hearing --limb-a "..." --considered healthwatch="Accepted"',
    "name-urgent-route": '--reasons "The Board cannot meet before the last day"',
    "resend": '--consultee healthwatch --reasons "Address corrected"',
    "serve": "--consultee healthwatch --channel hand --served-on 2017-08-01",
    "circulate-again": '--reasons "The applicant has sent a corrected plan of the premises"',
    "consult-also": '--consultee board-member-nhs-trust --reasons "Runs the clinic next door"',
    "extend": '--clock feedback --count 5 --reasons "The papers came back garbled for some"',
    "suspend": '--clock feedback --starts-on 2017-08-14 --until 2017-08-16 --reasons "Our mailbox was down"',
    "resume": '--reasons "The mailbox works again"',
    "correct-notice": '--given-at 2017-07-25T16:40 --evidence "Header of the e-mail" --reasons "Date misread"',
    "retract": '--fact 31 --reasons "Entered in the wrong case"',
    "excuse": '--consultee healthwatch --reasons "Cannot be reached; the other answers cover its view"',
    "bounce": '--consultee healthwatch --text "Mailbox full"',
    "settle": '--consultee healthwatch --fate received --reasons "Telephoned: it is in their inbox"',
    "share-representations": "--shared-on 2017-09-20",
    "comment": '--text "The Board adds nothing" --reference CAS-17/C',
    "notify-hearing": '--hearing-on 2017-10-30 --venue "Civic Centre"',
    "record-hearing": "--presented --held-on 2017-10-30",
    "record-outcome": "--outcome granted --decided-on 2017-11-15",
    "record-consolidation": "--effective-on 2018-01-31",
    "extend-consolidation": '--reasons "Extended by NHS England on request"',
    "publish-statement": "--published-on 2018-02-05 --where https://example.org/needs-assessment",
    "withdraw": '--reasons "Withdrawn by the applicant, letter of 3 August"',
}

EXAMPLE_NOTICE = {
    "reference": "CAS-104233-X7K2",
    "given_at": "2017-07-26T10:00",
    "capacity": "relevant",
    "applicant": "Larkrise Chemists Ltd",
    "closing": "1 Example Street, Southampton",
    "remaining": "20 Example Avenue, Southampton",
    "wards": "[bargate, bevois]",
}


def verb(name: str) -> Callable[..., None]:
    """Return the command of the verb of that name."""
    found = verb_named(name)

    def act(case: str, by: str | None, as_json: bool, **options: Any) -> None:
        fields = given_fields(found.form, options)
        with the_office() as (office, settings):
            done = perform(office, case, name, fields, actor=by or settings.officer, channel=DOOR)
        _tell(done, as_json)

    act.__doc__ = found.form.__doc__
    act.example = f"Example: cleardays {name} PC-2017-001 {EXAMPLES[name]}"  # type: ignore[attr-defined]
    return with_options(act, found.form, {"case": (Case, ...)}, {"by": (By, None), "as_json": (Json, False)})


def _notify(
    procedure: str, file: Path | None, example: bool, council: str | None, by: str | None, as_json: bool,
    **options: Any,
) -> None:  # fmt: skip
    if procedure != PROCEDURE:
        raise Refused(f"there is no procedure {procedure!r}; there is {PROCEDURE}")
    if example:
        return print(example_notice(), end="")
    fields = given_fields(forms.Notice, options, _read_notice(file) if file else None)
    with the_office() as (office, settings):
        done = enter_notice(office, council or settings.council, fields, actor=by or settings.officer, channel=DOOR)
    _tell(done, as_json)


def _read_notice(file: Path) -> dict[str, Any]:
    from desk.scenario import load_yaml

    fields = load_yaml(file)
    if not isinstance(fields, dict):
        raise Refused(f"{file} holds no fields; `cleardays notify {PROCEDURE} --example` prints one to fill in")
    return fields


def example_notice() -> str:
    """Return a notice as YAML, every field explained in the words of its form."""
    lines = [
        "# The notice of a pharmacy consolidation, as it reached the Board. Put in your own, then enter it:",
        f"#   cleardays notify {PROCEDURE} --file notice.yaml",
    ]
    for name, field in forms.Notice.model_fields.items():
        value = EXAMPLE_NOTICE.get(name)
        lines += ["", f"# {field.description}", f"{name}: {value}" if value else f"# {name}: 2017-09-08"]
    return "\n".join([*lines, ""])


def _tell(done: Done, as_json: bool) -> None:
    if as_json:
        told = {"case": done.case, "fact": done.fact.number, "kind": done.fact.kind, "at": done.fact.at.isoformat(),
                "actor": done.fact.actor, "says": done.says}  # fmt: skip
        return print_json(told)
    say(done.says, "green")
    say(f"Recorded as fact {done.fact.number} of {done.case}. See where it stands: cleardays show {done.case}")


_notify.__doc__ = forms.Notice.__doc__
_notify.example = f"Example: cleardays notify {PROCEDURE} --file notice.yaml"  # type: ignore[attr-defined]
notify = with_options(
    _notify,
    forms.Notice,
    {
        "procedure": (Annotated[str, typer.Argument(metavar="PROCEDURE", help=PROCEDURE)], ...),
        "file": (Annotated[Path | None, typer.Option(help="A notice as YAML; options win over what it says")], None),
        "example": (Annotated[bool, typer.Option("--example", help="Print an example of such a file")], False),
    },
    {
        "council": (Annotated[str | None, typer.Option(help="Name of the council's file (default: CLEARDAYS_COUNCIL)")],
                    None),
        "by": (By, None),
        "as_json": (Json, False),
    },
)  # fmt: skip
