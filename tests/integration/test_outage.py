"""72 hours without desk, mail server and Prefect server, for real: what was missed is made up for, and told."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from desk.deployments import deploy
from desk.office import council_files
from desk.server import LocalServer, free_port, use_server
from desk.settings import Settings
from models.council import COUNCILS
from models.facts import Record, check_chain
from models.london import date_in_london, day_in_words
from models.outages import DESK, MAIL, PREFECT, Outage
from models.outgoing import LetterState
from models.store import open_store
from tasks.opening import notify
from tasks.turns import Office
from tasks.verbs import perform
from tests.integration.desk_apart import SharedClock, work

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.skipif(
        os.environ.get("OUTAGES") != "all",
        reason="takes three minutes: OUTAGES=all ./cleardays test tests/integration/test_outage.py",
    ),
]

DESKS = get_context("forkserver")
DESKS.set_forkserver_preload(["tests.integration.desk_apart"])
PATIENCE = 120
DOOR = "command line"
LONG = timedelta(hours=72)
NOTICE = {
    "reference": "CAS-17", "capacity": "relevant", "applicant": "A Ltd", "closing": "1 Low Street",
    "remaining": "2 High Street", "wards": "bargate",
}  # fmt: skip


class Inbox:
    """What a mail server takes over."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        """Take a message over."""
        self.taken.append(envelope.original_content)
        return "250 OK"

    @property
    def messages(self) -> list[Any]:
        """Return the messages, read."""
        return [message_from_bytes(each, policy=policy.default) for each in list(self.taken)]


class House:
    """A home folder with its desk, its Prefect server and the port of its mail server, each to be ended at will."""

    def __init__(self, home: Path) -> None:
        self.home, self.inbox, self.mail_port = home, Inbox(), free_port()
        self.clock = SharedClock(home / "clock")
        self.began = datetime.now(UTC).replace(microsecond=0)
        self.clock.set(self.began)
        self.server = LocalServer(home / "prefect")
        self.desk: ForkServerProcess | None = None
        self._mail: Controller | None = None
        self.database = Settings(home=home, _env_file=None).database_url
        self.office = Office(open_store(self.database), self.clock, council_files(COUNCILS))
        self.ref = ""

    def opens_desk(self) -> None:
        """Open a desk, and return once it is at work."""
        is_open = self.home / "open"
        is_open.unlink(missing_ok=True)
        made = deploy(self.server.api_url, forms_of=())
        self.desk = DESKS.Process(
            target=work, args=(self.home, self.server.api_url, made, self.mail_port, self.database, "")
        )
        self.desk.start()
        wait_until(lambda: is_open.exists() or not self.desk_lives, "the desk to open", self.log)
        assert self.desk_lives, self.log()

    @property
    def desk_lives(self) -> bool:
        """Tell whether the desk's process runs."""
        return self.desk is not None and self.desk.is_alive()

    def kills_desk(self) -> None:
        """End the desk as by `kill -9`."""
        assert self.desk is not None
        assert self.desk.pid is not None
        os.kill(self.desk.pid, signal.SIGKILL)
        self.desk.join()

    def opens_mail(self) -> None:
        """Let the council's mail server answer."""
        self._mail = Controller(self.inbox, hostname="127.0.0.1", port=self.mail_port)
        self._mail.start()

    def later(self, by: timedelta) -> None:
        """Let time pass."""
        self.clock.set(self.clock.now() + by)

    def does(self, verb: str, **fields: Any) -> None:
        """Do a verb as an officer at the command line does, who is another process than the desk."""
        path = self.home / "assessment.pdf"
        path.write_bytes(b"%PDF-1.4 made up")
        perform(self.office, self.ref, verb, fields, channel=DOOR)

    @property
    def record(self) -> Record:
        """Return the case's record."""
        return self.office.store.record(self.ref)

    def outages(self, service: str) -> list[Outage]:
        """Return what was noted of a service."""
        with self.office.store.reading() as reading:
            noted = reading.outages(self.began - LONG, self.clock.now() + LONG)
        return [each for each in noted if each.service == service]

    def letters(self, state: LetterState) -> list[str]:
        """Return to whom circulations in a state go."""
        with self.office.store.reading() as reading:
            letters = reading.letters(self.ref)
        return [e.draft.recipient for e in letters if e.state is state and e.draft.template == "circulation"]

    def log(self) -> str:
        """Return the end of the desk's log."""
        file = self.home / "desk.log"
        return file.read_text()[-3000:] if file.exists() else ""

    def close(self) -> None:
        """End everything."""
        if self.desk is not None:
            self.desk.kill()
            self.desk.join()
        if self._mail is not None:
            self._mail.stop()
        self.server.stop()
        self.office.store.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house whose Prefect server runs, and whose mail server does not."""
    house = House(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        try:
            house.server.start()
            patch.setenv("PREFECT_API_URL", house.server.api_url)
            use_server(house.server.api_url)
            yield house
        finally:
            house.close()


def wait_until(true: Callable[[], object], what: str, log: Callable[[], str]) -> None:
    """Wait until `true()`; fail with what was waited for when it takes too long."""
    give_up = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > give_up:
            pytest.fail(f"waited in vain for: {what}\n{log()}")
        time.sleep(0.1)


def test_three_days_without_anything_are_made_up_for_in_order_and_told(house: House) -> None:
    """Papers written before the outage leave after it with a true date; what closed meanwhile says why it came late."""
    house.ref = notify(house.office, "pharmacy-consolidation", "southampton",
                       {**NOTICE, "given_at": house.began.isoformat()}, channel=DOOR).case  # fmt: skip
    for kind in ("application", "equality-impact-assessment"):
        house.does("attach", kind=kind, file=str(house.home / "assessment.pdf"))
    house.does("decide-route", route="contentious", reasons="Two objections.", chair_agrees="yes")
    house.opens_desk()
    wait_until(lambda: house.outages(MAIL), "the mail server to be missed", house.log)
    wait_until(lambda: house.record.all("circulated"), "the papers to be written", house.log)
    consulted = {fact["consultee"] for fact in house.record.all("circulated")}
    wait_until(lambda: set(house.letters(LetterState.WAITING)) == consulted, "all papers to have to wait", house.log)

    house.kills_desk()
    house.server.stop()
    house.later(LONG)
    house.opens_mail()
    house.server.start()
    house.opens_desk()
    wait_until(lambda: len(house.letters(LetterState.SENT)) == len(consulted), "papers to leave anew", house.log)

    wait_until(lambda: house.outages(MAIL)[0].until, "the mail server to be found again", house.log)
    (desk,), (mail,) = house.outages(DESK), house.outages(MAIL)
    assert (desk.until, mail.until) == (house.clock.now(), house.clock.now())
    assert set(house.letters(LetterState.CANCELLED)) == consulted == set(house.letters(LetterState.SENT))
    true = day_in_words(date_in_london(house.clock.now()) + timedelta(days=14))
    papers = [each for each in house.inbox.messages if each["Subject"].startswith("Reply by ")]
    assert len(papers) == len(consulted)
    assert all(each["Subject"].startswith(f"Reply by {true}") for each in papers)
    assert set(Counter(each["Message-ID"] for each in house.inbox.messages).values()) == {1}
    kept_back = house.record.all("letter-cancelled")
    assert {frozenset(each["delay"]["because"].split("; ")) for each in kept_back} == {
        frozenset((desk.in_words(), mail.in_words()))
    }
    assert {each["delay"]["by_seconds"] for each in kept_back} == {LONG.total_seconds()}

    house.later(timedelta(days=13))
    house.server.stop()
    wait_until(lambda: house.outages(PREFECT), "the Prefect server to be missed", house.log)
    house.later(LONG)
    house.server.start()
    wait_until(lambda: house.record.last("feedback-closed"), "feedback to close", house.log)
    (prefect,) = house.outages(PREFECT)
    closed = house.record.last("feedback-closed")
    assert closed is not None
    since = prefect.in_words().partition(" to ")[0].partition(" since ")[0]
    assert since in closed["delay"]["because"]
    assert closed["delay"]["by_seconds"] > 24 * 3600
    due = [each["delay"]["due_at"] for each in house.record if "delay" in each.payload and each.number >= closed.number]
    assert due == sorted(due)
    assert check_chain(house.record) == house.record.head
