"""The council as data: the shipped file, roles by date, and every mistake told with its line."""

from __future__ import annotations

import hashlib
import pickle
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from models.calendars import ENGLAND_AND_WALES, calendar_named
from models.council import (
    COUNCILS,
    WARD_MEMBERS,
    Council,
    CouncilFileError,
    NoAddressee,
    Problem,
    UnknownId,
    Vacant,
    load_council,
)
from models.council_file import read_yaml

SHIPPED = (COUNCILS / "southampton.yaml").read_text(encoding="utf-8")
IN_FORCE = date(2016, 12, 5)
MEETING = date(2017, 7, 26)
HORIZON = date(2030, 12, 31)
BOARD = "health-and-wellbeing-board"
GROUP = "consultation-group"

WARDS = {
    *("bargate", "bassett", "bevois", "bitterne", "bitterne-park", "coxford", "freemantle", "harefield"),
    *("millbrook", "peartree", "portswood", "redbridge", "shirley", "sholing", "swaythling", "woolston"),
}
OFFICES = {
    *("director-of-public-health", "board-chair", "cabinet-member-health", "icb", "public-health-team"),
    *("planning-policy-team", "scrutiny-chair", "healthwatch", "board-member-council", "board-member-icb"),
    *("monitoring-officer", "democratic-services"),
}

Edit = Callable[..., Path]


@pytest.fixture(scope="module")
def council() -> Council:
    """Southampton as shipped."""
    return load_council("southampton")


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """Return the path of a copy of the shipped file with some passages, each found once, replaced."""

    def edit(*changes: tuple[str, str]) -> Path:
        text = SHIPPED
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in the shipped file"
            text = text.replace(old, new)
        path = tmp_path / "edited.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return edit


def problems_of(path: Path) -> tuple[Problem, ...]:
    """Return what is wrong with a file."""
    with pytest.raises(CouncilFileError) as caught:
        load_council(path)
    return caught.value.problems


def line_of(path: Path, passage: str) -> int:
    """Return the line, from 1, on which a passage begins."""
    text = path.read_text(encoding="utf-8")
    return text[: text.index(passage)].count("\n") + 1


# --- the shipped file ---


def test_shipped_council_is_found_by_name_and_by_path(council: Council) -> None:
    """A bare name means councils/ of the repository; a path means that file."""
    assert load_council(COUNCILS / "southampton.yaml") == council
    assert load_council("southampton", folder=COUNCILS) == council
    assert council.name == "Southampton City Council"


def test_fingerprint_is_the_sha256_of_the_files_bytes(council: Council, edited: Edit) -> None:
    """Two files that differ in one character have two fingerprints."""
    assert council.fingerprint == hashlib.sha256(SHIPPED.encode()).hexdigest()
    assert load_council(edited(("01632 960105", "01632 960199"))).fingerprint != council.fingerprint


def test_shipped_council_has_the_offices_and_wards_of_the_procedure(council: Council) -> None:
    """Each of the sixteen wards has its members, and each office the paper names exists."""
    assert set(council.wards) == WARDS
    assert council.known_roles >= OFFICES
    for ward in WARDS:
        members = council.ward_members([ward])
        assert members == tuple(f"ward-member-{ward}-{seat}" for seat in (1, 2, 3))


def test_no_role_is_vacant_from_the_day_the_law_came_into_force(council: Council) -> None:
    """Every role has a holder on each day from 5 December 2016 to the end of 2030."""
    later = {"icb-pharmacy-commissioning"}
    day = IN_FORCE
    while day <= HORIZON:
        vacant = [role for role in council.known_roles - later if council.holder_or_none(role, day) is None]
        assert not vacant, f"{vacant} vacant on {day}"
        assert council.holder(council.addressee(day), day)
        day += timedelta(days=1)


