"""The page of open cases in Prefect: what was missed stands first, with its day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from desk.board import NARROW, Board
from desk.office import council_files
from desk.rehearsal import Rehearsal
from models.council import load_council

NOTIFIED_AT = datetime(2017, 7, 26, 11, tzinfo=UTC)
NOTICE = {
    "reference": "CAS-17", "given_at": NOTIFIED_AT.isoformat(), "capacity": "relevant", "wards": "bargate",
    "applicant": "A Ltd", "closing": "1 Low Street", "remaining": "2 High Street",
}  # fmt: skip


@dataclass
class Pages:
    """The pages of deployments, as they would stand in Prefect."""

    ui_url: str = "http://127.0.0.1:4200"
    shown: dict[UUID, str] = field(default_factory=dict)

    def describe(self, deployment: UUID, text: str) -> None:
        """Keep a page."""
        self.shown[deployment] = text

    def artifacts_of(self, runs: Sequence[str]) -> Mapping[str, Mapping[str, UUID]]:
        """Return none: no run has been taken."""
        return {}


def page_of(played: Rehearsal) -> str:
    """Return the page of open cases as it is shown now."""
    pages: Any = Pages()
    deployment = uuid4()
    Board(played.office, pages, {"pharmacy-consolidation": deployment}).refresh()
    return str(pages.shown[deployment]).replace(NARROW, " ")


def test_a_case_in_breach_stands_first_with_the_day_that_was_missed() -> None:
    """It waits for no day to come; the page names the day that has passed, and that it is a breach."""
    played = Rehearsal(load_council("southampton"), NOTIFIED_AT)
    played.notify(NOTICE)
    first = played.case_ref
    assert f"| {first} | Awaiting route | " in page_of(played)
    for kind in ("application", "equality-impact-assessment"):
        played.do("attach", kind=kind, file=f"{kind}.pdf")
    played.do("decide-route", route="contentious", reasons="x", chair_agrees="yes")
    played.do("respond", consultee="healthwatch", opinion="gap", interest="none", channel="telephone")
    played.advance_to(NOTIFIED_AT + timedelta(days=48))
    played.notify({**NOTICE, "reference": "CAS-18", "given_at": played.clock.now().isoformat()})
    rows = [line for line in page_of(played).splitlines() if line.startswith("| PC-")]
    assert rows[0].startswith(f"| {first} | ")
    assert "| Sat 9 Sep 2017 | **breach, 3 days late** |" in rows[0]
    assert len(rows) == 2
    assert "late" not in rows[1]


def test_that_cases_follow_older_dates_is_told_once(tmp_path: Path) -> None:
    """On the terminal when the page is first made, and on the page for as long as it is so."""
    played = Rehearsal(load_council("southampton"), NOTIFIED_AT)
    played.notify(NOTICE)
    proclaimed = b"proclaimed_holidays: [{date: 2017-08-22, reason: Day of thanks}]"
    (tmp_path / "southampton.yaml").write_bytes(
        played.council.source.replace(b"proclaimed_holidays: []", proclaimed)
    )
    pages: Any = Pages()
    told: list[str] = []
    for council, said in ((played.office.council, 0), (council_files(tmp_path), 1)):
        played.office.council = council
        board = Board(played.office, pages, {"pharmacy-consolidation": uuid4()}, told.append)
        for _ in range(2):
            board.refresh()
        assert told == ["1 open case follows older dates: cleardays calendar check."] * said
