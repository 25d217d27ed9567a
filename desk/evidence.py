"""`cleardays evidence`: everything that a case's record rests on, in one file that can be checked without Cleardays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from desk.evidence_publication import Withheld, nothing_withheld
from models.cases import Case
from models.counting import counted
from models.evidence_check import HERE, REMOVED, WITHHELD
from models.evidence_form import (
    CASE,
    COUNCIL,
    DOCUMENTS,
    FORMAT,
    LETTERS,
    RECORD,
    SUMS,
    VERIFY,
    Field,
    chain_files,
    digest_of,
    entry_of,
    folder_files,
    hashes_in,
    letter_folder,
)
from models.evidence_letters import NONE, Posted
from models.evidence_zip import Held
from models.facts import Record, canonical, check_chain, field_salt
from models.facts import Withheld as Removed
from models.heads import file_name, parse_heads
from models.heads_register import PROCEDURE as REGISTER
from models.heads_register import SEALED, STAMPED
from models.outgoing import Letter
from models.sealed_letters import POSTED, digest_left, letter_digests, letter_fields, letter_salt
from models.store import Reading
from models.whole_row import check_row
from notifications.message import Attachment, AttachmentCache, MalformedMessage, Outgoing, compose
from tasks.procedures import read
from tasks.turns import Office

Told = Callable[[str], None]
VERIFY_TEXT = Path(__file__).with_name("VERIFY.txt")
_EXTENSION = re.compile(r"[a-z0-9]{1,8}")


@dataclass(frozen=True, eq=False)
class Material:
    """What an evidence file is made of: one case as the store holds it, read in one go."""

    record: Record
    letters: Sequence[Letter]
    documents: Mapping[str, bytes]  #: by SHA-256: everything the record and the letters name and the store holds
    absent: frozenset[str]  #: enclosures and attached documents that the store no longer holds
    heads: Mapping[str, bytes]  #: files of daily heads that name the case, and their time stamps, by name
    case: Case  #: as the record stood at its newest fact

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Return the file names of documents, by SHA-256."""
        attached = [fact for fact in self.record if fact.get("sha256") and fact.get("filename")]
        enclosed = [each for letter in self.letters for each in letter.draft.enclosures]
        return {fact["sha256"]: str(fact["filename"]) for fact in attached} | {
            each.sha256: each.filename for each in enclosed
        }

    @cached_property
    def messages(self) -> Mapping[str, bytes]:
        """Return the message of each letter by its key, composed again; a letter that cannot be is not among them."""
        cache = AttachmentCache()
        made = ((letter.draft.key, _message(letter, self.documents, cache)) for letter in self.letters)
        return {key: message for key, message in made if message is not None}

    @cached_property
    def what_left(self) -> Mapping[str, tuple[int, str | None]]:
        """Return for each letter that was accepted the number of the fact saying so, and the SHA-256 of what left.

        None stands for one that is not recorded, or was removed with the address.
        """
        told = ((fact, fact.get("message_sha256")) for fact in self.record.all("letter-sent"))
        return {fact["letter"]: (fact.number, None if isinstance(left, Removed) else left) for fact, left in told}

    def proof_of(self, letter: Letter) -> int | None:
        """Return the number of the fact that proves that the letter's message left as it is here, or None."""
        number, left = self.what_left.get(letter.draft.key, (0, None))
        message = self.messages.get(letter.draft.key)
        return number if message is not None and left == digest_of(message) else None

    def is_sealed(self, letter: Letter) -> bool:
        """Tell whether the fact that posted a letter names its seal; records of older versions do not."""
        return letter.draft.key in (self.record.facts[letter.fact - 1].get(POSTED) or {})


