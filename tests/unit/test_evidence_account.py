"""The account of an evidence file, made again from the record in it: what another hand wrote there is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.evidence_case import Posted, play_posted
from benchmarks.mutations import Held, summed
from desk.commands_cases import _state
from desk.evidence import Material, evidence_files, gather
from desk.evidence_account import account_of
from desk.evidence_anew import (
    BY_BESIDE,
    COUNCIL_BESIDE,
    HOLDS,
    HOLDS_BUT_PDF,
    NOT_WHOLE,
    account_files,
    made_by,
    material_in,
    typeset_by,
)
from desk.evidence_pages import pdf_file
from desk.evidence_publication import for_publication
from desk.evidence_verify import verify_files
from desk.office import council_files
from models.council import Council, read_council
from models.council_file import CouncilFileError
from models.editions import EditionMissing
from models.evidence_chain import Kind
from models.evidence_form import COUNCIL, digest_of


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


def with_another_file(folder: Path) -> Posted:
    """Play a case whose council's file is changed after it was opened."""
    played = play_posted(folder, until=2)
    changed = played.council.source.replace(b"Director of Public Health", b"Chief Medical Officer")
    (folder / "southampton.yaml").write_bytes(changed)
    played.office.council = council_files(folder)
    return played


def test_the_account_follows_the_council_file_that_the_record_names(tmp_path: Path) -> None:
    """A file that changed since the case was opened changes nothing in the account: no fact vouches for it."""
    played = with_another_file(tmp_path)
    made = Held(evidence_files(gather(played.office, played.case_ref)))
    assert "account.yaml" not in made
    assert b"Director of Public Health" in made["account.html"]
    assert b"Chief Medical Officer" not in made["account.html"]
    verdict = verify_files(made)
    assert (verdict.findings, HOLDS in verdict.notes) == ([], True)


@pytest.mark.parametrize("published", [False, True])
def test_a_council_file_of_another_hand_is_found(files: Held, material: Material, published: bool) -> None:
    """With other offices, and the account made by it: the one that fact 1 names is there, so it was put in."""
    (name,) = [name for name in files if name.startswith("council/") and name.endswith(".yaml")]
    forged = {COUNCIL: files[name].replace(b"Director of Public Health", b"Chief Medical Officer")}
    if published:
        made = Held(evidence_files(material, withheld=for_publication(material)) | forged)
    else:
        by_it = account_files(material_in(Held(files | forged), COUNCIL))
        assert b"Chief Medical Officer" in by_it["account.html"]
        made = Held(files | forged | by_it)
    verdict = verify_files(summed(made))
    assert (Kind.INSERTION, COUNCIL) in [(each.kind, each.place) for each in verdict.findings]
    assert not any(note.startswith(HOLDS) for note in verdict.notes)


@pytest.mark.parametrize("why", ["not kept", "too old"])
def test_offices_by_another_council_file_are_said_to_be_unproven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """Where fact 1's is not kept, or no account can be made by it, that of the day serves, and HOLDS says so."""
    played = with_another_file(tmp_path)
    material = gather(played.office, played.case_ref)
    opened = material.record.facts[0]["council_file"]
    if why == "not kept":
        kept = {each: content for each, content in material.documents.items() if each != opened}
        material = replace(material, documents=kept)
    else:
        monkeypatch.setattr("desk.evidence_anew._council_read", reads_all_but(opened))
    made = Held(evidence_files(material))
    assert made[COUNCIL] == (tmp_path / "southampton.yaml").read_bytes()
    assert b"Chief Medical Officer" in made["account.html"]
    verdict = verify_files(made)
    assert verdict.findings == []
    assert {f"{HOLDS}{BY_BESIDE}", COUNCIL_BESIDE} <= set(verdict.notes)
    assert HOLDS not in verdict.notes


def reads_all_but(sha256: str) -> Callable[[bytes, str], Council]:
    """Return what reads a council's file, but one: as a Cleardays that asks for more than that file has."""

    def read(content: bytes, name: str) -> Council:
        if digest_of(content) == sha256:
            raise CouncilFileError(Path(name), [])
        return read_council(content, Path(name))

    return read


def test_dates_by_another_edition_than_the_records_are_not_taken_for_its_own(files: Held) -> None:
    """The edition taken out, and the account made with other dates: nothing stands in for what the record names."""
    (edition,) = [name for name in files if name.startswith("council/") and name.endswith(".json")]
    line = f"{edition[8:72]} here\n".encode()
    (name,) = [name for name in files if name.startswith("council/") and name.endswith(".yaml")]
    other = files[name].replace(b"2027-12-29", b"2017-09-08")
    assert other != files[name]
    left = {each: content for each, content in files.items() if each != edition}
    left |= {"documents/index.txt": files["documents/index.txt"].replace(line, b""), COUNCIL: other}
    with pytest.raises(EditionMissing):
        material_in(Held(left), COUNCIL)
    assert not verify_files(summed(Held(left))).whole
