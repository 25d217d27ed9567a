"""Imported once by the process that desks are forked from: what a case loads and compiles at first is there then."""

from __future__ import annotations

from datetime import timedelta

import docxtpl  # noqa: F401
import typst  # noqa: F401

from desk.rehearsal import Rehearsal
from tests.integration.kill_desk import BEGAN, NOTICE, SOUTHAMPTON


def warm_up() -> None:
    """Play a case in memory, up to its representation: what makes PDFs starts threads, and no fork keeps those."""
    rehearsal = Rehearsal(SOUTHAMPTON, BEGAN)
    rehearsal.notify(dict(NOTICE))
    rehearsal.do("attach", kind="application", file="application.pdf")
    rehearsal.do("attach", kind="equality-screening", reasons="One pharmacy of many.")
    rehearsal.do("decide-route", route="contentious", reasons="Objections.", chair_agrees=True)
    rehearsal.do("respond", consultee="icb", opinion="gap", interest="none")
    rehearsal.advance_to(BEGAN + timedelta(days=20))
    rehearsal.do("meet", attended=["director-of-public-health", "board-chair", "icb"], opinion="gap")
    rehearsal.store.close()


warm_up()
