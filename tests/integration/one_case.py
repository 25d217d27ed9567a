"""One case on a real Prefect server, shared by every test that looks at it: the desk, and the case's way so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from desk.runs import CaseRun
from models.london import LONDON
from models.store import CaseSummary
from tests.desk_at_work import DeskAtWork, a_paper, desk_at_work

# The paper's own year again, 28 years on: the same weekdays and bank holidays, and still ahead of Prefect's clock.
NOTIFIED_AT = datetime(2045, 8, 1, 10, 0, tzinfo=LONDON)
NOTICE = {
    "capacity": "relevant", "applicant": "Northgate Pharmacies Limited", "closing": "14 Canal Walk",
    "remaining": "2 Mill Street", "wards": "bargate",
}  # fmt: skip
CONTENTIOUS = {"route": "contentious", "reasons": "Two ward members object.", "chair_agrees": "yes"}
GROUP = "director-of-public-health, board-chair, icb, healthwatch, cabinet-member-health"
SILENT = "healthwatch"


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskAtWork]:
    """A desk at work on the day of the notice."""
    with desk_at_work(tmp_path_factory.mktemp("desk"), NOTIFIED_AT) as work:
        yield work


@dataclass
class Story:
    """One case as it was seen along its way."""

    work: DeskAtWork
    ref: str
    parked: dict[str, tuple[CaseSummary, CaseRun]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def comes_to(self, awaiting: str) -> None:
        """Wait until the case is parked under a name, and keep what its record and its run say of that."""
        summary = self.work.waits_for(self.ref, awaiting)
        self.parked[awaiting] = summary, run_of(self.work, self.ref)

    def in_words(self, text: str) -> str:
        """Return a person's own words, kept to look for them where they must not stand."""
        self.words.append(f"{text}, says a person numbered {len(self.words)}")
        return self.words[-1]

    def hears_back(self) -> None:
        """Record what everybody but one answers, first by form and then, with their own words, in another process."""
        first, *others = [role for role in consulted(self.work, self.ref) if role != SILENT]
        form = self.work.fill_in("Record a response", case=self.ref, consultee=first, opinion="gap", interest="none")
        assert form.state == "Completed", form.message
        for number, role in enumerate(others):
            declared = number % 3 == 0
            self.work.does(
                self.ref, "respond", consultee=role, opinion="gap" if number % 2 else "no-gap",
                reasons=self.in_words("Mrs Tulip Marchbanks cannot walk so far"),
                interest="declared" if declared else "none",
                interest_detail=self.in_words("Her brother owns shares") if declared else None,
            )  # fmt: skip


@pytest.fixture(scope="session")
def story(work: DeskAtWork) -> Story:
    """A contentious case, moved by forms, by another process, by facts and by a date, to its representation."""
    story = Story(work, notified(work, "CAS-17"))
    story.comes_to("Awaiting route")
    (work.home / "inbox").mkdir()
    (work.home / "inbox" / "assessment.pdf").write_bytes(b"%PDF-1.4 made up")
    work.does(story.ref, "attach", kind="application", file=a_paper(work.home))
    forms = [
        work.fill_in("Attach a document", case=story.ref, kind="equality-impact-assessment", file="assessment.pdf"),
        work.fill_in("Decide the route", case=story.ref, **CONTENTIOUS),
    ]
    assert {form.state for form in forms} == {"Completed"}, forms
    story.comes_to("Awaiting feedback")
    story.hears_back()
    work.clock.set(NOTIFIED_AT + timedelta(days=15))
    story.comes_to("Awaiting meeting")
    work.does(story.ref, "meet", attended=GROUP, opinion="gap", note=story.in_words("Deliveries weighed most"))
    story.comes_to("Awaiting decision")
    work.does(
        story.ref, "decide", opinion="gap", limb_a="Need.", limb_b="Access.", wishes_oral_hearing=False,
        considered={"icb": story.in_words("Weighed, not followed")}, other_matters=story.in_words("Parking"),
    )  # fmt: skip
    story.comes_to("Awaiting determination")
    return story


def notified(work: DeskAtWork, reference: str) -> str:
    """Fill in the form of a notice given just now, and return the case it opened."""
    form = work.fill_in("Notified", reference=reference, given_at=work.clock.now().isoformat(), **NOTICE)
    assert form.state == "Completed", form.message
    return form.message.partition(":")[0]


def entered(work: DeskAtWork, reference: str) -> str:
    """Enter a notice at the command line, and return the case it opened."""
    from tasks.opening import notify

    fields = {**NOTICE, "reference": reference, "given_at": work.clock.now().isoformat()}
    return notify(work.office, "pharmacy-consolidation", "southampton", fields, channel="command line").case


def consulted(work: DeskAtWork, ref: str) -> list[str]:
    """Return everybody to whom papers were sent, by role id."""
    return [fact["consultee"] for fact in work.record(ref).all("circulated")]


def run_of(work: DeskAtWork, ref: str) -> CaseRun:
    """Return the run of a case."""
    run = work.runs.find(ref)
    assert run is not None, f"no run of {ref}"
    return run
