"""The register of daily heads on a real desk: opened by itself, parked until midnight, its file mailed once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from models.heads_register import PROCEDURE, SEALED
from models.london import date_in_london
from models.outgoing import LetterState
from tests.desk_at_work import DOOR, DeskAtWork, desk_at_work, wait_until
from tests.integration.heads_office import midnight_after
from tests.integration.one_case import NOTICE, NOTIFIED_AT, run_of

pytestmark = pytest.mark.prefect


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskAtWork]:
    """A desk that keeps registers, with one case."""
    from tasks.opening import notify

    with desk_at_work(tmp_path_factory.mktemp("heads"), NOTIFIED_AT, CLEARDAYS_DAILY_HEADS="true") as work:
        fields = {**NOTICE, "reference": "CAS-1", "given_at": "2045-08-01T09:00"}
        notify(work.office, "pharmacy-consolidation", "southampton", fields, channel=DOOR)
        yield work


def registers(work: DeskAtWork) -> list[str]:
    """Return the registers there are."""
    with work.office.store.reading() as reading:
        return [case.ref for case in reading.cases(procedure=PROCEDURE)]


def has(work: DeskAtWork, ref: str, kind: str, count: int) -> bool:
    """Tell whether a record has so many facts of a kind."""
    return len(work.record(ref).all(kind)) == count


def test_a_day_is_sealed_and_mailed_by_the_desk_itself(work: DeskAtWork) -> None:
    """Opened with the first case, parked until the end of the day; at midnight sealed, mailed, and parked again."""
    wait_until(lambda: registers(work), "the register to be opened")
    (ref,) = registers(work)
    today = date_in_london(NOTIFIED_AT)
    summary = work.waits_for(ref, "Awaiting the end of the day")
    assert date_in_london(summary.until or NOTIFIED_AT) == today
    assert run_of(work, ref).state_name == "Awaiting the end of the day"
    for number in range(2):
        work.clock.set(midnight_after(today + timedelta(days=number)) + timedelta(seconds=1))
        wait_until(partial(has, work, ref, SEALED, number + 1), "the day to be sealed")
        wait_until(partial(has, work, ref, "letter-sent", number + 1), "its letter to leave")
    work.waits_for(ref, "Awaiting the end of the day")
    with work.office.store.reading() as reading:
        letters = reading.letters(ref)
    assert [(letter.state, letter.draft.recipient) for letter in letters] == [(LetterState.SENT, "auditor")] * 2
    assert [fact["late"] for fact in work.record(ref).all(SEALED)] == [False, False]
    mailed = [file.read_bytes() for file in (work.home / "outbox").glob("*.eml")]
    assert sum(b"heads-southampton-2045-08-01.txt" in mail for mail in mailed) == 1


def test_it_is_no_form_and_on_no_board(work: DeskAtWork) -> None:
    """The pages have its runs and nothing to fill in; the list of open cases does not hold it."""
    own = [each for each in work.deployments if PROCEDURE in each.tags]
    assert [each.name for each in own] == ["00 Register"]
    assert not [each.description for each in work.deployments if "DH-2045" in (each.description or "")]
