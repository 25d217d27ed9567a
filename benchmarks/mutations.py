"""Changes made to an evidence file, each kind at every position, and what `cleardays verify` says of them.

    python -m benchmarks.mutations             # all of them, a table, about three minutes; --json as well

Every change is made by somebody who also computes SHA256SUMS anew. `recomputed` ones are made by somebody who computes
every hash of the record anew: those are found by the daily heads that the auditor kept, and by nothing else.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from models.evidence_chain import Kind
from models.evidence_form import (
    CASE,
    DOCUMENTS,
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
    read_line,
)
from models.facts import FIRST_HASH, canonical, read_instant, write_instant
from models.sealed_letters import POSTED

Content = dict[str, bytes]
Change = Callable[[Content], Content]
EDITS = frozenset({Kind.EDIT})
TIMES = frozenset({Kind.TIME, Kind.EDIT})  #: a time at which nothing else was recorded can be told from no other edit


class Held(dict[str, bytes]):
    """The files of an evidence file in memory."""

    @cached_property
    def names(self) -> Sequence[str]:
        """Return their names, in order."""
        return sorted(self)

    def read(self, name: str) -> bytes:
        """Return a file's content."""
        return self[name]


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
        files = {name: content for name, content in self.make().items() if name != SUMS}
        sums = "".join(f"{content_digest(files[name])}  {name}\n" for name in sorted(files))
        return Held(files | {SUMS: sums.encode()})


