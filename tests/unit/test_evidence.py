"""The evidence file of a case: made twice the same, checked elsewhere with sha256sum alone, published without names."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.evidence_case import Posted, heads_of, play_posted
from benchmarks.mutations import Held
from desk.cli import main
from desk.evidence import Material, evidence_files, gather
from desk.evidence_anew import HOLDS
from desk.evidence_publication import for_publication, personal_words
from desk.evidence_verify import verify_file, verify_files
from models.evidence_chain import Kind
from models.evidence_check import FOR_READING_PUBLISHED
from models.evidence_form import RECORD, SUMS, VERIFY, digest_of
from models.evidence_zip import write_whole, zip_bytes
from models.facts import Fact, Payload, field_salt
from models.heads import Head, parse_heads, write_heads
from models.sealed_letters import POSTED, letter_digests, removed, seal_of
from models.store import Writing

SHELLS = [shell for shell in ("dash", "bash") if shutil.which(shell, path="/usr/bin:/bin")]
TOOLS = all(shutil.which(tool, path="/usr/bin:/bin") for tool in ("sh", "sha256sum", "openssl"))
with_tools = pytest.mark.skipif(not TOOLS, reason="sh, sha256sum or openssl is not in /usr/bin or /bin")


@pytest.fixture(scope="module")
def published(material: Material) -> Held:
    """Its evidence file for publication, with the officer's reasons withheld as well."""
    decided = next(fact for fact in material.record if fact.kind == "route-decided")
    chosen = [f"{decided.number}:reasons"]
    return Held(evidence_files(material, withheld=for_publication(material, chosen)))


@pytest.fixture
def unpacked(files: Held, tmp_path: Path) -> Path:
    """The evidence file unpacked into a folder of its own."""
    return _unpack(files, tmp_path / "elsewhere")


def _unpack(files: Held, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(zip_bytes(files))) as archive:
        archive.extractall(folder)
    return folder


