"""What Prefect and the logs keep of a case: offices and facts of the application, never people or their words."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from desk.demo import NOTICE as NOTICE_OF_DEMO
from desk.demo import STORY
from desk.office import open_office
from desk.server import free_port
from desk.server_auth import server_auth
from desk.settings import Settings
from models.council import Council, load_council
from tests.desk_at_work import ROOT, wait_until
from tests.integration.one_case import CONTENTIOUS, NOTICE, NOTIFIED_AT, Story

pytestmark = pytest.mark.prefect

PICTURE = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")


def test_prefect_and_the_logs_keep_no_person_and_no_answer(story: Story) -> None:
    """No name, address or own words of anybody stand in Prefect's database, its pages or any log.

    Neither does what was typed into a form, once it has been acted on: the applicant, the premises, the reasons.
    """
    people = people_of(story.work.office.council("southampton"))
    typed = [NOTICE["applicant"], NOTICE["closing"], NOTICE["remaining"], CONTENTIOUS["reasons"]]
    assert len(people) > 100
    assert len(story.words) > 10

    def still_there() -> list[str]:
        kept = "\n".join(everything_kept(story.work.home))
        return [secret for secret in [*people, *story.words, *typed] if secret.lower() in kept]

    wait_until(lambda: not still_there(), f"the journal to be overwritten, in which stood {still_there()}")


def test_the_search_finds_what_is_there(story: Story) -> None:
    """The same search finds the reference in a form's parameters and an office in a picture and in the log."""
    kept = "\n".join(everything_kept(story.work.home))
    assert '{"reference": "cas-17"}' in kept
    assert "healthwatch southampton" in kept
    assert f"timetable of {story.ref}</text>".lower() in kept
    recorded = " ".join(str(fact.payload) for fact in story.work.record(story.ref))
    assert [words for words in story.words if words not in recorded] == []


def people_of(council: Council) -> list[str]:
    """Return the name and address of everyone in the council's file, where no office is so called."""
    offices = " ".join(council.title(role, NOTIFIED_AT.date()) for role in council.roles).lower()
    names = [re.sub(r"^(Dr|Councillor|Mrs|Mr|Ms|Professor) ", "", person.name) for person in council.people.values()]
    addresses = [person.email for person in council.people.values()]
    return [*(name for name in names if name.lower() not in offices), *addresses]


def test_a_whole_demonstration_leaves_nobody_and_no_word_of_theirs_in_prefect_or_a_log(tmp_path: Path) -> None:
    """The command as an officer runs it, from notice to representation: its logs, artifacts, database and output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CLEARDAYS_", "PREFECT_"))}
    own = {"CLEARDAYS_HOME": str(tmp_path), "CLEARDAYS_PREFECT_PORT": str(free_port())}
    command = [sys.executable, "-m", "desk.cli", "demo", "--days-per-second", "1"]
    played = subprocess.run(
        command, cwd=ROOT, env={**environment, **own},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=540, check=False,
    )  # fmt: skip
    home = tmp_path / "demo"
    assert played.returncode == 0, played.stdout + played.stderr
    assert "was sent. Where to look" in played.stdout
    kept = "\n".join([*everything_kept(home), played.stdout.lower(), played.stderr.lower()])
    office = open_office(Settings(home=home, _env_file=None))
    with office.store.reading() as reading:
        (case,) = reading.cases()
        recorded = [str(fact.payload) for fact in reading.record(case.ref)]
    office.store.close()
    people = people_of(load_council("southampton"))
    words = [text for given in (NOTICE_OF_DEMO, *(moment.fields for moment in STORY)) for text in texts_of(given)]
    assert len(people) > 100
    assert len(words) > 15
    assert [text for text in words if not any(text in each for each in recorded)] == []
    assert [secret for secret in [*people, *words] if secret.lower() in kept] == []
    assert [secret for secret in [str(server_auth(Settings(home=home, _env_file=None)))] if secret in kept] == []
    assert "timetable of pc-" in kept  # the search reads pictures


def texts_of(given: object) -> Iterator[str]:
    """Give every text of some words in the fields of a form, however deep: no choice, no id, no name of a file."""
    if isinstance(given, Mapping):
        for value in given.values():
            yield from texts_of(value)
    elif isinstance(given, str) and " " in given:
        yield given


def everything_kept(home: Path) -> Iterator[str]:
    """Yield, in lower case, all that Prefect's folder and the logs hold: also the database row by row."""
    files = [*(home / "prefect").rglob("*"), *home.glob("*.log*"), *home.glob("*.told"), *home.glob("*.json")]
    for file in files:
        if file.is_file():
            yield file.read_bytes().decode("utf-8", errors="replace").lower()
    with closing(sqlite3.connect(f"file:{home / 'prefect' / 'prefect.db'}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f'SELECT * FROM "{table}"'):
                for cell in map(str, row):
                    yield cell.lower()
                    yield from (b64decode(picture).decode().lower() for picture in PICTURE.findall(cell))
