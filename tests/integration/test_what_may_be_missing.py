"""What may be missing of a record is what its own facts list as removed; anything else is found, by each who checks."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text

from benchmarks.evidence_case import Posted, play_posted
from benchmarks.mutations import Held
from desk.evidence import evidence_files, gather
from desk.evidence_publication import for_publication
from desk.evidence_verify import verify_files
from desk.forgetting import forget
from models.evidence_form import RECORD, VERIFY
from models.evidence_zip import zip_bytes
from models.facts import BrokenRecord, Fact, Withheld, field_digest, read_payload, write_payload
from models.retention import TRANSCRIPTS
from models.sealed_letters import POSTED, removed
from models.whole_record import check_whole


@pytest.fixture
def closed(tmp_path: Path) -> Posted:
    """A case with a document and letters that left, withdrawn; its personal data may go."""
    (tmp_path / "walks.txt").write_bytes(b"how far it is to walk")
    played = play_posted(tmp_path, until=4)
    played.do("attach", kind="other", file=str(tmp_path / "walks.txt"))
    played.do("withdraw", reasons="The applicant wrote.")
    played.deliver()
    return played


def by_another_hand(at: Posted, statement: str, **values: object) -> None:
    """Change the database as somebody with its password would."""
    with at.store._engine.begin() as connection:
        connection.execute(text(statement), {"ref": at.case_ref, **values})
    at.store.forget(at.case_ref)


def strike(at: Posted, fact: Fact, name: str) -> None:
    """Put its digest in place of a field."""
    left = {**fact.payload, name: Withheld(field_digest(fact[name], fact.salt, name))}
    statement = "UPDATE facts SET payload = :payload WHERE case_ref = :ref AND number = :number"
    by_another_hand(at, statement, payload=write_payload(left), number=fact.number)
    assert read_payload(write_payload(left)) == left


def checked(at: Posted) -> str:
    """Return what `check` says: nothing where the record is whole."""
    try:
        with at.store.reading() as reading:
            check_whole(reading, at.case_ref)
    except BrokenRecord as error:
        return str(error)
    return ""


def evidence(at: Posted, *, published: bool = False) -> Held:
    """Return its evidence file."""
    material = gather(at.office, at.case_ref)
    return Held(evidence_files(material, withheld=for_publication(material) if published else None))


def found(files: Held) -> list[str]:
    """Return the places at which `verify` finds something."""
    return [f"{each.kind}, {each.place}" for each in verify_files(files).findings]


def sh(files: Held, folder: Path) -> list[str]:
    """Return what VERIFY.txt finds with sha256sum alone."""
    with zipfile.ZipFile(io.BytesIO(zip_bytes(files))) as archive:
        archive.extractall(folder)
    command = ["/usr/bin/env", "-i", "PATH=/usr/bin:/bin", "sh", VERIFY]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if line.startswith("FOUND")]


def test_what_the_record_lists_as_removed_may_be_missing(closed: Posted, tmp_path: Path) -> None:
    """After an honest removal all three say whole, of the file for a court and of the published one."""
    assert checked(closed) == ""
    forget(closed.office, closed.case_ref, None, "command line", reasons="closed")
    assert checked(closed) == ""
    for published in (False, True):
        files = evidence(closed, published=published)
        assert (found(files), sh(files, tmp_path / f"unpacked-{published}")) == ([], [])


@pytest.mark.parametrize("published", [False, True])
def test_no_address_can_be_confirmed_by_the_digest_of_what_left(closed: Posted, published: bool) -> None:
    """Whoever composes a letter to a guessed address has no digest of it to compare with, which would have no salt."""
    left = [fact["message_sha256"] for fact in closed.store.record(closed.case_ref).all("letter-sent")]
    assert left
    if not published:
        assert all(digest in evidence(closed)[RECORD].decode() for digest in left)
        forget(closed.office, closed.case_ref, None, "command line", reasons="closed")
    files = evidence(closed, published=published)
    assert not any(digest.encode() in content for content in files.values() for digest in left)
    assert b"could not be composed again" not in files["account.html"]
    assert found(files) == []


def test_digests_that_an_older_cleardays_left_when_it_forgot_go(
    closed: Posted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its removal left them; forgetting again takes them and nothing else, and both removals stand in the record."""
    with monkeypatch.context() as older:
        older.setattr("models.retention.TRANSCRIPTS", {**TRANSCRIPTS, "letter-sent": ("reply",)})
        forget(closed.office, closed.case_ref, None, "command line", reasons="closed")
    going = forget(closed.office, closed.case_ref, None, "command line", reasons="again")
    assert {(each.kind, each.field) for each in going.now} == {("letter-sent", "message_sha256")}
    assert (going.letters, going.salts) == ({}, {})
    files = evidence(closed)
    assert (checked(closed), found(files), sh(files, tmp_path / "unpacked")) == ("", [], [])


