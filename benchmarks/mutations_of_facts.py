"""Changes made to the facts of an evidence file, each kind at every position."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from models.evidence_chain import Kind
from models.evidence_form import (
    LETTERS,
    RECORD,
    SUMS,
    Entry,
    Field,
    chain_files,
    chain_folder,
    content_digest,
    digest_of,
    fields_text,
    hash_of,
    is_time,
    preimage,
)
from models.evidence_reading import read_line
from models.evidence_zip import Held
from models.facts import read_instant, write_instant

Content = dict[str, bytes]
EDITS = frozenset({Kind.EDIT})
TIMES = frozenset({Kind.TIME, Kind.EDIT})  #: a time at which nothing else was recorded can be told from no other edit


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: what it is, where, and the kinds by one of which it must be named; `make` gives the changed files."""

    what: str
    place: str
    kinds: frozenset[Kind]
    make: Callable[[], Content]
    recomputed: bool = False

    @property
    def files(self) -> Held:
        """Return the changed files with SHA256SUMS computed anew."""
        return summed(self.make())


def summed(files: Mapping[str, bytes]) -> Held:
    """Return the files of an evidence file with SHA256SUMS computed anew."""
    others = {name: content for name, content in files.items() if name != SUMS}
    sums = "".join(f"{content_digest(others[name])}  {name}\n" for name in sorted(others))
    return Held(others | {SUMS: sums.encode()})


def entries_of(files: Mapping[str, bytes]) -> list[Entry]:
    """Return the facts of an evidence file that is whole."""
    return [read_line(line) for line in files[RECORD].decode().split("\n")[:-1]]


# -- the record --------------------------------------------------------------------------------------------------------


