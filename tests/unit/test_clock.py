"""The clocks: aware instants only, standing still, or running faster than the machine's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.clock import AcceleratedClock, FixedClock, SystemClock
from models.london import LONDON

TEN = datetime(2017, 8, 1, 10, tzinfo=LONDON)


def test_the_machines_clock_tells_aware_instants_in_order() -> None:
    """Two readings are in UTC, and the second is not before the first."""
    clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert first.tzinfo is UTC
    assert first <= second


def test_a_fixed_clock_stands_until_it_is_moved_either_way() -> None:
    """It gives the same instant again and again, in UTC; tests may go back in time."""
    clock = FixedClock(TEN)
    assert clock.now() == clock.now() == datetime(2017, 8, 1, 9, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    clock.set(TEN - timedelta(days=1))
    assert clock.now() == TEN - timedelta(days=1)


def test_an_instant_without_a_time_zone_is_refused() -> None:
    """No clock starts from, or is moved to, a time that is nowhere."""
    naive = datetime(2017, 8, 1, 10)
    with pytest.raises(ValueError, match="has no time zone"):
        FixedClock(naive)
    with pytest.raises(ValueError, match="has no time zone"):
        FixedClock(TEN).set(naive)
    with pytest.raises(ValueError, match="has no time zone"):
        AcceleratedClock(naive, 60)


def test_an_accelerated_clock_runs_by_its_factor() -> None:
    """One real second is one day at a factor of 86,400, across the change to winter time too."""
    real = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    clock = AcceleratedClock(TEN, 86_400, real)
    assert clock.now() == TEN
    real.set(real.now() + timedelta(seconds=45))
    assert clock.now() - TEN.astimezone(UTC) == timedelta(days=45)
    assert clock.now().tzinfo is UTC


def test_a_clock_is_never_slowed_down() -> None:
    """A factor below one would let deadlines pass unseen."""
    with pytest.raises(ValueError, match="give 1 or more"):
        AcceleratedClock(TEN, 0.5)
