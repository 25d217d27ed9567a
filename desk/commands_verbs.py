"""`notify` and the verbs: what an officer does, each made a command from its form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from desk.door import DOOR, os_user, the_office
from desk.options import given_fields, with_options
from desk.tables import print_json, say
from tasks.acts import Done, Verb
from tasks.forms import Refused
from tasks.opening import notify as enter_case
from tasks.procedures import Procedure, procedure_named, procedures
from tasks.verbs import perform, verb_named

By = Annotated[
    str | None,
    typer.Option("--by", metavar="ROLE", help="Who acts: a role id of the council's file (default: CLEARDAYS_OFFICER)"),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences")]
Case = Annotated[str, typer.Argument(metavar="CASE", help="The case, such as PC-2017-001")]

def verb(name: str) -> Callable[..., None]:
    """Return the command of the verb of that name."""
    found = verb_named(name)

    def act(case: str, by: str | None, as_json: bool, **options: Any) -> None:
        fields = given_fields(found.form, options)
        with the_office() as (office, settings):
            done = perform(office, case, name, fields, actor=by or settings.officer, channel=DOOR, person=os_user())
        _tell(done, as_json)

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
        fields = given_fields(form, options, _read(file, procedure) if file else None)
        with the_office() as (office, settings):
            done = enter_case(office, procedure.name, council or settings.council, fields,
                              actor=by or settings.officer, channel=DOOR, person=os_user())  # fmt: skip
        _tell(done, as_json)

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


def _case_of(verb: Verb[Any]) -> str:
    """Return the reference that the examples of a verb use."""
    return next(f"{each.prefix}-2017-001" for each in procedures() if each.verbs.get(verb.name) == verb)


def _read(file: Path, procedure: Procedure) -> dict[str, Any]:
    from desk.scenario import load_yaml

    fields = load_yaml(file)
    if not isinstance(fields, dict):
        raise Refused(f"{file} holds no fields; `cleardays notify {procedure.name} --example` prints one to fill in")
    return fields


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


def _tell(done: Done, as_json: bool) -> None:
    if as_json:
        told = {"case": done.case, "fact": done.fact.number, "kind": done.fact.kind, "at": done.fact.at.isoformat(),
                "actor": done.fact.actor, "says": done.says}  # fmt: skip
        return print_json(told)
    say(done.says, "green")
    say(f"Recorded as fact {done.fact.number} of {done.case}. See where it stands: cleardays show {done.case}")