def test_any_other_field_may_not(closed: Posted, tmp_path: Path) -> None:
    """Once one removal is on record the database lets a digest be put in place of any field: it is found."""
    forget(closed.office, closed.case_ref, None, "command line", reasons="closed")
    record = closed.store.record(closed.case_ref)
    decided = record.first("route-decided")
    assert decided is not None
    strike(closed, decided, "reasons")
    assert f"the field reasons of fact {decided.number}" in checked(closed)
    files = evidence(closed)
    assert found(files) == [f"deletion, field reasons of fact {decided.number}"]
    assert len(sh(files, tmp_path / "unpacked")) == 1
    assert found(evidence(closed, published=True)) == []  # where the officer who publishes withholds what he likes


def test_the_seals_of_letters_are_never_missing(closed: Posted, tmp_path: Path) -> None:
    """Struck out, they would free the letters of their fact to be written anew; a published file shows them too."""
    forget(closed.office, closed.case_ref, None, "command line", reasons="closed")
    posting = next(fact for fact in closed.store.record(closed.case_ref) if fact.get(POSTED))
    strike(closed, posting, POSTED)
    assert f"the field posted of fact {posting.number}" in checked(closed)
    for published in (False, True):
        files = evidence(closed, published=published)
        assert f"deletion, field posted of fact {posting.number}" in found(files)
        assert sh(files, tmp_path / f"unpacked-{published}")


def test_words_of_a_letter_go_only_with_a_fact_that_says_so(closed: Posted, tmp_path: Path) -> None:
    """The seal bears the digest in their place, and that is not enough."""
    with closed.store.reading() as reading:
        letter = reading.letters(closed.case_ref)[0]
    left = removed(letter.draft, closed.store.record(closed.case_ref).facts[0].salt, "text")
    by_another_hand(closed, "UPDATE letters SET text = :left WHERE key = :key", left=left, key=letter.draft.key)
    assert f"the text of the letter {letter.draft.key}" in checked(closed)
    files = evidence(closed)
    assert "deletion, field text of letter 1" in found(files)
    assert sh(files, tmp_path / "unpacked")


def test_a_document_goes_only_with_a_fact_that_lists_it(closed: Posted, tmp_path: Path) -> None:
    """An unrelated removal is no leave for it; another content under its SHA-256 is never handed out."""
    attached = closed.store.record(closed.case_ref).all("document-attached")[-1]["sha256"]
    by_another_hand(closed, "UPDATE documents SET content = :other WHERE sha256 = :of", other=b"near", of=attached)
    with pytest.raises(BrokenRecord, match="was changed"), closed.store.reading() as reading:
        reading.document(attached)
    assert f"{attached} was changed" in checked(closed)
    forget(closed.office, closed.case_ref, None, "command line", reasons="closed")
    by_another_hand(closed, "DELETE FROM documents WHERE sha256 = :of", of=attached)
    assert f"{attached}, which case PC-2017-001 names, was removed" in checked(closed)
    files = evidence(closed)
    assert found(files) == [f"deletion, attachment {attached}"]
    assert len(sh(files, tmp_path / "unpacked")) == 1


def test_a_letter_under_a_fact_that_posted_none_was_put_in(closed: Posted, tmp_path: Path) -> None:
    """Letters are under seal from the first fact on: one without was written by another hand."""
    bare = next(fact for fact in closed.store.record(closed.case_ref) if not fact.get(POSTED) and fact.number > 1)
    with closed.store._engine.connect() as connection:
        row = dict(connection.execute(text("SELECT * FROM letters ORDER BY id LIMIT 1")).mappings().one())
    row |= {"id": 999, "fact": bare.number, "key": "forged/healthwatch", "message_id": "<forged@example.org>"}
    columns = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    by_another_hand(closed, f"INSERT INTO letters ({columns}) VALUES ({values})", **row)
    assert checked(closed) == "the letter forged/healthwatch of case PC-2017-001 was posted by no fact: it was put in"
    files = evidence(closed)
    assert any(each.startswith("insertion, letter") for each in found(files))
    assert sh(files, tmp_path / "unpacked")
