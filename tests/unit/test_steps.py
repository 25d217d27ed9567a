"""Steps and turns: done once, on the record that was read, whoever else is at it; parked only at rest."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest
from sqlalchemy.exc import IntegrityError

from models.clock import FixedClock
from models.council import Council
from models.facts import Fact, Record, check_chain
from models.outgoing import Draft
from models.store import NewCase, Store, UnknownCase, Writing, open_store
from tasks import turns
from tasks.steps import step, step_for_each
from tasks.turns import Effect, Office, Parked, TurnDoesNotEnd, TurnTaken, UnknownVersion, current_turn, in_office

AT = datetime(2017, 8, 1, 9, tzinfo=UTC)


@dataclass
class Toy:
    """The least that a case must be."""

    record: Record
    council: Council
    now: datetime


def no_council(name: str) -> Any:
    """The toy procedure asks nothing of its council."""
    return None


def office_on(store: Store, holder: str = "desk") -> Office:
    """An office at a clock that stands still."""
    return Office(store, FixedClock(AT), no_council, holder=holder, real_clock=FixedClock(AT))


@pytest.fixture
def office() -> Iterator[Office]:
    """An office on a store in memory, at work."""
    office = office_on(open_store("sqlite://"))
    with in_office(office):
        yield office
    office.store.close()


def new_case(office: Office, reference: str = "CAS-1") -> str:
    """Open a case of the toy procedure."""

    def work(tx: Writing) -> str:
        ref = tx.open_case(NewCase("TOY", 2017, "toy", 1, "nowhere", reference))
        tx.append(ref, "notified", at=AT, actor="cleardays", channel="test", payload={})
        return ref

    return office.store.write(work)


def arrives(office: Office, ref: str, kind: str, **payload: object) -> Fact:
    """Let a fact arrive from outside."""
    return office.store.write(lambda tx: tx.append(ref, kind, at=AT, actor="someone", channel="form", payload=payload))


def take(ref: str, procedure: Callable[[Toy], str]) -> str:
    """Take a turn under a procedure."""
    return turns.take(ref, Toy, {1: procedure})


def wait() -> str:
    """Wait for a fact, with no deadline."""
    raise Parked("Awaiting a fact", None, "nothing else to do")


def parked(ref: str, procedure: Callable[[Toy], str]) -> Parked:
    """Take a turn that must end in waiting."""
    with pytest.raises(Parked) as waiting:
        take(ref, procedure)
    return waiting.value


def letter_to(role: str) -> Draft:
    """A letter as a step writes it."""
    return Draft("notice", role, f"{role}@example.org", "desk@example.org", "replies@example.org", "s", "t", "h")


def kinds(office: Office, ref: str) -> list[str]:
    """What the record holds, after its first fact."""
    return [fact.key or fact.kind for fact in office.store.record(ref).facts[1:]]


# -- one step ----------------------------------------------------------------------------------------------


def test_a_step_done_before_returns_what_was_recorded_without_acting(office: Office) -> None:
    """The second run of the flow, days later, gets the same fact; what the step does is not done again."""
    acts: list[int] = []

    @step("circulated", "Circulate")
    def circulate(case: Toy, round_: int, *, size: int) -> Effect:
        acts.append(round_)
        return Effect({"size": size}, [letter_to("chair")])

    seen: list[Fact] = []

    def procedure(case: Toy) -> str:
        seen.append(circulate(case, 1, size=len(seen)))
        return wait()

    ref = new_case(office)
    parked(ref, procedure)
    parked(ref, procedure)
    assert acts == [1]
    assert seen[0] == seen[1]
    assert (seen[0].key, seen[0]["size"], seen[0].channel, seen[0].actor) == ("circulated/1", 0, "flow", "cleardays")
    with office.store.reading() as reading:
        (letter,) = reading.letters(ref)
    assert (letter.fact, letter.draft.key) == (2, "circulated/1")


def test_a_step_that_fails_leaves_nothing(office: Office) -> None:
    """Neither fact nor letter nor claim; the next turn does it all."""
    fail = [True]

    @step("circulated", "Circulate")
    def circulate(case: Toy) -> Effect:
        if fail.pop():
            raise OSError("the template cannot be read")
        return Effect({}, [letter_to("chair")])

    def procedure(case: Toy) -> str:
        circulate(case)
        return wait()

    ref = new_case(office)
    with pytest.raises(OSError, match="cannot be read"):
        take(ref, procedure)
    with office.store.reading() as reading:
        assert (reading.letters(ref), reading.turn_holders()) == ([], [])
    assert kinds(office, ref) == []
    fail.append(False)
    parked(ref, procedure)
    assert kinds(office, ref) == ["circulated"]


def test_a_step_whose_letters_cannot_be_posted_leaves_nothing(office: Office) -> None:
    """Fact, letters and documents are one transaction: a letter that the store refuses undoes them all."""

    @step("circulated", "Circulate")
    def circulate(case: Toy) -> Effect:
        wordless = replace(letter_to("healthwatch"), text=None)  # type: ignore[arg-type]
        return Effect({}, [letter_to("chair"), wordless], {"0" * 64: b"paper"})

    ref = new_case(office)
    with pytest.raises(IntegrityError):
        take(ref, lambda case: circulate(case).kind)
    assert kinds(office, ref) == []
    with office.store.reading() as reading:
        assert reading.letters(ref) == []
        with pytest.raises(LookupError):
            reading.document("0" * 64)


def test_letters_of_two_records_never_share_a_message_id(office: Office) -> None:
    """A trial's first case and the real one have one reference; a mail server would drop the second's letters."""

    @step("notified-chair", "Tell the chair")
    def tell(case: Toy) -> Effect:
        return Effect({}, [letter_to("chair")])

    def once(case: Toy) -> str:
        tell(case)
        return "told"

    def sent_from(one: Office) -> str:
        ref = new_case(one)
        with in_office(one):
            take(ref, once)
        with one.store.reading() as reading:
            (letter,) = reading.letters(ref)
        return f"{ref} {letter.draft.message_id}"

    other = office_on(open_store("sqlite://"))
    first, second = sent_from(office), sent_from(other)
    other.store.close()
    assert first.split()[0] == second.split()[0]
    assert first != second


def test_several_letters_of_one_fact_have_keys_of_their_own(office: Office) -> None:
    """Each is found again by its recipient, and has a Message-ID that no other letter has."""

    @step("circulated", "Circulate")
    def circulate(case: Toy) -> Effect:
        return Effect({}, [letter_to("chair"), letter_to("healthwatch")])

    def procedure(case: Toy) -> str:
        circulate(case)
        return wait()

    ref = new_case(office)
    parked(ref, procedure)
    with office.store.reading() as reading:
        letters = reading.letters(ref)
    assert [letter.draft.key for letter in letters] == ["circulated/chair", "circulated/healthwatch"]
    assert len({letter.draft.message_id for letter in letters}) == 2


def test_a_step_for_each_acts_only_for_those_missing(office: Office) -> None:
    """Who was told is not told again; the facts come back for all, in the order asked, in one commit."""
    acts: list[str] = []

    @step_for_each("informed", "Inform")
    def inform(case: Toy, role: str, about: str) -> Effect:
        acts.append(role)
        return Effect({"consultee": role}, [letter_to(role)])

    people: list[Sequence[str]] = [["a", "b"], ["c", "b", "a", "d"], []]
    told: list[list[str]] = []

    def procedure(case: Toy) -> str:
        told.append([fact["consultee"] for fact in inform(case, people[len(told)], "the route")])
        return wait()

    ref = new_case(office)
    for _ in people:
        parked(ref, procedure)
    assert acts == ["a", "b", "c", "d"]
    assert told == [["a", "b"], ["c", "b", "a", "d"], []]
    assert kinds(office, ref) == [f"informed/the route/{role}" for role in "abcd"]


def test_a_step_outside_a_turn_says_so() -> None:
    """There is nothing to record it in."""

    @step("circulated", "Circulate")
    def circulate(case: Toy) -> Effect:
        return Effect({})

    with pytest.raises(LookupError, match="outside a turn"):
        circulate(Toy(Record("TOY", "toy", 1, "nowhere"), no_council(""), AT))


def test_no_step_and_no_verb_without_an_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says how to open one."""
    monkeypatch.setattr(turns, "_makers", [])  # other tests of this process may have named one
    with pytest.raises(LookupError, match="cleardays up"):
        turns.current_office()


