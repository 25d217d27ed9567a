"""Closed cases after years: what may go goes, what must be kept is refused, and the chain checks either way."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from desk.evidence import evidence_files, gather
from desk.evidence_verify import verify_file, verify_files
from desk.forgetting import SEALED, forget, what_goes
from desk.rehearsal import Rehearsal
from desk.retention import Gone, apply, held, tombstones
from models.clock import FixedClock
from models.council import load_council
from models.evidence_zip import Held, zip_bytes
from models.facts import Withheld, check_chain, field_digest
from models.failpoints import VARIABLE
from models.london import LONDON
from models.retention import PAPERS_REMOVED, PERSONAL_DATA_REMOVED, Part
from models.sealed_letters import digest_left, letter_digests, seals
from models.store import NewCase, Store, UnknownCase, Writing, open_store
from models.whole_record import check_whole
from tasks.forms import Refused
from tasks.procedures import read
from tasks.turns import Office
from tests.integration.databases import KINDS
from tests.integration.postgres import Postgres, postgres_server  # noqa: F401
from tests.parked.releases import RELEASES

ROOT = Path(__file__).resolve().parents[2]
RELEASE = RELEASES[0]
COUNCIL = load_council("southampton")
(CASE,) = [each["case"] for each in RELEASE.cases if each["story"] == "contentious" and each["outcome"]]
ADMINISTRATOR = "administrator"
CLOSED_ON = date(2018, 1, 10)  #: when the case was closed, two months after its last decision
PAPERS_GO, RECORD_GOES = date(2022, 1, 10), date(2024, 1, 10)
CONTENT = b"%PDF-1.4 how far it is to walk"
PAPER = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Years:
    """An office years later."""

    office: Office
    clock: FixedClock
    url: str

    @property
    def store(self) -> Store:
        """Return its store."""
        return self.office.store

    def on(self, day: date) -> None:
        """Let it be noon of a day."""
        self.clock.set(datetime(day.year, day.month, day.day, 12, tzinfo=LONDON))

    def applies(self, by: str | None = ADMINISTRATOR, part: Part | None = None) -> list[Gone]:
        """Delete what may go of the one case."""
        return apply(self.office, by, "command line", only=CASE, part=part)

    def forgets(self, by: str | None = ADMINISTRATOR) -> None:
        """Remove personal data from the one case."""
        forget(self.office, CASE, by, "command line", reasons="asked for")

    def documents(self) -> set[str]:
        """Return the documents there are, by SHA-256."""
        engine = create_engine(self.url)
        with engine.connect() as connection:
            found = set(connection.scalars(text("SELECT sha256 FROM documents")))
        engine.dispose()
        return found


def attach(tx: Writing, ref: str, at: datetime) -> None:
    """Attach a paper to a case that no other case of the release has."""
    tx.keep_document(PAPER, CONTENT)
    payload = {"kind": "other", "sha256": PAPER, "filename": "walks.pdf"}
    tx.append(ref, "document-attached", at=at, actor="cleardays", channel="test", payload=payload)


@pytest.fixture(params=KINDS)
def years(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Years]:
    """The closed case of 2017 among those of the first release on SQLite, and by itself on PostgreSQL."""
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres_server")
        url = server.new_database()
        RELEASE.loaded_into(url, tmp_path / "scratch.db", only=CASE)
    else:
        url = RELEASE.written_to(tmp_path / "cases.db")
    clock = FixedClock(datetime(2018, 6, 1, 12, tzinfo=LONDON))
    office = Office(open_store(url), clock, lambda name: COUNCIL, holder="years on", real_clock=clock)
    office.store.write(lambda tx: attach(tx, CASE, clock.now()))
    yield Years(office, clock, url)
    office.store.close()


# -- background papers, and the whole case -----------------------------------------------------------------------------


def test_nothing_goes_before_its_time(years: Years) -> None:
    """The day before is refused with rule and day, papers and record alike; nothing is changed."""
    head = years.store.case(CASE).head
    years.on(PAPERS_GO - timedelta(days=1))
    with pytest.raises(Refused, match=r"papers of case .* until Sunday 9 January 2022: 4 years .*reg 21\(7\)"):
        years.applies()
    years.on(RECORD_GOES - timedelta(days=1))
    with pytest.raises(Refused, match=r"the record of case .* until Tuesday 9 January 2024: 6 years .*reg 21\(6\)"):
        years.applies(part=Part.RECORD)
    (found,) = held(years.office, CASE)
    assert (found.papers.may_go_on, found.whole.may_go_on) == (PAPERS_GO, RECORD_GOES)
    assert years.store.case(CASE).head == head


def test_an_open_case_is_not_touched(years: Years) -> None:
    """However old it is."""
    years.on(date(2040, 1, 1))
    another = NewCase("PC", 2017, "pharmacy-consolidation", 1, "southampton", "another")
    opened = years.store.write(lambda tx: tx.open_case(another))
    with pytest.raises(Refused, match=f"case {opened} is open"):
        apply(years.office, ADMINISTRATOR, "command line", only=opened)
    with pytest.raises(Refused, match=f"case {opened} is open"):
        what_goes(years.office, opened)


def test_papers_go_after_four_years_and_the_record_says_so(years: Years) -> None:
    """Documents that the case alone names are deleted; those of its record, its facts and its chain stay."""
    years.on(PAPERS_GO)
    (before,) = held(years.office, CASE)
    assert before.free[PAPER] == "walks.pdf"
    there = years.documents()
    (gone,) = years.applies()
    assert (gone.part, gone.documents) == (Part.PAPERS, len(before.free))
    assert there - years.documents() == set(before.free)
    record = years.store.record(CASE)
    said = record.facts[-1]
    assert (said.kind, said.actor) == (PAPERS_REMOVED, ADMINISTRATOR)
    assert said["documents"] == before.free
    assert "4 years beginning with Wednesday 10 January 2018" in said["rule"]
    assert check_chain(record) == years.store.case(CASE).head
    assert read(record, COUNCIL, years.clock.now()).closed is not None


def test_a_record_goes_after_six_years_and_leaves_its_tombstone(years: Years) -> None:
    """Facts, letters and documents go; outcome, last number and hash stay, and the case's number is not used again."""
    summary, record = years.store.case(CASE), years.store.record(CASE)
    years.on(RECORD_GOES)
    assert [each.part for each in years.applies()] == [Part.RECORD]
    (left,) = tombstones(years.office)
    assert (left.ref, left.head, left.head_hash) == (CASE, summary.head, record.facts[-1].hash)
    assert (left.outcome, left.deleted_by, left.decided_on) == (summary.outcome, ADMINISTRATOR, CLOSED_ON)
    assert "reg 21(6)" in left.rule
    with pytest.raises(UnknownCase, match=r"was deleted on 10 January 2024, when its time was over: 6 years"):
        years.store.record(CASE)
    engine = create_engine(years.url)
    with engine.connect() as connection:
        for table in ("facts", "letters"):
            found = connection.scalar(text(f"SELECT count(*) FROM {table} WHERE case_ref = :ref"), {"ref": CASE})
            assert found == 0
    engine.dispose()
    again = NewCase("PC", 2017, "pharmacy-consolidation", 1, "southampton", "another")
    opened = years.store.write(lambda tx: tx.open_case(again))
    assert int(opened.rpartition("-")[2]) > int(CASE.rpartition("-")[2])


