"""The verbs: what an officer does to a case. The command line, the Prefect forms and a rehearsal all come here.

A verb checks and records in one transaction over the record as it stands then, so that two officers at once
cannot both decide. It never waits and never sends: the case's next turn sees the fact and goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from models.cases import Case
from models.clock import ClockInDoubt
from models.facts import Record
from models.failpoints import reached
from models.london import date_in_london
from models.outages import moment
from models.store import Writing
from tasks.acts import Done, ReadFile, Verb
from tasks.authority import authorised, usual_actor
from tasks.forms import Refused, read_form
from tasks.procedures import procedure_of, procedures
from tasks.turns import Office

BEHIND = timedelta(minutes=2)  #: a clock that is further behind the newest fact of a case is wrong
LARGEST_FILE = 20 * 1024 * 1024


def read_from_disk(path: Path) -> bytes:
    """Return the content of a file. Raises Refused, naming it, when it is missing, empty or too large."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise Refused(f"{path} is not a file; name the document itself")
        if size > LARGEST_FILE:
            raise Refused(
                f"{path} has {size // 1024**2} MB; a document may have up to {LARGEST_FILE // 1024**2} MB"
            )
        content = path.read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror}); check the name and try again") from error
    if not content:
        raise Refused(f"{path} is empty; nothing was attached")
    return content


def perform(
    office: Office, ref: str, verb: str, fields: Mapping[str, Any], *, actor: str | None = None,
    channel: str, request: str | None = None, person: str | None = None, read_file: ReadFile = read_from_disk,
) -> Done:  # fmt: skip
    """Do `verb` to case `ref` and return what was recorded.

    `actor` is a role id of the council's file, by default the office whose task it is; `person` is the login that it
    was entered under, where the door knows one. `request` makes a repeat of the same request harmless: the fact
    recorded the first time is returned. Raises Refused with a sentence when it cannot be done, and UnknownCase.
    """
    form = read_form(verb_named(verb).form, fields)

    def work(tx: Writing) -> Done:
        tx.case(ref)  # in line behind everyone else who changes this case
        record = tx.record(ref)
        key = f"request/{request}" if request else None
        before = record.keyed(key) if key else None
        if before is not None:
            return Done(ref, before, "this request was recorded before; nothing was recorded twice")
        now = _now(office, tx, record)
        procedure = procedure_of(record)
        found = procedure.verbs.get(verb)
        if found is None:
            raise Refused(
                f"{verb} is not done to case {ref}, a {procedure.title.lower()}; what can be done to it is "
                f"{', '.join(procedure.verbs)}"
            )
        case: Case = procedure.view(record, office.council_of(record, tx), now)
        who = actor or usual_actor(found, case, form)
        granted = authorised(found, who, case.council, case.today, case=case, form=form)
        if case.closed is not None and not found.on_closed:
            raise Refused(
                f"case {ref} was closed on {date_in_london(case.closed.at):%-d %B %Y} ({case.closed['outcome']}); "
                "nothing more can be done to it"
            )
        act = found.act(case, form, read_file)
        for digest, content in act.documents.items():
            tx.keep_document(digest, content)
        payload = act.payload
        if act.cancels_letters is not None:
            payload = {**payload, "cancelled": tx.cancel_waiting(ref, now, act.cancels_letters)}
        fact = granted.record(
            tx, ref, act.kind, at=now, channel=channel, payload=payload, key=key, person=person,
            assumed=actor is None,
        )  # fmt: skip
        reached("verb-before-commit", verb)
        return Done(ref, fact, act.says)

    done = office.store.write(work)
    reached("verb-recorded", verb)
    office.recorded(ref)
    return done


def _now(office: Office, tx: Writing, record: Record) -> datetime:
    """Return the present instant. Raises Refused where the clock is in doubt, or behind what the case's record says."""
    try:
        now = office.clock.now()
    except ClockInDoubt as doubt:
        raise Refused(str(doubt)) from doubt
    newest = record.facts[-1].at if record.facts else now
    if now >= newest - BEHIND:
        return now
    excused = tx.clock_believed_until()  # somebody has said that the clock was wrong until then, and is right now
    if excused is not None and newest <= excused:
        return now
    raise Refused(
        f"the clock says {moment(now)}, and fact {record.head} of case {record.case} was recorded on "
        f"{moment(newest)}; put the machine's clock right (cleardays doctor says more)"
    )


def verb_named(name: str) -> Verb[Any]:
    """Return a verb; its form is the same in every procedure. Raises Refused, listing those there are."""
    for procedure in procedures():
        if name in procedure.verbs:
            return procedure.verbs[name]
    raise Refused(f"{name!r} is not something that can be done to a case; there are {', '.join(all_verbs())}")


def all_verbs() -> dict[str, Verb[Any]]:
    """Return every verb of every procedure by its name; those of one name share their form."""
    found: dict[str, Verb[Any]] = {}
    for procedure in procedures():
        found = {**procedure.verbs, **found}
    return found
