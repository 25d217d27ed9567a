"""The key decision test (SI 2012/2089 reg 8), and the council's numbers it is made with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from models.council_executive import ExecutiveDecisions


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the council's file says that sets dates of an executive decision; a case keeps those it began with."""

    threshold_pounds: int
    wards_affected: int
    notice_days: str
    papers_days: str
    call_in: int  #: working days, as the counts that follow
    publication: int
    scrutiny: int
    council: int
    reconsideration: int
    late_entry: int
    amended_stands_still: bool

    @classmethod
    def of(cls, section: ExecutiveDecisions) -> Numbers:
        """Return the numbers of a council's file."""
        return cls(
            section.threshold_pounds.value, section.wards_affected.value, section.notice_days.value,
            section.papers_days.value, section.call_in_working_days.value, section.publication_working_days.value,
            section.scrutiny_working_days.value, section.council_working_days.value,
            section.reconsideration_working_days.value, section.late_entry_working_days.value,
            section.amended_stands_still.value,
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Return them in plain JSON values; `Numbers(**plain)` reads them back."""
        return asdict(self)


class KeyTest(NamedTuple):
    """Whether a decision is key, and why in a sentence."""

    key: bool
    why: str


def whether_key(pounds: int, wards: Sequence[str], numbers: Numbers) -> KeyTest:
    """Return whether a decision is key: significant in money, or in its effects on two or more wards (reg 8).

    `pounds` is the expenditure incurred or savings made, whichever is greater, 0 where there is none; `wards` are
    the names of those on whose communities the effects are significant.
    """
    in_money = pounds >= numbers.threshold_pounds
    in_wards = len(wards) >= numbers.wards_affected
    money = f"£{pounds:,} is {'at or above' if in_money else 'below'} the threshold of £{numbers.threshold_pounds:,}"
    named = f" ({', '.join(wards)})" if wards else ""
    effects = (
        f"the effects are significant in {len(wards)} {'ward' if len(wards) == 1 else 'wards'}{named}, "
        f"{numbers.wards_affected} being needed"
    )
    result = "a key decision" if in_money or in_wards else "not a key decision"
    return KeyTest(in_money or in_wards, f"{result}: {money}, and {effects} (SI 2012/2089 reg 8)")