def gather(office: Office, ref: str) -> Material:
    """Return what the evidence file of a case is made of. Raises UnknownCase; BrokenRecord for one changed."""
    with office.store.reading() as reading:
        record, letters = reading.record(ref), reading.letters(ref)
        check_chain(record)
        check_row(reading.case(ref), record)
        named = dict.fromkeys(each.sha256 for letter in letters for each in letter.draft.enclosures)
        of_facts = dict.fromkeys(
            digest for fact in record if fact.kind != SEALED for digest in hashes_in(dict(fact.payload))
        )
        documents, absent = _documents(reading, named, of_facts)
        heads = dict(_heads(reading, record))
    council = office.council_of(record)
    if council.source and record.facts[0].get("council_file") == council.fingerprint:
        documents.setdefault(council.fingerprint, council.source)
    attached = {fact["sha256"] for fact in record.all("document-attached") if fact.get("sha256")}
    absent |= attached - documents.keys()
    case = read(record, council, record.facts[-1].at)
    return Material(record, letters, documents, frozenset(absent), heads, case)


def evidence_files(
    material: Material, told: Told = lambda line: None, withheld: Withheld | None = None
) -> dict[str, bytes]:
    """Return the files of the evidence file by their names; the same material gives the same bytes.

    `withheld` says what a published file leaves out. `told` is given a line as each part is begun.
    """
    from desk.evidence_anew import account_files, made_again

    hidden = withheld or nothing_withheld()
    told(f"the record, {material.record.head} facts")
    files = {CASE: _about(material.record, withheld is not None), VERIFY: verify_text()}
    entries = [entry_of(fact, hidden.fields_of(fact.number)) for fact in material.record]
    files[RECORD] = "".join(f"{entry.line}\n" for entry in entries).encode()
    for entry in entries:
        files |= chain_files(entry)
    told(f"{len(material.letters)} letters")
    files |= _letters(material, hidden, published=withheld is not None)
    kept = dict(_documents_kept(material, hidden))
    told(counted(sum(name.startswith("documents/") and name != DOCUMENTS for name in kept), "document"))
    files |= kept
    files |= {f"heads/{name}": content for name, content in material.heads.items()}
    told("the dates and the account")
    if withheld is None and (source := material.case.council.source):
        made, beside = made_again(Held(files | {COUNCIL: source}))  # of these alone, as whoever verifies them does
        files |= made | ({COUNCIL: source} if beside else {})
    else:
        files |= account_files(material, withheld=withheld)
    if withheld is not None:
        files["withheld.txt"] = withheld.in_words().encode()
    sums = "".join(f"{digest_of(files[name])}  {name}\n" for name in sorted(files))
    return files | {SUMS: sums.encode()}


@cache
def verify_text() -> bytes:
    """Return what VERIFY.txt says in every evidence file."""
    return VERIFY_TEXT.read_bytes()


# -- gathering ---------------------------------------------------------------------------------------------------------


def _documents(
    reading: Reading, enclosed: Iterable[str], named: Iterable[str]
) -> tuple[dict[str, bytes], set[str]]:
    """Return the documents that are kept, by SHA-256, and the enclosures that are not."""
    found: dict[str, bytes] = {}
    absent: set[str] = set()
    for digest in enclosed:
        try:
            found[digest] = reading.document(digest)
        except LookupError:
            absent.add(digest)
    for digest in named:
        try:
            found.setdefault(digest, reading.document(digest))
        except LookupError:
            continue  # a fingerprint of something else
    return found, absent


def _heads(reading: Reading, record: Record) -> Iterator[tuple[str, bytes]]:
    """Give the files of daily heads that name a case, those up to the next that was stamped, and the stamps."""
    for register in reading.cases(procedure=REGISTER):
        if register.council != record.council or register.ref == record.case:
            continue
        facts = reading.record(register.ref)
        sealed = [(fact, reading.document(fact["sha256"])) for fact in facts.all(SEALED)]
        naming = {fact["day"] for fact, content in sealed if parse_heads(content).head_of(record.case)}
        wanted = set(naming)
        for stamp in facts.all(STAMPED):
            covered = {day for day in stamp["covers"] if any(own <= day for own in naming & set(stamp["covers"]))}
            wanted |= covered
            if covered:
                yield str(stamp["filename"]), reading.document(stamp["token"])
        for fact, content in sealed:
            if fact["day"] in wanted:
                yield file_name(record.council, parse_heads(content).day), content


