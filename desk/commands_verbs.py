"""`notify` and the verbs: what an officer does, each made a command from its form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from desk.case_names import Case
from desk.door import DOOR, os_user, the_office
from desk.options import given_fields, with_options
from desk.tables import print_json, say
from models.london import date_in_london, parse_day
from tasks.acts import Done, Verb
from tasks.forms import Refused, read_form
from tasks.opening import notify as enter_case
from tasks.procedures import Procedure, procedure_named, procedures
from tasks.turns import Office
from tasks.verbs import perform, verb_named

By = Annotated[
    str | None,
    typer.Option("--by", metavar="ROLE", help="Who acts: a role id of the council's file (default: CLEARDAYS_OFFICER)"),
]
A_DAY = re.compile(r"\d{4}-\d\d-\d\d")
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences")]


def verb(name: str) -> Callable[..., None]:
    """Return the command of the verb of that name."""
    found = verb_named(name)

    def act(case: str, by: str | None, as_json: bool, **options: Any) -> None:
        with _explained(name):
            fields = given_fields(found.form, options)
            read_form(found.form, fields)
        with the_office() as (office, settings):
            done = perform(office, case, name, fields, actor=by or settings.officer, channel=DOOR, person=os_user())
            runs = _desk_runs(office)
        _tell(done, as_json, runs)

    act.__doc__ = found.form.__doc__
    act.example = f"Example: cleardays {name} {_case_of(found)} {found.example}"  # type: ignore[attr-defined]
    return with_options(act, found.form, {"case": (Case, ...)}, {"by": (By, None), "as_json": (Json, False)})


def notify(args: list[str]) -> int:
    """Open a case of a procedure; `args` begin with its name, and its form says what else they hold."""
    import typer

    names = [arg for arg in args[:1] if not arg.startswith("-")]
    if not names:
        told = "\n".join(f"  {each.name:<26} {summary_of(each)}" for each in procedures())
        print(f"Usage: cleardays notify PROCEDURE [OPTIONS]\n\nThe procedures:\n{told}\n")
        print("cleardays notify PROCEDURE --help names the fields of one; --example prints a file to fill in.")
        return 0 if args else 2
    procedure = procedure_named(names[0])
    app = typer.Typer(add_completion=False, context_settings={"help_option_names": ["--help", "-h"]},
                      pretty_exceptions_enable=False)  # fmt: skip
    command = opening_command(procedure)
    app.command(help=command.__doc__, epilog=getattr(command, "example", None))(command)
    app(args[1:], prog_name=f"cleardays notify {procedure.name}", standalone_mode=False)
    return 0


def summary_of(procedure: Procedure) -> str:
    """Return the first sentence of a procedure's opening form."""
    return (procedure.opening.form.__doc__ or "").partition(";")[0].partition(". ")[0].strip().rstrip(".")


def opening_command(procedure: Procedure) -> Callable[..., None]:
    """Return the command that opens a case of a procedure."""
    form = procedure.opening.form

    def enter(
        file: Path | None, example: bool, council: str | None, by: str | None, as_json: bool, **options: Any
    ) -> None:
        if example:
            return print(example_of(procedure), end="")
        read = _read(file, procedure) if file else {}
        with _explained(f"notify {procedure.name}"):
            fields = given_fields(form, options, read)
            read_form(form, fields)  # what is wrong in it is told first
        with the_office() as (office, settings):
            only_read = {name: value for name, value in read.items() if options.get(name) in (None, [])}
            _refuse_days_of_the_example(procedure, only_read, date_in_london(office.clock.now()))
            done = enter_case(office, procedure.name, council or settings.council, fields,
                              actor=by or settings.officer, channel=DOOR, person=os_user())  # fmt: skip
            runs = _desk_runs(office)
        _tell(done, as_json, runs)

    enter.__doc__ = form.__doc__
    enter.example = f"Example: cleardays notify {procedure.name} --file notice.yaml"  # type: ignore[attr-defined]
    file_help = "The fields as YAML; options win over what it says"
    council_help = "Name of the council's file (default: CLEARDAYS_COUNCIL)"
    return with_options(
        enter, form,
        {
            "file": (Annotated[Path | None, typer.Option(help=file_help)], None),
            "example": (Annotated[bool, typer.Option("--example", help="Print an example of such a file")], False),
        },
        {
            "council": (Annotated[str | None, typer.Option(help=council_help)], None),
            "by": (By, None),
            "as_json": (Json, False),
        },
    )  # fmt: skip


@contextmanager
def _explained(command: str) -> Iterator[None]:
    """Say of fields that are refused where all of them are explained."""
    try:
        yield
    except Refused as refused:
        raise Refused(f"{refused}; `cleardays {command} --help` names the fields") from refused


def _case_of(verb: Verb[Any]) -> str:
    """Return the reference that the examples of a verb use."""
    return next(f"{each.prefix}-2017-001" for each in procedures() if each.verbs.get(verb.name) == verb)


def _read(file: Path, procedure: Procedure) -> dict[str, Any]:
    from desk.scenario import load_yaml

    fields = load_yaml(file)
    if not isinstance(fields, dict):
        raise Refused(f"{file} holds no fields; `cleardays notify {procedure.name} --example` prints one to fill in")
    return fields


def _refuse_days_of_the_example(procedure: Procedure, read: Mapping[str, Any], today: date) -> None:
    """Refuse a file that still has a day of the printed example, long over: its case would begin in the past."""
    example = procedure.opening.example
    left = [name for name, value in example.items() if A_DAY.match(value) and read.get(name) == value]
    past = {f"--{name.replace('_', '-')} {example[name]}" for name in left if parse_day(example[name][:10]) < today}
    if past:
        raise Refused(
            f"the file still says what the example says, long past: {', '.join(sorted(past))}; put your own into it. "
            "Where it is the day all the same, say so by that option"
        )


def example_of(procedure: Procedure) -> str:
    """Return what a case is opened with as YAML, every field explained in the words of its form."""
    lines = [
        f"# {summary_of(procedure)}. Put in your own, then enter it:",
        f"#   cleardays notify {procedure.name} --file notice.yaml",
    ]
    for name, field in procedure.opening.form.model_fields.items():
        value = procedure.opening.example.get(name)
        lines += ["", f"# {field.description}", f"{name}: {value}" if value else f"# {name}:"]
    return "\n".join([*lines, ""])


def _desk_runs(office: Office) -> bool:
    from desk.pulse import desk_runs

    with office.store.reading() as reading:
        return desk_runs(reading, office.clock.now())


def _tell(done: Done, as_json: bool, desk_runs: bool) -> None:
    if as_json:
        told = {"case": done.case, "fact": done.fact.number, "kind": done.fact.kind, "at": done.fact.at.isoformat(),
                "actor": done.fact.actor, "says": done.says}  # fmt: skip
        return print_json(told)
    say(done.says, "green")
    say(f"Recorded as fact {done.fact.number} of {done.case}. See where it stands: cleardays show {done.case}")
    if not desk_runs:
        say("The desk does not run: nothing follows, and no letter leaves, until `cleardays up`.", "yellow")
