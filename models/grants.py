"""A grant on its way through the bodies that must agree to it, as its record shows it.

"Report" is the Southampton report "Adult social care grant" of 26 July 2017 (numbers are its paragraphs).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from models.amounts import Pounds, Sum, in_pounds
from models.cases import Case, Status, status_of
from models.clock_facts import RETRACTED, standing
from models.council import CouncilError
from models.council_grants import Grants
from models.deadlines import Deadline
from models.documents import ASSESSMENTS
from models.facts import Fact, until_the_record_grows
from models.grant_stages import Asked, Stage, first_meeting_that_fits
from models.london import date_in_london, day_in_words, parse_day

PLANNED, EXPLAINED = "meeting-planned", "difference-explained"
BEFORE_WHICH = {"years": Asked.ACCEPT, "schemes": Asked.RATIFY}
"""The sums of a grant, and before what each must agree or its difference be explained."""


@dataclass(frozen=True, slots=True)
class Change:
    """A stage whose meeting is to be planned, or planned anew: None where no published meeting fits."""

    stage: Stage
    was: date | None
    on: date | None
    why: str


class GrantCase(Case):
    """One grant, from the letter that announces it to the budgets of its later years."""

    # -- what every case says ------------------------------------------------------------------------------

    @property
    def subject(self) -> str:
        """Return the name of the grant."""
        return str(self.record.facts[0]["title"])

    @property
    def began_on(self) -> date:
        """Return the day of the letter that announces the grant."""
        return parse_day(self.record.facts[0]["letter_on"])

    @property
    def rules(self) -> Grants:
        """Return the section of the council's file on grants, or raise CouncilError where it has none."""
        if self.council.grants is None:
            raise CouncilError(f"the file of {self.council.name} has no section 'grants'; enter the chain of bodies")
        return self.council.grants

    @property
    def responsible_officer(self) -> str:
        """Return the role that carries the grant through."""
        return self.rules.responsible_officer

    @property
    def must_be_done_by(self) -> Deadline | None:
        """Return the meeting that is to ratify, while it has not: the money is spent on its word (rec (i))."""
        stage = next(each for each in self.stages if each.asked is Asked.RATIFY)
        on = self.meeting_on(stage)
        return None if on is None or self.agreed(stage.id) else stage.meeting(on, self.calendar, self.body_of(stage))

    @property
    def overdue(self) -> bool:
        """Tell whether a meeting has passed without an outcome on the record."""
        return bool(self.unrecorded)

    def letter_values(self) -> Mapping[str, object]:
        """Return what any letter about the grant may say."""
        return {
            "reference": self.reference, "grant": self.subject, "letter_on": self.began_on,
            "total": in_pounds(self.total), "stages": [self.stage_in_words(stage) for stage in self.stages],
            "paper": self.rules.source,
        }  # fmt: skip

    # -- amounts -------------------------------------------------------------------------------------------

    @property
    def total(self) -> Pounds:
        """Return the whole grant (3, figure 1)."""
        return int(self.record.facts[0]["total"])

    @property
    def years(self) -> Mapping[str, Pounds]:
        """Return the amount of each year, the first year first (5, figure 1)."""
        return dict(self.record.facts[0]["years"])

    @cached_property
    def sums(self) -> Mapping[str, Sum]:
        """Return the two sums that must agree to the pound: the years with the grant, the schemes with year one."""
        first, *_ = self.years.items()
        schemes = dict(self.record.facts[0]["schemes"])
        return {
            "years": Sum("the years", self.years, self.total, "the whole grant"),
            "schemes": Sum(f"the schemes for {first[0]}", schemes, first[1], f"the allocation for {first[0]}"),
        }

    def explained(self, name: str) -> Fact | None:
        """Return the fact that explains the difference of a sum, or None."""
        return next((fact for fact in self.record.all(EXPLAINED) if fact["sum"] == name), None)

    @property
    def unexplained(self) -> dict[str, Sum]:
        """Return the sums, by name, that do not agree and whose difference nobody has explained."""
        return {name: each for name, each in self.sums.items() if not each.agrees and self.explained(name) is None}

    @property
    def assessment(self) -> Fact | None:
        """Return the equality impact assessment or reasoned screening, or None: the report leaves it at "Yes/No"."""
        found = [fact for fact in self.record.all("document-attached") if fact["kind"] in ASSESSMENTS]
        return found[-1] if found else None

    # -- stages --------------------------------------------------------------------------------------------

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """Return the stages as the council's file had them when the case was opened, in order."""
        return tuple(Stage.from_dict(each) for each in self.record.facts[0]["stages"])

    def stage_named(self, name: str) -> Stage | None:
        """Return the stage of an id, or None."""
        return next((stage for stage in self.stages if stage.id == name), None)

    def body_of(self, stage: Stage) -> str:
        """Return the name of the body that a stage asks."""
        return self.council.body(stage.body).name

    def name_of(self, stage: Stage) -> str:
        """Return what a stage is called: its body, with the year where it is a later one's."""
        return stage.name(self.body_of(stage))

    @until_the_record_grows
    def _outcomes(self) -> dict[tuple[str, str], Fact]:
        return {(fact.kind, fact["stage"]): fact for fact in standing(self.record, "stage-agreed", "stage-refused")}

    def agreed(self, stage: str) -> Fact | None:
        """Return the fact that a stage agreed, or None."""
        return self._outcomes.get(("stage-agreed", stage))

    @property
    def refusal(self) -> Fact | None:
        """Return the fact that a body refused, which stops the chain, or None."""
        return next(iter(standing(self.record, "stage-refused")), None)

    @property
    def taken_back(self) -> Sequence[Fact]:
        """Return the facts that took back what a body was said to have done, oldest first."""
        return self.record.all(RETRACTED)

    def asked_by(self, fact: Fact) -> Asked | None:
        """Return what the stage of a fact is asked, None where it is no stage."""
        stage = self.stage_named(fact["stage"])
        return stage.asked if stage else None

    def look_for_outcome_on(self, stage: Stage, met_on: date) -> date:
        """Return the day on which a stage's outcome is missed: that after its meeting, or after one was taken back."""
        days = [date_in_london(fact.at) for fact in self.taken_back if fact["stage"] == stage.id]
        return max([met_on, *days]) + timedelta(days=1)

    @property
    def ratified(self) -> bool:
        """Tell whether the first year's expenditure is ratified."""
        return all(self.agreed(stage.id) for stage in self.stages if stage.asked is not Asked.BUDGET)

    @property
    def undecided(self) -> list[Stage]:
        """Return the stages that have neither agreed nor refused, in order."""
        decided = {stage for _, stage in self._outcomes}
        return [stage for stage in self.stages if stage.id not in decided]

    def missing_before(self, stage: Stage) -> Stage | None:
        """Return the first stage that must agree before this one and has not, or None."""
        return next((each for each in self.stages if each.id in stage.after and not self.agreed(each.id)), None)

    @property
    def open_stages(self) -> list[Stage]:
        """Return the stages whose turn it is: undecided, and all before them agreed."""
        return [] if self.refusal else [each for each in self.undecided if self.missing_before(each) is None]

    def why_not_agree(self, stage: Stage) -> str | None:
        """Return why agreement cannot be recorded for a stage yet, with what mends it, or None.

        The sums are held against one another to the pound, and a difference is not passed in silence. Ratification
        also waits for the equality question, which the report leaves open ("Yes/No"; Equality Act 2010 s.149).
        """
        order = list(Asked)
        for name, each in self.unexplained.items():
            if order.index(stage.asked) >= order.index(BEFORE_WHICH[name]):
                return (
                    f"{each.in_words()}; the difference must be explained first: "
                    f"cleardays explain-difference {self.ref} --sum {name} --reasons REASONS"
                )
        if stage.asked is Asked.RATIFY and self.assessment is None:
            return (
                "no equality impact assessment or reasoned screening is attached (the report leaves it at “Yes/No”; "
                f"Equality Act 2010 s.149): cleardays attach {self.ref} --kind equality-impact-assessment --file FILE"
            )
        return None

    # -- meetings ------------------------------------------------------------------------------------------

    def plans(self, stage: str) -> Sequence[Fact]:
        """Return how a stage was planned, and planned anew, oldest first."""
        return [fact for fact in self.record.all(PLANNED) if fact["stage"] == stage]

    def meeting_on(self, stage: Stage) -> date | None:
        """Return the day of the meeting at which a stage is planned, or was held; None while it has no date."""
        agreed, plans = self.agreed(stage.id), self.plans(stage.id)
        if agreed is not None:
            return parse_day(agreed["held_on"])
        return parse_day(plans[-1]["meets_on"]) if plans and plans[-1]["meets_on"] else None

    def papers_by(self, stage: Stage) -> Deadline | None:
        """Return the latest day for the papers of a stage's meeting, or None while it has no date."""
        on = self.meeting_on(stage)
        return None if on is None else stage.papers_by(on, self.calendar, self.body_of(stage))

    @property
    def unrecorded(self) -> list[Stage]:
        """Return the stages whose turn it was at a meeting that has passed without an outcome on the record."""
        return [each for each in self.open_stages if (on := self.meeting_on(each)) is not None and on < self.today]

    def changes(self, deferred: Mapping[str, date] | None = None) -> list[Change]:
        """Return the stages whose meeting is to be planned, or planned anew, in the order of the chain.

        A stage is planned for the first published meeting of its body that is later than those before it and that
        papers can still be out in time for; where it was deferred, for the meeting named. It is planned anew where
        that no longer fits. `deferred` puts off stages that no fact has deferred yet: what would follow.
        """
        placed: dict[str, date | None] = {}
        found = []
        for stage in self.stages:
            was = self.meeting_on(stage)
            if self.agreed(stage.id) is None and self.refusal is None:
                on, why = self._place(stage, was, placed, (deferred or {}).get(stage.id) or self._deferred_to(stage))
            else:
                on, why = was, ""
            placed[stage.id] = on
            if on != was:
                found.append(Change(stage, was, on, why))
        return found

    def put_off_to(self, stage: Stage) -> date | None:
        """Return the day of the meeting to which a stage was deferred last: before it the body has not got it again."""
        deferred = [fact for fact in standing(self.record, "deferred") if fact["stage"] == stage.id]
        return parse_day(deferred[-1]["next_on"]) if deferred else None

    def _deferred_to(self, stage: Stage) -> date | None:
        """Return the meeting to which a stage was deferred, where it has not been planned since."""
        deferred = [fact for fact in standing(self.record, "deferred") if fact["stage"] == stage.id]
        plans = self.plans(stage.id)
        if not deferred or (plans and plans[-1].number > deferred[-1].number):
            return None
        return parse_day(deferred[-1]["next_on"])

    def _place(
        self, stage: Stage, was: date | None, placed: Mapping[str, date | None], deferred_to: date | None
    ) -> tuple[date | None, str]:
        """Return the day on which a stage is to be taken, and why that is another than it `was`."""
        body = self.body_of(stage)
        if deferred_to is not None:
            return deferred_to, f"deferred by the {body}"
        before = [placed[each] for each in stage.after]
        meetings = self.council.body(stage.body).meetings
        later_than = max((day for day in before if day), default=None)
        if None in before:
            return None, "a stage before it has no date"
        if was and (later_than is None or was > later_than) and (was <= self.today or was in meetings):
            return was, ""
        fits = first_meeting_that_fits(
            stage, meetings, self.calendar, later_than=later_than, ready_on=max(self._ready_on, self.today)
        )
        if was is None:
            return fits, "the first published meeting that fits"
        too_early = later_than is not None and was <= later_than
        return fits, "what comes before it is later now" if too_early else f"{day_in_words(was)} is no longer published"

    @property
    def _ready_on(self) -> date:
        """Return the day from which the proposals can be put to a board."""
        return parse_day(self.record.facts[0]["ready_on"])

    # -- deadlines and words -------------------------------------------------------------------------------

    def deadlines(self) -> list[tuple[Deadline, Status]]:
        """Return for each stage that has a date the latest day for its papers and its meeting, in order of date."""
        found = [pair for stage in self.stages for pair in self._deadlines_of(stage)]
        return sorted(found, key=lambda pair: pair[0].last_day)

    def _deadlines_of(self, stage: Stage) -> list[tuple[Deadline, Status]]:
        papers, meeting, agreed = self.papers_by(stage), self._meeting(stage), self.agreed(stage.id)
        if papers is None or meeting is None:
            return []
        ended = self.closed is not None or self.withdrawn is not None
        at = min((fact.at for fact in (self.closed, self.withdrawn) if fact), default=self.now)
        out = parse_day(agreed["papers_on"]) if agreed and agreed.get("papers_on") else None
        if out is not None:
            how = Status.MET_LATE if out > papers.last_day else Status.MET
        else:
            how = status_of(papers, None, at, fell_away=agreed is not None, ended=ended)
        return [(papers, how), (meeting, status_of(meeting, agreed, at, ended=ended))]

    def _meeting(self, stage: Stage) -> Deadline | None:
        """Return the meeting of a stage as a deadline, with the days it was planned for before."""
        body, days = self.body_of(stage), [fact for fact in self.plans(stage.id) if fact["meets_on"]]
        if not days:
            return None
        deadline = stage.meeting(parse_day(days[0]["meets_on"]), self.calendar, body)
        for fact in days[1:]:
            why = f"{fact['reasons']}, fact {fact.number}"
            deadline = deadline.moved_to(parse_day(fact["meets_on"]), who="cleardays", why=why, calendar=self.calendar)
        return deadline

    def breaches(self) -> list[str]:
        """Return each stage whose papers were out too late for its meeting, in words."""
        found = []
        for fact in self.record.all("stage-agreed"):
            if fact.get("papers_late"):
                stage = self.stage_named(fact["stage"])
                assert stage is not None
                rule = f"{stage.papers_clear_days} clear working days before ({stage.papers_rule or 'local policy'})"
                out_on = day_in_words(parse_day(fact["papers_on"]))
                urgent = f"; taken as urgent ({stage.urgent}): {fact['urgency']}" if fact.get("urgency") else ""
                found.append(f"papers for the {self.name_of(stage)} were out on {out_on}, later than {rule}{urgent}")
        return found

    def stage_in_words(self, stage: Stage) -> str:
        """Return a stage in a line: the body, what it is asked, for how much, and when, or what it did."""
        agreed, on = self.agreed(stage.id), self.meeting_on(stage)
        asked = f"{self.name_of(stage)}: {ASKED_IN_WORDS[stage.asked]} {in_pounds(stage.amount)}"
        if agreed is not None:
            return f"{asked}; agreed on {day_in_words(parse_day(agreed['held_on']))} ({agreed['minute']})"
        if self.refusal is not None and self.refusal["stage"] == stage.id:
            return f"{asked}; refused on {day_in_words(parse_day(self.refusal['held_on']))} ({self.refusal['minute']})"
        papers = self.papers_by(stage)
        if on is None or papers is None:
            return f"{asked}; no published meeting yet"
        return f"{asked}, on {day_in_words(on)}; papers out by {day_in_words(papers.last_day)}"


ASKED_IN_WORDS = {
    Asked.AGREE_IN_PRINCIPLE: "to agree in principle the schemes for",
    Asked.APPROVE: "to approve the proposals and recommend acceptance of",
    Asked.ACCEPT: "to accept",
    Asked.RATIFY: "to ratify expenditure of",
    Asked.BUDGET: "to take into the budget",
}
