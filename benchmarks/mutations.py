"""Changes made to an evidence file, each kind at every position, and what `cleardays verify` says of them.

    python -m benchmarks.mutations             # all of them, a table, some minutes on two cores; --json as well

Every change is made by somebody who also computes SHA256SUMS anew. `recomputed` ones are made by somebody who computes
every hash of the record anew: those are found by the daily heads that the auditor kept, and by nothing else.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from benchmarks.mutations_of_facts import (
    EDITS,
    OF_FACTS,
    Content,
    Held,
    Mutation,
    chained,
    entries_of,
    other_than,
    record_of,
    summed,
    with_changes,
)
from models.evidence_chain import Kind
from models.evidence_form import CASE, DOCUMENTS, LETTERS, Entry, Field, chain_files, chain_folder, digest_of, preimage
from models.facts import FIRST_HASH, canonical, read_instant, write_instant
from models.sealed_letters import POSTED

__all__ = ["Held", "Mutation", "anew", "entries_of", "mutations", "summed"]


def mutations(files: Mapping[str, bytes], step: int = 1) -> Iterator[Mutation]:
    """Give each kind of change of an evidence file at every position, or at every `step`-th of each kind."""
    source = dict(files)
    entries = entries_of(source)
    for kind in (*OF_FACTS, _missing, _letters, _messages, _documents, _put_in, _account, _anew):
        by_what: dict[str, list[Mutation]] = {}
        for mutation in kind(source, entries):
            by_what.setdefault(mutation.what, []).append(mutation)
        for every in by_what.values():
            yield from every[:: min(step, max(1, len(every) // 4))]


# -- what is missing, and what nobody posted ---------------------------------------------------------------------------


def _missing(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    """Give each field's text and each document taken out as if it had been withheld or removed: no fact says so."""
    gone = frozenset({Kind.DELETION})
    for entry in entries:
        for name, field in entry.fields.items():
            without = replace(entry, fields={**entry.fields, name: Field.hidden(field.digest)})
            lines = [without if each is entry else each for each in entries]
            text = f"{chain_folder(entry.number)}/field.{name}"
            yield Mutation("a field's text taken out", f"field {name} of fact {entry.number}", gone,
                           with_changes(files, {}, lines, dropped=[text]))  # fmt: skip
    for name in files:
        if name.startswith("chain/letter-") and "/field." in name and not name.endswith("/field.key"):
            yield Mutation("a letter's text taken out", name, gone, with_changes(files, {}, dropped=[name]))
        elif name.startswith(("documents/", "council/")) and name != DOCUMENTS:
            digest = name.partition("/")[2][:64]
            index = files[DOCUMENTS].replace(f"{digest} here".encode(), f"{digest} removed".encode())
            yield Mutation("an attachment said to be removed", name, gone,
                           with_changes(files, {DOCUMENTS: index}, dropped=[name]))  # fmt: skip


