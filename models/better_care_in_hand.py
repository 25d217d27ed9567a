"""A Better Care plan on its way to submission: documents, conditions, signatures, and the Board between its meetings.

Nothing is kept here: each answer is derived from the facts, the policy pack, the council's file and the instant.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Self

from models.better_care_answers import KINDS, answers_of, is_own, signed_by_all, standing
from models.better_care_checks import PoolTable, problems_of
from models.better_care_packs import BOARD, Day, Pack, Signatory, pack_named
from models.better_care_words import ADDED_UP, KIND_IN_WORDS, SPECIAL_NOTICE, Basis, BoardRoute, Manner
from models.boards import next_meeting
from models.cases import Case
from models.council_better_care import BetterCare
from models.deadlines import Deadline
from models.documents import DocumentKind
from models.facts import Fact, Record, until_the_record_grows
from models.london import date_in_london, day_in_words
from models.periods import by


class PlanInHand(Case):
    """What a plan is before it is submitted, and what it lacks."""

    # -- what the plan is ----------------------------------------------------------------------------------

    @cached_property
    def pack(self) -> Pack:
        """Return the rules of the policy period that the plan is made for."""
        return pack_named(self.record.facts[0]["policy"])

    @property
    def local(self) -> BetterCare:
        """Return what the council's file says of Better Care plans."""
        found = self.council.better_care
        if found is None:
            raise LookupError(f"the file of {self.council.name} has no section 'better_care'; add one for this case")
        return found

    @property
    def subject(self) -> str:
        """Return the title of the policy period."""
        return self.pack.title

    @property
    def began_on(self) -> date:
        """Return the London day on which the draft was received."""
        return date.fromisoformat(self.record.facts[0]["received_on"])

    @property
    def draft_on(self) -> date | None:
        """Return the day on which the draft goes before the Board, or None (report rec (i))."""
        found = self.record.facts[0].get("draft_on")
        return date.fromisoformat(found) if found else None

    @property
    def responsible_officer(self) -> str:
        """Return the director who answers for the plan."""
        return self.local.responsible_officer

    @property
    def arrangements(self) -> Fact | None:
        """Return what the Board last agreed on approving the final version (report rec (ii)), or None."""
        return self.record.last("arrangements-agreed")

    def as_it_stood(self, at: datetime) -> Self:
        """Return the plan as an instant (aware) found it: what was recorded by then, and every answer given by then.

        An answer counts from its own day, whenever it was entered; a document or evidence from its record.
        """
        on, first = date_in_london(at).isoformat(), self.record.facts[0]
        facts = [
            fact for fact in self.record
            if fact is first or (fact["signed_on"] <= on if fact.kind in KINDS else fact.at <= at)
        ]  # fmt: skip
        record = Record(self.record.case, self.record.procedure, self.record.version, self.record.council, facts)
        return type(self)(record, self.council, at)

    # -- completeness (report para 8) ----------------------------------------------------------------------

    def document(self, kind: str) -> Fact | None:
        """Return the newest document of a kind, or None."""
        return self.documents.get(kind)

    @until_the_record_grows
    def documents(self) -> dict[str, Fact]:
        """Return the newest document of each kind."""
        return {fact["kind"]: fact for fact in self.record.all("document-attached")}

    @property
    def version(self) -> dict[str, str]:
        """Return the version of the plan that stands: the SHA-256 of each document it must have."""
        return {kind: self.documents[kind]["sha256"] for kind in self.pack.requires if kind in self.documents}

    @property
    def version_came_on(self) -> date:
        """Return the London day on which the last document of the version that stands came in; a plan has some."""
        return max(date_in_london(self.documents[kind].at) for kind in self.version)

    @until_the_record_grows
    def problems(self) -> list[str]:
        """Return a sentence for whatever keeps the plan from being complete: nothing incomplete is signed or sent."""
        return [*self._missing_documents(), *self._gaps(), *self._pool_problems()]

    def _missing_documents(self) -> list[str]:
        return [
            f"{in_words(kind)} is not attached (--kind {kind})" for kind in self.pack.requires
            if kind not in self.documents
        ]  # fmt: skip

    def _gaps(self) -> list[str]:
        found = []
        for kind in self.pack.requires:
            fact = self.documents.get(kind)
            if fact is not None:
                found += [f"{fact['filename']}, {gap}" for gap in fact.get("gaps", ())]
                if fact.get("unread") and not fact.get("reasons"):
                    found.append(str(fact["unread"]))
        return found

    @property
    def pool_document(self) -> Fact | None:
        """Return the document that is added up: the newest pool table, else a planning return that is CSV."""
        tables = (self.documents.get(kind) for kind in ADDED_UP)
        return next((fact for fact in tables if fact is not None and (fact.get("table") or fact.get("untold"))), None)

    def _pool_problems(self) -> list[str]:
        fact = self.pool_document
        if fact is None:
            return [
                "the lines of the pooled fund have not been added up; attach its table as CSV "
                f"(--kind {DocumentKind.POOL_TABLE})"
            ]
        if fact.get("untold"):
            return [f"{fact['filename']}: {fact['untold']}"]
        table = PoolTable(tuple(fact["table"]["columns"]), fact["table"]["lines"], fact["table"]["totals"])
        known = self.local.minimum_contribution
        minimum = {year: known[year].pounds for year in self.pack.years if year in known}
        unknown = [
            f"{year}: the minimum contribution is not known; enter the national allocation in the council's file "
            "(better_care, minimum_contribution)"
            for year in self.pack.years if year not in known
        ]  # fmt: skip
        wrong = problems_of(table, self.pack.years, minimum)
        return [f"{fact['filename']}, {each}" for each in wrong] + unknown

    # -- conditions (report para 5) ------------------------------------------------------------------------

    @until_the_record_grows
    def conditions_met(self) -> dict[str, Fact]:
        """Return the fact of the newest evidence for each national condition that is met."""
        newest: dict[str, Fact] = {}
        for fact in self.record:
            if fact.kind in ("condition-met", "condition-not-met"):
                newest[fact["condition"]] = fact
        return {key: fact for key, fact in newest.items() if fact.kind == "condition-met"}

    @property
    def conditions_unmet(self) -> list[str]:
        """Return the ids of the national conditions without evidence."""
        return [key for key in self.pack.conditions if key not in self.conditions_met]

    # -- signatures (report summary, paras 3 and 5) --------------------------------------------------------

    @until_the_record_grows
    def _answers(self) -> dict[str, Fact]:
        """Return each signatory's answer on the version that stands."""
        return standing(answers_of(self.record), self.version)

    def signature(self, signatory: str) -> Fact | None:
        """Return the fact that a signatory signed the version that stands off, or None."""
        found = self._answers.get(signatory)
        return found if found is not None and found.kind == "signed-off" else None

    def refusal(self, signatory: str) -> Fact | None:
        """Return the fact that a signatory refused to sign the version that stands, or None."""
        found = self._answers.get(signatory)
        return found if found is not None and found.kind == "sign-off-refused" else None

    def own_refusal(self, signatory: str) -> Fact | None:
        """Return a refusal that a signatory gave itself, which nobody can overturn for it, or None."""
        refused = self.refusal(signatory)
        return refused if refused is not None and is_own(refused) else None

    @property
    def wanted_first(self) -> list[str]:
        """Return the signatories whose signature the papers want before the submission."""
        return [key for key, each in self.pack.signatories.items() if not each.may_follow]

    @until_the_record_grows
    def signed_off(self) -> Fact | None:
        """Return the last of the signatures with which a version of the plan first had all that are wanted, or None."""
        return signed_by_all(answers_of(self.record), self.wanted_first)

    def superseded(self, signatory: str) -> Fact | None:
        """Return a signature given to an earlier version, where the one that stands has none."""
        earlier = [f for f in self.record.all("signed-off") if f["signatory"] == signatory and
                   f["version"] != self.version and f["manner"] != Manner.CHAIR_SUPPORT]  # fmt: skip
        return earlier[-1] if earlier and self.signature(signatory) is None else None

    @property
    def chair_support(self) -> Fact | None:
        """Return the Chair's support for the version that stands, or None; none outlives a refusal of the Board."""
        if self.route is None or self.route["route"] != BoardRoute.CHAIR_SUPPORT or self.own_refusal(BOARD):
            return None
        found = [f for f in self.record if f.kind in KINDS and f["manner"] == Manner.CHAIR_SUPPORT and
                 f["version"] == self.version]  # fmt: skip
        return found[-1] if found and found[-1].kind == "signed-off" else None

    @property
    def unsigned(self) -> list[str]:
        """Return the signatories who have not signed the version that stands."""
        return [key for key in self.pack.signatories if self.signature(key) is None]

    @property
    def outstanding(self) -> list[str]:
        """Return the signatories whose signature is wanted before submission and is not there."""
        return [key for key in self.unsigned if not self._may_wait(key)]

    def _may_wait(self, key: str) -> bool:
        if self.refusal(key) is not None:
            return False
        return self.pack.signatories[key].may_follow or (key == BOARD and self.chair_support is not None)

    def name_of(self, signatory: str) -> str:
        """Return what a signatory is called: the office that is asked where it signs in person."""
        return self.signatory(signatory).name

    def signatory(self, key: str) -> Signatory:
        """Return what the pack says of a signatory."""
        return self.pack.signatories[key]

    def asked(self, signatory: str) -> str:
        """Return the office that is asked for a signature: for the Board its delegate, where that route was chosen."""
        route = self.route if signatory == BOARD else None
        if route is not None and route["route"] == BoardRoute.DELEGATED and self.arrangements is not None:
            return str(self.arrangements["delegate"] or self.local.chair)
        return self.local.signatories[signatory].asked

    # -- the Board between its meetings --------------------------------------------------------------------

    @property
    def board_meetings(self) -> tuple[date, ...]:
        """Return the Board's published meetings, from today, at which the final plan can be approved in time."""
        first = max(self.today, (self.draft_on or self.began_on) + timedelta(days=1))
        return self.council.meetings_of(self.local.board, first, self.submit_by.last_day)

    @property
    def next_board_meeting(self) -> date | None:
        """Return the Board's next published meeting after the last day for submission and after today, or None."""
        after = max(self.today - timedelta(days=1), self.submit_by.last_day)
        return next_meeting(self.council, self.local.board, after)

    @property
    def route(self) -> Fact | None:
        """Return the route to the Board's approval that stands, or None; a special meeting that failed is no route."""
        found = self.record.last("route-chosen")
        return None if found is None or self.special_failed(found) else found

    def special_failed(self, route: Fact) -> str | None:
        """Return why a special meeting can no longer approve the plan in time, or None while it can or did."""
        if route["route"] != BoardRoute.SPECIAL_MEETING or self.signature(BOARD) is not None:
            return None
        meets_on = date.fromisoformat(route["meets_on"])
        notice_by = self.notice_by(meets_on)
        given = self.notice_given(route)
        if given is None and notice_by.passed(self.now):
            return f"notice of it was not given by {day_in_words(notice_by.last_day)}"
        if self.met_by(meets_on).passed(self.now):
            return f"it was to meet on {day_in_words(meets_on)} and no approval is recorded"
        return None

    def notice_given(self, route: Fact) -> Fact | None:
        """Return the fact that notice of the special meeting of a route was given, or None."""
        return next((f for f in self.record.all("meeting-notice-given") if f["meets_on"] == route["meets_on"]), None)

    def notice_by(self, meets_on: date) -> Deadline:
        """Return the latest day for notice of a special meeting of the Board: 5 clear working days before."""
        return SPECIAL_NOTICE.from_(
            meets_on, name="notice of the special meeting", event="the special meeting of the Board",
            evidence="the route chosen", calendar=self.calendar,
        )  # fmt: skip

    def met_by(self, meets_on: date) -> Deadline:
        """Return the day of a special meeting as a deadline for its approval."""
        return by(source="report rec (ii)").from_(
            meets_on, name="special meeting", event="the Board's special meeting", evidence="the route chosen",
            calendar=self.calendar,
        )  # fmt: skip

    @property
    def latest_special_meeting(self) -> date:
        """Return the last working day on which a special meeting would still be in time."""
        return self.submit_by.target

    @property
    def special_is_possible(self) -> bool:
        """Tell whether notice given today would still allow a special meeting in time."""
        return not self.notice_by(self.latest_special_meeting).passed(self.now)

    @property
    def needs_route(self) -> bool:
        """Tell whether the Board cannot approve at a meeting before the last day and nobody has said how else."""
        return (
            self.submission is None and self.signature(BOARD) is None and not self.pack.board.may_follow
            and not self.board_meetings and self.route is None
        )  # fmt: skip

    # -- submission ----------------------------------------------------------------------------------------

    @cached_property
    def submit_by(self) -> Deadline:
        """Return the last day for the submission, that day included (report rec (ii))."""
        return self._on(self.pack.submit_by, "submission", "the national deadline falls")

    @cached_property
    def sign_off_by(self) -> Deadline | None:
        """Return the last day for the signatures that are wanted before the submission, that day included."""
        if not self.wanted_first:
            return None
        day = self.pack.submit_by.model_copy(update={"source": self.signatory(self.wanted_first[0]).source})
        return self._on(day, "sign-off", "the national deadline falls")

    @property
    def complied(self) -> Fact | None:
        """Return the first submission that lacked nothing wanted before it, or None."""
        return next((f for f in self.record.all("submitted") if f["basis"] != Basis.NOT_COMPLIANT), None)

    @property
    def submission(self) -> Fact | None:
        """Return the newest submission of the plan, or None; a plan sent back for revision awaits a new one."""
        found = self.record.last("submitted")
        panel = self.record.last("panel-decided")
        if found is None or (panel is not None and panel["outcome"] == "revise" and panel.number > found.number):
            return None
        return found

    @property
    def basis(self) -> Basis:
        """Return on what basis a plan submitted now would stand."""
        if self.lacking:
            return Basis.NOT_COMPLIANT
        if self.signature(BOARD) is not None:
            return Basis.COMPLIANT
        return Basis.CHAIR_SUPPORT if self.chair_support is not None else Basis.BOARD_TO_FOLLOW

    @property
    def lacking(self) -> list[str]:
        """Return a sentence for each condition without evidence and each signature wanted before submission."""
        return [
            *(f"no evidence of the condition {key}" for key in self.conditions_unmet),
            *(self._unsigned_in_words(key) for key in self.outstanding),
        ]

    def _unsigned_in_words(self, key: str) -> str:
        refused = self.refusal(key)
        if refused is None:
            return f"no signature of the {self.name_of(key)}"
        on = day_in_words(date.fromisoformat(refused["signed_on"]))
        return f"no signature of the {self.name_of(key)}, which refused on {on}"

    @property
    def board_to_follow(self) -> bool:
        """Tell whether the plan went out and the Board has still to approve it."""
        return self.submission is not None and self.signature(BOARD) is None

    def _on(self, day: Day, name: str, event: str) -> Deadline:
        """Return a deadline on a day that the pack names, with the doubt it marks."""
        deadline = by(source=day.source).from_(
            day.on, name=name, event=event, evidence=f"policy pack {self.record.facts[0]['policy']}",
            calendar=self.calendar,
        )  # fmt: skip
        return with_doubt(deadline, day.doubt)


def with_doubt(deadline: Deadline, doubt: str) -> Deadline:
    """Return a deadline that says, in its line and its derivation, how far its day can be relied on."""
    if not doubt:
        return deadline
    notes = (*deadline.notes, f"The day is {doubt}.")
    return replace(deadline, reckoning=f"{deadline.reckoning}, {doubt}", notes=notes)


def in_words(kind: str) -> str:
    """Return a kind of document as it is spoken of."""
    return KIND_IN_WORDS.get(DocumentKind(kind), f"the {kind.replace('-', ' ')}")

