"""Killing a process at any write point of a case loses no fact and sends no letter twice: the cut of every run.

Each kind of point, each kind of mail server and both databases, without a Prefect server: see test_kill.py for that.
The whole is `python -m benchmarks.killmatrix`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.integration.kill_case import OFFICER, Cell, play
from tests.integration.kill_databases import Databases
from tests.integration.kill_list import Played, cells, play_once, writes_in_the_code
from tests.integration.mail_sinks import MOODS
from tests.integration.postgres import Postgres, postgres_server  # noqa: F401

pytestmark = pytest.mark.postgres

SINKS = ("accepts", "4xx", "5xx", "drops")

CUT = [
    Cell("before-commit/turns._claim:3", "accepts", "postgresql"),
    Cell("turn-claimed/PC-2017-001:4", "5xx", "sqlite"),
    Cell("step-before-commit/circulated", "accepts", "sqlite"),
    Cell("step-committed/circulated", "drops", "postgresql"),
    Cell("committed/turns.Turn.write:2", "4xx", "sqlite"),
    Cell("before-commit/turns.Turn.write:5", "drops", "sqlite"),
    Cell("case-rested/Awaiting feedback:2", "5xx", "postgresql"),
    Cell("run-created/PC-2017-001", "accepts", "sqlite"),
    Cell("letters-claimed:2", "5xx", "sqlite"),
    Cell("content-given/circulation:3", "4xx", "postgresql"),
    Cell("letter-marked/circulation:3", "drops", "sqlite", then="before-commit/outbox.Postroom.recover"),
    Cell("committed/postbook._marking:4", "4xx", "sqlite"),
    Cell("letter-accepted/representation", "accepts", "postgresql"),
    Cell("letter-marked/representation", "accepts", "sqlite"),
    Cell("before-commit/outbox.Postroom._wait:2", "4xx", "sqlite"),
    Cell("fate-recorded/circulation:5", "drops", "sqlite", at_once=8),
    Cell("letter-marked/outcome-recorded", "accepts", "sqlite"),
    Cell("case-closed/refused", "accepts", "postgresql"),
    Cell("verb-before-commit/respond", "accepts", "sqlite", OFFICER, "respond"),
    Cell("verb-recorded/settle", "drops", "postgresql", OFFICER, "settle"),
    Cell("committed/opening.notify", "accepts", "sqlite", OFFICER, "notify"),
]
"""Each kind of point once, with a mail server and a database such that each of these comes with many."""

ELSEWHERE = {
    "reconcile._one": "test_kill.py kills a desk there, beside a Prefect server",
    "outbox.deliver_at_once": "a rehearsal's own, in a database that dies with it",
    "calendar_changes.CalendarChanges.apply": "an officer's command over many cases, each in a write of its own",
    "calendar_changes.CalendarChanges._record": "as above",
    "turns._give_up": "only where a turn breaks off; a claim that is not given back falls to whoever finds it dead",
    "heads_procedure._open": "opens the register of heads, once; opened again it is found",
    "forgetting.forget": "an administrator's command on a closed case, whole in one transaction",
    "retention._delete": "as above, and it looks again whether the part may go",
    "leaving.letters_under_way": "a desk that leaves gives back what it has not begun to send; killed there it is dead",
    "rows._set_anew": "sets a row anew from its record, and that again is found in order",
    "doctor_house.cannot_be_written": "tries whether a write would do, and takes it back",
    "clock_watch.confirm": "an officer's word on the clock; nothing hangs on it but that word",
    "outage_watch.OutageWatch.failed": "signs of life and of outages, written anew all the time",
    "outage_watch.OutageWatch.works": "as above",
    "pulse.Pulse.beat": "as above",
    "pulse.Pulse.end": "as above",
    "pulse.Pulse._note_that_it_holds_back": "as above",
    "pulse.Pulse._go_on": "as above",
}
"""Writes that the case of the kill matrix does not come by, and why that is right."""


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres) -> Databases:  # noqa: F811
    """Where each cell's own database comes from."""
    return Databases.ready(tmp_path_factory.mktemp("databases"), postgres_server.socket)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Mapping[str, Played]:
    """The case played with each kind of mail server and nobody killed."""
    found = {}
    for sink in SINKS:
        home = tmp_path_factory.mktemp("played")
        found[sink] = play_once(sink, home, databases.new("sqlite", home), officers=sink == "accepts")
    return found


@pytest.mark.parametrize("cell", CUT, ids=str)
def test_killing_a_process_loses_no_fact_and_sends_no_letter_twice(
    cell: Cell, tmp_path: Path, databases: Databases, played: Mapping[str, Played]
) -> None:
    """The case goes its way as if nothing had happened, but for what must be asked of people."""
    database = databases.new(cell.database, tmp_path)
    verdict = play(cell, tmp_path, database, expected=played[cell.sink].verdict.keys)
    assert verdict.wrong == []


@pytest.mark.parametrize("sink", SINKS)
def test_the_case_goes_as_told_with_every_mail_server(sink: str, played: Mapping[str, Played]) -> None:
    """With nobody killed it ends well, and only a line dropped after the final dot leaves anything in doubt."""
    verdict = played[sink].verdict
    assert verdict.wrong == []
    assert (verdict.ambiguous > 0) is (sink == "drops")


def test_a_recipient_put_off_for_ever_is_an_officers_question_in_the_end(played: Mapping[str, Played]) -> None:
    """A letter written anew because its dates had passed does not begin the ladder of pauses again."""
    assert played["4xx"].verdict.refused == 2, "the papers and the call to the meeting, both to the same office"


def test_every_write_has_a_failpoint_that_the_case_comes_by(played: Mapping[str, Played]) -> None:
    """A write that is new to the code is a cell of the matrix, or is named with the reason why not."""
    reached = set.union(*(each.places for each in played.values())) | {"outbox.Postroom.recover"}
    missing = {place: where for place, where in writes_in_the_code().items() if place not in reached | set(ELSEWHERE)}
    assert missing == {}, "let the case come by these writes, or say in ELSEWHERE why it need not"
    assert set(ELSEWHERE) <= set(writes_in_the_code()) - reached, "ELSEWHERE names what is reached, or is not there"


def test_each_commit_has_a_failpoint_before_it_and_one_after(played: Mapping[str, Played]) -> None:
    """They come in pairs, as often as each other."""
    for each in played.values():
        for reached in each.reached.values():
            before = {p.partition("/")[2]: n for p, n in reached.items() if p.startswith("before-commit/")}
            after = {p.partition("/")[2]: n for p, n in reached.items() if p.startswith("committed/")}
            assert after, "nothing was written"
            assert all(after[place] == times for place, times in before.items())


def test_the_cut_has_each_kind_of_point_each_mail_server_and_both_databases(played: Mapping[str, Played]) -> None:
    """What is killed in every run stands for the whole."""
    whole = [cell for sink in SINKS for cell in cells(played[sink], sink, "sqlite")]
    assert {kind_of(cell) for cell in CUT} == {kind_of(cell) for cell in whole}
    assert {cell.sink for cell in CUT} == set(SINKS) < set(MOODS)
    assert {cell.database for cell in CUT} == {"sqlite", "postgresql"}


def kind_of(cell: Cell) -> str:
    """Return the kind of a cell's point."""
    return cell.point.partition("/")[0].partition(":")[0]
