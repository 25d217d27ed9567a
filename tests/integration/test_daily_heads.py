"""Daily heads told by date, on SQLite and PostgreSQL: each day sealed once, in order, and mailed in one letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from models.council import Council, load_council
from models.heads import NO_FILE_BEFORE
from models.heads_register import MAILED, SEALED
from models.outgoing import LetterState
from notifications.outbox import record_fate
from tasks.forms import Refused
from tasks.heads_procedure import open_registers, without_auditor
from tasks.verbs import perform
from tests.integration.databases import Database, at_once, database  # noqa: F401
from tests.integration.heads_office import (
    SHIPPED,
    HeadsOffice,
    listening,
    midnight_after,
    moment,
    span,
    without_authority,
)
from tests.integration.postgres import postgres_server  # noqa: F401

OpenOffice = Callable[..., HeadsOffice]


def council_reading(folder: Path, *edits: tuple[str, str]) -> Council:
    """Return the shipped council with passages of its file replaced."""
    written = SHIPPED
    for old, new in edits:
        assert written.count(old) == 1, old
        written = written.replace(old, new)
    path = folder / "edited.yaml"
    path.write_text(written, encoding="utf-8")
    return load_council(path)


@pytest.fixture
def office(database: Database) -> OpenOffice:  # noqa: F811
    """Return what opens an office of Southampton, or of the councils given, on a day."""

    def opened(began: str, *councils: Council) -> HeadsOffice:
        return HeadsOffice(database.store(), councils or (load_council("southampton"),), began)

    return opened


def test_each_day_is_sealed_when_it_is_over_and_mailed_to_the_auditor(office: OpenOffice) -> None:
    """A week of July 2017: seven days, seven files, seven letters, each written at midnight in London."""
    at = office("2017-07-24")
    quiet, busy = at.a_case(), at.a_case()
    at.desk_runs_until("2017-07-26")
    at.grows(busy)
    at.desk_runs_until("2017-07-31T09:00")
    assert at.registers() == ["DH-2017-001"]
    assert [fact["day"] for fact in at.sealed()] == span("2017-07-24", "2017-07-30")
    assert [fact.at for fact in at.sealed()] == [midnight_after(file.day) for file in at.files()]
    assert not any(fact["late"] for fact in at.sealed())
    first, second, third, fourth, *_ = at.files()
    assert [str(head).split()[:2] for head in first.heads] == [["DH-2017-001", "1"], [quiet, "1"], [busy, "1"]]
    assert [head.case for head in second.heads] == ["DH-2017-001"]
    assert [(head.case, head.number) for head in third.heads][1:] == [(busy, 2)]
    assert [head.case for head in fourth.heads] == ["DH-2017-001"]
    assert first.previous == NO_FILE_BEFORE
    assert len(at.letters()) == 7
    letter = at.letters()[2].draft
    assert (letter.recipient, letter.address) == ("auditor", "perpetua.langridge@example.org")
    assert letter.subject == "Daily heads of Wednesday 26 July 2017, DH-2017-001"
    assert [each.filename for each in letter.enclosures] == ["heads-southampton-2017-07-26.txt"]
    assert at.sealed()[2]["sha256"] in letter.text.replace("\n", "")
    assert "cleardays verify FILE.zip --heads FOLDER" in letter.text
    assert "That is late" not in letter.text
    at.check()


@pytest.mark.parametrize("change", [date(2017, 3, 26), date(2017, 10, 29)])
def test_a_day_ends_at_midnight_in_london_through_a_clock_change(change: date, office: OpenOffice) -> None:
    """23 hours and 25 hours: one file for each day, none twice, each sealed at 00:00 London time."""
    at = office((change - timedelta(days=2)).isoformat())
    at.a_case()
    at.desk_runs_until((change + timedelta(days=3)).isoformat())
    sealed = [fact.at for fact in at.sealed()]
    assert sealed == [midnight_after(change + timedelta(days=number)) for number in range(-2, 3)]
    lengths = [(after - before).total_seconds() / 3600 for before, after in pairwise(sealed)]
    assert lengths == [24, 23 if change.month == 3 else 25, 24, 24]
    at.check()


def test_a_register_ends_with_its_year_and_the_next_goes_on_from_it(office: OpenOffice) -> None:
    """31 December 2017 is in the register of 2017, 1 January 2018 in that of 2018; the chain of files is one."""
    at = office("2017-12-29")
    ref = at.a_case()
    at.desk_runs_until("2017-12-31T23:59:59")
    at.grows(ref)
    at.desk_runs_until("2018-01-03T06:00")
    assert at.registers() == ["DH-2017-001", "DH-2018-001"]
    assert at.store.case("DH-2017-001").outcome == "sealed to the end of the year"
    assert [fact["day"] for fact in at.store.record("DH-2018-001").all(SEALED)] == ["2018-01-01", "2018-01-02"]
    heads = {head.case: head.number for file in at.files() for head in file.heads}
    assert heads[ref] == 2
    assert heads["DH-2017-001"] == at.store.case("DH-2017-001").head
    at.check()


def test_days_missed_in_an_outage_are_sealed_on_return_in_one_letter_that_says_so(office: OpenOffice) -> None:
    """The desk is shut from Tuesday noon to Saturday 15:00: four days are over, all sealed late."""
    at = office("2017-07-31")
    ref = at.a_case()
    at.desk_runs_until("2017-08-01")
    for on in ("2017-08-02", "2017-08-04"):
        at.grows(ref, on)
    at.desk_opens("2017-08-05T15:00")
    assert [(fact["day"], fact["late"]) for fact in at.sealed()] == [
        ("2017-07-31", False), ("2017-08-01", True), ("2017-08-02", True), ("2017-08-03", True), ("2017-08-04", True),
    ]  # fmt: skip
    assert [len(file.heads) for file in at.files()] == [2, 2, 0, 0, 0]
    assert at.files()[1].head_of(ref).number == 3  # type: ignore[union-attr]
    assert len(at.letters()) == 2
    letter = at.letters()[1].draft
    assert letter.subject == "Daily heads from Tuesday 1 August 2017 to Friday 4 August 2017, DH-2017-001"
    words = " ".join(letter.text.split())
    assert "Sealed at 15:00 on Saturday 5 August 2017." in words
    assert "as soon as each was over: - Tuesday 1 August 2017 - Wednesday 2 August 2017 - Thursday" in words
    assert "Why they were not: no outage was noted." in words
    assert "as they stood at 15:00 on Saturday 5 August 2017, not as they stood at the end of each day" in words
    assert len(letter.enclosures) == 4
    at.desk_runs_until("2017-08-06")
    assert len(at.letters()) == 3
    at.check()


def test_a_new_year_that_came_while_the_desk_was_shut_is_caught_up(office: OpenOffice) -> None:
    """Shut from 30 December to 2 January: the old register is sealed to its end, the new one begins on 1 January."""
    at = office("2017-12-29")
    at.a_case()
    at.desk_runs_until("2017-12-30")
    at.desk_opens("2018-01-02T10:00")
    days = [[fact["day"] for fact in at.store.record(ref).all(SEALED)] for ref in at.registers()]
    assert days == [["2017-12-29", "2017-12-30", "2017-12-31"], ["2018-01-01"]]
    assert at.store.case("DH-2017-001").outcome is not None
    at.check()


def test_each_council_has_a_register_of_its_own(office: OpenOffice, tmp_path: Path) -> None:
    """Two councils on one desk: a file each, with the cases of that council and no other."""
    other = council_reading(tmp_path, ("id: southampton\n", "id: solentshire\n"))
    at = office("2017-08-01", load_council("southampton"), other)
    here, there = at.a_case(), at.a_case("solentshire")
    at.desk_runs_until("2017-08-03")
    assert [at.store.case(ref).council for ref in at.registers()] == ["solentshire", "southampton"]
    for council, ref, not_ours in (("southampton", here, there), ("solentshire", there, here)):
        named = {head.case for file in at.files(council) for head in file.heads}
        assert ref in named
        assert not_ours not in named
        assert {file.council for file in at.files(council)} == {council}
        at.check(council)


def test_a_council_without_an_auditor_has_no_register(office: OpenOffice, tmp_path: Path) -> None:
    """Nothing is sealed for nobody; as soon as its file names an auditor, everything there is goes into the first."""
    nobody = council_reading(tmp_path, (SHIPPED, without_authority()))
    assert "names no auditor, so no daily heads are sealed or mailed" in (without_auditor(nobody) or "")
    at = office("2017-08-01", nobody)
    ref = at.a_case()
    at.desk_runs_until("2017-08-03")
    assert at.registers() == []
    at.councils["southampton"] = load_council("southampton")
    at.desk_runs_until("2017-08-05")
    assert at.files()[0].day == date(2017, 8, 3)
    assert at.files()[0].head_of(ref) is not None
    at.check()


def test_files_wait_while_nobody_holds_the_auditors_office(office: OpenOffice, tmp_path: Path) -> None:
    """Sealed all the same; who keeps the house is told once; the next auditor has every file in one letter."""
    vacant = ("perpetua-langridge, from: 2016-12-05}", "perpetua-langridge, from: 2017-08-04}")
    at = office("2017-08-01", council_reading(tmp_path, vacant))
    at.a_case()
    at.desk_runs_until("2017-08-05")
    told, letter, *_ = at.letters()
    assert (told.draft.template, letter.draft.template) == ("heads-no-auditor", "daily-heads")
    assert "Tuesday 1 August 2017 have been sealed and mailed to nobody" in " ".join(told.draft.text.split())
    assert [each.filename[-14:-4] for each in letter.draft.enclosures] == span("2017-08-01", "2017-08-03")
    assert len(at.letters()) == 3
    assert "That is late" not in letter.draft.text
    at.check()


class Died(BaseException):
    """The desk ends here."""


@pytest.mark.parametrize("kind", [SEALED, MAILED])
@pytest.mark.parametrize("point", ["step-before-commit", "step-committed"])
def test_nothing_is_sealed_or_mailed_twice_after_a_crash(point: str, kind: str, office: OpenOffice) -> None:
    """The desk dies while a day is sealed or its letter written, and goes on in the morning."""
    at = office("2017-08-01")
    ref = at.a_case()
    at.desk_runs_until("2017-08-01T23:59:59")

    def die(name: str, of: str) -> None:
        if (name, of) == (point, kind):
            raise Died

    with listening(die), pytest.raises(Died):
        at.desk_runs_until("2017-08-02T00:00:01")
    at.grows(ref)
    at.desk_opens("2017-08-02T08:00")
    at.desk_runs_until("2017-08-03T08:00")
    assert [fact["day"] for fact in at.sealed()] == ["2017-08-01", "2017-08-02"]
    assert len(at.letters()) == 2
    assert {head.number for file in at.files() for head in file.heads if head.case == ref} in ({1, 2}, {2})
    at.check()


def test_two_desks_open_one_register(database: Database) -> None:  # noqa: F811
    """At the same instant, each in a store of its own: one is first, the other finds it."""
    desks = [HeadsOffice(database.store(), [load_council("southampton")], "2017-08-01") for _ in range(2)]
    desks[0].a_case()
    opened = at_once(*(lambda desk=desk: open_registers(desk.office) for desk in desks))
    assert sorted(map(repr, opened)) == ["['DH-2017-001']", "[]"]


def test_a_record_that_was_cut_is_the_first_thing_the_letter_says(office: OpenOffice) -> None:
    """Somebody with the database in hand removes the newest facts: the next letter names the case and both numbers."""
    at = office("2017-08-01")
    ref = at.a_case()
    at.grows(ref)
    at.desk_runs_until("2017-08-02")
    with at.store._engine.begin() as connection:
        connection.execute(text("UPDATE cases SET head = 1 WHERE ref = :ref"), {"ref": ref})
    at.desk_runs_until("2017-08-03T06:00")
    letter = at.letters()[-1].draft
    assert letter.subject.startswith("RECORDS ARE SHORTER THAN BEFORE: Daily heads of Wednesday 2 August 2017")
    assert f"{ref} holds 1 fact; a file before named its fact 2" in " ".join(letter.text.split())
    assert at.register("DH-2017-001").breaches() == [f"{ref} holds 1 fact; a file before named its fact 2"]


def test_a_letter_that_bounced_is_raised_with_who_keeps_the_house(office: OpenOffice) -> None:
    """The auditor's mail server refuses: the administrator is told, and the register's year does not end unsettled."""
    at = office("2017-12-30")
    at.a_case()
    at.desk_runs_until("2017-12-31")
    at.clock.set(midnight_after(date(2017, 12, 31)))
    at.settle(deliver=False)
    with at.store.reading() as reading:
        waiting = reading.letters_held([LetterState.WAITING])
    assert [letter.draft.recipient for letter in waiting] == ["auditor"]

    def refuse(tx: object) -> None:
        for letter in tx.claim_letters(at.clock.now(), "mailroom", 10):  # type: ignore[attr-defined]
            record_fate(tx, letter, LetterState.REFUSED, at.clock.now(), {"text": "550 no"}, "refused")  # type: ignore[arg-type]

    at.store.write(refuse)
    at.settle()
    at.desk_runs_until("2018-01-02")
    raised = [letter for letter in at.letters() if letter.draft.template == "case-letter-lost"]
    assert [letter.draft.recipient for letter in raised] == ["administrator"]
    assert at.store.case("DH-2017-001").awaiting == "Awaiting the last letter"
    assert at.registers() == ["DH-2017-001", "DH-2018-001"]
    settled = {"consultee": "auditor", "fate": "received", "reasons": "taken round by hand"}
    with pytest.raises(Refused, match=r"Head of Internal Audit \(auditor\) cannot settle"):
        perform(at.office, "DH-2017-001", "settle", settled, actor="auditor", channel="test")
    done = perform(at.office, "DH-2017-001", "settle", settled, channel="test")
    assert done.fact.actor == "administrator"
    at.desk_runs_until("2018-01-02")
    assert at.store.case("DH-2017-001").outcome == "sealed to the end of the year"
    at.check()


def test_each_office_that_audits_has_its_own_letter(office: OpenOffice, tmp_path: Path) -> None:
    """Two auditors: two letters a day, each with every file; the days are sealed once."""
    both = council_reading(tmp_path, ("  auditor: [auditor]\n", "  auditor: [auditor, scrutiny-chair]\n"))
    at = office("2017-12-30", both)
    at.a_case()
    at.desk_runs_until("2018-01-01T06:00")
    assert [letter.draft.recipient for letter in at.letters()] == ["auditor", "scrutiny-chair"] * 2
    assert len({letter.draft.message_id for letter in at.letters()}) == 4
    assert len(at.sealed()) == 2
    assert at.store.case("DH-2017-001").outcome is not None


def test_a_clock_that_was_ahead_and_put_right_seals_nothing_twice(office: OpenOffice) -> None:
    """Three days ahead, then right: what is recorded meanwhile waits for the next day that was not sealed."""
    at = office("2017-08-01")
    ref = at.a_case()
    at.desk_runs_until("2017-08-05")
    at.clock.set(moment("2017-08-02"))
    at.grows(ref)
    at.desk_runs_until("2017-08-06T06:00")
    days = [fact["day"] for fact in at.sealed()]
    assert days == span("2017-08-01", "2017-08-05")
    assert at.files()[-1].head_of(ref) is not None
    assert len(at.letters()) == 5
