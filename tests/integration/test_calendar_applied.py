"""A changed calendar applied to cases on a real database: once each, by two desks at a time, and to nothing else."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from desk.calendar_check import Found, apply, check
from desk.case_views import VIEWS
from models.clock import FixedClock
from models.council import Council, load_council
from models.editions import APPLIED, DATES_BY, Edition
from models.facts import check_chain
from models.london import LONDON
from models.store import Store
from tasks.authority import By
from tasks.calendar_changes import count_behind
from tasks.opening import notify
from tasks.turns import Office, Parked, in_office
from tests.integration.databases import Database, at_once, database  # noqa: F401
from tests.integration.postgres import postgres_server  # noqa: F401

FUNERAL = date(2022, 9, 19)
PROCLAIMED_AT = datetime(2022, 9, 10, 12, 0, tzinfo=LONDON)
ADMINISTRATOR = "administrator"
CASES, WITH_TURNS = 150, 6
TODAYS = load_council("southampton")
BEFORE = TODAYS.dated_by(TODAYS.edition().without(FUNERAL))


def office_on(store: Store, council: Council, holder: str) -> Office:
    """An office of `council` on a store, on the day of the proclamation."""
    return Office(store, FixedClock(PROCLAIMED_AT), lambda name: council, holder=holder)


def fill(store: Store) -> list[str]:
    """Enter cases given on different days of the six weeks before; some have had their first turn."""
    from flows.pharmacy_consolidation import pharmacy_consolidation

    refs = []
    for number in range(CASES):
        given_at = PROCLAIMED_AT - timedelta(days=1 + number % 42, minutes=number)
        office = Office(store, FixedClock(given_at), lambda name: BEFORE)
        fields = {"reference": f"CAS-{number}", "given_at": given_at.isoformat(), "capacity": "relevant",
                  "wards": "bargate", "applicant": "A Ltd", "closing": "1 Low Street", "remaining": "2 High Street"}
        refs.append(notify(office, "pharmacy-consolidation", "southampton", fields, channel="test").case)  # fmt: skip
    for ref in refs[:WITH_TURNS]:
        with in_office(office_on(store, BEFORE, "a desk")):
            try:
                pharmacy_consolidation.fn(ref)
            except Parked:
                continue
    return refs


def dates(store: Store, refs: list[str]) -> dict[tuple[str, str], tuple[date, date]]:
    """Last day and target of every deadline, by case and name, each case dated by what it follows."""
    office = office_on(store, TODAYS, "looking")
    found: dict[tuple[str, str], tuple[date, date]] = {}
    for ref in refs:
        record = store.record(ref)
        case = VIEWS[record.procedure](record, office.council_of(record), PROCLAIMED_AT)
        found |= {(ref, each.name): (each.last_day, each.target) for each, _ in case.deadlines()}
    return found


def test_a_proclaimed_day_reaches_each_case_once_and_moves_what_it_must(database: Database) -> None:  # noqa: F811
    """Two desks apply it at once: one fact a case, and the only targets that move are those on the day proclaimed."""
    one, other = database.store(), database.store()
    refs = fill(one)
    was = dates(one, refs)
    offices = [office_on(one, TODAYS, "one"), office_on(other, TODAYS, "other")]
    found = check(offices[0], lambda number, of: None)
    assert (found.behind, count_behind(offices[0])) == (CASES, CASES)
    assert dates(one, refs) == was

    done = at_once(*(lambda office=office: apply(office, By(ADMINISTRATOR, "test"), None, lambda n, of: None)
                     for office in offices))  # fmt: skip
    assert all(isinstance(each, Found) for each in done), done
    assert sum(each.applied for each in done if isinstance(each, Found)) == CASES
    for ref in refs:
        (fact,) = other.record(ref).all(APPLIED)
        assert fact[DATES_BY] == TODAYS.edition().sha256
        assert check_chain(other.record(ref)) == other.case(ref).head
    now = dates(other, refs)
    friday = date(2022, 9, 16)
    assert now == {key: (last, friday if target == FUNERAL else target) for key, (last, target) in was.items()}
    moved = {key for key in was if was[key] != now[key]}
    assert {(ref, each.name) for ref, each in found.moved} == moved
    assert {name for _, name in moved} >= {"representation", "circulation"}
    assert count_behind(offices[1]) == 0


def test_the_edition_is_kept_once_and_can_be_read_back(database: Database) -> None:  # noqa: F811
    """Every case names it; the database holds the bytes behind the name."""
    store = database.store()
    refs = fill(store)[-3:]
    named = {store.record(ref).facts[0][DATES_BY] for ref in refs}
    assert named == {BEFORE.edition().sha256}
    with store.reading() as reading:
        assert Edition.from_bytes(reading.document(named.pop())) == BEFORE.edition()
