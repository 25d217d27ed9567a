"""Letters: what each says first, what it refuses to leave out, and that no value becomes more than text."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.letter_shapes import UnsupportedMarkdown, shape_of
from notifications.letters import (
    UnknownPlaceholder,
    UnknownTemplate,
    optional_placeholders,
    placeholders,
    render,
    templates,
)

SENDER: dict[str, object] = {
    "council_name": "Southampton City Council",
    "signed_by_title": "Director of Public Health",
    "telephone": "01632 960104",
    "alternative_formats": "For large print telephone 01632 960104.",
    "privacy_notice": "https://example.org/privacy",
}
APPLICATION: dict[str, object] = {
    "to_title": "Healthwatch Southampton",
    "addressee": "NHS England",
    "case_ref": "PC-2017-01",
    "reference": "CAS-0042",
    "applicant": "Solent Pharmacies Ltd",
    "closing": "1 High Street",
    "remaining": "2 High Street",
    "wards": ["Bargate", "Bevois", "Freemantle"],
    "given_on": date(2017, 7, 26),
    "last_day": date(2017, 9, 9),
    "target": date(2017, 9, 8),
    "derivation": "45 days from 26 July 2017, that day not counted.",
    "capacity": "relevant",
    "paper": "the report of 26 July 2017",
    "reply_to": "replies@example.org",
}
STEP: dict[str, object] = {
    "act": "cleardays retract PC-2017-01 --fact 31",
    "answers": ["Healthwatch Southampton: gap, no interest"],
    "asked_to_be_heard": "yes",
    "circulate_by": date(2017, 8, 9),
    "circulate_derivation": "14 days from 26 July 2017.",
    "circulated_on": date(2017, 8, 4),
    "commands": ["cleardays resend PC-2017-01"],
    "concerns": "Adult social care grant",
    "consultee": "healthwatch",
    "corrected_by": "the Director of Public Health",
    "days_left": 3,
    "days_of_notice": 19,
    "days_waited": 30,
    "decided_on": date(2017, 12, 1),
    "decision_maker": "Director of Public Health",
    "directors_route": "non-contentious",
    "effective_on": date(2018, 3, 1),
    "escalated_to": "Monitoring Officer",
    "failing_link": "circulation",
    "failing_why": "It would have to be by Wednesday 16 August 2017.",
    "evidence": "fact 1; fact 31: header of the e-mail",
    "group_view": "none agreed",
    "hearing_on": date(2017, 10, 20),
    "late": False,
    "letter_name": "final response",
    "legal_basis": "Chief Officers' General Powers.",
    "meet_by": date(2017, 9, 8),
    "mend": "cleardays attach PC-2017-01",
    "mends": [("circulate by Wednesday 16 August 2017", ""), ("decide the route", "cleardays decide-route PC-2017-01")],
    "missed_on": date(2017, 9, 9),
    "next_duty": "Nothing more is to be done.",
    "notified_on": date(2017, 10, 1),
    "office": "Director of Public Health",
    "opinion": "would create a gap",
    "outcome": "granted",
    "outcome_reference": "D-1",
    "outstanding": ["equality impact assessment"],
    "papers": ["application.pdf", "map.pdf"],
    "proof": 41,
    "reasons": ["the equality impact assessment is not attached"],
    "reasons_a": "the nearest pharmacy is two miles away",
    "reasons_b": "no bus runs there",
    "recipient_title": "Healthwatch Southampton",
    "reminder_number": 1,
    "reply_by": date(2017, 8, 18),
    "reply_derivation": "14 days from 4 August 2017.",
    "route_by": date(2017, 8, 8),
    "route_derivation": "The day before circulation is due.",
    "route_name": "Urgent officer decision",
    "sent_on": datetime(2017, 9, 7, 23, 30, tzinfo=UTC),
    "shared_on": date(2017, 9, 20),
    "steps_left": ["circulation: by Wednesday 16 August 2017"],
    "times_asked": 2,
    "times_called": 1,
    "views": "3 said there would be a gap",
    "was": date(2017, 8, 11),
    "what": "Circulation",
    "what_happened": "letter bounced: 550 no such user",
    "why": "it was handed over on 9 September 2017",
    "why_it_matters": "This office decides.",
    "wishes_oral_hearing": True,
}
GRANT: dict[str, object] = {
    "amount": "£4,981,651",
    "asked": "to accept £9,710,902",
    "before": "ratify",
    "body": "Council",
    "difference": "£1,651",
    "differences": ["the schemes come to £4,980,000: rounded to thousands"],
    "file": "councils/southampton.yaml",
    "grant": "Adult social care grant",
    "left": ["Council", "Health and Wellbeing Board"],
    "letter_on": date(2017, 3, 22),
    "lines": ["Out of hours service: £100,000"],
    "meets_on": date(2017, 7, 19),
    "minute": "COU/17/12",
    "papers_ahead": True,
    "papers_by": date(2017, 7, 11),
    "papers_derivation": "5 clear working days before 19 July 2017.",
    "refused_on": date(2017, 7, 18),
    "stages": ["Cabinet: to approve £9,710,902, on Tuesday 18 July 2017"],
    "sum": "the schemes come to £4,980,000, which is £1,651 less than the allocation",
    "total": "£9,710,902",
    "year": "2017/18",
}
DECISION: dict[str, object] = {
    "alternatives": "none",
    "background_papers": ["options.pdf"],
    "call_in_until": date(2017, 7, 27),
    "called_in_by": "three members of the Council",
    "called_in_on": date(2017, 7, 25),
    "concern": "general-exception",
    "conflicts": "none",
    "days": ["agenda and reports: by Monday 10 July 2017"],
    "decide_on": date(2017, 7, 18),
    "decision": "To enter into the agreement.",
    "derivations": ["agenda and reports: 5 clear working days before Tuesday 18 July 2017"],
    "due_by": date(2017, 7, 10),
    "ended": "withdrawn",
    "first": "notice of key decision",
    "grounds": "the landlord has another offer",
    "implement_from": date(2017, 7, 28),
    "keep_papers": date(2021, 7, 17),
    "keep_record": date(2023, 7, 17),
    "key_result": "a key decision: £750,000 is above the threshold",
    "lost": ["notice of key decision: Monday 19 June 2017"],
    "matter": "Extra care housing",
    "publish_by": date(2017, 7, 20),
    "published_on": date(2017, 7, 20),
    "report_by": date(2018, 7, 18),
    "resolve_by": date(2017, 8, 15),
    "stage": "scrutiny",
}
BETTER_CARE: dict[str, object] = {
    "authority": "Governing Body, 23 August 2017, minute 9",
    "basis": "all conditions met and all signatures given",
    "board_meetings": ["Wednesday 6 September 2017"],
    "conditions": ["Social care is maintained (social-care-maintained)"],
    "doubts": ["uncertain: the monitoring officer must confirm"],
    "ends_on": date(2017, 11, 30),
    "joint_board": "Joint Commissioning Board",
    "lacking": ["no signature of the Council"],
    "missed_derivation": "by Monday 11 September 2017, that day included",
    "moment": "begins",
    "notice_by": date(2017, 9, 1),
    "notice_derivation": "5 clear working days before Monday 11 September 2017",
    "plan": "Better Care Fund 2017-19",
    "problems": ["the narrative plan is not attached"],
    "reached_on": date(2017, 9, 8),
    "review": "review of the 2018-19 allocations",
    "review_source": "paragraph 6",
    "signatory": "Council",
    "signatures": ["Council: not yet"],
    "special_on": date(2017, 9, 11),
    "starts_on": date(2017, 11, 1),
    "submit_by": date(2017, 9, 11),
    "submit_derivation": "by Monday 11 September 2017, that day included.",
    "tests": ["all national conditions are met"],
}
JOINT_COMMISSIONING: dict[str, object] = {
    "asked_by": date(2019, 6, 18),
    "attached_on": date(2019, 6, 20),
    "board": "Joint Commissioning Board",
    "consulted": "Chair of NHS Southampton City CCG",
    "deferred_to": date(2019, 7, 11),
    "ended_on": date(2019, 6, 28),
    "item": "Carers' support",
    "meets_on": date(2019, 6, 13),
    "minuted": "No consensus of those present.",
    "parents": "the Cabinet and the Governing Body of the CCG",
    "proposal": "To award the contract.",
    "referred_on": date(2019, 6, 14),
    "remit": "£400,000 is within the limit of £500,000",
    "to_do": "say whether the item is taken",
}
OPTIONAL: dict[str, object] = {
    "decided_by": "Cabinet Member for Adult Care",
    "decides": "yes",
    "deferred_on": "Thursday 9 May 2019",
    "information": "yes",
    "recommendations": "that the Cabinet agree",
    "reminder": "yes",
    "board_note": "whether it can be delegated is uncertain",
    "draft_on": date(2017, 7, 26),
    "evidence_by": date(2017, 10, 31),
    "evidence_derivation": "by 31 October 2017, from memory",
    "failed": "notice of it was not given",
    "missed_before": "Wednesday 18 October 2017",
    "next_meeting": date(2017, 10, 18),
    "notice_target": date(2017, 9, 1),
    "reasons_given": "spending is not maintained",
    "special_possible": "yes",
    "to_show": "the risk plan",
    "amended": "yes",
    "democratic_services": "absent",
    "dispensations": "none",
    "first_lost": "notice of key decision, Monday 19 June 2017",
    "first_mends": "ask for agreement that it is urgent",
    "signed": "decision maker and proper officer",
    "signed_source": "the council's own rule",
    "stopped": "Friday 28 July 2017",
    "entered_late": "Friday 21 July 2017",
    "strict": "Wednesday 7 June 2017",
    "act_command": "cleardays route PC-2017-01",
    "act_link": "https://example.org/case/PC-2017-01",
    "gained": 2,
    "hearing_matter": "bus services",
    "inquorate_before": "yes",
    "made_late": ["That makes the circulation late: it was done after Tuesday 1 August 2017."],
    "day_45": date(2017, 9, 15),
    "enclosed": "date-cancelled.ics",
    "lapse_derivation": "6 months from 1 December 2017.",
    "lapses_on": date(2018, 6, 1),
    "meeting_on": date(2017, 8, 30),
    "missing": "Cabinet",
    "moves": ["Circulation: Wednesday 9 August 2017"],
    "needed_by": date(2017, 9, 8),
    "recorded_before": "yes",
    "overdue": "yes",
    "response_link": "https://example.org/answer/abc?x=1&y=2",
    "sent_anew": "the applicant sent a corrected plan",
    "stands_by": date(2017, 9, 11),
    "stated_difference": "NHS England states 8 September 2017.",
    "too_late": "yes",
    "venue": "the Civic Centre",
    "why_not": "no equality impact assessment is attached",
    "warnings": ["The Health and Wellbeing Board does not meet."],
}
HEADS: dict[str, object] = {
    "check": "cleardays verify FILE.zip --heads FOLDER",
    "files": ["Tuesday 1 August 2017: heads-southampton-2017-08-01.txt names 12 records; its SHA-256 is " + 64 * "a"],
    "first": date(2017, 8, 1),
    "last": date(2017, 8, 4),
    "sealed_at": "15:00 on Saturday 5 August 2017",
    "since": date(2017, 8, 1),
}
OPTIONAL |= {
    "late_days": ["Tuesday 1 August 2017"],
    "no_stamp": ["since the file of Tuesday 1 August 2017: https://stamps.example.org did not answer: timed out"],
    "several": True,
    "shorter": ["PC-2017-001 holds 1 fact; a file before named its fact 2"],
    "stamps": ["heads-southampton-2017-07-31.tsr: the file of Monday 31 July 2017, stamped at 00:00"],
    "why_late": "the desk did not run",
}
REQUIRED = SENDER | APPLICATION | STEP | GRANT | DECISION | BETTER_CARE | JOINT_COMMISSIONING | HEADS

FIRST_DEADLINE = {
    "application-notified": "last_day", "blocked": "reply_by", "breach": "missed_on",
    "breach-withdrawn": "missed_on", "determined-early": "decided_on", "letter-lost": "last_day",
    "office-vacant": "last_day", "plan-does-not-fit": "last_day",
    "circulation": "reply_by", "circulation-late": "reply_by", "comments-invited": "reply_by",
    "consultation": "reply_by", "date-moved": "reply_by", "notice-corrected": "last_day",
    "deadline-warning": "last_day", "decision-open": "target", "final-response": "last_day",
    "hearing-notified": "hearing_on", "letter-in-question": "last_day", "meeting-called": "meet_by",
    "kd-timetable": "decide_on", "kd-due": "due_by", "kd-out-of-reach": "missed_on",
    "kd-general-exception": "decide_on", "kd-reasons-due": "decide_on", "kd-record-due": "publish_by",
    "kd-overdue": "missed_on", "kd-standstill": "call_in_until", "kd-called-in": "resolve_by",
    "kd-implementable": "implement_from", "kd-urgency-report": "report_by",
    "notified-to-chair": "route_by", "notified-to-director": "route_by", "outcome-recorded": "decided_on",
    "reminder": "reply_by", "representation": "last_day", "route-asked-again": "route_by",
    "route-disagreed": "route_by", "statement-due": "effective_on", "urgent-route-named": "target",
    "gr-plan": "papers_by", "gr-meeting-ahead": "papers_by", "gr-outcome-missing": "meets_on",
    "gr-refused": "refused_on", "gr-taken-back": "meets_on",
}  # fmt: skip
FIRST_DEADLINE |= {
    "jc-asked": "asked_by", "jc-deferred": "deferred_to", "jc-meeting": "meets_on", "jc-minutes": "attached_on",
    "jc-outcome": "ended_on", "jc-overdue": "missed_on", "jc-referred": "referred_on",
}  # fmt: skip
WITHOUT_A_DEADLINE = {"kd-ended", "closed", "gap-but-granted", "outcome-chase", "withdrawn"}
FIRST_DEADLINE |= {
    "bc-received": "submit_by", "bc-route-needed": "submit_by", "bc-special-meeting": "notice_by",
    "bc-sign-off-due": "submit_by", "bc-not-signed": "submit_by", "bc-refused": "refused_on", "bc-breach": "missed_on",
    "bc-breach-withdrawn": "missed_on", "bc-submitted": "reached_on", "bc-board-approval": "meets_on",
    "bc-passed": "missed_on", "bc-assured": "decided_on", "bc-due": "reply_by", "bc-return": "reply_by",
    "bc-review": "starts_on",
}  # fmt: skip
WITHOUT_A_DEADLINE |= {"bc-not-heard", "bc-withdrawn"}
WITHOUT_A_DEADLINE |= {"gr-difference", "gr-no-meeting", "gr-ratified", "gr-withdrawn"}
WITHOUT_A_DEADLINE |= {"case-letter-lost", "case-office-vacant", "daily-heads", "heads-no-auditor"}

HOSTILE = [
    "[Click here](https://evil.example.org/x)",
    "![pixel](https://evil.example.org/p.png)",
    "<https://evil.example.org>",
    "<a href='https://evil.example.org'>x</a><img src=x onerror=alert(1)><script>alert(1)</script>",
    "# Heading\n\n- item\n\n1. item\n\n> quoted\n\n---\n\n    code",
    "**bold** _italic_ `code` ~~struck~~ \\* &lt; &amp; | a | b |",
    "[ref]: https://evil.example.org\n[ref]",
    "{{ council_name }} {% include 'layout.html' %}",
    "Subject\r\nBcc: everyone@example.org",
    "\ue0000\ue001 \ue000t\ue001 a\ue002b \u202egnp.exe \x00\x1b[31m",
]


class Page(HTMLParser):
    """What a mail program would show and fetch: the words, the links and every tag."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.links, self.tags = "", [], []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag and where it leads."""
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src", "background", "onerror")]

    def handle_data(self, data: str) -> None:
        """Note the words."""
        self.words += data


