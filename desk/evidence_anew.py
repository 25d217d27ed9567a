"""The account and the derivations of an evidence file made again from the record in that file, and nothing else.

`cleardays evidence` makes the account of a file in this way, out of the files that are proven; `cleardays verify` does
the same again and compares, so that an account rewritten by another hand is found.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache, lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from desk.evidence import Material
from desk.evidence_publication import Withheld as Hidden
from desk.evidence_publication import nothing_withheld
from models.bank_holidays import library_version
from models.cases import Case
from models.council import Council, read_council
from models.editions import Edition, EditionMissing, dates_by
from models.evidence_chain import Finding, Kind
from models.evidence_check import REMOVED, Verdict
from models.evidence_form import COUNCIL, DOCUMENTS, Entry, Field, short
from models.evidence_letters import SealedLetter, read_letters
from models.evidence_record import Files, entries_in, read_about
from models.facts import Fact, Record, Withheld, canonical, read_instant
from models.outgoing import Draft, Enclosure, Letter, LetterState
from tasks.procedures import read

HTML, PDF = "account.html", "account.pdf"
OF_CODE = (".py", ".yaml", ".typ")
PACKAGES = ("models", "notifications", "tasks", "flows", "desk")
HOLDS = "The account and the derivations are, byte for byte, what this Cleardays makes of the record"
HOLDS_BUT_PDF = "account.html and the derivations are, byte for byte, what this Cleardays makes of the record"
NOT_WHOLE = "The account and the derivations were not compared: they follow from a record that is whole"
BY_BESIDE = (
    f" and of {COUNCIL}: offices, names and whatever else is a council's to choose follow that file and are not proven"
)
COUNCIL_BESIDE = (
    f"{COUNCIL} is the council's file of the day on which the account was made: the one that fact 1 names is not here, "
    "or no account can be made by it. The record does not vouch for it"
)
NEEDS_NONE = "the account follows the council's file that fact 1 names, which is here"
PUBLISHED_NONE = "a file for publication holds no council's file"


@cache
def made_by() -> str:
    """Return the version of Cleardays that is at work, and a digest of its code: another may write another account."""
    folder, code = Path(__file__).parent.parent, sha256(library_version().encode())
    for each in sorted(each for name in PACKAGES for each in (folder / name).rglob("*") if each.suffix in OF_CODE):
        code.update(each.read_bytes())
    return f"Cleardays {version('cleardays')}, code {code.hexdigest()[:12]}"


def typeset_by() -> str:
    """Return what typesets the PDF here: other versions, or another processor, may give other bytes for its words."""
    return f"typst {version('typst')} on {platform.machine()}"


def account_files(material: Material, *, with_pdf: bool = True, withheld: Hidden | None = None) -> dict[str, bytes]:
    """Return the account of a case and the derivation of each of its dates, by the names of their files."""
    from desk.evidence_account import account_of
    from desk.evidence_pages import html_page, pdf_file

    account, hidden = account_of(material, withheld), withheld or nothing_withheld()
    files = {name: hidden.struck(text).encode() for name, text in _derivations(material.case).items()}
    files[HTML] = html_page(account).encode()
    if with_pdf:
        files[PDF] = pdf_file(account, material.record.facts[-1].at)
    return files


def _derivations(case: Case) -> dict[str, str]:
    """Return every date with its derivation, as plain data and as it reads."""
    deadlines = case.deadlines()
    plain = [{**deadline.to_dict(), "status": str(status), "explained": deadline.explain()}
             for deadline, status in deadlines]  # fmt: skip
    read_out = [
        "\n".join([f"{deadline.name}: {status}", *(f"  {line}" for line in deadline.explain())])
        for deadline, status in deadlines
    ]
    data = "[\n" + ",\n".join(canonical(each) for each in plain) + "\n]\n"
    return {"derivations.json": data, "derivations.txt": "\n\n".join(read_out) + "\n"}


# -- verified ----------------------------------------------------------------------------------------------------------


def judge_account(files: Files, verdict: Verdict) -> None:
    """Add to the verdict on a file what its account is worth; one for publication can only have a file too many.

    What this very Cleardays wrote must be what it writes again. Of what another wrote a difference proves nothing.
    """
    if verdict.about.publication:
        verdict.findings += [Finding(Kind.INSERTION, COUNCIL, PUBLISHED_NONE)] if COUNCIL in files else []
        return
    if not verdict.whole:
        verdict.notes.append(NOT_WHOLE)
        return
    ours = verdict.about.made_by == made_by()
    same_typesetter = verdict.about.plain.get("typeset_by") == typeset_by()
    found, beside = _differences(files, with_pdf=ours and same_typesetter)
    if COUNCIL in files and not beside:
        verdict.findings.append(Finding(Kind.INSERTION, COUNCIL, NEEDS_NONE))
        return
    if beside:
        verdict.notes.append(COUNCIL_BESIDE)
    if found and not ours:
        verdict.notes.append(
            f"It was written by {verdict.about.made_by[:80]}, and this is {made_by()}: the account and the derivations "
            "were not compared, and are for reading only"
        )
        return
    verdict.findings += found
    if not found and ours and same_typesetter:
        verdict.notes.append(f"{HOLDS}{BY_BESIDE}" if beside else HOLDS)
    elif not found:
        told = str(verdict.about.plain.get("typeset_by", "an older version"))[:80]
        holds = f"{HOLDS_BUT_PDF}{BY_BESIDE}" if beside else HOLDS_BUT_PDF
        verdict.notes.append(f"{holds}. {PDF}, typeset by {told}, was not compared and is for reading only")


def _differences(files: Files, *, with_pdf: bool) -> tuple[list[Finding], bool]:
    """Return where the account is not what is made again from the rest of a file, and whether it is by account.yaml."""
    try:
        made, beside = made_again(files, with_pdf=with_pdf)
    except Exception as error:  # a record that another hand made up may say anything at all
        says = f"no account can be made of this record ({type(error).__name__}: {short(error)})"
        return [Finding(Kind.EDIT, HTML, says)], COUNCIL in files
    expected = sorted(made.keys() | {PDF})
    return [each for name in expected if (each := _difference(files, name, made.get(name)))], beside


def made_again(files: Files, *, with_pdf: bool = True) -> tuple[dict[str, bytes], bool]:
    """Return the account and the derivations as the rest of an evidence file gives them, and whether by account.yaml.

    They follow the council's file that fact 1 names. account.yaml, which nothing proves, takes its place only where
    that one is not there, or where no account can be made by it: it may lack an office of later years. Raises what
    `material_in` raises.
    """
    try:
        return account_files(material_in(files), with_pdf=with_pdf), False
    except Exception:  # whatever it lacks; what is proven alone decides it
        if COUNCIL not in files:
            raise
    return account_files(material_in(files, COUNCIL), with_pdf=with_pdf), True


def _difference(files: Files, name: str, made: bytes | None) -> Finding | None:
    """Return how a file differs from what was `made` again, if it was, or that it is missing."""
    if name not in files:
        return Finding(Kind.DELETION, name, "it is missing")
    there = files.read(name)
    if made is None or there == made:
        return None
    if name == PDF:
        return Finding(Kind.EDIT, name, "it is not what this Cleardays makes of the record")
    here, wanted = (each.decode("utf-8", "replace").split("\n") for each in (there, made))
    line = next((n for n, (one, other) in enumerate(zip(here, wanted, strict=False)) if one != other),
                min(len(here), len(wanted)))  # fmt: skip
    return Finding(Kind.EDIT, name, f"from line {line + 1} on it is not what this Cleardays makes of the record")


# -- the file read back ------------------------------------------------------------------------------------------------


def material_in(files: Files, council_file: str | None = None) -> Material:
    """Return what an evidence file that is not for publication is made of, read back from its proven files.

    The council is that of the file which fact 1 names, or of another, `council_file`, among the files.
    Raises ValueError (Unreadable), KeyError and others for files that are not as Cleardays writes them.
    """
    about, entries, documents = read_about(files), entries_in(files), documents_in(files)
    record = Record(about.case, about.procedure, about.version, about.council, [_fact(each) for each in entries])
    council = _council(files, record, council_file or f"council/{record.facts[0]['council_file']}.yaml")
    letters = [_letter(each, record) for each in read_letters(files)[0]]
    listed = files.read(DOCUMENTS).decode().splitlines()
    absent = frozenset(line[:64] for line in listed if line.endswith(f" {REMOVED}"))
    heads = {name.removeprefix("heads/"): files.read(name) for name in files.names if name.startswith("heads/")}
    return Material(record, letters, documents, absent, heads, read(record, council, record.facts[-1].at))


def documents_in(files: Files) -> Mapping[str, bytes]:
    """Return the documents of an evidence file, the council's file and the editions of its dates, by SHA-256."""
    names = [each for each in files.names if each.startswith(("documents/", "council/")) and each != DOCUMENTS]
    return {name.partition("/")[2][:64]: files.read(name) for name in names}


