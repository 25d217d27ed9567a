"""The first run: `./cleardays` makes its .venv once, whatever interrupts it, and stays out of the way after.

The tests need no network: a stand-in plays Python, pip and uv and notes what it was asked. That the real ones
do it too is what .ci/run shows on each change.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DASH = shutil.which("dash") or "/bin/sh"

STAND_IN = r"""#!/bin/sh
# Plays python3.11: `-m venv` copies it into the new environment, installers only note that they were called.
note() { printf '%s\n' "$*" >>"$NOTES"; }
case "$*" in
  -c*import\ sys*)    exit 0 ;;
  -c*)                echo "${FITS:-fits pip 3.11.7} $0" ;;
  "-m venv "*)        note venv; mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
  *"--version")       [ "$2" = pip ] ;;
  "-m pip install "*) note pip "$*"; [ -z "${HANG:-}" ] || sleep 600; [ -z "${OFFLINE:-}" ] ;;
  "-m uv sync "*)     note uv "$*"; [ -z "${OFFLINE:-}" ] ;;
  "-P -m desk.cli"*)  shift 3; printf 'desk:'; for word; do printf '[%s]' "$word"; done; echo ;;
  *)                  echo "the stand-in was asked for: $*" >&2; exit 99 ;;
esac
"""


class Copy:
    """A fresh copy of the start script in a folder with spaces, with a stand-in Python on the PATH."""

    def __init__(self, place: Path) -> None:
        self.root = place / "a fresh copy"
        self.root.mkdir()
        self.script = self.root / "cleardays"
        self.stand = place  # the folder the officer stands in
        self.tools = place / "tools"
        self.tools.mkdir()
        self.notes = place / "notes"
        self.notes.touch()
        shutil.copy(ROOT / "cleardays", self.script)
        (self.root / "pyproject.toml").write_text("[project]\n")
        (self.root / "uv.lock").write_text("version = 1\n")
        (self.tools / "python3.11").write_text(STAND_IN)
        (self.tools / "python3.11").chmod(0o755)
        for tool in ("cat", "cksum", "cp", "date", "head", "mkdir", "mv", "readlink", "rm", "rmdir", "sed",
                     "sh", "sleep", "tail", "wc"):  # fmt: skip
            (self.tools / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    def begin(self, *words: str, **settings: str) -> subprocess.Popen[str]:
        """Start the script with `words` in a process group of its own; `settings` join its environment."""
        return subprocess.Popen(
            [DASH, str(self.script), *words],
            cwd=self.stand,
            env={"PATH": str(self.tools), "NOTES": str(self.notes), **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def start(self, *words: str, **settings: str) -> tuple[int, str, str]:
        """Start the script, wait for its end, return its exit code, standard output and standard error."""
        process = self.begin(*words, **settings)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def asked(self) -> list[str]:
        """The first word of each thing the stand-in was asked to do, in order."""
        return [line.split()[0] for line in self.notes.read_text().splitlines()]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A fresh copy with nothing set up."""
    return Copy(tmp_path)


def interrupted(copy: Copy, how: signal.Signals) -> str:
    """Begin a set-up, send `how` to the whole group once it is installing; return what it said."""
    process = copy.begin("demo", HANG="yes")
    while "pip" not in copy.asked():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    os.killpg(process.pid, how)
    _, err = process.communicate(timeout=60)
    copy.notes.write_text("")
    return err


def test_the_first_start_sets_up_and_hands_the_words_over_untouched(copy: Copy) -> None:
    """Set-up is told on standard error; standard output holds what the command says, nothing else."""
    code, out, err = copy.start("demo", "two words", "--json")
    assert (code, out) == (0, "desk:[demo][two words][--json]\n")
    assert copy.asked() == ["venv", "pip", "uv"]
    assert "--no-dev" in copy.notes.read_text()
    assert "making .venv with Python 3.11.7" in err
    assert "ready after" in err


def test_a_later_start_sets_nothing_up_and_says_nothing(copy: Copy) -> None:
    """Once .venv is ready the script only hands over."""
    copy.start("demo")
    copy.notes.write_text("")
    assert copy.start("demo") == (0, "desk:[demo]\n", "")
    assert copy.asked() == []