def flat(text: str) -> str:
    """The words of a text, whatever its line breaks."""
    return " ".join(text.split())


def test_the_reminder_as_a_councillor_reads_it() -> None:
    """One letter in full: the deadline first, the question, how to answer, the application, the sender."""
    letter = render("reminder", REQUIRED)
    assert letter.subject == "Reminder 1: reply by Friday 18 August 2017, pharmacy consolidation, PC-2017-01"
    assert (
        letter.text
        == """\
Please reply by Friday 18 August 2017: 3 days left.

How this date was worked out: 14 days from 4 August 2017.

For: Healthwatch Southampton

We wrote to you on Friday 4 August 2017 about Solent Pharmacies Ltd: 1
High Street would close and 2 High Street would remain. We have no
answer from you yet. This is reminder number 1; if you have answered in
the last day, please take no notice of it.

The law asks the Board one question. If the application is granted and
the premises are removed from the pharmaceutical list, would that create
a gap in pharmaceutical services that a routine application could meet:

- (a) to meet a current or future need for pharmaceutical services, or
- (b) to secure improvements, or better access, to pharmaceutical
  services?

"No comment" is a full answer. Please also say whether you have an
interest in the application, or that you have none (paragraph 12 of the
report of 26 July 2017).

- By e-mail to replies@example.org, quoting PC-2017-01
- By telephone on 01632 960104; we write down your answer and read it
  back to you

If we hear nothing by Friday 18 August 2017 we record that you did not
reply; we do not read silence as agreement.

The application
---------------

- Our case: PC-2017-01
- Reference of NHS England: CAS-0042
- Applicant: Solent Pharmacies Ltd
- Premises that would close: 1 High Street
- Premises that would remain: 2 High Street
- Wards affected: Bargate, Bevois and Freemantle
- Notice given to the Board: Wednesday 26 July 2017
- Last day for the Board's representation: Saturday 9 September 2017
- How that day was worked out: 45 days from 26 July 2017, that day not
  counted.

----------------------------------------

Director of Public Health, for Southampton City Council
Telephone: 01632 960104

For large print telephone 01632 960104.

How we use personal data: https://example.org/privacy
"""
    )


