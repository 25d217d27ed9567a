"""Time stamps from a real authority, played by `openssl ts`: accepted where they hold, refused and said where not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.council import load_council
from models.heads import write_heads
from models.heads_register import REFUSED, STAMPED, UNSTAMPED
from models.store import open_store
from models.time_stamps import NoTimeStamp, WrongTimeStamp, check, with_certificates_in_order
from notifications.time_stamping import stamper_at
from tests.integration.heads_office import HeadsOffice
from tests.integration.stamp_authority import StampAuthority, served

CONTENT = write_heads("southampton", datetime(2017, 8, 1).date(), datetime(2017, 8, 1, 23, tzinfo=UTC), "0" * 64, [])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> StampAuthority:
    """An authority whose root we trust."""
    return StampAuthority(tmp_path_factory.mktemp("authority") / "ours")


@pytest.fixture(scope="module")
def impostor(tmp_path_factory: pytest.TempPathFactory) -> StampAuthority:
    """Another with the same names and certificates of its own."""
    return StampAuthority(tmp_path_factory.mktemp("impostor") / "theirs")


def test_a_stamp_is_accepted_and_openssl_accepts_what_is_kept(authority: StampAuthority, tmp_path: Path) -> None:
    """Over the file's SHA-256, by the authority's clock; `openssl ts -verify` needs nothing of ours."""
    before = datetime.now(UTC) - timedelta(seconds=2)
    with served(authority.answer) as url:
        stamp = stamper_at(url, authority.ca, 10)(CONTENT)
    assert before <= stamp.at <= datetime.now(UTC) + timedelta(seconds=2)
    assert stamp.authority == url
    file, answer = tmp_path / "heads.txt", tmp_path / "heads.tsr"
    file.write_bytes(CONTENT)
    answer.write_bytes(stamp.der)
    assert "Verification: OK" in authority.verify(file, answer)
    assert check(stamp.der, CONTENT, authority.ca.read_bytes()) == stamp.at
    file.write_bytes(CONTENT + b"\n")
    with pytest.raises(subprocess.CalledProcessError):
        authority.verify(file, answer)


def test_certificates_in_another_order_than_the_readers_are_no_reason_to_refuse(
    authority: StampAuthority, impostor: StampAuthority
) -> None:
    """Two more beside the signer's, in either order: DER sorts them, many authorities do not, nothing signs it."""
    others = [impostor.ca, impostor.folder / "tsa.pem"]
    try:
        for order in (others, others[::-1]):
            authority.beside(*order)
            with served(authority.answer) as url:
                der = stamper_at(url, authority.ca, 10)(CONTENT).der
            assert sorted(der) == sorted(with_certificates_in_order(der))
    finally:
        authority.beside()


@pytest.mark.parametrize("text", [b"", b"\x30", b"\x30\x80", b"\x30\x05\x02", b"\x30\x84\xff\xff\xff\xff", b"<html>"])
def test_what_does_not_look_like_an_answer_is_left_as_it_is(text: bytes) -> None:
    """Nothing is put in order that is cut short or claims to be longer than it is."""
    assert with_certificates_in_order(text) == text


def test_every_tampered_answer_is_refused(authority: StampAuthority) -> None:
    """One bit turned anywhere in what is signed or vouched for: no answer of them all is taken for the same proof."""
    with served(authority.answer) as url:
        der = stamper_at(url, authority.ca, 10)(CONTENT).der
    ca, accepted = authority.ca.read_bytes(), []
    for place in range(0, len(der), 7):
        tampered = der[:place] + bytes([der[place] ^ 1]) + der[place + 1 :]
        try:
            accepted.append((place, check(tampered, CONTENT, ca)))
        except (WrongTimeStamp, NoTimeStamp):
            continue
    at = check(der, CONTENT, ca)
    assert all(each == at for _, each in accepted)  # what no signature covers: a status text, a spare certificate
    assert len(accepted) < len(der) // 7 * 0.7


