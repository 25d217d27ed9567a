"""Numbers of things in words: one case, two thousand cases."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with what is counted: "1 open case", "2,000 open cases"; `many` where an s does not make it."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