@pytest.mark.parametrize("role", ["director-of-public-health", "auditor", "nobody"])
def test_only_an_administrator_deletes(years: Years, role: str) -> None:
    """Whoever decides, runs cases or looks on deletes nothing."""
    years.on(RECORD_GOES)
    with pytest.raises(Refused):
        years.applies(by=role)
    with pytest.raises(Refused):
        years.forgets(by=role)
    assert check_chain(years.store.record(CASE)) == years.store.case(CASE).head


def test_a_paper_that_an_open_case_names_stays(years: Years) -> None:
    """Documents are kept once by their content: the same file may serve several cases."""
    years.on(PAPERS_GO)
    (before,) = held(years.office, CASE)
    assert PAPER in before.free

    def open_with_it(tx: Writing) -> str:
        ref = tx.open_case(NewCase("PC", 2021, "pharmacy-consolidation", 1, "southampton", "new"))
        for sha256, name in before.free.items():
            tx.append(ref, "document-attached", at=years.clock.now(), actor="cleardays", channel="test",
                      payload={"kind": "other", "sha256": sha256, "filename": name})  # fmt: skip
        return ref

    opened = years.store.write(open_with_it)
    (found,) = held(years.office, CASE)
    assert found.needed == {**before.needed, **dict.fromkeys(before.free, f"case {opened} is open and names it")}
    with pytest.raises(Refused, match=f"case {opened} is open and names it"):
        years.applies()
    years.on(RECORD_GOES)
    assert [each.part for each in years.applies()] == [Part.RECORD]
    assert PAPER in years.documents()


