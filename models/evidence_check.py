"""`cleardays verify`: everything in an evidence file judged, without a database, settings or the network."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field

from models.evidence_chain import Finding, Kind
from models.evidence_form import (
    CASE,
    COUNCIL,
    DOCUMENTS,
    HASH,
    HOLD_DOCUMENTS,
    LETTERS,
    RECORD,
    SUMS,
    VERIFY,
    Entry,
    Unreadable,
    content_digest,
    hashes_in,
    short,
)
from models.evidence_letters import Composed, SealedLetter, judge_letters, read_letters
from models.evidence_reading import decode
from models.evidence_record import About, Files, judge_record, read_about
from models.heads import Heads, HeadsError, parse_heads, sha256_of
from models.removals import removals_of

HERE, WITHHELD, REMOVED = "here", "withheld", "removed"  #: what becomes of a document that the record names
OF_THE_CHAIN = ("chain/", "letters/", "documents/", "council/", "heads/", RECORD)
OTHERS = frozenset({CASE, SUMS, VERIFY, RECORD, LETTERS, DOCUMENTS, "account.html", "account.pdf", "derivations.json",
                    "derivations.txt", "withheld.txt", COUNCIL})  # fmt: skip
FOR_READING_PUBLISHED = (
    "account.html, account.pdf, derivations.*, withheld.txt and letters/*.txt are for reading, and could be rewritten "
    "without a trace: only chain/ is proven, and the documents by the SHA-256 that chain/ names"
)


@dataclass(slots=True)
class Verdict:
    """What was found in an evidence file, and what vouches for it where nothing was."""

    about: About
    findings: list[Finding]
    notes: list[str] = field(default_factory=list)  #: what a reader is told beside that, in sentences
    facts: int = 0
    letters: int = 0
    documents: int = 0
    withheld: int = 0  #: fields of facts and letters of which only the digest is told

    @property
    def whole(self) -> bool:
        """Tell whether nothing was found."""
        return not self.findings


def judge(
    files: Files, composed: Composed, verify_texts: Container[str], kept: Sequence[tuple[str, bytes]] = ()
) -> Verdict:
    """Judge an evidence file. `kept` are files of daily heads from elsewhere, with their names.

    `composed` makes a letter's message anew; `verify_texts` are the SHA-256 (hex) that VERIFY.txt may have. Raises
    NoEvidenceFile when the file is none, and HeadsError when a file of heads that was kept cannot be read.
    """
    about = read_about(files)
    entries, found = judge_record(files, about)
    letters, unread = read_letters(files)
    found += unread or judge_letters(files, letters, entries, about, composed)
    found += judge_documents(files, letters, entries, about.publication)
    verdict = Verdict(about, found, facts=len(entries))
    found += _against_own_heads(files, entries, about)
    own = [(name, files.read(name)) for name in files.names if name.startswith("heads/") and name.endswith(".txt")]
    found += judge_heads(entries, about, [(name, parse_heads(content)) for name, content in kept])
    _note_heads(verdict, entries, [*_readable(own), *((name, parse_heads(content)) for name, content in kept)])
    if content_digest(files.read(VERIFY)) not in verify_texts:
        found.append(Finding(Kind.EDIT, VERIFY, "it is no text that this Cleardays or an older one writes"))
    found += _against_sums(files, bool(found))
    if about.publication:
        verdict.notes.append(FOR_READING_PUBLISHED)
    fields = [*(each.fields for each in entries), *(each.fields for each in letters)]
    verdict.letters, verdict.withheld = len(letters), sum(f.withheld for each in fields for f in each.values())
    verdict.documents = sum(name.startswith("documents/") and name != DOCUMENTS for name in files.names)
    return verdict


# -- documents ---------------------------------------------------------------------------------------------------------


def judge_documents(
    files: Files, letters: Sequence[SealedLetter], entries: Sequence[Entry], publication: bool
) -> Iterator[Finding]:
    """Give what is wrong with attachments, and with the council's file and the editions that the case followed."""
    listed: dict[str, str] = {}
    try:
        for line in decode(files.read(DOCUMENTS)).splitlines():
            digest, _, state = line.partition(" ")
            if not HASH.fullmatch(digest) or state not in (HERE, WITHHELD, REMOVED) or digest in listed:
                raise Unreadable(f"the line {short(line)} is not the SHA-256 and the state of a document, each once")
            listed[digest] = state
    except Unreadable as error:
        yield Finding(Kind.EDIT, DOCUMENTS, str(error))
        return
    there: dict[str, str] = {}
    for name in files.names:
        if name.startswith(("documents/", "council/")) and name != DOCUMENTS:
            digest = name.partition("/")[2][:64]
            there[digest] = name
            if (own := content_digest(files.read(name))) != digest:
                yield Finding(Kind.SWAP, f"attachment {name}", f"its content has the SHA-256 {own}")
            if listed.get(digest) != HERE:
                yield Finding(Kind.INSERTION, f"attachment {name}", f"{DOCUMENTS} does not list it")
    removed = removals_of(entries).documents
    for digest in sorted(listed.keys() | named_documents(letters, entries)):
        state = listed.get(digest, "")
        if digest in there or (state == WITHHELD and publication) or (state == REMOVED and digest in removed):
            continue
        says = "it is named in the record and is not in the file, and no fact says that it was removed"
        yield Finding(Kind.DELETION, f"attachment {digest}", says)
    for digest in sorted(there.keys() - set(_all_named(letters, entries))):
        yield Finding(Kind.INSERTION, f"attachment {there[digest]}", "nothing in the record names it")


