"""Whether a signature on a Better Care plan can be taken as given: who may sign, how, when, and on which version.

Sources: report of 26 July 2017, summary, recommendation (ii), paragraphs 3 and 5; the policy pack for what may be
delegated; SI 2013/218 regulation 3 for the doubt about the Board.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from models.better_care import BetterCarePlan
from models.better_care_answers import is_own
from models.better_care_packs import BOARD
from models.better_care_words import DELEGATION_DOUBT, SUPPORT_DOUBT, Answer, BoardRoute, Manner
from models.council_file import one_of
from models.facts import Fact
from models.london import day_in_words

MOST_PROBLEMS = 3  #: of an incomplete plan that a refusal lists


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature or a refusal as it is entered: whose, by which office, how, on which London day."""

    signatory: str
    signed_by: str
    manner: Manner
    signed_on: date
    answer: Answer = Answer.SIGNED


def usual_manner(case: BetterCarePlan, signatory: str) -> Manner:
    """Return how a signatory usually signs: a body by resolution, an office in person."""
    return Manner.IN_PERSON if case.signatory(signatory).acts == "in person" else Manner.RESOLUTION


def usual_office(case: BetterCarePlan, signatory: str, manner: Manner) -> str:
    """Return the office that signs where nobody else is named: the Board's delegate, its Chair, or whoever is asked."""
    if signatory == BOARD and manner is not Manner.DELEGATION:
        return case.local.chair
    return case.asked(signatory)


def why_not_sign(case: BetterCarePlan, given: Signature) -> str | None:
    """Return why a signature, or a refusal to sign, cannot be entered, in a sentence that says what to do, or None."""
    return next((why for check in CHECKS for why in check(case, given)), None)


def doubt_about(case: BetterCarePlan, given: Signature) -> str | None:
    """Return what is printed beside a signature whose power is in doubt, or None."""
    signatory = case.signatory(given.signatory)
    if given.manner is Manner.CHAIR_SUPPORT:
        return SUPPORT_DOUBT
    if given.manner is Manner.DELEGATION and given.signatory == BOARD:
        return DELEGATION_DOUBT
    return signatory.note if given.manner is Manner.DELEGATION and signatory.delegation == "uncertain" else None


def _known(case: BetterCarePlan, given: Signature) -> Iterator[str]:
    local = case.local.signatories.get(given.signatory)
    if local is None:
        yield (
            f"the council's file does not say who signs for {given.signatory}; enter the offices there (better_care, "
            "signatories)"
        )
    elif given.manner is not Manner.DELEGATION and given.signed_by not in local.offices:
        yield f"{given.signed_by} does not sign for the {case.name_of(given.signatory)}; {one_of(local.offices, '')}"


def why_not_delegate(case: BetterCarePlan, signatory: str, role: str, on: date) -> str | None:
    """Return why a role cannot sign for a signatory under its delegation on a London day, or None.

    The council's file names the delegates; the Board's Chair alone is none (SI 2013/218 regulation 3 knows officers and
    sub-committees), and nobody signs for a body of another organisation.
    """
    local, title, name = case.local.signatories[signatory], case.council.title(role, on), case.name_of(signatory)
    if signatory == BOARD and role in (case.local.chair, *local.offices):
        return (
            f"the Board cannot delegate its approval to the {title} alone: SI 2013/218 regulation 3 knows only "
            "sub-committees and, where it applies, officers. Record what the Board agreed without a delegate"
        )
    if role not in local.delegates:
        return (
            f"the {title} ({role}) is not a delegate of the {name}; {one_of(local.delegates, '')}. Enter an office "
            "there only on its scheme of delegation (better_care, signatories, delegates)"
        )
    if case.council.organisation(role, on) != case.council.organisation(local.asked, on):
        return f"the {title} belongs to another organisation than the {name}, and cannot sign for it"
    return None


def _delegate(case: BetterCarePlan, given: Signature) -> Iterator[str]:
    if given.manner is Manner.DELEGATION:
        why_not = why_not_delegate(case, given.signatory, given.signed_by, given.signed_on)
        yield from () if why_not is None else (why_not,)


def _not_refused(case: BetterCarePlan, given: Signature) -> Iterator[str]:
    """Give the refusal that a delegate, or the Chair, would overturn."""
    refused = case.own_refusal(given.signatory)
    if refused is None or given.answer is Answer.REFUSED:
        return
    if given.manner in (Manner.DELEGATION, Manner.CHAIR_SUPPORT):
        yield (
            f"{refusal_in_words(case, refused)}; nobody who acts for it can overturn that. It answers by a resolution "
            "of its own, or a changed plan is attached and put to it"
        )
    elif given.signed_on.isoformat() < refused["signed_on"]:
        yield f"{refusal_in_words(case, refused)}, after {day_in_words(given.signed_on)}; the later answer stands"


def refusal_in_words(case: BetterCarePlan, refused: Fact) -> str:
    """Return who refused the version that stands, and when."""
    on = day_in_words(date.fromisoformat(refused["signed_on"]))
    return f"the {case.name_of(refused['signatory'])} refused this version on {on} (fact {refused.number})"