def test_everybody_in_the_shipped_file_is_at_example_org(council: Council) -> None:
    """A sample file can never write to a real person."""
    sender = council.sender
    addresses = [person.email for person in council.people.values()] + [sender.from_address, sender.reply_to]
    assert {address.split("@")[1] for address in addresses} == {"example.org"}
    personal = [person.email for person in council.people.values()]
    assert len(set(personal)) == len(personal)


def test_shipped_closures_feed_the_working_day_calendar(council: Council) -> None:
    """A closed Tuesday between Christmas and New Year is no working day, with the reason."""
    calendar = calendar_named(ENGLAND_AND_WALES, dict(council.closures), proclaimed=dict(council.proclaimed))
    assert calendar.is_working_day(date(2026, 12, 24))
    assert calendar.why_not_working(date(2026, 12, 29)) == "council closed: Christmas closure"


def test_meetings_between_two_days_include_both(council: Council) -> None:
    """No Board meets between 26 July and 18 October 2017 (agenda, Dates of Meetings)."""
    assert council.meetings_of(BOARD, date(2017, 7, 27), date(2017, 10, 17)) == ()
    assert council.meetings_of(BOARD, MEETING, date(2017, 10, 18)) == (MEETING, date(2017, 10, 18))
    assert council.meetings_of(BOARD, date(2017, 6, 28), date(2017, 6, 28)) == (date(2017, 6, 28),)


def test_pre_election_periods_that_share_a_day_are_found(council: Council) -> None:
    """A window that touches polling day meets the period that ends on it."""
    names = [each.name for each in council.pre_election_periods(date(2017, 6, 8), date(2017, 6, 30))]
    assert names == ["General election of 8 June 2017"]
    assert council.pre_election_periods(date(2017, 6, 9), date(2017, 6, 30)) == ()


# --- roles by date ---


def test_holder_changes_on_the_right_day(council: Council) -> None:
    """The last day of one holder and the first of the next are both included."""
    role = "director-of-public-health"
    assert council.holder(role, date(2019, 8, 31)).name == "Dr Imogen Castellane"
    assert council.holder(role, date(2019, 9, 1)).name == "Dr Theo Brackenbury"


def test_term_of_a_single_day_is_a_term(edited: Edit) -> None:
    """From and until may be the same day, and the next holder follows on the day after."""
    path = edited(("until: 2019-08-31", "until: 2016-12-05"), ("from: 2019-09-01", "from: 2016-12-06"))
    council, role = load_council(path), "director-of-public-health"
    assert council.holder(role, IN_FORCE).name == "Dr Imogen Castellane"
    assert council.holder(role, IN_FORCE + timedelta(days=1)).name == "Dr Theo Brackenbury"


def test_ccg_becomes_icb_on_1_july_2022(council: Council) -> None:
    """The role stays; its title, its organisation and its holder change."""
    last, first = date(2022, 6, 30), date(2022, 7, 1)
    assert council.title("icb", last) == "NHS Southampton City Clinical Commissioning Group"
    assert council.title("icb", first) == "NHS Hampshire and Isle of Wight Integrated Care Board"
    assert (council.organisation("icb", last), council.organisation("icb", first)) == ("ccg", "icb")
    assert council.person_id("icb", last) != council.person_id("icb", first)


def test_representation_goes_to_the_icb_from_1_april_2023(council: Council) -> None:
    """NHS England delegated pharmaceutical services to every integrated care board on that day."""
    assert council.addressee(IN_FORCE) == "nhs-england"
    assert council.addressee(date(2023, 3, 31)) == "nhs-england"
    assert council.addressee(date(2023, 4, 1)) == "icb-pharmacy-commissioning"


def test_vacant_role_is_named_with_the_day(council: Council) -> None:
    """Before the first holder there is none, and the sentence says which role and when."""
    before = IN_FORCE - timedelta(days=1)
    assert council.holder_or_none("board-chair", before) is None
    with pytest.raises(Vacant, match=r"Chair of the Health and Wellbeing Board.* Sunday 4 December 2016"):
        council.holder("board-chair", before)
    with pytest.raises(NoAddressee, match="Sunday 4 December 2016"):
        council.addressee(before)