def _sh(folder: Path, *heads: Path, shell: str = "sh") -> subprocess.CompletedProcess[str]:
    """Do what VERIFY.txt says, with nothing of this machine but /usr/bin and /bin."""
    command = ["/usr/bin/env", "-i", "PATH=/usr/bin:/bin", shell, VERIFY, *map(str, heads)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


# -- what is in it -----------------------------------------------------------------------------------------------------


def test_the_same_record_gives_the_same_file(posted: Posted, files: Held) -> None:
    """Read from the database again and made again, every byte is the same, PDF and all."""
    said: list[str] = []
    again = evidence_files(gather(posted.office, posted.case_ref), said.append)
    counted = verify_files(files).documents
    assert f"{counted} documents" in said, "the council's file and its calendar are no documents of the case"
    assert zip_bytes(again) == zip_bytes(files)


def test_each_letter_is_byte_for_byte_what_left(posted: Posted, material: Material, files: Held) -> None:
    """The messages in the file are those that the postroom handed over, and the record proves each."""
    left = {digest_of(each.read_bytes()) for each in posted.folder.glob("*.eml")}
    inside = {digest_of(content) for name, content in files.items() if name.endswith(".eml")}
    assert inside == left
    assert all(material.proof_of(letter) for letter in material.letters)


def test_each_letter_is_under_the_seal_of_the_fact_that_posted_it(material: Material) -> None:
    """A word changed in the outbox gives another seal; an address removed later leaves the seal as it was."""
    salt = material.record.facts[0].salt
    for letter in material.letters:
        seal = material.record.facts[letter.fact - 1][POSTED][letter.draft.key]
        assert seal_of(letter.draft, salt) == seal
        assert seal_of(replace(letter.draft, text=letter.draft.text + " "), salt) != seal
        without = replace(letter.draft, address=removed(letter.draft, salt, "address"))
        assert letter.draft.address not in without.address
        assert seal_of(without, salt) == seal
        assert letter_digests(without, salt)["address"] == letter_digests(letter.draft, salt)["address"]


def test_the_account_says_who_what_when_and_by_which_rule(files: Held) -> None:
    """Dates in words, titles of offices, the paragraph of the law, and the proof of each letter."""
    page = files["account.html"].decode()
    for told in ("Wed 26 Jul 2017", "Director of Public Health", "Saturday 9 September 2017", "para 19(4)",
                 "byte for byte what left", "Residents of both wards have objected"):  # fmt: skip
        assert told in page
    assert "<script" not in page
    assert files["account.pdf"].startswith(b"%PDF-")


def test_a_record_whose_letters_are_under_no_seal_is_told_not_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A record of a version that did not seal letters yet verifies, and the account says what it does not prove."""
    append = Writing.append

    def as_before(tx: Writing, ref: str, kind: str, *, payload: Payload, **told: Any) -> Fact:
        left = {name: value for name, value in payload.items() if name != "procedure_version"}
        return append(tx, ref, kind, payload=left, **told)

    monkeypatch.setattr(Writing, "append", as_before)
    monkeypatch.setattr("tasks.turns.with_seals", lambda payload, record, letters: payload)
    old = play_posted(tmp_path, until=1)
    made = Held(evidence_files(gather(old.office, old.case_ref)))
    assert verify_files(made).findings == []
    assert "did not yet put letters under the seal" in made["account.html"].decode()


# -- checked elsewhere -------------------------------------------------------------------------------------------------


@with_tools
@pytest.mark.parametrize("shell", SHELLS)
def test_the_lines_of_verify_txt_find_it_whole(unpacked: Path, shell: str) -> None:
    """On another machine, with another shell, sha256sum and openssl are enough."""
    done = _sh(unpacked, shell=shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("whole: ")


CHANGES: dict[str, Callable[[Path], None]] = {
    "a field": lambda at: _edit(at / "chain/000001/field.applicant", "Larkrise", "Lurkrise"),
    "a line of the record": lambda at: _edit(at / RECORD, "Larkrise", "Lurkrise"),
    "a time": lambda at: _edit(at / "chain/000002/header", "T09:", "T08:"),
    "a fact": lambda at: shutil.rmtree(at / "chain/000005"),
    "the end": lambda at: _cut(at),
    "a letter": lambda at: _edit(at / "chain/letter-0001/field.text", "2017", "2018"),
    "a message": lambda at: _edit(next(iter(sorted(at.glob("letters/*.eml")))), "Subject", "subject"),
    "an attachment": lambda at: _edit(next(iter(sorted(at.glob("documents/*.*")))), "", "x"),
    "a file put in": lambda at: _edit(at / "documents/new.pdf", "", "x"),
    "the order": lambda at: _exchange(at / "chain/000003", at / "chain/000004"),
}


def _edit(file: Path, old: str, new: str) -> None:
    content = file.read_bytes() if file.exists() else b""
    file.write_bytes(content.replace(old.encode(), new.encode(), 1) if old else content + new.encode())


def _exchange(one: Path, other: Path) -> None:
    one.rename(beside := one.with_name("beside"))
    other.rename(one)
    beside.rename(other)


def _cut(folder: Path) -> None:
    last = sorted(each for each in (folder / "chain").iterdir() if each.name.isdecimal())[-1]
    shutil.rmtree(last)
    lines = (folder / RECORD).read_bytes().splitlines(keepends=True)
    (folder / RECORD).write_bytes(b"".join(lines[:-1]))


@with_tools
@pytest.mark.parametrize("what", CHANGES)
def test_the_lines_of_verify_txt_find_a_change(unpacked: Path, what: str) -> None:
    """Also where SHA256SUMS was computed anew, so that only the chain shows it."""
    CHANGES[what](unpacked)
    names = sorted(str(each.relative_to(unpacked)) for each in unpacked.rglob("*") if each.is_file())
    sums = "".join(f"{digest_of((unpacked / name).read_bytes())}  {name}\n" for name in names if name != SUMS)
    (unpacked / SUMS).write_text(sums)
    done = _sh(unpacked)
    assert done.returncode == 1
    assert "FOUND: " in done.stdout


@with_tools
def test_verify_txt_holds_the_record_against_heads_that_were_kept(files: Held, unpacked: Path, tmp_path: Path) -> None:
    """A head that names another hash, or a fact that is not there, is found; the true ones vouch for it."""
    kept = []
    for name, content in heads_of(files):
        (tmp_path / name).write_bytes(content)
        kept.append(tmp_path / name)
    assert _sh(unpacked, *kept).returncode == 0
    heads = parse_heads(kept[-1].read_bytes())
    for false in (Head(heads.heads[0].case, heads.heads[0].number, "0" * 64), Head(heads.heads[0].case, 999, "0" * 64)):
        kept[-1].write_bytes(write_heads(heads.council, heads.day, heads.sealed_at, heads.previous, [false]))
        assert _sh(unpacked, *kept).returncode == 1


@with_tools
def test_a_published_file_is_checked_by_the_same_lines(published: Held, tmp_path: Path) -> None:
    """What is withheld leaves its digest, so that the chain holds."""
    done = _sh(_unpack(published, tmp_path / "published"))
    assert (done.returncode, done.stderr) == (0, "")
    assert " 0 fields withheld" not in done.stdout


@with_tools
def test_what_sha256sum_cannot_check_is_said(files: Held, unpacked: Path) -> None:
    """The account itself says that it is for reading, and VERIFY.txt that `cleardays verify` compares it."""
    assert "This account is for reading" in files["account.html"].decode()
    assert "cleardays verify makes" in _sh(unpacked).stdout


def test_a_file_that_no_evidence_has_is_found(files: Held) -> None:
    """A text laid beside the account, named in SHA256SUMS as all others."""
    put_in = b"the Board decided otherwise"
    sums = files[SUMS] + f"{digest_of(put_in)}  procedure.txt\n".encode()
    found = verify_files(Held(files | {"procedure.txt": put_in, SUMS: sums})).findings
    assert [(each.kind, each.place) for each in found] == [(Kind.INSERTION, "procedure.txt")]


# -- published ---------------------------------------------------------------------------------------------------------


def test_a_published_file_names_nobody(posted: Posted, material: Material, published: Held) -> None:
    """No name, address or telephone number of the council's people is in any of its files that can be read."""
    words = personal_words(posted.council, material.letters)
    assert "imogen.castellane@example.org" in words
    for name, content in published.items():
        text = content.decode("utf-8", "replace").casefold()
        found = [word for word in words if " " in word or "@" in word if word.casefold() in text]
        assert found == [], name


def test_what_is_withheld_cannot_be_guessed(material: Material, published: Held) -> None:
    """Neither its text nor its salt is in the file, nor any fact's own salt, from which the field's could be made."""
    everything = b"\n".join(published.values())
    decided = next(fact for fact in material.record if fact.kind == "route-decided")
    assert b"Residents of both wards" not in everything
    assert field_salt(decided.salt, "reasons").encode() not in everything
    for fact in material.record:
        assert fact.salt.encode() not in everything
    assert f"chain/{decided.number:06d}/field.reasons" not in published


def test_verify_says_how_many_fields_a_published_file_withholds(published: Held) -> None:
    """It is whole, and says how much of it is not shown."""
    verdict = verify_files(published)
    assert (verdict.findings, FOR_READING_PUBLISHED in verdict.notes) == ([], True)
    assert verdict.withheld == sum(
        text.decode().count("\n") + 1 - sum(name.startswith(f"{folder}field.") for name in published)
        for file, text in published.items() if file.endswith("/fields")
        for folder in [file.removesuffix("fields")]
    )  # fmt: skip


def test_a_confidential_document_is_not_published(tmp_path: Path) -> None:
    """Its digest stays in the record; its content goes with the file for the court alone."""
    case = play_posted(tmp_path, until=0)
    (tmp_path / "secret.txt").write_bytes(b"a trade secret")
    case.do("attach", kind="application", file=str(tmp_path / "secret.txt"), confidential=True)
    found = gather(case.office, case.case_ref)
    assert b"a trade secret" in evidence_files(found).values()
    assert b"a trade secret" not in evidence_files(found, withheld=for_publication(found)).values()


def test_a_field_is_withheld_only_where_there_is_one(material: Material) -> None:
    """A fact or field that the record does not have is refused with those that it has."""
    for wrong, told in (("999:reasons", "has facts 1 to"), ("1:secret", "has no field"), ("reasons", "FACT:FIELD")):
        with pytest.raises(ValueError, match=told):
            for_publication(material, [wrong])


def test_a_field_left_out_without_a_word_is_found(files: Held) -> None:
    """In a file that is not for publication a field without its text is one that somebody took out."""
    left = Held({name: content for name, content in files.items() if name != "chain/000001/field.applicant"})
    found = verify_files(left).findings
    assert (Kind.DELETION, "field applicant of fact 1") in {(each.kind, each.place) for each in found}


def test_another_version_of_the_procedure_is_found(files: Held) -> None:
    """Which version the case follows is part of its first fact."""
    changed = Held(files | {"case.json": files["case.json"].replace(b'"version":', b'"version":9')})
    found = {(each.kind, each.place) for each in verify_files(changed).findings}
    assert (Kind.EDIT, "case.json") in found


# -- hostile files -----------------------------------------------------------------------------------------------------


def _zip(entries: list[tuple[str, bytes]], *, compressed: bool = False) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return target.getvalue()


def _hostile(files: Held) -> Iterator[tuple[str, bytes]]:
    whole = zip_bytes(files)
    plain = list(files.items())
    about = files["case.json"]
    yield "no zip", b"PK\x03\x04 nothing"
    yield "empty", b""
    yield "cut off", whole[: len(whole) // 2]
    yield "without anything", _zip([])
    yield "climbing out", _zip([*plain, ("../../etc/cron.d/x", b"x")])
    yield "a folder that climbs out", _zip([*plain, ("../x/", b"")])
    yield "a folder with content", _zip([*plain, ("documents/", b"x")])
    yield "absolute", _zip([*plain, ("/etc/passwd", b"x")])
    yield "with a backslash", _zip([*plain, ("a\\b", b"x")])
    yield "a name twice", _zip([*plain, (RECORD, files[RECORD])])
    yield "no record", _zip([each for each in plain if each[0] != RECORD])
    yield "no sums", _zip([each for each in plain if each[0] != SUMS])
    yield "another format", _zip([("case.json", about.replace(b"evidence 1", b"evidence 9"))])
    yield "a huge number", _zip([("case.json", about.replace(b'"facts":', b'"facts":' + b"9" * 5000))])
    yield "not UTF-8", _zip([("case.json", b"\xff\xfe")])
    yield "deeply nested", _zip([("case.json", b"[" * 100_000)])
    yield "a bomb", _zip([*plain, *((f"documents/{n}", bytes(2**23)) for n in range(9))], compressed=True)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_hostile_file_is_refused_in_one_sentence(
    files: Held, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2 and what is wrong with it; nothing is extracted, nothing breaks off."""
    monkeypatch.setattr("models.evidence_zip.MOST_BYTES", 2**25)
    file = tmp_path / "hostile.zip"
    for what, content in _hostile(files):
        file.write_bytes(content)
        assert main(["verify", str(file)]) == 2, what
        told = capsys.readouterr()
        assert "cannot be read as evidence" in told.err, what
        assert told.err.count("\n") == 1, what
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_was_packed_anew_is_the_same_evidence(files: Held, unpacked: Path, tmp_path: Path) -> None:
    """Unpacked and packed by zip -r, it holds a name for each folder too; a file put beside is found."""
    again = tmp_path / "again.zip"
    with zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in sorted(unpacked.rglob("*")):
            archive.write(each, each.relative_to(unpacked))  # a folder's name ends with a slash
        archive.writestr(zipfile.ZipInfo("empty/"), b"")
    assert any(name.endswith("/") for name in zipfile.ZipFile(again).namelist())
    assert verify_file(again).findings == []
    with zipfile.ZipFile(again, "a") as archive:
        archive.writestr("empty/procedure.txt", b"x")
    found = verify_file(again).findings
    assert [(each.kind, each.place) for each in found] == [(Kind.INSERTION, "empty/procedure.txt")]


HALF_A_CHARACTER = b'{"fact":["\\ud800",1,"","","","",null,"",""],"fields":{},"hash":""}\n'
NONSENSE = (b"\xff\xfe\n", b"{}\n", b'{"fact":[1e999]}\n', b"[" * 9999 + b"\n", b"\x00" * 50, b"", HALF_A_CHARACTER)


@pytest.mark.parametrize("content", NONSENSE, ids=range(len(NONSENSE)))
def test_a_record_of_nonsense_is_a_finding(files: Held, content: bytes) -> None:
    """Lines that cannot be read are told by their number; nothing breaks off."""
    verdict = verify_files(Held(files | {RECORD: content}))
    assert verdict.findings


# -- the commands ------------------------------------------------------------------------------------------------------


def test_a_file_is_written_whole_for_its_owner_alone(tmp_path: Path) -> None:
    """One that is there is left alone unless --force; nothing half-written stays beside it."""
    target = tmp_path / "out.zip"
    write_whole(target, b"one", force=False)
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ValueError, match="is there already"):
        write_whole(target, b"two", force=False)
    assert target.read_bytes() == b"one"
    write_whole(target, b"two", force=True)
    with pytest.raises(ValueError, match="make it first"):
        write_whole(tmp_path / "no" / "out.zip", b"two", force=False)
    assert (target.read_bytes(), list(tmp_path.iterdir())) == (b"two", [target])


def test_heads_are_read_from_letters_and_folders(files: Held, tmp_path: Path) -> None:
    """The auditor keeps files, or the letters that brought them: either is taken."""
    from email.message import EmailMessage

    (tmp_path / "evidence.zip").write_bytes(zip_bytes(files))
    folder = tmp_path / "kept"
    folder.mkdir()
    for name, content in heads_of(files):
        letter = EmailMessage()
        letter["Subject"] = "Daily heads"
        letter.set_content("Attached.")
        letter.add_attachment(content, maintype="text", subtype="plain", filename=name)
        (folder / f"{name}.eml").write_bytes(bytes(letter))
    verdict = verify_file(tmp_path / "evidence.zip", folder)
    assert (verdict.findings, verdict.notes) == ([], [HOLDS])
    with pytest.raises(ValueError, match="holds no daily heads"):
        verify_file(tmp_path / "evidence.zip", tmp_path / "evidence.zip")
    with pytest.raises(ValueError, match="is not there"):
        verify_file(tmp_path / "evidence.zip", tmp_path / "nowhere")


def test_verify_says_what_it_found_and_with_which_code(
    files: Held, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 whole, 1 found something, 2 cannot be read; with --json as data."""
    file = tmp_path / "evidence.zip"
    file.write_bytes(zip_bytes(files))
    assert main(["verify", str(file)]) == 0
    assert "is whole" in capsys.readouterr().out
    file.write_bytes(zip_bytes(files | {"chain/000001/field.applicant": b"no salt"}))
    assert main(["verify", str(file)]) == 1
    assert "field applicant of fact 1" in capsys.readouterr().out
    assert main(["verify", str(file), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["found"][0]["place"] == "field applicant of fact 1"
    assert main(["verify", str(tmp_path / "nowhere.zip")]) == 2


def test_the_command_writes_the_evidence_or_says_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown case, a file that is there, a folder that is not: one sentence each, and nothing is written."""
    monkeypatch.setenv("CLEARDAYS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    main(["notify", "pharmacy-consolidation", "--example"])
    Path("notice.yaml").write_text(capsys.readouterr().out)
    given = ("--given-at", "2017-07-26T10:00")
    assert main(["notify", "pharmacy-consolidation", "--file", "notice.yaml", *given, "--json"]) == 0
    case = json.loads(capsys.readouterr().out)["case"]
    assert main(["evidence", case, "--out", "case.zip"]) == 0
    told = capsys.readouterr()
    assert "1 facts" in told.out or "1 fact" in told.out
    assert "writing the record" in told.err
    made = Path("case.zip").read_bytes()
    for arguments, sentence in (
        (["PC-1900-001", "--out", "other.zip"], "there is no case 'PC-1900-001'"),
        ([case, "--out", "case.zip"], "is there already"),
        ([case, "--out", "no/such/folder.zip"], "make it first"),
        ([case, "--out", "."], "is a folder"),
        ([case, "--out", "other.zip", "--withhold", "1:applicant"], "goes with --for-publication"),
        ([case, "--out", "other.zip", "--for-publication", "--withhold", "1:nothing"], "has no field 'nothing'"),
    ):
        assert main(["evidence", *arguments]) == 2
        told = capsys.readouterr()
        assert sentence in told.err
        assert told.err.splitlines()[-1].startswith("cleardays: ")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["case.zip", "home", "notice.yaml"]
    assert main(["evidence", case, "--out", "case.zip", "--force"]) == 0
    assert Path("case.zip").read_bytes() == made
    assert main(["evidence", case, "--out", "public.zip", "--for-publication", "--withhold", "1:applicant"]) == 0
    assert main(["verify", "public.zip"]) == 0
    assert "fields are withheld" in capsys.readouterr().out
