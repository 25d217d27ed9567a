"""The mailer: letters handed to the council's mail server. The only module that knows SMTP."""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import suppress
from typing import cast

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException

from notifications.mail_settings import SmtpSettings, fetch_token
from notifications.message import MalformedMessage
from notifications.transport import (
    Ambiguous,
    BeforeData,
    ConnectionFailed,
    FolderTransport,
    LoginRefused,
    MailError,
    PermanentRefusal,
    Receipt,
    SentTwice,
    TemporaryRefusal,
    Transport,
)

__all__ = [
    "Ambiguous",
    "ConnectionFailed",
    "FolderTransport",
    "LoginRefused",
    "MailError",
    "PermanentRefusal",
    "Receipt",
    "SentTwice",
    "SmtpSettings",
    "SmtpTransport",
    "TemporaryRefusal",
    "Transport",
]

_CHUNK = 64 * 1024
_PLAIN_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")


class SmtpTransport:
    """Hands messages to an SMTP server, one recipient each, over a pool of connections that are used again.

    `opened` counts the connections opened so far.
    """

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings
        self.opened = 0
        self._idle: list[_Connection] = []
        self._places = asyncio.Semaphore(settings.connections)
        self._token: str | None = None
        self._tls: ssl.SSLContext | None = None

    async def send(self, message: bytes, sender: str, recipient: str, before_data: BeforeData | None = None) -> Receipt:
        """Hand over one message. Errors as in Transport.send; MalformedMessage for wrong bytes or addresses."""
        lines = message.count(b"\n")
        if not (lines == message.count(b"\r\n") == message.count(b"\r")) or not message.endswith(b"\r\n"):
            raise MalformedMessage(
                "The message's lines do not all end with CRLF; compose it with notifications.message.compose."
            )
        for address in (sender, recipient):
            if not _PLAIN_ADDRESS.fullmatch(address):
                raise MalformedMessage(f"{address!r} is not one plain address, such as name@example.org.")
        async with self._places:
            connection = await self._with_envelope(sender, recipient, len(message))
            try:
                if before_data is not None:
                    await before_data()
                receipt = await connection.hand_over(message)
            except (TemporaryRefusal, PermanentRefusal):
                await self._put_back(connection, reset=True)
                raise
            except BaseException:
                connection.drop()
                raise
            await self._put_back(connection)
            return receipt

    async def close(self) -> None:
        """Take leave of the server on every idle connection."""
        while self._idle:
            await self._idle.pop().quit()

    async def _with_envelope(self, sender: str, recipient: str, size: int) -> _Connection:
        """Return a connection on which the server has accepted sender and recipient.

        A connection used before may have been closed by the server meanwhile; then the next is tried.
        """
        while True:
            used_before = bool(self._idle)
            connection = self._idle.pop() if used_before else await self._open()
            try:
                await connection.give_envelope(sender, recipient, size)
            except (TemporaryRefusal, PermanentRefusal) as refusal:
                if used_before and refusal.code == 421:
                    connection.drop()
                    continue
                await self._put_back(connection, reset=True)
                raise
            except ConnectionFailed:
                connection.drop()
                if not used_before:
                    raise
            except BaseException:
                connection.drop()
                raise
            else:
                return connection

    async def _put_back(self, connection: _Connection, *, reset: bool = False) -> None:
        if reset and not await connection.reset():
            connection.drop()
        elif connection.sent >= self.settings.messages_per_connection:
            await connection.quit()
        else:
            self._idle.append(connection)

    async def _open(self) -> _Connection:
        try:
            client = await self._client()
            await self._greet(client)
        except (SMTPException, OSError) as error:
            raise ConnectionFailed(f"No connection to the mail server {self.settings.host}: {_said(error)}.") from error
        self.opened += 1
        return _Connection(client, self.settings)

    async def _greet(self, client: SMTP) -> None:
        await client.connect()
        try:
            await self._log_in(client)
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except BaseException:
            client.close()
            raise

    async def _client(self) -> SMTP:
        settings = self.settings
        if self._tls is None and settings.protection != "plain":
            self._tls = await asyncio.to_thread(ssl.create_default_context, cafile=settings.ca_file)
        return SMTP(
            hostname=settings.host,
            port=settings.port or {"tls": 465, "starttls": 587, "plain": 25}[settings.protection],
            local_hostname=settings.hello_name,
            use_tls=settings.protection == "tls",
            start_tls=settings.protection == "starttls",
            tls_context=self._tls,
            timeout=settings.timeout,
        )

    async def _log_in(self, client: SMTP) -> None:
        settings = self.settings
        if settings.username is None:
            return
        try:
            if settings.password is not None:
                await client.login(settings.username, settings.password.get_secret_value())
            else:
                await self._log_in_with_token(client, settings.username)
        except OSError:
            raise  # the line was lost, which says nothing of the login
        except SMTPException as error:
            if isinstance(error, SMTPResponseException) and error.code < 500:
                raise
            raise LoginRefused(
                f"The mail server {settings.host} does not admit {settings.username!r}: {_said(error)}. "
                "Correct the login in the settings; the letters wait."
            ) from error

    async def _log_in_with_token(self, client: SMTP, username: str) -> None:
        """Log in with the token at hand; if it is no longer good, once more with a new one."""
        if self._token is not None:
            try:
                await client.auth_xoauth2(username, self._token)
            except SMTPAuthenticationError:
                self._token = None
            else:
                return
        token = await fetch_token(self.settings.token_command or "", self.settings.timeout)
        await client.auth_xoauth2(username, token)
        self._token = token