@pytest.mark.parametrize("template", templates())
@pytest.mark.parametrize("capacity", ["relevant", "neighbouring"])
def test_every_letter_can_be_written_with_and_without_its_optional_parts(template: str, capacity: str) -> None:
    """Both ways the letter is whole: signed, addressed, no marker or template code left, no line too long."""
    for values in (
        REQUIRED,
        REQUIRED | OPTIONAL,
        REQUIRED | {"outstanding": [], "answers": [], "papers": []},
    ):
        letter = render(template, values | {"capacity": capacity})
        page = Page(letter.html)
        assert "\n" not in letter.subject
        assert "For: Healthwatch Southampton" in letter.text
        assert "For: Healthwatch Southampton" in flat(page.words)
        assert "Director of Public Health, for Southampton City Council" in letter.text
        assert not re.search(r"[\ue000\ue001]|\{[{%]|\*\*|None|True|False", letter.text + letter.html)
        assert not re.search(r"\n\n\n| \n", letter.text)
        assert all(len(line) <= 72 for line in letter.text.splitlines())
        assert {link for link in page.links if link} <= {
            "https://example.org/privacy",
            OPTIONAL["response_link"],
            OPTIONAL["act_link"],
        }
        assert set(page.tags).isdisjoint({"img", "link", "script", "iframe"})


