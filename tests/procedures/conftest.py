"""The fixtures of the stories: an office of the shipped council, or of one whose file reads otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from story_checks import check_story
from story_office import CouncilWith, Office, OfficeOf

from models.council import COUNCILS, Council, load_council

SHIPPED = (COUNCILS / "southampton.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def council() -> Council:
    """Return the council whose file is shipped."""
    return load_council("southampton")


@pytest.fixture
def council_with(tmp_path: Path) -> CouncilWith:
    """Return a function that reads the shipped file with passages replaced: (old, new), (old, new)."""

    def edited(*edits: tuple[str, str]) -> Council:
        text = SHIPPED
        for old, new in edits:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the shipped file"
            text = text.replace(old, new)
        path = tmp_path / "southampton.yaml"
        path.write_text(text, encoding="utf-8")
        return load_council(path)

    return edited


@pytest.fixture
def office_of() -> Iterator[OfficeOf]:
    """Return a function that opens an office of a council; after the story, its letters and record are checked."""
    opened: list[Office] = []

    def open_office(council: Council) -> Office:
        opened.append(Office(council))
        return opened[-1]

    yield open_office
    for office in opened:
        if office.played is not None:
            check_story(office.playing)


@pytest.fixture
def office(council: Council, office_of: OfficeOf) -> Office:
    """Return an office of the shipped council; after the story, its letters and record are checked."""
    return office_of(council)
