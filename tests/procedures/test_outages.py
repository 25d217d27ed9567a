"""Three days without a desk or mail server: each missed step in its order, no false date in a letter, and why late.

The days are those on which it hurts: the day-14 deadline, the turn of the year, and both changes of the clocks.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from story_office import Office
from story_teller import instant

from models.facts import Fact, read_instant
from models.london import date_in_london, day_in_words, parse_day
from models.outages import DESK, MAIL, NONE_NOTED
from models.outgoing import LetterState
from models.pharmacy import PharmacyCase


def away(office: Office, since: str, until: str, service: str = DESK) -> None:
    """Let nothing happen from one instant to another, note that outage as the desk does, then let all be done."""
    office.waits_until(since)
    begins, ends = office.playing.clock.now(), instant(until)
    office.playing.clock.set(ends)
    office.playing.store.write(lambda tx: tx.note_outage(service, begins, ends, "as the story says"))
    office.playing.settle()


def mail_is_dead(office: Office, since: str, until: str) -> None:
    """Let the desk work and its letters wait from one instant to another; then they leave, or do not."""
    office.waits_until(since)
    begins = office.playing.clock.now()
    office.closes_its_mailroom()
    office.waits_until(until)
    ends = office.playing.clock.now()
    office.playing.store.write(lambda tx: tx.note_outage(MAIL, begins, ends, "as the story says"))
    office.opens_its_mailroom()


def late(office: Office, kind: str) -> Fact:
    """Return the newest fact of a kind, which must say that it was late."""
    fact: Fact = [each for each in office.playing.record if each.kind == kind][-1]
    assert "delay" in fact.payload, f"{kind} does not say that it was late"
    return fact


def due_in_order(office: Office, after: datetime) -> list[datetime]:
    """Return when each late thing recorded from `after` on was due; they must come in that order."""
    due = [read_instant(f["delay"]["due_at"]) for f in office.playing.record if f.at >= after and "delay" in f.payload]
    assert due == sorted(due)
    return due


def test_day_14_passes_while_the_desk_is_away(office: Office) -> None:
    """Paras (ii), 8: route by default, then circulation late; each says when it was due and why it came late."""
    office.receives(on="2017-07-26")
    office.attaches_assessment(on="2017-07-27")
    away(office, "2017-08-08T16:40", "2017-08-11T16:40")
    why = "the desk did not run from Tuesday 8 August 2017 16:40 to Friday 11 August 2017 16:40"
    route, passed, papers = late(office, "route-decided"), late(office, "deadline-passed"), late(office, "circulated")
    assert {route["delay"]["because"], passed["delay"]["because"], papers["delay"]["because"]} == {why}
    assert read_instant(route["delay"]["due_at"]) == instant("2017-08-09T00:00")
    assert read_instant(passed["delay"]["due_at"]) == instant("2017-08-10T00:00")
    assert route["delay"]["by_seconds"] == (2 * 24 + 16) * 3600 + 40 * 60
    assert route.number < passed.number < papers.number
    assert papers["late"] is True
    assert "Please reply by Friday 25 August 2017" in office.words("circulation", "healthwatch")[0]
    assert office.last_day("feedback") == "2017-08-25"


def test_the_year_ends_while_the_desk_is_away(office: Office) -> None:
    """From Friday 29 December to Monday 1 January: feedback closes late, and says since when it was due."""
    office.receives(on="2017-12-12")
    office.attaches_assessment(on="2017-12-13")
    office.decides_route("contentious", on="2017-12-15")
    assert office.last_day("feedback") == "2017-12-29"
    away(office, "2017-12-29T16:40", "2018-01-01T09:12")
    closed = late(office, "feedback-closed")
    assert closed["delay"] == {
        "due_at": "2017-12-30T00:00:00.000000Z", "by_seconds": 2 * 86_400 + 9 * 3600 + 12 * 60,
        "because": "the desk did not run from Friday 29 December 2017 16:40 to Monday 1 January 2018 09:12",
    }  # fmt: skip
    assert due_in_order(office, instant("2018-01-01T09:12"))


@pytest.mark.parametrize(
    ("circulated", "since", "until", "due_at"),
    [
        ("2017-03-11", "2017-03-24T12:00", "2017-03-27T13:00", "2017-03-26T00:00:00.000000Z"),
        ("2017-10-14", "2017-10-27T12:00", "2017-10-30T11:00", "2017-10-28T23:00:00.000000Z"),
    ],
    ids=["clocks go forward", "clocks go back"],
)
def test_the_clocks_change_while_the_desk_is_away(
    office: Office, circulated: str, since: str, until: str, due_at: str
) -> None:
    """Interpretation Act s.9: the last day ends at midnight in London, and 72 hours are 72 hours on either side."""
    assert instant(until).astimezone(UTC) - instant(since).astimezone(UTC) == timedelta(hours=72)
    office.receives(on=(parse_day(circulated) - timedelta(days=2)).isoformat())
    office.attaches_assessment(on=circulated)
    office.decides_route("contentious", on=circulated)
    away(office, since, until)
    closed = late(office, "feedback-closed")
    assert (closed["delay"]["due_at"], closed["delay"]["by_seconds"]) == (due_at, 36 * 3600)
    assert date_in_london(closed.at).isoformat() == until[:10]


def test_papers_that_could_not_leave_for_three_days_are_written_anew(office: Office) -> None:
    """Para 10: a letter that said “reply by the 18th” must not leave on the 7th; the new one says the 21st."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.waits_until("2017-08-04T09:00")
    begins = office.playing.clock.now()
    office.closes_its_mailroom()
    office.decides_route("contentious", on="2017-08-04")
    office.waits_until("2017-08-07")
    office.playing.store.write(lambda tx: tx.note_outage(MAIL, begins, office.playing.clock.now(), ""))
    office.opens_its_mailroom()
    first, second = office.letters("circulation", "healthwatch")
    assert (first.state, second.state) == (LetterState.CANCELLED, LetterState.SENT)
    assert "Please reply by Friday 18 August 2017" in first.draft.text
    assert "Please reply by Monday 21 August 2017" in second.draft.text
    kept_back = next(f for f in office.playing.record if f.get("letter") == first.draft.key)
    assert kept_back.kind == "letter-cancelled"
    assert kept_back["delay"]["because"] == (
        "the mail server could not be reached from Friday 4 August 2017 09:00 to Monday 7 August 2017 12:00"
    )
    assert office.last_day("feedback: healthwatch") == "2017-08-21"
    assert first.draft.message_id != second.draft.message_id