@pytest.mark.parametrize("template", [name for name in templates() if name not in WITHOUT_A_DEADLINE])
def test_the_deadline_stands_in_the_first_line(template: str) -> None:
    """The first paragraph of every letter that has a date says it, in words."""
    letter = render(template, REQUIRED)
    day = REQUIRED[FIRST_DEADLINE[template]]
    assert isinstance(day, date)
    assert f"{day:%A} {day.day} {day:%B %Y}" in flat(letter.text.split("\n\n")[0])


def test_every_letter_with_a_computed_deadline_says_how_it_was_worked_out() -> None:
    """Whatever derivation the letter takes is shown, in both parts."""
    for template in templates():
        letter = render(template, REQUIRED)
        for name in placeholders(template) - optional_placeholders(template):
            if name.endswith("derivation"):
                assert flat(str(REQUIRED[name])) in flat(letter.text)
                assert flat(str(REQUIRED[name])) in flat(Page(letter.html).words)


def test_the_values_known_to_the_tests_are_those_the_letters_use() -> None:
    """No placeholder goes untested, and none is kept here that no letter uses."""
    used = {name for template in templates() for name in placeholders(template)}
    optional = {name for template in templates() for name in optional_placeholders(template)}
    assert used == REQUIRED.keys() | OPTIONAL.keys()
    assert OPTIONAL.keys() <= optional