def named_documents(letters: Sequence[SealedLetter], entries: Sequence[Entry]) -> set[str]:
    """Return the SHA-256 of each document that must be there: enclosures, and what was attached or issued."""
    named = {
        str(value) for entry in entries if entry.kind in HOLD_DOCUMENTS
        for name in ("sha256", "pdf", "word") if (value := entry.get(name)) and HASH.fullmatch(str(value))
    }  # fmt: skip
    for letter in letters:
        enclosures = letter.fields["enclosures"].value if "enclosures" in letter.fields else None
        named |= {str(each[2]) for each in enclosures or () if isinstance(each, list) and len(each) == 3}
    return named


def _all_named(letters: Sequence[SealedLetter], entries: Sequence[Entry]) -> Iterator[str]:
    yield from named_documents(letters, entries)
    for entry in entries:
        for each in entry.fields.values():
            yield from hashes_in(each.value)


# -- heads -------------------------------------------------------------------------------------------------------------


def judge_heads(entries: Sequence[Entry], about: About, kept: Sequence[tuple[str, Heads]]) -> Iterator[Finding]:
    """Give what daily heads say of the case that the record in the file does not bear out."""
    by_number = {entry.number: entry for entry in entries}
    said = sorted((head.number, head.hash, name) for name, heads in kept if (head := heads.head_of(about.case)))
    held = 0
    for number, hashed, name in said:
        entry = by_number.get(number)
        if entry is not None and entry.hash == hashed:
            held = number
            continue
        if entry is None and number > len(entries):
            says = f"{name} names fact {number}; the file ends with fact {len(entries)}"
            yield Finding(Kind.CUT, f"facts {len(entries) + 1} to {number}", says)
        else:
            says = f"{name} names another hash for fact {number}: something in these facts is not as it was recorded"
            yield Finding(Kind.REWRITTEN, f"facts {held + 1} to {number}", says)
        return


def _against_own_heads(files: Files, entries: Sequence[Entry], about: About) -> Iterator[Finding]:
    own: list[tuple[str, Heads]] = []
    stamps = []
    for name in files.names:
        if name.startswith("heads/") and name.endswith(".txt"):
            try:
                own.append((name, parse_heads(files.read(name))))
            except HeadsError as error:
                yield Finding(Kind.EDIT, name, str(error))
        elif name.startswith("heads/"):
            stamps.append(name)
    yield from judge_heads(entries, about, own)
    for name in stamps:
        covered = f"{name.removesuffix('.tsr')}.txt"
        if not name.endswith(".tsr") or covered not in files:
            yield Finding(Kind.INSERTION, name, "it is neither a file of heads nor the time stamp of one")
        elif bytes.fromhex(sha256_of(files.read(covered))) not in files.read(name):
            yield Finding(Kind.EDIT, name, f"it does not stamp {covered} as it reads here")


def _readable(own: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, Heads]]:
    for name, content in own:
        try:
            yield name, parse_heads(content)
        except HeadsError:
            continue


def _note_heads(verdict: Verdict, entries: Sequence[Entry], kept: Sequence[tuple[str, Heads]]) -> None:
    covered = max((head.number for _, heads in kept if (head := heads.head_of(verdict.about.case))), default=0)
    if covered == 0:
        verdict.notes.append(
            "No daily head vouches for it: whoever computed every hash anew after an edit is found only by heads that "
            "were kept elsewhere (--heads)"
        )
    elif covered < len(entries):
        verdict.notes.append(f"Facts {covered + 1} to {len(entries)} are newer than every head it was held against")


# -- sums, and what else is there --------------------------------------------------------------------------------------


def _against_sums(files: Files, found_before: bool) -> Iterator[Finding]:
    """Give each file that SHA256SUMS does not name as it is; of the chain only where nothing was found before."""
    try:
        listed = read_sums(files.read(SUMS))
    except Unreadable as error:
        yield Finding(Kind.EDIT, SUMS, str(error))
        return
    for name in files.names:
        if name != SUMS and not (found_before and name.startswith(OF_THE_CHAIN)):
            if name not in listed:
                yield Finding(Kind.INSERTION, name, f"{SUMS} does not name it")
            elif content_digest(files.read(name)) != listed[name]:
                yield Finding(Kind.EDIT, name, f"it is not as {SUMS} has it")
            elif name not in OTHERS and not name.startswith(OF_THE_CHAIN[:-1]):
                yield Finding(Kind.INSERTION, name, "an evidence file has no such file")
    for name in sorted(listed.keys() - set(files.names)):
        if not (found_before and name.startswith(OF_THE_CHAIN)):
            yield Finding(Kind.DELETION, name, f"{SUMS} names it, and it is missing")


def read_sums(content: bytes) -> dict[str, str]:
    """Return the SHA-256 (hex) of each file that SHA256SUMS names. Raises Unreadable."""
    listed: dict[str, str] = {}
    for number, line in enumerate(decode(content).splitlines(), start=1):
        digest, gap, name = line[:64], line[64:66], line[66:]
        if not HASH.fullmatch(digest) or gap != "  " or not name or name in listed:
            raise Unreadable(f"line {number}, {short(line)}, is not a SHA-256 and a name, each name once")
        listed[name] = digest
    return listed