def test_unknown_ids_are_named_with_the_nearest_known(council: Council) -> None:
    """Roles, wards and bodies that the file does not define are refused by name."""
    with pytest.raises(UnknownId, match=r"'board-chiar' is not a role .*did you mean 'board-chair'"):
        council.holder("board-chiar", MEETING)
    with pytest.raises(
        UnknownId, match=r"'shirly' is not a ward .*did you mean 'shirley'.*'x' is not a ward"
    ):
        council.ward_members(["shirly", "bargate", "x"])
    with pytest.raises(UnknownId, match="'board' is not a body"):
        council.meetings_of("board", MEETING, MEETING)


def test_errors_survive_pickling(council: Council, edited: Edit) -> None:
    """An error that crosses a process keeps its sentence."""
    with pytest.raises(Vacant) as vacant:
        council.holder("board-chair", date(2000, 1, 1))
    with pytest.raises(UnknownId) as unknown:
        council.title("nobody", MEETING)
    with pytest.raises(CouncilFileError) as wrong:
        load_council(edited(("minimum_answers: 2", "minimum_answers: no")))
    for error in (vacant.value, unknown.value, wrong.value):
        assert str(pickle.loads(pickle.dumps(error))) == str(error)


# --- who is consulted ---


def test_non_contentious_consults_the_chair_and_the_members_of_the_wards(council: Council) -> None:
    """Recommendation (i), paragraph 7."""
    assert council.non_contentious_consultees(["shirley"]) == (
        "board-chair",
        *("ward-member-shirley-1", "ward-member-shirley-2", "ward-member-shirley-3"),
    )


def test_contentious_asks_each_consultee_of_both_lists_once(council: Council) -> None:
    """Recommendation (ii) and paragraph 8 overlap; nobody is listed twice, and no placeholder is left."""
    everyone = council.contentious_consultees(["shirley", "millbrook", "shirley"])
    assert len(everyone) == len(set(everyone))
    assert WARD_MEMBERS not in everyone
    assert set(everyone) == {
        *("board-chair", "cabinet-member-health", "board-member-council", "board-member-icb"),
        *council.ward_members(["shirley", "millbrook"]),
        *("icb", "public-health-team", "planning-policy-team", "scrutiny-chair", "healthwatch"),
    }


def test_preconditions_of_the_power_are_told_from_the_procedure(council: Council) -> None:
    """Recommendation (ii) includes the Chair of the Board, whom paragraph 8 leaves out."""
    assert set(council.contentious_consultees(["shirley"], standing="precondition")) == {
        *("board-chair", "cabinet-member-health", "board-member-council", "board-member-icb"),
        *council.ward_members(["shirley"]),
    }
    assert "board-chair" not in council.contentious_consultees(["shirley"], standing="procedure")


def test_doubtful_delegations_are_marked_and_dated(council: Council) -> None:
    """The officer's delegation is uncertain with a note, and not older than the report that asked for it."""
    assert set(council.delegations_in_force(MEETING - timedelta(days=1))) == {"full-board"}
    in_force = council.delegations_in_force(MEETING)
    assert set(in_force) == {"recommendation-i", "recommendation-ii", "full-board"}
    assert in_force["recommendation-ii"].uncertain
    assert "196(2)" in (in_force["recommendation-ii"].note or "")
    assert in_force["recommendation-ii"].legal_basis == "officer"


# --- quorum ---