# Placeholders


@pytest.mark.parametrize("template", templates())
def test_a_letter_without_its_values_is_refused_naming_them_all(template: str) -> None:
    """Nothing given: the error names the letter and every required value."""
    with pytest.raises(UnknownPlaceholder) as refused:
        render(template, {})
    assert set(refused.value.names) == placeholders(template) - optional_placeholders(template)
    assert f'"{template}"' in str(refused.value)


@pytest.mark.parametrize("blank", [None, "", "  \n", "\x00\u202e"])
def test_a_required_value_may_not_be_blank(blank: object) -> None:
    """A deadline that is None, and an applicant that is only spaces, are as bad as missing ones."""
    with pytest.raises(UnknownPlaceholder) as refused:
        render("circulation", REQUIRED | {"reply_by": blank, "applicant": blank})
    assert refused.value.names == ("applicant", "reply_by")


def test_an_empty_list_says_none_and_is_not_a_missing_value() -> None:
    """Nothing outstanding is a statement of the caller; leaving it out is a mistake of the caller."""
    assert "Nothing is outstanding." in render("decision-open", REQUIRED | {"outstanding": []}).text
    with pytest.raises(UnknownPlaceholder, match="outstanding"):
        render("decision-open", {name: value for name, value in REQUIRED.items() if name != "outstanding"})


