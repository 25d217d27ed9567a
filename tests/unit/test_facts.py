"""The record's chain: what is hashed, what may be withheld, and that every kind of tampering is found."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.facts import (
    FIRST_HASH,
    MARK,
    BrokenRecord,
    Fact,
    Record,
    Withheld,
    canonical,
    chain_hash,
    check_chain,
    field_digests,
    field_salt,
    make_fact,
    payload_digest,
    read_instant,
    read_payload,
    refuse_marks,
    write_instant,
    write_payload,
)

AT = datetime(2017, 8, 1, 9, 0, tzinfo=UTC)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def chained(length: int = 5) -> list[Fact]:
    """A record of responses, each chained to the one before."""
    facts: list[Fact] = []
    previous = FIRST_HASH
    for number in range(1, length + 1):
        fact = make_fact(
            case="PC-2017-001", number=number, at=AT + timedelta(days=number), kind="response-received",
            actor="healthwatch", channel="link", payload={"opinion": "gap", "reasons": f"reason {number}"},
            key=f"response/{number}", salt=f"{number:032x}", previous=previous,
        )  # fmt: skip
        facts.append(fact)
        previous = fact.hash
    return facts


def test_a_record_as_it_was_written_chains() -> None:
    """Five facts check, and so does the record before its first fact."""
    assert check_chain(chained(5)) == 5
    assert check_chain([]) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("case", "PC-2017-002"),
        ("number", 9),
        ("at", AT),
        ("kind", "decided"),
        ("actor", "director-of-public-health"),
        ("channel", "form"),
        ("payload", {"opinion": "no-gap", "reasons": "reason 3"}),
        ("payload", {"opinion": "gap"}),
        ("payload", {"opinion": "gap", "reasons": "reason 3", "late": False}),
        ("key", None),
        ("salt", "0" * 32),
        ("previous", FIRST_HASH),
        ("hash", "f" * 64),
    ],
)
def test_an_edit_of_any_field_is_found(field: str, value: object) -> None:
    """Whatever is changed in fact 3, the check names fact 3."""
    facts = chained()
    facts[2] = replace(facts[2], **{field: value})  # type: ignore[arg-type]
    with pytest.raises(BrokenRecord, match="does not follow from fact 2"):
        check_chain(facts)


def test_an_edit_with_its_own_hash_made_anew_is_found_at_the_next_fact() -> None:
    """Who recomputes the hash of the fact they changed breaks the link of the fact after it."""
    facts = chained()
    old = facts[2]
    facts[2] = make_fact(
        case=old.case, number=old.number, at=old.at, kind=old.kind, actor=old.actor, channel=old.channel,
        payload={"opinion": "no-gap"}, key=old.key, salt=old.salt, previous=old.previous,
    )  # fmt: skip
    with pytest.raises(BrokenRecord, match="fact 4 of case PC-2017-001"):
        check_chain(facts)


def test_an_inserted_fact_is_found() -> None:
    """A fact put between two others, however well made, has no place in the chain."""
    facts = chained()
    inserted = replace(facts[1], number=3, previous=facts[1].hash)
    with pytest.raises(BrokenRecord, match="fact 3 of"):
        check_chain([*facts[:2], inserted, *facts[2:]])


@pytest.mark.parametrize("gone", [0, 1, 3])
def test_a_fact_cut_out_is_found(gone: int) -> None:
    """A fact removed from the front or the middle leaves a hole."""
    facts = chained()
    del facts[gone]
    with pytest.raises(BrokenRecord):
        check_chain(facts)


def test_facts_in_another_order_are_found() -> None:
    """Two facts that changed places do not chain, even with their numbers put right."""
    facts = chained()
    swapped = [*facts[:1], facts[2], facts[1], *facts[3:]]
    with pytest.raises(BrokenRecord):
        check_chain(swapped)
    renumbered = [replace(fact, number=number) for number, fact in enumerate(swapped, start=1)]
    with pytest.raises(BrokenRecord):
        check_chain(renumbered)


def test_a_published_copy_with_a_field_withheld_still_checks() -> None:
    """With the digest in place of the withheld words, and the salt of the shown field alone, the hash comes out."""
    fact = chained(1)[0]
    shown, withheld = "opinion", "reasons"
    digests = {
        shown: hashlib.sha256(f"{field_salt(fact.salt, shown)}:{canonical(fact.payload[shown])}".encode()).hexdigest(),
        withheld: field_digests(fact.payload, fact.salt)[withheld],
    }
    again = chain_hash(
        case=fact.case, number=1, at=fact.at, kind=fact.kind, actor=fact.actor, channel=fact.channel,
        key=fact.key, digest=payload_digest(digests), previous=FIRST_HASH,
    )  # fmt: skip
    assert again == fact.hash


def test_a_field_removed_from_the_record_leaves_its_digest_and_the_chain_checks() -> None:
    """The one exception to "never edited": hash, number and chain stay, and the text says that it was withheld."""
    facts = chained(3)
    digest = field_digests(facts[1].payload, facts[1].salt)["reasons"]
    facts[1] = replace(facts[1], payload={**facts[1].payload, "reasons": Withheld(digest)})
    assert check_chain(facts) == 3
    assert facts[1]["reasons"].digest == digest
    assert str(facts[1]["reasons"]) == f"[withheld; sha256 {digest}]"


def test_a_digest_that_was_not_the_field_s_own_is_found() -> None:
    """Words cannot be replaced under the name of a removal: any other digest breaks the chain at that fact."""
    facts = chained(3)
    facts[1] = replace(facts[1], payload={**facts[1].payload, "reasons": Withheld("ab" * 32)})
    with pytest.raises(BrokenRecord, match="fact 2"):
        check_chain(facts)
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        Withheld("gone")


def test_a_field_withheld_is_kept_apart_from_text_that_reads_like_one() -> None:
    """What an officer types is never taken for a removal, and a payload reads back as it was written."""
    payload = {
        "gone": Withheld("cd" * 32), "typed": str(Withheld("cd" * 32)), "quoted": f'"{MARK}": "x"', "deep": {"a": [1]},
    }  # fmt: skip
    again = read_payload(write_payload(payload))
    assert again == payload
    assert [name for name, value in again.items() if isinstance(value, Withheld)] == ["gone"]
    assert refuse_marks(canonical({"quoted": f'"{MARK}": "x"'}))
    with pytest.raises(ValueError, match="name it otherwise"):
        refuse_marks(canonical({"considered": {"icb": {MARK: "cd" * 32}}}))


def test_a_withheld_field_cannot_be_guessed_from_what_is_published() -> None:
    """Neither the salt of another field nor none gives the digest of a field with two possible values."""
    fact = chained(1)[0]
    digest = field_digests(fact.payload, fact.salt)["opinion"]
    for opinion in ("gap", "no-gap"):
        for salt in ("", field_salt(fact.salt, "reasons")):
            assert hashlib.sha256(f"{salt}:{canonical(opinion)}".encode()).hexdigest() != digest


@given(json_values)
def test_the_canonical_text_reads_back_and_is_the_same_again(value: object) -> None:
    """Text to value to text is stable, so that a hash over it can be checked on any day."""
    text = canonical(value)
    assert canonical(json.loads(text)) == text


def test_the_canonical_text_is_fixed() -> None:
    """Keys in order, no spaces, letters as they are: the text that every hash of the past was taken over."""
    assert canonical({"b": [1, 1.5, None, True], "a": "Ward für “Bargate”"}) == (
        '{"a":"Ward für “Bargate”","b":[1,1.5,null,true]}'
    )


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_json_does_not_know_is_refused(number: float) -> None:
    """What no other program could read back is not recorded."""
    with pytest.raises(ValueError, match="JSON"):
        canonical({"number": number})


def test_the_hash_of_a_known_fact_never_changes() -> None:
    """A record written today checks under every later version of the code: these are its hashes."""
    assert [fact.hash[:16] for fact in chained(2)] == ["c6cbed25e0e96222", "35d113f70e79d8a3"]


def test_an_instant_without_a_time_zone_is_refused() -> None:
    """The record keeps instants, not clock faces."""
    with pytest.raises(ValueError, match="2017-08-01T10:00:00 has no time zone"):
        write_instant(datetime(2017, 8, 1, 10))


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=1)), timezone(-timedelta(hours=5))])))
def test_an_instant_reads_back_as_the_same_instant(instant: datetime) -> None:
    """Written in UTC to the microsecond, whatever zone it came in; texts sort as instants do."""
    try:
        text = write_instant(instant)
    except OverflowError:
        return
    assert read_instant(text) == instant
    assert len(text) == 27


@given(st.lists(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC)), min_size=2, max_size=2))
def test_written_instants_sort_as_instants(pair: list[datetime]) -> None:
    """The database compares texts; the order is that of time."""
    one, other = pair
    assert (write_instant(one) < write_instant(other)) == (one < other)


def test_a_record_grows_only_by_the_next_fact() -> None:
    """Look-ups see what was added; a fact out of turn is refused; a cut copy ends where it was cut."""
    facts = chained(3)
    record = Record("PC-2017-001", "pharmacy-consolidation", 1, "southampton", facts[:1])
    with pytest.raises(ValueError, match="fact 3 cannot follow fact 1"):
        record.add(facts[2])
    record.add(facts[1])
    assert (record.head, record.first("response-received"), record.last("response-received")) == (2, facts[0], facts[1])
    assert record.keyed("response/2") is facts[1]
    assert record.until(1).keyed("response/2") is None
    assert record.all("decided") == ()
    assert record.last("decided") is None
    assert facts[0]["opinion"] == "gap"
    assert facts[0].get("late", "unknown") == "unknown"
