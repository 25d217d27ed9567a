"""The record of an evidence file, read and judged: record.jsonl, and the folders of chain/ that sha256sum follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Protocol

from models.evidence_chain import Finding, Kind, judge_chain
from models.evidence_form import (
    CASE,
    FORMAT,
    HASH,
    LARGEST_NUMBER,
    RECORD,
    Entry,
    Unreadable,
    chain_folder,
    digest_of,
    is_time,
    short,
)
from models.evidence_reading import decode, read_json, read_line
from models.evidence_zip import NoEvidenceFile
from models.removals import Removals, removals_of
from models.sealed_letters import POSTED

SHAPE = frozenset({Kind.INSERTION, Kind.DELETION, Kind.REORDERING, Kind.CUT})  #: what changes which facts there are


class Files(Protocol):
    """The files of an evidence file by their names."""

    @property
    def names(self) -> Sequence[str]:
        """Return their names, in order."""
        ...

    def read(self, name: str) -> bytes:
        """Return a file's content. Raises NoEvidenceFile when it is missing."""
        ...

    def __contains__(self, name: str) -> bool:
        """Tell whether there is such a file."""
        ...


@dataclass(frozen=True, slots=True)
class About:
    """What an evidence file says of itself in case.json."""

    case: str
    procedure: str
    version: int
    council: str
    facts: int
    head: str
    publication: bool
    made_by: str  #: the version of Cleardays that made it
    plain: Mapping[str, Any] = field(default_factory=dict)


def read_about(files: Files) -> About:
    """Return what a file says of itself. Raises NoEvidenceFile when it is no evidence file of this form."""
    if CASE not in files:
        raise NoEvidenceFile(f"it holds no {CASE}; it was not made by cleardays evidence")
    try:
        plain = read_json(decode(files.read(CASE)))
    except Unreadable as error:
        raise NoEvidenceFile(f"its {CASE} cannot be read: {error}") from error
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        told = plain.get("format") if isinstance(plain, dict) else plain
        raise NoEvidenceFile(f"its {CASE} says it is {short(told)}; this Cleardays reads {FORMAT!r}")
    words = [plain.get(name) for name in ("case", "procedure", "council", "head", "made_by")]
    counts = [plain.get(name) for name in ("version", "facts")]
    if (
        not all(isinstance(word, str) for word in words) or not HASH.fullmatch(str(plain["head"]))
        or not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < LARGEST_NUMBER for n in counts)
        or not isinstance(plain.get("publication"), bool)
    ):  # fmt: skip
        raise NoEvidenceFile(f"its {CASE} does not say which case it is of, and where its record ends")
    return About(plain["case"], plain["procedure"], plain["version"], plain["council"], plain["facts"], plain["head"],
                 plain["publication"], plain["made_by"], plain)  # fmt: skip


def judge_record(files: Files, about: About) -> tuple[list[Entry], list[Finding]]:
    """Return the facts of a file as they stand there, and what is wrong with them."""
    entries, found = _read_record(files)
    entries = [_with_listed_digests(files, entry) for entry in entries]
    found += [finding for entry in entries for finding in _fields_listed(files, entry)]
    found += judge_chain(entries, about.facts, about.head)
    found += judge_about(about, entries)
    removals = removals_of(entries)
    for entry in entries:
        if entry.case != about.case:
            says = f"it is of case {short(entry.case)}"
            found.append(Finding(Kind.INSERTION, f"fact {entry.number}", says))
        found += judge_withheld(about, removals, entry)
    reshaped = any(finding.kind in SHAPE for finding in found)
    against = list(_folders_against(files, entries, reshaped))
    timed = {finding.place for finding in against if finding.kind is Kind.TIME}
    found = [each for each in found if each.kind is not Kind.EDIT or each.place.removeprefix("header of ") not in timed]
    told = {(finding.kind, finding.place) for finding in found}
    return entries, [*found, *(each for each in against if (each.kind, each.place) not in told)]


def entries_in(files: Files) -> list[Entry]:
    """Return the facts of a file in its order. Raises Unreadable for a line that is none."""
    return [_read(line)[0] for line in files.read(RECORD).split(b"\n")[:-1]]


def judge_about(about: About, entries: Sequence[Entry]) -> Iterator[Finding]:
    """Give what the file says of itself and its first fact does not; a record of an older version does not say it."""
    told = entries[0].get("procedure_version") if entries and entries[0].holds else None
    if told is not None and told != f"{about.procedure} {about.version}":
        says = f"it says that the case follows {about.procedure} {about.version}, fact 1 says {told}"
        yield Finding(Kind.EDIT, CASE, says)


def judge_withheld(about: About, removals: Removals, entry: Entry) -> Iterator[Finding]:
    """Give each field of a fact that lacks its text, though no later fact lists it as removed.

    A file for publication may withhold any, but for the seals of letters.
    """
    for name, each in entry.fields.items():
        if each.withheld and not (removals.took_field(entry.number, name) or (about.publication and name != POSTED)):
            yield text_missing(f"field {name} of fact {entry.number}")


def text_missing(place: str) -> Finding:
    """Return what is said of a field of which only the digest is there."""
    return Finding(Kind.DELETION, place, "its text is missing, and no later fact says that it was removed")


