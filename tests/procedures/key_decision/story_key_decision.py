"""The office of Democratic Services, through which the stories of key decisions speak: real flow, verbs and letters."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest

from desk.rehearsal import Rehearsal
from models.cases import Status
from models.council import Council
from models.deadlines import Deadline
from models.facts import Fact, check_chain
from models.key_decision import PROCEDURE
from models.london import LONDON, date_in_london, parse_day, parse_instant
from models.outgoing import Letter
from tasks.forms import Refused

NOON = time(12, 0)
OFFICER, LEADER, SCRUTINY = "democratic-services", "leader-of-the-council", "scrutiny-chair"
CABINET: dict[str, Any] = {"made_by": "body", "decision_maker": "cabinet", "pounds": 750_000, "wards": "bargate"}
FIELDS = {
    "outcome": "agreed", "decision": "To enter into the agreement.", "reasons": "It is the best value.",
    "alternatives": "none", "conflicts": "none", "democratic_services_present": True,
}  # fmt: skip


class Office:
    """Acts as Democratic Services; a day such as "2017-07-18" means noon in London, with a time that instant."""

    def __init__(self, council: Council) -> None:
        """Open an office of `council`; the case comes with `enters`."""
        self.council = council
        self.played: Rehearsal | None = None

    # -- what happens --------------------------------------------------------------------------------------

    def enters(self, *, on: str, decide_on: str, **more: Any) -> str:
        """Enter a decision of the Cabinet, key by what it costs unless `more` says otherwise."""
        self.played = Rehearsal(self.council, instant(on), procedure=PROCEDURE)
        fields = {"reference": "CAB-1", "matter": "Extra care housing", "decide_on": decide_on, **CABINET, **more}
        return self.playing.notify({name: value for name, value in fields.items() if value is not None}).says

    def publishes(self, what: str, *, on: str, **more: Any) -> str:
        """Record a publication on the day itself."""
        return self.does("publish", on=on, what=what, **more)

    def decides(self, *, on: str, **more: Any) -> str:
        """Record the decision on the day itself."""
        return self.does("decide-item", on=on, **{**FIELDS, **more})

    def signs_and_publishes(self, *, on: str) -> str:
        """Sign the decision notice twice and publish it, all on one day."""
        for capacity in ("decision-maker", "proper-officer"):
            self.does("sign", on=on, capacity=capacity)
        return self.publishes("decision-notice", on=on)

    def consents(self, answer: str, *, on: str, asked: str = SCRUTINY, matter: str = "key-decision") -> str:
        """Record what an office said on whether a matter is urgent."""
        return self.does("consent-urgency", on=on, asked=asked, answer=answer, matter=matter, reasons="It is urgent.")

    def is_called_in(self, *, on: str) -> str:
        """Record a call-in."""
        return self.does("call-in", on=on, called_in_by="three members", reasons="The cost is not explained.")

    def resolves(self, outcome: str, *, on: str, **more: Any) -> str:
        """Record how a stage of the call-in ended."""
        return self.does("resolve-call-in", on=on, outcome=outcome, reasons="As resolved.", **more)

    def does(self, verb: str, *, on: str, by: str | None = None, **fields: Any) -> str:
        """Do any verb `on` a day, and return what the office is told. Raises Refused."""
        self.waits_until(on)
        return self.playing.do(verb, by, **fields).says

    def is_refused(self, verb: str, *, on: str, by: str | None = None, **fields: Any) -> str:
        """Try a verb that must be refused, and return the reason; nothing may have been recorded."""
        self.waits_until(on)
        before = self.playing.record.head
        with pytest.raises(Refused) as refused:
            self.does(verb, on=on, by=by, **fields)
        assert self.playing.record.head == before
        return str(refused.value)

    def may_not_decide(self, *, on: str, **more: Any) -> str:
        """Try to record the decision, and return why it is refused."""
        return self.is_refused("decide-item", on=on, **{**FIELDS, **more})

    def waits_until(self, on: str) -> None:
        """Let time pass until a day's noon, or an instant."""
        self.playing.advance_to(max(instant(on), self.playing.clock.now()))

    # -- what is seen --------------------------------------------------------------------------------------

    def waits_for(self) -> tuple[str, str | None]:
        """Return the state shown for the case and the last day of its wait, if it has one."""
        summary = self.playing.summary
        return summary.awaiting, date_in_london(summary.until).isoformat() if summary.until else None

    @property
    def outcome(self) -> str | None:
        """Return how the case ended, or None while it is open."""
        return self.playing.summary.outcome

    def facts(self, kind: str) -> list[Fact]:
        """Return the facts of one kind, oldest first."""
        return list(self.playing.record.all(kind))

    def fact(self, kind: str) -> Fact:
        """Return the one fact of a kind."""
        (found,) = self.facts(kind)
        return found

    def implemented_on(self) -> str | None:
        """Return the London day on which the decision was said to be implementable, or None."""
        found = self.facts("implementable")
        return date_in_london(found[0].at).isoformat() if found else None

    def letters(self, template: str, to: str | None = None) -> list[Letter]:
        """Return the letters written from a template, to anybody or to one role, oldest first."""
        return [each for each in self.playing.letters
                if each.draft.template == template and to in (None, each.draft.recipient)]  # fmt: skip

    def letter(self, template: str, to: str) -> str:
        """Return subject and text, on one line, of the newest letter from a template to a role."""
        letter = self.letters(template, to)[-1]
        return " ".join(f"{letter.draft.subject} {letter.draft.text}".split())

    def deadline(self, name: str) -> Deadline:
        """Return the deadline of a name."""
        return self._deadline(name)[0]

    def last_day(self, name: str) -> str:
        """Return the last day of a deadline."""
        return self.deadline(name).last_day.isoformat()

    def status(self, name: str) -> Status:
        """Return where the deadline of a name stands."""
        return self._deadline(name)[1]

    def kept_until(self) -> list[str]:
        """Return until when the record and the background papers are kept."""
        return [deadline.last_day.isoformat() for deadline in self.playing.case.keep_until or ()]

    @property
    def playing(self) -> Rehearsal:
        """Return the rehearsal that plays the case."""
        assert self.played is not None, "the office has entered nothing yet"
        return self.played

    def _deadline(self, name: str) -> tuple[Deadline, Status]:
        (found,) = [each for each in self.playing.case.deadlines() if each[0].name == name]
        return found


def check(office: Office) -> None:
    """Check that another turn adds nothing, that the record chains, and that nothing of Python shows in a letter."""
    if office.played is None:
        return
    before = office.playing.record.head
    office.playing.settle()
    assert office.playing.record.head == before
    assert check_chain(office.playing.record) == before
    for letter in office.playing.letters:
        for part in (letter.draft.subject, letter.draft.text):
            assert part.strip()
            assert not any(left in part for left in ("{{", "{%", "None", "datetime.", "Route.", "MadeBy."))
    words = [(each.draft.recipient, each.draft.subject, each.draft.text) for each in office.playing.letters]
    assert len(words) == len(set(words)), "a letter was written twice"


def instant(on: str) -> datetime:
    """Return the instant that a story means by a day or a day with a time."""
    return parse_instant(on) if "T" in on else datetime.combine(parse_day(on), NOON, LONDON)


def day(on: str) -> date:
    """Return the day that a text names."""
    return parse_day(on)
