"""A meeting of a board as its record shows it: who came for whom, who had an interest, the quorum, the hands raised.

Sources: Terms of Reference of the Joint Commissioning Board, May 2019, sections 7, 8 and 11; the quorum, the deputies
and what an abstention means come from the council's file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from models.council import Council
from models.council_boards import Body, QuorumAnswer
from models.facts import Fact


class Hand(StrEnum):
    """What one person's hand said in a show of hands."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


class InterestAction(StrEnum):
    """What was done about an interest, depending on the topic and its nature (ToR 11.1)."""

    NONE = "none"
    REMAINS = "declared-remains"
    WITHDRAWS = "declared-withdraws"
    DISPENSATION = "dispensation"


class Abstention(StrEnum):
    """What an abstention means where consensus is asked for: the council's own policy, as no paper says."""

    NOT_SUPPORT = "not-support"  #: who abstains does not support, so there is no consensus of those present
    STANDS_ASIDE = "stands-aside"  #: who abstains is left out, and each organisation must still show its support


class Result(StrEnum):
    """What became of an item at one consideration: four ends that are never confused (ToR 8.2 to 8.5)."""

    DECIDED = "decided"
    DEFERRED = "deferred"
    REFERRED_BACK = "referred back"
    WITHDRAWN = "withdrawn"


class Attendee(NamedTuple):
    """Someone in the room: office, person, the member's seat they take, and the partner they sit for."""

    role: str
    person: str
    seat: str  #: the member's role: their own, or the one they deputise for
    partner: str | None  #: id of the partner organisation; None for a body without partners

    @property
    def deputises(self) -> bool:
        """Tell whether the office stands in for another."""
        return self.role != self.seat


class Consensus(NamedTuple):
    """Whether consensus was shown, the sentence that says why, and who did not support."""

    reached: bool
    reason: str
    dissent: tuple[str, ...] = ()


class BadRoll(ValueError):
    """A roll, a declaration or a show of hands that cannot have been so; the sentence says why."""


