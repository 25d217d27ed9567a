"""What is directed where there is no consensus: put off, referred back, discussed, in dispute (ToR 8.2, 8.3, 9.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from models.joint_commissioning import JointCommissioningCase
from models.joint_commissioning_words import DisputeResult
from models.london import date_in_london, day_in_words
from tasks import board_forms, powers
from tasks.acts import Act, ReadFile, Verb
from tasks.authority import CHAIR, DECISION_MAKER, OFFICER
from tasks.common_verbs import check_role
from tasks.days import happened_on
from tasks.forms import Refused
from tasks.joint_commissioning import forms

Case = JointCommissioningCase


def to_direct(case: Case) -> powers.Power:
    """Return who defers a matter or directs that it be referred back: the Chair, or the Vice-Chair (ToR 8.3)."""
    if case.chairing is None:
        raise Refused(f"the council's file names nobody who presides over the {case.board.name} now")
    return powers.Power("direct what becomes of the matter", *case.presiding)


def to_conclude(case: Case) -> powers.Power:
    """Return who enters how a dispute ended: the clerk, on the word of those who discuss it (ToR 9.1)."""
    return powers.Power("say how a dispute ended", case.section.clerk, word_of=" and ".join(case.those_in_dispute))


def _defer(case: Case, form: board_forms.Defer, read_file: ReadFile) -> Act:
    _no_consensus(case)
    if case.times_failed >= case.choices.no_more_after:
        raise Refused(
            f"there was no consensus {case.times_failed} times; it is not deferred again (local policy) but referred "
            "back (refer-back) or taken to dispute (open-dispute)"
        )
    _named_meeting(case, form.to_meeting_on)
    latest = case.latest_to_defer(case.today)
    if form.to_meeting_on > latest:
        raise Refused(f"a deferred matter comes back by {day_in_words(latest)} (local policy); name an earlier meeting")
    payload = {"to_meeting_on": form.to_meeting_on.isoformat(), "consulted": _consulted(case, form.consulted),
               "reasons": form.reasons, "round": case.round.number}  # fmt: skip
    return Act(
        "deferred", payload,
        f"Deferred to {day_in_words(form.to_meeting_on)}; nothing is decided. Chair and partner lead discuss it first.",
    )  # fmt: skip


def _refer_back(case: Case, form: board_forms.ReferBack, read_file: ReadFile) -> Act:
    _no_consensus(case)
    payload = {"consulted": _consulted(case, form.consulted), "reasons": form.reasons, "round": case.round.number,
               "to": [partner.parent for partner in case.board.partners.values()]}  # fmt: skip
    parents = " and ".join(partner.parent_name for partner in case.board.partners.values())
    return Act("referred-back", payload, f"Referred back to {parents}; nothing is decided. The case closes.")


def _discuss(case: Case, form: board_forms.Discuss, read_file: ReadFile) -> Act:
    for role in form.between:
        check_role(case, role)
    held_on = happened_on(case, form.held_on, "the discussion")
    if case.dispute is not None:
        lacking = [role for role in case.those_in_dispute if role not in form.between]
        if lacking:
            raise Refused(f"a dispute on this item is discussed by {', '.join(case.those_in_dispute)} (ToR 9.1)")
    elif case.round.after_deferral is not None:
        _chair_and_lead(case, form.between, held_on)
    else:
        raise Refused("the matter was not deferred, and is not in dispute; there is nothing to discuss first")
    since = case.dispute or case.round.after_deferral
    assert since is not None
    if held_on < (began := date_in_london(since.at)):
        raise Refused(f"{day_in_words(held_on)} is before the matter was put off, {day_in_words(began)}")
    payload = {"between": list(form.between), "held_on": held_on.isoformat(), "note": form.note,
               "round": case.round.number}  # fmt: skip
    return Act("discussed", payload, f"Discussion of {day_in_words(held_on)} recorded.")


def _chair_and_lead(case: Case, between: Sequence[str], on: date) -> None:
    """Refuse a discussion that is not between who presides and the lead of another partner, two people (ToR 8.2)."""
    first, others = case.presiding
    person = case.council.person_id_or_none
    heard = any(
        lead in between and person(lead, on) != person(chair, on)
        for chair in (first, *others) if chair in between
        for lead in case.leads_across_from(chair)
    )  # fmt: skip
    if not heard:
        raise Refused(
            f"the discussion is between the Chair ({first}) and the respective partner lead "
            f"({' or '.join(case.leads_across_from(first))}), two different people: both partners are heard (ToR 8.2)"
        )


def _open_dispute(case: Case, form: forms.OpenDispute, read_file: ReadFile) -> Act:
    _no_consensus(case)
    route = case.dispute_route
    payload = {"route": route, "reasons": form.reasons, "with": list(case.those_in_dispute),
               "round": case.round.number}  # fmt: skip
    titles = " and ".join(case.council.title(role, case.today) for role in case.those_in_dispute)
    return Act("dispute-opened", payload, f"Dispute opened ({route}): {titles} discuss it. There is no arbitration.")


def _conclude(case: Case, form: forms.ConcludeDispute, read_file: ReadFile) -> Act:
    if case.dispute is None and not (case.was_in_dispute and case.consensus_failed):
        raise Refused("no dispute is open, and none came back to the Board without consensus (ToR 9.1)")
    if case.dispute is not None and case.discussed is None:
        raise Refused("those whom the Terms of Reference name have not discussed it yet (discuss; ToR 9.1)")
    if form.result is DisputeResult.NOT_PROGRESSED:
        payload = {"reasons": form.reasons, "round": case.round.number}
        return Act("not-progressed", payload, "The matter does not move forward (ToR 9.1). The case closes.")
    if case.dispute is None:
        raise Refused("the dispute came back to the Board before; refer the matter back, or record not-progressed")
    if form.to_meeting_on is None:
        raise Refused("name the meeting at which the Board considers it further (--to-meeting-on)")
    _named_meeting(case, form.to_meeting_on)
    payload = {"to_meeting_on": form.to_meeting_on.isoformat(), "reasons": form.reasons, "round": case.round.number}
    return Act("dispute-returned", payload, f"Back before the Board on {day_in_words(form.to_meeting_on)}.")


def _no_consensus(case: Case) -> None:
    """Refuse a direction on a matter that there is consensus on, or that has been directed already."""
    if case.consensus_failed is None:
        raise Refused("no consensus has failed at this meeting; there is nothing to defer or refer back (ToR 8.3)")
    done = case.round.last("referred-back") or case.record.last("not-progressed")
    if done is not None:
        raise Refused(f"that was directed before, fact {done.number}")
    if case.dispute is not None:
        raise Refused(f"the matter is in dispute, fact {case.dispute.number}; record how that ends (conclude-dispute)")


def _named_meeting(case: Case, day: date) -> None:
    if day <= case.today:
        raise Refused(f"{day_in_words(day)} is no future meeting")
    if day not in case.board.meetings:
        coming = ", ".join(day_in_words(each) for each in case.board.meetings if each > case.today)
        raise Refused(f"the Board has no published meeting on {day_in_words(day)}; there are {coming[:120]} ...")
    if case.board.chairing(day) is None:
        raise Refused(f"the council's file names no Chair of the {case.board.name} on {day_in_words(day)}")


def _consulted(case: Case, consulted: Sequence[str]) -> list[str]:
    """Return whom the Chair consulted. Raises Refused where somebody present was left out (ToR 8.3)."""
    for role in consulted:
        check_role(case, role)
    present = [attendee.role for attendee in case.meeting.taking_part]
    first, others = case.presiding
    chair = next((role for role in (first, *others) if role in present), None)
    left_out = [role for role in present if role not in consulted and role != chair]
    if left_out:
        raise Refused(f"the Chair consults those present before deferring or referring back; left out: "
                      f"{', '.join(left_out)} (ToR 8.3)")  # fmt: skip
    return list(consulted)


DIRECTIONS: tuple[Verb[Any], ...] = (
    Verb("defer", "Defer to a later meeting", board_forms.Defer, _defer, CHAIR, power=to_direct),
    Verb("refer-back", "Refer back to the parent bodies", board_forms.ReferBack, _refer_back, CHAIR, power=to_direct),
    Verb("discuss", "Record a discussion", board_forms.Discuss, _discuss, OFFICER),
    Verb("open-dispute", "Open a dispute", forms.OpenDispute, _open_dispute, CHAIR, power=to_direct),
    Verb("conclude-dispute", "Record how a dispute ended", forms.ConcludeDispute, _conclude,
         DECISION_MAKER, power=to_conclude),
)
"""The verbs of a matter without consensus."""
