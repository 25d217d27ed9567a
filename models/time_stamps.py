"""Time stamps by RFC 3161: what is asked of an authority, and whether its answer holds. Nothing is sent from here.

What is kept is the authority's whole answer in DER, as `openssl ts -verify -data FILE -in ANSWER -CAfile CA` reads it.
Needs the extra `tsa`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest, TimeStampResponse

SHA256 = "2.16.840.1.101.3.4.2.1"  #: the object identifier of the one digest asked for


class NoTimeStamp(Exception):
    """The authority gave no answer, or none that stamps anything: it may be asked again."""


class WrongTimeStamp(ValueError):
    """The answer is no proof: it is of other content, by somebody else, to another request, or broken."""


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """An answer that was checked: proof that some content was there at an instant."""

    der: bytes  #: the whole answer
    at: datetime  #: by the authority's clock (aware, UTC)
    authority: str  #: the address that was asked, without a login


Stamper = Callable[[bytes], TimeStamp]
"""Returns a checked time stamp over some content. Raises NoTimeStamp and WrongTimeStamp."""


def request_for(content: bytes) -> TimeStampRequest:
    """Return a request for a stamp over the SHA-256 of content, with a nonce, for an answer with its certificate.

    Raises NoTimeStamp where the extra is not installed.
    """
    try:
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder
    except ImportError as error:
        raise NoTimeStamp("the extra 'tsa' of Cleardays is not installed, so no time stamp can be asked for") from error
    builder = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build()


def check(der: bytes, content: bytes, ca: bytes, nonce: int | None = None) -> datetime:
    """Return when content was stamped (aware, UTC) by an answer that holds under the certificates `ca` (PEM).

    With the `nonce` of a request it must be the answer to that one. Raises NoTimeStamp where the authority declined,
    and WrongTimeStamp, saying why, for anything else that is no proof.
    """
    from cryptography.x509 import load_pem_x509_certificates
    from rfc3161_client import PKIStatus, VerificationError, VerifierBuilder

    answer = _read(der)
    if answer.status not in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS):
        said = "; ".join(answer.status_string or ()) or "without a reason"
        raise NoTimeStamp(f"the time-stamping authority declined (status {answer.status}): {said}")
    try:
        roots = load_pem_x509_certificates(ca)
    except ValueError as error:
        raise WrongTimeStamp(f"the certificates of the authority cannot be read: {error}") from error
    imprint = answer.tst_info.message_imprint
    if imprint.hash_algorithm.dotted_string != SHA256 or imprint.message != sha256(content).digest():
        raise WrongTimeStamp("the time stamp is over other content than the file")
    builder = VerifierBuilder(roots=list(roots), nonce=nonce)
    try:
        builder.build().verify(answer, sha256(content).digest())
    except (VerificationError, ValueError) as error:
        raise WrongTimeStamp(f"the time stamp does not hold: {error}") from error
    return answer.tst_info.gen_time.astimezone(UTC)


def _read(der: bytes) -> TimeStampResponse:
    from rfc3161_client import decode_timestamp_response

    try:
        return decode_timestamp_response(der)
    except ValueError as error:
        raise WrongTimeStamp(f"what came back is no answer of a time-stamping authority: {error}") from error
