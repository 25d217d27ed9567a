"""What holds of every letter of every story, and of every record."""

from __future__ import annotations

import re
from collections import Counter

from desk.rehearsal import Rehearsal
from models.facts import check_chain
from models.london import day_in_words
from models.outgoing import Letter
from models.pharmacy import PharmacyCase

LEFT_OVER = re.compile(r"\{\{|\}\}|\{%|%\}|[\ue000-\ue0ff]|\bNone\b|\bnan\b|datetime\.|Capacity\.|Opinion\.")
SENT_ANEW = ("circulation", "consultation", "representation")  #: an officer may have the same words sent again


def check_story(played: Rehearsal) -> None:
    """Check the letters and the record of a story of a consolidation: sound, and each letter dated."""
    check_soundness(played)
    for letter in played.letters:
        check_deadline(played, letter)


def check_soundness(played: Rehearsal) -> None:
    """Check a story of any procedure: letters whole and never twice, a record that chains, nothing left to be done."""
    before = played.record.head
    played.settle()
    assert played.record.head == before, "another turn at the same instant recorded something more"
    assert check_chain(played.record) == before
    letters = played.letters
    for letter in letters:
        check_words(letter)
        assert played.record.facts[letter.fact - 1].at == letter.written_at
        assert letter.draft.address.endswith("@example.org")
    never_twice(letters)


def check_words(letter: Letter) -> None:
    """Check that nothing of the template or of Python shows in a letter."""
    draft = letter.draft
    for part in (draft.subject, draft.text, draft.html):
        assert part.strip(), f"a part of {draft.template} is empty"
        assert not LEFT_OVER.search(part), f"{draft.template} shows {LEFT_OVER.findall(part)}:\n{part}"
    assert "\n" not in draft.subject


def check_deadline(played: Rehearsal, letter: Letter) -> None:
    """Check that a letter names the last day of the case as it stood then, unless every date of it has fallen away."""
    if letter.draft.template == "withdrawn":
        return
    then = PharmacyCase(played.record.until(letter.fact), played.case.council, letter.written_at)
    last_day = day_in_words(then.represent_by.last_day)
    assert last_day in " ".join(letter.draft.text.split()), f"{letter.draft.template} does not name {last_day}"


def never_twice(letters: list[Letter]) -> None:
    """Check that no letter was written twice: not under its key, and not in the same words to the same recipient."""
    keys = Counter((letter.draft.template, letter.draft.recipient, letter.draft.key) for letter in letters)
    ids = Counter(letter.draft.message_id for letter in letters)
    words = Counter(
        (letter.draft.template, letter.draft.recipient, letter.draft.subject, letter.draft.text)
        for letter in letters
        if letter.draft.template not in SENT_ANEW
    )
    for counted in (keys, ids, words):
        twice = [each for each, times in counted.items() if times > 1]
        assert not twice, f"written twice: {twice}"
