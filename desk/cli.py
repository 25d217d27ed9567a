"""The command line: `cleardays COMMAND`. One command is imported when it is called, and no other."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from desk.front_page import COMMANDS, Command, front_page, no_such_command
from desk.refusals import refuse, sentence_for

UNREAD = 1  #: exit code where whoever read the output went away before its end
STOPPED = 130  #: exit code after Ctrl-C, as shells have it


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 2 refused (told in one sentence), 130 stopped by Ctrl-C.

    `argv` is what stands behind `cleardays`, by default that of this process.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(args)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except KeyboardInterrupt:
        return _stopped()
    except Exception as error:
        sentence = sentence_for(error, args[0] if args else "")
        if sentence is None:
            raise
        return refuse(sentence, as_json="--json" in args)
    return _stopped() if code == STOPPED else code


def _run(args: list[str]) -> int:
    if not args or args[0] in ("--help", "-h", "help"):
        return _help(args[1:])
    if args[0] == "--version":
        from importlib.metadata import version

        print(f"cleardays {version('cleardays')}")
        return 0
    command = COMMANDS.get(args[0])
    if command is None:
        raise ValueError(no_such_command(args[0]))
    if command.passes_all:
        return int(function_of(command)(args[1:]))
    if command.name == "when":
        from desk.when import plain_question

        if question := plain_question(args[1:]):
            question.print_answer()
            return 0
    return _run_typed(command, args[1:])


def _help(about: list[str]) -> int:
    if about and about[0] in COMMANDS:
        return _run([about[0], "--help"])
    from desk.tables import has_colour

    print(front_page(bold=has_colour(sys.stdout)))
    return 0


def _run_typed(command: Command, args: list[str]) -> int:
    import typer

    from desk.tables import has_colour

    app = typer.Typer(
        add_completion=False,
        rich_markup_mode="rich" if has_colour(sys.stdout) else None,
        context_settings={"help_option_names": ["--help", "-h"]},
        pretty_exceptions_enable=False,
    )
    function = function_of(command)
    app.command(help=function.__doc__, epilog=getattr(function, "example", None))(function)
    try:
        code = app(args, prog_name=f"cleardays {command.name}", standalone_mode=False)
    except typer.Abort:
        return STOPPED
    return code if isinstance(code, int) else 0


def function_of(command: Command) -> Callable[..., Any]:
    """Return the function of a command; that of a verb is made from the verb's form."""
    module, _, name = command.place.partition(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function(command.name) if module == "desk.commands_verbs" and name == "verb" else function


def _stopped() -> int:
    print("cleardays: stopped", file=sys.stderr)
    return STOPPED


if __name__ == "__main__":
    sys.exit(main())
