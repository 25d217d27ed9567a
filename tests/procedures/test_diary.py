"""Diaries: a date that moves or falls away does so in the calendar of whoever was given it."""

from __future__ import annotations

from datetime import date

from icalendar import Calendar, Event
from story_office import Office, OfficeOf, words_of

from models.council import Council
from models.editions import APPLIED
from models.outgoing import Letter, LetterState
from models.pharmacy import PharmacyCase
from tasks.authority import By
from tasks.diary import Entry, entries, file_of, replayed
from tasks.pharmacy_diary import pharmacy_dates

CANCELLED = "date-cancelled.ics"
SOME = ("healthwatch", "board-chair")


def diary(office: Office, role: str | None = None) -> dict[str, Entry]:
    """Return the diary of the case, or of one office in it, by what each date is."""
    return {entry.date.name: entry for entry in entries(office.playing.case, pharmacy_dates, role)}


def days(office: Office, role: str | None = None) -> list[tuple[str, str]]:
    """Return what stands in a diary, each date with its day."""
    return [(e.date.name, e.date.on.isoformat()) for e in diary(office, role).values() if not e.cancelled]


def state(entry: Entry) -> tuple[str, int, bool]:
    """Return an entry's day, SEQUENCE, and whether it is cancelled."""
    return entry.date.on.isoformat(), entry.sequence, entry.cancelled


def own(office: Office, role: str = "healthwatch") -> tuple[str, int, bool]:
    """Return how a consultee's own last day stands in their diary."""
    return state(diary(office, role)[f"feedback: {role}"])


def enclosed(office: Office, letter: Letter) -> Event | None:
    """Return the entry in the calendar file that a letter encloses, or None where it encloses none."""
    names = [each.filename for each in letter.draft.enclosures if each.filename.endswith(".ics")]
    if not names:
        return None
    (name,) = names
    calendar = Calendar.from_ical(office.content(letter, name))
    (event,) = calendar.events
    (media_type,) = [each.media_type for each in letter.draft.enclosures if each.filename == name]
    assert f"method={calendar['METHOD']};" in media_type
    assert (calendar["METHOD"] == "CANCEL") is (event["STATUS"] == "CANCELLED")
    return event


def told(office: Office, template: str, role: str = "healthwatch") -> list[tuple[str, int]]:
    """Return day and SEQUENCE in the calendar files of letters from a template to one role, oldest first."""
    found = [enclosed(office, letter) for letter in office.letters(template, to=role)]
    return [(event.start.isoformat(), event["SEQUENCE"]) for event in found if event is not None]


def circulated(office: Office, *, on: str = "2017-08-04") -> None:
    """Give notice on 1 August 2017 and circulate the papers on the long route."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on=on)


def letters_and_record_agree(office: Office) -> int:
    """Check calendar files of letters against the record as it stood with each letter; return how many were checked."""
    case, checked = office.playing.case, 0
    for letter in office.playing.letters:
        event = enclosed(office, letter) if letter.draft.recipient in SOME else None
        if event is None:
            continue
        then = PharmacyCase(case.record.until(letter.fact), case.council, letter.written_at)
        own = entries(then, pharmacy_dates, letter.draft.recipient)
        (entry,) = [each for each in own if each.date.name.startswith("feedback: ")]
        assert (event["UID"], event.start, event["SEQUENCE"]) == (entry.uid, entry.date.on, entry.sequence)
        assert (event["STATUS"] == "CANCELLED") is entry.cancelled
        checked += 1
    return checked


# -- whose diary holds what ------------------------------------------------------------------------------------


def test_the_diary_of_a_case_holds_each_date_once(office: Office) -> None:
    """Notice given on 26 July 2017: the internal target is the Friday, the last day the Saturday after it."""
    office.receives(on="2017-07-26")
    assert days(office) == [
        ("route", "2017-08-08"), ("circulation", "2017-08-09"), ("target", "2017-09-08"),
        ("representation", "2017-09-09"),
    ]  # fmt: skip
    office.attaches_assessment(on="2017-07-27")
    office.decides_route("contentious", on="2017-07-31")
    assert ("feedback", "2017-08-14") in days(office)
    assert [entry.date.name for entry in diary(office).values() if entry.date.done] == ["route", "circulation"]


def test_each_entry_says_how_its_day_came_about(office: Office) -> None:
    """Rule, source and event in words, and what is local policy is called so."""
    circulated(office)
    how = {name: entry.date.how for name, entry in diary(office).items()}
    assert "day 45 after notice of the application was given on Tuesday 1 August 2017" in how["representation"]
    assert "Sch 2 para 19(4)" in how["representation"]
    assert "local policy" in how["route"]
    assert "the last working day on or before the last day (local policy)" in how["target"]
    assert "day 14 after the information was circulated on Friday 4 August 2017" in how["feedback"]


def test_each_office_has_its_own_part(office: Office) -> None:
    """Who answers has their own day, who decides has the last day, the Chair has both a say and an answer."""
    circulated(office)
    assert days(office, "healthwatch") == [("feedback: healthwatch", "2017-08-18")]
    assert [name for name, _ in days(office, "director-of-public-health")] == [
        "route", "circulation", "feedback", "target", "representation",
    ]  # fmt: skip
    assert [name for name, _ in days(office, "board-chair")] == ["route", "feedback: board-chair"]
    assert days(office, "nhs-england") == []


def test_one_date_in_two_diaries_is_one_entry(office: Office) -> None:
    """An officer who imports the case's file and their own holds each date once; no two dates share a UID."""
    circulated(office)
    case, officer = diary(office), diary(office, "director-of-public-health")
    assert {name: case[name].uid for name in officer} == {name: entry.uid for name, entry in officer.items()}
    read = office.playing.case
    everything = {e.uid for role in (None, *office.consulted()) for e in entries(read, pharmacy_dates, role)}
    assert len(everything) == len(case) + len(office.consulted())