@pytest.mark.parametrize(
    ("attended", "met", "words"),
    [
        (["board-chair", "board-member-icb", "healthwatch"], True, "3 members present, 3 needed"),
        (
            ["board-chair", "board-member-icb"],
            False,
            "2 members present, 3 needed; nobody attended as Healthwatch",
        ),
        (
            ["board-chair", "cabinet-member-health", "healthwatch"],
            False,
            "nobody attended as a member from Health",
        ),
        ([], False, "0 members present, 3 needed; nobody attended as an elected member or as"),
        (["board-chair", "board-member-icb", "healthwatch", "healthwatch"], True, "3 members present"),
        (
            ["board-chair", "healthwatch", "scrutiny-chair"],
            False,
            "Not counted, as not a member: Chair of the",
        ),
    ],
)
def test_quorum_of_the_board(council: Council, attended: list[str], met: bool, words: str) -> None:
    """Three, among them an elected member, a member from Health and Healthwatch (agenda, Quorum)."""
    answer = council.quorum_met(BOARD, attended, MEETING)
    assert answer.met is met
    assert words in answer.reason
    assert answer.reason.startswith("Quorate" if met else "Not quorate")


def test_one_person_in_two_seats_is_one_person(edited: Edit) -> None:
    """A Chair who is also the Cabinet Member does not make two of the three."""
    both = "    held_by:\n      - {person: quentin-abara, from: 2016-12-05, until: 2021-05-18}"
    council = load_council(edited((both, both.replace("quentin-abara", "josephine-tarrant"))))
    attended = ["board-chair", "cabinet-member-health", "board-member-icb", "healthwatch"]
    assert "3 members present" in council.quorum_met(BOARD, attended, MEETING).reason
    assert "4 members present" in council.quorum_met(BOARD, attended, date(2022, 1, 5)).reason


def test_quorum_refuses_attendance_of_nobody_known(council: Council) -> None:
    """An id that is no role is an error, not one person fewer."""
    with pytest.raises(UnknownId, match="'healthwach' is not a role"):
        council.quorum_met(BOARD, ["board-chair", "healthwach"], MEETING)


def test_consultation_group_counts_the_members_of_the_wards_affected(council: Council) -> None:
    """Local policy: three, among them the Director or deputy and the Chair or Vice-Chair."""
    attended = ["deputy-director-of-public-health", "board-vice-chair", "ward-member-shirley-1"]
    assert council.quorum_met(GROUP, attended, MEETING, ["shirley"]).met
    elsewhere = council.quorum_met(GROUP, attended, MEETING, ["millbrook"])
    assert elsewhere.reason == (
        "Not quorate: 2 members present, 3 needed. Not counted, as not a member: Councillor for Shirley."
    )


# --- mistakes in a file ---