def mutations(files: Mapping[str, bytes], step: int = 1) -> Iterator[Mutation]:
    """Give each kind of change of an evidence file at every position, or at every `step`-th of each kind."""
    source = dict(files)
    entries = entries_of(source)
    for kind in (_fields, _field_texts, _headers, _times, _deletions, _insertions, _orders, _cuts, _letters, _messages,
                 _documents, _anew):  # fmt: skip
        by_what: dict[str, list[Mutation]] = {}
        for mutation in kind(source, entries):
            by_what.setdefault(mutation.what, []).append(mutation)
        for every in by_what.values():
            yield from every[:: min(step, max(1, len(every) // 4))]


def entries_of(files: Mapping[str, bytes]) -> list[Entry]:
    """Return the facts of an evidence file that is whole."""
    return [read_line(line) for line in files[RECORD].decode().split("\n")[:-1]]


# -- the record --------------------------------------------------------------------------------------------------------


def _fields(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for entry in entries:
        for name, field in entry.fields.items():
            changed = replace(field, value=_other(field.value))
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
            text = preimage(field.salt, _other(field.value)).encode()
            yield Mutation("a field changed, in chain/", f"field {name} of fact {entry.number}", frozenset({kind}),
                           _with(files, {file: text}))  # fmt: skip


def _put(
    files: Content, entries: Sequence[Entry], entry: Entry, fields: Mapping[str, Field]
) -> Callable[[], Content]:
    """Write other fields into a fact's line and folder; its list of digests, its header and its hash stay."""

    def make() -> Content:
        changed = replace(entry, fields=fields)
        folder = {name: text for name, text in chain_files(changed).items() if not name.endswith("/fields")}
        kept = {f"{chain_folder(entry.number)}/fields": files[f"{chain_folder(entry.number)}/fields"]}
        lines = [changed if each is entry else each for each in entries]
        return _record(lines, _without_fact(files, entry)) | folder | kept

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
        record = _record([changed if each is entry else each for each in entries], files)
        return record | {f"{chain_folder(entry.number)}/header": changed.header.encode()}

    return make


def _times(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for entry in entries:
        changed = replace(entry, at=write_instant(read_instant(entry.at) - timedelta(hours=1)))
        lines = _record([changed if each is entry else each for each in entries], files)
        header = {f"{chain_folder(entry.number)}/header": changed.header.encode()}
        place = f"fact {entry.number}"
        yield Mutation("a time changed, in record.jsonl", place, frozenset({Kind.TIME}), _with(lines, {}))
        yield Mutation("a time changed, in chain/", place, frozenset({Kind.TIME}), _with(files, header))
        yield Mutation("a time changed, in both places", place, TIMES, _with(lines, header))


def _deletions(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for entry in entries[:-1]:
        left = [each for each in entries if each is not entry]
        yield Mutation("a fact taken out", f"fact {entry.number}", frozenset({Kind.DELETION}),
                       _with(_record(left, _without_fact(files, entry)), {}))  # fmt: skip
        yield Mutation("a line taken out", f"fact {entry.number}", frozenset({Kind.DELETION}),
                       _with(_record(left, files), {}))  # fmt: skip
        yield Mutation("a folder taken out", f"fact {entry.number}", frozenset({Kind.DELETION}),
                       _with(_without_fact(files, entry), {}))  # fmt: skip


def _insertions(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for place, entry in enumerate(entries):
        forged = chained(replace(entry, number=entry.number + 1, kind="forged"), entry.hash)
        for what, new in (("a copy put in", entry), ("a forged fact put in", forged)):
            lines = [*entries[: place + 1], new, *entries[place + 1 :]]
            yield Mutation(what, f"behind fact {entry.number}", frozenset({Kind.INSERTION}),
                           _with(_record(lines, files), {}))  # fmt: skip


def _orders(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for place in range(len(entries) - 1):
        one, other = entries[place], entries[place + 1]
        lines = [*entries[:place], other, one, *entries[place + 2 :]]
        where = f"facts {one.number} and {other.number}"
        moved = frozenset({Kind.REORDERING})
        yield Mutation("two facts in the other order", where, moved, _with(_record(lines, files), {}))
        folders = {
            f"{chain_folder(to)}/{name.rpartition('/')[2]}": content
            for source, to in ((one, other.number), (other, one.number))
            for name, content in chain_files(source).items()
        }  # fmt: skip
        bare = _without_fact(_without_fact(files, one), other)
        yield Mutation("two folders exchanged", where, moved, _with(bare, folders))


def _cuts(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for count in range(1, len(entries)):
        yield Mutation("the end cut off", f"behind fact {count}", frozenset({Kind.CUT}),
                       lambda count=count: _cut(files, entries, count))  # type: ignore[misc]  # fmt: skip


def _cut(files: Content, entries: Sequence[Entry], count: int) -> Content:
    cut = dict(files)
    for entry in entries[count:]:
        cut = _without_fact(cut, entry)
    return _without_letters_of(_record(entries[:count], cut), count)


# -- letters and documents ---------------------------------------------------------------------------------------------


def _letters(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    lines = files[LETTERS].decode().splitlines()
    for line in lines:
        number, fact, _, file = line.split(" ")
        folder, place = f"chain/letter-{number}", f"letter {int(number)}"
        for name in (name for name in files if name.startswith(f"{folder}/field.")):
            salt, _, value = files[name].decode().partition(":")
            text = preimage(salt, _other(json.loads(value))).encode()
            field = name.partition("/field.")[2]
            kinds = EDITS | {Kind.DELETION}  # another key is a letter that nobody posted
            yield Mutation("a letter's field changed", f"{field} of {place}", kinds, _with(files, {name: text}))
            listed = files[f"{folder}/fields"].decode().split("\n")
            again = "\n".join(f"{field} {digest_of(text)}" if each.startswith(f"{field} ") else each for each in listed)
            yield Mutation("a letter's field changed with its list", f"{field} of {place}",
                           EDITS | {Kind.INSERTION, Kind.DELETION},
                           _with(files, {name: text, f"{folder}/fields": again.encode()}))  # fmt: skip
        left = {name: content for name, content in files.items() if not name.startswith(f"{folder}/") and name != file}
        index = "".join(f"{each}\n" for each in lines if each != line).encode()
        yield Mutation("a letter taken out", place, frozenset({Kind.DELETION}), _with(left, {LETTERS: index}))
        copy = {f"chain/letter-9999/{name.rpartition('/')[2]}": content for name, content in files.items()
                if name.startswith(f"{folder}/")}  # fmt: skip
        twice = {LETTERS: files[LETTERS] + f"9999 {fact} - -\n".encode()}
        yield Mutation("a letter put in", place, frozenset({Kind.INSERTION}), _with(files, copy | twice))


def _messages(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    names = [name for name in files if name.endswith(".eml")]
    for place, name in enumerate(names):
        other = names[place - 1]
        yield Mutation("a message changed", name, EDITS, _with(files, {name: files[name].replace(b"e", b"a", 1)}))
        yield Mutation("a message cut short", name, EDITS, _with(files, {name: files[name][:-1]}))
        swapped = {name: files[other], other: files[name]}
        yield Mutation("two messages exchanged", name, frozenset({Kind.REORDERING}), _with(files, swapped))
        yield Mutation("a message taken out", name, frozenset({Kind.DELETION}),
                       _with({each: content for each, content in files.items() if each != name}, {}))  # fmt: skip


def _documents(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    names = [name for name in files if name.startswith(("documents/", "council/")) and name != DOCUMENTS]
    swap = frozenset({Kind.SWAP})
    for place, name in enumerate(names):
        other = names[place - 1]
        yield Mutation("an attachment changed", name, swap, _with(files, {name: files[name] + b" "}))
        yield Mutation("two attachments exchanged", name, swap, _with(files, {name: files[other], other: files[name]}))
        left = {each: content for each, content in files.items() if each != name}
        yield Mutation("an attachment taken out", name, frozenset({Kind.DELETION}), _with(left, {}))
    yield Mutation("an attachment put in", DOCUMENTS, frozenset({Kind.INSERTION}),
                   _with(files, {f"documents/{digest_of(b'new')}.txt": b"new"}))  # fmt: skip


# -- every hash anew ---------------------------------------------------------------------------------------------------


def _anew(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for place, entry in enumerate(entries):
        where = f"fact {entry.number}"
        name = next((each for each in entry.fields if each != POSTED), None)
        before, after = entries[:place], entries[place + 1 :]
        earlier = replace(entry, at=write_instant(read_instant(entry.at) - timedelta(hours=1)))
        new = replace(entry, kind="new")
        told = [("a time", [*before, earlier, *after]), ("a fact put in", [*before, entry, new, *after])]
        if name is not None:
            field = Field.shown(entry.fields[name].salt, _other(entry.fields[name].value))
            told.append(("a field", [*before, replace(entry, fields={**entry.fields, name: field}), *after]))
        if POSTED not in entry.fields and not entry.kind.startswith(("document", "representation-issued", "notified")):
            told.append(("a fact taken out", [*before, *after]))
        for what, changed in told:
            yield Mutation(f"{what}, every hash anew", where, frozenset({Kind.REWRITTEN, Kind.CUT}),
                           lambda changed=changed: anew(files, changed), recomputed=True)  # type: ignore[misc]  # fmt: skip
        if place:
            yield Mutation("the end cut off, every hash anew", where, frozenset({Kind.CUT}),
                           lambda before=before: anew(files, before), recomputed=True)  # type: ignore[misc]  # fmt: skip


def anew(files: Content, entries: Sequence[Entry]) -> Content:
    """Return an evidence file of other facts with every number, digest and hash of its record computed anew."""
    changed, previous = [], FIRST_HASH
    for number, entry in enumerate(entries, start=1):
        changed.append(chained(replace(entry, number=number), previous))
        previous = changed[-1].hash
    bare = {name: content for name, content in files.items() if not name.startswith("chain/0")}
    about = json.loads(files[CASE]) | {"facts": len(changed), "head": previous}
    made = _record(changed, bare) | {CASE: (canonical(about) + "\n").encode()}
    for entry in changed:
        made |= chain_files(entry)
    return _letters_renumbered(made, changed)


def chained(entry: Entry, previous: str) -> Entry:
    """Return a fact with the digest and the hash that follow from what it says, behind the fact hashed `previous`."""
    whole = replace(entry, digest=digest_of(fields_text(entry.fields)), previous=previous)
    return replace(whole, hash=hash_of(whole))


# -- helpers -----------------------------------------------------------------------------------------------------------


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}"
    return value + 1 if isinstance(value, int) else "changed"


def _with(files: Mapping[str, bytes], changed: Mapping[str, bytes]) -> Callable[[], Content]:
    return lambda: {**files, **changed}


def _record(entries: Sequence[Entry], files: Mapping[str, bytes]) -> Content:
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


def _letters_renumbered(files: Mapping[str, bytes], entries: Sequence[Entry]) -> Content:
    """Let the index of letters name the facts that post and prove them now; letters that none posts are left out."""
    posted: dict[str, int] = {}
    for entry in entries:
        posted |= dict.fromkeys(entry.get(POSTED) or {}, entry.number)
    sent = {entry.get("letter"): entry for entry in entries if entry.kind == "letter-sent"}
    lines, gone = [], set()
    for line in files[LETTERS].decode().splitlines():
        number, _, _, file = line.split(" ")
        key = json.loads(files[f"chain/letter-{number}/field.key"].decode().partition(":")[2])
        if key not in posted:
            gone |= {f"chain/letter-{number}", file}
            continue
        told = sent.get(key)
        proven = told is not None and told.get("message_sha256") == digest_of(files[file]) if file != "-" else False
        lines.append(f"{number} {posted[key]:06d} {f'{told.number:06d}' if told and proven else '-'} {file}\n")
    left = {
        name: content for name, content in files.items() if name not in gone and name.rpartition("/")[0] not in gone
    }
    return left | {LETTERS: "".join(lines).encode()}


# -- the table ---------------------------------------------------------------------------------------------------------


def main() -> int:
    """Try every change on the evidence of a rehearsed contentious case, print a table, and return the exit code."""
    from benchmarks.evidence_case import evidence_of_a_case, heads_of
    from desk.evidence_verify import verify_files

    files = evidence_of_a_case()
    kept = heads_of(files)
    tried: Counter[str] = Counter()
    missed: list[dict[str, object]] = []
    for mutation in mutations(files):
        tried[mutation.what] += 1
        verdict = verify_files(mutation.files, kept if mutation.recomputed else [])
        named = {finding.kind for finding in verdict.findings}
        if not named & mutation.kinds:
            missed.append({"what": mutation.what, "place": mutation.place, "said": sorted(named)})
    if "--json" in sys.argv:
        print(json.dumps({"tried": dict(tried), "missed": missed}, indent=2))
    else:
        for what, count in tried.items():
            print(f"{what:<45} {count:>6} tried  {count - sum(each['what'] == what for each in missed):>6} found")
        for each in missed[:20]:
            print(f"missed: {each}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
