"""One case and its evidence file, for the tests of what is in it and of the account of it."""

from __future__ import annotations

import pytest

from benchmarks.evidence_case import Posted, play_posted
from benchmarks.mutations import Held
from desk.evidence import Material, evidence_files, gather


@pytest.fixture(scope="module")
def posted(tmp_path_factory: pytest.TempPathFactory) -> Posted:
    """A contentious case up to its circulation and two answers, its letters written to a folder as they left."""
    return play_posted(tmp_path_factory.mktemp("outbox"), until=6)


@pytest.fixture(scope="module")
def material(posted: Posted) -> Material:
    """What its evidence is made of."""
    return gather(posted.office, posted.case_ref)


@pytest.fixture(scope="module")
def files(material: Material) -> Held:
    """Its evidence file."""
    return Held(evidence_files(material))