def test_it_starts_through_links_and_belongs_to_the_folder_of_its_file(copy: Copy, tmp_path: Path) -> None:
    """Links to links are followed, whichever folder the officer stands in."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "cleardays").symlink_to("../linked")
    (tmp_path / "linked").symlink_to(copy.script)
    copy.script = tmp_path / "bin" / "cleardays"
    code, out, _ = copy.start("demo")
    assert (code, out) == (0, "desk:[demo]\n")
    assert (copy.venv / "cleardays-ready").is_file()


def test_the_tests_add_their_tools_and_every_other_command_is_content_with_them(copy: Copy) -> None:
    """`test` after `demo` installs once more, with the test tools; `demo` after `test` does not."""
    copy.start("demo")
    copy.notes.write_text("")
    copy.start("test")
    assert copy.asked() == ["pip", "uv"]
    assert "--no-dev" not in copy.notes.read_text()
    copy.notes.write_text("")
    assert copy.start("demo") == (0, "desk:[demo]\n", "")


@pytest.mark.parametrize("name", ["pyproject.toml", "uv.lock"])
def test_changed_libraries_are_installed_at_the_next_start(copy: Copy, name: str) -> None:
    """After an update of the copy the environment follows, with the test tools if it had them."""
    copy.start("test")
    copy.notes.write_text("")
    with (copy.root / name).open("a") as file:
        file.write("# changed\n")
    assert copy.start("demo")[:2] == (0, "desk:[demo]\n")
    assert copy.asked() == ["pip", "uv"]
    assert "--no-dev" not in copy.notes.read_text()


def test_a_copy_that_moved_is_set_up_again(copy: Copy, tmp_path: Path) -> None:
    """An environment knows its place by its whole path; in another place it is made anew."""
    copy.start("demo")
    copy.root = copy.root.rename(tmp_path / "moved")
    copy.script = copy.root / "cleardays"
    copy.notes.write_text("")
    assert copy.start("demo")[:2] == (0, "desk:[demo]\n")
    assert copy.asked() == ["venv", "pip", "uv"]


@pytest.mark.parametrize("there", ["another copy's", "an empty folder", "nothing"])
def test_an_environment_that_is_a_link_is_refused_and_what_it_leads_to_stays(
    copy: Copy, tmp_path: Path, there: str
) -> None:
    """Set-up clears .venv; through a link it would clear somebody else's."""
    target = tmp_path / "elsewhere"
    if there == "another copy's":
        copy.start("demo")
        copy.venv.rename(target)
        (target / "cleardays-ready").write_text("run\n/another/copy\n")
        copy.notes.write_text("")
    elif there == "an empty folder":
        target.mkdir()
    copy.venv.symlink_to(target)
    before = sorted(target.rglob("*"))
    code, out, err = copy.start("demo")
    assert (code, out) == (1, "")
    assert f"{copy.venv} is a symbolic link" in err
    assert (sorted(target.rglob("*")), copy.venv.is_symlink(), copy.asked()) == (before, True, [])
    assert target.exists() == (there != "nothing")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_set_up_is_done_again(copy: Copy, how: signal.Signals) -> None:
    """Neither a stopped nor a killed set-up leaves a half-made environment or a lock that blocks the next."""
    interrupted(copy, how)
    assert not (copy.venv / "cleardays-ready").exists()
    code, out, err = copy.start("demo")
    assert (code, out) == (0, "desk:[demo]\n")
    assert "did not finish; starting it again" in err
    assert copy.asked() == ["venv", "pip", "uv"]


def test_an_interrupted_set_up_says_so(copy: Copy) -> None:
    """Stopping the set-up ends in a sentence."""
    assert "interrupted; the next start does it again" in interrupted(copy, signal.SIGTERM)


def test_two_first_starts_at_once_set_up_once(copy: Copy) -> None:
    """The second waits for the first, also when both find the lock of a start that was killed."""
    interrupted(copy, signal.SIGKILL)
    both = [copy.begin("demo"), copy.begin("demo")]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert [out for out, _ in said] == ["desk:[demo]\n"] * 2
    assert copy.asked() == ["venv", "pip", "uv"]


def test_without_a_package_index_it_says_so_and_tries_again_next_time(copy: Copy) -> None:
    """uv, then pip are tried; the refusal names the log, and the next start with a network succeeds."""
    code, out, err = copy.start("demo", OFFLINE="yes")
    assert (code, out) == (1, "")
    assert copy.asked() == ["venv", "pip", "pip"]
    assert f"Is the package index reachable? All of the output is in {copy.venv}/cleardays-setup.log" in err
    assert copy.start("demo")[:2] == (0, "desk:[demo]\n")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("no pip 3.9.18", "Python 3.11, 3.12 or 3.13 is needed; found: python3.11 is 3.9.18"),
        ("fits no-pip 3.12.3", "Python 3.12.3 ("),
        ("fits no-pip 3.12.3", "apt-get install python3.12-venv"),
    ],
)
def test_an_unfit_python_is_refused_with_what_to_install(copy: Copy, answer: str, sentence: str) -> None:
    """The refusal names what was found and what to install, and leaves nothing behind."""
    code, out, err = copy.start("demo", FITS=answer)
    assert (code, out) == (1, "")
    assert sentence in err
    assert not copy.venv.exists()


def test_no_python_at_all_is_refused_with_what_to_install(copy: Copy) -> None:
    """A machine without Python hears which one to install."""
    (copy.tools / "python3.11").unlink()
    code, _, err = copy.start("demo")
    assert code == 1
    assert "found: no Python at all. Install one (Debian, Ubuntu: apt-get install python3 python3-venv" in err