def _council(files: Files, record: Record, name: str) -> Council:
    """Return the council of a file by its name, with the dates of the edition that the case follows."""
    council, sha256 = _council_read(files.read(name), name), dates_by(record)
    if sha256 is None:
        return council
    kept = f"council/{sha256}.json"
    edition = Edition.from_bytes(files.read(kept)) if kept in files else council.edition()
    if edition.sha256 != sha256:
        raise EditionMissing(f"the case follows the dates of edition {sha256}, which is not in the file")
    return council.dated_by(edition)


@lru_cache(maxsize=4)
def _council_read(content: bytes, name: str) -> Council:
    return read_council(content, Path(name))


def _fact(entry: Entry) -> Fact:
    """Return a fact of a file; the salt it was recorded with is in no file, and no reader of a case asks for it."""
    payload = {name: _value(each) for name, each in entry.fields.items()}
    return Fact(entry.case, entry.number, read_instant(entry.at), entry.kind, entry.actor, entry.channel, payload,
                entry.key, "", entry.previous, entry.hash)  # fmt: skip


def _value(field: Field) -> object:
    return Withheld(field.digest) if field.withheld else field.value


def _letter(sealed: SealedLetter, record: Record) -> Letter:
    """Return a letter of a file; how far it came is told by the facts about it, and by no state."""
    value = {name: _value(each) for name, each in sealed.fields.items()}
    enclosures = () if sealed.fields["enclosures"].withheld else sealed.fields["enclosures"].value
    text: dict[str, Any] = {name: str(value[name]) for name in value if name != "enclosures"}
    draft = Draft(**text, enclosures=tuple(Enclosure(*each) for each in enclosures))
    at = record.facts[sealed.posted.fact - 1].at
    return Letter(
        id=sealed.posted.number, case=record.case, fact=sealed.posted.fact, draft=draft, written_at=at,
        state=LetterState.WAITING, due_at=at, attempts=0, claimed_by=None, settled_at=None, reply="",
    )  # fmt: skip
