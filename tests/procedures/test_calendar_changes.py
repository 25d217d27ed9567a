"""A calendar that changes while cases are open: nothing moves by itself, and what moves says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete
from story_office import CouncilWith, Office, OfficeOf

from desk.case_views import VIEWS, versions_of
from models.council import Council
from models.editions import APPLIED, DATES_BY, EditionMissing
from models.tables import DocumentRow
from tasks.authority import By
from tasks.calendar_changes import Applied, CalendarChanges, Projection, count_behind

FUNERAL = date(2022, 9, 19)


@pytest.fixture
def before_the_funeral(council: Council) -> Council:
    """Return the council as it was before 19 September 2022 was proclaimed a bank holiday."""
    return council.dated_by(council.edition().without(FUNERAL))


def what_would_move(office: Office) -> list[Projection]:
    """Return what `cleardays calendar check` finds."""
    return list(CalendarChanges(office.playing.office, VIEWS).behind())


def applies(office: Office) -> list[Applied]:
    """Do what `cleardays calendar check --apply` does, and take the turns it calls for."""
    changed = CalendarChanges(office.playing.office, VIEWS)
    applied = list(changed.apply(versions_of, By("administrator", "command line")))
    office.playing.settle()
    return applied


def all_dates(office: Office) -> dict[str, tuple[str, str]]:
    """Return last day and target of every deadline of the case."""
    return {
        deadline.name: (deadline.last_day.isoformat(), deadline.target.isoformat())
        for deadline, _ in office.playing.case.deadlines()
    }


def test_a_proclaimed_day_moves_nothing_before_it_is_applied(
    council: Council, before_the_funeral: Council, office_of: OfficeOf
) -> None:
    """Proclaimed on 10 September 2022 while a case is open whose last day is 19 September: its target stays."""
    office = office_of(before_the_funeral)
    office.receives(on="2022-08-05")
    before = all_dates(office)
    office.mends_council_file(council, on="2022-09-10")

    assert all_dates(office) == before
    assert office.target("representation") == "2022-09-19"
    assert count_behind(office.playing.office) == 1
    (found,) = what_would_move(office)
    (moved,) = found.moved
    assert (moved.name, moved.before.target, moved.after.target) == ("representation", FUNERAL, date(2022, 9, 16))
    assert moved.reasons == (
        "Monday 19 September 2022, State Funeral of Queen Elizabeth II (bank holiday), is no longer worked",
    )
    assert office.facts(APPLIED) == []


def test_applying_it_moves_the_target_alone_and_says_why(
    council: Council, before_the_funeral: Council, office_of: OfficeOf
) -> None:
    """The strict last day stays where the Regulations put it; the record and the derivation say what moved."""
    office = office_of(before_the_funeral)
    office.receives(on="2022-08-05")
    before = all_dates(office)
    office.mends_council_file(council, on="2022-09-10")
    waited_for = office.waits_for()
    applies(office)

    assert all_dates(office) == before | {"representation": ("2022-09-19", "2022-09-16")}
    fact = office.fact(APPLIED)
    assert (fact[DATES_BY], fact["was"]) == (council.edition().sha256, before_the_funeral.edition().sha256)
    assert fact["moved"] == []
    assert [(each["name"], each["before"], each["after"]) for each in fact["targets"]] == [
        ("representation", "2022-09-19", "2022-09-16")
    ]
    explained = office.deadline("representation").explain()
    why = "Monday 19 September 2022, State Funeral of Queen Elizabeth II (bank holiday), is no longer worked"
    moved_by = f"moved by a changed calendar, fact {fact.number}: {why}."
    assert f"Note: The target was Monday 19 September 2022 before; {moved_by}" in explained
    assert "day 45 after notice of the application was given on Friday 5 August 2022" in " ".join(explained)
    assert office.waits_for() == waited_for


def test_a_case_without_a_date_that_moves_rests_as_before(
    council: Council, before_the_funeral: Council, office_of: OfficeOf
) -> None:
    """It takes over the calendar in one transaction, which parks it too: no turn is called for."""
    office = office_of(before_the_funeral)
    office.receives(on="2022-08-26")
    office.mends_council_file(council, on="2022-09-01")
    rested = office.playing.summary
    changed = CalendarChanges(office.playing.office, VIEWS)
    (applied,) = changed.apply(versions_of, By("administrator", "command line"))

    assert office.fact(APPLIED)["moved"] == office.fact(APPLIED)["targets"] == []
    rests = office.playing.summary
    assert rests.seen == rests.head == rested.head + 1
    assert (rests.awaiting, rests.until, rests.due_at, rests.message) == (
        rested.awaiting, rested.until, rested.due_at, rested.message
    )  # fmt: skip
    assert not applied.waits_otherwise


def test_applying_it_twice_does_nothing_twice(
    council: Council, before_the_funeral: Council, office_of: OfficeOf
) -> None:
    """Once taken over, an edition is the case's own; there is nothing left to apply."""
    office = office_of(before_the_funeral)
    office.receives(on="2022-08-05")
    office.mends_council_file(council, on="2022-09-10")
    applies(office)
    head = office.playing.record.head

    assert what_would_move(office) == []
    assert applies(office) == []
    assert office.playing.record.head == head
    assert count_behind(office.playing.office) == 0


