"""What happens to a case of any procedure, whatever officers do: time, outages, power cuts; and what then holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from models.facts import check_chain
from models.london import last_instant_of
from models.outgoing import LetterState
from tests.properties.world import MortalStore, World


class Troubled(RuleBasedStateMachine):
    """A case in a world that does not keep to the story. Each procedure adds how it begins and what officers do."""

    world: World
    settled: bool  #: whether a turn has been taken since anything happened
    cut_at: set[datetime]  #: when the power failed in the midst of a turn

    # -- what happens --------------------------------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 1, 5, 24, 24, 24 * 3, 24 * 7, 24 * 15, 24 * 40]))
    def time_passes(self, hours: int) -> None:
        """The desk works on: every turn that falls due is taken at its instant."""
        target = self.world.clock.now() + timedelta(hours=hours)
        self.settled = self.world.live(lambda: self.world.advance_to(target))
        self._note_cut()
        self._settle()

    @rule(before=st.booleans(), days=st.sampled_from([0, 0, 1, 13]))
    def midnight_comes(self, before: bool, days: int) -> None:
        """To the last instant of a London day, or the first of the next."""
        last = last_instant_of(self.world.case.today + timedelta(days=days)).astimezone(UTC)
        target = last if before else last + timedelta(microseconds=1)
        self.world.live(lambda: self.world.advance_to(target))
        self._settle()

    @rule(hours=st.sampled_from([3, 30, 24 * 9, 24 * 50]), settle=st.booleans())
    def desk_is_down(self, hours: int, settle: bool) -> None:
        """An outage: time passes and no turn is taken."""
        self.world.clock.set(self.world.clock.now() + timedelta(hours=hours))
        self.settled = False
        self.world.restart()
        if settle:
            self._settle()

    @rule(after=st.integers(0, 6))
    def power_fails(self, after: int) -> None:
        """The machine stops after some more transactions, in the midst of a turn or of sending."""
        store = self.world.store
        assert isinstance(store, MortalStore)
        store.writes_left = after
        self.settled = self.world.live(self.world.settle)
        store.writes_left = None
        if not self.settled:
            self._note_cut()

    @rule()
    def desk_restarts(self) -> None:
        """Another process takes over."""
        self.world.restart()

    @rule()
    def everything_settles(self) -> None:
        """The desk does all there is to do now."""
        self._settle()

    def _settle(self) -> None:
        self.world.settle()
        self.settled = True

    def _note_cut(self) -> None:
        self.cut_at.add(self.world.clock.now())

    # -- what must hold ------------------------------------------------------------------------------------

    @invariant()
    def the_record_chains_and_time_does_not_run_back(self) -> None:
        """Every fact follows from the one before it, in number, hash and time."""
        record = self.world.record
        assert check_chain(record) == record.head == self.world.summary.head
        instants = [fact.at for fact in record]
        assert instants == sorted(instants)
        keys = [fact.key for fact in record if fact.key is not None]
        assert len(keys) == len(set(keys))

    @invariant()
    def no_letter_is_there_twice(self) -> None:
        """One letter for a key, one Message-ID for a letter, and no server was handed one twice."""
        letters = self.world.letters
        assert len({letter.draft.key for letter in letters}) == len(letters)
        assert len({letter.draft.message_id for letter in letters}) == len(letters)
        handed = self.world.mail.handed
        assert len(handed) == len(set(handed))

    @invariant()
    def every_fate_is_one_fact(self) -> None:
        """A letter whose fate is settled has a fact of it; one that waits has none."""
        record = self.world.record
        kinds = ("letter-sent", "letter-bounced", "letter-ambiguous", "letter-cancelled")
        told = [f["letter"] for kind in kinds for f in record.all(kind) if f.channel == "mail"]
        told += [key for fact in record for key in fact.get("cancelled", [])]
        waiting = (LetterState.WAITING, LetterState.CLAIMED, LetterState.SENDING)
        assert sorted(told) == sorted(x.draft.key for x in self.world.letters if x.state not in waiting)

    @invariant()
    def nothing_follows_the_end_but_news_of_the_last_letters(self) -> None:
        """After "closed" the record tells only what became of the letters written before it."""
        facts = self.world.record.facts
        closed = [fact.number for fact in facts if fact.kind == "closed"]
        assert len(closed) <= 1
        for number in closed:
            assert all(fact.channel == "mail" for fact in facts[number:])

    @invariant()
    def a_case_at_rest_is_not_due(self) -> None:
        """After a turn nothing is due at once, or the bell would ring without end; what is closed waits for nothing."""
        if not self.settled:
            return
        summary, now = self.world.summary, self.world.clock.now()
        if summary.outcome is not None:
            assert self.world.case.closed is not None
            return
        assert summary.seen == summary.head
        assert summary.due_at is None or summary.due_at > now
        assert summary.until is None or summary.until >= now
        assert self.world.undecided_letters() == 0