def test_a_meeting_stands_in_the_diary_of_those_called_to_it(office: Office) -> None:
    """Para 11: who is called must meet by the internal target; once held it is done, and a decision ends it."""
    circulated(office)
    office.waits_until("2017-08-21")
    assert ("meeting 1", "2017-09-15") in days(office, "healthwatch")
    office.decides("gap", on="2017-08-22")
    assert state(diary(office, "healthwatch")["meeting 1"]) == ("2017-09-15", 1, True)


def test_a_hearing_notified_again_is_the_same_hearing_on_another_day(office: Office) -> None:
    """Sch 2 para 25: until it was held, a new notice moves it in the diary of the Director and of the Chair."""
    circulated(office)
    office.hears_from_everyone("gap", on="2017-08-07")
    office.decides("gap", on="2017-08-08")
    office.does("share-representations", on="2017-09-20", shared_on="2017-09-20")
    office.does("notify-hearing", on="2017-10-02", hearing_on="2017-10-30", venue="Civic Centre")
    assert [entry.date.what for entry in diary(office).values()][-1] == "Oral hearing at Civic Centre"
    office.does("notify-hearing", on="2017-10-09", hearing_on="2017-11-06")
    assert state(diary(office, "board-chair")["hearing 1"]) == ("2017-11-06", 1, False)
    office.does("record-hearing", on="2017-11-07", presented=True, held_on="2017-11-06")
    office.does("record-outcome", on="2017-11-20", outcome="granted", decided_on="2017-11-20")
    assert state(diary(office)["hearing 1"]) == ("2017-11-06", 1, False)
    assert ("comments", "2017-10-04") in days(office)
    assert ("notice of consolidation", "2018-05-20") in days(office)


# -- a date that moves -----------------------------------------------------------------------------------------


def test_papers_sent_again_move_the_date_in_the_diary(office: Office) -> None:
    """Para 10: refused on the 4th, sent again on the 7th: the same entry, SEQUENCE 1, on the 21st."""
    office.mail_to("healthwatch", is_=LetterState.REFUSED)
    circulated(office)
    assert own(office) == ("2017-08-18", 0, False)
    office.mail_to("healthwatch", is_=LetterState.SENT)
    office.does("resend", on="2017-08-07", consultee="healthwatch", reasons="Address corrected.")
    assert told(office, "circulation") == [("2017-08-18", 0), ("2017-08-21", 1)]
    assert own(office) == ("2017-08-21", 1, False)
    assert own(office, "board-chair") == ("2017-08-18", 0, False)
    assert letters_and_record_agree(office) == 3