@dataclass(frozen=True)
class Meeting:
    """One meeting of a body on a London day, as far as it concerns one item.

    `roll` maps the role of each person present to the member's seat they took; `actions` says by role what was done
    about an interest; `hands` says by role how each voted. What the roll does not know is left out of every count.
    """

    council: Council
    body_id: str
    on: date
    roll: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, InterestAction] = field(default_factory=dict)
    hands: Mapping[str, Hand] = field(default_factory=dict)
    abstention: Abstention = Abstention.NOT_SUPPORT

    @property
    def body(self) -> Body:
        """Return the body that met."""
        return self.council.body(self.body_id)

    @cached_property
    def present(self) -> tuple[Attendee, ...]:
        """Return the members and deputies in the room, each seat and each person once; others are in attendance only.

        Where a member is there, nobody deputises for that member; a person in two roles is there in the first.
        """
        found: dict[str, Attendee] = {}
        in_person = sorted(self.roll.items(), key=lambda entry: entry[0] != entry[1])
        for role, seat in in_person:
            attendee = self._seated(role, seat)
            if attendee and attendee.person not in found and all(a.seat != seat for a in found.values()):
                found[attendee.person] = attendee
        return tuple(found.values())

    @property
    def taking_part(self) -> tuple[Attendee, ...]:
        """Return those who consider the item: present, and not withdrawn for an interest (ToR 11.1)."""
        return tuple(a for a in self.present if not self._withdrew(a))

    @property
    def withdrawn(self) -> tuple[Attendee, ...]:
        """Return those who withdrew for an interest."""
        return tuple(a for a in self.present if self._withdrew(a))

    @property
    def absent(self) -> tuple[str, ...]:
        """Return the members whose seat nobody took."""
        taken = {attendee.seat for attendee in self.present}
        return tuple(role for role in self.body.members if role not in taken)

    @property
    def quorum(self) -> QuorumAnswer:
        """Return whether those who consider the item make a quorum: who withdraws counts no more (ToR 8.1, 11.1)."""
        answer = self._quorum_of(self.taking_part)
        if answer.met or not self.withdrawn or not self._quorum_of(self.present).met:
            return answer
        names = ", ".join(self.council.title(a.role, self.on) for a in self.withdrawn)
        return QuorumAnswer(False, f"{answer.reason} The quorum was lost when {names} withdrew for an interest.")

    @cached_property
    def consensus(self) -> Consensus:
        """Return whether consensus was shown: a quorum, all those present in support, and every partner among them.

        "Consensus will be demonstrated by a show of hands", "of those present", and both organisations must support
        (ToR 8.1, 8.3). What an abstention means is local policy; a hand that was not recorded supports nothing.
        """
        if not self.quorum.met:
            return Consensus(False, f"No consensus can be shown: {self.quorum.reason}")
        dissent = tuple(a.role for a in self.taking_part if not self._supports(a))
        opposed = [role for role in dissent if not self._may_stand_aside(role)]
        if opposed:
            told = ", ".join(f"{self.council.title(role, self.on)} ({self._said(role)})" for role in opposed)
            return Consensus(False, f"No consensus of those present: {told}.", dissent)
        supporters = [a for a in self.taking_part if self._supports(a)]
        lacking = [p.name for key, p in self.body.partners.items() if key not in {a.partner for a in supporters}]
        if lacking or not supporters:
            return Consensus(False, f"No consensus: nobody supports for {' or for '.join(lacking) or 'it'}.", dissent)
        count = f"{len(supporters)} of {len(self.taking_part)} present support"
        partners = ", ".join(partner.name for partner in self.body.partners.values())
        return Consensus(True, f"Consensus: {count}{f', among them each of {partners}' if partners else ''}.", dissent)

    # -- who is who ----------------------------------------------------------------------------------------

    def _seated(self, role: str, seat: str) -> Attendee | None:
        """Return the attendee that a line of the roll makes, or None where the file gives that role no such seat."""
        person = self.council.person_id_or_none(role, self.on) if role in self.council.known_roles else None
        if person is None or seat not in self.body.members:
            return None
        partner = self.body.partner_of(seat, self.on)
        if role != seat and (partner is None or role not in self.body.partners[partner].deputies_on(self.on)):
            return None
        return Attendee(role, person, seat, partner)

    def _quorum_of(self, attendees: Iterable[Attendee]) -> QuorumAnswer:
        counted = list(attendees)
        people, seats = {a.role: a.person for a in counted}, {a.role: a.seat for a in counted}
        return self.body.quorum_of(list(people), people, seats)

    def has_withdrawn(self, role: str) -> bool:
        """Tell whether who holds an office withdrew for an interest, on the roll or not, whichever office they named.

        Who withdraws takes no part in the decision either (ToR 11.1; Localism Act 2011 s.31; LGA 1972 s.117).
        """
        person = self._person(role)
        return any(
            action is InterestAction.WITHDRAWS and (said == role or self._person(said) == person is not None)
            for said, action in self.actions.items()
        )

    def was_there(self, role: str, in_attendance: Iterable[str] = ()) -> bool:
        """Tell whether who holds an office was in the room: a member on the roll, others there or in attendance."""
        person = self._person(role)
        here = {attendee.person for attendee in self.present}
        if role not in self.body.members:
            here |= {found for each in in_attendance if (found := self._person(each))}
        return person in here

    def _withdrew(self, attendee: Attendee) -> bool:
        return self.has_withdrawn(attendee.role)

    def _person(self, role: str) -> str | None:
        return self.council.person_id_or_none(role, self.on) if role in self.council.known_roles else None

    # -- the show of hands ---------------------------------------------------------------------------------

    def _hands_of(self, attendee: Attendee) -> set[Hand]:
        return {hand for role, hand in self.hands.items() if self._person(role) == attendee.person}

    def _supports(self, attendee: Attendee) -> bool:
        """Tell whether a person raised a hand in support, and in support alone."""
        return self._hands_of(attendee) == {Hand.FOR}

    def _may_stand_aside(self, role: str) -> bool:
        return self.abstention is Abstention.STANDS_ASIDE and self._hands(role) == {Hand.ABSTAIN}

    def _hands(self, role: str) -> set[Hand]:
        (attendee,) = [a for a in self.taking_part if a.role == role]
        return self._hands_of(attendee)

    def _said(self, role: str) -> str:
        """Return what a person's hand said, in words."""
        hands = self._hands(role)
        if len(hands) > 1:
            return "two different hands"
        words = {Hand.AGAINST: "against", Hand.ABSTAIN: "abstained, which is not support", Hand.FOR: "for"}
        return words[next(iter(hands))] if hands else "no hand recorded"

    # -- what cannot be --------------------------------------------------------------------------------------

    def check_roll(self) -> None:
        """Raise BadRoll where someone on the roll has no seat, or one seat or person is on it twice."""
        seated = {a.role for a in self.present}
        for role, seat in self.roll.items():
            if role not in seated:
                raise BadRoll(self._why_not_seated(role, seat))

    def _why_not_seated(self, role: str, seat: str) -> str:
        title = self.council.title(role, self.on)
        person = self._person(role)
        if person is None:
            return f"nobody holds the office of {title} on {self.on:%-d %B %Y}; enter the holder in the council's file"
        if seat not in self.body.members:
            return f"{title} has no seat on the {self.body.name}; name its members, or 'deputy for member'"
        if self._seated(role, seat) is None:
            return f"{title} is not named as a deputy for {self.council.title(seat, self.on)} in the council's file"
        other = next(a for a in self.present if a.person == person or a.seat == seat)
        same = "is the same person as" if other.person == person else "takes the seat of"
        return f"{title} {same} {self.council.title(other.role, self.on)}, who is present already and counts once"


def read_roll(entries: Iterable[str]) -> dict[str, str]:
    """Return the roll that entries such as "ccg-chair" or "ccg-deputy for ccg-chair" make: the seat by role.

    Raises BadRoll where an office is entered twice.
    """
    roll: dict[str, str] = {}
    for entry in entries:
        role, _, seat = (part.strip() for part in entry.partition(" for "))
        if role in roll:
            raise BadRoll(f"{role} is on the roll twice")
        roll[role] = seat or role
    return roll


def interests_of(facts: Iterable[Fact], meeting: int | None = None) -> dict[str, InterestAction]:
    """Return by role what was last done about an interest, from facts of declarations at a meeting (its round)."""
    return {
        fact["member"]: InterestAction(fact["action"])
        for fact in facts
        if fact.get("member") and meeting in (None, fact.get("round"))
    }


def next_meeting(council: Council, body: str, after: date) -> date | None:
    """Return the first published meeting of a body later than a day, or None where the file holds none."""
    return next((day for day in council.body(body).meetings if day > after), None)


def result_of(kinds: Iterable[str]) -> Result | None:
    """Return what became of a consideration from the kinds of its facts, or None while nothing has.

    Raises ValueError where they say two things at once, which no record of ours can.
    """
    ends = {
        "decided": Result.DECIDED, "declined": Result.DECIDED, "deferred": Result.DEFERRED,
        "referred-back": Result.REFERRED_BACK, "withdrawn": Result.WITHDRAWN,
    }  # fmt: skip
    found = {ends[kind] for kind in kinds if kind in ends}
    if len(found) > 1:
        raise ValueError(f"one consideration cannot end as {' and as '.join(sorted(found))}")
    return found.pop() if found else None
