"""One contentious case told as twelve triggers from outside: the notice, eight answers, and what officers decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.london import LONDON

COUNCIL = "southampton"
NOTIFIED_AT = datetime(2024, 8, 1, 10, 0, tzinfo=LONDON)
NOTICE = {
    "capacity": "relevant", "applicant": "Northgate Pharmacies Limited", "closing": "14 Canal Walk",
    "remaining": "2 Mill Street", "wards": ["bargate"], "given_at": NOTIFIED_AT.isoformat(),
}  # fmt: skip
REASONS = "Patients of the ward rely on the later opening hours, and many of them cannot walk to Mill Street. " * 3
ANSWERING = (
    "board-chair", "cabinet-member-health", "ward-member-bargate-1", "ward-member-bargate-2", "board-member-council",
    "board-member-icb", "icb", "healthwatch",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trigger:
    """What somebody does to the case, and how long after the notice."""

    after: timedelta
    verb: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Composed:
    """What a trigger has composed: letters by template and values, and representations to be set in type."""

    letters: Sequence[tuple[str, Mapping[str, object]]]
    representations: Sequence[Any]


def _answer(number: int, role: str) -> Trigger:
    fields = {"consultee": role, "opinion": "gap", "reasons": REASONS, "interest": "none", "channel": "e-mail"}
    return Trigger(timedelta(days=4 + number, hours=4), "respond", fields)


TRIGGERS = (
    Trigger(timedelta(0), "notify", NOTICE),
    Trigger(timedelta(days=1), "attach", {"kind": "equality-impact-assessment", "file": "assessment.txt"}),
    Trigger(timedelta(days=2), "decide-route", {"route": "contentious", "chair_agrees": True, "reasons": REASONS}),
    *(_answer(number, role) for number, role in enumerate(ANSWERING)),
    Trigger(timedelta(days=20), "decide", {
        "opinion": "gap", "wishes_oral_hearing": True, "hearing_matter": "Evening opening hours in the ward.",
        "limb_a": REASONS, "limb_b": REASONS, "alternatives": "None was found.",
        "considered": dict.fromkeys(ANSWERING, "Read and weighed; see the reasons."),
    }),
)  # fmt: skip
"""In the order in which they come; the notice opens the case."""