def _fields(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for entry in entries:
        for name, field in entry.fields.items():
            changed = replace(field, value=other_than(field.value))
            fields = {**entry.fields, name: changed}
            place = f"field {name} of fact {entry.number}"
            kinds = frozenset({Kind.TIME if is_time(name) else Kind.EDIT})
            yield Mutation("a field changed, in both places", place, kinds, _put(files, entries, entry, fields))
            left = {each: value for each, value in entry.fields.items() if each != name}
            yield Mutation("a field taken out, in both places", place, frozenset({Kind.DELETION}),
                           _put(files, entries, entry, left))  # fmt: skip


def _field_texts(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for entry in entries:
        for name, field in entry.fields.items():
            file = f"{chain_folder(entry.number)}/field.{name}"
            kind = Kind.TIME if is_time(name) else Kind.EDIT
            text = preimage(field.salt, other_than(field.value)).encode()
            yield Mutation("a field changed, in chain/", f"field {name} of fact {entry.number}", frozenset({kind}),
                           with_changes(files, {file: text}))  # fmt: skip


def _put(
    files: Content, entries: Sequence[Entry], entry: Entry, fields: Mapping[str, Field]
) -> Callable[[], Content]:
    """Write other fields into a fact's line and folder; its list of digests, its header and its hash stay."""

    def make() -> Content:
        changed = replace(entry, fields=fields)
        folder = {name: text for name, text in chain_files(changed).items() if not name.endswith("/fields")}
        kept = {f"{chain_folder(entry.number)}/fields": files[f"{chain_folder(entry.number)}/fields"]}
        lines = [changed if each is entry else each for each in entries]
        return record_of(lines, _without_fact(files, entry)) | folder | kept

    return make


def _headers(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for entry in entries:
        for part in ("kind", "actor", "channel", "key", "number"):
            value: Any = entry.number + 1 if part == "number" else f"{getattr(entry, part)}x"
            changed = replace(entry, **{part: value})
            what, place = f"the {part} changed", f"fact {entry.number}"
            kinds = frozenset(Kind) if part == "number" else EDITS
            yield Mutation(what, place, kinds, _swap_line(files, entries, entry, changed))
        broken = replace(entry, hash=digest_of(entry.hash))
        yield Mutation("a hash changed", f"fact {entry.number}", EDITS, _swap_line(files, entries, entry, broken))


def _swap_line(files: Content, entries: Sequence[Entry], entry: Entry, changed: Entry) -> Callable[[], Content]:
    def make() -> Content:
        record = record_of([changed if each is entry else each for each in entries], files)
        return record | {f"{chain_folder(entry.number)}/header": changed.header.encode()}

    return make


def _times(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for entry in entries:
        changed = replace(entry, at=write_instant(read_instant(entry.at) - timedelta(hours=1)))
        lines = [changed if each is entry else each for each in entries]
        header = {f"{chain_folder(entry.number)}/header": changed.header.encode()}
        place = f"fact {entry.number}"
        yield Mutation("a time changed, in record.jsonl", place, frozenset({Kind.TIME}), with_changes(files, {}, lines))
        yield Mutation("a time changed, in chain/", place, frozenset({Kind.TIME}), with_changes(files, header))
        yield Mutation("a time changed, in both places", place, TIMES, with_changes(files, header, lines))


def _deletions(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for entry in entries[:-1]:
        left = [each for each in entries if each is not entry]
        yield Mutation("a fact taken out", f"fact {entry.number}", frozenset({Kind.DELETION}),
                       with_changes(files, {}, left, gone=[entry]))  # fmt: skip
        yield Mutation("a line taken out", f"fact {entry.number}", frozenset({Kind.DELETION}),
                       with_changes(files, {}, left))  # fmt: skip
        yield Mutation("a folder taken out", f"fact {entry.number}", frozenset({Kind.DELETION}),
                       with_changes(files, {}, gone=[entry]))  # fmt: skip


def _insertions(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for place, entry in enumerate(entries):
        forged = chained(replace(entry, number=entry.number + 1, kind="forged"), entry.hash)
        for what, new in (("a copy put in", entry), ("a forged fact put in", forged)):
            lines = [*entries[: place + 1], new, *entries[place + 1 :]]
            yield Mutation(what, f"behind fact {entry.number}", frozenset({Kind.INSERTION}),
                           with_changes(files, {}, lines))  # fmt: skip


def _orders(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for place in range(len(entries) - 1):
        one, other = entries[place], entries[place + 1]
        lines = [*entries[:place], other, one, *entries[place + 2 :]]
        where = f"facts {one.number} and {other.number}"
        moved = frozenset({Kind.REORDERING})
        yield Mutation("two facts in the other order", where, moved, with_changes(files, {}, lines))
        folders = {
            f"{chain_folder(to)}/{name.rpartition('/')[2]}": content
            for source, to in ((one, other.number), (other, one.number))
            for name, content in chain_files(source).items()
        }  # fmt: skip
        yield Mutation("two folders exchanged", where, moved, with_changes(files, folders, gone=[one, other]))


def _cuts(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for count in range(1, len(entries)):
        yield Mutation("the end cut off", f"behind fact {count}", frozenset({Kind.CUT}),
                       lambda count=count: _cut(files, entries, count))  # type: ignore[misc]  # fmt: skip


def _cut(files: Content, entries: Sequence[Entry], count: int) -> Content:
    cut = dict(files)
    for entry in entries[count:]:
        cut = _without_fact(cut, entry)
    return _without_letters_of(record_of(entries[:count], cut), count)


def chained(entry: Entry, previous: str) -> Entry:
    """Return a fact with the digest and the hash that follow from what it says, behind the fact hashed `previous`."""
    whole = replace(entry, digest=digest_of(fields_text(entry.fields)), previous=previous)
    return replace(whole, hash=hash_of(whole))


# -- helpers -----------------------------------------------------------------------------------------------------------


def other_than(value: Any) -> Any:
    """Return another value than the one given."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}"
    return value + 1 if isinstance(value, int) else "changed"


def with_changes(
    files: Mapping[str, bytes], changed: Mapping[str, bytes], lines: Sequence[Entry] | None = None,
    gone: Sequence[Entry] = (), dropped: Sequence[str] = (),
) -> Callable[[], Content]:  # fmt: skip
    """Return what makes the files with some of them changed, other `lines` of the record, folders of facts `gone`.

    Files named in `dropped` are left out. Nothing is copied before it is asked for.
    """

    def make() -> Content:
        left = {name: content for name, content in files.items() if name not in dropped}
        for entry in gone:
            left = _without_fact(left, entry)
        return {**(left if lines is None else record_of(lines, left)), **changed}

    return make


def record_of(entries: Sequence[Entry], files: Mapping[str, bytes]) -> Content:
    """Return files with other lines in record.jsonl."""
    return {**files, RECORD: "".join(f"{entry.line}\n" for entry in entries).encode()}


def _without_fact(files: Mapping[str, bytes], entry: Entry) -> Content:
    folder = f"{chain_folder(entry.number)}/"
    return {name: content for name, content in files.items() if not name.startswith(folder)}


def _without_letters_of(files: Mapping[str, bytes], count: int) -> Content:
    kept = [line for line in files[LETTERS].decode().splitlines() if int(line.split(" ")[1]) <= count]
    folders = {f"chain/letter-{line.split(' ')[0]}" for line in kept} | {line.split(" ")[3] for line in kept}
    return {
        name: content for name, content in files.items()
        if not name.startswith(("chain/letter-", "letters/")) or name.rpartition("/")[0] in folders or name in folders
    } | {LETTERS: "".join(f"{line}\n" for line in kept).encode()}  # fmt: skip


OF_FACTS = (_fields, _field_texts, _headers, _times, _deletions, _insertions, _orders, _cuts)