def test_a_day_proclaimed_and_taken_back_comes_back_too(
    council: Council, before_the_funeral: Council, office_of: OfficeOf
) -> None:
    """Proclaimed, cancelled and proclaimed again: three changes, three facts, and the target follows each."""
    office = office_of(before_the_funeral)
    office.receives(on="2022-08-05")
    targets = []
    for file in (council, before_the_funeral, council):
        office.mends_council_file(file, on="2022-09-10")
        applies(office)
        targets.append(office.target("representation"))

    assert targets == ["2022-09-16", "2022-09-19", "2022-09-16"]
    assert [fact["reasons"].endswith("no longer worked") for fact in office.facts(APPLIED)] == [True, False, True]


def test_the_case_acts_on_its_new_target(council: Council, before_the_funeral: Council, office_of: OfficeOf) -> None:
    """The urgent route is named on the morning of the internal target: one working day earlier once it has moved."""
    office = office_of(before_the_funeral)
    office.receives(on="2022-08-05")
    office.decides_route("contentious", on="2022-08-08")
    office.mends_council_file(council, on="2022-09-10")
    applies(office)
    office.waits_until("2022-09-19")

    assert office.days("urgent-route-named") == ["2022-09-16"]


def test_a_change_that_calls_for_action_waits_for_a_turn(
    council: Council, before_the_funeral: Council, office_of: OfficeOf
) -> None:
    """Applied on Saturday, after the new target's morning: the case records its calendar, a turn does the rest."""
    office = office_of(before_the_funeral)
    office.receives(on="2022-08-05")
    office.decides_route("contentious", on="2022-08-08")
    office.mends_council_file(council, on="2022-09-17")
    changed = CalendarChanges(office.playing.office, VIEWS)
    (applied,) = changed.apply(versions_of, By("administrator", "command line"))

    assert applied.rest is None
    assert office.playing.summary.seen < office.playing.record.head
    assert office.facts("urgent-route-named") == []
    office.playing.settle()
    assert office.days("urgent-route-named") == ["2022-09-17"]


def test_a_closure_brings_the_target_forward(council: Council, council_with: CouncilWith, office_of: OfficeOf) -> None:
    """A closure entered in the council's file moves internal targets, once applied; never a day set by law."""
    office = office_of(council)
    office.receives(on="2026-11-12")
    before = all_dates(office)
    assert before["representation"] == ("2026-12-27", "2026-12-24")
    first = "      - {date: 2024-12-27, reason: Christmas closure}\n"
    shut = council_with((first, "      - {date: 2026-12-24, reason: Christmas closure}\n" + first))
    office.mends_council_file(shut, on="2026-11-20")

    assert all_dates(office) == before
    (found,) = what_would_move(office)
    assert found.reasons == ("Thursday 24 December 2026, council closed: Christmas closure, is no longer worked",)
    applies(office)
    assert all_dates(office) == before | {"representation": ("2026-12-27", "2026-12-23")}


