"""One cell of the kill matrix: a case is played, a process is killed at one point of it, and another takes over.

`play` tells what was wrong at the end. Nothing may be lost, nothing sent twice; a letter may end ambiguous only where
the line was dropped after its final dot, or where the desk died between marking it as being sent and recording the
answer: the two unknowns that no mail system can do without.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from models.consultation import Standing
from models.facts import BrokenRecord, Fact, Record, check_chain
from models.outgoing import Letter, LetterState
from models.pharmacy import PharmacyCase
from models.store import CaseSummary, open_store
from tasks.forms import Refused
from tasks.opening import notify
from tasks.turns import Office
from tasks.verbs import perform
from tests.desk_at_work import a_paper
from tests.integration.desk_apart import SharedClock
from tests.integration.kill_desk import BEGAN, NOTICE, DeskDied, DeskProcess, Orders, council, officer
from tests.integration.mail_sinks import MOODS, MailServer

DOOR = "command line"
SILENT = "healthwatch"  #: never answers, so that feedback closes by its deadline
ONCE = ("notified", "route-decided", "meeting-held", "decided", "representation-sent", "outcome-recorded", "closed")
FATES = ("letter-sent", "letter-bounced", "letter-ambiguous", "letter-cancelled")
ENDED = (LetterState.SENT, LetterState.REFUSED, LetterState.AMBIGUOUS, LetterState.CANCELLED)
MOMENTS = 100  #: at which something may fall due between two days of the story
DESK, OFFICER = "desk", "officer"

MARKED = (
    "committed/postbook._marking", "letter-marked", "letter-accepted", "before-commit/postbook._work_of",
    "before-commit/outbox.Postroom._wait",
)  # fmt: skip
"""The points at which a letter is marked as being sent and no answer is recorded: a desk that dies there leaves its
fate unknown."""
BESIDE = ("before-commit/outbox.Postroom._claim", "committed/outbox.Postroom._claim", "letters-claimed")
"""The points that a desk comes by while a letter is at the mail server: it claims the next ones meanwhile."""


@dataclass(frozen=True)
class Cell:
    """What is killed where, and what the mail server is like."""

    point: str = ""  #: as `models.failpoints.arm` takes it; "": nothing is killed
    sink: str = "accepts"  #: one of tests.integration.mail_sinks.MOODS
    database: str = "sqlite"
    process: str = DESK  #: or OFFICER, who is at `verb`
    verb: str = ""
    at_once: int = 1  #: letters sent at the same time
    then: str = ""  #: a point at which the desk that takes over is killed as well

    @property
    def may_be_sending(self) -> int:
        """Return how many letters may be marked as being sent when the process dies."""
        name = self.point.partition(":")[0]
        if self.process == OFFICER:
            return 0
        if self.at_once > 1:
            return self.at_once
        return int(any(each in (*MARKED, *BESIDE) for each in (name, name.partition("/")[0])))

    def __str__(self) -> str:
        """Return the cell in a line."""
        at_once = f", {self.at_once} letters at once" if self.at_once > 1 else ""
        who = f"the officer at {self.verb}" if self.process == OFFICER else "the desk"
        then = f", the next one at {self.then}" if self.then else ""
        return f"{who} dies at {self.point}{then}{at_once}; the mail server {self.sink}; {self.database}"


@dataclass
class Verdict:
    """How a cell ended."""

    cell: Cell
    wrong: list[str]
    ambiguous: int = 0  #: letters that ended so
    refused: int = 0
    being_sent: int = 0  #: letters marked as being sent when the process died
    left: int = 0  #: of these, messages that the mail server has
    seconds: float = 0.0
    keys: frozenset[str] = frozenset()  #: of every fact that the engine recorded once
    facts: int = 0

    @property
    def is_right(self) -> bool:
        """Tell whether everything was as it should be."""
        return not self.wrong


def play(
    cell: Cell, home: Path, database: str, *, expected: frozenset[str] = frozenset(), notes: Path | None = None,
    officers: bool = True,
) -> Verdict:  # fmt: skip
    """Play a cell with its files in `home`, an empty folder, on an empty `database`, and say what was wrong.

    `expected` are the keys of what the engine records when nothing is killed; `notes` is where each failpoint reached
    is written down: by the desk under that name, by `officers` with the verb behind it.
    """
    began = time.monotonic()
    with MailServer(MOODS[cell.sink]()) as mail:
        story = Story(cell, Orders(home, database, mail.port, at_once=cell.at_once), mail, notes, officers)
        wrong: list[str] = []
        try:
            story.is_played()
            wrong = story.what_is_wrong(expected)
        except Exception as error:
            wrong = [f"{type(error).__name__}: {error}"]
        finally:
            verdict = story.verdict(wrong)
            story.is_over()
    verdict.seconds = time.monotonic() - began
    return verdict


@dataclass
class Story:
    """A case, its officer, the desk that dies and the one that takes over."""

    cell: Cell
    orders: Orders
    mail: MailServer
    notes: Path | None
    officers: bool  #: whether these note what they reach as well
    acknowledged: dict[int, str] = field(default_factory=dict)
    being_sent: set[str] = field(default_factory=set)  #: Message-IDs marked as being sent when the desk died
    shown: set[str] = field(default_factory=set)  #: keys of letters in question that the officer was shown
    handed_over: set[str] = field(default_factory=set)  #: keys of papers that were refused, and served by hand
    killed: int = 0
    case_ref: str = ""

    def __post_init__(self) -> None:
        """Open the office and the first desk."""
        self.clock = SharedClock(self.orders.home / "clock")
        self.clock.set(BEGAN)
        self.office = Office(open_store(self.orders.database), self.clock, council, holder="the officer")
        self._desk: DeskProcess | None = None
        self._armed = self.cell.point

    # -- the story -----------------------------------------------------------------------------------------

    def is_played(self) -> None:
        """Play the case from its notice to its end."""
        self.desk_works()
        self.case_ref = self.officer_notifies()
        self.officer_does("attach", day=1, kind="equality-screening", reasons="One pharmacy of many.")
        self.officer_does("attach", day=1, kind="application", file=a_paper(self.orders.home))
        self.officer_does("decide-route", day=2, route="contentious", reasons="Objections.", chair_agrees=True)
        for number, role in enumerate(self.answering(day=5)):
            self.officer_does("respond", day=5, consultee=role, opinion="gap" if number % 2 else "no-gap",
                              interest="none")  # fmt: skip
        group = ["director-of-public-health", "board-chair", "icb"]
        self.officer_does("meet", day=20, attended=group, opinion="gap")
        self.officer_does("decide", day=22, opinion="gap", limb_a="A.", limb_b="B.", wishes_oral_hearing=False)
        self.officer_does("record-outcome", day=40, outcome="refused")
        self.time_passes_to(day=60)

    def answering(self, day: int) -> list[str]:
        """Return everybody who has the papers on a day and will answer."""
        self.time_passes_to(day)
        return [c.role for c in self.case.consultees if c.role != SILENT and c.standing is Standing.ASKED]

    def time_passes_to(self, day: int) -> None:
        """Let time pass to a day after the notice, at ten: the desk works whenever something falls due on the way."""
        until = BEGAN + timedelta(days=day)
        for _ in range(MOMENTS):
            self.desk_works()
            with self.office.store.reading() as reading:
                letters = reading.next_letter_due()
            due = min((at for at in (letters, self.summary.due_at) if at is not None), default=until)
            if due > until or self.clock.now() >= until:
                break
            self.clock.set(max(due, self.clock.now() + timedelta(seconds=1)))
        else:
            raise AssertionError(f"something is due again and again without being done: {self.summary}")
        if self.clock.now() < until:
            self.clock.set(until)
            self.desk_works()

    def desk_works(self) -> None:
        """Let a desk do what is to be done now; where it dies, the next one does the rest. Then letters are settled."""
        for _ in range(MOMENTS):
            self.a_desk_does_all()
            if not self.case_ref or not self.officer_settles():
                return
        raise AssertionError("letters are in question again and again, however often they are settled")

    def a_desk_does_all(self) -> None:
        """Let a desk work until it rests; the first one is armed, and another takes over when it dies."""
        while True:
            try:
                if self._desk is None:
                    dies_at = self._armed if self.cell.process == DESK else ""
                    self._desk = DeskProcess(replace(self.orders, dies_at=dies_at, notes=self.noted(DESK)))
                self._desk.works()
                return
            except DeskDied:
                self.just_died()

    def just_died(self) -> None:
        """Note what was under way when a process died."""
        self.killed += 1
        self._armed = self.cell.then if self.killed == 1 else ""
        self._desk = None
        self.being_sent |= {each.draft.message_id for each in self.letters(LetterState.SENDING)}

    def noted(self, who: str) -> Path | None:
        """Return where a process writes down the failpoints that it reaches."""
        return self.notes / who if self.notes else None

    # -- the officer ---------------------------------------------------------------------------------------

    def officer_notifies(self) -> str:
        """Enter the notice and return the case."""
        if self.at_the_command_line("notify"):
            self.types("notify", ["pharmacy-consolidation"], NOTICE)
            with self.office.store.reading() as reading:
                found = reading.find("pharmacy-consolidation", "southampton", "CAS-17")
            assert found is not None, "the notice was acknowledged and there is no case"
            self.acknowledge(*self.office.store.record(found))
            return found
        done = notify(self.office, "pharmacy-consolidation", "southampton", dict(NOTICE), channel=DOOR)
        self.acknowledge(done.fact)
        return done.case

    def officer_does(self, verb: str, day: int, **fields: Any) -> None:
        """Do a verb on a day; once it returns the fact is acknowledged. Then the desk works."""
        if self.clock.now() < BEGAN + timedelta(days=day):
            self.time_passes_to(day)
        self.does(verb, **fields)
        self.desk_works()

    def does(self, verb: str, **fields: Any) -> None:
        """Do a verb now, in a process of its own where that is to be killed."""
        if self.at_the_command_line(verb):
            self.types(verb, [self.case_ref], fields)
            self.acknowledge(self.own_facts()[-1])
            return
        self.acknowledge(perform(self.office, self.case_ref, verb, fields, channel=DOOR).fact)

    def at_the_command_line(self, verb: str) -> bool:
        """Tell whether an officer's process is watched or killed at this verb."""
        dies = self.cell.process == OFFICER and self.cell.verb == verb and not self.killed
        return dies or (self.notes is not None and self.officers)

    def types(self, verb: str, what: list[str], fields: dict[str, Any]) -> None:
        """Type a command; where its process is killed, look whether it was recorded, and type it again if not."""
        words = [verb, *what, *(word for name, value in fields.items() for word in option(name, value))]
        before = len(self.own_facts())
        dies_at = self._armed if self.cell.process == OFFICER else ""
        code = officer(replace(self.orders, dies_at=dies_at, notes=self.noted(f"{OFFICER} {verb}")), words)
        if code == -9 and dies_at:
            self.just_died()
            recorded = len(self.own_facts()) > before
            after_commit = dies_at.startswith(("committed", "verb-recorded"))
            assert recorded == after_commit, f"killed at {dies_at}, and it was {'' if recorded else 'not '}recorded"
            code = 0 if recorded else officer(self.orders, words)
        assert code == 0, f"`cleardays {' '.join(words)}` ended with {code}: {(self.orders.home / 'told').read_text()}"

    def own_facts(self) -> list[Fact]:
        """Return what officers recorded so far."""
        with self.office.store.reading() as reading:
            found = reading.find("pharmacy-consolidation", "southampton", "CAS-17")
            return [fact for fact in reading.record(found) if fact.channel == DOOR] if found else []

    def acknowledge(self, *facts: Fact) -> None:
        """Keep in mind what an officer was told."""
        self.acknowledged |= {fact.number: fact.hash for fact in facts}

    def officer_settles(self) -> bool:
        """Ask whoever a letter in question was for, settle it, and have papers that are not there sent again.

        Return whether anything was settled. A letter that was refused is told another way, by telephone.
        """
        newest = {fact["letter"]: fact for fact in self.record if fact.kind in FATES}
        lost = [fact for fact in newest.values() if fact.kind in ("letter-bounced", "letter-ambiguous")]
        for fact in lost:
            if fact["letter"] in self.handed_over:
                continue
            self.shown.add(fact["letter"])
            role = "addressee" if fact["letter"].startswith("representation-issued/") else fact["consultee"]
            waits_for_it = fact["letter"].startswith(("representation-issued/", "circulated/"))
            is_there = fact.get("message_id") in self.mail.taken
            if waits_for_it and fact.kind == "letter-ambiguous":
                self.does("settle", consultee=role, fate="received" if is_there else "not-received", reasons="Asked.")
                if not is_there:
                    with suppress(Refused):  # a second letter to them was in question too, and was settled first
                        self.does("resend", consultee=role, reasons="It is not there.")
            elif waits_for_it:
                self.does("serve", consultee=role, channel="hand", served_on=f"{self.clock.now():%Y-%m-%d}")
                self.handed_over.add(fact["letter"])
            else:
                self.does("settle", consultee=role, fate="received", reasons="Told by telephone.")
            return True  # the record has moved: look again
        return False

    # -- what must be true at its end ----------------------------------------------------------------------

    def what_is_wrong(self, expected: frozenset[str]) -> list[str]:
        """Return everything that is not as it should be, in sentences."""
        checks: list[Callable[[frozenset[str]], list[str]]] = [
            self._kill, self._record, self._letters, self._doubt, self._course,
        ]  # fmt: skip
        return [f"{check.__name__[1:]}: {fault}" for check in checks for fault in check(expected)]

    def _kill(self, expected: frozenset[str]) -> list[str]:
        if self.killed != bool(self.cell.point) + bool(self.cell.then):
            return [f"{self.cell.then if self.killed else self.cell.point} was not reached"]
        most = self.cell.may_be_sending
        left = len(self.being_sent)
        return [f"{left} letters were being sent, at most {most} may be"] if left > most else []

    def _record(self, expected: frozenset[str]) -> list[str]:
        try:
            check_chain(self.record)
        except BrokenRecord as broken:
            return [str(broken)]
        there = {fact.number: fact.hash for fact in self.record}
        return [f"fact {n} was acknowledged and is lost" for n, h in self.acknowledged.items() if there.get(n) != h]

    def _letters(self, expected: frozenset[str]) -> list[str]:
        letters = {each.draft.message_id: each for each in self.letters()}
        states = {name: each.state for name, each in letters.items()}
        taken = self.mail.taken
        keys = Counter(each.draft.key for each in letters.values())
        fates = Counter(fact["letter"] for fact in self.record if fact.kind in FATES and fact.channel == "mail")
        wrong = [f"{name} was taken {times} times" for name, times in taken.items() if times > 1]
        wrong += [f"{name} was taken and is no letter of the case" for name in taken if name not in letters]
        wrong += [f"{key} is there {times} times" for key, times in keys.items() if times > 1]
        wrong += [f"{each.draft.key} is {each.state}" for each in letters.values() if each.state not in ENDED]
        wrong += [f"{key} has {fates[key]} fates" for key in keys if fates[key] != 1]
        for name, state in states.items():
            if state is LetterState.SENT and name not in taken:
                wrong.append(f"{letters[name].draft.key} is called sent and never arrived")
            if state is LetterState.REFUSED and name in taken:
                wrong.append(f"{letters[name].draft.key} is called refused and arrived")
            if name in taken and self.mail.recipients[name] != letters[name].draft.address:
                wrong.append(f"{letters[name].draft.key} went to {self.mail.recipients[name]}")
        return wrong

    def _doubt(self, expected: frozenset[str]) -> list[str]:
        """Ambiguous is what the line was dropped on, or the desk died on: no more, no less; and an officer saw it."""
        ambiguous = {each.draft.message_id: each.draft.key for each in self.letters(LetterState.AMBIGUOUS)}
        unknown = self.mail.dropped | self.being_sent
        wrong = [f"{key} is ambiguous for no reason" for name, key in ambiguous.items() if name not in unknown]
        wrong += [f"{name} must be ambiguous" for name in unknown if name not in ambiguous]
        wrong += [f"{key} was shown to nobody" for key in ambiguous.values() if key not in self.shown]
        told = {f["letter"]: f["message_id"] for f in self.record.all("letter-ambiguous") if "message_id" in f.payload}
        wrong += [f"{key} was put under another Message-ID" for name, key in ambiguous.items() if told.get(key) != name]
        return wrong + self._sent_again()

    def _sent_again(self) -> list[str]:
        """Papers and representation were written again as often as asked for, or as they had gone out of date."""
        waited_for = ("circulated", "representation-issued")
        written = Counter(fact.kind for fact in self.record)
        people = len({fact["consultee"] for fact in self.record if fact.kind in waited_for})
        kept_back = [fact["letter"] for fact in self.record if fact.get("write_anew")]
        asked = written["resend-asked"] + sum(letter.startswith(waited_for) for letter in kept_back)
        again = sum(written[kind] for kind in waited_for) - people
        return [] if again == asked else [f"{again} letters were written again, {asked} called for it"]

    def _course(self, expected: frozenset[str]) -> list[str]:
        """The case went as it goes when nobody dies, but for what is said of letters in question."""
        summary = self.summary
        wrong = [] if summary.outcome == "refused" else [f"it is not closed but {summary}"]
        counts = {kind: sum(fact.kind == kind for fact in self.record) for kind in ONCE}
        wrong += [f"{kind} is on record {count} times" for kind, count in counts.items() if count != 1]
        missing = {key for key in expected - self.keys if not is_about_doubt(key)}
        more = {key for key in self.keys - expected if not is_about_doubt(key)} if expected else set()
        return wrong + [f"{key} is missing" for key in missing] + [f"{key} is too much" for key in more]

    def verdict(self, wrong: list[str]) -> Verdict:
        """Return how the story ended."""
        if not self.case_ref:
            return Verdict(self.cell, wrong or ["no case was opened"])
        left = sum(name in self.mail.taken for name in self.being_sent)
        return Verdict(
            self.cell, wrong, len(self.letters(LetterState.AMBIGUOUS)), len(self.letters(LetterState.REFUSED)),
            len(self.being_sent), left, keys=self.keys, facts=self.record.head,
        )  # fmt: skip

    def is_over(self) -> None:
        """Let go of everything."""
        if self._desk is not None:
            self._desk.close()
        self.office.store.close()

    # -- looking -------------------------------------------------------------------------------------------

    @property
    def record(self) -> Record:
        """The record as it stands."""
        return self.office.store.record(self.case_ref)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of what the engine recorded of the case, letters' fates apart."""
        return frozenset(
            course_of(fact) for fact in self.record if fact.channel == "flow" and fact.key and fact.kind not in FATES
        )

    @property
    def summary(self) -> CaseSummary:
        """What the store knows of the case."""
        return self.office.store.case(self.case_ref)

    @property
    def case(self) -> PharmacyCase:
        """The case as it stands now."""
        return PharmacyCase(self.record, self.office.council("southampton"), self.clock.now())

    def letters(self, *states: LetterState) -> list[Letter]:
        """The case's letters, of these states if any are named."""
        if not self.case_ref:
            return []
        with self.office.store.reading() as reading:
            return [each for each in reading.letters(self.case_ref) if not states or each.state in states]


def course_of(fact: Fact) -> str:
    """Return the key of a fact without the fact number or the count that some keys end with."""
    kind, _, rest = str(fact.key).partition("/")
    return kind if kind in ("feedback-closed", "representation-sent", "plan-laid") else f"{kind}/{rest}"


def is_about_doubt(key: str) -> bool:
    """Tell whether a fact is there because a letter was in question: a question, news, a letter sent again."""
    again = ("circulated/", "representation-issued/")
    return "letter lost" in key or "letter in question" in key or key.startswith(again)


def option(name: str, value: Any) -> list[str]:
    """Return a field as the command line takes it."""
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{flag}" if value else f"--no-{flag}"]
    return [f"--{flag}", ",".join(value) if isinstance(value, list) else str(value)]
