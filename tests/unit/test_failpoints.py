"""Failpoints kill their own process where they are armed, and nowhere else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.office import OUTSIDE_CONTAINERS, holder, is_dead
from models import failpoints

ROOT = Path(__file__).resolve().parents[2]
SAYS_HOW_FAR = """
from models.failpoints import reached
for number in (1, 2, 3):
    reached("letter-marked", "circulation")
    print(number, flush=True)
"""


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    """Leave this process unarmed."""
    yield
    failpoints.arm("")


def how_far(armed: str) -> tuple[int, str]:
    """Run three rounds in a process armed by its environment; return how it ended and the rounds it lived to tell."""
    done = subprocess.run(
        [sys.executable, "-c", SAYS_HOW_FAR], cwd=ROOT, env={**os.environ, failpoints.VARIABLE: armed},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout.replace("\n", "")


@pytest.mark.parametrize(
    ("armed", "lived_to_tell"),
    [("letter-marked", ""), ("letter-marked:3", "12"), ("letter-marked/circulation:2", "1")],
)
def test_an_armed_process_dies_there_as_by_kill_9(armed: str, lived_to_tell: str) -> None:
    """By name, by name and times, by name and letter."""
    assert how_far(armed) == (-signal.SIGKILL, lived_to_tell)


@pytest.mark.parametrize("armed", ["", "case-rested", "letter-marked/reminder", "letter-marked:4"])
def test_any_other_process_lives(armed: str) -> None:
    """Without the variable, at another point, for another letter, or for a later time nothing happens."""
    assert how_far(armed) == (0, "123")


def test_a_point_that_does_not_exist_is_refused() -> None:
    """A name written wrongly would otherwise make a test that cannot fail."""
    with pytest.raises(ValueError, match="names one of before-commit, "):
        failpoints.arm("letter-market")
    with pytest.raises(ValueError, match=":N for the N-th time"):
        failpoints.arm("letter-marked:soon")


def test_a_desk_says_that_it_is_armed() -> None:
    """`cleardays up` warns with the point and the variable to unset; otherwise there is nothing to say."""
    assert failpoints.warning() is None
    failpoints.arm("case-rested:7")
    assert str(failpoints.warning()).startswith("WARNING: CLEARDAYS_FAILPOINT is set")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only where the kernel shows processes as files")
def test_a_killed_desk_is_dead_before_its_parent_has_asked() -> None:
    """A supervisor may never ask about its child: a zombie's claims are free all the same."""
    tells = "from desk.office import holder; print(holder(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", tells], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as desk:
        assert desk.stdout is not None
        name = desk.stdout.readline().strip()
        assert not is_dead(name)
        desk.kill()
        os.waitid(os.P_PID, desk.pid, os.WEXITED | os.WNOWAIT)  # it has died, and stays a zombie
        assert is_dead(name)
    assert not is_dead(holder())


@pytest.mark.skipif(not Path("/proc/self/ns/pid").exists(), reason="only where the kernel tells containers apart")
def test_a_desk_in_another_container_is_not_called_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """One name and another space of process numbers, or another machine: this process cannot know."""
    machine, space, run, _, _ = holder().rsplit(":", 4)
    gone = "4194305:1"  # a number higher than any process has
    assert is_dead(f"{machine}:{space}:{run}:{gone}")
    assert not is_dead(f"{machine}:1{space}:{run}:{gone}")
    assert not is_dead(f"another-{machine}:{space}:{run}:{gone}")
    assert not is_dead(f"{machine}:{gone}")  # as an earlier Cleardays wrote it
    before = f"{machine}:%s:1{run}:{gone}"
    for each, dead in ((OUTSIDE_CONTAINERS, True), ("4026532281", False)):
        monkeypatch.setattr("desk.office._here", lambda each=each: (machine, each, run))
        assert is_dead(before % each) is dead  # the machine was started anew since, or it is not the same
