"""A council as data: who holds which office on which day, who is consulted, and what it chose for itself."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, PrivateAttr, ValidationInfo

from models.calendars import ENGLAND_AND_WALES, Calendar, calendar_named
from models.council_authority import Authority, officers_by_default
from models.council_better_care import BetterCare
from models.council_boards import Body, QuorumAnswer
from models.council_executive import ExecutiveDecisions
from models.council_file import CouncilError, CouncilFileError, Problem, checked, one_of, read_yaml, wrong
from models.council_grants import Grants
from models.council_joint_commissioning import JointCommissioning
from models.council_procedures import (
    DaysWithReasons,
    DayWithReason,
    Delegation,
    LocalPolicy,
    Pharmacy,
    PreElectionPeriod,
)
from models.council_retention import Retention
from models.council_sections import (
    WARD_MEMBERS,
    Email,
    Id,
    KnownIds,
    MailName,
    Person,
    Role,
    Section,
    Telephone,
    Text,
    Ward,
    WebAddress,
)
from models.editions import NUMBERS, Edition
from models.london import day_in_words

__all__ = [
    "WARD_MEMBERS",
    "Council",
    "CouncilError",
    "CouncilFileError",
    "NoAddressee",
    "Person",
    "Problem",
    "QuorumAnswer",
    "UnknownId",
    "Vacant",
    "load_council",
]

COUNCILS = Path(__file__).resolve().parent.parent / "councils"
"""Where the files of councils known by name lie."""


LISTS = "`cleardays council list`"  #: the command that names every id of a file


class UnknownId(CouncilError, LookupError):
    """An id that the council's file does not define."""

    def __init__(
        self, kind: str, values: tuple[str, ...], known: tuple[str, ...], titles: tuple[str, ...] = ()
    ) -> None:
        """`titles`: what the known ids stand for, in their order, for who types one of these."""
        self.kind, self.values, self.known, self.titles = kind, values, known, titles
        super().__init__(kind, values, known, titles)

    def __str__(self) -> str:
        return "; ".join(
            f"'{value}' is not a {self.kind} of this council "
            f"({one_of(self.known, value, lists=LISTS, titles=self.titles)})"
            for value in self.values
        )


class Vacant(CouncilError, LookupError):
    """A role that nobody held on the day asked about."""

    def __init__(self, role: str, title: str, on: date) -> None:
        self.role, self.title, self.on = role, title, on
        super().__init__(role, title, on)

    def __str__(self) -> str:
        return (
            f"Nobody held the role of {self.title} ('{self.role}') on {day_in_words(self.on)};"
            " enter the holder with dates in the council's file"
        )


class NoAddressee(CouncilError, LookupError):
    """A day for which the council's file names nobody to send the representation to."""

    def __init__(self, on: date) -> None:
        self.on = on
        super().__init__(on)

    def __str__(self) -> str:
        return (
            f"No addressee of the representation is given for {day_in_words(self.on)};"
            " enter one under 'pharmacy', 'addressee' in the council's file"
        )


class Sender(Section):
    """What a letter says about where it comes from."""

    from_name: MailName
    from_address: Email
    reply_to: Email
    telephone: Telephone
    postal_address: tuple[Text, ...]


def _auditors_decide_nothing(authority: Authority | None, info: ValidationInfo) -> Authority | None:
    """Refuse an auditor or an administrator to whom the file delegates a decision."""
    pharmacy: Pharmacy | None = info.data.get("pharmacy")
    if authority is None or pharmacy is None:
        return authority
    urgent = pharmacy.urgent_decision_route
    decide = {pharmacy.responsible_officer, urgent.holder, *urgent.deputies}
    decide |= {role for each in pharmacy.delegations.values() for role in (each.holder, *each.deputies)}
    both = [role for role in (*authority.auditor, *authority.administrator) if role in decide]
    if both:
        raise wrong(f"auditors and administrators that decide no case ({', '.join(both)} may, by a delegation above)")
    return authority


