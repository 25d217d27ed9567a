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
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampRequest

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

    try:
        roots = load_pem_x509_certificates(ca)
    except ValueError as error:
        raise WrongTimeStamp(f"the certificates of the authority cannot be read: {error}") from error
    try:
        return _checked(with_certificates_in_order(der), sha256(content).digest(), roots, nonce)
    except (NoTimeStamp, WrongTimeStamp):
        raise
    except Exception as error:  # it comes from outside: whatever a parser stumbles over is no proof
        raise WrongTimeStamp(f"the time stamp does not hold: {error}") from error


def _checked(der: bytes, digest: bytes, roots: list[Certificate], nonce: int | None) -> datetime:
    from rfc3161_client import PKIStatus, VerifierBuilder, decode_timestamp_response

    answer = decode_timestamp_response(der)
    if answer.status != PKIStatus.GRANTED:
        said = "; ".join(answer.status_string or ()) or "without a reason"
        raise NoTimeStamp(f"the time-stamping authority declined (status {answer.status}): {said}")
    imprint = answer.tst_info.message_imprint
    if imprint.hash_algorithm.dotted_string != SHA256 or imprint.message != digest:
        raise WrongTimeStamp("the time stamp is over other content than the file")
    VerifierBuilder(roots=roots, nonce=nonce).build().verify(answer, digest)
    return answer.tst_info.gen_time.astimezone(UTC)


def with_certificates_in_order(der: bytes) -> bytes:
    """Return an answer with the certificates beside its signature sorted, as DER has it and many authorities do not.

    No signature covers their order. The reader of the extra refuses any other; openssl reads both. What does not look
    like an answer is returned as it is.
    """
    try:
        token = _parts(der, _within(der, 0))[1]
        signed = _within(der, _within(der, _parts(der, _within(der, token.start))[1].start).start)
        beside = next((part for part in _parts(der, signed) if der[part.start] == CERTIFICATES), None)
        if beside is None:
            return der
        inside = _within(der, beside.start)
        ordered = sorted(der[part.start : part.stop] for part in _parts(der, inside))
    except IndexError:
        return der
    return der[: inside.start] + b"".join(ordered) + der[inside.stop :]


CERTIFICATES = 0xA0  #: the tag, [0], under which signed data holds certificates


def _within(der: bytes, at: int) -> range:
    """Return where the content of the element at a place begins and ends. Raises IndexError where it is cut short."""
    first, begin = der[at + 1], at + 2
    if first & 0x80:
        begin += first & 0x7F
        length = int.from_bytes(der[at + 2 : begin], "big")
    else:
        length = first
    if begin + length > len(der):
        raise IndexError("the element is longer than what holds it")
    return range(begin, begin + length)


def _parts(der: bytes, inside: range) -> list[range]:
    """Return where each of the elements one behind the other in a range begins and ends, tag and all."""
    found, at = [], inside.start
    while at < inside.stop:
        end = _within(der, at).stop
        if end > inside.stop:
            raise IndexError("an element is longer than what holds it")
        found.append(range(at, end))
        at = end
    return found
