"""Cases that a released version parked go on under the code of today, each to the end it would have come to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.case_views import versions_of
from models.clock import FixedClock
from models.facts import check_chain, read_instant
from models.store import Store, open_store
from models.store_schema import NEWEST, known
from tasks.looking import where_it_rests
from tasks.procedures import PLACES, procedure_named, read
from tasks.turns import Office
from tests.integration.postgres import Postgres, postgres_server  # noqa: F401
from tests.parked.play import GONE, flow_facts, goes_on, taken_up, told, where
from tests.parked.releases import RELEASES, Release
from tests.parked.replay import check_turns

EVERY = 4  #: of the parked cases one in so many goes on on PostgreSQL as well
HELD = ("claimed", "sending")


@pytest.fixture(scope="module", params=RELEASES, ids=lambda release: release.folder.name)
def release(request: pytest.FixtureRequest) -> Release:
    """What one release wrote."""
    found: Release = request.param
    return found


@pytest.fixture
def store(release: Release, tmp_path: Path) -> Iterator[Store]:
    """A copy of a release's database, opened by the code of today."""
    store = open_store(release.written_to(tmp_path / "cases.db"))
    yield store
    store.close()


def test_there_are_several_waits_of_every_procedure(release: Release) -> None:
    """Each procedure is parked at four waits at least, and there are letters in every state that a crash leaves."""
    for procedure in release.manifest["procedures"]:
        waits = {case["awaiting"] for case in release.cases if case["procedure"] == procedure}
        assert len(waits - {"Closed"}) >= 4, procedure
    letters = {letter.partition(" ")[0] for case in release.cases for letter in case["letters"]}
    assert letters >= {"waiting", "claimed", "sending", "ambiguous", "refused"}


def test_every_record_is_whole_after_the_upgrade(release: Release, store: Store) -> None:
    """Each record has the facts and the head it had, and chains."""
    for case in release.cases:
        record = store.record(case["case"])
        assert (check_chain(record), record.facts[-1].hash) == (case["head"], case["head_hash"])
        assert store.case(case["case"]).version == case["version"]


def test_letters_are_as_the_release_left_them(release: Release, store: Store) -> None:
    """What waited, waits; what a desk had in hand that is gone, is still in its name."""
    with store.reading() as reading:
        for case in release.cases:
            letters = reading.letters(case["case"])
            not_sent = [f"{each.state} {each.draft.key}" for each in letters if each.state != "sent"]
            assert sorted(not_sent) == case["letters"]
            assert all(each.claimed_by == GONE for each in letters if each.state in HELD)


def test_a_parked_case_rests_where_it_rested(release: Release, store: Store) -> None:
    """A turn at the parked instant records nothing, and waits for the same until the same instant."""
    looked_at = 0
    for parked in release.cases:
        record, clock = store.record(parked["case"]), FixedClock(read_instant(parked["at"]))
        if parked["outcome"] or parked["seen"] < parked["head"]:
            continue
        office = Office(store, clock, lambda name: release.council, holder="looking", real_clock=clock)
        case = read(record, office.council_of(record), clock.now())
        rest = where_it_rests(office, case, versions_of(parked["procedure"]))
        assert rest is not None, f"case {parked['case']}, {parked['awaiting']}: a turn would record something"
        waits = (rest.awaiting, told(rest.until), told(rest.due_at))
        assert waits == (parked["awaiting"], parked["until"], parked["due_at"]), parked["case"]
        looked_at += 1
    assert looked_at > 40


def test_every_parked_case_comes_to_the_end_it_would_have_come_to(
    release: Release, store: Store, tmp_path: Path
) -> None:
    """On SQLite, the rest of each story is played: same refusals, same steps in the same order, same outcome."""
    for parked in release.cases:
        check_going_on(release, store, parked, tmp_path)


@pytest.mark.postgres
def test_cases_go_on_on_postgresql(
    release: Release, postgres_server: Postgres, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    """The same database, loaded into the tables of the release: the cases in trouble, and every fourth."""
    url = postgres_server.new_database()
    release.loaded_into(url, tmp_path / "scratch.db")
    store = open_store(url)
    assert all(check_chain(store.record(each["case"])) == each["head"] for each in release.cases)
    for number, parked in enumerate(release.cases):
        if parked["trouble"] or number % EVERY == 0:
            check_going_on(release, store, parked, tmp_path)
    store.close()


def check_going_on(release: Release, store: Store, parked: dict, outbox: Path) -> None:  # type: ignore[type-arg]
    """Play a parked case to its end, and compare it with what the release itself made of it."""
    player, story, then = taken_up(store, release.council, parked), release.story(parked), parked["then"]
    told_by = f"case {parked['case']} ({parked['story']}: {parked['awaiting']} {parked['trouble']})"
    assert goes_on(player, parked, story, outbox) == then["refused"], told_by
    assert flow_facts(player) == (then if parked["trouble"] else story)["flow_facts"], told_by
    assert where(player) == {name: then[name] for name in where(player)}, told_by
    assert check_chain(player.record) == player.record.head
    ids = [letter.draft.message_id for letter in player.letters]
    assert len(ids) == len(set(ids)), told_by


# -- what has changed since is told ------------------------------------------------------------------------------------


def test_every_turn_that_was_recorded_is_taken_the_same_way_today(release: Release, store: Store) -> None:
    """A changed procedure fails here, with what to do, until its old version is kept beside it."""
    turns, stories = 0, set()
    with store.reading() as reading:
        for case in reversed(release.cases):  # the last of a story holds the whole of it
            if case["trouble"] or case["story"] not in stories:
                turns += check_turns(reading, case["case"], release.rests(case), release.council)
                stories.add(case["story"])
    assert stories == set(release.manifest["stories"])
    assert turns > 100


def test_new_cases_follow_the_newest_version_of_their_procedure(release: Release) -> None:
    """Every version that a release's cases follow is kept, and the one that new cases follow is the newest there is."""
    for name in PLACES:
        assert procedure_named(name).version == max(versions_of(name))
    for case in release.cases:
        assert case["version"] in versions_of(case["procedure"])


def test_what_is_kept_was_written_by_a_release_in_tables_that_are_known(release: Release) -> None:
    """The folder bears the release's name; a migration leads from its tables to today's."""
    assert release.manifest["release"] == release.folder.name
    assert release.manifest["schema"] in known()
    assert known()[-1] == NEWEST