def test_papers_sent_again_on_the_same_day_move_nothing(office: Office) -> None:
    """The second letter names the same day: the entry is the one that the first made."""
    office.mail_to("healthwatch", is_=LetterState.REFUSED)
    circulated(office)
    office.mail_to("healthwatch", is_=LetterState.SENT)
    office.does("resend", on="2017-08-04T15:00", consultee="healthwatch", reasons="Address corrected.")
    assert told(office, "circulation") == [("2017-08-18", 0), ("2017-08-18", 0)]


def test_papers_handed_over_move_the_date(office: Office) -> None:
    """Para 10: the fourteen days run from the 8th, when the papers were handed over."""
    office.mail_to("healthwatch", is_=LetterState.REFUSED)
    circulated(office)
    office.does("serve", on="2017-08-09", consultee="healthwatch", channel="hand", served_on="2017-08-08")
    assert own(office) == ("2017-08-22", 1, False)
    assert state(diary(office)["feedback"]) == ("2017-08-22", 1, False)


def test_more_time_moves_the_date_and_the_letter_says_so(office: Office) -> None:
    """Whoever is told of the new day gets it as a calendar file as well."""
    circulated(office)
    office.does("extend", on="2017-08-10", clock="feedback", count=7, reasons="The plan was unreadable")
    assert told(office, "date-moved") == [("2017-08-25", 1)]
    office.does("retract", on="2017-08-11", fact=office.fact("time-extended").number, reasons="By mistake")
    assert told(office, "date-moved") == [("2017-08-25", 1), ("2017-08-18", 2)]
    assert letters_and_record_agree(office) == 6


def test_a_clock_that_stands_and_runs_again_moves_the_date_each_time(office: Office) -> None:
    """Suspended by five days, resumed after two: the entry follows, its SEQUENCE grows."""
    circulated(office)
    days_off = {"starts_on": "2017-08-07", "until": "2017-08-11"}
    office.does("suspend", on="2017-08-07", clock="feedback", reasons="Storm", **days_off)
    assert own(office) == ("2017-08-23", 1, False)
    office.does("resume", on="2017-08-09", reasons="Over")
    assert own(office) == ("2017-08-20", 2, False)
    assert letters_and_record_agree(office) == 6


def test_corrected_papers_begin_the_time_anew(office: Office) -> None:
    """Para 9: circulated anew on the 9th, everybody's entry moves to the 23rd."""
    circulated(office)
    office.hears_back({"healthwatch": "gap"}, on="2017-08-07")
    assert diary(office, "healthwatch")["feedback: healthwatch"].date.done
    office.attaches("spatial-analysis", on="2017-08-08", file="map.pdf")
    office.does("circulate-again", on="2017-08-09", reasons="The map was of another ward")
    assert told(office, "circulation") == [("2017-08-18", 0), ("2017-08-23", 1)]
    assert own(office) == ("2017-08-23", 1, False)
    assert not diary(office, "healthwatch")["feedback: healthwatch"].date.done
    letters_and_record_agree(office)


def test_a_corrected_notice_moves_every_date_of_the_case(office: Office) -> None:
    """Sch 2 para 19(4): given on 31 July in truth, so each day that runs from it is a day earlier."""
    office.receives(on="2017-08-01")
    office.does("correct-notice", on="2017-08-03", given_at="2017-07-31T10:00", evidence="Stamp", reasons="Misread")
    assert {name: state(entry) for name, entry in diary(office).items()} == {
        "route": ("2017-08-13", 1, False), "circulation": ("2017-08-14", 1, False),
        "target": ("2017-09-14", 1, False), "representation": ("2017-09-14", 1, False),
    }  # fmt: skip


def test_a_calendar_applied_later_moves_the_target_alone(council: Council, office_of: OfficeOf) -> None:
    """19 September 2022 proclaimed a bank holiday: the target goes to the Friday, the last day stays the Monday."""
    from desk.case_views import VIEWS, versions_of
    from tasks.calendar_changes import CalendarChanges

    office = office_of(council.dated_by(council.edition().without(date(2022, 9, 19))))
    office.receives(on="2022-08-05")
    assert state(diary(office)["target"]) == ("2022-09-19", 0, False)
    office.mends_council_file(council, on="2022-09-10")
    changed = CalendarChanges(office.playing.office, VIEWS)
    list(changed.apply(versions_of, By("administrator", "command line")))
    office.playing.settle()
    assert office.fact(APPLIED)
    assert state(diary(office)["target"]) == ("2022-09-16", 1, False)
    assert state(diary(office)["representation"]) == ("2022-09-19", 0, False)