def test_a_letter_that_does_not_exist_is_named_with_those_that_do() -> None:
    """A misspelt letter is found before anything is written."""
    for ask in (lambda: render("circulaton", REQUIRED), lambda: placeholders("_sender")):
        with pytest.raises(UnknownTemplate, match="circulation"):
            ask()


@pytest.mark.parametrize("value", [True, 1.5, object(), ["a", "b"], datetime(2017, 8, 4)])
def test_a_value_that_has_no_wording_is_refused(value: object) -> None:
    """Nobody is sent "True", a fraction of a day, an object's address, or a time without a zone."""
    with pytest.raises(ValueError, match=r"cannot be shown in a letter|no time zone"):
        render("circulation", REQUIRED | {"applicant": value})


# Hostile values


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("template", ["circulation", "final-response", "letter-in-question", "decision-open"])
def test_a_hostile_value_stays_text(template: str, hostile: str) -> None:
    """Links, images, HTML, headings, template code and header lines are shown as typed, and do nothing."""
    everywhere: dict[str, Any] = {name: hostile for name, value in REQUIRED.items() if isinstance(value, str)}
    lists: dict[str, Any] = {name: [hostile] for name, value in REQUIRED.items() if isinstance(value, list)}
    plain: dict[str, Any] = dict.fromkeys(everywhere, "word") | {name: ["word"] for name in lists}
    letter = render(template, REQUIRED | everywhere | lists)
    page, harmless = Page(letter.html), Page(render(template, REQUIRED | plain).html)
    assert page.tags == harmless.tags
    assert page.links == harmless.links
    shown = flat(re.sub(r"[\x00-\x08\x0b-\x1f\u202e\ue000-\ue002]", "", hostile))
    assert shown in flat(letter.text)
    assert shown in flat(page.words)
    assert not re.search(r"[\r\n\x00-\x1f]", letter.subject)