def test_a_paper_of_two_closed_cases_goes_from_both_records(years: Years) -> None:
    """Both say that it went, so that both are whole without it."""

    def close_with_it(tx: Writing) -> str:
        ref = tx.open_case(NewCase("PC", 2018, "pharmacy-consolidation", 1, "southampton", "another"))
        attach(tx, ref, years.clock.now())
        tx.append(ref, "closed", at=years.clock.now(), actor="cleardays", channel="flow",
                  payload={"outcome": "withdrawn"})  # fmt: skip
        tx.park(ref, seen=2, awaiting="Closed", until=None, due_at=None, message="", outcome="withdrawn")
        return ref

    other = years.store.write(close_with_it)
    years.on(date(2023, 1, 1))
    years.applies(by=None)
    said = years.store.record(other).facts[-1]
    assert (said.kind, said["documents"]) == (PAPERS_REMOVED, {PAPER: "walks.pdf"})
    assert (said.actor, said["assumed"]) == (ADMINISTRATOR, True)
    with years.store.reading() as reading:
        for ref in (CASE, other):
            check_whole(reading, ref)


def test_a_longer_time_of_the_councils_own_is_kept(years: Years) -> None:
    """Local policy: ten years."""
    from models.council_retention import Retention

    own = Retention.model_validate({"record_years": 10, "background_paper_years": 10, "why": "Asked by the archivist."})
    longer = COUNCIL.model_copy(update={"retention": own})
    years.office = replace(years.office, council=lambda name: longer)
    years.on(RECORD_GOES)
    with pytest.raises(Refused, match=r"Sunday 9 January 2028: 10 years .*made longer by the council's file"):
        years.applies()