class Council(Section):
    """One council as its reviewed file describes it; every answer depends on a day given by the caller."""

    id: Id
    name: Text
    department: Text
    sender: Sender
    alternative_formats: Text
    privacy_notice: WebAddress
    people: Mapping[Id, Person]
    roles: Mapping[Id, Role]
    wards: Mapping[Id, Ward]
    bodies: Mapping[Id, Body]
    pharmacy: Pharmacy
    local_policy: LocalPolicy
    grants: Grants | None = None
    better_care: BetterCare | None = None
    executive_decisions: ExecutiveDecisions | None = None
    joint_commissioning: JointCommissioning | None = None
    authority: Annotated[Authority | None, AfterValidator(_auditors_decide_nothing)] = None
    retention: Retention | None = None
    proclaimed_holidays: DaysWithReasons = ()
    _fingerprint: str = PrivateAttr("")
    _source: bytes = PrivateAttr(b"")
    _edition: Edition | None = PrivateAttr(None)
    _dated_by: Edition | None = PrivateAttr(None)  # the edition of whose days and numbers this council is made up
    _dated: dict[str, Council] = PrivateAttr(default_factory=dict)  # this council by the editions of its open cases

    def model_post_init(self, context: Any, /) -> None:
        """Keep the fingerprint of the file, which the file itself cannot hold."""
        self._fingerprint = context.fingerprint

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the file's bytes, as 64 hexadecimal digits."""
        return self._fingerprint

    @property
    def source(self) -> bytes:
        """Return the file's bytes, whose SHA-256 the fingerprint is; empty for a council that was read from no file."""
        return self._source

    # --- roles by date ---

    @property
    def known_roles(self) -> frozenset[str]:
        """Return the id of every role."""
        return frozenset(self.roles)

    def person_id_or_none(self, role: str, on: date) -> str | None:
        """Return the id of who holds a role on a day, or None when it is vacant."""
        tenures = self._role(role).held_by
        return next((tenure.person for tenure in tenures if tenure.covers(on)), None)

    def person_id(self, role: str, on: date) -> str:
        """Return the id of who holds a role on a day, or raise Vacant."""
        found = self.person_id_or_none(role, on)
        if found is None:
            raise Vacant(role, self.title(role, on), on)
        return found

    def holder_or_none(self, role: str, on: date) -> Person | None:
        """Return who holds a role on a day, or None when it is vacant."""
        found = self.person_id_or_none(role, on)
        return None if found is None else self.people[found]

    def holder(self, role: str, on: date) -> Person:
        """Return who holds a role on a day, or raise Vacant."""
        return self.people[self.person_id(role, on)]

    def title(self, role: str, on: date) -> str:
        """Return what a role is called on a day."""
        return self._role(role).title_on(on)

    def organisation(self, role: str, on: date) -> str:
        """Return which organisation a role belongs to on a day."""
        return self._role(role).organisation_on(on)

    def addressee(self, on: date) -> str:
        """Return the role to which a representation goes on a day, or raise NoAddressee."""
        for addressee in self.pharmacy.addressee:
            if addressee.covers(on):
                return addressee.role
        raise NoAddressee(on)

    # --- who may do what ---

    def officers(self, procedure: str) -> tuple[str, ...]:
        """Return the offices that run the cases of a procedure, first its responsible officer."""
        usual = officers_by_default(procedure, self.pharmacy, self.better_care, self.executive_decisions,
                                    self.joint_commissioning, self.grants)  # fmt: skip
        if self.authority is None:
            return usual
        named = [role for name, roles in self.authority.officer.items() if name == procedure for role in roles]
        return _each_once((*usual[:1], *named))

    @property
    def auditors(self) -> tuple[str, ...]:
        """Return the offices that look at everything and record nothing; none where the file names none."""
        return self.authority.auditor if self.authority is not None else ()

    @property
    def administrators(self) -> tuple[str, ...]:
        """Return the offices that keep the house; the Director where the file names none."""
        return self.authority.administrator if self.authority is not None else (self.pharmacy.responsible_officer,)

    # --- who is consulted ---

    def ward_members(self, ward_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the roles of the members of these wards, ward by ward, each once."""
        wards = tuple(ward_ids)
        self._refuse_unknown("ward", wards, self.wards)
        return _each_once(role for ward in wards for role in self.wards[ward].members)

    def non_contentious_consultees(self, ward_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the roles to consult on an application that is not contentious, each once."""
        return self._expanded(self.pharmacy.non_contentious.consult, ward_ids)

    def contentious_consultees(self, ward_ids: Iterable[str], standing: str | None = None) -> tuple[str, ...]:
        """Return the roles to consult on a contentious application, each once.

        With a standing, "precondition" or "procedure", only the groups of that standing.
        """
        groups = self.pharmacy.contentious.groups.values()
        listed = [role for group in groups if standing in (None, group.standing) for role in group.consult]
        return self._expanded(listed, ward_ids)

    def _expanded(self, roles: Iterable[str], ward_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the roles with the members of the wards in the place kept for them."""
        in_wards = self.ward_members(ward_ids)
        return _each_once(r for role in roles for r in (in_wards if role == WARD_MEMBERS else (role,)))

    def delegations_in_force(self, on: date) -> dict[str, Delegation]:
        """Return the delegations that hold on a day, by id."""
        return {key: each for key, each in self.pharmacy.delegations.items() if each.covers(on)}

    # --- bodies and their meetings ---

    def members_of(self, body: str, ward_ids: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the roles that make up a body, with the members of these wards where they belong to it."""
        return self._expanded(self.body(body).members, ward_ids)

    def meetings_of(self, body: str, first: date, last: date) -> tuple[date, ...]:
        """Return the published meetings of a body from the first day to the last, both included."""
        return tuple(day for day in self.body(body).meetings if first <= day <= last)

    def quorum_met(
        self, body: str, attended: Collection[str], on: date, ward_ids: Iterable[str] = ()
    ) -> QuorumAnswer:
        """Return whether the roles that attended a body on a day made a quorum, with the reason.

        Who is not a member is not counted, and someone who attended in two roles counts once. An unknown
        role raises UnknownId; a role that nobody held that day raises Vacant.
        """
        self._refuse_unknown("role", attended, self.roles)
        members = self.members_of(body, ward_ids)
        counted = [role for role in members if role in attended]
        answer = self.body(body).quorum_of(counted, {r: self.person_id(r, on) for r in counted})
        others = _each_once(self.title(role, on) for role in attended if role not in members)
        if not others:
            return answer
        return QuorumAnswer(answer.met, f"{answer.reason} Not counted, as not a member: {', '.join(others)}.")

    # --- calendars ---

    @property
    def closures(self) -> tuple[tuple[date, str], ...]:
        """Return the days on which the council is shut, each with its reason, for its calendars."""
        return tuple(sorted((day.on, day.reason) for day in self.local_policy.closure_days.value))

    @property
    def proclaimed(self) -> tuple[tuple[date, str], ...]:
        """Return newly proclaimed bank holidays, each with its reason, for its calendars."""
        return tuple(sorted((day.on, day.reason) for day in self.proclaimed_holidays))

    def calendar(self, name: str = ENGLAND_AND_WALES) -> Calendar:
        """Return the calendar that sets the council's dates: bank holidays, and its closures for internal targets.

        `name` says whose bank holidays count; one not known is a ValueError.
        """
        if self._dated_by is not None:
            return self._dated_by.calendar(name)
        return calendar_named(name, dict(self.closures), proclaimed=dict(self.proclaimed))

    def edition(self) -> Edition:
        """Return everything in this council's file and in the library that sets dates."""
        if self._dated_by is not None:
            return self._dated_by
        if self._edition is None:
            numbers = {name: getattr(self.local_policy, name).value for name in NUMBERS}
            self._edition = Edition.of(self.closures, self.proclaimed, numbers)
        return self._edition

    def dated_by(self, edition: Edition) -> Council:
        """Return this council with the days and numbers of an edition: its offices as now, its dates as then."""
        found = self._dated.get(edition.sha256)
        if found is None:
            found = self._dated[edition.sha256] = self._made_up_of(edition)
        return found

    def _made_up_of(self, edition: Edition) -> Council:
        policy = self.local_policy
        numbers = {name: value for name, value in edition.numbers.items() if name in NUMBERS}
        then: dict[str, Any] = {
            name: getattr(policy, name).model_copy(update={"value": value}) for name, value in numbers.items()
        }
        closures = tuple(DayWithReason(date=on, reason=reason) for on, reason in edition.closures)
        then["closure_days"] = policy.closure_days.model_copy(update={"value": closures})
        council = self.model_copy(update={"local_policy": policy.model_copy(update=then)})
        council._edition, council._dated_by, council._dated = None, edition, {}
        return council

    def pre_election_periods(self, first: date, last: date) -> tuple[PreElectionPeriod, ...]:
        """Return the pre-election periods that share a day with first to last, both included."""
        periods = self.local_policy.pre_election_periods.value
        return tuple(each for each in periods if each.starts_on <= last and first <= each.ends_on)

    # --- looking up ---

    def _role(self, role: str) -> Role:
        self._refuse_unknown("role", (role,), self.roles)
        return self.roles[role]

    def body(self, body: str) -> Body:
        """Return a body that meets, or raise UnknownId."""
        self._refuse_unknown("body", (body,), self.bodies)
        return self.bodies[body]

    @staticmethod
    def _refuse_unknown(kind: str, values: Iterable[str], known: Mapping[str, object]) -> None:
        unknown = tuple(value for value in values if value not in known)
        if unknown:
            titles = tuple(str(getattr(each, "title", None) or id_) for id_, each in known.items())
            raise UnknownId(kind, unknown, tuple(known), titles)


def load_council(name_or_path: str | Path, folder: Path | None = None) -> Council:
    """Return the council of a name ("southampton") or of a file's path, fully checked.

    A bare name is looked for in `folder`, or in councils/ beside this package. A file that is missing
    or wrong raises a CouncilFileError that lists every problem with its line.
    """
    path = _path_of(name_or_path, folder or COUNCILS)
    try:
        content = path.read_bytes()
    except OSError as error:
        beside = sorted(file.stem for file in path.parent.glob("*.yaml"))
        expected = f"a council's file there ({one_of(beside, path.stem)})"
        problem = Problem(1, "the file", f"cannot be read ({error.strerror})", expected)
        raise CouncilFileError(path, [problem]) from error
    return read_council(content, path)


def read_council(content: bytes, path: Path) -> Council:
    """Return the council of a file's content; `path` names it in the CouncilFileError for what is wrong in it."""
    reading = read_yaml(content)
    known = KnownIds.of(reading.data, hashlib.sha256(content).hexdigest())
    council = checked(Council, reading, path, known)
    council._source = content
    return council


def _path_of(name_or_path: str | Path, folder: Path) -> Path:
    path = Path(name_or_path)
    is_bare_name = len(path.parts) == 1 and path.suffix not in (".yaml", ".yml")
    return folder / f"{path}.yaml" if is_bare_name else path


def _each_once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