def _put_in(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    """Give a letter under each fact that posted none, and a file that no evidence has."""
    inserted = frozenset({Kind.INSERTION})
    copy = {f"chain/letter-9999/{name.rpartition('/')[2]}": content for name, content in files.items()
            if name.startswith("chain/letter-0001/")}  # fmt: skip
    for entry in entries:
        if POSTED not in entry.fields:
            index = files[LETTERS] + f"9999 {entry.number:06d} - -\n".encode()
            yield Mutation("a letter put under a fact that posted none", f"fact {entry.number}", inserted,
                           with_changes(files, copy | {LETTERS: index}))  # fmt: skip
    yield Mutation("a file put in beside", "procedure.txt", inserted, with_changes(files, {"procedure.txt": b"x"}))


# -- letters and documents ---------------------------------------------------------------------------------------------


def _letters(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    lines = files[LETTERS].decode().splitlines()
    for line in lines:
        number, fact, _, file = line.split(" ")
        folder, place = f"chain/letter-{number}", f"letter {int(number)}"
        for name in (name for name in files if name.startswith(f"{folder}/field.")):
            salt, _, value = files[name].decode().partition(":")
            text = preimage(salt, other_than(json.loads(value))).encode()
            field = name.partition("/field.")[2]
            kinds = EDITS | {Kind.DELETION}  # another key is a letter that nobody posted
            yield Mutation("a letter's field changed", f"{field} of {place}", kinds, with_changes(files, {name: text}))
            listed = files[f"{folder}/fields"].decode().split("\n")
            again = "\n".join(f"{field} {digest_of(text)}" if each.startswith(f"{field} ") else each for each in listed)
            yield Mutation("a letter's field changed with its list", f"{field} of {place}",
                           EDITS | {Kind.INSERTION, Kind.DELETION},
                           with_changes(files, {name: text, f"{folder}/fields": again.encode()}))  # fmt: skip
        own = [name for name in files if name.startswith(f"{folder}/") or name == file]
        index = "".join(f"{each}\n" for each in lines if each != line).encode()
        yield Mutation("a letter taken out", place, frozenset({Kind.DELETION}),
                       with_changes(files, {LETTERS: index}, dropped=own))  # fmt: skip
        index = "".join(f"{number} {fact} - -\n" if each == line else f"{each}\n" for each in lines).encode()
        yield Mutation("a message left out of the index", place, frozenset({Kind.DELETION}),
                       with_changes(files, {LETTERS: index}, dropped=[file]))  # fmt: skip
        copy = {f"chain/letter-9999/{name.rpartition('/')[2]}": content for name, content in files.items()
                if name.startswith(f"{folder}/")}  # fmt: skip
        twice = {LETTERS: files[LETTERS] + f"9999 {fact} - -\n".encode()}
        yield Mutation("a letter put in", place, frozenset({Kind.INSERTION}), with_changes(files, copy | twice))


def _messages(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    names = [name for name in files if name.endswith(".eml")]
    for place, name in enumerate(names):
        other = names[place - 1]
        yield Mutation("a message changed", name, EDITS,
                       with_changes(files, {name: files[name].replace(b"e", b"a", 1)}))  # fmt: skip
        yield Mutation("a message cut short", name, EDITS, with_changes(files, {name: files[name][:-1]}))
        swapped = {name: files[other], other: files[name]}
        yield Mutation("two messages exchanged", name, frozenset({Kind.REORDERING}), with_changes(files, swapped))
        yield Mutation("a message taken out", name, frozenset({Kind.DELETION}),
                       with_changes(files, {}, dropped=[name]))  # fmt: skip


def _documents(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    names = [name for name in files if name.startswith(("documents/", "council/")) and name != DOCUMENTS]
    swap = frozenset({Kind.SWAP})
    for place, name in enumerate(names):
        other = names[place - 1]
        swapped = {name: files[other], other: files[name]}
        yield Mutation("an attachment changed", name, swap, with_changes(files, {name: files[name] + b" "}))
        yield Mutation("two attachments exchanged", name, swap, with_changes(files, swapped))
        yield Mutation("an attachment taken out", name, frozenset({Kind.DELETION}),
                       with_changes(files, {}, dropped=[name]))  # fmt: skip
    yield Mutation("an attachment put in", DOCUMENTS, frozenset({Kind.INSERTION}),
                   with_changes(files, {f"documents/{digest_of(b'new')}.txt": b"new"}))  # fmt: skip


# -- what is for reading -----------------------------------------------------------------------------------------------


def _account(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    """Give each line of the account and the derivations changed and taken out, and the PDF changed all along it."""
    for name in ("account.html", "derivations.json", "derivations.txt"):
        lines = files[name].split(b"\n")
        for place, line in enumerate(lines):
            if line:
                where = f"line {place + 1} of {name}"
                other = line.replace(b"e", b"a", 1) if b"e" in line else line + b" "
                told = b"\n".join([*lines[:place], other, *lines[place + 1 :]])
                yield Mutation("a line of the account changed", where, EDITS, with_changes(files, {name: told}))
                without = b"\n".join([*lines[:place], *lines[place + 1 :]])
                yield Mutation("a line of the account taken out", where, EDITS, with_changes(files, {name: without}))
    pdf = files["account.pdf"]
    for at in range(0, len(pdf), 4096):
        changed = pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]
        yield Mutation("a byte of the account as PDF changed", f"byte {at} of account.pdf", EDITS,
                       with_changes(files, {"account.pdf": changed}))  # fmt: skip
    for name in ("account.html", "account.pdf", "derivations.json", "derivations.txt"):
        yield Mutation("the account or its derivations taken out", name, frozenset({Kind.DELETION}),
                       with_changes(files, {}, dropped=[name]))  # fmt: skip


# -- every hash anew ---------------------------------------------------------------------------------------------------


def _anew(files: Content, entries: Sequence[Entry]) -> Iterator[Mutation]:
    for place, entry in enumerate(entries):
        where = f"fact {entry.number}"
        name = next((each for each in entry.fields if each != POSTED), None)
        before, after = entries[:place], entries[place + 1 :]
        earlier = replace(entry, at=write_instant(read_instant(entry.at) - timedelta(hours=1)))
        new = replace(entry, kind="new")
        told = [("a time", [*before, earlier, *after])]
        if after:  # behind the newest fact it is what a record does by itself: it has grown since its newest head
            told.append(("a fact put in", [*before, entry, new, *after]))
        if name is not None:
            field = Field.shown(entry.fields[name].salt, other_than(entry.fields[name].value))
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
    made = record_of(changed, bare) | {CASE: (canonical(about) + "\n").encode()}
    for entry in changed:
        made |= chain_files(entry)
    return _letters_renumbered(made, changed)


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


_all: list[Mutation] = []
_kept: list[tuple[str, bytes]] = []


def _kinds_found(place: int) -> tuple[int, list[str]]:
    """Return the kinds that are found in the change at a place of `_all`, whose files all processes share."""
    from desk.evidence_verify import verify_files

    verdict = verify_files(_all[place].files, _kept if _all[place].recomputed else [])
    return place, sorted({finding.kind for finding in verdict.findings})


def main() -> int:
    """Try every change on the evidence of a rehearsed contentious case, print a table, and return the exit code."""
    from benchmarks.evidence_case import evidence_of_a_case, heads_of

    files = evidence_of_a_case()
    _kept[:], _all[:] = heads_of(files), mutations(files)
    tried = Counter(mutation.what for mutation in _all)
    missed: list[dict[str, object]] = []
    with multiprocessing.get_context("fork").Pool() as pool:
        for done, (place, named) in enumerate(pool.imap_unordered(_kinds_found, range(len(_all)), 20), start=1):
            if not set(named) & _all[place].kinds:
                missed.append({"what": _all[place].what, "place": _all[place].place, "said": named})
            if done % 500 == 0:
                print(f"{done} of {len(_all)} tried, {len(missed)} missed", file=sys.stderr)
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