def _read_record(files: Files) -> tuple[list[Entry], list[Finding]]:
    entries: list[Entry] = []
    found: list[Finding] = []
    lines = files.read(RECORD).split(b"\n")
    if lines.pop():
        found.append(Finding(Kind.CUT, f"the last line of {RECORD}", "it does not end with a line feed"))
    for number, line in enumerate(lines, start=1):
        try:
            entry = _read(line)[0]
        except Unreadable as error:
            found.append(Finding(Kind.EDIT, f"line {number} of {RECORD}", str(error)))
            continue
        entries.append(entry)
        if not _read(line)[1]:
            says = "it is not written as Cleardays writes facts"
            found.append(Finding(Kind.EDIT, f"line {number} of {RECORD}", says))
    return entries, found


def _with_listed_digests(files: Files, entry: Entry) -> Entry:
    """Return a fact with the digests of its list in chain/, where the line's are not those its header stands for.

    So the field is named that was changed, and not the fact alone.
    """
    if entry.holds or entry.digest == digest_of(entry.fields_text):
        return entry
    listed = _listed(files, entry)
    fields = {
        name: replace(each, digest=listed[name]) if name in listed else each for name, each in entry.fields.items()
    }
    return replace(entry, fields=fields) if listed else entry


def _listed(files: Files, entry: Entry) -> dict[str, str]:
    """Return the digests by field of a fact's list in chain/, if that is the list that its header has the digest of."""
    name = f"{chain_folder(entry.number)}/fields"
    content = files.read(name) if name in files else b""
    if digest_of(content) != entry.digest:
        return {}
    return {name: digest for name, _, digest in (line.partition(" ") for line in decode(content).split("\n"))}


def _fields_listed(files: Files, entry: Entry) -> Iterator[Finding]:
    """Give the fields that were put into a fact's line, or taken out of it."""
    if entry.holds or entry.digest == digest_of(entry.fields_text) or not (listed := _listed(files, entry)):
        return
    for name in sorted(entry.fields.keys() - listed.keys()):
        yield Finding(Kind.INSERTION, f"field {name} of fact {entry.number}", "it was not recorded")
    for name in sorted(listed.keys() - entry.fields.keys()):
        yield Finding(Kind.DELETION, f"field {name} of fact {entry.number}", f"it was recorded and is not in {RECORD}")


@lru_cache(maxsize=1024)
def _read(line: bytes) -> tuple[Entry, bool]:
    """Return the fact of a line, and whether the line is written as Cleardays writes facts."""
    entry = read_line(decode(line))
    return entry, entry.line.encode() == line


def _folders_against(files: Files, entries: Sequence[Entry], reshaped: bool) -> Iterator[Finding]:
    """Give each difference between the folders of chain/ and the lines of record.jsonl.

    Where the record's facts are not all there, or in another order (`reshaped`), that has been told.
    """
    by_number = {entry.number: entry for entry in entries}
    folders: dict[int, dict[str, bytes]] = {}
    for name in files.names:
        if name.startswith("chain/") and not name.startswith("chain/letter-"):
            part = name.split("/")[1]
            if not part.isdecimal() or chain_folder(int(part)) != f"chain/{part}":
                yield Finding(Kind.INSERTION, name, "no fact has such a file")
                continue
            folders.setdefault(int(part), {})[name] = files.read(name)
    headers = {folder.get(f"{chain_folder(number)}/header", b""): number for number, folder in folders.items()}
    for number in sorted(by_number.keys() | folders.keys()):
        entry, folder = by_number.get(number), folders.get(number, {})
        if entry is None or not folder:
            if not reshaped:
                kind, says = (Kind.INSERTION, "has no line in") if entry is None else (Kind.DELETION, "is missing for")
                yield Finding(kind, f"fact {number}", f"{chain_folder(number)} {says} {RECORD}")
        elif (expected := entry.files) != folder:
            if reshaped and not entry.holds:
                continue
            if (own := headers.get(expected[f"{chain_folder(number)}/header"])) not in (None, number):
                yield Finding(Kind.REORDERING, f"fact {number}", f"it stands in {chain_folder(own or 0)}")
                continue
            yield from _differences(entry, expected, folder)


def _differences(entry: Entry, expected: Mapping[str, bytes], folder: Mapping[str, bytes]) -> Iterator[Finding]:
    place = f"fact {entry.number}"
    for name in sorted(expected.keys() | folder.keys()):
        wanted, there = expected.get(name), folder.get(name)
        if wanted == there:
            continue
        part = name.rpartition("/")[2].removeprefix("field.")
        if wanted is None:
            yield Finding(Kind.INSERTION, f"field {part} of {place}", f"{name} is no field of the fact in {RECORD}")
        elif there is None:
            yield Finding(Kind.DELETION, f"field {part} of {place}", f"{name} is missing")
        elif part == "header":
            yield _header_differs(entry, there, place)
        elif part == "fields":
            yield Finding(Kind.EDIT, f"fields of {place}", f"{name} lists other digests than {RECORD}")
        else:
            kind = Kind.TIME if is_time(part) else Kind.EDIT
            yield Finding(kind, f"field {part} of {place}", f"{name} and {RECORD} say different things")


def _header_differs(entry: Entry, there: bytes, place: str) -> Finding:
    try:
        header = read_json(decode(there))
    except Unreadable as error:
        return Finding(Kind.EDIT, f"header of {place}", str(error))
    ours = read_json(entry.header)
    same = isinstance(header, list) and len(header) == len(ours)
    parts = [n for n, (one, other) in enumerate(zip(header, ours, strict=False)) if one != other] if same else []
    if parts == [2]:
        return Finding(Kind.TIME, place, f"{RECORD} says {short(ours[2])}, its file in chain/ {short(header[2])}")
    return Finding(Kind.EDIT, f"header of {place}", f"its file in chain/ and {RECORD} say different things")