TENURE = "- {person: theo-brackenbury, from: 2019-09-01}"
MISTAKES = {
    "a day that does not exist": (
        *(TENURE, "- {person: theo-brackenbury, from: 2019-09-31}", TENURE[:26]),
        *("is '2019-09-31'", "a date of the calendar, written year-month-day"),
    ),
    "an unknown person": (
        *("{person: salma-winterton,", "{person: salma-wintertun,", "{person: salma-wintertun"),
        *("is 'salma-wintertun'", "did you mean 'salma-winterton'? near it: rosalind-winterbourne; "),
    ),
    "an unknown role": (
        *("told: [scrutiny-chair]", "told: [scrutiny-chiar]", "told: [scrutiny-chiar"),
        *("is 'scrutiny-chiar'", "did you mean 'scrutiny-chair'? near it: council-chair, "),
    ),
    "an unknown member of a ward": (
        *("[ward-member-bevois-1, ", "[ward-member-bevoiss-1, ", "[ward-member-bevoiss-1"),
        *("is 'ward-member-bevoiss-1'", "did you mean 'ward-member-bevois-1'?"),
    ),
    "an unknown body": (
        *("  group: consultation-group", "  group: consulting-group", "  group: consulting"),
        *("is 'consulting-group'", "'bodies' in this file (did you mean 'consultation-group'?"),
    ),
    "an address that is none": (
        *("theo.brackenbury@example.org", "theo.brackenbury", "theo-brackenbury: {"),
        *("is 'theo.brackenbury'", "an e-mail address such as name@example.org"),
    ),
    "a telephone number that is none": (
        *("01632 960105", "ask reception", "planning-policy: {"),
        *("is 'ask reception'", "a telephone number in figures and spaces"),
    ),
    "an unknown key": (
        *("department: Public Health", "departement: Public Health\ndepartment: X", "departement"),
        *("is not a key of this section", "did you mean 'department'?"),
    ),
    "an unknown key further in": (
        *(
            "value: {minimum_answers: 2}",
            "value: {minimum_answers: 2, minimum: 2}",
            "value: {minimum_answers",
        ),
        *("is not a key of this section", "known: minimum_answers"),
    ),
    "a missing key": (
        *("  chair: board-chair\n", "", "pharmacy:\n"),
        *("pharmacy > chair is missing", "a value for 'chair'"),
    ),
    "a word that is not among those allowed": (
        *("legal_basis: full_board", "legal_basis: whole_board", "legal_basis: whole_board"),
        *("is 'whole_board'", "'officer', 'sub_committee' or 'full_board'"),
    ),
    "a number in words": (
        *("at_least: 2\n", "at_least: two\n", "at_least: two"),
        *("is 'two'", "a whole number"),
    ),
    "a number too small": (
        *("minimum_answers: 2", "minimum_answers: 0", "minimum_answers: 0"),
        *("is '0'", "a number that is 1 or more"),
    ),
    "a ladder that goes the wrong way": (
        *("value: [7, 3, 1]", "value: [7, 3, 4]", "value: [7, 3, 4]"),
        *("is '4' and clashes with line", "each number to be smaller than the one before"),
    ),
    "an end before the beginning": (
        *("from: 2017-04-22, until: 2017-06-08", "from: 2017-04-22, until: 2017-04-21", "from: 2017-04-22,"),
        *("is '2017-04-21'", "a date on or after its 'from', 2017-04-22"),
    ),
    "a role listed twice": (
        *("told: [scrutiny-chair]", "told: [scrutiny-chair, scrutiny-chair]", "told: [scrutiny"),
        *("is 'scrutiny-chair' and clashes", "each entry once"),
    ),
    "meetings out of order": (
        *("- 2017-10-18\n", "- 2017-07-18\n", "- 2017-07-18\n"),
        *("is '2017-07-18' and clashes", "dates in order, each once"),
    ),
    "a meeting given twice": (
        *("- 2017-10-18\n", "- 2017-07-26 # again\n", "- 2017-07-26 # again"),
        *("is '2017-07-26' and clashes", "dates in order, each once"),
    ),
    "a closure given twice": (
        *(
            "date: 2024-12-31,",
            "date: 2024-12-30,",
            "- {date: 2024-12-30, reason: Christmas closure}\n      - {date: 2025",
        ),
        *("clashes with line", "each date once"),
    ),
    "a doubt without a note": (
        *("source: SI 2013/349,", "uncertain: true\n      source: SI 2013/349,", "full-board:\n      text"),
        *("note is", "a note that says what is uncertain"),
    ),
    "a key given twice": (
        *("department: Public Health", "department: Public Health\nname: Again", "name: Again"),
        *("is given twice, first on line", "each key once"),
    ),
    "an id in capitals": (
        *("  peartree:\n", "  Pear Tree:\n", "  Pear Tree:\n"),
        *("is {name: Peartree", "small letters, figures and hyphens"),
    ),
    "a web address that is none": (
        *("privacy_notice: https://", "privacy_notice: http://", "privacy_notice: http://"),
        *("is 'http://example.org", "begins with https://"),
    ),
    "a number where a text belongs": (
        *("name: Southampton City Council\n", "name: 7\n", "name: 7"),
        *("is '7'", "text; put quotation marks round it"),
    ),
    "nothing where a text belongs": (
        *("name: Southampton City Council\n", "name:\n", "name:\ndep"),
        *("is empty", "text"),
    ),
    "a blank text": (
        *("name: Southampton City Council\n", "name: '  '\n", "name: '  '"),
        *("is '  '", "some text"),
    ),
    "nobody in a list": (
        *("told: [scrutiny-chair]", "told: []", "told: []"),
        *("is an empty list", "a list of at least one"),
    ),
    "a word where a list belongs": (
        *("told: [scrutiny-chair]", "told: scrutiny-chair", "told: scrutiny-chair"),
        *("is 'scrutiny-chair'", "a list"),
    ),
    "a list where a section belongs": (
        *("value: {minimum_answers: 2}", "value: [2]", "value: [2]"),
        *("is a list of 1", "a section of keys and values"),
    ),
    "an alias": (
        *("told: [scrutiny-chair]", "told: &told [scrutiny-chair]\n  told2: *told", "told2: *told"),
        *("is an alias (*)", "the value itself"),
    ),
    "a mark that is not YAML": (
        *("department: Public Health", "department: Public: Health", "department: Public:"),
        *("is not YAML here", "quotation marks round text that holds ': '"),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_told_with_line_value_and_expectation(edited: Edit, mistake: str) -> None:
    """The line, what is there, and what is expected, in plain words."""
    old, new, where, found, expected = MISTAKES[mistake]
    path = edited((old, new))
    told = [str(problem) for problem in problems_of(path) if problem.line == line_of(path, where)]
    assert told, f"no problem on line {line_of(path, where)}: {problems_of(path)}"
    assert any(found in each and expected in each for each in told), told


def test_overlapping_holders_are_told_with_both_lines(edited: Edit) -> None:
    """Two holders on one day: which of them would the letter go to?"""
    path = edited(("until: 2019-08-31", "until: 2019-09-01"))
    (problem,) = problems_of(path)
    earlier = line_of(path, "- {person: imogen-castellane")
    assert problem.line == line_of(path, TENURE) == earlier + 1
    assert problem.place == "roles > director-of-public-health > held_by > entry 2"
    assert f"clashes with line {earlier}, {{person: imogen-castellane, from: 2016-12-05" in problem.found
    assert "'until' before" in problem.expected


def test_holder_without_an_end_overlaps_whoever_comes_later(edited: Edit) -> None:
    """An open end is not closed by the next beginning; the council says itself when a term ended."""
    path = edited((", until: 2019-08-31", ""))
    (problem,) = problems_of(path)
    assert problem.line == line_of(path, TENURE)


def test_all_problems_are_told_at_once_in_the_order_of_the_file(edited: Edit) -> None:
    """A typing error in a key does not hide an unknown person, a bad date or an overlap."""
    path = edited(
        ("department: Public Health", "departmant: Public Health"),
        ("told: [scrutiny-chair]", "told: [nobody]"),
        ("until: 2019-08-31", "until: 2020-08-31"),
        ("from: 2021-04-01}", "from: 2021-04-31}"),
        ("privacy_notice: https://example.org/privacy/pharmacy-applications", "name: twice"),
    )
    problems = problems_of(path)
    assert [problem.place for problem in problems] == [
        *("department", "privacy_notice", "departmant", "name", "pharmacy > told > entry 1"),
        "roles > director-of-public-health > held_by > entry 2",
        "roles > monitoring-officer > held_by > entry 2 > from",
    ]
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)


def test_error_reads_as_a_list_led_by_the_file(edited: Edit) -> None:
    """An officer reads the file's name, how many problems, and one line for each."""
    path = edited(("told: [scrutiny-chair]", "told: []"))
    with pytest.raises(CouncilFileError) as caught:
        load_council(path)
    line = line_of(path, "told: []")
    assert str(caught.value) == (
        f"{path} has 1 problem to put right:\n"
        f"  line {line}: pharmacy > told is an empty list; expected a list of at least one"
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "line 1: the file is empty"),
        (b"# only a comment\n", "line 1: the file is empty"),
        (b"null\n", "line 1: the file is empty"),
        (b"- a\n- b\n", "line 1: the file is a list of 2; expected a section of keys and values"),
        (b"id: a\nname: \xff\n", "line 2: the file is not written in UTF-8"),
        (b"id: a\n\tname: b\n", "line 2: the file is not YAML here"),
        (b"id: a\n---\nid: b\n", "the file is not YAML here"),
        (b"id: \x00\n", "the file is not YAML"),
    ],
)
def test_file_that_is_no_council_at_all_is_told_so(tmp_path: Path, content: bytes, told: str) -> None:
    """Empty, not a mapping, not UTF-8, not YAML: one sentence each, no traceback of a parser."""
    path = tmp_path / "council.yaml"
    path.write_bytes(content)
    with pytest.raises(CouncilFileError) as caught:
        load_council(path)
    assert told in str(caught.value)


