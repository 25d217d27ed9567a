"""Each fault that the doctor knows is made for real, and is named with what mends it; a sound house is called sound."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from desk.commands_doctor import _print, examine
from desk.doctor import Examined, Finding
from desk.office import holder
from desk.rehearsal import Rehearsal
from desk.server import free_port
from desk.settings import Settings
from models.council import COUNCILS, load_council
from models.outages import DESK, MAIL
from models.outgoing import LetterState
from models.store import NewCase, Store, Writing, open_store
from models.tables import Base
from notifications.outbox import record_fate
from tasks.turns import Parked, in_office
from tests.integration.postgres import Postgres, postgres_server  # noqa: F401

NOTIFIED_AT = datetime(2017, 7, 26, 11, tzinfo=UTC)
NOTICE = {
    "reference": "CAS-17", "given_at": NOTIFIED_AT.isoformat(), "capacity": "relevant", "wards": "bargate",
    "applicant": "A Ltd", "closing": "1 Low Street", "remaining": "2 High Street",
}  # fmt: skip
DEAD = "import sys; sys.path.insert(0, sys.argv[1]); from desk.office import holder; print(holder())"


@dataclass
class House:
    """A home folder with one case in it, whose desk has just given a sign of life."""

    chosen: Settings
    played: Rehearsal
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        """Name the store."""
        self.store = self.played.store

    @property
    def ref(self) -> str:
        """Return the case."""
        return self.played.case_ref

    def lives(self) -> None:
        """Let the desk give a sign of life now."""
        now = self.played.clock.now()
        self.store.write(lambda tx: tx.note_service(DESK, now, {"open": True}))

    def circulates(self) -> None:
        """Attach the papers and decide the route, so that they are written."""
        for kind in ("application", "equality-impact-assessment"):
            self.played.do("attach", kind=kind, file=f"{kind}.pdf")
        self.played.do("decide-route", route="contentious", reasons="x", chair_agrees="yes")

    def found(self, area: str, *, deep: bool = False) -> list[Finding]:
        """Return what the doctor finds in one area."""
        return [each for each in self.examined(deep=deep).findings if each.area == area]

    def examined(self, *, deep: bool = False) -> Examined:
        """Return all that the doctor finds, on this machine's own process claims."""
        return examine(self.played.office, self.chosen, deep=deep)

    def edits(self, *statements: str) -> None:
        """Change the database behind the store's back, as somebody with the file could."""
        with sqlite3.connect(self.chosen.home / "cases.db") as connection:
            for trigger in ("facts_are_not_edited", "facts_are_not_deleted"):
                connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
            for statement in statements:
                connection.execute(statement)
        connection.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A sound house with one open case, whose run nobody has made: no Prefect server is asked."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    chosen = Settings(home=home, prefect_port=free_port(), daily_heads=False, _env_file=None)
    played = Rehearsal(load_council("southampton"), NOTIFIED_AT, open_store(chosen.database_url))
    played.notify(NOTICE)
    house = House(chosen, played)
    house.lives()
    yield house
    house.store.close()


def only(findings: list[Finding]) -> Finding:
    """Return the one finding."""
    (found,) = findings
    return found


def test_a_sound_house_is_called_sound(house: House) -> None:
    """Nothing is found but that the Prefect server is away, which no case can be acted on without."""
    examined = house.examined(deep=True)
    assert [each.area for each in examined.findings] == ["run"]
    assert (examined.cases, examined.breaches, examined.not_asked) == (1, [], [])


def test_a_prefect_server_that_is_away_is_told(house: House) -> None:
    """While a case is open, with the command; where none is, it is said and is no finding."""
    found = only(house.found("run"))
    assert f"No Prefect server answers at {house.chosen.prefect_api_url}" in found.what
    assert "cleardays up" in found.do
    house.played.do("withdraw", reasons="x")
    house.played.advance_to(NOTIFIED_AT + timedelta(hours=1))
    house.lives()
    examined = house.examined()
    assert (examined.cases, examined.findings) == (0, [])
    assert "runs were not compared" in examined.not_asked[0]


def test_a_case_in_breach_is_told_until_it_is_done_late(house: House) -> None:
    """The day that was missed and where it says what can still be done; a breach that is past stays a sentence."""
    house.circulates()
    house.played.do("respond", consultee="healthwatch", opinion="gap", interest="none", channel="telephone")
    house.played.advance_to(NOTIFIED_AT + timedelta(days=50))
    house.lives()
    found = [each for each in house.found("case") if "in breach" in each.what]
    assert "the last day for the representation was Saturday 9 September 2017" in only(found).what
    assert f"cleardays show {house.ref}" in only(found).do


