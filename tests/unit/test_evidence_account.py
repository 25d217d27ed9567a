"""The account of an evidence file, made again from the record in it: what another hand wrote there is found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.evidence_case import Posted, play_posted
from benchmarks.mutations import Held, summed
from desk.commands_cases import _state
from desk.evidence import Material, evidence_files, gather
from desk.evidence_account import account_of
from desk.evidence_anew import COUNCIL_BESIDE, HOLDS, HOLDS_BUT_PDF, NOT_WHOLE, made_by, typeset_by
from desk.evidence_pages import pdf_file
from desk.evidence_verify import verify_files
from desk.office import council_files
from models.evidence_chain import Kind


@pytest.fixture(scope="module")
def posted(tmp_path_factory: pytest.TempPathFactory) -> Posted:
    """A contentious case with a few events, its letters written to a folder as they left."""
    return play_posted(tmp_path_factory.mktemp("outbox"), until=4)


@pytest.fixture(scope="module")
def material(posted: Posted) -> Material:
    """What its evidence is made of."""
    return gather(posted.office, posted.case_ref)


@pytest.fixture(scope="module")
def files(material: Material) -> Held:
    """Its evidence file."""
    return Held(evidence_files(material))


def test_what_was_put_into_a_folder_is_not_called_accepted(posted: Posted, material: Material, files: Held) -> None:
    """The account, the derivations and the list of letters say where it was put; a mail server took nothing."""
    put = f"ut into the folder {posted.folder}"
    for name in ("account.html", "derivations.txt"):
        assert put in files[name].decode()
        assert f"ccepted by folder {posted.folder}" not in files[name].decode()
    assert {_state(letter)[: len(put) + 1] for letter in material.letters} == {f"p{put}"}


@pytest.mark.parametrize("name", ["account.html", "derivations.json", "derivations.txt"])
def test_an_account_of_another_hand_is_found(files: Held, name: str) -> None:
    """The record is as it was and SHA256SUMS fits: the account alone says another year, and the line is named."""
    verdict = verify_files(summed(files | {name: files[name].replace(b"9 September 2017", b"9 September 2018")
                                           .replace(b"2017-09-09", b"2018-09-09")}))  # fmt: skip
    assert [(each.kind, each.place) for each in verdict.findings] == [(Kind.EDIT, name)]
    assert "from line" in verdict.findings[0].says
    assert HOLDS not in verdict.notes


def test_a_pdf_of_another_hand_is_found(files: Held, material: Material) -> None:
    """A PDF typeset by the same program from other words."""
    other = pdf_file(replace(account_of(material), subtitle="Refused"), material.record.facts[-1].at)
    found = verify_files(summed(files | {"account.pdf": other})).findings
    assert [(each.kind, each.place) for each in found] == [(Kind.EDIT, "account.pdf")]


def test_an_account_that_another_version_wrote_is_not_called_false(files: Held) -> None:
    """Its words may differ because the program did: that is said, with both versions, and nothing is found."""
    older = files["case.json"].replace(made_by().encode(), b"Cleardays 0.0.9")
    worded = files["account.html"].replace(b"Who did what", b"What was done")
    verdict = verify_files(summed(files | {"case.json": older, "account.html": worded}))
    assert verdict.findings == []
    assert any("written by Cleardays 0.0.9" in note and "not compared" in note for note in verdict.notes)
    assert HOLDS not in verdict.notes
    same = verify_files(summed(files | {"case.json": older}))
    assert (same.findings, any(note.startswith(HOLDS_BUT_PDF) for note in same.notes)) == ([], True)


def test_a_pdf_that_something_else_typeset_is_not_compared(files: Held) -> None:
    """The same words in other bytes are no fault; that nothing vouches for the PDF then is said."""
    elsewhere = files["case.json"].replace(typeset_by().encode(), b"typst 0.1 on a toaster")
    verdict = verify_files(summed(files | {"case.json": elsewhere, "account.pdf": b"%PDF-1.7 other"}))
    assert verdict.findings == []
    assert any("typst 0.1 on a toaster" in note and "for reading only" in note for note in verdict.notes)


def test_no_account_is_compared_with_a_record_that_is_not_whole(files: Held) -> None:
    """What follows from a broken record proves nothing; that it was not looked at is said."""
    verdict = verify_files(Held(files | {"chain/000001/field.applicant": b"x:1"}))
    assert verdict.findings
    assert NOT_WHOLE in verdict.notes


def test_the_council_file_of_the_day_goes_with_the_account(tmp_path: Path) -> None:
    """A file that changed since the case was opened: the account is made again from the one that lies beside it."""
    played = play_posted(tmp_path, until=1)
    changed = tmp_path / "southampton.yaml"
    changed.write_bytes(played.council.source.replace(b"Southampton City Council", b"City Council of Southampton"))
    played.office.council = council_files(tmp_path)
    made = Held(evidence_files(gather(played.office, played.case_ref)))
    assert b"City Council of Southampton" in made["account.html"]
    assert made["account.yaml"] == changed.read_bytes()
    verdict = verify_files(made)
    assert (verdict.findings, {HOLDS, COUNCIL_BESIDE} <= set(verdict.notes)) == ([], True)
