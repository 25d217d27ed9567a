"""Editions: the same bytes for the same days, the calendars made from them, and what tells two of them apart."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest

from models.calendars import calendar_named
from models.council import load_council
from models.editions import CALENDARS, NUMBERS, YEARS, Edition, changes
from models.periods import within

COUNCIL = load_council("southampton")
TODAYS = COUNCIL.edition()
DAY = date(2027, 6, 16)


def edition(**more: object) -> Edition:
    """An edition of today's library, with closures, proclaimed days and numbers as given."""
    told: dict[str, object] = {"closures": (), "proclaimed": (), "numbers": {"comment_days": 14}}
    return Edition.of(**(told | more))  # type: ignore[arg-type]


def says(before: Edition, after: Edition) -> list[str]:
    """What the second says that the first does not, in sentences."""
    return [each.says for each in changes(before, after)]


def test_an_edition_is_read_back_from_its_bytes() -> None:
    """Canonical JSON: what is read back is the same edition, under the same name."""
    again = Edition.from_bytes(TODAYS.to_bytes())
    assert again == TODAYS
    assert (again.to_bytes(), again.sha256, len(again.sha256)) == (TODAYS.to_bytes(), TODAYS.sha256, 64)
    assert again.closures == TODAYS.closures
    assert again.numbers == TODAYS.numbers == {name: getattr(COUNCIL.local_policy, name).value for name in NUMBERS}


@pytest.mark.parametrize("name", CALENDARS)
def test_its_calendar_is_the_library_s_for_every_day_of_its_years(name: str) -> None:
    """Each day of thirty years and of the year on either side: worked in both or in neither, for the same reason."""
    ours = Edition.from_bytes(TODAYS.to_bytes()).calendar(name)
    theirs = calendar_named(name, dict(COUNCIL.closures), proclaimed=dict(COUNCIL.proclaimed))
    day, last = date(YEARS.start - 1, 1, 1), date(YEARS.stop, 12, 31)
    while day <= last:
        assert ours.why_not_working(day) == theirs.why_not_working(day), day
        day += timedelta(days=1)
    assert ours.fingerprint(date(2017, 1, 1), date(2017, 12, 31)) == theirs.fingerprint(
        date(2017, 1, 1), date(2017, 12, 31)
    )
    assert ours.library_version == theirs.library_version == TODAYS.library


def test_every_year_of_it_has_its_bank_holidays() -> None:
    """England keeps eight bank holidays a year at least, on weekdays; more years to come than any case stays open."""
    days = [day for day, _ in TODAYS.bank_holidays["england-and-wales"] if day.weekday() < 5]
    for year in YEARS:
        assert sum(day.year == year for day in days) >= 8, year
    assert date.today().year + 10 in YEARS, "widen YEARS in models/editions.py: a case's dates run out of its edition"


def test_a_case_s_dates_are_worked_out_without_the_library() -> None:
    """Thirty years of days are in the edition; the library, slow to load, stays on the shelf."""
    code = (
        "import sys; from datetime import date; from models.editions import Edition; from models.periods import within;"
        "calendar = Edition.from_bytes(sys.stdin.buffer.read()).calendar();"
        "print(within(10, 'working days').from_(date(2022, 9, 9), name='a', event='b', calendar=calendar).last_day);"
        "assert 'holidays' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], input=TODAYS.to_bytes(), capture_output=True)
    assert (done.stdout.decode().strip(), done.stderr) == ("2022-09-26", b"")


def test_a_proclaimed_day_counts_in_every_calendar_even_outside_its_years() -> None:
    """Newly proclaimed bank holidays are merged into the days; those of a far year as well."""
    far = date(2050, 6, 15)
    told = edition(proclaimed=((DAY, "Day of thanks"), (far, "Jubilee")))
    for name in CALENDARS:
        assert told.calendar(name).why_not_working(DAY) == "Day of thanks (bank holiday)"
        assert told.calendar(name).why_not_working(far) == "Jubilee (bank holiday)"
        assert told.calendar(name).why_not_working(date(2050, 12, 26)) == "Boxing Day (bank holiday)"
        assert edition().calendar(name).is_working_day(DAY)


def test_closures_move_targets_and_no_day_of_law() -> None:
    """A deadline dated by an edition: the law counts the closure, the target avoids it."""
    shut = edition(closures=((DAY, "Fair"),)).calendar()
    counted = within(2, "working days").from_(date(2027, 6, 14), name="a", event="b", calendar=shut)
    assert (counted.last_day, counted.target) == (DAY, date(2027, 6, 15))


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"proclaimed": ((DAY, "Day of thanks"),)},
         "Wednesday 16 June 2027, Day of thanks (bank holiday), is no longer worked"),
        ({"closures": ((DAY, "Fair"),)}, "Wednesday 16 June 2027, council closed: Fair, is no longer worked"),
        ({"numbers": {"comment_days": 10}},
         "the council's time to comment on the representations of others was 14 days and is 10"),
    ],
)  # fmt: skip
def test_each_change_is_a_sentence(more: dict[str, object], sentence: str) -> None:
    """What can move a date is told with its day, and taken back with what it was."""
    assert says(edition(), edition(**more)) == [sentence]
    (back,) = says(edition(**more), edition())
    assert back in (
        "Wednesday 16 June 2027 is worked after all; before: Day of thanks (bank holiday)",
        "Wednesday 16 June 2027 is worked after all; before: council closed: Fair",
        "the council's time to comment on the representations of others was 10 days and is 14",
    )