def test_a_breach_that_is_past_is_not_passed_over(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """Papers that went out late can be mended by nobody, and not all is well."""
    house.played.advance_to(NOTIFIED_AT + timedelta(days=15))
    for kind in ("application", "equality-impact-assessment"):
        house.played.do("attach", kind=kind, file=f"{kind}.pdf")
    house.lives()
    examined = house.examined()
    assert examined.breaches == [f"{house.ref} holds a breach: circulation was late (report para 8)."]
    _print(replace(examined, findings=[]), "")
    told = capsys.readouterr().out
    assert "holds a breach" in told
    assert "All is well" not in told
    assert "Nothing else is wrong in 1 open case and the house" in told
    _print(replace(examined, findings=[], breaches=[]), "")
    assert "All is well in 1 open case and the house." in capsys.readouterr().out


def test_the_register_of_heads_is_no_case(house: House) -> None:
    """It is examined with the cases and not counted among them."""
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1)"
    house.edits(copied("cases", "ref, series, serial, reference, procedure",
                       "'DH-2017-001', 'DH', 1, 'heads', 'daily-heads'", numbers))  # fmt: skip
    assert house.examined().cases == 1


def test_a_desk_that_does_not_run_is_told_with_the_day(house: House) -> None:
    """Its last sign of life says since when."""
    house.played.clock.set(NOTIFIED_AT + timedelta(hours=2))
    found = only(house.found("service"))
    assert "the desk does not run since Wednesday 26 July 2017 12:00" in found.what
    assert found.do == "cleardays up"


def test_a_mail_server_that_is_out_is_told(house: House) -> None:
    """The outage that lasts, with what was seen of it."""
    house.store.write(lambda tx: tx.begin_outage(MAIL, NOTIFIED_AT, "connection refused"))
    found = only(house.found("service"))
    assert "the mail server could not be reached: connection refused" in found.what
    assert found.since == NOTIFIED_AT


def test_a_turn_that_was_not_taken_is_told(house: House) -> None:
    """Its deadline came days ago and nothing happened."""
    house.played.clock.set(NOTIFIED_AT + timedelta(days=30))
    house.lives()
    found = only(house.found("case"))
    assert found.case == house.ref
    assert "is due since" in found.what
    assert "cleardays reconcile" in found.do


def test_a_fact_that_no_turn_has_seen_is_told(house: House) -> None:
    """Recorded an hour ago, and nobody acted on it."""
    at = house.played.clock.now()
    house.store.write(lambda tx: tx.append(house.ref, "noted", at=at, actor="x", channel="test", payload={}))
    house.played.clock.set(at + timedelta(hours=1))
    house.lives()
    assert "a turn of it is due since Wednesday 26 July 2017 12:00" in only(house.found("case")).what