# -- a date that falls away ------------------------------------------------------------------------------------


def test_a_raised_route_gives_the_date_anew(office: Office) -> None:
    """Recs (i), (ii): asked on the short route and again on the long one, the Chair's entry is one and the same."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("non-contentious", on="2017-08-03")
    assert own(office, "board-chair") == ("2017-08-17", 0, False)
    office.decides_route("contentious", on="2017-08-07")
    assert own(office, "board-chair") == ("2017-08-21", 2, False)
    assert state(diary(office)["circulation"]) == ("2017-08-15", 0, False)
    (letter,) = office.letters("circulation", to="board-chair")
    event = enclosed(office, letter)
    assert event is not None
    assert (event["UID"], event["SEQUENCE"]) == (diary(office, "board-chair")["feedback: board-chair"].uid, 2)
    letters_and_record_agree(office)


def test_who_is_gone_on_without_has_no_date_any_more(office: Office) -> None:
    """An excused consultee's entry is cancelled; the others' stand."""
    office.mail_to("healthwatch", is_=LetterState.REFUSED)
    circulated(office)
    office.does("excuse", on="2017-08-09", consultee="healthwatch", reasons="Dissolved.")
    assert own(office) == ("2017-08-18", 1, True)
    assert own(office, "board-chair") == ("2017-08-18", 0, False)


def test_what_is_done_stays_as_it_is(office: Office) -> None:
    """An answer in time neither moves nor cancels the entry; nobody is reminded of it."""
    circulated(office)
    office.hears_back({"healthwatch": "gap"}, on="2017-08-07")
    entry = diary(office, "healthwatch")["feedback: healthwatch"]
    assert (state(entry), entry.date.done) == (("2017-08-18", 0, False), True)
    content = file_of(office.playing.case, [entry], "")
    assert b"STATUS:CONFIRMED" in content
    assert b"VALARM" not in content


def test_a_withdrawn_application_leaves_every_diary(office: Office) -> None:
    """Who was given a day gets a file that takes it out again; who was given none gets none."""
    circulated(office)
    office.does("withdraw", on="2017-08-10", reasons="Letter of the applicant.")
    (letter,) = office.letters("withdrawn", to="healthwatch")
    event = enclosed(office, letter)
    assert event is not None
    assert (event["STATUS"], event["SEQUENCE"], event.start) == ("CANCELLED", 1, date(2017, 8, 18))
    assert f"open the enclosed file {CANCELLED}" in words_of(letter)
    (to_officer,) = office.letters("withdrawn", to="director-of-public-health")
    assert enclosed(office, to_officer) is None
    assert "enclosed" not in words_of(to_officer)
    assert all(entry.cancelled for entry in diary(office).values())
    assert letters_and_record_agree(office) == 4


def test_what_lies_behind_is_not_cancelled(office: Office) -> None:
    """Withdrawn after the consultees' day: that day has been, and only what lay ahead falls away."""
    circulated(office)
    office.does("withdraw", on="2017-08-21", reasons="Letter of the applicant.")
    assert own(office) == ("2017-08-18", 0, False)
    assert not any(enclosed(office, letter) for letter in office.letters("withdrawn"))
    fell_away = {name for name, entry in diary(office).items() if entry.cancelled}
    assert fell_away == {"meeting 1", "representation", "target"}


def test_on_the_last_day_itself_a_date_can_still_fall_away(office: Office) -> None:
    """A day is over at its end, not at its beginning."""
    circulated(office)
    office.does("withdraw", on="2017-08-18T09:00", reasons="Letter of the applicant.")
    assert own(office) == ("2017-08-18", 1, True)


def test_an_application_determined_early_asks_for_no_answer(office: Office) -> None:
    """Reg 26A: who has not answered is told that they need not, and their entry is taken out."""
    circulated(office)
    office.hears_back({"icb": "gap"}, on="2017-08-07")
    office.does("record-outcome", on="2017-08-10", outcome="granted", decided_on="2017-08-10")
    assert told(office, "determined-early") == [("2017-08-18", 1)]
    assert office.letters("determined-early", to="icb") == []
    assert own(office, "icb") == ("2017-08-18", 1, True)
    assert [name for name, _ in days(office)] == ["notice of consolidation"]
    letters_and_record_agree(office)


