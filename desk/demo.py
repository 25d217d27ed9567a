"""`cleardays demo`: a contentious case from its notice to its representation, on a real Prefect server.

The same desk, flow, letters and dates as in earnest; only the clock runs faster, and letters go to a folder.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.clock import AcceleratedClock, Clock
from models.london import LONDON, instant_in_words
from tasks.forms import Refused

if TYPE_CHECKING:
    from desk.service import Desk
    from desk.settings import Settings

SECONDS_IN_A_DAY = 86_400
CHANNEL = "demonstration"


@dataclass(frozen=True, slots=True)
class Moment:
    """What somebody does in the demonstration, and when."""

    day: int  #: days after notice was given
    hour: int  #: London time
    verb: str
    fields: Mapping[str, Any]


NOTICE = {
    "reference": "CAS-DEMO",
    "capacity": "relevant",
    "applicant": "Northgate Pharmacies Limited",
    "closing": "Northgate Pharmacy, 14 Canal Walk",
    "remaining": "Northgate Pharmacy, 2 Mill Street",
    "wards": ["bargate"],
}
ANSWERS = {
    "board-chair": ("gap", "Canal Walk serves people who cannot walk to Mill Street."),
    "cabinet-member-health": ("gap", "Evening opening would be lost."),
    "healthwatch": ("gap", "Patients told us that they rely on the deliveries."),
    "icb": ("no-gap", "Three pharmacies remain within one mile."),
    "public-health-team": ("no-gap", "The assessment of need shows no shortfall in the ward."),
}
STORY = (
    Moment(1, 9, "attach", {"kind": "application", "file": "application.txt"}),
    Moment(1, 10, "attach", {"kind": "equality-impact-assessment", "file": "equality-impact-assessment.txt"}),
    Moment(2, 11, "decide-route", {
        "route": "contentious", "chair_agrees": True,
        "reasons": "Two ward members object to losing the later opening hours.",
    }),
    *(
        Moment(4 + number, 14, "respond", {
            "consultee": role, "opinion": opinion, "reasons": reasons, "interest": "none", "channel": "e-mail",
        })
        for number, (role, (opinion, reasons)) in enumerate(ANSWERS.items())
    ),
    Moment(20, 15, "meet", {
        "attended": ["director-of-public-health", "board-chair", "icb", "healthwatch", "cabinet-member-health"],
        "opinion": "gap", "note": "Deliveries and evening hours weighed most.",
    }),
    Moment(22, 10, "decide", {
        "opinion": "gap", "wishes_oral_hearing": True, "hearing_matter": "Evening opening hours in the ward.",
        "limb_a": "Patients without a car have no other pharmacy within walking distance.",
        "limb_b": "Evening opening and deliveries would be lost, and no other pharmacy offers both.",
        "alternatives": "Relying on the three pharmacies that remain: they close at 17:30.",
        "considered": dict.fromkeys(ANSWERS, "Read and weighed; see the reasons."),
    }),
)  # fmt: skip


def run(days_per_second: float | None = None, keep: bool = False) -> int:
    """Play the demonstration and say where to look. Returns the exit code.

    `days_per_second` sets the pace (default: a day each second and a half). With `keep`, or on a terminal, the
    pages stay open until Ctrl-C.
    """
    from desk.settings import settings
    from desk.up import work

    home = settings().home / "demo"
    shutil.rmtree(home, ignore_errors=True)
    chosen = settings().model_copy(
        update={
            "home": home,
            "database": None,
            "transport": "folder",
            "procedures": "pharmacy-consolidation",
            "daily_heads": False,  # a letter each second would be all that is seen
            "prefect_port": _free_port(settings().prefect_port),
        }
    )
    clock = AcceleratedClock(datetime.now(UTC), SECONDS_IN_A_DAY * (days_per_second or 1 / 1.5))
    play = _Play(chosen, clock, keep or sys.stdin.isatty(), time.monotonic())
    code = work(chosen, told=play.tell, clock=clock, ready=play.begin)
    return play.code or code


class _Play:
    """Plays the story against a desk that is at work, in a thread of its own."""

    def __init__(self, chosen: Settings, clock: AcceleratedClock, keep: bool, began: float) -> None:
        self._chosen, self._home = chosen, chosen.home
        self._clock, self._keep, self._began = clock, keep, began
        self.code = 0

    def tell(self, line: str) -> None:
        """Say one line, with the seconds so far."""
        print(f"{time.monotonic() - self._began:6.1f} s  {line}", flush=True)

    def begin(self, desk: Desk, url: str) -> None:
        """Start playing; the desk is stopped at the end unless the pages are to stay open."""
        threading.Thread(target=self._whole, args=(desk, url), name="demonstration", daemon=True).start()

    def _whole(self, desk: Desk, url: str) -> None:
        try:
            self._play(desk, url)
        except Exception as error:
            self.code = 1
            self.tell(f"The demonstration broke off: {type(error).__name__}: {error}")
            desk.stop()
        else:
            if not self._keep:
                desk.stop()

    def _play(self, desk: Desk, url: str) -> None:
        from models.pharmacy_words import PROCEDURE
        from tasks.opening import notify
        from tasks.verbs import perform

        office = desk.office
        self._clock.begin(datetime.now(UTC))
        given_at = office.clock.now()
        done = notify(office, PROCEDURE, "southampton", {**NOTICE, "given_at": given_at.isoformat()}, channel=CHANNEL)
        self._say(office.clock.now(), done.says)
        seen = _Facts(desk, done.case, self._say)
        for moment in STORY:
            day = given_at.astimezone(LONDON) + timedelta(days=moment.day)
            comes_at = day.replace(hour=moment.hour, minute=0)
            self._wait(seen, partial(_has_come, office.clock, comes_at))
            if moment.verb in ("meet", "decide"):
                self._wait(
                    seen, lambda: office.store.case(done.case).awaiting in ("Awaiting meeting", "Awaiting decision")
                )
            fields = dict(moment.fields)
            if "file" in fields:
                fields["file"] = self._paper(fields["file"])
            try:
                told = perform(office, done.case, moment.verb, fields, channel=CHANNEL)
            except Refused as refused:
                raise RuntimeError(f"{moment.verb} was refused: {refused}") from refused
            self._say(told.fact.at, told.says)
        self._wait(seen, lambda: office.store.record(done.case).first("representation-sent") is not None)
        self._wait(seen, lambda: office.store.case(done.case).awaiting == "Awaiting determination")
        self._look(desk, done.case, url)

    def _paper(self, name: str) -> Path:
        path = Path(tempfile.mkdtemp(prefix="cleardays-")) / name
        what = Path(name).stem.replace("-", " ").capitalize()
        path.write_text(f"{what}, of a consolidation that was made up for the demonstration.\n")
        return path

    def _wait(self, seen: _Facts, met: Callable[[], bool]) -> None:
        patience = time.monotonic() + 120
        while not met():
            if time.monotonic() > patience:
                raise TimeoutError("the case did not go on within two minutes")
            seen.tell_new()
            time.sleep(0.1)
        seen.tell_new()

    def _say(self, at: datetime, line: str) -> None:
        self.tell(f"[{instant_in_words(at)}] {line}")

    def _look(self, desk: Desk, ref: str, url: str) -> None:
        run_id = desk.office.store.case(ref).run_id
        sent = desk.office.store.record(ref).first("representation-sent")
        assert sent is not None
        with desk.office.store.reading() as reading:
            for ending, digest in (("docx", sent["word"]), ("pdf", sent["pdf"])):
                (self._home / f"Representation {ref}.{ending}").write_bytes(reading.document(digest))
        self.tell(f"The representation of {ref} is in the folder outbox/; none of its letters was sent. Where to look:")
        for what, where in (
            ("the representation", f"{self._home}/Representation {ref}.pdf (and .docx)"),
            ("every letter", f"{self._home}/outbox/"),
            ("the record", f"CLEARDAYS_HOME={self._home} ./cleardays show {ref} --facts"),
            ("the case in Prefect", f"{url}/v2/runs/flow-run/{run_id}?tab=Artifacts"),
            ("its steps", f"{url}/v2/runs/flow-run/{run_id}?tab=TaskRuns"),
        ):
            print(f"          {what + ':':<22}{where}", flush=True)
        if self._keep:
            print(f"          {'to sign in there:':<22}{self._password()}", flush=True)
            print("          The pages stay open until you press Ctrl-C.", flush=True)
        else:
            print("          (The pages have closed; `./cleardays demo --keep` leaves them open.)", flush=True)

    def _password(self) -> str:
        """Return what the pages ask for; those of a demonstration hold made-up cases alone, and are gone with it."""
        from desk.server_auth import server_auth

        return server_auth(self._chosen) or "nothing"


def _has_come(clock: Clock, instant: datetime) -> bool:
    return clock.now() >= instant


class _Facts:
    """Tells what the case does by itself, one line for each kind of thing at each instant."""

    QUIET = ("notified", "letter-sent", "response-received", "document-attached", "route-decided", "decided")

    def __init__(self, desk: Desk, ref: str, say: Callable[[datetime, str], None]) -> None:
        self._desk, self._ref, self._say = desk, ref, say
        self._told = 0

    def tell_new(self) -> None:
        """Tell the facts recorded since the last call."""
        facts = self._desk.office.store.record(self._ref).facts[self._told :]
        self._told += len(facts)
        kinds = dict.fromkeys(fact.kind for fact in facts if fact.kind not in (*self.QUIET, "meeting-held"))
        for kind in kinds:
            of_kind = [fact for fact in facts if fact.kind == kind]
            to = f" ({len(of_kind)} people)" if len(of_kind) > 1 else ""
            self._say(of_kind[-1].at, f"  {kind.replace('-', ' ')}{to}")


def _free_port(wanted: int) -> int:
    """Return `wanted` when nobody listens on it, otherwise a port that is free."""
    import socket

    from desk.server import free_port

    with socket.socket() as probe:
        return wanted if probe.connect_ex(("127.0.0.1", wanted)) else free_port()
