"""The office of Democratic Services, through which the stories of key decisions speak."""

from __future__ import annotations

from typing import Any

from story_checks import check_soundness
from story_teller import Teller

from models.key_decision import PROCEDURE
from models.london import date_in_london

OFFICER, LEADER, SCRUTINY = "democratic-services", "leader-of-the-council", "scrutiny-chair"
CABINET: dict[str, Any] = {"made_by": "body", "decision_maker": "cabinet", "pounds": 750_000, "wards": "bargate"}
FIELDS = {
    "outcome": "agreed", "decision": "To enter into the agreement.", "reasons": "It is the best value.",
    "alternatives": "none", "conflicts": "none", "democratic_services_present": True,
}  # fmt: skip


class Office(Teller):
    """Acts as Democratic Services."""

    # -- what happens --------------------------------------------------------------------------------------

    def enters(self, *, on: str, decide_on: str, **more: Any) -> str:
        """Enter a decision of the Cabinet, key by what it costs unless `more` says otherwise."""
        fields = {"reference": "CAB-1", "matter": "Extra care housing", "decide_on": decide_on, **CABINET, **more}
        return self.opens(PROCEDURE, fields, on=on)

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

    def may_not_decide(self, *, on: str, **more: Any) -> str:
        """Try to record the decision, and return why it is refused."""
        return self.is_refused("decide-item", on=on, **{**FIELDS, **more})

    # -- what is seen --------------------------------------------------------------------------------------

    def implemented_on(self) -> str | None:
        """Return the London day on which the decision was said to be implementable, or None."""
        found = self.facts("implementable")
        return date_in_london(found[0].at).isoformat() if found else None

    def newest(self, template: str, to: str) -> str:
        """Return subject and text, on one line, of the newest letter from a template to a role."""
        return self.words(template, to)[-1]

    def kept_until(self) -> list[str]:
        """Return until when the record and the background papers are kept."""
        return [deadline.last_day.isoformat() for deadline in self.playing.case.keep_until or ()]


def check(office: Office) -> None:
    """Check a story, if it has begun."""
    if office.played is not None:
        check_soundness(office.playing)