def test_turns_that_fail_are_told_with_the_error_until_one_goes_well(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The officer reads what the log says; a row of failures counts as one, and a turn that goes well ends it."""
    from flows.pharmacy_consolidation import VERSIONS

    def breaks(case: object) -> str:
        raise ZeroDivisionError("no meeting in any quarter")

    with monkeypatch.context() as patch:
        patch.setitem(VERSIONS, max(VERSIONS), breaks)
        for minutes in (1, 2, 3):
            house.played.clock.set(NOTIFIED_AT + timedelta(days=14, minutes=minutes))
            with pytest.raises(ZeroDivisionError):
                house.played.turn()
        house.lives()
        found = only(house.found("case"))
        assert "its turns fail, 3 so far" in found.what
        assert "ZeroDivisionError: no meeting in any quarter" in found.what
        assert found.since == NOTIFIED_AT + timedelta(days=14, minutes=1)
    house.played.settle()
    assert house.found("case") == []


def test_what_the_dead_hold_is_told(house: House) -> None:
    """A turn and letters claimed by a process of this machine that is no more."""
    root = str(Path(__file__).resolve().parents[2])
    dead = subprocess.run([sys.executable, "-c", DEAD, root], capture_output=True, text=True, check=True).stdout.strip()
    now = house.played.clock.now()
    house.store.write(lambda tx: tx.claim_turn(house.ref, dead, now, now + timedelta(days=1)))
    assert f"its turn is claimed by {dead}" in only(house.found("case")).what
    house.store.write(lambda tx: tx.release_turn(house.ref, dead))
    house.played.deliver = lambda: None  # type: ignore[method-assign]
    house.circulates()
    house.played.do("withdraw", reasons="x") if not letters(house, LetterState.WAITING) else None
    house.store.write(lambda tx: tx.claim_letters(now, dead, 1))
    assert f"is claimed by {dead}" in only(house.found("letter")).what


def test_a_letter_that_is_long_in_hand_is_told(house: House) -> None:
    """However alive the desk that has it: half an hour is no letter's time."""
    house.played.deliver = lambda: None  # type: ignore[method-assign]
    house.circulates()
    now = house.played.clock.now()
    (letter,) = house.store.write(lambda tx: tx.claim_letters(now, holder(), 1, house.ref))
    for passed, told in (30, False), (31, True):
        house.played.clock.set(now + timedelta(minutes=passed))
        house.lives()
        said = [each.what for each in house.found("letter")]
        assert any(f"{holder()} has the letter {letter.draft.key} in hand since" in each for each in said) is told


def letters(house: House, state: LetterState) -> int:
    """Count the letters in a state."""
    with house.store.reading() as reading:
        return len(reading.letters_held([state]))


@pytest.mark.parametrize(("fate", "said"), [(LetterState.AMBIGUOUS, "may not have arrived"),
                                            (LetterState.REFUSED, "was refused")])  # fmt: skip
def test_letters_in_question_are_told_with_the_command_until_it_is_given(
    house: House, fate: LetterState, said: str
) -> None:
    """What the doctor prints is what settles it."""

    def goes_wrong(tx: Writing) -> None:
        for letter in tx.claim_letters(house.played.clock.now(), "mailroom", 10_000):
            wrong = letter.draft.template == "circulation" and letter.draft.recipient == "healthwatch"
            told = {"text": "no answer"} if wrong else {"accepted_by": "mail.example.org", "reply": "250 OK"}
            state = fate if wrong else LetterState.SENT
            record_fate(tx, letter, state, house.played.clock.now(), told, "as the test says")

    house.played.deliver = lambda: house.store.write(goes_wrong)  # type: ignore[method-assign]
    house.circulates()
    found = only(house.found("letter"))
    assert f"the letter “circulation” to healthwatch {said} (no answer)" in found.what
    assert found.case == house.ref
    verb = "settle" if fate is LetterState.AMBIGUOUS else "resend"
    assert f"cleardays {verb} {house.ref} --consultee healthwatch" in found.do
    if verb == "settle":
        house.played.do("settle", consultee="healthwatch", fate="received", reasons="telephoned")
    else:
        house.played.do("serve", consultee="healthwatch", channel="hand", served_on="2017-07-26")
    assert house.found("letter") == []


def test_letters_that_should_long_have_left_are_told(house: House) -> None:
    """An hour in the outbox is no passing refusal."""
    house.played.deliver = lambda: None  # type: ignore[method-assign]
    house.circulates()
    house.played.clock.set(NOTIFIED_AT + timedelta(hours=1))
    house.lives()
    assert "letters wait that should have left" in only(house.found("letter")).what


@pytest.mark.parametrize(("change", "said"), [
    ({"version": 99}, "it follows version 99 of pharmacy-consolidation"),
    ({"procedure": "long-gone"}, "it follows long-gone, which is not known here"),
])  # fmt: skip
def test_a_case_that_this_code_cannot_carry_is_told(house: House, change: dict[str, object], said: str) -> None:
    """Opened by a newer Cleardays, or by one that had another procedure."""
    (ref,) = more_cases(house, 1, change)
    assert any(said in each.what and each.case == ref for each in house.found("case"))


def more_cases(
    house: House, count: int, change: dict[str, object] | None = None, until: datetime | None = None
) -> list[str]:  # fmt: skip
    """Open cases with one fact each, seen and waiting until an instant."""
    at = house.played.clock.now()

    def work(tx: Writing) -> list[str]:
        refs = []
        for number in range(count):
            new = NewCase("PC", 2017, "pharmacy-consolidation", 1, "southampton", f"CAS-more-{number}")
            refs.append(ref := tx.open_case(replace(new, **change) if change else new))  # type: ignore[arg-type]
            tx.append(ref, "notified", at=at, actor="x", channel="test", payload={**NOTICE, "wards": ["bargate"]})
            when = until or at + timedelta(days=3)
            tx.park(ref, seen=1, awaiting="Awaiting route", until=when, due_at=when, message="x")
        return refs

    return house.store.write(work)


@pytest.mark.parametrize("statement", [
    "DELETE FROM facts WHERE number = (SELECT head FROM cases)",
    "DELETE FROM letters; ",
    "UPDATE cases SET head_hash = '0'",
    "UPDATE cases SET head = head - 1",
])  # fmt: skip
def test_a_record_that_was_cut_is_told_without_looking_deep(house: House, statement: str) -> None:
    """Heads alone show a cut tail; a letter's row that is gone is no harm to the record."""
    last = "DELETE FROM letters WHERE fact = (SELECT head FROM cases)"
    house.edits(*([last] if "DELETE FROM facts" in statement else []), statement)
    found = house.found("record")
    if "letters" in statement:
        assert found == []
    else:
        assert only(found).case == house.ref
        assert "restore the database from its backup" in only(found).do


def test_a_fact_that_was_edited_is_found_by_looking_deep(house: House) -> None:
    """Every hash is worked out again, and the fact is named."""
    house.edits("UPDATE facts SET payload = replace(payload, 'A Ltd', 'B Ltd') WHERE number = 1")
    with suppress(KeyError):
        house.store._kept.clear()
    assert house.found("record") == []
    assert "fact 1 of case" in only(house.found("record", deep=True)).what


def test_a_missing_year_is_told_before_a_deadline_falls_into_it(house: House) -> None:
    """The furthest open deadline decides how far the calendar must reach."""
    last = house.played.council.edition().years.stop
    more_cases(house, 1, until=datetime(last, 6, 1, tzinfo=UTC))
    found = [each for each in house.found("calendar") if f"the bank holidays of {last} are missing" in each.what]
    assert "cleardays calendar check --apply" in only(found).do


def test_an_edition_that_is_gone_is_told(house: House) -> None:
    """The dates of a case cannot be worked out without it."""
    house.edits("DELETE FROM documents")
    house.played.office.editions.clear()
    assert "which this database does not hold" in only(house.found("calendar")).what


def test_a_council_file_that_cannot_be_read_is_told(house: House, tmp_path: Path) -> None:
    """With the mistake, and how many cases stand still by it."""
    from desk.office import council_files

    whole = (COUNCILS / "southampton.yaml").read_text(encoding="utf-8")
    (tmp_path / "southampton.yaml").write_text(whole.replace("wards:", "wards", 1), encoding="utf-8")
    house.played.office.council = council_files(tmp_path)
    found = only(house.found("council"))
    assert "which 1 open case follows, cannot be used" in found.what
    assert found.do.endswith("cleardays council check southampton")


def test_a_clock_behind_the_record_is_told(house: House) -> None:
    """With both times, and how it is confirmed."""
    at = NOTIFIED_AT + timedelta(days=1)
    house.store.write(lambda tx: tx.append(house.ref, "noted", at=at, actor="x", channel="test", payload={}))
    first, second = house.found("clock")
    assert "the clock says Wednesday 26 July 2017 12:00" in first.what
    assert "cleardays doctor --clock-is-right" in first.do
    assert "fact" in second.what
    assert "that day has not come" in second.what


def test_facts_of_a_wrong_clock_are_told_ever_after(house: House) -> None:
    """The one recorded a day ahead stays as it was; what follows it shows that its clock was wrong."""
    for days in (1, 0):
        at = NOTIFIED_AT + timedelta(days=days)
        house.store.write(lambda tx, at=at: tx.append(house.ref, "noted", at=at, actor="x", channel="test", payload={}))  # type: ignore[misc]
    house.played.clock.set(NOTIFIED_AT + timedelta(days=2))
    found = only(house.found("clock"))
    assert found.case == house.ref
    assert "says it was recorded on Thursday 27 July 2017 12:00, but the next was recorded on Wednesday 26 July" in (
        found.what
    )


@pytest.mark.skipif(os.name != "posix", reason="rights of files are those of POSIX")
def test_a_home_that_everybody_can_read_is_told(house: House) -> None:
    """Names, addresses and answers are kept in it."""
    house.chosen.home.chmod(0o755)
    found = only(house.found("house"))
    assert "can be read by every user" in found.what
    assert found.do == f"chmod 700 {house.chosen.home}"


def test_an_armed_failpoint_is_told(house: House) -> None:
    """A desk that kills itself on purpose belongs into no house with real cases."""
    from models import failpoints

    failpoints.arm("case-rested:1000")
    try:
        assert "will kill itself" in only(house.found("house")).what
    finally:
        failpoints.arm("")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes, where this machine lets us have one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m,mode=700", "tmpfs", disk], capture_output=True)
    if made.returncode != 0:
        pytest.skip("a small disk can be mounted by the superuser alone")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_is_told_and_the_store_goes_on_when_there_is_room(small_disk: Path) -> None:
    """One clear sentence in the database's own words; nothing half-done stays, and nothing has to be started anew."""
    chosen = Settings(home=small_disk, prefect_port=free_port(), daily_heads=False, _env_file=None)
    played = Rehearsal(load_council("southampton"), NOTIFIED_AT, open_store(chosen.database_url))
    played.notify(NOTICE)
    house = House(chosen, played)
    house.lives()
    filler = small_disk / "filler"
    with suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(bytes(65_536))
            file.flush()
    before = played.record.head
    found = {each.what for each in house.found("house")}
    assert any("is nearly full" in what for what in found)
    from desk.refusals import sentence_for

    with pytest.raises(DBAPIError) as full:
        fill_up(played.store)
    told = sentence_for(full.value)
    assert told is not None
    assert "the case database cannot be used" in told
    assert played.record.head == before
    filler.unlink()
    house.lives()
    house.played.do("attach", kind="equality-impact-assessment", file="assessment.pdf")
    assert played.record.head > before
    played.store.close()


def fill_up(store: Store) -> None:
    """Keep documents until no more can be kept."""
    for number in range(2000):
        store.write(lambda tx, n=number: tx.keep_document(f"{n:064d}", bytes(8_192)))  # type: ignore[misc]


def test_a_database_that_cannot_be_written_is_told_and_used_again_when_it_can(house: House) -> None:
    """The connection refuses writes as a file without rights would; the same store goes on once it takes them."""

    refuses = [1]
    event.listen(
        house.store._engine, "connect", lambda connection, _: connection.execute(f"PRAGMA query_only={refuses[0]}")
    )
    house.store._writers._drop()
    house.store._engine.dispose()
    found = only(house.found("house"))
    assert "the case database cannot be written: attempt to write a readonly database" in found.what
    refuses[0] = 0
    assert house.found("house") == []


def test_ten_thousand_cases_are_examined(house: House) -> None:
    """All of them are looked at, and the one that is wrong is found among them."""
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
    house.edits(
        copied("cases", "ref, series, serial, reference", "'C-' || i, 'C', i, 'C-' || i", numbers),
        copied("facts", "case_ref", "'C-' || i", numbers),
        "UPDATE cases SET head_hash = '0' WHERE ref = 'C-7000'",
    )
    examined = house.examined()
    assert examined.cases == 10_001
    assert [each.case for each in examined.findings if each.area == "record"] == ["C-7000"]


def copied(table: str, columns: str, values: str, numbers: str) -> str:
    """Return the statement that copies a table's rows as often as there are numbers, with other values in columns."""
    own = columns.split(", ")
    others = [column.name for column in Base.metadata.tables[table].columns if column.name not in own]
    kept = ", ".join(f'"{name}"' for name in others)
    return f"INSERT INTO {table} ({columns}, {kept}) {numbers} SELECT {values}, {kept} FROM {table}, n"


def test_the_command_prints_json_and_ends_with_1_where_something_is_wrong(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a script reads: every finding with its command; the clock of this machine is years ahead of the case."""
    from desk.commands_doctor import doctor

    monkeypatch.setenv("CLEARDAYS_HOME", str(house.chosen.home))
    monkeypatch.setenv("CLEARDAYS_PREFECT_PORT", str(house.chosen.prefect_port))
    assert doctor(as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert {"service", "case"} <= {each["area"] for each in told["findings"]}
    assert all(each["do"] for each in told["findings"])
    assert doctor() == 1
    assert "cleardays up" in capsys.readouterr().out


@pytest.mark.postgres
def test_the_queries_are_the_same_on_postgresql(postgres_server: Postgres, tmp_path: Path) -> None:  # noqa: F811
    """A sound case is sound there too, and a claim, a failed turn and a cut record are found."""
    chosen = Settings(home=tmp_path, database=postgres_server.new_database(), prefect_port=free_port(),
                      daily_heads=False, _env_file=None)  # fmt: skip
    tmp_path.chmod(0o700)
    played = Rehearsal(load_council("southampton"), NOTIFIED_AT, open_store(chosen.database_url))
    played.notify(NOTICE)
    house = House(chosen, played)
    house.lives()
    assert [each.area for each in house.examined(deep=True).findings] == ["run"]  # no Prefect server
    played.store.write(lambda tx: tx.note_failed_turn(house.ref, NOTIFIED_AT, "x"))
    with in_office(played.office), suppress(Parked):
        pass
    played.clock.set(NOTIFIED_AT + timedelta(days=30))
    house.lives()
    assert house.found("case")
    played.store.close()