def _timely(case: BetterCarePlan, given: Signature) -> Iterator[str]:
    if given.signed_on > case.today:
        yield f"{day_in_words(given.signed_on)} lies ahead; record the signature once it is given"
    elif given.signed_on < case.began_on:
        yield (
            f"{day_in_words(given.signed_on)} is before the draft was received, {day_in_words(case.began_on)}; check "
            "the day"
        )
    elif case.council.holder_or_none(given.signed_by, given.signed_on) is None:
        yield (
            f"nobody held the office {given.signed_by} on {day_in_words(given.signed_on)}; enter the holder with dates "
            "in the council's file"
        )


def _whole(case: BetterCarePlan, given: Signature) -> Iterator[str]:
    if case.problems:
        more = len(case.problems) - MOST_PROBLEMS
        rest = f"; and {more} more" if more > 0 else ""
        yield f"the plan is not complete, so that nobody can sign it: {'; '.join(case.problems[:MOST_PROBLEMS])}{rest}"


def _once(case: BetterCarePlan, given: Signature) -> Iterator[str]:
    before = case.chair_support if given.manner is Manner.CHAIR_SUPPORT else case.signature(given.signatory)
    overruled = before is not None and given.answer is Answer.REFUSED and not is_own(before)
    if before is not None and not (overruled and given.manner is not Manner.DELEGATION):
        yield f"the {case.name_of(given.signatory)} signed this version before, fact {before.number}"


def _in_its_manner(case: BetterCarePlan, given: Signature) -> Iterator[str]:
    signatory, name = case.signatory(given.signatory), case.name_of(given.signatory)
    if given.manner is Manner.DELEGATION and signatory.delegation == "never":
        yield f"the {name} signs in person. {signatory.note}"
    elif given.manner is Manner.IN_PERSON and signatory.acts == "as a body":
        yield f"the {name} is a body: it signs by resolution, or somebody signs under its delegation"
    elif given.manner is Manner.RESOLUTION and signatory.acts == "in person":
        yield f"the {name} is an office, not a body: it signs in person"
    elif given.manner is Manner.CHAIR_SUPPORT and given.signatory != BOARD:
        yield f"only the Board's Chair supports a plan in the Board's place; the {name} signs itself"


def _by_the_board(case: BetterCarePlan, given: Signature) -> Iterator[str]:
    if given.signatory == BOARD:
        check = BOARD_CHECKS.get(given.manner)
        yield from check(case, given) if check is not None else ()


def _board_met(case: BetterCarePlan, given: Signature) -> Iterator[str]:
    if given.signed_on == case.draft_on and case.version and case.version_came_on > given.signed_on:
        yield (
            f"on {day_in_words(given.signed_on)} the Board considered the draft; the version that stands came in on "
            f"{day_in_words(case.version_came_on)}, and it cannot have approved that"
        )
    if given.signed_on in case.council.body(case.local.board).meetings:
        return
    route = case.record.last("route-chosen")
    if route is None or route.get("meets_on") != given.signed_on.isoformat():
        yield (
            f"the Board did not meet on {day_in_words(given.signed_on)} by its published dates; name the day of its "
            "meeting, or first choose a special meeting (choose-board-route)"
        )
    elif case.notice_given(route) is None:
        by = case.notice_by(given.signed_on).last_day
        yield (
            f"no notice of the special meeting of {day_in_words(given.signed_on)} is recorded; it had to be given by "
            f"{day_in_words(by)}: record it first (give-meeting-notice)"
        )


def _board_delegated(case: BetterCarePlan, given: Signature) -> Iterator[str]:
    arrangements = case.arrangements
    if arrangements is None or not arrangements["delegate"]:
        yield "the Board has agreed no delegate; record what it agreed first (record-arrangements --delegate ROLE)"
    elif case.route is None or case.route["route"] != BoardRoute.DELEGATED:
        yield "delegated approval is not the route that was chosen; choose it first (choose-board-route)"
    elif given.signed_by != arrangements["delegate"]:
        delegate = case.council.title(arrangements["delegate"], given.signed_on)
        yield f"the Board delegated its approval to the {delegate} (fact {arrangements.number}), and to nobody else"
    elif given.signed_on.isoformat() < arrangements["agreed_on"]:
        yield (
            f"the Board delegated its approval on {day_in_words(date.fromisoformat(arrangements['agreed_on']))}; "
            "nothing could be approved under it before"
        )


def _chair_supports(case: BetterCarePlan, given: Signature) -> Iterator[str]:
    if case.route is None or case.route["route"] != BoardRoute.CHAIR_SUPPORT:
        yield "the Chair's support is not the route that was chosen; choose it first (choose-board-route)"
    elif given.signed_by != case.local.chair:
        yield f"the support is the Chair's own ({case.local.chair}); nobody else gives it"


Check = Callable[[BetterCarePlan, Signature], Iterator[str]]

CHECKS: tuple[Check, ...] = (
    _known, _timely, _in_its_manner, _not_refused, _by_the_board, _delegate, _whole, _once
)  # fmt: skip
"""Every reason not to take a signature, the first that holds being told."""

BOARD_CHECKS: dict[Manner, Check] = {
    Manner.RESOLUTION: _board_met,
    Manner.DELEGATION: _board_delegated,
    Manner.CHAIR_SUPPORT: _chair_supports,
}
