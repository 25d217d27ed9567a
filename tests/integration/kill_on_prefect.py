"""The story of the kill test beside a real Prefect server: a desk is killed at one point of it, another takes over.

One story for every failpoint: a contentious case from its notice to its end, with real letters to a real mail server.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.sorting import DeploymentSort

from desk.office import council_files
from desk.runs import CaseRun, Runs
from desk.settings import Settings
from models.consultation import Standing
from models.facts import Fact, Record, check_chain
from models.outgoing import Letter, LetterState
from models.pharmacy import PharmacyCase
from models.store import CaseSummary, open_store
from tasks.opening import notify
from tasks.turns import Office
from tasks.verbs import perform
from tests.desk_at_work import a_paper
from tests.integration.desk_apart import SharedClock, work
from tests.integration.kill_desk import PROCESSES
from tests.integration.mail_sinks import Accepts, MailServer

PATIENCE = 180  #: seconds for the desk to do what a moment of the story waits for
DOOR = "command line"
ON_THEIR_WAY = (LetterState.WAITING, LetterState.CLAIMED, LetterState.SENDING)
ROUTE = {"route": "contentious", "reasons": "Two ward members object.", "chair_agrees": "yes"}
ONCE = ("notified", "route-decided", "feedback-closed", "meeting-held", "decided", "representation-sent")
SILENT = "healthwatch"  #: never answers, so that feedback closes by its deadline


def play_on_prefect(
    dies_at: str, home: Path, database: str, api_url: str, deployments: Mapping[str, UUID], notes: Path | None = None
) -> None:
    """Play the story with a desk that dies at a failpoint ("": none does). Raises AssertionError, saying what is wrong.

    `home` is an empty folder, `database` the URL of an empty one. Each failpoint reached is written into `notes`.
    """
    with Runs(api_url) as runs, MailServer(Accepts()) as mail:
        desks = Desks(home, api_url, deployments, mail.port, database, dies_at, notes)
        story = Story(home, database, runs, mail, desks)
        try:
            story.is_played()
            story.until(lambda: desks.were_killed_as_meant, f"the desk to die at {dies_at}, or not at all")
            story.nothing_was_lost()
            story.nothing_was_sent_twice()
            story.everyone_was_asked_once()
            story.the_run_shows_what_the_record_says()
        finally:
            story.is_over()


def fill_in(form: str, fields: Mapping[str, Any]) -> None:
    """Submit a form in Prefect; a desk takes it."""
    with get_client(sync_client=True) as client:
        every = client.read_deployments(limit=100, sort=DeploymentSort.NAME_ASC)
        (deployment,) = [each for each in every if each.name.endswith(f" {form}")]
        client.create_flow_run_from_deployment(deployment.id, parameters=dict(fields))


def forget(run_id: UUID) -> None:
    """Delete a run: the next case in a new database has the same reference."""
    with get_client(sync_client=True) as client:
        client.delete_flow_run(run_id)


class Desks:
    """The desk that is to be killed, and the one that takes over."""

    def __init__(
        self, home: Path, api_url: str, deployments: Mapping[str, UUID], mail_port: int, database: str, dies_at: str,
        notes: Path | None = None,
    ) -> None:  # fmt: skip
        self._given = (home, api_url, deployments, mail_port, database)
        self._notes = notes
        self.dies_at = dies_at
        self._is_open = home / "open"
        self._log = home / "desk.log"
        self._opened: list[ForkServerProcess] = []

    def open(self) -> None:
        """Open a desk; the first one is armed."""
        self._is_open.unlink(missing_ok=True)
        dies_at = "" if self._opened else self.dies_at
        self._opened.append(PROCESSES.Process(target=work, args=(*self._given, dies_at, self._notes)))
        self._opened[-1].start()

    @property
    def is_open(self) -> bool:
        """Whether the desk opened last is at work: reconciled, its bell and postroom started."""
        return self._is_open.exists()

    @property
    def just_died(self) -> bool:
        """Whether the desk at work was killed; the failpoint is the only way for one to end."""
        if not self._opened or self._opened[-1].is_alive():
            return False
        died = self._opened[-1].exitcode
        if len(self._opened) > 1 or died != -signal.SIGKILL:
            raise AssertionError(f"a desk ended by itself with {died}\n{self._log.read_text()[-4000:]}")
        return True

    @property
    def were_killed_as_meant(self) -> bool:
        """Whether the armed desk reached its failpoint, and the other lives."""
        return [desk.exitcode for desk in self._opened] == ([-signal.SIGKILL, None] if self.dies_at else [None])

    def close(self) -> None:
        """End the desk at work."""
        for desk in self._opened:
            desk.kill()
            desk.join()


class Story:
    """A case, the officer who deals with it, and what is known when the desk dies."""

    def __init__(self, home: Path, database: str, runs: Runs, mail: MailServer, desks: Desks) -> None:
        self.home, self.runs, self.mail, self.desks = home, runs, mail, desks
        self.clock = SharedClock(home / "clock")
        self.began = datetime.now(UTC)
        self.clock.set(self.began)
        self.office = Office(open_store(database), self.clock, council_files(Settings().councils), holder="the officer")
        self.case_ref = ""
        self.acknowledged: dict[int, str] = {}
        self.being_sent: set[str] = set()  #: keys of letters that had left, perhaps, when the desk was killed

    # -- the story -----------------------------------------------------------------------------------------

    def is_played(self) -> None:
        """Play the case; when the desk is found dead, the next one is opened."""
        if self.desks.dies_at == "case-reconciled":  # then a case must be there when the desk opens
            self.notice_is_given()
            self.desks.open()
        else:
            self.desks.open()
            self.until(lambda: self.desks.is_open, "the desk to be open")
            self.notice_is_given()
        self.waits_for("Awaiting route")
        self.officer_does("attach", day=1, kind="equality-screening", reasons="One pharmacy of many.")
        self.officer_does("attach", day=1, kind="application", file=a_paper(self.home))
        if self.desks.dies_at == "verb-recorded":
            self.route_is_decided_by_a_form()
        else:
            self.officer_does("decide-route", day=2, **ROUTE)
        self.until(lambda: self.all_stand(Standing.ASKED), "the papers to reach everybody")
        self.all_but_one_answer()
        self.day_comes(18)
        self.waits_for("Awaiting meeting")
        self.officer_does("meet", day=20, attended=["director-of-public-health", "board-chair", "icb"], opinion="gap")
        self.waits_for("Awaiting decision")
        self.officer_does("decide", day=22, opinion="gap", limb_a="A.", limb_b="B.", wishes_oral_hearing=False)
        self.waits_for("Awaiting determination")
        self.officer_does("record-outcome", day=70, outcome="refused")
        self.until(lambda: self.summary.outcome, "the case to be closed")
        self.until(lambda: not self.letters(*ON_THEIR_WAY), "every letter to have left")

    def notice_is_given(self) -> None:
        """Enter the notice."""
        notice = {
            "reference": "CAS-17", "given_at": self.began, "capacity": "relevant", "applicant": "A Ltd",
            "closing": "1 Low Street", "remaining": "2 High Street", "wards": ["bargate"],
        }  # fmt: skip
        self.case_ref = notify(self.office, "pharmacy-consolidation", "southampton", notice, channel=DOOR).case

    def officer_does(self, verb: str, day: int, **fields: Any) -> None:
        """Do a verb at the command line, in this process; once it returns the fact is acknowledged."""
        self.day_comes(day)
        self.acknowledge(perform(self.office, self.case_ref, verb, fields, channel=DOOR).fact)

    def route_is_decided_by_a_form(self) -> None:
        """Decide the route by a form in Prefect, which the desk itself takes: so it can die between fact and bell."""
        self.day_comes(2)
        fill_in("Decide the route", {"case": self.case_ref, **ROUTE})
        self.until(lambda: self.record.first("route-decided"), "the route to be recorded")

    def all_but_one_answer(self) -> None:
        """Record what everybody says but one; they do not agree, so that a meeting is called."""
        for number, role in enumerate(c.role for c in self.case.consultees if c.role != SILENT):
            opinion = "gap" if number % 2 else "no-gap"
            self.officer_does("respond", day=4, consultee=role, opinion=opinion, interest="none")

    def day_comes(self, day: int) -> None:
        """Move everybody's clock to a day after the notice."""
        self.clock.set(self.began + timedelta(days=day))

    def waits_for(self, awaiting: str) -> None:
        """Wait until the case is parked under this name, and nothing is new to it."""
        self.until(lambda: self.summary.awaiting == awaiting and self.summary.head == self.summary.seen, awaiting)

    def until(self, true: Callable[[], object], what: str) -> None:
        """Wait until `true()`. Meanwhile open a new desk if one died, and settle letters whose fate is not known."""
        give_up = time.monotonic() + PATIENCE
        while not true():
            if self.desks.just_died:
                self.being_sent = {letter.draft.key for letter in self.letters(LetterState.SENDING)}
                self.desks.open()
            if self.case_ref:
                self.acknowledge(*self.record)
                self.settle_what_is_ambiguous()
            if time.monotonic() > give_up:
                now = self.case_ref and self.summary
                raise AssertionError(f"waited {PATIENCE} seconds in vain for: {what}; it is {now}")
            time.sleep(0.05)

    def settle_what_is_ambiguous(self) -> None:
        """Ask the recipient of each letter in question whether it arrived; send it again if it did not."""
        for fact in self.record.all("letter-ambiguous"):
            role = self.asked_of(fact)
            newest = [f for f in self.record if f.get("letter") == fact["letter"]][-1]
            if role is None or newest.kind != "letter-ambiguous":
                continue
            there = self.mail.taken[fact["message_id"]] == 1
            told = {"consultee": role, "fate": "received" if there else "not-received", "reasons": "Telephoned."}
            self.acknowledge(perform(self.office, self.case_ref, "settle", told, channel=DOOR).fact)
            if not there:
                again = {"consultee": role, "reasons": "It is not there."}
                self.acknowledge(perform(self.office, self.case_ref, "resend", again, channel=DOOR).fact)

    @staticmethod
    def asked_of(fact: Fact) -> str | None:
        """Whom a letter in question is settled with; None for a notice, which nobody has to answer."""
        if fact["template"] == "representation":
            return "addressee"
        return str(fact["consultee"]) if fact["template"] == "circulation" else None

    def acknowledge(self, *facts: Fact) -> None:
        """Keep in mind what has been told to an officer or was seen in the record."""
        self.acknowledged |= {fact.number: fact.hash for fact in facts}

    def is_over(self) -> None:
        """Leave the Prefect server as it was, for the next case of this number."""
        self.desks.close()
        self.office.store.close()
        if self.case_ref:
            forget(self.run.run_id)

    # -- what must be true at its end ------------------------------------------------------------------------

    def nothing_was_lost(self) -> None:
        """Every fact acknowledged is in the record, as it was, and the record chains."""
        assert check_chain(self.record) == self.record.head
        assert self.acknowledged.items() <= {fact.number: fact.hash for fact in self.record}.items()

    def nothing_was_sent_twice(self) -> None:
        """No Message-ID arrived twice; what is called sent arrived; what is ambiguous was being sent at the kill."""
        letters, arrived = self.letters(), self.mail.taken
        assert [m for m, times in arrived.items() if times > 1] == []
        assert len({letter.draft.key for letter in letters}) == len(letters)
        assert set(arrived) <= {letter.draft.message_id for letter in letters}
        sent = {letter.draft.message_id for letter in letters if letter.state is LetterState.SENT}
        assert sent <= set(arrived)
        ambiguous = {letter.draft.key for letter in letters if letter.state is LetterState.AMBIGUOUS}
        assert ambiguous == self.being_sent
        assert {letter.state for letter in letters} <= {LetterState.SENT, LetterState.AMBIGUOUS}

    def everyone_was_asked_once(self) -> None:
        """Each consultee has the papers once, NHS England the representation once, and each step was done once."""
        asked = Counter((fact["consultee"], fact["round"]) for fact in self.record.all("circulated"))
        assert set(asked.values()) == {1}
        assert set(asked) == {(c.role, n) for c in self.case.consultees for n in range(1, c.round + 1)}
        arrived = self.mail.taken
        got = Counter(
            (letter.draft.template, letter.draft.recipient)
            for letter in self.letters() if arrived[letter.draft.message_id]
        )  # fmt: skip
        (issued,) = {fact["consultee"] for fact in self.record.all("representation-issued")}
        assert [got["circulation", c.role] for c in self.case.consultees] == [1] * len(self.case.consultees)
        assert got["representation", issued] == 1
        done = Counter(fact.kind for fact in self.record)
        assert [done[kind] for kind in ONCE] == [1] * len(ONCE)
        assert not done["breach-recorded"]

    def the_run_shows_what_the_record_says(self) -> None:
        """The run that the case names is parked under what the case waits for, or has ended with it."""
        shown = "Completed" if self.summary.outcome else self.summary.awaiting
        self.until(lambda: self.run.state_name == shown, f"the run to show {shown!r}")
        assert self.summary.run_id == str(self.run.run_id)

    # -- looking -------------------------------------------------------------------------------------------

    @property
    def record(self) -> Record:
        """The record as it stands."""
        return self.office.store.record(self.case_ref)

    @property
    def summary(self) -> CaseSummary:
        """What the store knows of the case."""
        return self.office.store.case(self.case_ref)

    @property
    def case(self) -> PharmacyCase:
        """The case as it stands now."""
        return PharmacyCase(self.record, self.office.council("southampton"), self.clock.now())

    @property
    def run(self) -> CaseRun:
        """The case's run on the Prefect server."""
        found = self.runs.find(self.case_ref)
        assert found is not None, f"no run of {self.case_ref}"
        return found

    def all_stand(self, standing: Standing) -> bool:
        """Whether every consultee stands so."""
        return {c.standing for c in self.case.consultees} == {standing}

    def letters(self, *states: LetterState) -> list[Letter]:
        """The case's letters, of these states if any are named."""
        with self.office.store.reading() as reading:
            return [each for each in reading.letters(self.case_ref) if not states or each.state in states]
