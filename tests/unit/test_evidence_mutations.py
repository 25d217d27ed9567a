"""Every kind of change of an evidence file is found and named, wherever in the file it was made."""

from __future__ import annotations

import pytest

from benchmarks.evidence_case import evidence_of_a_case, heads_of
from benchmarks.mutations import Held, entries_of, mutations, summed
from desk.evidence_anew import HOLDS, account_files, material_in
from desk.evidence_verify import verify_files
from models.evidence_chain import Kind

FOR_READING = {"account.html", "account.pdf", "derivations.json", "derivations.txt"}
STEP = 20  #: every position: python -m benchmarks.mutations


@pytest.fixture(scope="module")
def files() -> Held:
    """The evidence file of the contentious example, its letters sent to a folder."""
    return evidence_of_a_case()


def test_a_file_as_it_was_made_is_whole(files: Held) -> None:
    """Nothing is found in it, and every day's head bears it out."""
    verdict = verify_files(files, heads_of(files))
    assert verdict.findings == []
    assert (verdict.facts, verdict.withheld, verdict.notes) == (len(entries_of(files)), 0, [HOLDS])


def test_each_change_is_found_and_its_kind_named(files: Held) -> None:
    """Edits, insertions, deletions, facts moved, attachments swapped, times rewritten, cut tails: all of them."""
    kept = heads_of(files)
    tried, missed = 0, []
    for mutation in mutations(files, STEP):
        tried += 1
        verdict = verify_files(mutation.files, kept if mutation.recomputed else [])
        if not {finding.kind for finding in verdict.findings} & mutation.kinds:
            missed.append((mutation.what, mutation.place, list(map(str, verdict.findings))))
    assert missed == []
    assert tried > 500


def test_the_first_sentence_names_the_place(files: Held) -> None:
    """A fact that was taken out, put in or changed is told by its number."""
    for mutation in mutations(files, STEP * 4):
        if mutation.what in ("a line taken out", "a field changed, in chain/", "a time changed, in record.jsonl"):
            assert verify_files(mutation.files).findings[0].place == mutation.place


def test_hashes_computed_anew_are_found_by_heads_alone(files: Held) -> None:
    """A record rewritten to its last hash checks in itself; who has no heads is told that nothing vouches for it.

    Who forgets the account is found by that; who has Cleardays can write it anew as well.
    """
    renewed = [mutation.files for mutation in mutations(files, STEP) if mutation.what == "a time, every hash anew"]
    for changed in renewed[:4]:
        assert {each.place for each in verify_files(changed).findings} <= FOR_READING
        changed = summed(changed | account_files(material_in(changed)))
        alone = verify_files(changed)
        assert alone.findings == []
        assert any("No daily head vouches for it" in note for note in alone.notes)
        assert Kind.REWRITTEN in {finding.kind for finding in verify_files(changed, heads_of(files)).findings}