# -- the record moves ------------------------------------------------------------------------------------------


def test_a_fact_that_arrives_while_a_step_acts_restarts_the_turn(office: Office) -> None:
    """The letter written on the old record is thrown away; the turn is taken again and knows the answer."""
    ref = new_case(office)
    arrivals = ["answered"]
    acts: list[int] = []

    @step("circulated", "Circulate")
    def circulate(case: Toy) -> Effect:
        if arrivals:
            arrives(office, ref, arrivals.pop())
        acts.append(case.record.head)
        return Effect({"knew": case.record.last("answered") is not None}, [letter_to("chair")])

    def procedure(case: Toy) -> str:
        circulate(case)
        return wait()

    parked(ref, procedure)
    assert acts == [1, 2]
    assert kinds(office, ref) == ["answered", "circulated"]
    record = office.store.record(ref)
    assert record.facts[-1]["knew"] is True
    with office.store.reading() as reading:
        assert len(reading.letters(ref)) == 1
    assert office.store.case(ref).seen == record.head == 3


def test_a_fact_that_arrives_between_acting_and_recording_restarts_the_turn(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even in the last moment before the transaction: nothing is recorded on a record that has moved."""
    ref = new_case(office)
    write, waiting = Store.write, ["answered", "answered again"]

    def write_late(store: Store, work: Callable[[Writing], Any]) -> Any:
        if waiting and "Turn.write" in work.__qualname__:
            kind = waiting.pop(0)
            write(store, lambda tx: tx.append(ref, kind, at=AT, actor="x", channel="form", payload={}))
        return write(store, work)

    monkeypatch.setattr(Store, "write", write_late)
    rounds: list[int] = []

    @step("circulated", "Circulate")
    def circulate(case: Toy) -> Effect:
        return Effect({})

    @step("reminded", "Remind")
    def remind(case: Toy) -> Effect:
        return Effect({})

    def procedure(case: Toy) -> str:
        rounds.append(case.record.head)
        circulate(case)
        remind(case)
        return wait()

    parked(ref, procedure)
    assert kinds(office, ref) == ["answered", "answered again", "circulated", "reminded"]
    assert rounds == [1, 2, 3]


def test_a_fact_that_arrives_while_the_case_is_parked_restarts_the_turn(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No fact falls between the last look and the rest: a case never sleeps on something it has not seen."""
    ref = new_case(office)
    park, waiting = Writing.park, ["answered"]

    def park_late(tx: Writing, ref: str, **values: Any) -> bool:
        if waiting:
            tx.append(ref, waiting.pop(), at=AT, actor="x", channel="form", payload={})
        return park(tx, ref, **values)

    monkeypatch.setattr(Writing, "park", park_late)
    assert take(ref, lambda case: "answered" if case.record.last("answered") else wait()) == "answered"
    assert office.store.case(ref).outcome == "answered"


def test_a_procedure_that_never_comes_to_rest_is_stopped(office: Office) -> None:
    """A procedure that moves its own record without end is named, and the claim is given back."""
    ref = new_case(office)

    def procedure(case: Toy) -> str:
        arrives(office, ref, "noise")
        return wait()

    with pytest.raises(TurnDoesNotEnd, match=f"case {ref} was taken {turns.MOST_ROUNDS} times"):
        take(ref, procedure)
    with office.store.reading() as reading:
        assert reading.turn_holders() == []


# -- parking and ending -----------------------------------------------------------------------------------


def test_a_case_is_due_just_after_its_deadline_or_at_the_first_alarm(office: Office) -> None:
    """The last instant of the day is still in time; the turn comes a microsecond later, or when one asked for it."""
    ref = new_case(office)
    last_instant = datetime(2017, 9, 15, 22, 59, 59, 999999, tzinfo=UTC)
    alarms = [AT - timedelta(days=1), AT, last_instant + timedelta(days=1)]

    def procedure(case: Toy) -> str:
        for alarm in alarms:
            current_turn().wake_at(alarm)
        raise Parked("Awaiting feedback", last_instant, "until the last day")

    assert parked(ref, procedure).awaiting == "Awaiting feedback"
    case = office.store.case(ref)
    assert (case.until, case.due_at) == (last_instant, last_instant + timedelta(microseconds=1))
    alarms.append(AT + timedelta(hours=1))
    parked(ref, procedure)
    assert office.store.case(ref).due_at == AT + timedelta(hours=1)


def test_a_case_that_ended_says_how_and_says_it_again(office: Office) -> None:
    """The outcome is kept; a turn taken of a closed case returns it and records nothing."""

    @step("closed", "Close")
    def close(case: Toy) -> Effect:
        return Effect({"outcome": "refused"})

    def procedure(case: Toy) -> str:
        return str(close(case)["outcome"])

    ref = new_case(office)
    assert take(ref, procedure) == "refused"
    case = office.store.case(ref)
    assert (case.outcome, case.awaiting, case.until, case.due_at) == ("refused", "Closed", None, None)
    assert take(ref, procedure) == "refused"
    assert office.store.record(ref).head == 2


def test_a_closed_case_is_not_begun_again(office: Office) -> None:
    """A run that died after closing is taken up weeks later: no step of the procedure is due any more."""

    @step("closed", "Close")
    def close(case: Toy) -> Effect:
        return Effect({"outcome": "refused"})

    @step("reminded", "Remind")
    def remind(case: Toy) -> Effect:
        return Effect({}, [letter_to("chair")])

    def procedure(case: Toy) -> str:
        if case.now > AT:
            remind(case)
        return str(close(case)["outcome"])

    ref = new_case(office)
    take(ref, procedure)
    office.clock = FixedClock(AT + timedelta(days=30))
    assert take(ref, procedure) == "refused"
    assert kinds(office, ref) == ["closed"]


def test_a_case_keeps_the_version_it_was_opened_under(office: Office) -> None:
    """A newer procedure beside the old one is not given to an old case; a version that is gone is named."""
    ref = new_case(office)
    assert turns.take(ref, Toy, {1: lambda case: "as of old", 2: lambda case: "as of new"}) == "as of old"
    with pytest.raises(UnknownVersion, match="follows version 1"):
        turns.take(ref, Toy, {2: lambda case: "as of new"})


def test_a_turn_of_a_case_that_is_not_there_is_refused(office: Office) -> None:
    """The reference is named, rather than somebody blamed for holding it."""
    with pytest.raises(UnknownCase, match="TOY-2017-999"):
        take("TOY-2017-999", lambda case: "never")


# -- two at once ---------------------------------------------------------------------------------------------


def test_another_desk_leaves_a_turn_alone_until_the_claim_lapses(office: Office) -> None:
    """While one desk holds the turn the other is told so; of a dead desk, or after two minutes, it takes over."""
    ref = new_case(office)
    other = office_on(office.store, "other desk")
    office.store.write(lambda tx: tx.claim_turn(ref, "desk", AT, AT + turns.CLAIM))
    with in_office(other):
        with pytest.raises(TurnTaken, match="another desk is taking a turn"):
            take(ref, lambda case: "never")
        other.dead_holders = lambda: ["desk"]
        assert take(ref, lambda case: "taken over") == "taken over"
    assert office.store.case(ref).outcome == "taken over"


class Shown:
    """An engine that shows nothing: turns under it are claimed before they begin."""

    def __init__(self) -> None:
        self.while_shown: Callable[[], object] = lambda: None
        self.overtaken: list[bool] = []  #: of each turn that rested, whether a later one had rested meanwhile

    def park(
        self, awaiting: str, until: datetime | None, message: str, overtaken: Callable[[], bool] = lambda: False
    ) -> NoReturn:
        """Leave the turn."""
        self.overtaken.append(overtaken())
        raise Parked(awaiting, until, message)

    def show(self, case: turns.CaseView, parked: Parked | None) -> None:
        """Show nothing, and let meanwhile happen what a test wants."""
        self.while_shown()


def test_a_turn_that_was_overtaken_while_it_was_shown_is_known(office: Office) -> None:
    """Another desk has taken the next turn already: what this one shows is no longer so, and is looked at again."""
    ref, other = new_case(office), office_on(office.store, "other desk")
    engine = office.engine = Shown()

    def next_turn() -> None:
        arrives(other, ref, "answered")
        with in_office(other), pytest.raises(Parked):
            take(ref, lambda case: wait())

    with in_office(office):
        for engine.while_shown in (lambda: None, next_turn):
            with pytest.raises(Parked):
                take(ref, lambda case: wait())
    assert engine.overtaken == [False, True]


@pytest.mark.parametrize("engine", [None, Shown()], ids=["unclaimed", "claimed"])
def test_many_desks_and_threads_do_every_step_once(tmp_path: Path, engine: Shown | None) -> None:
    """Two offices, eight threads, six steps, answers coming in all the while: every key once, losers are told."""
    url = f"sqlite:///{tmp_path}/cases.db"
    offices = [office_on(open_store(url), "one"), office_on(open_store(url), "other")]
    for each in offices:
        each.engine = engine
    ref = new_case(offices[0])
    acts: Counter[str] = Counter()

    @step("step", "A step")
    def act(case: Toy, number: int) -> Effect:
        acts[str(number)] += 1
        return Effect({"answers": len(case.record.all("answered"))}, [letter_to("chair")])

    @step_for_each("told", "Tell")
    def tell(case: Toy, role: str) -> Effect:
        return Effect({}, [letter_to(role)])

    def procedure(case: Toy) -> str:
        for number in range(6):
            act(case, number)
            tell(case, [f"role-{n}" for n in range(number + 1)])
        return wait() if len(case.record.all("answered")) < 20 else "done"

    outcomes: Counter[str] = Counter()
    start = threading.Barrier(9)

    def turn_after_turn(office: Office) -> None:
        start.wait()
        with in_office(office):
            while office.store.case(ref).outcome is None:
                try:
                    outcomes[take(ref, procedure)] += 1
                except Parked as left:
                    outcomes[left.awaiting] += 1

    def answers() -> None:
        start.wait()
        for number in range(20):
            arrives(offices[number % 2], ref, "answered")

    threads = [threading.Thread(target=turn_after_turn, args=(offices[n % 2],)) for n in range(8)]
    threads.append(threading.Thread(target=answers))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    record = offices[0].store.record(ref)
    assert check_chain(record) == 1 + 6 + 6 + 20
    assert [n for n in Counter(fact.key for fact in record if fact.key).values() if n > 1] == []
    with offices[1].store.reading() as reading:
        letters = reading.letters(ref)
        assert reading.turn_holders() == []
    assert len({letter.draft.message_id for letter in letters}) == len(letters) == 12
    assert engine is None or outcomes["Awaiting its turn"] > 0
    assert outcomes["done"] > 0
    for office in offices:
        office.store.close()
