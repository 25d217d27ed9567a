"""What can be done to a case of any procedure: attach a document, settle a lost letter, record a withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from models.cases import Case
from models.consultation import lost_letters
from models.council import UnknownId
from models.documents import ASSESSMENTS, DocumentKind
from models.facts import Fact
from notifications.printable import printable
from tasks import forms
from tasks.acts import Act, ReadFile
from tasks.forms import Refused

LONGEST_NAME = 150


def attach(case: Case, form: forms.Attach, read_file: ReadFile, kinds: Sequence[DocumentKind]) -> Act:
    """Return the act of attaching a document of one of `kinds`; a screening may be its reasons alone.

    Raises Refused where the newest of its kind is that very document: a second fact would tell nobody anything.
    """
    if form.kind not in kinds:
        raise Refused(f"a document of the kind {form.kind} has no place in this case; there are {', '.join(kinds)}")
    if form.kind is DocumentKind.SCREENING and not form.reasons:
        raise Refused(
            "a screening needs reasons: say why no full equality impact assessment is needed (--reasons)"
        )
    if form.file is None and form.kind is not DocumentKind.SCREENING:
        raise Refused(f"name the file of the {form.kind} (--file)")
    if form.file is not None:
        filename, content = name_of(form.file), read_file(form.file)
    else:
        filename = "equality-screening.txt"
        content = f"Equality screening: no full assessment is needed.\n\n{form.reasons}\n".encode()
    digest = sha256(content).hexdigest()
    payload = {
        "kind": form.kind, "reasons": form.reasons, "confidential": form.confidential, "sha256": digest,
        "filename": filename, "size": len(content),
    }  # fmt: skip
    in_its_place = ASSESSMENTS if form.kind in ASSESSMENTS else (form.kind,)
    there = [fact for fact in case.record.all("document-attached") if fact["kind"] in in_its_place]
    if there and all(there[-1].get(name) == value for name, value in payload.items()):
        raise Refused(f"{filename} is attached already as fact {there[-1].number}; nothing was recorded twice")
    says = f"{form.kind.replace('-', ' ').capitalize()} attached: {filename}."
    return Act("document-attached", payload, says, {digest: content})


def name_of(file: Path) -> str:
    """Return the name under which a paper goes out. Raises Refused for one that no letter could carry."""
    name = file.name
    if name in ("", "..") or "\\" in name or "\n" in name or printable(name) != name or len(name) > LONGEST_NAME:
        raise Refused(
            f"{name!r} cannot be the name of a paper that goes out with letters; rename the file: up to {LONGEST_NAME} "
            "letters, figures, spaces and hyphens"
        )
    return name


def withdraw(case: Case, form: forms.Withdraw, read_file: ReadFile) -> Act:
    """Record that the matter was withdrawn; letters that nobody has begun to send fall away."""
    if case.withdrawn is not None:
        raise Refused(f"it was withdrawn before, fact {case.withdrawn.number}")
    return Act("withdrawn", {"reasons": form.reasons}, "Recorded: it is withdrawn. The case closes.",
               cancels_letters="")  # fmt: skip


def settle(case: Case, form: forms.Settle, read_file: ReadFile) -> Act:
    """Settle a letter that did not arrive, or may not have: its recipient knows after all, or still does not."""
    lost = [fact for fact in lost_letters(case.record) if fact["consultee"] == form.consultee]
    if not lost:
        raise Refused(f"no letter to {form.consultee} is in question; there is nothing to settle")
    return settled(form, lost[0], "tell them another way, then settle it as received")


def settled(form: forms.Settle, fate: Fact, otherwise: str) -> Act:
    """Return the act of settling the letter of which `fate` tells; `otherwise` says what to do if it did not arrive."""
    about = {"consultee": form.consultee, "letter": fate["letter"], "template": fate.get("template"), "settled": True}
    if form.fate == "received":
        payload = {**about, "accepted_at": fate.at.isoformat(), "accepted_by": "an officer's enquiry",
                   "reply": form.reasons}  # fmt: skip
        return Act("letter-sent", payload, f"Recorded: {form.consultee} has the letter.")
    payload = {**about, "text": form.reasons, "code": None}
    return Act("letter-bounced", payload, f"Recorded: {form.consultee} does not have it; {otherwise}.")


def check_role(case: Case, role: str) -> None:
    """Refuse, with those that are near, a role that the council's file does not have."""
    try:
        case.council.title(role, case.today)
    except UnknownId as error:
        raise Refused(str(error)) from error
