"""Asking a time-stamping authority (RFC 3161, section 3.4, over HTTP): the one place from which one is spoken to.

Only the digest of a file leaves the building. An answer is checked against the authority's certificates before
anybody sees it.
"""

from __future__ import annotations

import time
from base64 import b64encode
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from models.time_stamps import NoTimeStamp, Stamper, TimeStamp, check, request_for

LARGEST_ANSWER = 1024 * 1024
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"


class _StaysWhereItIs(HTTPRedirectHandler):
    """Follows no redirection: another address is another authority, for the settings to name."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        """Return nothing; the redirection is then an error like any other."""


def stamper_at(url: str, ca_file: Path, seconds: float) -> Stamper:
    """Return what asks the authority at `url` (http or https) for time stamps, and waits so many seconds at most.

    `ca_file` holds, in PEM, the certificates that answers must hold under; it is read for each request.
    """
    shown, headers = _apart_from_login(url)

    def stamp(content: bytes) -> TimeStamp:
        try:
            ca = ca_file.read_bytes()
        except OSError as error:
            raise NoTimeStamp(f"the authority's certificates, {ca_file}, cannot be read ({error.strerror})") from error
        request = request_for(content)
        post = Request(shown, request.as_bytes(), {"Content-Type": QUERY, "Accept": REPLY, **headers}, method="POST")
        der = _ask(post, seconds)
        return TimeStamp(der, check(der, content, ca, request.nonce), shown)

    return stamp


def _ask(post: Request, seconds: float) -> bytes:
    patience = time.monotonic() + seconds
    try:
        with build_opener(_StaysWhereItIs).open(post, timeout=seconds) as response:
            answer = _read(response, patience)
    except HTTPError as error:
        raise NoTimeStamp(f"{post.full_url} answered {error.code} {error.reason}") from error
    except (OSError, HTTPException, ValueError) as error:
        why = getattr(error, "reason", None) or error
        raise NoTimeStamp(f"{post.full_url} did not answer: {why}") from error
    if len(answer) > LARGEST_ANSWER:
        raise NoTimeStamp(f"{post.full_url} answered with more than {LARGEST_ANSWER} bytes")
    return answer


def _read(response: HTTPResponse, patience: float) -> bytes:
    """Read an answer to its end, however slowly it drips, until the machine's monotonic clock says `patience`."""
    answer = b""
    while len(answer) <= LARGEST_ANSWER and (more := response.read1(65_536)):
        answer += more
        if time.monotonic() > patience:
            raise TimeoutError("timed out")
    return answer


def _apart_from_login(url: str) -> tuple[str, dict[str, str]]:
    """Return an address without the login that it may hold, and the header that carries the login."""
    parts = urlsplit(url)
    shown = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
    if parts.username is None:
        return shown, {}
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return shown, {"Authorization": f"Basic {b64encode(login.encode()).decode()}"}