def test_an_answer_to_another_request_is_refused(authority: StampAuthority) -> None:
    """Replayed from before: the nonce is another; over other content: the imprint is another."""
    kept: list[bytes] = []

    def replaying(query: bytes) -> bytes:
        kept.append(kept[0] if kept else authority.answer(query))
        return kept[0]

    with served(replaying) as url:
        stamp = stamper_at(url, authority.ca, 10)
        stamp(CONTENT)
        with pytest.raises(WrongTimeStamp, match=r"does not hold: Nonce mismatch"):
            stamp(CONTENT)
        with pytest.raises(WrongTimeStamp, match="over other content"):
            stamp(CONTENT + b"more")


def test_an_authority_with_other_certificates_is_refused(authority: StampAuthority, impostor: StampAuthority) -> None:
    """Whoever stands in the authority's place without its key proves nothing."""
    with served(impostor.answer) as url, pytest.raises(WrongTimeStamp, match="does not hold"):
        stamper_at(url, authority.ca, 10)(CONTENT)


@pytest.mark.parametrize("answer", [b"", b"<html>Please log in</html>", b"\x30\x03\x02\x01\x02"])
def test_what_is_no_answer_of_an_authority_is_refused(answer: bytes, authority: StampAuthority) -> None:
    """A login page, nothing, half of something."""
    with served(lambda query: answer) as url, pytest.raises((WrongTimeStamp, NoTimeStamp)):
        stamper_at(url, authority.ca, 10)(CONTENT)


def test_an_authority_that_is_away_is_said_to_be(authority: StampAuthority) -> None:
    """No server, an error of its own, a redirection elsewhere, certificates that are not there: each in a sentence."""
    with served(authority.answer) as url:
        pass
    with pytest.raises(NoTimeStamp, match=r"/tsa did not answer: .*refused"):
        stamper_at(url, authority.ca, 10)(CONTENT)
    with served(authority.answer, status=503) as url, pytest.raises(NoTimeStamp, match="answered 503"):
        stamper_at(url, authority.ca, 10)(CONTENT)
    with served(authority.answer, status=302) as url, pytest.raises(NoTimeStamp, match="answered 302"):
        stamper_at(url, authority.ca, 10)(CONTENT)
    with pytest.raises(NoTimeStamp, match=r"missing\.pem, cannot be read"):
        stamper_at(url, authority.folder / "missing.pem", 10)(CONTENT)


def test_an_authority_that_drips_is_not_waited_for(authority: StampAuthority) -> None:
    """A byte now and then would keep each single read in time; the whole answer has one limit."""
    import threading

    done = threading.Event()

    def stalled(query: bytes) -> bytes:
        done.wait(30)
        return b""

    with served(stalled) as url:
        with pytest.raises(NoTimeStamp, match="timed out"):
            stamper_at(url, authority.ca, 0.3)(CONTENT)
        done.set()


