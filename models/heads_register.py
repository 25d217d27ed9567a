"""The register of daily heads of one council and year, as its record shows it at one instant.

A register is a case like any other: its days are sealed, mailed and stamped by the same turns, letters and parked runs.
It goes on from one year to the next by the hash of the last file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from models.cases import Case, Status
from models.deadlines import Deadline
from models.facts import Fact
from models.london import parse_day
from models.outgoing import LetterState
from models.sealed_letters import POSTED

PROCEDURE, PREFIX = "daily-heads", "DH"

OPENED, SEALED, MAILED = "opened", "heads-sealed", "heads-mailed"
STAMPED, UNSTAMPED, REFUSED = "heads-stamped", "heads-unstamped", "stamp-refused"
TROUBLES = (UNSTAMPED, REFUSED)


def reference_of(year: int) -> str:
    """Return the reference under which a council's register of a year is entered."""
    return f"daily heads of {year}"


class HeadsRegister(Case):
    """One register: which days are sealed, which were mailed and stamped, which is next."""

    # -- what every case tells -----------------------------------------------------------------------------

    @property
    def subject(self) -> str:
        """Return whose records it seals."""
        return self.council.name

    @property
    def began_on(self) -> date:
        """Return the first London day that it seals."""
        return parse_day(self.record.facts[0]["first_day"])

    @property
    def responsible_officer(self) -> str:
        """Return the office that keeps the house."""
        return self.council.administrators[0]

    @property
    def must_be_done_by(self) -> Deadline | None:
        """Return None: no law sets a day by which a day is sealed."""
        return None

    def deadlines(self) -> list[tuple[Deadline, Status]]:
        """Return none."""
        return []

    def letter_values(self) -> Mapping[str, object]:
        """Return what its letters may say beside what all letters say."""
        return {"reference": self.reference}

    # -- the days ------------------------------------------------------------------------------------------

    @property
    def year(self) -> int:
        """Return the year whose days it seals."""
        return int(self.record.facts[0]["year"])

    @property
    def sealed(self) -> Sequence[Fact]:
        """Return the fact of each day that is sealed, in the order of the days."""
        return self.record.all(SEALED)

    @property
    def next_day(self) -> date | None:
        """Return the day that is sealed next; None where the year is sealed to its end."""
        newest = self.record.last(SEALED)
        day = parse_day(newest["day"]) + timedelta(days=1) if newest else self.began_on
        return day if day.year == self.year else None

    @property
    def days_over(self) -> list[date]:
        """Return the days of its year that are over in London and not sealed yet, in their order."""
        first = self.next_day
        if first is None:
            return []
        end = min(self.today, date(self.year + 1, 1, 1))
        return [first + timedelta(days=number) for number in range((end - first).days)]

    @property
    def newest_sha256(self) -> str:
        """Return the SHA-256 of the newest file of this council, NO_FILE_BEFORE where there is none."""
        newest = self.record.last(SEALED)
        return str(newest["sha256"] if newest else self.record.facts[0]["previous"])

    # -- letters and time stamps ---------------------------------------------------------------------------

    @property
    def unmailed(self) -> list[Fact]:
        """Return the sealed days whose file has not been put into a letter yet."""
        mailed = self.record.last(MAILED)
        return [fact for fact in self.sealed if mailed is None or fact["day"] > mailed["until"]]

    def letter_with(self, sealed: Fact) -> Fact | None:
        """Return the fact of the letter that carries the file of a sealed day, or None where none does yet."""
        mailed = self.record.all(MAILED)
        return next((fact for fact in mailed if fact["from"] <= sealed["day"] <= fact["until"]), None)

    @property
    def all_arrived(self) -> bool:
        """Tell whether every letter with files was accepted by its recipient's mail server, or settled as received."""
        return all(
            any(fact.kind == f"letter-{LetterState.SENT}" for fact in self.record.about_letter(key))
            for mailed in self.record.all(MAILED)
            for key in mailed.get(POSTED, ())
        )

    @property
    def unstamped(self) -> list[Fact]:
        """Return the sealed days that no time stamp covers: a stamp covers its own file and all those before it."""
        stamped = self.record.last(STAMPED)
        return [fact for fact in self.sealed if stamped is None or fact["day"] > stamped["day"]]

    @property
    def stamp_troubles(self) -> list[Fact]:
        """Return why there has been no time stamp since the last one, each kind of reason as first seen."""
        stamped = self.record.last(STAMPED)
        since = stamped.number if stamped else 0
        return [fact for fact in self.record if fact.kind in TROUBLES and fact.number > since]

    def breaches(self) -> list[str]:
        """Return each record that is shorter than a file has said before."""
        newest = self.record.last(SEALED)
        return [shorter_in_words(ref, numbers) for ref, numbers in newest["shorter"].items()] if newest else []


def shorter_in_words(ref: str, numbers: Sequence[int]) -> str:
    """Return that a record holds fewer facts than a file has named: `numbers` are those it holds, and named."""
    return f"{ref} holds {numbers[0]} fact{'' if numbers[0] == 1 else 's'}; a file before named its fact {numbers[1]}"