# -- parts of the file -------------------------------------------------------------------------------------------------


def _about(record: Record, publication: bool) -> bytes:
    from desk.evidence_anew import made_by, typeset_by

    return (canonical({
        "format": FORMAT, "case": record.case, "procedure": record.procedure, "version": record.version,
        "council": record.council, "facts": record.head, "head": record.facts[-1].hash, "publication": publication,
        "made_by": made_by(), "typeset_by": typeset_by(),
    }) + "\n").encode()  # fmt: skip


def _letters(material: Material, hidden: Withheld, *, published: bool) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    lines = []
    salt = material.record.facts[0].salt
    for number, letter in enumerate(material.letters, start=1):
        files |= folder_files(letter_folder(number), sealed_fields(letter, salt, hidden.letter_fields))
        name, proof, message = NONE, material.proof_of(letter), material.messages.get(letter.draft.key)
        if published:
            name = f"letters/{number:04d}-{letter.draft.template}-{letter.draft.recipient}.txt"
            told = f"To: {letter.draft.recipient}\nSubject: {letter.draft.subject}\n\n{letter.draft.text}"
            files[name] = hidden.struck(told).encode()
        elif message is not None:
            name = f"letters/{number:04d}-{letter.draft.template}-{letter.draft.recipient}.eml"
            files[name] = message
        proven = f"{proof:06d}" if proof is not None and not published else NONE
        lines.append(f"{Posted(number, letter.fact, proven, name)}\n")
    return files | {LETTERS: "".join(lines).encode()}


def sealed_fields(letter: Letter, record_salt: str, hidden: frozenset[str] = frozenset()) -> dict[str, Field]:
    """Return a letter's fields as an evidence file holds them; what was removed or is `hidden` by its digest alone."""
    salt, digests = letter_salt(record_salt, letter.draft.key), letter_digests(letter.draft, record_salt)
    return {
        name: Field.hidden(digests[name]) if name in hidden or digest_left(value)
        else Field.shown(field_salt(salt, name), value)
        for name, value in letter_fields(letter.draft).items()
    }  # fmt: skip


def _message(letter: Letter, documents: Mapping[str, bytes], cache: AttachmentCache) -> bytes | None:
    """Return a letter's message as it is composed, or None where an enclosure or its address is not kept."""
    draft = letter.draft
    try:
        papers = tuple(
            Attachment(each.filename, each.media_type, each.sha256, documents[each.sha256]) for each in draft.enclosures
        )
        return compose(
            Outgoing(
                message_id=draft.message_id, date=letter.written_at, sender=draft.sender, reply_to=draft.reply_to,
                recipient=draft.address, subject=draft.subject, text=draft.text, html=draft.html, attachments=papers,
            ),
            cache,
        )  # fmt: skip
    except (KeyError, MalformedMessage):
        return None


def _documents_kept(material: Material, hidden: Withheld) -> Iterator[tuple[str, bytes]]:
    states = {digest: WITHHELD if digest in hidden.documents else HERE for digest in material.documents}
    states |= {digest: WITHHELD if digest in hidden.documents else REMOVED for digest in material.absent}
    yield DOCUMENTS, "".join(f"{digest} {states[digest]}\n" for digest in sorted(states)).encode()
    for digest, content in material.documents.items():
        if states[digest] == HERE:
            yield document_name(material, digest), content


def document_name(material: Material, digest: str) -> str:
    """Return under which name a document stands in the file: its SHA-256, with the extension it was given."""
    first = material.record.facts[0]
    if digest == first.get("council_file"):
        return f"council/{digest}.yaml"
    if any(fact.get("dates_by") == digest for fact in material.record):
        return f"council/{digest}.json"
    extension = material.names.get(digest, "").rpartition(".")[2].lower()
    issued = {fact.get(name): name for fact in material.record for name in ("pdf", "word") if fact.get(name)}
    extension = {"pdf": "pdf", "word": "docx"}.get(issued.get(digest, ""), extension)
    return f"documents/{digest}.{extension}" if _EXTENSION.fullmatch(extension) else f"documents/{digest}"