def test_papers_kept_back_beyond_day_14_count_as_circulated_late(office: Office) -> None:
    """Para 8: what was written on day 14 and never left was not circulated in time, and nobody says it was."""
    office.receives(on="2017-07-26")
    office.attaches_assessment(on="2017-07-27")
    office.waits_until("2017-08-08T09:00")
    office.closes_its_mailroom()
    office.waits_until("2017-08-10")
    office.opens_its_mailroom()
    assert {fact["late"] for fact in office.facts("circulated")} == {True}
    assert [fact["name"] for fact in office.facts("deadline-passed")] == ["circulation"]
    assert office.recipients("circulation-late")


def test_feedback_closes_before_the_last_day_is_missed(office: Office) -> None:
    """Para 10, Sch 2 para 19(4): both passed while the desk was away; they are recorded in the order they had."""
    office.receives(on="2017-08-01")
    office.waits_until("2017-08-30")
    office.attaches_assessment(on="2017-08-30")
    assert office.last_day("feedback") == "2017-09-13"
    away(office, "2017-09-13T12:00", "2017-09-16T12:00")
    due = due_in_order(office, instant("2017-09-16T12:00"))
    assert instant("2017-09-14T00:00") in due
    assert instant("2017-09-16T00:00") in due
    assert late(office, "feedback-closed").number < office.facts("breach-recorded")[0].number


