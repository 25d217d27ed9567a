"""`retention` and `forget`: what of closed cases need no longer be kept, and personal data that must not be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from desk.case_names import Case, case_named
from desk.tables import print_json, say, show_table
from models.counting import counted

if TYPE_CHECKING:
    from datetime import date

    from desk.retention import Held
    from models.retention import Part
    from models.store_retention import Tombstone

By = Annotated[
    str | None, typer.Option("--by", metavar="ROLE", help="Who does it (default: CLEARDAYS_OFFICER, else the "
                                                          "administrator of the council's file)")
]  # fmt: skip
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences")]


def retention(
    case: Annotated[
        str | None, typer.Argument(metavar="[CASE]", callback=case_named, help="One case; without it, every closed one")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Delete what may go; this cannot be undone")] = False,
    part: Annotated[
        str | None, typer.Option("--part", help="papers or record: only that; without it, whatever may go")
    ] = None,
    by: By = None,
    as_json: Json = False,
) -> None:
    """List closed cases with the day from which each part may go, and delete what is due with --apply.

    Background papers are kept four years, the record six, from the day the case was closed, or from a decision after
    it; a council's file can make it longer. What another case needs stays. A deleted case leaves its reference, outcome
    and last hash.
    """
    from desk import retention as keeping
    from desk.door import DOOR, os_user, the_office
    from models.london import date_in_london

    with the_office() as (office, chosen):
        today, only = date_in_london(office.clock.now()), _part(part)
        if apply:
            gone = keeping.apply(office, by or chosen.officer, DOOR, person=os_user(), only=case, part=only)
            if as_json:
                told = [{"case": each.ref, "deleted": each.part, "documents": each.documents} for each in gone]
                return print_json(told)
            for each in gone:
                say(f"{each.ref}: the {each.part} went, with {counted(each.documents, 'document')}.")
            kept = "Backups, and the copy that each upgrade made beside the database (*.before-upgrade-from-*.db), keep"
            say(f"{kept} what was deleted for as long as you keep them." if gone else "Nothing is due.", "bold")
            return None
        rows, left = list(keeping.held(office, case)), keeping.tombstones(office)
    if as_json:
        deleted = [{"case": stone.ref, "outcome": stone.outcome, "head": stone.head, "hash": stone.head_hash,
                    "deleted_at": stone.deleted_at, "by": stone.deleted_by, "rule": stone.rule}
                   for stone in left]  # fmt: skip
        return print_json({"cases": [each.as_dict(today) for each in rows], "deleted": deleted})
    _print(rows, left, today)


retention.example = "Example: cleardays retention --apply"  # type: ignore[attr-defined]


def forget(
    case: Case,
    apply: Annotated[bool, typer.Option("--apply", help="Remove it; this cannot be undone")] = False,
    reasons: Annotated[
        str, typer.Option(help="Why, for the record, such as: asked for by the person on 3 March 2026")
    ] = "the case is closed",
    by: By = None,
    as_json: Json = False,
) -> None:
    """Remove personal contact data from a closed case: addresses and words of letters, what mail servers said.

    Without --apply, list exactly what would go and what stays, with the day and the rule. The chain still checks.
    """
    from desk import forgetting
    from desk.door import DOOR, os_user, the_office
    from tasks.forms import Forget, read_form

    why = read_form(Forget, {"reasons": reasons}).reasons
    with the_office() as (office, chosen):
        if apply:
            going = forgetting.forget(office, case, by or chosen.officer, DOOR, reasons=why, person=os_user())
        else:
            going = forgetting.what_goes(office, case)
    if as_json:
        return print_json({**going.as_dict(), "removed": apply})
    for line in going.lines():
        say(f"- {line}")
    if apply:
        say(f"Removed from case {case}; its record says so. The chain checks: cleardays check {case}", "green")
        say(forgetting.ELSEWHERE)
    elif going.nothing:
        say("Nothing is left to be removed now.")
    else:
        say(f"Nothing has been removed. cleardays forget {case} --apply removes it, for good.", "bold")


forget.example = "Example: cleardays forget PC-2017-001 --apply"  # type: ignore[attr-defined]


def _part(given: str | None) -> Part | None:
    from models.retention import Part

    if given is None:
        return None
    found = {"papers": Part.PAPERS, "record": Part.RECORD}.get(given)
    if found is None:
        raise ValueError(f"{given!r} is no part of a case that is kept by itself; write --part papers or --part record")
    return found


def _print(rows: Sequence[Held], left: Sequence[Tombstone], today: date) -> None:
    from models.london import short_day_in_words

    if rows:
        columns = ("Case", "Outcome", "Kept from", "Papers may go", "Record may go", "Due now")
        show_table(columns, [
            (each.ref, each.summary.outcome or "", short_day_in_words(each.papers.until.event_on),
             f"{short_day_in_words(each.papers.may_go_on)} ({counted(len(each.documents), 'paper')})",
             short_day_in_words(each.whole.may_go_on), each.goes(today) or "")
            for each in rows
        ])  # fmt: skip
    needed = {why for each in rows for why in each.needed.values()}
    for why in sorted(needed):
        say(f"A paper stays, as {why}.")
    for stone in left:
        say(f"{stone.ref} ({stone.outcome}) was deleted on {stone.deleted_at:%-d %B %Y}; its last fact was "
            f"{stone.head}, hash {stone.head_hash}.")  # fmt: skip
    due = sum(each.goes(today) is not None for each in rows)
    say(f"{counted(len(rows), 'closed case')}, {due} with something due. "
        + ("cleardays retention --apply deletes it, for good." if due else "Nothing is deleted."), "bold")  # fmt: skip