def test_a_closure_that_becomes_a_bank_holiday_counts_in_law() -> None:
    """The council is shut either way; working days are counted otherwise."""
    was, now = edition(closures=((DAY, "Fair"),)), edition(proclaimed=((DAY, "Day of thanks"),))
    assert says(was, now) == [
        "Wednesday 16 June 2027, Day of thanks (bank holiday), no longer counts as a working day "
        "(the council was shut on it already)"
    ]
    assert says(now, was) == [
        "Wednesday 16 June 2027 counts as a working day again, though the council is shut (council closed: Fair)"
    ]


def test_a_day_of_one_part_of_the_kingdom_names_the_calendar() -> None:
    """A bank holiday in Scotland alone moves only what is counted by the whole Kingdom's calendar."""
    of_all = (*TODAYS.bank_holidays["united-kingdom"], (DAY, "Fair in Scotland"))
    days = {**TODAYS.bank_holidays, "united-kingdom": of_all}
    scottish = Edition(days, TODAYS.closures, TODAYS.numbers, TODAYS.library)
    assert says(TODAYS, scottish) == [
        "Wednesday 16 June 2027, Fair in Scotland (bank holiday), is no longer worked by the calendar united-kingdom"
    ]


@pytest.mark.parametrize(
    "other",
    [
        Edition(TODAYS.bank_holidays, TODAYS.closures, TODAYS.numbers, "holidays 9.9"),
        Edition(TODAYS.bank_holidays, ((date(2027, 6, 19), "On a Saturday"), *TODAYS.closures), TODAYS.numbers, "x"),
        Edition(TODAYS.bank_holidays, tuple((day, "Winter") for day, _ in TODAYS.closures), TODAYS.numbers, "x"),
        Edition(TODAYS.bank_holidays, TODAYS.closures, {**TODAYS.numbers, "new_days": 3}, "x"),
    ],
    ids=["another library", "a closed Saturday", "another wording", "a number that had not been known"],
)
def test_what_moves_no_date_is_no_change(other: Edition) -> None:
    """Other bytes, another name, and yet the same dates."""
    assert other.sha256 != TODAYS.sha256
    assert says(TODAYS, other) == says(other, TODAYS) == []


def test_a_council_dated_by_an_edition_keeps_its_offices() -> None:
    """Days and numbers as then, everything else as the file reads today; made once for each edition."""
    then = edition(closures=((DAY, "Fair"),), numbers={"comment_days": 7, "non_contentious_feedback_days": 9})
    dated = COUNCIL.dated_by(then)
    assert dated is COUNCIL.dated_by(Edition.from_bytes(then.to_bytes()))
    assert dated.edition() == then
    assert dated.calendar().why_not_working(DAY) == "council closed: Fair"
    assert dated.closures == ((DAY, "Fair"),)
    assert (dated.local_policy.comment_days.value, dated.local_policy.non_contentious_feedback_days.value) == (7, 9)
    assert dated.local_policy.comment_days.why == COUNCIL.local_policy.comment_days.why
    assert (dated.roles, dated.fingerprint, dated.pharmacy) == (COUNCIL.roles, COUNCIL.fingerprint, COUNCIL.pharmacy)
    assert COUNCIL.edition() == TODAYS
    assert dated.dated_by(TODAYS).calendar() == COUNCIL.dated_by(TODAYS).calendar()
