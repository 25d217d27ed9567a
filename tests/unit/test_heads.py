"""The file of heads: written and read back byte for byte; anything else is refused with its line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256

import pytest

from models.heads import NO_FILE_BEFORE, Head, HeadsError, file_name, parse_heads, sha256_of, write_heads

DAY = date(2017, 8, 1)
SEALED = datetime(2017, 8, 1, 23, 0, 0, 412, tzinfo=UTC)  # 00:00 on 2 August in London
A, B = "a" * 64, "b" * 64


def written(*heads: Head, day: date = DAY, sealed_at: datetime = SEALED) -> bytes:
    """Return a file of Southampton's."""
    return write_heads("southampton", day, sealed_at, NO_FILE_BEFORE, heads)


def test_a_file_is_the_text_that_its_description_gives() -> None:
    """Header, then each case in the order of its characters; line feeds alone."""
    content = written(Head("PC-2017-002", 3, B), Head("KD-2017-001", 12, A))
    assert content.decode() == (
        "cleardays-heads 1\ncouncil: southampton\nday: 2017-08-01\nsealed: 2017-08-01T23:00:00.000412Z\n"
        f"previous: {'0' * 64}\nKD-2017-001 12 {A}\nPC-2017-002 3 {B}\n"
    )
    read = parse_heads(content)
    assert (read.council, read.day, read.sealed_at, read.previous) == ("southampton", DAY, SEALED, NO_FILE_BEFORE)
    assert read.head_of("PC-2017-002") == Head("PC-2017-002", 3, B)
    assert read.head_of("PC-2017-003") is None
    assert sha256_of(content) == sha256(content).hexdigest()
    assert file_name("southampton", DAY) == "heads-southampton-2017-08-01.txt"


def test_a_day_on_which_nothing_was_recorded_has_a_file_too() -> None:
    """An empty list of heads is a file: a day without one would be a hole."""
    assert parse_heads(written()).heads == ()


@pytest.mark.parametrize(
    ("sealed_at", "late"),
    [
        (datetime(2017, 8, 1, 23, 0, tzinfo=UTC), False),
        (datetime(2017, 8, 1, 23, 15, tzinfo=UTC), False),
        (datetime(2017, 8, 1, 23, 15, 1, tzinfo=UTC), True),
    ],
)
def test_a_day_sealed_later_than_a_quarter_past_midnight_is_late(sealed_at: datetime, late: bool) -> None:
    """Days are London's: at 23:00 in UTC of a summer's day it is over."""
    assert parse_heads(written(sealed_at=sealed_at)).late is late


def test_every_byte_counts() -> None:
    """Whatever single byte is dropped or changed, the file is refused or another file: its hash tells."""
    content = written(Head("PC-2017-001", 12, A))
    for place in range(len(content)):
        for changed in (content[:place] + content[place + 1 :], content[:place] + b"\xff" + content[place + 1 :]):
            try:
                again = parse_heads(changed)
            except HeadsError:
                continue
            assert again != parse_heads(content)
            assert write_heads(again.council, again.day, again.sealed_at, again.previous, again.heads) == changed


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("cleardays-heads 1", "cleardays-heads 2", "line 1 of the heads file is 'cleardays-heads 2'"),
        ("\n", "\r\n", "line 1 of the heads file is 'cleardays-heads 1\\r'"),
        ("council: southampton", "council: South", "line 2 of the heads file names the council 'South'"),
        ("council: southampton\n", "", "line 2 of the heads file is 'day: 2017-08-01'; expected 'council: ...'"),
        ("day: 2017-08-01", "day: 2017-02-30", "line 3 of the heads file names the day '2017-02-30'"),
        ("day: 2017-08-01", "day:  2017-08-01", "line 3 of the heads file names the day ' 2017-08-01'"),
        ("sealed: 2017-08-01T23:", "sealed: 2017-08-01T22:", "before Tuesday 1 August 2017 was over in London"),
        ("000412Z", "000412", "line 4 of the heads file says it was sealed at"),
        ("previous: 0", "previous: g", "line 5 of the heads file names"),
        ("PC-2017-001 12", "PC-2017-001 012", "line 6 of the heads file is"),
        ("PC-2017-001 12", "PC-2017-001 0", "line 6 of the heads file is"),
        (" aaa", " aAa", "line 6 of the heads file is"),
        ("PC-2017-002", "PC-2017-001", "line 7 of the heads file has case PC-2017-001 behind PC-2017-001"),
        ("PC-2017-002", "KD-2017-001", "line 7 of the heads file has case KD-2017-001 behind PC-2017-001"),
        (f"{B}\n", B, "line 7 of the heads file does not end with a line feed"),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_line(was: str, becomes: str, told: str) -> None:
    """One sentence: the line, what stands there, what is expected."""
    text = written(Head("PC-2017-001", 12, A), Head("PC-2017-002", 3, B)).decode()
    assert was in text
    with pytest.raises(HeadsError) as refused:
        parse_heads(text.replace(was, becomes).encode())
    assert told in str(refused.value)


def test_nothing_is_written_that_could_not_be_read() -> None:
    """A case that stands twice, or a day that is not over, is a mistake of the writer."""
    with pytest.raises(HeadsError):
        written(Head("PC-2017-001", 1, A), Head("PC-2017-001", 2, B))
    with pytest.raises(HeadsError):
        written(sealed_at=datetime(2017, 8, 1, 22, 59, tzinfo=UTC))