class _Connection:
    """One connection to the server, and how many messages it took."""

    def __init__(self, client: SMTP, settings: SmtpSettings) -> None:
        self.sent = 0
        self._client = client
        self._settings = settings
        transport = cast(asyncio.WriteTransport, client.transport)
        # With this limit drain() returns only when the system has taken every byte.
        transport.set_write_buffer_limits(high=1, low=0)
        protocol = cast(asyncio.Protocol, client.protocol)
        self._writer = asyncio.StreamWriter(transport, protocol, None, asyncio.get_running_loop())

    async def give_envelope(self, sender: str, recipient: str, size: int) -> None:
        """Name sender and recipient. Raises a refusal, LoginRefused or ConnectionFailed."""
        client = self._client
        try:
            sized = [f"SIZE={size}"] if client.supports_extension("size") else []
            await client.mail(sender, options=sized)
            await client.rcpt(recipient)
        except SMTPResponseException as error:
            if error.code == 530:
                raise LoginRefused(
                    f"The mail server wants a login: {_said(error)}. Give one in the settings."
                ) from error
            raise _refusal(error.code, error.message) from error
        except (SMTPException, OSError) as error:
            raise ConnectionFailed(f"The mail server was lost before the message: {_said(error)}.") from error

    async def hand_over(self, message: bytes) -> Receipt:
        """Send the message. Raises a refusal, ConnectionFailed before its end is sent, Ambiguous after."""
        server = self._server()
        try:
            ready = await self._client.execute_command(b"DATA")
            if ready.code != 354:
                raise _refusal(ready.code, ready.message)
            await self._write(message)
        except (SMTPException, OSError) as error:
            raise ConnectionFailed(f"The mail server was lost within the message: {_said(error)}.") from error
        # Nothing may be awaited between this check and the final dot: from the dot on, a loss is ambiguous.
        if not self._client.is_connected:
            raise ConnectionFailed("The mail server hung up within the message.")
        try:
            reply = await self._client.execute_command(b".", timeout=self._settings.reply_timeout)
        except (SMTPException, OSError) as error:
            raise Ambiguous(_said(error)) from error
        if 200 <= reply.code < 300:
            self.sent += 1
            return Receipt(accepted_by=server, reply=f"{reply.code} {_one_line(reply.message)}")
        if 400 <= reply.code < 600:
            raise _refusal(reply.code, reply.message)
        raise Ambiguous(f"an unknown reply, {reply.code} {_one_line(reply.message)}")

    async def _write(self, message: bytes) -> None:
        stuffed = message.replace(b"\n.", b"\n..")
        if stuffed.startswith(b"."):
            stuffed = b"." + stuffed
        for start in range(0, len(stuffed), _CHUNK):
            self._writer.write(stuffed[start : start + _CHUNK])
            await asyncio.wait_for(self._writer.drain(), self._settings.timeout)

    def _server(self) -> str:
        greeting = self._client.last_ehlo_response
        name = greeting.message.split(maxsplit=1)[0] if greeting and greeting.message else ""
        return f"{name or self._settings.host} ({self._settings.host})"

    async def reset(self) -> bool:
        """Clear sender and recipient; return whether the connection can be used again."""
        try:
            await self._client.rset()
        except (SMTPException, OSError):
            return False
        except BaseException:
            self.drop()
            raise
        return self._client.is_connected

    async def quit(self) -> None:
        """Take leave, and hang up whatever the server says to it."""
        with suppress(SMTPException, OSError):
            await self._client.quit(timeout=min(self._settings.timeout, 5))
        self.drop()

    def drop(self) -> None:
        """Hang up."""
        self._client.close()


def _refusal(code: int, text: str) -> MailError:
    if 400 <= code < 500:
        return TemporaryRefusal(code, _one_line(text))
    if 500 <= code < 600:
        return PermanentRefusal(code, _one_line(text))
    return ConnectionFailed(f"The mail server gave an unknown reply before the message: {code} {_one_line(text)}.")


def _said(error: BaseException) -> str:
    code, text = getattr(error, "code", ""), getattr(error, "message", "") or str(error)
    return f"{code} {_one_line(text)}".strip().rstrip(".") or type(error).__name__


def _one_line(text: str) -> str:
    printable = "".join(mark if mark.isprintable() else " " for mark in text)
    return " ".join(printable.split())
