"""Periods: a length of time, the rule that counts it, and the sentence of law it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from models.calendars import ENGLAND_AND_WALES, Calendar, calendar_named
from models.deadlines import Deadline, Moved, Sense, earlier_of, target_on_or_before
from models.london import day_in_words
from models.reckoning import RULES, Kind, quantity

__all__ = [
    "Deadline",
    "Kind",
    "Moved",
    "Period",
    "Sense",
    "at_least_working_days_before",
    "before",
    "beginning_with",
    "by",
    "clear_days_before",
    "clear_working_days_before",
    "earlier_of",
    "every",
    "first_working_day_after_clear",
    "prior_to",
    "within",
]


MOST_ANSWERS = 4096  #: deadlines kept with each calendar: a case asks for the same ones at each turn


@dataclass(frozen=True)
class Period:
    """One rule of time, said once: `within(45, "days", source="SI 2013/349 Sch 2 para 19(4)")`.

    `calendar` names the calendar where the rule itself says which bank holidays count (Freedom of
    Information: "united-kingdom"); otherwise that of the case is used.
    """

    kind: Kind
    count: int = 0
    unit: str = ""
    source: str = ""
    calendar: str | None = None

    def __post_init__(self) -> None:
        """Refuse a unit the rule cannot be said in, a count below 1 and an unknown calendar."""
        units = RULES[self.kind][1]
        if self.unit not in (units or ("",)):
            raise ValueError(
                f"'{self.unit}' does not go with '{self.kind.format('N …')}'; use {_listed(units)}"
            )
        if units and self.count < 1:
            raise ValueError(f"{self.count} {self.unit} is no period; count 1 or more")
        if self.calendar is not None:
            calendar_named(self.calendar)

    @property
    def words(self) -> str:
        """Return the rule as it is said: "within 45 days of"."""
        return self.kind.format(quantity(self.count, self.unit)) if self.unit else self.kind.value

    def from_(
        self,
        event_on: date,
        *,
        name: str,
        event: str,
        evidence: str = "",
        calendar: Calendar | None = None,
        local_policy: bool = False,
    ) -> Deadline:
        """Return the deadline this period sets from an event on a London day.

        `event` is a clause ("notice was given"), `evidence` says what proves it. `calendar` is the
        council's own (England and Wales unless given). Its closures move the target alone: working
        days are counted as the law counts them. A strict day never rolls (Croke v SSCLG [2017]).
        """
        if isinstance(event_on, datetime):
            raise TypeError(f"{event_on.isoformat()} is an instant, not a day; take its date_in_london first")
        days = self._days(calendar)
        asked = (self.kind, self.count, self.unit, self.source, event_on, name, event, evidence, local_policy)
        known: Deadline | None = days.answers.get(asked)
        if known is None:
            if len(days.answers) > MOST_ANSWERS:
                days.answers.clear()
            known = days.answers[asked] = self._reckoned(event_on, days, name, event, evidence, local_policy)
        return known

    def _reckoned(
        self, event_on: date, days: Calendar, name: str, event: str, evidence: str, local_policy: bool
    ) -> Deadline:
        try:
            reckoned = RULES[self.kind][0](self.count, self.unit, event_on, days.without_closures())
        except OverflowError:
            raise ValueError(
                f"'{self.words}' {day_in_words(event_on)} leaves the calendar; check the date"
            ) from None
        return Deadline(
            name=name,
            last_day=reckoned.day,
            sense=reckoned.sense,
            event=event,
            event_on=event_on,
            rule=self.words,
            reckoning=reckoned.counted.format(f"{event} on {day_in_words(event_on)}"),
            day_zero=reckoned.day_zero,
            source=self.source,
            local_policy=local_policy,
            skipped=reckoned.skipped,
            evidence=evidence,
            **target_on_or_before(reckoned.day, event_on, days),
        )

    def days_of_law(self, calendar: Calendar | None) -> Calendar:
        """Return the days as this rule counts them: the calendar it names, without the council's closures."""
        return self._days(calendar).without_closures()

    def _days(self, calendar: Calendar | None) -> Calendar:
        days = calendar or calendar_named(ENGLAND_AND_WALES)
        return days if self.calendar is None else days.counting_as(self.calendar)


def _listed(units: tuple[str, ...]) -> str:
    return " or ".join(units) if units else "a bare day, without a number"


def within(count: int, unit: str, *, source: str = "", calendar: str | None = None) -> Period:
    """Return "within N ... of": days, calendar days, weeks, months, years, working days."""
    return Period(Kind.WITHIN, count, unit, source, calendar)


def beginning_with(count: int, unit: str, *, source: str = "") -> Period:
    """Return "N days beginning with": the day of the event is day 1."""
    return Period(Kind.BEGINNING_WITH, count, unit, source)


def by(*, source: str = "") -> Period:
    """Return "by": the day named is the last one."""
    return Period(Kind.BY, source=source)


def before(*, source: str = "") -> Period:
    """Return "before": the day before the day named is the last one."""
    return Period(Kind.BEFORE, source=source)


def prior_to(*, source: str = "") -> Period:
    """Return "prior to": the day before the day named is the last one."""
    return Period(Kind.PRIOR_TO, source=source)


def clear_days_before(count: int, *, source: str = "") -> Period:
    """Return "N clear days before": whole calendar days between, neither end counted."""
    return Period(Kind.CLEAR_BEFORE, count, "clear days", source)


def clear_working_days_before(count: int, *, source: str = "", calendar: str | None = None) -> Period:
    """Return "N clear working days before": whole working days between, neither end counted."""
    return Period(Kind.CLEAR_BEFORE, count, "clear working days", source, calendar)


def at_least_working_days_before(count: int, *, source: str = "", calendar: str | None = None) -> Period:
    """Return "at least N working days before": counted back from the event, the day of the act included."""
    return Period(Kind.AT_LEAST_BEFORE, count, "working days", source, calendar)


def first_working_day_after_clear(count: int, *, source: str = "", calendar: str | None = None) -> Period:
    """Return "the first working day after N clear working days after": the end of a call-in standstill."""
    return Period(Kind.FIRST_AFTER_CLEAR, count, "clear working days", source, calendar)


def every(count: int, unit: str, *, source: str = "") -> Period:
    """Return "every N weeks from" an anchor; `from_` gives the first return, `models.cycles` the rest."""
    return Period(Kind.EVERY, count, unit, source)
