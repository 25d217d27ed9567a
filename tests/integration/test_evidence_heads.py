"""The evidence of a case with the daily heads that name it and their time stamps; and of the register itself."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from benchmarks.mutations import Held, anew, entries_of
from desk.evidence import evidence_files, gather
from desk.evidence_anew import HOLDS
from desk.evidence_verify import verify_files
from flows import turn_of
from models.council import load_council
from models.evidence_chain import Kind
from models.heads_register import SEALED
from models.store import open_store
from notifications.outbox import deliver_at_once
from notifications.time_stamping import stamper_at
from tasks.opening import notify
from tasks.turns import Parked, in_office
from tests.integration.heads_office import HeadsOffice
from tests.integration.stamp_authority import StampAuthority, served

PROCEDURE = "pharmacy-consolidation"
NOTICE = {
    "reference": "CAS-1", "given_at": "2017-08-01T10:00", "capacity": "relevant", "applicant": "Larkrise Chemists Ltd",
    "closing": "1 Example Street", "remaining": "20 Example Avenue", "wards": ["bargate"],
}  # fmt: skip


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> StampAuthority:
    """A time-stamping authority on loopback."""
    return StampAuthority(tmp_path_factory.mktemp("authority") / "ours")


@pytest.fixture
def at(authority: StampAuthority) -> Iterator[HeadsOffice]:
    """Southampton with a case of 1 August 2017; two nights have passed, and each day was stamped."""
    store = open_store("sqlite://")
    office = HeadsOffice(store, (load_council("southampton"),), "2017-08-01")
    notify(office.office, PROCEDURE, "southampton", NOTICE, channel="test")
    with in_office(office.office), suppress(Parked):
        turn_of(PROCEDURE)("PC-2017-001")
    deliver_at_once(store, office.clock)
    with served(authority.answer) as url:
        office.office.stamper = stamper_at(url, authority.ca, 10)
        office.desk_runs_until("2017-08-03T09:00")
    yield office
    store.close()


def test_the_heads_that_name_a_case_go_with_its_evidence(at: HeadsOffice) -> None:
    """With their stamps; they vouch for it, and the account does not say that nothing does."""
    files = Held(evidence_files(gather(at.office, "PC-2017-001")))
    assert [name for name in files.names if name.startswith("heads/")] == [
        "heads/heads-southampton-2017-08-01.tsr", "heads/heads-southampton-2017-08-01.txt",
    ]  # fmt: skip
    verdict = verify_files(files)
    assert (verdict.findings, verdict.notes) == ([], [HOLDS])
    assert "No daily head names this case" not in files["account.html"].decode()


def test_a_record_rewritten_is_found_by_the_heads_in_its_own_file(at: HeadsOffice) -> None:
    """Whoever computes every hash anew would have to get another stamp for that day."""
    files = Held(evidence_files(gather(at.office, "PC-2017-001")))
    entries = entries_of(files)
    changed = [entries[0].__class__(**{**entries[0].__dict__, "kind": "noticed"}), *entries[1:]]
    rewritten = verify_files(Held(anew(files, changed))).findings
    assert Kind.REWRITTEN in {finding.kind for finding in rewritten}
    swapped = files | {"heads/heads-southampton-2017-08-01.txt": b"cleardays-heads 1\n"}
    assert (Kind.EDIT, "heads/heads-southampton-2017-08-01.txt") in {
        (finding.kind, finding.place) for finding in verify_files(Held(swapped)).findings
    }


def test_verify_txt_checks_the_stamps_with_openssl_alone(
    at: HeadsOffice, authority: StampAuthority, tmp_path: Path
) -> None:
    """Under the authority's certificates they hold; under others they do not."""
    for name, content in evidence_files(gather(at.office, "PC-2017-001")).items():
        file = tmp_path / "unpacked" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    others = StampAuthority(tmp_path / "theirs").ca
    for certificates, code in ((authority.ca, 0), (others, 1)):
        done = subprocess.run(
            ["/usr/bin/env", "-i", "PATH=/usr/bin:/bin", f"TSA_CERTIFICATES={certificates}", "sh", "VERIFY.txt"],
            cwd=tmp_path / "unpacked", capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (code, ""), done.stdout
        assert "Time stamp: " in done.stdout


def test_the_register_of_heads_has_evidence_of_its_own(at: HeadsOffice) -> None:
    """It is a case like any other: its files and stamps are its documents."""
    (register,) = at.registers()
    files = Held(evidence_files(gather(at.office, register)))
    verdict = verify_files(files)
    assert verdict.findings == []
    sealed = at.store.record(register).all(SEALED)
    assert all(any(fact["sha256"] in name for name in files.names) for fact in sealed)
