"""The office that a story speaks through: real flow, verbs, letters and council file on a clock of its own."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from story_teller import Teller, instant, words_of

from models.consultation import Standing
from models.council import Council
from models.outgoing import Letter
from models.pharmacy_words import PROCEDURE

__all__ = ["CouncilWith", "Office", "OfficeOf", "words_of"]


class Office(Teller):
    """Speaks and acts as the office of the Director of Public Health."""

    # -- what happens --------------------------------------------------------------------------------------

    def receives(
        self, *, on: str, entered: str | None = None, capacity: str = "relevant", wards: str = "bargate",
        stated: str | None = None, application: str | None = "application.pdf",
    ) -> str:  # fmt: skip
        """Enter a notice given `on` (on the day itself unless `entered` later) and attach the application, if it came.

        Returns the case's reference.
        """
        fields = {"reference": "CAS-17", "given_at": instant(on), "capacity": capacity, "wards": wards,
                  "applicant": "A Ltd", "closing": "1 Low Street", "remaining": "2 High Street",
                  "stated_deadline": stated}  # fmt: skip
        self.opens(PROCEDURE, fields, on=entered or on)
        if application is not None:
            self.attaches("application", on=entered or on, file=application)
        return self.playing.case_ref

    def attaches(self, kind: str, *, on: str, file: str = "paper.pdf", **more: Any) -> str:
        """Attach a document."""
        return self.does("attach", on=on, kind=kind, file=file, **more)

    def attaches_assessment(self, *, on: str) -> str:
        """Attach the equality impact assessment."""
        return self.attaches("equality-impact-assessment", on=on, file="assessment.pdf")

    def decides_route(self, route: str, *, on: str, chair_agrees: bool = True) -> str:
        """Decide the route, or disagree about it with the Chair."""
        return self.does("decide-route", on=on, route=route, reasons="As discussed.", chair_agrees=chair_agrees)

    def hears_back(self, answers: dict[str, str], *, on: str, **more: Any) -> list[str]:
        """Record answers by role id, nobody declaring an interest unless `more` says so."""
        told = {"interest": "none", "reasons": "In our view.", **more}
        return [self.does("respond", on=on, consultee=role, opinion=said, **told) for role, said in answers.items()]

    def hears_from_everyone(self, opinion: str, *, on: str) -> None:
        """Record the same answer of everybody who has not answered yet."""
        self.waits_until(on)
        silent = [c.role for c in self.playing.case.consultees if c.response is None]
        self.hears_back(dict.fromkeys(silent, opinion), on=on)

    def meets(self, attended: str, *, on: str, opinion: str | None = None) -> str:
        """Record a meeting of those consulted."""
        return self.does("meet", on=on, attended=attended, opinion=opinion, note="As minuted.")

    def decides(self, opinion: str, *, on: str, **more: Any) -> str:
        """Decide on the statutory question."""
        told = {"limb_a": "Need is met.", "limb_b": "Access is kept.", "alternatives": "None was found.",
                "wishes_oral_hearing": False, **more}  # fmt: skip
        return self.does("decide", on=on, opinion=opinion, **told)

    # -- what is seen --------------------------------------------------------------------------------------

    def content(self, letter: Letter, filename: str) -> bytes:
        """Return what is in an enclosure of a letter."""
        (found,) = [each for each in letter.draft.enclosures if each.filename == filename]
        with self.playing.store.reading() as reading:
            return reading.document(found.sha256)

    def document_text(self, template: str) -> str:
        """Return the words of the Word document enclosed with the one letter written from a template."""
        from docx import Document

        (letter,) = self.letters(template)
        (word,) = [each.filename for each in letter.draft.enclosures if each.filename.endswith(".docx")]
        document = Document(BytesIO(self.content(letter, word)))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return " ".join(" ".join([*(p.text for p in document.paragraphs), *cells]).split())

    def standing(self, role: str) -> Standing:
        """Return where a consultee stands."""
        return self.playing.case.consultee(role).standing

    def escalated_to(self) -> list[str]:
        """Return everybody who was told that a day passed: circulation late, or a breach."""
        return [*self.recipients("circulation-late"), *self.recipients("breach")]

    def consulted(self) -> list[str]:
        """Return everybody who was sent papers or a consultation, in order."""
        return [fact["consultee"] for fact in self.facts("circulated")]


CouncilWith = Callable[..., Council]
"""Reads the shipped council file with passages replaced, each given as (old, new)."""

OfficeOf = Callable[[Council], Office]
"""Opens an office of a council."""
