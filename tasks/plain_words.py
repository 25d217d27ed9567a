"""What the libraries that read values say of a wrong one, in plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

PLAIN = tuple(
    (re.compile(told), plain)
    for told, plain in (
        (r"Input should be a valid integer.*", "a whole number is wanted, such as 7"),
        (r"Input should be a valid (number|decimal).*", "a number is wanted, such as 7.5"),
        (r"Input should be greater than or equal to (\S+)", r"\1 or more is wanted"),
        (r"Input should be less than or equal to (\S+)", r"\1 at most is wanted"),
        (r"Input should be greater than (\S+)", r"more than \1 is wanted"),
        (r"Input should be less than (\S+)", r"less than \1 is wanted"),
        (r"Input should be a valid boolean.*", "true or false is wanted"),
        (r"Input should be a valid string", "text is wanted; put quotation marks round it"),
        (r"Input should be a valid (tuple|list)", "a list is wanted"),
        (r"Input should be a valid (dictionary|mapping).*", "names are wanted, each with what belongs to it"),
        (r"Input is not a valid path.*", "the name of a file is wanted"),
        (r"String should have at most (\d+) characters?", r"\1 characters at most are kept"),
        (r"\w+ should have at least 1 item after validation, not 0", "at least one is wanted"),
        (r"\w+ should have at least (\d+) items after validation, not (\d+)", r"at least \1 are wanted, not \2"),
        (r"\w+ should have at most (\d+) items after validation, not (\d+)", r"\1 at most are wanted, not \2"),
    )
)


def in_plain_words(told: str) -> str:
    """Return what a library says of a wrong value as an officer reads it; words of our own come back as they are."""
    told = told.removeprefix("Value error, ")
    for pattern, plain in PLAIN:
        if pattern.fullmatch(told.rstrip(".")):
            return pattern.sub(plain, told.rstrip("."))
    return told


def did_you_mean(typed: str, known: Sequence[str]) -> str:
    """Return the question whether the nearest of the known words is meant, and a space; "" where none is near."""
    near = get_close_matches(typed, known, n=1)
    return f"did you mean {near[0]}? " if near else ""
