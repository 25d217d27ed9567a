"""The timeline as a picture and as a table: the same dates, in words, for every reader."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date
from itertools import combinations, pairwise, product
from typing import get_args
from xml.etree import ElementTree as ET

import pytest

from notifications.timeline import (
    BACKGROUND,
    COLOURS,
    INK,
    QUIET,
    WIDTH,
    Kind,
    State,
    TimelineEvent,
    svg_data_uri,
    timeline_svg,
    timeline_table,
)

START = date(2017, 7, 26)
SVG = "{http://www.w3.org/2000/svg}"
CASE = (
    TimelineEvent(
        "Send the representation", date(2017, 9, 9), "last day", "open", "A Saturday: it does not move"
    ),
    TimelineEvent("Notice given", START, "event", "met", "By e-mail"),
    TimelineEvent("Feedback", date(2017, 8, 23), "last day", "passed", "Two did not reply"),
    TimelineEvent("Meeting", date(2017, 8, 30), "event", "fell away"),
    TimelineEvent("Send the representation", date(2017, 9, 8), "target", "open"),
)


def picture(
    *events: TimelineEvent, today: date | None = None, title: str = "PC1", told: str = "d"
) -> ET.Element:
    return ET.fromstring(timeline_svg(title, told, START, events, today))


def texts(svg: ET.Element) -> list[str]:
    return [element.text or "" for element in svg.iter(f"{SVG}text")]


def marks(svg: ET.Element) -> list[ET.Element]:
    return list(svg.iter(f"{SVG}g"))


def test_the_picture_tells_the_case_from_top_to_bottom() -> None:
    """Earliest first, whatever the order given: date in words, day of the period, what, kind and state."""
    assert texts(picture(*CASE)) == [
        "PC1",
        *("Wed 26 Jul 2017, day 0", "Notice given", "Event: done", "By e-mail"),
        *("Wed 23 Aug 2017, day 28", "Feedback", "Last day: passed", "Two did not reply"),
        *("Wed 30 Aug 2017, day 35", "Meeting", "Event: fell away"),
        *("Fri 8 Sep 2017, day 44", "Send the representation", "Internal target: open"),
        *(
            "Sat 9 Sep 2017, day 45",
            "Send the representation",
            "Last day: open",
            "A Saturday: it does not move",
        ),
    ]


def test_the_table_holds_the_same() -> None:
    """Whoever cannot see the picture reads the same dates in the table."""
    assert timeline_table(CASE, START).splitlines() == [
        "| Date | Day | What | Kind | State | Note |",
        "| --- | --- | --- | --- | --- | --- |",
        "| Wed 26 Jul 2017 | 0 | Notice given | Event | done | By e-mail |",
        "| Wed 23 Aug 2017 | 28 | Feedback | Last day | passed | Two did not reply |",
        "| Wed 30 Aug 2017 | 35 | Meeting | Event | fell away |  |",
        "| Fri 8 Sep 2017 | 44 | Send the representation | Internal target | open |  |",
        "| Sat 9 Sep 2017 | 45 | Send the representation | Last day | open | A Saturday: it does not move |",
    ]
    assert timeline_table(CASE).splitlines()[0] == "| Date | What | Kind | State | Note |"


def test_who_only_hears_the_picture_hears_every_date() -> None:
    """A screen reader takes the picture as one: its title is its name, its description holds each date in words."""
    svg = picture(*CASE, told="The dates of PC1, in order.")
    ids = {element.get("id"): element.tag.removeprefix(SVG) for element in svg}
    assert (ids[svg.get("aria-labelledby")], ids[svg.get("aria-describedby")]) == ("title", "desc")
    told = svg.findtext(f"{SVG}desc") or ""
    assert told.startswith("The dates of PC1, in order. Wed 26 Jul 2017, day 0: Notice given, event, done. By e-mail. ")
    assert told.endswith("day 45: Send the representation, last day, open. A Saturday: it does not move.")


def test_what_falls_on_one_day_stands_under_one_date() -> None:
    """Many consultees with one last day: the date is said once, and no shape touches the next."""
    names = [f"Feedback: {number}" for number in range(12)]
    svg = picture(*(TimelineEvent(name, date(2017, 8, 18), "last day") for name in names))
    told = texts(svg)
    assert told.count("Fri 18 Aug 2017, day 23") == 1
    assert [text for text in told if text.startswith("Feedback")] == names
    middles = [int((mark.get("transform") or "").split()[1].rstrip(")")) for mark in marks(svg)]
    assert min(after - before for before, after in pairwise(middles)) > 28  # the tallest shape


def test_a_long_time_between_two_dates_is_said() -> None:
    """The distances in the picture are no scale: two years are told, and take no more room than a line."""
    soon, late = TimelineEvent("Sent", date(2017, 9, 8)), TimelineEvent("Lapse", date(2019, 9, 8), "last day")
    assert texts(picture(soon, late)).count("730 days later") == 1
    between = texts(picture(soon, late, today=date(2018, 1, 1)))
    assert [text for text in between if text.endswith("days later")] == ["115 days later", "615 days later"]
    without, height = picture(soon, replace(late, on=date(2017, 9, 9))), picture(soon, late).get("height")
    assert int(height or 0) - int(without.get("height") or 0) < 40


def test_a_target_and_its_last_day_on_one_date_keep_their_order() -> None:
    """Where the last day is a working day the target comes first, then the day the law means."""
    day = date(2017, 9, 8)
    rows = timeline_table([TimelineEvent("Send", day, "last day"), TimelineEvent("Send", day, "target")])
    assert rows.index("Internal target") < rows.index("Last day")


def test_each_kind_and_state_has_a_shape_of_its_own() -> None:
    """Printed in grey, no two kinds and no two states look alike."""
    shapes = {}
    for kind, state in product(get_args(Kind), get_args(State)):
        [mark] = marks(picture(TimelineEvent("x", START, kind, state)))
        filled = mark.get("fill") != BACKGROUND
        drawn = tuple((child.tag, child.get("d"), child.get("r"), child.get("x")) for child in mark)
        shapes[kind, state] = (filled, mark.get("stroke-dasharray"), drawn)
    for one, other in combinations(shapes, 2):
        assert shapes[one] != shapes[other], f"{one} looks like {other}"


@pytest.mark.parametrize("colour", sorted({INK, QUIET, *COLOURS.values()}))
def test_every_colour_reads_on_the_background(colour: str) -> None:
    """WCAG 2.2 AA: text needs a contrast of 4.5 to 1."""

    def luminance(hex_colour: str) -> float:
        channels = (int(hex_colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted([luminance(colour), luminance(BACKGROUND)])
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("today", "follows", "precedes"),
    [
        (date(2017, 7, 1), "PC1", "Wed 26 Jul 2017, day 0"),
        (date(2017, 8, 23), "By e-mail", "Wed 23 Aug 2017, day 28"),
        (date(2017, 8, 24), "Two did not reply", "Wed 30 Aug 2017, day 35"),
        (date(2017, 9, 10), "A Saturday: it does not move", None),
    ],
)
def test_today_parts_what_lies_behind_from_what_is_due(
    today: date, follows: str, precedes: str | None
) -> None:
    """A deadline is still ahead on its own last day."""
    drawn = sorted(
        (int(element.get("y", "")), element.text)
        for element in picture(*CASE, today=today).iter(f"{SVG}text")
    )
    words = [text for _, text in drawn]
    at = next(place for place, text in enumerate(words) if (text or "").startswith("Today, "))
    assert words[at - 1] == follows
    assert words[at + 1 : at + 2] == ([precedes] if precedes else [])


def test_without_today_nothing_is_called_today() -> None:
    """A printed record must not say today."""
    assert not any("Today" in text for text in texts(picture(*CASE)))


HOSTILE = """<script>alert("1")</script> & ]]> ' {{ title }} | [x](javascript:1) `c` *b* \\ &lt;\x00\ud800"""