@pytest.mark.parametrize(
    ("command", "point", "gone"),
    [
        ("retention", "before-commit/retention._delete", False), ("retention", "committed/retention._delete", True),
        ("forget", "before-commit/forgetting.forget", False), ("forget", "committed/forgetting.forget", True),
    ],
)  # fmt: skip
def test_a_deletion_that_is_killed_is_done_whole_or_not_at_all(
    command: str, point: str, gone: bool, tmp_path: Path
) -> None:
    """By the command line, which dies before its commit or after it: no half of a case is left."""
    url = RELEASE.written_to(tmp_path / "cases.db")
    open_store(url).close()
    killed = subprocess.run(
        [sys.executable, "-m", "desk.cli", command, CASE, "--apply"], cwd=ROOT, capture_output=True, check=False,
        env={**os.environ, "CLEARDAYS_HOME": str(tmp_path), VARIABLE: point},
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    store = open_store(url)
    with store.reading() as reading:
        left, letters = reading.tombstone(CASE), reading.letters(CASE)
    if command == "retention":
        assert (left is not None, letters == []) == (gone, gone)
    else:
        assert [letter.draft.address.startswith("[withheld") for letter in letters] == [gone] * len(letters)
    if left is None:
        record = store.record(CASE)
        assert check_chain(record) == record.head
        assert (record.facts[-1].kind == PERSONAL_DATA_REMOVED) is gone
    store.close()


# -- personal data -----------------------------------------------------------------------------------------------------


def test_what_would_go_is_listed_exactly_and_nothing_is_changed(years: Years) -> None:
    """Without --apply: each letter with its fields, each field of a fact; and what stays until which day."""
    before = years.store.record(CASE).facts
    going = what_goes(years.office, CASE)
    with years.store.reading() as reading:
        letters = reading.letters(CASE)
    assert len(going.letters) == len(letters)
    assert all(set(SEALED) <= set(fields) for fields in going.letters.values())
    kinds = {(each.kind, each.field) for each in going.now}
    assert ("letter-sent", "reply") in kinds
    stays = {(each.kind, each.field) for each in going.later}
    assert {("response-received", "reasons"), ("notified", "applicant")} <= stays
    assert any(line.startswith("stays until Sunday 9 January 2022: fact 1 (notified)") for line in going.lines())
    assert years.store.record(CASE).facts == before


def test_personal_data_goes_and_the_chain_still_checks(years: Years) -> None:
    """Hash, number, instant and author of each fact stay; the record says what went, by whom and why, without words."""
    before = years.store.record(CASE)
    with years.store.reading() as reading:
        letters = reading.letters(CASE)
    sealed = seals(before.facts[0].salt, [letter.draft for letter in letters])
    years.forgets()

    record = years.store.record(CASE)
    assert check_chain(record) == before.head + 1
    assert [fact.hash for fact in record.facts[:-1]] == [fact.hash for fact in before.facts]
    said = record.facts[-1]
    assert (said.kind, said.actor, said["reasons"]) == (PERSONAL_DATA_REMOVED, ADMINISTRATOR, "asked for")
    for number, names in said["fields"].items():
        assert all(isinstance(record.facts[int(number) - 1][name], Withheld) for name in names)
    with years.store.reading() as reading:
        left = reading.letters(CASE)
    assert seals(record.facts[0].salt, [letter.draft for letter in left]) == sealed
    assert not any("@example.org" in letter.draft.address or letter.reply for letter in left)
    with pytest.raises(Refused, match=r"nothing of case .* can be removed today: the background papers .* 2022"):
        years.forgets()


def test_no_guess_of_what_was_removed_can_be_tested(years: Years) -> None:
    """Who holds the database and knows the very words cannot tell that it was these: their salts are gone as well."""
    years.on(PAPERS_GO)
    before = years.store.record(CASE)
    with years.store.reading() as reading:
        letters = {letter.draft.key: letter.draft for letter in reading.letters(CASE)}
    years.forgets()
    record = years.store.record(CASE)
    guessed = 0
    for was, fact in zip(before, record, strict=False):
        for name, value in fact.payload.items():
            if isinstance(value, Withheld):
                guessed += 1
                assert field_digest(was[name], was.salt, name) == value.digest
                assert field_digest(was[name], fact.salt, name) != value.digest
                assert was.salt not in fact.salt
    assert guessed > 3
    salts = before.facts[0].salt, record.facts[0].salt
    with years.store.reading() as reading:
        for letter in reading.letters(CASE):
            left = digest_left(letter.draft.address)
            told = [letter_digests(letters[letter.draft.key], salt)["address"] for salt in salts]
            assert (told[0] == left, told[1] == left) == (True, False)
        assert check_whole(reading, CASE).unsealed_letters == len(letters)  # written by 0.1.0, which sealed none
    assert salts[0] not in salts[1]


def test_what_an_older_cleardays_left_when_it_forgot_goes_when_it_is_done_again(
    years: Years, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It kept every salt: those beside what it removed are listed, go, and are said to have gone; then no more."""
    years.on(PAPERS_GO)
    with monkeypatch.context() as older:
        older.setattr("models.store_retention.salts_left", lambda salt, *left: salt)
        years.forgets()
    before = years.store.record(CASE)
    left = [fact for fact in before if any(isinstance(value, Withheld) for value in fact.payload.values())]
    going = what_goes(years.office, CASE)
    assert (set(going.salts), going.letters, going.now) == ({1} | {fact.number for fact in left}, {}, ())
    assert "fact 1 (notified): the salt of what was removed before" in going.lines()
    years.forgets()
    record = years.store.record(CASE)
    assert record.facts[-1]["salts"] == list(going.salts)
    for was in left:
        assert was.salt not in record.facts[was.number - 1].salt
    assert [fact.hash for fact in record.facts[:-1]] == [fact.hash for fact in before.facts]
    with years.store.reading() as reading:
        check_whole(reading, CASE)
    assert verify_files(Held(evidence_files(gather(years.office, CASE)))).findings == []
    with pytest.raises(Refused, match="holds no personal data any more"):
        years.forgets()


def test_the_evidence_of_what_is_left_is_whole(years: Years, tmp_path: Path) -> None:
    """After a removal, and after the papers went, the evidence file verifies, and nothing in it is of what went."""
    years.on(PAPERS_GO)
    years.forgets()
    years.applies()
    file = tmp_path / "evidence.zip"
    file.write_bytes(zip_bytes(evidence_files(gather(years.office, CASE), lambda line: None)))
    verdict = verify_file(file, None)
    assert verdict.whole, verdict.findings
    with ZipFile(file) as opened:
        content = b"".join(opened.read(name) for name in opened.namelist() if not name.startswith("council/"))
    assert b"Larkrise" not in content
    assert b"cross the railway to reach" not in content
    assert CONTENT not in content


def test_words_go_with_the_background_papers(years: Years) -> None:
    """What consultees wrote, and the applicant's name, after four years; a second removal adds to the first."""
    years.forgets()
    years.on(PAPERS_GO)
    years.forgets()
    record = years.store.record(CASE)
    assert check_chain(record) == record.head
    assert isinstance(record.facts[0]["applicant"], Withheld)
    assert all(isinstance(each["reasons"], Withheld) for each in record.all("response-received") if each["reasons"])
    assert read(record, COUNCIL, years.clock.now()).subject.startswith("[withheld")
    with pytest.raises(Refused, match="holds no personal data any more"):
        years.forgets()


@pytest.mark.parametrize("goes", ["forgets", "applies"])
def test_what_a_removal_cut_short_left_in_the_log_goes_when_it_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, goes: str
) -> None:
    """Killed between its commit and the emptying of SQLite's log; the second time there is nothing left to remove."""
    clock = FixedClock(datetime(2024, 6, 1, 12, tzinfo=LONDON))
    url = RELEASE.written_to(tmp_path / "cases.db")
    office = Office(open_store(url), clock, lambda name: COUNCIL, holder="years on", real_clock=clock)
    years, log = Years(office, clock, url), tmp_path / "cases.db-wal"

    def killed(store: Store) -> None:
        raise SystemExit("killed")

    office.store.shorten_log()
    office.store.write(lambda tx: attach(tx, CASE, clock.now()))
    assert CONTENT in log.read_bytes()
    with monkeypatch.context() as patched:
        calls = iter([lambda store: None, killed])  # the first empties what was left before
        patched.setattr(Store, "shorten_log", lambda store: next(calls)(store))
        with pytest.raises(SystemExit):
            getattr(years, goes)()
    assert log.stat().st_size > 0
    with pytest.raises((Refused, UnknownCase)):
        getattr(years, goes)()
    assert log.stat().st_size == 0
    office.store.close()


def test_a_desk_that_has_read_the_case_before_sees_what_is_left(years: Years) -> None:
    """Another process keeps records it has read; the fact that says so lets it read the case anew."""
    desk = open_store(years.url)
    read_before = desk.record(CASE)
    years.forgets()
    assert desk.record(CASE).facts == years.store.record(CASE).facts
    assert desk.record(CASE).facts[: read_before.head] != read_before.facts
    desk.close()


def test_the_database_lets_nobody_edit_what_the_record_does_not_say(years: Years) -> None:
    """Even past our code: without the fact no payload changes, with it nothing but payloads, and no fact is deleted."""
    attempts = [
        "UPDATE facts SET payload = '{}' WHERE case_ref = :ref AND number = 2",
        "UPDATE facts SET hash = 'x' WHERE case_ref = :ref AND number = 2",
        "UPDATE facts SET at = '2017-01-01T00:00:00.000000Z' WHERE case_ref = :ref AND number = 2",
        "DELETE FROM facts WHERE case_ref = :ref AND number = 2",
    ]
    engine = create_engine(years.url)
    for statements in (attempts, attempts[1:]):
        for statement in statements:
            with pytest.raises(DBAPIError, match="facts are appended, never"), engine.begin() as connection:
                connection.execute(text(statement), {"ref": CASE})
        years.forgets() if statements is attempts else None
    engine.dispose()
    assert check_chain(years.store.record(CASE)) == years.store.case(CASE).head


def test_a_field_is_not_withheld_before_the_record_says_so(years: Years) -> None:
    """The one way in which a payload changes asks for the fact first."""
    with pytest.raises(LookupError, match="record that first"):
        years.store.write(lambda tx: tx.withhold(CASE, {1: ["applicant"]}, {}))
    assert years.store.record(CASE).facts[0]["applicant"] == "Larkrise Chemists Ltd"


def test_nothing_of_it_is_left_in_the_file(tmp_path: Path) -> None:
    """SQLite writes zeros over what went; neither the file nor its log holds an address or the words of a letter."""
    file = tmp_path / "cases.db"
    clock = FixedClock(datetime(2023, 1, 1, 12, tzinfo=LONDON))
    office = Office(open_store(f"sqlite:///{file}"), clock, lambda name: COUNCIL, real_clock=clock)
    player = Rehearsal(COUNCIL, datetime(2017, 8, 1, 10, tzinfo=LONDON), office.store)
    player.notify({"reference": "CAS-1", "given_at": "2017-08-01T10:00", "capacity": "relevant", "wards": "bargate",
                   "applicant": "Peregrine Thistlewood", "closing": "1 Low Street", "remaining": "2 Hill"})  # fmt: skip
    player.do("withdraw", reasons="The applicant wrote.")
    addresses = {letter.draft.address.encode() for letter in player.letters}
    assert player.summary.outcome == "withdrawn"
    words = {letter.draft.text[:60].encode() for letter in player.letters}
    before = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert any(each in before for each in words)
    salt = office.store.record(player.case_ref).facts[0].salt.encode()
    assert salt in before
    forget(office, player.case_ref, ADMINISTRATOR, "command line", reasons="asked for")
    files = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    council = COUNCIL.source  # the council's own file is kept as well, and its addresses are the council's to change
    assert not [address for address in addresses if files.count(address) > council.count(address)]
    assert not [each for each in words if each in files]
    assert b"Peregrine Thistlewood" not in files
    assert salt not in files
    office.store.close()