def test_a_login_is_sent_and_never_shown(authority: StampAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands before the @ of the address goes into the header; letters, record and errors name the rest."""
    with served(authority.answer) as url:
        stamp = stamper_at(url.replace("//", "//council:geh%40im@"), authority.ca, 10)(CONTENT)
    assert stamp.authority == url


# -- the register --------------------------------------------------------------------------------------------


@pytest.fixture
def at() -> Iterator[HeadsOffice]:
    """An office of Southampton with a case of 1 August 2017, before the day is over."""
    store = open_store("sqlite://")
    office = HeadsOffice(store, [load_council("southampton")], "2017-08-01")
    office.a_case()
    office.desk_runs_until("2017-08-01T20:00")
    yield office
    store.close()


def kinds(at: HeadsOffice, *wanted: str) -> list[tuple[str, str]]:
    """Return the facts on time stamps, each with its day."""
    return [(fact.kind, fact["day"]) for fact in at.store.record("DH-2017-001") if fact.kind in wanted]


def stamping(authority: StampAuthority, url: str) -> Callable[[bytes], object]:
    """Return what asks an authority at an address."""
    return stamper_at(url, authority.ca, 10)


def test_the_file_of_each_day_is_stamped_and_its_token_mailed_with_the_next(
    at: HeadsOffice, authority: StampAuthority, tmp_path: Path
) -> None:
    """Kept as a document, with the instant by the authority's clock; openssl accepts both as they are kept."""
    with served(authority.answer) as url:
        at.office.stamper = stamping(authority, url)  # type: ignore[assignment]
        at.desk_runs_until("2017-08-03T09:00")
    assert kinds(at, STAMPED, UNSTAMPED) == [(STAMPED, "2017-08-01"), (STAMPED, "2017-08-02")]
    first, second = at.letters()
    assert [each.filename for each in first.draft.enclosures] == ["heads-southampton-2017-08-01.txt"]
    assert [each.filename for each in second.draft.enclosures] == [
        "heads-southampton-2017-08-02.txt", "heads-southampton-2017-08-01.tsr",
    ]  # fmt: skip
    stamped = at.store.record("DH-2017-001").all(STAMPED)[0]
    with at.store.reading() as reading:
        (tmp_path / "heads.txt").write_bytes(reading.document(stamped["sha256"]))
        (tmp_path / "heads.tsr").write_bytes(reading.document(stamped["token"]))
    assert "Verification: OK" in authority.verify(tmp_path / "heads.txt", tmp_path / "heads.tsr")
    assert stamped["covers"] == ["2017-08-01"]


def test_an_authority_that_is_away_delays_nothing_and_is_named_once(at: HeadsOffice, authority: StampAuthority) -> None:
    """Three days away: each is sealed and mailed at midnight, one fact says why; the next stamp covers them all."""
    with served(authority.answer) as url:
        pass
    at.office.stamper = stamping(authority, url)  # type: ignore[assignment]
    at.desk_runs_until("2017-08-04T09:00")
    assert [fact.at.minute for fact in at.sealed()] == [0, 0, 0]
    assert len(at.letters()) == 3
    assert kinds(at, STAMPED, UNSTAMPED) == [(UNSTAMPED, "2017-08-01")]
    assert "did not answer" in at.letters()[1].draft.text
    with served(authority.answer) as url:
        at.office.stamper = stamping(authority, url)  # type: ignore[assignment]
        at.desk_runs_until("2017-08-05T09:00")
    newest = at.store.record("DH-2017-001").last(STAMPED)
    assert newest is not None
    assert newest["covers"] == ["2017-08-01", "2017-08-02", "2017-08-03", "2017-08-04"]
    assert at.register("DH-2017-001").stamp_troubles == []


def test_an_authority_is_asked_again_some_times_a_day_and_no_more(at: HeadsOffice) -> None:
    """At the sealing, after ten minutes, an hour and six; then the next day's file is to be stamped."""
    asked: list[datetime] = []

    def away(content: bytes) -> object:
        asked.append(at.clock.now())
        raise NoTimeStamp("it does not answer")

    at.office.stamper = away  # type: ignore[assignment]
    at.desk_runs_until("2017-08-02T23:00")
    midnight = datetime(2017, 8, 1, 23, tzinfo=UTC)
    pauses = sorted({instant - midnight for instant in asked})
    assert pauses == [timedelta(0), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6)]


def test_a_wrong_token_is_refused_and_said(
    at: HeadsOffice, authority: StampAuthority, impostor: StampAuthority
) -> None:
    """An impostor's answer is not kept; the record and the next letter say that one was refused, and why."""
    with served(impostor.answer) as url:
        at.office.stamper = stamping(authority, url)  # type: ignore[assignment]
        at.desk_runs_until("2017-08-03T00:30")
    assert kinds(at, STAMPED, UNSTAMPED, REFUSED) == [(REFUSED, "2017-08-01")]
    words = " ".join(at.letters()[1].draft.text.split())
    assert "since the file of Tuesday 1 August 2017: the time stamp does not hold" in words
    at.check()