def test_a_letter_that_tells_of_no_date_encloses_none(office: Office) -> None:
    """Withdrawn before anybody was consulted."""
    office.receives(on="2017-08-01")
    office.does("withdraw", on="2017-08-02", reasons="Letter of the applicant.")
    assert [enclosed(office, letter) for letter in office.letters("withdrawn")] == [None, None, None]


def test_a_date_whose_letter_never_left_needs_no_cancelling(office: Office) -> None:
    """Withdrawn while the letters wait in the outbox: they are cancelled there, and no diary holds the day."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.closes_its_mailroom()
    office.decides_route("contentious", on="2017-08-04")
    office.does("withdraw", on="2017-08-05", reasons="Letter of the applicant.")
    assert not any(enclosed(office, letter) for letter in office.letters("withdrawn"))
    office.opens_its_mailroom()


# -- the record alone ------------------------------------------------------------------------------------------


def test_the_same_record_gives_the_same_bytes(office: Office) -> None:
    """Read twice, read by another view, read later: only DTSTAMP tells when a file was made."""
    circulated(office)
    office.does("extend", on="2017-08-10", clock="feedback", count=3, reasons="Holidays")
    case = office.playing.case
    first = file_of(case, entries(case, pharmacy_dates), case.ref)
    anew = PharmacyCase(case.record.until(case.record.head), case.council, case.now)
    assert file_of(anew, entries(anew, pharmacy_dates), case.ref) == first
    office.waits_until("2017-08-15")
    later = office.playing.case
    lines = file_of(later, entries(later, pharmacy_dates), case.ref).split(b"\r\n")
    assert [a for a, b in zip(first.split(b"\r\n"), lines, strict=True) if a != b] == [
        line for line in first.split(b"\r\n") if line.startswith(b"DTSTAMP")
    ]


def test_a_later_file_never_ranks_below_an_earlier_one(office: Office) -> None:
    """All through a busy case, SEQUENCE never falls, and grows whenever a day or a cancellation changes."""
    office.mail_to("healthwatch", is_=LetterState.REFUSED)
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("non-contentious", on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")
    office.does("serve", on="2017-08-09", consultee="healthwatch", channel="hand", served_on="2017-08-08")
    office.does("extend", on="2017-08-10", clock="feedback", count=3, reasons="Holidays")
    office.does("correct-notice", on="2017-08-11", given_at="2017-07-31T10:00", evidence="Stamp", reasons="Misread")
    office.does("withdraw", on="2017-08-14", reasons="Letter of the applicant.")
    case = office.playing.case
    held: dict[str, Entry] = {}
    for fact in case.record:
        if fact.kind in ("informed", "letter-sent", "circulated"):
            continue
        then = PharmacyCase(case.record.until(fact.number), case.council, fact.at)
        for entry in replayed(then, pharmacy_dates):
            before = held.get(entry.uid, entry)
            assert entry.sequence >= before.sequence
            assert entry.sequence > before.sequence or state(entry) == state(before)
            held[entry.uid] = entry
    assert len(held) == 5 + len({*office.consulted()})
    letters_and_record_agree(office)


def test_a_trial_and_the_real_case_do_not_meet_in_a_diary(office_of: OfficeOf, council: Council) -> None:
    """Two desks, or a rehearsal and the desk, both have a PC-2017-001: their entries are apart."""
    offices = [office_of(council), office_of(council)]
    for office in offices:
        circulated(office)
    one, other = ({entry.uid for entry in diary(office).values()} for office in offices)
    assert offices[0].playing.case_ref == offices[1].playing.case_ref
    assert one.isdisjoint(other)
    assert {uid.rpartition("@")[2] for uid in one | other} == {council.sender.reply_to.rpartition("@")[2]}


def test_a_neighbouring_board_need_not_comment(office: Office) -> None:
    """Sch 2 para 19(4): the last day is offered, not demanded."""
    office.receives(on="2017-08-01", capacity="neighbouring")
    assert diary(office)["representation"].date.what == "Last day to comment, if the Board wishes to"
