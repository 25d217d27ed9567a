"""`doctor`: what is wrong in the house and in its cases, since when, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.tables import print_json, say
from models.counting import counted

if TYPE_CHECKING:
    from desk.doctor import Examined, Finding
    from desk.settings import Settings
    from tasks.turns import Office

HEALTHY, ILL = 0, 1  #: exit codes


def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Verify every fact of every record as well: slower")] = False,
    clock_is_right: Annotated[
        bool, typer.Option("--clock-is-right", help="Confirm the machine's clock: a desk that holds back goes on")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences")] = False,
) -> int:
    """Say what is wrong: cases that are stuck, letters in question, runs, records, calendars, the clock, the house.

    Ends with 0 where all is well, with 1 where something was found.
    """
    from desk.door import the_office

    with the_office() as (office, chosen):
        confirmed = _confirm(office) if clock_is_right else ""
        found = examine(office, chosen, deep=deep)
    if as_json:
        print_json({"cases": found.cases, "findings": [_plain(each) for each in found.findings],
                    "breaches": found.breaches, "not_asked": found.not_asked,
                    "confirmed": confirmed or None})  # fmt: skip
    else:
        _print(found, confirmed)
    return ILL if found.findings else HEALTHY


doctor.example = "Example: cleardays doctor --json"  # type: ignore[attr-defined]


def _confirm(office: Office) -> str:
    from desk.clock_watch import confirm
    from desk.door import os_user
    from models.outages import moment

    now = office.clock.now()
    beyond = confirm(office.store, now, os_user() or "")
    ahead = f" What is recorded up to {moment(beyond)} is taken to be of a clock that was ahead." if beyond else ""
    return f"The clock is confirmed to be right: {moment(now)}. A desk that held back goes on within seconds.{ahead}"


def examine(office: Office, chosen: Settings, *, deep: bool = False) -> Examined:
    """Return all that is wrong; what cannot be looked at is named, never passed over in silence."""
    from desk import doctor, doctor_house, rows
    from desk.doctor import Examined, Finding, told_of
    from models.london import date_in_london
    from tasks.procedures import REGISTERS

    found, now = Examined(), office.clock.now()

    def take(findings: Iterator[Finding]) -> None:
        found.findings += told_of(findings)

    with office.store.reading() as reading:
        cases = reading.cases(open_only=True)
        found.cases = sum(case.procedure not in REGISTERS for case in cases)
        late = cases if deep else doctor.perhaps_in_breach(reading, cases, now)
        take(doctor.services(reading, now))
        take(doctor.clock(office.store, reading, now))
        take(doctor.stranded(reading, office, cases, now))
        take(doctor.versions(cases))
        take(rows.at_a_glance(reading, cases))
        take(doctor.records(office.store, reading, deep=deep))
        take(doctor.letters(reading, now))
        take(doctor_house.editions(reading, cases))
        take(doctor_house.heads(office, reading, chosen, now))
    take(doctor.waits_for_nothing(office, cases))
    breaches = list(doctor.breaches(office, late))
    take(each for each in breaches if isinstance(each, Finding))
    found.breaches = [each for each in breaches if isinstance(each, str)]
    if deep:
        take(rows.in_full(office))
    take(doctor_house.councils(office, cases, chosen, date_in_london(now)))
    take(doctor_house.database(office.store, chosen))
    take(doctor_house.house(chosen))
    found.not_asked += _ask_prefect(found, chosen, take, office)
    return found


def _ask_prefect(found: Examined, chosen: Settings, take: Any, office: Office) -> list[str]:
    """Compare runs with the record where a Prefect server answers; return what was not asked, and why."""
    from desk import doctor_house
    from desk.doctor import Finding
    from desk.server import answers, lets_in, use_server
    from desk.server_auth import server_auth, stranger_on

    url = chosen.prefect_api_url
    if (why := stranger_on(chosen)) is not None:
        take(iter([Finding("house", why, "have that program stopped; the Prefect server is then started by itself")]))
        return []
    if not answers(url):
        why = f"No Prefect server answers at {url}, so that runs were not compared with the record."
        return _without_prefect(found, why, chosen, take)
    auth = server_auth(chosen)
    if not lets_in(url, auth):
        why = f"The Prefect server at {url} does not take the password it was given: runs were not compared."
        return _without_prefect(found, why, chosen, take)
    from desk.runs import Runs

    use_server(url, auth)
    with Runs(url, auth) as runs, office.store.reading() as reading:
        take(doctor_house.runs(reading.cases(open_only=True), runs))
    return []


def _without_prefect(found: Examined, why: str, chosen: Settings, take: Any) -> list[str]:
    """Make a finding of it while cases are open, or where a server is named; else return it as a remark."""
    from desk.doctor import LOOK, Finding
    from models.outages import PREFECT

    if not found.cases and chosen.prefect_url is None:
        return [why]
    take(iter([Finding("run", why.removesuffix("."), LOOK[PREFECT])]))
    return []


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "area": finding.area, "case": finding.case, "what": finding.what, "do": finding.do,
        "since": _instant(finding.since),
    }  # fmt: skip


def _instant(since: datetime | None) -> str | None:
    return since.isoformat() if since is not None else None


def _print(found: Examined, confirmed: str) -> None:
    from models.outages import moment

    if confirmed:
        say(confirmed, "green")
    for each in found.findings:
        about = f"{each.case}: " if each.case else ""
        since = f" (since {moment(each.since)})" if each.since is not None else ""
        say(f"{each.area}: {about}{each.what}{since}", "red")
        say(f"    {each.do}")
    for sentence in (*found.breaches, *found.not_asked):
        say(sentence, "yellow")
    many, looked_at = len(found.findings), counted(found.cases, "open case")
    if found.breaches and not many:
        say(f"Nothing else is wrong in {looked_at} and the house; what is past cannot be mended.")
    elif many:
        say(f"{counted(many, 'finding')} in {looked_at} and the house.")
    else:
        say(f"All is well in {looked_at} and the house.", "green")
