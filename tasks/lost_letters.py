"""Letters that did not arrive: somebody who can see to it is told, once; the case shows them until they are settled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.cases import Case
from models.consultation import lost_letters
from models.facts import Fact
from models.pharmacy import PharmacyCase
from tasks.drafting import concerning, listed
from tasks.notices import inform, told

NEWS = "letter-lost"  #: the template that tells of a lost letter of a consultation
NEWS_OF_ANY_CASE = "case-letter-lost"  #: that of any other procedure


def raise_lost_letters(case: PharmacyCase) -> None:
    """Put each letter that was refused, or whose fate is not known, to the Director; the Director's own to the others.

    Papers and the representation are asked about where they are waited for. Of the news itself only the Director's is
    raised again, so that it ends.
    """
    _raise(case, case.council.pharmacy.responsible_officer, NEWS)


def see_to_lost_letters(case: Case) -> None:
    """Put each letter of a case that was refused, or may not have arrived, to its officer; the officer's to others."""
    _raise(case, case.responsible_officer, NEWS_OF_ANY_CASE, **concerning(case))


def _raise(case: Case, officer: str, news: str, **values: Any) -> None:
    others = [role for role in case.council.local_policy.escalation_roles.value if role != officer]
    for trouble in lost_letters(case.record):
        role = trouble["consultee"]
        if trouble.get("template") == news and role != officer:
            continue
        inform(
            case, told(case, others if role == officer else [officer]), f"letter lost, fact {_first(case, trouble)}",
            template=news, recipient_title=listed(case, [role]), letter_name=name_of(trouble),
            what_happened=f"{trouble.kind.replace('-', ' ')}, fact {trouble.number} of the record: "
            f"{trouble.get('text') or 'no reason was given'}",
            mend=mend(case, trouble), **values,
        )  # fmt: skip


def in_sentences(case: Case) -> Iterator[str]:
    """Give each letter that did not arrive, or may not have, in a sentence that says what is to be done."""
    for trouble in lost_letters(case.record):
        title = case.council.title(trouble["consultee"], case.today)
        fate = "came back" if trouble.kind == "letter-bounced" else "may not have arrived"
        yield f"The letter “{name_of(trouble)}” to {title} {fate}: tell them another way, then {mend(case, trouble)}"


def name_of(trouble: Fact) -> str:
    """Return what a letter is called: its template in words."""
    return str(trouble.get("template") or "letter").replace("-", " ")


def mend(case: Case, trouble: Fact) -> str:
    """Return the command that records that the recipient knows."""
    role = trouble["consultee"]
    return f'cleardays settle {case.ref} --consultee {role} --fate received --reasons "told by telephone"'


def _first(case: Case, trouble: Fact) -> int:
    return next(fact.number for fact in case.record if fact.get("letter") == trouble["letter"])
