"""Evidence files that an older Cleardays wrote: no false alarm is raised about them, and a change is still found."""

from __future__ import annotations

import io
import lzma
import zipfile
from pathlib import Path

import pytest

from benchmarks.mutations import Held, summed
from desk.evidence import verify_text
from desk.evidence_verify import VERIFY_TEXTS, verify_files
from models.evidence_chain import Kind
from models.evidence_form import VERIFY, digest_of

RELEASED = sorted((Path(__file__).parents[1] / "parked").glob("*/evidence.zip.xz"))


@pytest.fixture(scope="module", params=RELEASED, ids=lambda file: str(file.parent.name))
def older(request: pytest.FixtureRequest) -> Held:
    """An evidence file as a release wrote it."""
    with zipfile.ZipFile(io.BytesIO(lzma.decompress(request.param.read_bytes()))) as archive:
        return Held({name: archive.read(name) for name in archive.namelist()})


def test_the_text_of_verify_txt_is_among_those_that_are_known() -> None:
    """Whoever changes desk/VERIFY.txt adds its SHA-256 to VERIFY_TEXTS and takes none out."""
    assert digest_of(verify_text()) in VERIFY_TEXTS


def test_a_file_of_an_older_cleardays_is_whole(older: Held) -> None:
    """Its VERIFY.txt is not today's; that its account was written by another is told, and not called edited."""
    verdict = verify_files(older)
    assert verdict.findings == []
    assert any("the account and the derivations were not compared" in note for note in verdict.notes)


@pytest.mark.parametrize("name", [VERIFY, "chain/000001/field.applicant", "account.pdf"])
def test_a_change_of_a_file_of_an_older_cleardays_is_found(older: Held, name: str) -> None:
    """A line put into its VERIFY.txt even where the sums were computed anew; anything else by its sum at least."""
    changed = Held(older | {name: older[name] + b"\n"})
    found = verify_files(summed(changed) if name == VERIFY else changed).findings
    assert {each.kind for each in found} == {Kind.EDIT}