def test_a_reminder_does_not_leave_after_the_day_it_names(office: Office) -> None:
    """“Reply by Friday 18 August” is nothing to read on Sunday: it falls away, on the record, with the reason."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")
    mail_is_dead(office, "2017-08-17T08:00", "2017-08-20T08:00")
    closed = instant("2017-08-17T08:00")
    reminders = [each for each in office.letters("reminder", "healthwatch") if each.written_at > closed]
    assert {each.state for each in reminders} == {LetterState.CANCELLED}
    fallen = [f for f in office.playing.record if f.get("letter") == reminders[0].draft.key]
    assert [f.kind for f in fallen] == ["letter-cancelled"]
    assert fallen[0]["write_anew"] is False
    assert "of use until Friday 18 August 2017 23:59" in fallen[0]["text"]


def test_a_reminder_that_is_still_of_use_is_written_anew(office: Office) -> None:
    """It counts the days that are left, so yesterday's is wrong today; and what never left is not counted as sent."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")
    office.waits_until("2017-08-10T12:00")
    before = [each.draft.key for each in office.letters("reminder", "healthwatch")]
    office.closes_its_mailroom()
    first_rung = office.playing.summary.due_at
    assert first_rung is not None
    office.playing.advance_to(first_rung)
    written = [each for each in office.letters("reminder", "healthwatch") if each.draft.key not in before]
    office.waits_until("2017-08-15T12:00" if not written else "2017-08-12T12:00")
    office.opens_its_mailroom()
    sent = [each for each in office.letters("reminder", "healthwatch") if each.state is LetterState.SENT]
    for number, letter in enumerate(sent, start=1):
        assert f"Reminder {number}:" in letter.draft.subject
        then = PharmacyCase(office.playing.record.until(letter.fact), office.council, letter.written_at)
        line = then.consultee("healthwatch").feedback_by
        assert line is not None
        assert day_in_words(line.last_day) in letter.draft.text


def test_a_representation_kept_back_over_the_last_day_says_that_it_is_late(office: Office) -> None:
    """Sch 2 para 19(4): “made within the time allowed” must not leave on day 46."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")
    office.hears_from_everyone("gap", on="2017-08-10")
    office.waits_until("2017-09-15")
    office.closes_its_mailroom()
    office.decides("gap", on="2017-09-15T16:00")
    office.waits_until("2017-09-18T16:00")
    office.opens_its_mailroom()
    first, second = office.letters("representation")
    assert "made within the time allowed" in first.draft.text
    assert first.state is LetterState.CANCELLED
    assert "This representation is late." in second.draft.text
    assert second.state is LetterState.SENT
    assert office.fact("representation-sent")["late"] is True


def test_what_is_late_without_an_outage_says_so(office: Office) -> None:
    """Nothing is guessed: where no outage was noted, the record says that none was."""
    office.receives(on="2017-07-26")
    office.attaches_assessment(on="2017-07-27")
    office.waits_until("2017-08-08T16:40")
    office.misses_the_time_until("2017-08-11T16:40")
    assert late(office, "route-decided")["delay"]["because"] == NONE_NOTED


def test_what_comes_in_time_says_nothing_of_being_late(office: Office) -> None:
    """A case that nothing holds up carries no such field, from its notice to its representation."""
    office.receives(on="2017-08-01")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-04")
    office.hears_from_everyone("gap", on="2017-08-10")
    office.decides("gap", on="2017-08-18")
    assert not [fact for fact in office.playing.record if "delay" in fact.payload]


def test_a_notice_entered_late_is_not_the_desks_lateness(office: Office) -> None:
    """Entered on day 20: day 13 was over when anybody could act; nothing of that was due before it was entered."""
    office.receives(on="2017-07-26", entered="2017-08-15")
    assert "delay" not in office.fact("route-decided").payload


def test_each_late_reminder_counts_from_its_own_day(office: Office) -> None:
    """Para 10: one consultee's days are later than the others'; what they missed together was not due at one time."""
    office.mail_to("healthwatch", is_=LetterState.REFUSED)
    office.receives(on="2017-08-02")
    office.attaches_assessment(on="2017-08-02")
    office.decides_route("contentious", on="2017-08-02")
    office.does("serve", on="2017-08-03", consultee="healthwatch", channel="hand", served_on="2017-08-03")
    away(office, "2017-08-10T08:00", "2017-08-14T12:00")
    reminded = {fact["consultee"]: fact for fact in office.facts("reminded") if fact.at == instant("2017-08-14T12:00")}
    due_at = {role: read_instant(fact["delay"]["due_at"]) for role, fact in reminded.items()}
    assert due_at.pop("healthwatch") == instant("2017-08-14T09:00")
    assert len(due_at) > 10
    assert {*due_at.values()} == {instant("2017-08-11T09:00")}, "three days before the 16th is a Sunday"
