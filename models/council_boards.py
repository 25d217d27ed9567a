"""The bodies of a council file: members, partner organisations, chair by rotation, deputies, quorum and meetings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Annotated, NamedTuple, Self

from pydantic import AfterValidator, Field, model_validator

from models.council_file import wrong
from models.council_sections import ConsulteeIds, Dated, DatesInOrder, Id, RoleId, RoleIds, Section, Text, no_overlap
from models.months import months_after


class QuorumAnswer(NamedTuple):
    """Whether a quorum was met, and the sentence with the numbers that says so."""

    met: bool
    reason: str


class Quorum(Section):
    """How many must attend, of which groups at least one must be there, and how many of each partner organisation.

    `why` says why the council chose this, where the paper it follows gives no quorum.
    """

    at_least: int = Field(ge=1)
    at_least_one_of: Mapping[Text, RoleIds] = {}
    of_each_partner: int = Field(0, ge=0)
    source: Text | None = None
    why: Text | None = None

    def met_by(
        self,
        attended: Collection[str],
        people: Mapping[str, str] | None = None,
        partners: Mapping[str, Collection[str]] | None = None,
    ) -> QuorumAnswer:
        """Return whether the roles that attended make a quorum.

        `people` maps a role to the person who held it; someone who attended in two roles then counts once. `partners`
        maps the name of each partner organisation to the roles that sit for it.
        """
        known, sides = people or {}, partners if partners and self.of_each_partner else {}
        present = len({known.get(role, role) for role in attended})
        needed = max(self.at_least, self.of_each_partner * len(sides))  # nobody counts for two partners
        counts = {name: len({known.get(r, r) for r in attended if r in roles}) for name, roles in sides.items()}
        lacking = [group for group, roles in self.at_least_one_of.items() if not set(roles) & set(attended)]
        met = present >= needed and not lacking and all(n >= self.of_each_partner for n in counts.values())
        told = f"{present} {'member' if present == 1 else 'members'} present, {needed} needed"
        if counts:
            each = ", ".join(f"{n} of {name}" for name, n in counts.items())
            told += f"; {each}, {self.of_each_partner} of each needed"
        if lacking:
            return QuorumAnswer(met, f"Not quorate: {told}; nobody attended as {' or as '.join(lacking)}.")
        if met and self.at_least_one_of:
            return QuorumAnswer(met, f"Quorate: {told}, among them {', '.join(self.at_least_one_of)}.")
        return QuorumAnswer(met, f"{'Quorate' if met else 'Not quorate'}: {told}.")


class Deputy(Dated):
    """An office that may sit for a partner organisation in place of one of its members who is away."""

    role: RoleId


class Partner(Section):
    """One of the organisations that a joint body is made of."""

    name: Text
    members: RoleIds
    deputies: tuple[Deputy, ...] = ()
    lead: RoleId  #: with whom the Chair discusses a matter that was deferred
    parent: RoleId  #: the parent body, to which a matter is referred back
    parent_name: Text

    def deputies_on(self, on: date) -> tuple[str, ...]:
        """Return the roles that may deputise for its members on a day."""
        return tuple(deputy.role for deputy in self.deputies if deputy.covers(on))

    def sits(self, role: str, on: date) -> bool:
        """Tell whether a role may sit for this partner on a day, as a member or as a deputy."""
        return role in self.members or role in self.deputies_on(on)


class Chairing(Dated):
    """Who presided over a body, and who in the Chair's absence, from when until when."""

    chair: RoleId
    vice_chair: RoleId


class AnnualInterest(Section):
    """A member's yearly declaration of interests, on the register of the body."""

    member: RoleId
    declared_on: date
    interests: Text  #: in words; "none" where there are none


class Body(Section):
    """A body that meets: its members, its quorum, and the published dates of its meetings.

    A joint body has partners, each with its own members, and a Chair and Vice-Chair who take turns between them.
    """

    name: Text
    members: ConsulteeIds
    quorum: Quorum
    meetings: DatesInOrder = ()
    source: Text | None = None
    partners: Mapping[Id, Partner] = {}
    chairs: Annotated[tuple[Chairing, ...], AfterValidator(no_overlap)] = ()
    chairs_why: Text | None = None
    register_of_interests: tuple[AnnualInterest, ...] = ()

    @model_validator(mode="after")
    def _partners_fit(self) -> Self:
        """Refuse a joint body whose partners are not its members, or whose Chair and Vice-Chair share a partner."""
        if not self.partners:
            return self
        seated = sorted(role for partner in self.partners.values() for role in partner.members)
        if seated != sorted(self.members):
            raise wrong("each member of the body to be a member for exactly one of its partners")
        for term in self.chairs:
            sides = [self.partner_of(role, term.starts_on) for role in (term.chair, term.vice_chair)]
            if None in sides or sides[0] == sides[1]:
                raise wrong("a Chair and a Vice-Chair who are members for different partners")
        return self

    # -- joint bodies --------------------------------------------------------------------------------------

    def partner_of(self, role: str, on: date) -> str | None:
        """Return the id of the partner for which a role sits on a day, as member or as deputy, or None."""
        return next((key for key, partner in self.partners.items() if partner.sits(role, on)), None)

    def chairing(self, on: date) -> Chairing | None:
        """Return who presides on a day, or None where the file names nobody."""
        return next((term for term in self.chairs if term.covers(on)), None)

    def quorum_of(
        self, attended: Collection[str], people: Mapping[str, str], standing_for: Mapping[str, str] | None = None
    ) -> QuorumAnswer:
        """Return whether those who attended make a quorum of this body.

        `people` maps each role to who held it; `standing_for` maps a deputy's role to the member's it stands for.
        """
        seats = standing_for or {}
        sides = {
            partner.name: [role for role in attended if seats.get(role, role) in partner.members]
            for partner in self.partners.values()
        }
        return self.quorum.met_by(attended, people, sides)

    def undeclared(self, roles: Collection[str], on: date) -> tuple[str, ...]:
        """Return those of `roles` with no entry on the register of interests in the twelve months up to a day."""
        return tuple(
            role for role in roles
            if not any(e.member == role and e.declared_on <= on <= months_after(e.declared_on, 12)
                       for e in self.register_of_interests)
        )  # fmt: skip
