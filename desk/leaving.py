"""Leaving in time: a desk that is told to stop does not wait long for servers that do not answer."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from models.outgoing import LetterState
from models.store import Store, Writing

if TYPE_CHECKING:
    from desk.service import Desk

PATIENCE = 8.0  #: seconds that turns and letters under way are given once the desk is told to stop
LOOK_SECONDS = 0.5  #: between two looks whether letters are still being sent

log = logging.getLogger(__name__)


def leave_in_time(desk: Desk, told: Callable[[str], None], leave: Callable[[int], object] = os._exit) -> None:
    """Stop `desk`; where it has not closed after PATIENCE, end this process by `leave`, as in order.

    Prefect's client asks a server that does not answer again and again, for up to nine minutes. A turn that is cut off
    is as after a kill: the next desk takes it again, and loses nothing. Letters go back into the outbox, but for those
    that the mail server may have by now: cut off, the fate of each would be an officer's question.
    """
    desk.stop()
    if desk.has_closed(PATIENCE):
        return
    while letters_under_way(desk.office.store, desk.office.holder):
        if desk.has_closed(LOOK_SECONDS):
            return
    desk.pulse.end()
    try:
        told("The desk has closed, without a server that does not answer; every case goes on when it opens again.")
    finally:  # also where nobody is left to be told
        leave(0)


def letters_under_way(store: Store, holder: str) -> bool:
    """Give back what `holder` has not begun to send, which can then not leave; tell whether other letters may have."""

    def give_back(tx: Writing) -> bool:
        held = tx.letters_held([LetterState.CLAIMED, LetterState.SENDING])
        own = [letter for letter in held if letter.claimed_by == holder]
        given_back = [tx.move_letter(each, was=LetterState.CLAIMED, becomes=LetterState.WAITING) for each in own]
        return not all(given_back)

    try:
        return store.write(give_back)
    except Exception as error:
        log.error("Letters could not be given back; trying again shortly. %s", error)
        return True