def test_council_that_does_not_exist_is_refused_with_those_that_do() -> None:
    """The nearest name is offered."""
    with pytest.raises(CouncilFileError, match="did you mean 'southampton'"):
        load_council("southamton")


def test_words_that_yaml_takes_for_something_else_stay_words() -> None:
    """A leading nought, a quoted date, `no`, `on` and 1.5 are text; a date, a number, true are not."""
    reading = read_yaml(
        b"on: no\ntel: 01632960101\nday: '2017-07-26'\nhalf: 1.5\nd: 2017-07-26\nn: 14\nt: true\n"
    )
    words = {"on": "no", "tel": "01632960101", "day": "2017-07-26", "half": "1.5"}
    assert reading.data == words | {"d": MEETING, "n": 14, "t": True}
    assert reading.lines["tel",] == 2


def test_council_cannot_be_changed_after_reading(council: Council) -> None:
    """A reviewed file is the only way to change a council."""
    with pytest.raises(ValueError, match="frozen"):
        council.name = "Another"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    line=st.integers(0, SHIPPED.count("\n") - 1),
    instead=st.sampled_from(
        [
            "",
            "x",
            "- ",
            "[]",
            "{}",
            "7",
            "null",
            "2017-02-30",
            "'",
            "*a",
            "a: b",
            "<<: {}",
            "? [a]",
            "\t",
            "9" * 5000,
        ]
    ),
)
def test_any_spoilt_line_gives_a_council_or_plain_problems(tmp_path: Path, line: int, instead: str) -> None:
    """Whatever one line is turned into, no error of a library comes through and each problem has a line."""
    lines = SHIPPED.split("\n")
    indent = len(lines[line]) - len(lines[line].lstrip())
    lines[line] = lines[line][:indent] + instead
    path = tmp_path / "spoilt.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        assert load_council(path).fingerprint
        return
    except CouncilFileError as error:
        problems = error.problems
    assert problems
    assert all(1 <= problem.line <= len(lines) for problem in problems)


# --- how to write a file ---


def keys_of(section: type[BaseModel]) -> set[str]:
    """Return every key that a section and the sections within it may have."""
    keys: set[str] = set()
    for name, field in section.model_fields.items():
        keys |= {field.alias or name}
        keys |= {key for inner in sections_in(field.annotation) for key in keys_of(inner)}
    return keys


def sections_in(kind: Any) -> Iterator[type[BaseModel]]:
    """Yield the sections that an annotation speaks of."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from sections_in(part)


def test_every_key_is_explained_with_an_example() -> None:
    """A key that councils/README.md does not show is a key that nobody can write."""
    readme = (COUNCILS / "README.md").read_text(encoding="utf-8")
    keys = keys_of(Council)
    assert {"from", "until", "minimum_answers", "held_by", "proclaimed_holidays"} <= keys
    missing = {key for key in keys if not re.search(rf"\b{key}\b[`:,}}]", readme)}
    assert not missing