def test_hostile_text_is_only_text_in_the_picture() -> None:
    """Whatever a name holds, the document stays well-formed and gains no element."""
    event = TimelineEvent(HOSTILE, START, "event", "met", HOSTILE)
    svg = picture(event, title=HOSTILE, told=HOSTILE)
    plain = picture(TimelineEvent("x", START, "event", "met", "x"))
    assert {element.tag for element in svg.iter()} == {element.tag for element in plain.iter()}
    shown = HOSTILE.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    assert svg.findtext(f"{SVG}title") == shown
    assert (svg.findtext(f"{SVG}desc") or "").count(shown) == 3
    assert "".join(texts(svg)).replace(" ", "").count(shown.replace(" ", "")) == 3


def test_hostile_text_is_only_text_in_the_table() -> None:
    """A bar, a line break, a link or a tag in a note cannot change the table a Markdown parser reads."""
    from markdown_it import MarkdownIt

    note = HOSTILE + "\n| new | row |\n\n# heading"
    table = timeline_table([TimelineEvent("x", START, "event", "met", note)])
    html = MarkdownIt("js-default").render(table)
    cells = ET.fromstring(f"<body>{html}</body>").findall(".//td")
    assert len(cells) == 5
    assert len(cells[4]) == 0
    shown = note.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    assert cells[4].text == " ".join(shown.split())


@pytest.mark.parametrize(
    "text", ["word " * 80, "W" * 200, "日本" * 60, "m" * 90], ids=["words", "W", "wide", "m"]
)
def test_long_text_is_wrapped_and_loses_nothing(text: str) -> None:
    """SVG breaks no lines itself: each line is short enough for a phone and the height grows with them."""
    svg = picture(TimelineEvent("Name", START, note=text))
    _, _, _, _, *note = texts(svg)
    assert len(note) > 1
    assert "".join(note).replace(" ", "") == text.replace(" ", "")
    assert svg.get("viewBox") == f"0 0 {WIDTH} {svg.get('height')}"
    assert max(int(element.get("y", "")) for element in svg.iter(f"{SVG}text")) < int(svg.get("height", ""))


def test_a_case_without_dates_says_so() -> None:
    """Nothing yet is a sentence, not an empty frame."""
    assert texts(picture(today=START)) == ["PC1", "No dates yet."]
    assert timeline_table([]) == "No dates yet."


def test_the_data_address_carries_the_whole_picture() -> None:
    """The address is one word of ASCII, and decodes to the same document."""
    svg = timeline_svg("Łódź", "d", START, CASE, None)
    kind, _, data = svg_data_uri(svg).partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(data, validate=True).decode() == svg
