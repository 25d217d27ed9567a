"""The machine's clock is not believed blindly: set wrong it stops the desk, put right or confirmed it lets it go on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.clock_watch import WatchedClock, boot, confirm, uptime
from desk.outage_watch import OutageWatch
from desk.pulse import GONE, STOOD_STILL, STOPPED, Pulse
from models.clock import ClockInDoubt, FixedClock
from models.council import load_council
from models.outages import CLOCK, DESK, MAIL, Outage
from models.store import NewCase, Store, Writing, open_store
from tasks.turns import Office

AT = datetime(2017, 12, 29, 16, 40, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Machine:
    """A machine whose clock can be set, beside the time that really passes on it."""

    def __init__(self, at: datetime) -> None:
        self.clock, self.up = FixedClock(at), 1000.0

    def passes(self, time: timedelta) -> None:
        """Let time pass, asleep or awake."""
        self.up += time.total_seconds()
        self.clock.set(self.clock.now() + time)

    def is_set(self, by: timedelta) -> None:
        """Set its clock ahead, or back."""
        self.clock.set(self.clock.now() + by)


@pytest.fixture
def machine() -> Machine:
    """A machine on 29 December 2017."""
    return Machine(AT)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store on disk."""
    store = open_store(f"sqlite:///{tmp_path}/cases.db")
    yield store
    store.close()


def watched(machine: Machine) -> WatchedClock:
    """The machine's clock, watched."""
    return WatchedClock(machine.clock, lambda: machine.up)