@given(value=st.text(min_size=1).filter(lambda text: bool(text.strip())))
def test_no_text_at_all_changes_the_shape_of_a_letter(value: str) -> None:
    """Whatever an applicant is called, the letter has the same tags and links, and no control characters."""
    try:
        letter = render("circulation", REQUIRED | {"applicant": value, "papers": [value]})
    except UnknownPlaceholder:
        assert not any(mark.isalnum() for mark in value), "only a value that shows nothing is refused"
        return
    harmless = Page(render("circulation", REQUIRED | {"papers": ["word"]}).html)
    assert Page(letter.html).tags == harmless.tags
    assert Page(letter.html).links == harmless.links
    assert all(mark == "\n" or mark.isprintable() or ord(mark) > 0x9F for mark in letter.text)
    letter.text.encode("utf-8")


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "https://example.org/a b", 'https://example.org/"onclick="x', "data:text/html,x"],
)
def test_only_a_web_address_becomes_a_link(address: str) -> None:
    """An answer link that is no plain http address is shown as text."""
    page = Page(render("circulation", REQUIRED | {"response_link": address}).html)
    assert address in page.words
    assert page.links == ["https://example.org/privacy"]


def test_a_web_address_is_never_broken_in_the_text_and_escaped_in_the_link() -> None:
    """A long answer link stays on one line, whatever the width."""
    address = "https://example.org/answer/" + "x" * 200 + "?a=1&b=2"
    letter = render("circulation", REQUIRED | {"response_link": address})
    assert address in letter.text
    assert address in Page(letter.html).links
    assert f'href="{address.replace("&", "&amp;")}"' in letter.html


def test_a_command_stays_on_one_line_in_both_parts() -> None:
    """Half a command, run by the line break of a copied letter, could do something else."""
    command = "cleardays serve PC-2017-01 --consultee healthwatch --channel post --served-on 2017-08-04 --reasons 'x'"
    letter = render("letter-in-question", REQUIRED | {"commands": [command]})
    assert f"\n- {command}\n" in letter.text
    assert command in Page(letter.html).words


# Shapes


def test_letters_that_differ_in_their_values_share_one_shape() -> None:
    """The second letter parses no Markdown: only its values are new."""
    render("circulation", REQUIRED)
    before = shape_of.cache_info()
    for number in range(50):
        render("circulation", REQUIRED | {"to_title": f"Ward member {number}", "applicant": "*" * number + "Ltd"})
    after = shape_of.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (0, 50)


@pytest.mark.parametrize("markdown", ["> quoted", "![image](https://example.org/x.png)", "```\ncode\n```"])
def test_markdown_that_the_text_part_cannot_show_is_refused(markdown: str) -> None:
    """A template's author learns it when the letter is first written, not the reader of the text part."""
    with pytest.raises(UnsupportedMarkdown):
        shape_of(markdown)


def test_the_text_part_keeps_lists_headings_and_links() -> None:
    """Numbered items count, nested items are indented, a heading is underlined, a link shows its address."""
    shape = shape_of("## Head\n\n3. three\n4. four\n   - *inner*\n\n[here](https://example.org/)\\\nnext")
    lines = [block.first + "".join(block.pieces) for block in shape.blocks]
    assert lines == ["Head", "3. three", "4. four", "   - inner", "here (https://example.org/)\nnext"]
