"""`cleardays heads`, and how the register stands apart: listed by itself, never among the officers' cases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from desk import rows
from desk.cli import main
from desk.doctor import Finding
from desk.doctor_house import heads
from desk.office import open_office
from desk.settings import Settings
from flows import flow_module
from models.council import load_council
from models.heads import parse_heads, sha256_of
from models.heads_register import PROCEDURE as REGISTER
from models.heads_register import HeadsRegister
from models.pharmacy_words import PROCEDURE
from models.store import open_store
from models.time_stamps import NoTimeStamp, TimeStamp, WrongTimeStamp
from tasks.opening import notify
from tasks.pharmacy_procedure import EXAMPLE
from tests.integration.heads_office import SHIPPED, HeadsOffice, moment, span, without_authority

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in a home of its own and return its exit code and what it said, in its two ways."""
    monkeypatch.setenv("CLEARDAYS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def run(*args: str) -> tuple[int, str, str]:
        code = main(args)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def sealed(tmp_path: Path) -> HeadsOffice:
    """Three days of August 2017, the second and third sealed late; a stamp, made up, over the first."""
    at = HeadsOffice(open_store(f"sqlite:///{tmp_path}/cases.db"), [load_council("southampton")], "2017-08-01")
    notify(at.office, PROCEDURE, "southampton", {**EXAMPLE, "wards": ["bargate"]}, channel="test")
    at.office.stamper = lambda content: TimeStamp(b"token", at.clock.now(), "https://stamps.example.org/tsa")
    at.desk_runs_until("2017-08-02T06:00")
    at.office.stamper = None
    at.desk_opens("2017-08-04T07:00")
    at.store.close()
    return at


def test_on_the_first_day_the_folder_is_made_and_nothing_is_in_it(run: Run, tmp_path: Path) -> None:
    """Who keeps the heads has the folder from the start, and hears that no day is sealed yet."""
    code, told, _ = run("heads", "--out", "kept")
    assert code == 0
    assert "No day is sealed yet." in told
    assert "kept is there for the files; until the first, verify a file without --heads." in told
    assert list((tmp_path / "kept").iterdir()) == []


def test_sealed_days_are_listed_and_written_to_a_folder(sealed: HeadsOffice, run: Run, tmp_path: Path) -> None:
    """One line a day; each file under its name, byte for byte as it was mailed, and its time stamp beside it."""
    code, told, _ = run("heads", "--out", "kept")
    assert code == 0
    assert "Tue 1 Aug 2017" in told
    assert "late" in told
    assert "cleardays verify FILE.zip --heads kept" in " ".join(told.split())
    listed = json.loads(run("heads", "--json")[1])
    assert [each["day"] for each in listed] == span("2017-08-01", "2017-08-03")
    assert [each["late"] for each in listed] == [False, True, True]
    assert {each["letter"] for each in listed} == {"sent"}
    for each in listed:
        content = (tmp_path / "kept" / each["file"]).read_bytes()
        assert sha256_of(content) == each["sha256"]
        assert parse_heads(content).day.isoformat() == each["day"]
    assert (tmp_path / "kept" / "heads-southampton-2017-08-01.tsr").read_bytes() == b"token"
    assert [each["token"] for each in listed] == ["heads-southampton-2017-08-01.tsr", None, None]
    assert len(list((tmp_path / "kept").iterdir())) == 4
    assert run("heads", "--out", "kept")[0] == 0
    assert len(json.loads(run("heads", "--json", "--council", "southampton")[1])) == 3
    code, _, refused = run("heads", "--council", "elsewhere")
    assert (code, "known: southampton" in refused) == (2, True)


def test_a_file_that_somebody_changed_is_never_written_over(sealed: HeadsOffice, run: Run, tmp_path: Path) -> None:
    """What an auditor kept may be the proof: it stays, and the sentence names it."""
    run("heads", "--out", "kept")
    file = tmp_path / "kept" / "heads-southampton-2017-08-02.txt"
    file.write_bytes(b"other")
    code, _, refused = run("heads", "--out", "kept")
    assert code == 2
    assert "heads-southampton-2017-08-02.txt is there and is not the file sealed then" in refused
    assert file.read_bytes() == b"other"


def test_a_file_that_was_changed_in_the_database_is_said_to_be(sealed: HeadsOffice, run: Run, tmp_path: Path) -> None:
    """It is neither written out nor believed: its name says which of the auditor's letters has the right one."""
    digest = json.loads(run("heads", "--json")[1])[1]["sha256"]
    store = open_store(f"sqlite:///{tmp_path}/cases.db")
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE documents SET content = X'78' WHERE sha256 = :sha"), {"sha": digest})
    store.close()
    for command in (("heads", "--out", "kept"), ("check", "PC-2017-001")):
        code, _, refused = run(*command)
        assert code == 2
        assert "heads-southampton-2017-08-02.txt is not as it was sealed" in refused


def test_the_register_is_not_among_the_officers_cases(sealed: HeadsOffice, run: Run) -> None:
    """`cases` and `notify` do not know it; `show`, `letters`, `diary` and `check` tell of it like of any case."""
    sealed_register = "DH-2017-001"
    assert [each["case"] for each in json.loads(run("cases", "--json", "--all")[1])] == ["PC-2017-001"]
    assert "daily-heads" not in run("notify")[1]
    code, _, refused = run("notify", "daily-heads", "--example")
    assert code == 2
    assert "there is no procedure 'daily-heads'" in refused
    code, told, _ = run("show", sealed_register, "--facts")
    assert code == 0
    assert "Awaiting the end of the day" in told
    assert "heads of Friday 4 August 2017" in " ".join(told.split())
    assert "2017-08-01 sealed: 2 records grew" in " ".join(told.split()) or "1 Aug 2017 sealed: 2" in told
    assert "Daily heads of Tuesday 1 August 2017" in " ".join(run("letters", sealed_register, "--json")[1].split())
    assert "Letters that are as they were posted: 2." in run("check", sealed_register)[1]
    assert run("diary", sealed_register)[0] == 0
    code, _, refused = run("withdraw", sealed_register, "--reasons", "x")
    assert code == 2
    assert "withdraw is not done to case DH-2017-001, a daily heads" in refused or "cannot" in refused


def test_before_the_first_day_is_over_the_list_says_when_there_will_be_one(run: Run) -> None:
    """A desk that is new has no register yet."""
    assert "No day is sealed yet." in run("heads")[1]


def test_a_desk_asks_the_authority_of_its_settings(tmp_path: Path) -> None:
    """An address and certificates make a stamper; either without the other, or no web address, is refused."""
    chosen = Settings(home=tmp_path, tsa_url="https://stamps.example.org/tsa", tsa_ca_file=tmp_path / "ca.pem",
                      _env_file=None)  # fmt: skip
    office = open_office(chosen)
    assert office.stamper is not None
    office.store.close()
    assert open_office(Settings(home=tmp_path, _env_file=None)).stamper is None
    for wrong in (
        {"tsa_url": "https://stamps.example.org"},
        {"tsa_url": "ftp://stamps.example.org", "tsa_ca_file": "ca.pem"},
        {"tsa_url": "http://me:secret@stamps.example.org", "tsa_ca_file": "ca.pem"},
    ):
        with pytest.raises(ValueError, match="tsa_url") as refused:
            Settings(home=tmp_path, _env_file=None, **wrong)  # type: ignore[arg-type]
        assert "secret" not in str(refused.value)


def test_a_council_file_without_an_auditor_is_said_to_be(run: Run, tmp_path: Path) -> None:
    """`council check` tells what is missing, and what it means."""
    assert "auditor" not in run("council", "check")[1]
    path = tmp_path / "nobody.yaml"
    path.write_text(without_authority(), encoding="utf-8")
    told = " ".join(run("council", "check", str(path))[1].split())
    assert "names no auditor, so no daily heads are sealed or mailed" in told


def test_a_register_of_a_whole_year_is_read_at_once(tmp_path: Path) -> None:
    """365 days in one register, sealed and listed; the last file names the one of the day before."""
    at = HeadsOffice(open_store("sqlite://"), [load_council("southampton")], "2017-01-01")
    at.a_case()
    at.desk_runs_until("2017-01-02T01:00")
    at.desk_opens("2018-01-02T01:00")
    assert len(at.sealed()) == 366
    at.check()
    at.store.close()


def test_the_doctor_names_what_is_wrong_with_the_heads(tmp_path: Path) -> None:
    """A day not sealed, a record cut, files mailed to nobody, a stamp not had; on a register in order, nothing."""
    vacant = tmp_path / "vacant.yaml"
    vacant.write_text(SHIPPED.replace("perpetua-langridge, from: 2016-12-05}", "perpetua-langridge, from: 2017-08-05}"))
    at = HeadsOffice(open_store("sqlite://"), [load_council(vacant)], "2017-08-01")
    ref = at.a_case()
    at.grows(ref)

    def away(content: bytes) -> TimeStamp:
        raise NoTimeStamp("the authority does not answer")

    at.office.stamper = away
    at.desk_runs_until("2017-08-02T06:00")
    with at.store._engine.begin() as connection:
        connection.execute(text("UPDATE cases SET head = 1 WHERE ref = :ref"), {"ref": ref})
    at.desk_runs_until("2017-08-03T06:30")
    at.clock.set(moment("2017-08-05T12:00"))
    told = "\n".join(each.what for each in findings(at))
    assert "a day ended on" in told
    assert f"a record was cut after it was sealed: {ref} holds 1 fact" in told
    assert "files since 2017-08-01 are mailed to nobody" in told
    assert "the time stamp of 2017-08-01 could not be had: the authority does not answer" in told
    with at.store._engine.begin() as connection:
        connection.execute(text("UPDATE cases SET head = 2 WHERE ref = :ref"), {"ref": ref})
    at.office.stamper = lambda content: TimeStamp(b"token", at.clock.now(), "https://stamps.example.org/tsa")
    at.settle()
    assert findings(at) == []
    at.store.close()


@pytest.mark.parametrize("asked", [None, "in vain", "for another proof"])
def test_where_a_register_rests_can_be_told_without_a_desk(tmp_path: Path, asked: str | None) -> None:
    """`check` and `doctor --deep` compare its row and open no office; nobody is asked for a stamp meanwhile."""
    at = HeadsOffice(open_store("sqlite://"), [load_council("southampton")], "2017-08-01")
    at.a_case()
    times = []

    def away(content: bytes) -> TimeStamp:
        times.append(at.clock.now())
        raise WrongTimeStamp("the nonce is another") if asked == "for another proof" else NoTimeStamp("no answer")

    at.office.stamper = away if asked else None
    at.desk_runs_until("2017-08-02T00:05")
    (register,) = at.registers()
    before = len(times)
    assert len(at.sealed()) == 1
    assert rows.wrong(at.office, at.store.case(register), at.store.record(register)) is None
    assert len(times) == before
    at.desk_runs_until("2017-08-02T00:30")
    assert rows.wrong(at.office, at.store.case(register), at.store.record(register)) is None
    at.store.close()


def test_check_says_in_words_why_it_cannot_tell_where_a_case_rests(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A register is checked like any case; where that fails, `check` and the doctor name no class of the code."""
    at = HeadsOffice(open_store(f"sqlite:///{tmp_path}/cases.db"), [load_council("southampton")], "2045-08-01")
    notify(at.office, PROCEDURE, "southampton", {**EXAMPLE, "wards": ["bargate"]}, channel="test")
    at.desk_runs_until("2045-08-02T00:05")
    at.store.close()
    assert run("check", "DH-2045-001")[0] == 0

    def fails(case: HeadsRegister) -> str:
        raise LookupError("no such office")

    monkeypatch.setitem(flow_module(REGISTER).VERSIONS, 1, fails)
    code, _, refused = run("check", "DH-2045-001")
    assert code == 2
    assert "facts of case DH-2045-001 are whole, but where it rests cannot be told" in refused
    assert "no such office" in refused
    deep = run("doctor", "--deep")[1]
    assert "where it rests cannot be told" in " ".join(deep.split())
    assert "LookupError" not in refused + deep


def test_the_doctor_knows_the_register_for_what_it_is(sealed: HeadsOffice, run: Run) -> None:
    """It follows no procedure of the papers, and is none that this Cleardays lacks."""
    told = run("doctor")[1]
    assert "DH-2017-001" in told
    assert "not known here" not in told


def findings(at: HeadsOffice) -> list[Finding]:
    """Return what the doctor says of the daily heads."""
    with at.store.reading() as reading:
        return list(heads(at.office, reading, Settings(_env_file=None), at.clock.now()))