def test_a_number_of_days_that_the_council_changes_leaves_open_cases_alone(
    council: Council, council_with: CouncilWith, office_of: OfficeOf
) -> None:
    """A consultee who was told a day in writing keeps it until the change is applied; then they are told anew."""
    office = office_of(council)
    office.receives(on="2017-07-26")
    office.decides_route("non-contentious", on="2017-07-27")
    assert office.last_day("feedback") == "2017-08-10"
    days = "non_contentious_feedback_days:\n    value: "
    longer = council_with((f"{days}14", f"{days}20"))
    office.mends_council_file(longer, on="2017-07-28")

    assert office.last_day("feedback") == "2017-08-10"
    (found,) = what_would_move(office)
    assert {each.name.partition(":")[0] for each in found.moved} == {"feedback"}
    assert {each.why for each in found.moved} == {
        "the council's time to answer on the non-contentious route was 14 days and is 20"
    }
    applies(office)
    assert office.last_day("feedback") == "2017-08-16"
    assert office.waits_for() == ("Awaiting feedback", "2017-08-16")
    told = office.letter("date-moved", to="board-chair")
    assert "You now have until Wednesday 16 August 2017 to reply. It was Thursday 10 August 2017 before." in told
    assert "the council's time to answer on the non-contentious route was 14 days and is 20" in told
    assert any(
        line.startswith("Before: Thursday 10 August 2017; moved by a changed calendar, fact ")
        for line in office.deadline("feedback: board-chair").explain()
    )


def test_what_changes_no_date_is_no_change(council: Council, council_with: CouncilWith, office_of: OfficeOf) -> None:
    """Another wording, or a closure on a weekend, moves nothing: no case is behind, and nothing is applied."""
    office = office_of(council)
    office.receives(on="2017-07-26")
    first = "      - {date: 2024-12-27, reason: Christmas closure}\n"
    fair = "      - {date: 2017-09-09, reason: Fair}\n"
    reworded = council_with((first, first.replace("Christmas", "Winter") + fair))
    office.mends_council_file(reworded, on="2017-07-28")

    assert reworded.edition().sha256 != council.edition().sha256
    assert what_would_move(office) == []
    assert count_behind(office.playing.office) == 0
    assert applies(office) == []


def test_a_fact_recorded_while_it_is_applied_is_not_overlooked(
    council: Council, before_the_funeral: Council, office_of: OfficeOf
) -> None:
    """What was projected from an older record is looked at anew, not applied."""
    office = office_of(before_the_funeral)
    office.receives(on="2022-08-05")
    office.mends_council_file(council, on="2022-09-10")
    changed = CalendarChanges(office.playing.office, VIEWS)
    (stale,) = changed.behind()
    office.attaches_assessment(on="2022-09-11")

    assert changed._record(stale, None, By("administrator", "command line", None)) is None
    assert office.facts(APPLIED) == []
    applies(office)
    assert office.fact(APPLIED).number > office.facts("document-attached")[-1].number


def test_a_case_whose_edition_is_gone_says_so(
    council: Council, before_the_funeral: Council, office_of: OfficeOf
) -> None:
    """Its dates cannot be told from any other calendar: the sentence names the case and what to do."""
    office = office_of(before_the_funeral)
    office.receives(on="2022-08-05")
    working = replace(office.playing.office, council=lambda name: council, editions={})
    lost = delete(DocumentRow).where(DocumentRow.sha256 == office.fact("notified")[DATES_BY])
    office.playing.store.write(lambda tx: tx._connection.execute(lost))

    with pytest.raises(EditionMissing, match=f"case {office.playing.case_ref} follows .* restore it from its backup"):
        working.council_of(office.playing.record)
    assert count_behind(working) == 1
