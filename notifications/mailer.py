"""The mailer: letters handed over to the council's mail server. The only module that knows SMTP.

Greeting, encryption and login are aiosmtplib's. Letters then go over the same line by a way of our own, which costs
one round trip each where the server offers PIPELINING (RFC 2920): sender, recipient and DATA go out together, and
those of the next letter right behind the end of the last. CHUNKING is not used: what it saves is the wait for the
reply to DATA, and that comes with the reply to the letter before.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException

from notifications.mail_settings import SmtpSettings, fetch_token
from notifications.message import Composed, MalformedMessage
from notifications.smtp_line import Line, LineLost, Reply
from notifications.transport import (
    Ambiguous,
    BeforeDot,
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

_PLAIN_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")


@dataclass(slots=True, eq=False)
class _Errand:
    """One message's way to the server: what opens it, and the connection it goes over once it is its turn."""

    sender: str
    recipient: str
    size: int
    turn: asyncio.Future[_Connection | None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    asked: Sequence[asyncio.Future[Reply]] = ()  #: replies to its envelope, once that has been sent


class SmtpTransport:
    """Hands messages to an SMTP server, one recipient each, over a pool of connections that are used again.

    `opened` counts the connections opened so far.
    """

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings
        self.opened = 0
        self._places = settings.connections  # how many more may be at work
        self._idle: list[_Connection] = []
        self._waiting: deque[_Errand] = deque()
        self._leaving: set[asyncio.Task[None]] = set()
        self._token: str | None = None
        self._tls: ssl.SSLContext | None = None

    async def send(
        self, message: Composed | bytes, sender: str, recipient: str, before_dot: BeforeDot | None = None
    ) -> Receipt:
        """Hand over one message. Errors as in Transport.send; MalformedMessage for wrong bytes or addresses."""
        whole = message if isinstance(message, Composed) else Composed.of(message)
        for address in (sender, recipient):
            if not _PLAIN_ADDRESS.fullmatch(address):
                raise MalformedMessage(f"{address!r} is not one plain address, such as name@example.org.")
        connection = await self._with_envelope(_Errand(sender, recipient, len(whole)))
        follows: _Errand | None = None
        try:
            await connection.give(whole)
            if before_dot is not None:
                await before_dot()
            # Nothing may be awaited between here and the final dot: from the dot on, a loss is ambiguous.
            connection.must_be_up()
            follows = self._next_over(connection)
            receipt = await connection.end(follows)
        except (TemporaryRefusal, PermanentRefusal):
            if follows is None:
                await self._put_back(connection, reset=True)
            raise
        except BaseException:
            connection.drop()  # the errand that follows, if any, has the place, and finds another connection
            if follows is None:
                self._pass_on(None)
            raise
        if follows is None:
            await self._put_back(connection)
        return receipt

    async def close(self) -> None:
        """Take leave of the server on every idle connection."""
        while self._idle:
            self._take_leave(self._idle.pop())
        await asyncio.gather(*self._leaving)

    # -- whose turn it is ----------------------------------------------------------------------------------

    async def _with_envelope(self, errand: _Errand) -> _Connection:
        """Return a connection on which the server has accepted sender and recipient.

        A connection used before may have been closed by the server meanwhile; then the next is tried.
        """
        connection = await self._turn_of(errand)
        while True:
            used_before = connection is not None
            try:
                connection = connection or await self._open()
                await connection.give_envelope(errand)
            except (TemporaryRefusal, PermanentRefusal) as refusal:
                assert connection is not None
                if not (used_before and refusal.code == 421):
                    await self._put_back(connection, reset=True)
                    raise
            except ConnectionFailed:
                if not used_before:
                    self._let_go(connection)
                    raise
            except BaseException:
                self._let_go(connection)
                raise
            else:
                return connection
            if connection is not None:
                connection.drop()
            connection, errand.asked = self._idle.pop() if self._idle else None, ()

    async def _turn_of(self, errand: _Errand) -> _Connection | None:
        """Wait for a place; return a connection that is free, or None when one is to be opened."""
        if self._places:
            self._places -= 1
            return self._idle.pop() if self._idle else None
        self._waiting.append(errand)
        try:
            return await errand.turn
        except BaseException:
            if errand.turn.done() and not errand.turn.cancelled():
                connection = errand.turn.result()
                if errand.asked:
                    self._let_go(connection)
                else:
                    self._pass_on(connection)
            raise

    def _next_over(self, connection: _Connection) -> _Errand | None:
        """Return the errand that has waited longest, if its envelope can go right behind this message."""
        if not connection.pipelines or connection.sent + 1 >= self.settings.messages_per_connection:
            return None
        return self._longest_waiting(connection)

    def _longest_waiting(self, connection: _Connection | None) -> _Errand | None:
        """Give the place, and the connection, to the errand that has waited longest; None when nobody waits."""
        while self._waiting:
            errand = self._waiting.popleft()
            if not errand.turn.done():
                errand.turn.set_result(connection)
                return errand
        return None

    def _pass_on(self, connection: _Connection | None) -> None:
        """Give up a place, with a connection if one is free."""
        if self._longest_waiting(connection) is None:
            self._places += 1
            if connection is not None:
                self._idle.append(connection)

    def _let_go(self, connection: _Connection | None) -> None:
        """Give up a place with a connection that cannot be used again, or without one."""
        if connection is not None:
            connection.drop()
        self._pass_on(None)

    async def _put_back(self, connection: _Connection, *, reset: bool = False) -> None:
        try:
            usable = connection.usable and (not reset or await connection.reset())
        except BaseException:
            self._let_go(connection)
            raise
        if not usable:
            self._let_go(connection)
        elif connection.sent >= self.settings.messages_per_connection:
            self._take_leave(connection)
            self._pass_on(None)
        else:
            self._pass_on(connection)

    def _take_leave(self, connection: _Connection) -> None:
        leaving = asyncio.get_running_loop().create_task(connection.quit())
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    # -- opening -------------------------------------------------------------------------------------------

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
        self.usable = True  #: for another message, once this one is dealt with
        self.pipelines = client.supports_extension("pipelining")
        self._tells_size = client.supports_extension("size")
        self._server = _server_of(client, settings)
        self._settings = settings
        self._line = Line(cast(asyncio.Transport, client.transport))
        self._at_message = False  # whether the server has asked for the message

    def ask(self, errand: _Errand) -> bytes:
        """Return the envelope as it is sent where the server pipelines: sender, recipient and DATA in one go."""
        return b"".join((*self._envelope(errand), b"DATA\r\n"))

    def _envelope(self, errand: _Errand) -> tuple[bytes, bytes]:
        size = f" SIZE={errand.size}" if self._tells_size else ""
        return f"MAIL FROM:<{errand.sender}>{size}\r\n".encode(), f"RCPT TO:<{errand.recipient}>\r\n".encode()

    async def give_envelope(self, errand: _Errand) -> None:
        """Name sender and recipient. Raises a refusal, LoginRefused or ConnectionFailed."""
        try:
            if self.pipelines:
                errand.asked = errand.asked or self._line.say(self.ask(errand), *[self._settings.timeout] * 3)
                await self._all_accepted(errand.asked)
                return
            for command in self._envelope(errand):
                reply = await self._command(command)
                if not reply.is_good:
                    raise _refusal(reply)
        except LineLost as lost:
            raise ConnectionFailed(f"The mail server was lost before the message: {lost}.") from lost

    async def _all_accepted(self, asked: Sequence[asyncio.Future[Reply]]) -> None:
        """Wait for the replies to sender, recipient and DATA; raise what the first refusal among them means."""
        refused: Reply | None = None
        try:
            for each in asked[:2]:
                reply = await each
                refused = refused or (None if reply.is_good else reply)
            reply = await asked[2]
        except LineLost:
            self.usable = False
            if refused is None:
                raise
        else:
            self._at_message = reply.code == 354
            refused = refused or (None if self._at_message else reply)
        if refused is not None:
            self.usable = self.usable and not self._at_message  # a message asked for and not wanted
            raise _refusal(refused)

    async def give(self, message: Composed) -> None:
        """Send the message but for its end. Raises a refusal or ConnectionFailed: the server cannot have it."""
        try:
            if not self._at_message:
                ready = await self._command(b"DATA\r\n")
                if ready.code != 354:
                    raise _refusal(ready)
            self._at_message = False
            await self._line.write(message.stuffed(), self._settings.timeout)
        except LineLost as lost:
            raise ConnectionFailed(f"The mail server was lost within the message: {lost}.") from lost

    def must_be_up(self) -> None:
        """Raise ConnectionFailed if the server has hung up."""
        if not self._line.is_up:
            raise ConnectionFailed("The mail server hung up within the message.")

    async def end(self, follows: _Errand | None) -> Receipt:
        """Send the end of the message, and the envelope that follows it. Raises a refusal, or Ambiguous.

        What follows is sent before anything is awaited.
        """
        timeouts = [self._settings.reply_timeout]
        words = b".\r\n"
        if follows is not None:
            words, timeouts = words + self.ask(follows), timeouts + [self._settings.timeout] * 3
        try:
            ended, *asked = self._line.say(words, *timeouts)
            if follows is not None:
                follows.asked = asked
            reply = await ended
        except LineLost as lost:
            raise Ambiguous(str(lost)) from lost
        if reply.is_good:
            self.sent += 1
            return Receipt(accepted_by=self._server, reply=f"{reply.code} {_one_line(reply.text)}")
        if 400 <= reply.code < 600:
            raise _refusal(reply)
        raise Ambiguous(f"an unknown reply, {reply.code} {_one_line(reply.text)}")

    async def _command(self, command: bytes, timeout: float | None = None) -> Reply:
        (reply,) = self._line.say(command, timeout or self._settings.timeout)
        return await reply

    async def reset(self) -> bool:
        """Clear sender and recipient; return whether the connection can be used again."""
        with suppress(LineLost):
            return (await self._command(b"RSET\r\n")).is_good and self._line.is_up
        return False

    async def quit(self) -> None:
        """Take leave, and hang up whatever the server says to it."""
        with suppress(LineLost):
            await self._command(b"QUIT\r\n", min(self._settings.timeout, 5))
        self.drop()

    def drop(self) -> None:
        """Hang up."""
        self.usable = False
        self._line.hang_up()


def _server_of(client: SMTP, settings: SmtpSettings) -> str:
    greeting = client.last_ehlo_response
    name = greeting.message.split(maxsplit=1)[0] if greeting and greeting.message else ""
    return f"{name or settings.host} ({settings.host})"


def _refusal(reply: Reply) -> MailError:
    code, text = reply.code, _one_line(reply.text)
    if code == 530:
        return LoginRefused(f"The mail server wants a login: {code} {text}. Give one in the settings.")
    if 400 <= code < 500:
        return TemporaryRefusal(code, text)
    if 500 <= code < 600:
        return PermanentRefusal(code, text)
    return ConnectionFailed(f"The mail server gave an unknown reply before the message: {code} {text}.")


def _said(error: BaseException) -> str:
    code, text = getattr(error, "code", ""), getattr(error, "message", "") or str(error)
    return f"{code} {_one_line(text)}".strip().rstrip(".") or type(error).__name__


def _one_line(text: str) -> str:
    printable = "".join(mark if mark.isprintable() else " " for mark in text)
    return " ".join(printable.split())
