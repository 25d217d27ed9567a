"""A procedure that was changed under open cases is found, however small the change; a kept version finds nothing.

This proves that test_upgrades.py can fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.rehearsal import Rehearsal
from flows import pharmacy_consolidation as flow
from models import pharmacy
from models.facts import read_instant
from models.periods import within
from models.pharmacy import PharmacyCase
from models.pharmacy_words import PROCEDURE
from models.store import Reading, Store, open_store
from tasks import endings, notices, pharmacy_procedure, planning, procedures, routes
from tasks.steps import step
from tasks.turns import Effect, Parked
from tests.parked.play import GONE
from tests.parked.releases import RELEASES
from tests.parked.replay import DecidesOtherwise, check_turns

RELEASE = RELEASES[0]
(WHOLE,) = [case for case in RELEASE.cases if case["story"] == "contentious" and case["outcome"]]
NOTICE = {
    "reference": "CAS-2", "given_at": "2017-08-01T10:00", "capacity": "relevant", "applicant": "A Ltd",
    "closing": "1 Low Street", "remaining": "2 High Street", "wards": "bargate",
}  # fmt: skip

RELEASED = RELEASE.manifest["procedures"][PROCEDURE]  #: the version that its cases follow
NEXT = max(flow.VERSIONS) + 1

Procedure = Callable[[PharmacyCase], str]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The database of parked cases of the first release."""
    store = open_store(RELEASE.written_to(tmp_path_factory.mktemp("parked") / "cases.db"))
    yield store
    store.close()


@pytest.fixture
def reading(store: Store) -> Iterator[Reading]:
    """A look into it."""
    with store.reading() as reading:
        yield reading


def turns_of(reading: Reading) -> int:
    """Take every turn of the contentious story again."""
    return check_turns(reading, WHOLE["case"], RELEASE.rests(WHOLE), RELEASE.council)


@step("hurried", "Hurry")
def hurry(case: PharmacyCase) -> Effect:
    """A step that no released version has."""
    return Effect({"why": "nobody knows"})


def without_a_step(monkeypatch: pytest.MonkeyPatch) -> Procedure:
    """Scrutiny is no longer told of an application (para 7)."""
    monkeypatch.setattr(notices, "tell_scrutiny_of_application", lambda case: None)
    return flow.represent


def with_two_steps_swapped(monkeypatch: pytest.MonkeyPatch) -> Procedure:
    """The route is asked for before the plan is laid."""
    lay, ask = planning.lay, routes.ask
    monkeypatch.setattr(planning, "lay", lambda case: (ask(case), lay(case)))
    return flow.represent


def with_one_step_more(monkeypatch: pytest.MonkeyPatch) -> Procedure:
    """Something is recorded that was not before, at the end of the way."""
    close = endings.close
    monkeypatch.setattr(endings, "close", lambda case, outcome: (hurry(case), close(case, outcome))[1])
    return flow.represent


def with_a_day_more(monkeypatch: pytest.MonkeyPatch) -> Procedure:
    """The representation is due on day 46."""
    day_46 = within(46, "days", source=pharmacy.REPRESENTATION.source)
    monkeypatch.setattr(pharmacy, "REPRESENTATION", day_46)
    return flow.represent


def with_a_wait_a_day_longer(monkeypatch: pytest.MonkeyPatch) -> Procedure:
    """The plan and every letter are as before; the case merely waits a day longer for what it has asked."""

    def slow(case: PharmacyCase) -> str:
        try:
            return flow.represent(case)
        except Parked as parked:
            if parked.awaiting == "Awaiting feedback" and parked.until is not None:
                raise Parked(parked.awaiting, parked.until + timedelta(days=1), parked.message) from None
            raise

    return slow


CHANGES: list[tuple[Any, str]] = [
    (without_a_step, r"it recorded 'informed/application/scrutiny-chair'; now it would not"),
    (with_two_steps_swapped, r"recorded 'plan-laid/[^']*'; now it would record 'informed/route/"),
    (with_one_step_more, r"now it would record 'hurried'"),
    (with_a_day_more, r"recorded 'plan-laid/\w+'; now it would record 'plan-laid/"),
    (with_a_wait_a_day_longer, r"waited with until '2017-08-14.*'; now '2017-08-15"),
]


def test_the_procedure_as_it_stands_takes_every_turn_as_it_was_taken(reading: Reading) -> None:
    """Without a change nothing is found, in some thirty turns."""
    assert turns_of(reading) > 20


@pytest.mark.parametrize(("change", "found"), CHANGES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_change_is_found_and_the_sentence_says_what_to_do(
    change: Callable[[pytest.MonkeyPatch], Procedure], found: str, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One step dropped, two swapped, one added, a last day moved, a wait a day longer: each is found and named."""
    monkeypatch.setitem(flow.VERSIONS, RELEASED, change(monkeypatch))
    with pytest.raises(DecidesOtherwise, match=found) as told:
        turns_of(reading)
    sentence = str(told.value)
    assert f"{PROCEDURE} decides otherwise than when case {WHOLE['case']} was recorded" in sentence
    assert f"Keep the old function as version {RELEASED} of {PROCEDURE}" in sentence
    assert f"add the changed one beside it as version {RELEASED + 1}" in sentence
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert "## Changing a procedure" in readme


# -- two versions side by side -----------------------------------------------------------------------------------------


def represent_in_a_hurry(case: PharmacyCase) -> str:
    """The next version of a procedure: it begins with a step of its own."""
    hurry(case)
    return flow.represent(case)


@pytest.fixture
def two_versions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The procedure with one version more beside those there are, which new cases follow."""
    newer = replace(pharmacy_procedure.PHARMACY_CONSOLIDATION, version=NEXT)
    monkeypatch.setattr(pharmacy_procedure, "PHARMACY_CONSOLIDATION", newer)
    monkeypatch.setitem(flow.VERSIONS, NEXT, represent_in_a_hurry)
    procedures._loaded.cache_clear()
    yield
    procedures._loaded.cache_clear()


@pytest.mark.usefixtures("two_versions")
def test_an_old_version_kept_beside_the_new_one_changes_no_open_case(reading: Reading) -> None:
    """Every turn of the released case is taken as it was, under its own version."""
    assert turns_of(reading) > 20


@pytest.mark.usefixtures("two_versions")
def test_cases_of_both_versions_go_on_under_their_own(tmp_path: Path) -> None:
    """A parked case of the release and one opened today stand in one database; each follows its own version."""
    store = open_store(RELEASE.written_to(tmp_path / "cases.db"))
    contentious = [each for each in RELEASE.cases if each["story"] == "contentious" and not each["trouble"]]
    (parked,) = [each for each in contentious if each["awaiting"] == "Awaiting decision"]
    old = Rehearsal(RELEASE.council, read_instant(parked["at"]), store)
    old.case_ref, old.office.dead_holders = parked["case"], lambda: [GONE]
    new = Rehearsal(RELEASE.council, read_instant(parked["at"]), store)
    new.notify(NOTICE)
    for each in (old, new):
        each.do("withdraw", reasons="The applicant wrote.")
    assert (old.summary.version, new.summary.version) == (RELEASED, NEXT)
    assert (old.summary.outcome, new.summary.outcome) == ("withdrawn", "withdrawn")
    assert old.record.first("hurried") is None
    assert [fact.kind for fact in new.record][:2] == ["notified", "hurried"]
    store.close()