def desk_on(store: Store, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> tuple[Pulse, list[str]]:
    """A desk's pulse on the machine, which has begun, and what it tells."""
    monkeypatch.setattr("desk.pulse.uptime", lambda: machine.up)
    told: list[str] = []
    clock = watched(machine)
    pulse = Pulse(Office(store, clock, lambda name: load_council(name)), clock, told.append)
    pulse.begin()
    return pulse, told


def noted(store: Store) -> list[Outage]:
    """The outages on record."""
    with store.reading() as reading:
        return reading.outages(AT - 1000 * HOUR, AT + 10_000 * HOUR)


def test_time_that_passes_is_believed_however_long_nobody_asked(machine: Machine) -> None:
    """Three days asleep are three days: a nap is an outage and no wrong clock."""
    clock = watched(machine)
    clock.now()
    machine.passes(72 * HOUR)
    assert clock.now() == AT + 72 * HOUR


@pytest.mark.parametrize(("by", "way"), [(24 * HOUR, "ahead by 1 day"), (-2 * HOUR, "back by 2 hours")])
def test_a_clock_that_was_set_wrong_is_refused_with_both_times(machine: Machine, by: timedelta, way: str) -> None:
    """Neither direction is followed; put right, it is believed again by itself."""
    clock = watched(machine)
    clock.now()
    machine.passes(HOUR)
    machine.is_set(by)
    with pytest.raises(ClockInDoubt, match=f"by the time that has passed it is Friday 29 December 2017 17:40.*{way}"):
        clock.now()
    assert clock.doubt() is not None
    machine.is_set(-by)
    assert clock.now() == AT + HOUR


def test_small_corrections_are_followed_for_ever(machine: Machine) -> None:
    """Time servers move a clock by seconds; many such steps do not add up to a doubt."""
    clock = watched(machine)
    for _ in range(500):
        machine.passes(HOUR)
        machine.is_set(timedelta(seconds=20))
        clock.now()


def test_the_machine_tells_how_long_it_is_up(machine: Machine) -> None:
    """The real counter grows and the run of the machine has a name."""
    assert 0 < uptime() <= uptime()
    assert boot() == boot()


def test_an_outage_is_told_with_how_the_desk_had_ended(
    store: Store, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in order, killed, or standing still: from the last sign of life to the first one after it."""
    pulse, _ = desk_on(store, machine, monkeypatch)
    machine.passes(HOUR / 60)
    pulse.beat()
    pulse.end()
    machine.passes(HOUR)
    pulse, _ = desk_on(store, machine, monkeypatch)
    machine.passes(HOUR)  # killed, after an hour in which nobody looked
    pulse, _ = desk_on(store, machine, monkeypatch)
    machine.passes(72 * HOUR)
    pulse.beat()
    minute = HOUR / 60
    assert [(each.since, each.until, each.why) for each in noted(store)] == [
        (AT + minute, AT + minute + HOUR, STOPPED),
        (AT + minute + HOUR, AT + minute + 2 * HOUR, GONE),
        (AT + minute + 2 * HOUR, AT + minute + 74 * HOUR, STOOD_STILL),
    ]
    assert noted(store)[0].in_words() == (
        "the desk did not run from Friday 29 December 2017 16:41 to Friday 29 December 2017 17:41"
    )


def test_a_sign_of_life_is_one_small_write_a_minute(
    store: Store, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two desks on one database write no more than one: the second finds the first one's sign fresh."""
    first, _ = desk_on(store, machine, monkeypatch)
    second, _ = desk_on(store, machine, monkeypatch)
    with store.reading() as reading:
        before = reading.service(DESK)
    machine.passes(timedelta(seconds=40))
    first.beat()
    second.beat()
    with store.reading() as reading:
        assert reading.service(DESK) == before
    assert noted(store) == []


def test_a_desk_holds_back_while_its_clock_is_wrong_and_says_so_loudly(
    store: Store, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set ahead while it ran: it says so once with both times, notes it, and goes on when the clock is put right."""
    pulse, told = desk_on(store, machine, monkeypatch)
    machine.passes(HOUR)
    pulse.beat()
    machine.is_set(48 * HOUR)
    pulse.beat()
    pulse.beat()
    assert len(told) == 1
    assert told[0].startswith("THE DESK HOLDS BACK: the clock says Sunday 31 December 2017 17:40")
    assert "cleardays doctor --clock-is-right" in told[0]
    with store.reading() as reading:
        assert [each.service for each in reading.outages_now()] == [CLOCK]
    machine.is_set(-48 * HOUR)
    pulse.beat()
    assert pulse.doubt is None
    assert len(told) == 2
    with store.reading() as reading:
        assert reading.outages_now() == []


def test_a_wrong_clock_is_no_outage_of_the_desk_and_survives_a_new_start(
    store: Store, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk started again on the same run of the machine still knows how much time has passed."""
    desk_on(store, machine, monkeypatch)
    machine.is_set(48 * HOUR)
    pulse, told = desk_on(store, machine, monkeypatch)
    assert pulse.doubt is not None
    assert told
    confirm(store, machine.clock.now(), "officer")
    monkeypatch.setattr("desk.clock_watch.uptime", lambda: machine.up)
    pulse.beat()
    assert pulse.doubt is None


def test_a_clock_behind_the_record_is_refused_at_the_start(
    store: Store, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a start of the machine nothing but the record speaks: a fact of tomorrow cannot have been recorded yet."""
    record(store, AT + 24 * HOUR)
    pulse, told = desk_on(store, machine, monkeypatch)
    assert pulse.doubt is not None
    assert "the clock says Friday 29 December 2017 16:40" in told[0]
    assert "the newest sign of life on record is of Saturday 30 December 2017 16:40" in told[0]
    assert confirm(store, machine.clock.now(), "officer") == AT + 24 * HOUR
    pulse.beat()
    assert pulse.doubt is None
    again, _ = desk_on(store, machine, monkeypatch)
    assert again.doubt is None, "what was said of the clock holds for the next desk"


def test_an_outage_of_a_service_is_noted_once_and_ended_once(store: Store, machine: Machine) -> None:
    """From the first failure to the first success, however many of each; also when another desk sees the success."""
    office = Office(store, machine.clock, lambda name: load_council(name))
    watch = OutageWatch(office, MAIL)
    watch.failed("connection refused")
    machine.passes(HOUR)
    watch.failed("connection refused")
    machine.passes(71 * HOUR)
    after = OutageWatch(office, MAIL)
    after.works()
    watch.works()
    assert noted(store) == [Outage(MAIL, AT, AT + 72 * HOUR, "connection refused")]
    commits = store.commits
    after.works()
    assert store.commits == commits


def test_what_is_over_at_once_is_not_noted(store: Store, machine: Machine) -> None:
    """A server that is started anew and misses one question was not out."""
    watch = OutageWatch(Office(store, machine.clock, lambda name: load_council(name)), MAIL, patience=60)
    watch.failed("busy")
    watch.works()
    assert noted(store) == []


def record(store: Store, at: datetime) -> None:
    """Record a case's first fact at an instant."""

    def work(tx: Writing) -> None:
        ref = tx.open_case(NewCase("PC", 2017, "pharmacy-consolidation", 1, "southampton", "CAS-1"))
        tx.append(ref, "notified", at=at, actor="cleardays", channel="test", payload={})

    store.write(work)


def test_an_officer_enters_nothing_by_a_clock_that_is_behind_the_record(store: Store, machine: Machine) -> None:
    """A fact of yesterday behind one of today is refused with both times, until somebody says which is wrong."""
    from tasks.forms import Refused
    from tasks.opening import notify
    from tasks.verbs import perform

    office = Office(store, machine.clock, lambda name: load_council(name))
    notice = {
        "reference": "CAS-1", "given_at": AT.isoformat(), "capacity": "relevant", "wards": "bargate",
        "applicant": "A Ltd", "closing": "1 Low Street", "remaining": "2 High Street",
    }  # fmt: skip
    ref = notify(office, "pharmacy-consolidation", "southampton", notice, channel="test").case
    machine.is_set(-24 * HOUR)
    with pytest.raises(Refused, match="the clock says Thursday 28 December 2017 16:40, and fact 1 of case"):
        perform(office, ref, "withdraw", {"reasons": "x"}, channel="test")
    confirm(store, machine.clock.now(), "operator")
    perform(office, ref, "withdraw", {"reasons": "x"}, channel="test")


def test_a_turn_by_a_clock_in_doubt_records_nothing(store: Store, machine: Machine) -> None:
    """No deadline lapses: the case stays as it was, its claim is free, and no failure is noted of it."""
    from desk.rehearsal import Rehearsal

    played = Rehearsal(load_council("southampton"), AT, store)
    played.notify({
        "reference": "CAS-1", "given_at": AT.isoformat(), "capacity": "relevant", "wards": "bargate",
        "applicant": "A Ltd", "closing": "1 Low Street", "remaining": "2 High Street",
    })  # fmt: skip
    before = played.record.head
    clock = watched(machine)
    played.office.clock = clock
    clock.now()
    machine.is_set(60 * 24 * HOUR)
    with pytest.raises(ClockInDoubt):
        played.turn()
    assert played.record.head == before
    with store.reading() as reading:
        assert reading.turns_held() == []
        assert reading.turn_failures() == []
