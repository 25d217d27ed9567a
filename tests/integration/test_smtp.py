"""The mailer against a real SMTP server on loopback, and the folder transport against a real folder."""

from __future__ import annotations

import asyncio
import shlex
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr, ValidationError

from notifications.mail_settings import SmtpSettings
from notifications.mailer import SmtpTransport
from notifications.message import Attachment, AttachmentCache, Outgoing, compose, message_id
from notifications.transport import (
    Ambiguous,
    ConnectionFailed,
    FolderTransport,
    LoginRefused,
    PermanentRefusal,
    SentTwice,
    TemporaryRefusal,
)

# The server warns that logins without encryption are unsafe; on loopback that is what these tests try.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

SENDER, RECIPIENT = "public.health@example.org", "ward.councillor@example.org"


class Sink:
    """A mail server's mind: what it received, and the replies it was told to give."""

    def __init__(
        self, at_rcpt: str = "250 OK", after_data: str = "250 OK queued as 1", pipelines: bool = False
    ) -> None:  # fmt: skip
        self.at_rcpt, self.after_data, self.pipelines = at_rcpt, after_data, pipelines
        self.received: list[Envelope] = []
        self.connections: list[SMTP] = []
        self.tokens: list[str] = []
        self.good_token = ""

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]] if self.pipelines else responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.at_rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.after_data.startswith("250"):
            self.received.append(envelope)
        if self.after_data == "hang up":
            server.transport.abort()
        if self.after_data == "silence":
            await asyncio.sleep(3600)
        return self.after_data

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        from base64 import b64decode

        token = b64decode(args[1]).decode().split("\x01")[1].removeprefix("auth=Bearer ")
        self.tokens.append(token)
        return AuthResult(success=token == self.good_token, handled=False, auth_data=LoginPassword(b"desk", b""))


class HangsUpAtData(SMTP):
    """A server that closes the connection instead of asking for the message."""

    async def smtp_DATA(self, arg: str) -> None:
        self.transport.abort()


class HangsUpInMessage(SMTP):
    """A server that asks for the message and closes the connection when a little of it has come."""

    async def smtp_DATA(self, arg: str) -> None:
        await self.push("354 go on")
        await self._reader.read(1000)
        self.transport.abort()


@asynccontextmanager
async def serving(sink: Sink, kind: type[SMTP] = SMTP, **options: Any) -> AsyncIterator[int]:
    """Run a server for the sink and give its port."""

    def connected() -> SMTP:
        sink.connections.append(kind(sink, hostname="mail.example.org", **options))
        return sink.connections[-1]

    listening = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        for connection in sink.connections:
            if connection.transport is not None:
                connection.transport.abort()


def settings(port: int, **others: Any) -> SmtpSettings:
    """Settings for the server on loopback."""
    return SmtpSettings(**{"host": "127.0.0.1", "port": port, "hello_name": "desk.example.org"} | others)


def letter(step: str = "circulation", size: int = 0) -> bytes:
    """A composed letter, with an attachment of `size` bytes if that is not 0."""
    attachments = (Attachment.of("application.pdf", "application/pdf", b"\x00" * size),) if size else ()
    outgoing = Outgoing(
        message_id=message_id("PC-2017-01", step, "ward-councillor", "example.org"),
        date=datetime(2017, 8, 4, 9, 30, tzinfo=UTC),
        sender=f"Public Health <{SENDER}>",
        reply_to="replies@example.org",
        recipient=RECIPIENT,
        subject="Reply by Friday 18 August 2017",
        text="Please reply.\n.\n..two dots\n",
        html="<p>Please reply.</p>\n",
        attachments=attachments,
    )
    return compose(outgoing, AttachmentCache())


def sending(
    sink: Sink, act: Callable[[SmtpTransport], Awaitable[Any]], kind: type[SMTP] = SMTP, **others: Any
) -> tuple[Any, SmtpTransport]:
    """Let `act` use a transport connected to a server for the sink; return its result and the transport."""
    server_options = others.pop("server", {})

    async def run() -> tuple[Any, SmtpTransport]:
        async with serving(sink, kind, **server_options) as port:
            transport = SmtpTransport(settings(port, **others))
            try:
                return await act(transport), transport
            finally:
                await transport.close()

    return asyncio.run(run())


def send_one(transport: SmtpTransport) -> Awaitable[Any]:
    """Send the standard letter."""
    return transport.send(letter(), SENDER, RECIPIENT)


@pytest.mark.parametrize("pipelines", [False, True])
def test_a_letter_is_handed_over_whole_with_the_servers_own_words_as_proof(pipelines: bool) -> None:
    """The receipt names the server and keeps its reply; lone dots and the envelope arrive as given."""
    sink = Sink(pipelines=pipelines)
    receipt, _ = sending(sink, send_one)
    assert receipt.accepted_by == "mail.example.org (127.0.0.1)"
    assert receipt.reply == "250 OK queued as 1"
    [envelope] = sink.received
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, [RECIPIENT])
    assert envelope.content == letter()
    body = message_from_bytes(envelope.content, policy=policy.default).get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == ["Please reply.", ".", "..two dots"]


@pytest.mark.parametrize("pipelines", [False, True])
def test_the_mark_is_made_immediately_before_the_final_dot(pipelines: bool) -> None:
    """before_dot sees no whole message at the server yet, and is not called when recipient or message are refused."""
    marks: list[int] = []

    async def mark() -> None:
        marks.append(len(sink.received))

    sink = Sink(pipelines=pipelines)
    sending(sink, lambda transport: transport.send(letter(), SENDER, RECIPIENT, mark))
    assert (marks, len(sink.received)) == ([0], 1)

    sink.at_rcpt = "550 no such user"
    with pytest.raises(PermanentRefusal):
        sending(sink, lambda transport: transport.send(letter(), SENDER, RECIPIENT, mark))
    assert marks == [0]


@pytest.mark.parametrize("pipelines", [False, True])
def test_nothing_is_sent_when_the_mark_cannot_be_made(pipelines: bool) -> None:
    """A failure of before_dot goes through to the caller and the message stays here."""

    async def mark() -> None:
        raise OSError("the record cannot be written")

    sink = Sink(pipelines=pipelines)
    with pytest.raises(OSError, match="the record cannot be written"):
        sending(sink, lambda transport: transport.send(letter(), SENDER, RECIPIENT, mark))
    assert sink.received == []


@pytest.mark.parametrize("pipelines", [False, True])
@pytest.mark.parametrize(
    ("at_rcpt", "after_data", "refusal", "code"),
    [
        ("450 4.2.0 mailbox busy", "250 OK", TemporaryRefusal, 450),
        ("550 5.1.1 no such user", "250 OK", PermanentRefusal, 550),
        ("250 OK", "451 4.7.1 greylisted", TemporaryRefusal, 451),
        ("250 OK", "554 5.7.1 looks like spam", PermanentRefusal, 554),
    ],
)
def test_a_refusal_says_whether_to_try_again_and_leaves_the_connection_usable(
    at_rcpt: str, after_data: str, refusal: type[TemporaryRefusal | PermanentRefusal], code: int, pipelines: bool
) -> None:
    """4xx and 5xx, for recipient or message, keep code and text; the next letter uses the same line."""
    sink = Sink(at_rcpt, after_data, pipelines)

    async def refused_then_accepted(transport: SmtpTransport) -> None:
        with pytest.raises(refusal) as refused:
            await send_one(transport)
        assert refused.value.code == code
        assert refused.value.text in at_rcpt + after_data
        sink.at_rcpt, sink.after_data = "250 OK", "250 OK"
        await send_one(transport)

    _, transport = sending(sink, refused_then_accepted)
    assert (len(sink.received), transport.opened) == (1, 1)


def test_a_message_over_the_servers_limit_is_refused_before_it_is_sent() -> None:
    """The size is told with the sender, so a server with a limit refuses at once, for good."""
    sink = Sink()
    with pytest.raises(PermanentRefusal, match="552"):
        sending(sink, send_one, server={"data_size_limit": 500})


@pytest.mark.parametrize("kind", [HangsUpAtData, HangsUpInMessage])
def test_a_line_lost_before_the_final_dot_is_safe_to_try_again(kind: type[SMTP]) -> None:
    """The server cannot have a message whose end was never sent."""
    marks: list[int] = []

    async def mark() -> None:
        marks.append(len(sink.received))

    sink = Sink()
    with pytest.raises(ConnectionFailed, match="message"):
        sending(sink, lambda transport: transport.send(letter(size=16_000_000), SENDER, RECIPIENT, mark), kind)
    assert (sink.received, marks) == ([], []), "a letter that cannot have arrived is not marked as being sent"


def test_a_line_lost_after_the_final_dot_is_ambiguous() -> None:
    """The server has the whole message and may deliver it, so no second letter goes by itself."""
    with pytest.raises(Ambiguous, match="Ask whether it arrived"):
        sending(Sink(after_data="hang up"), send_one)


def test_a_server_silent_after_the_final_dot_is_ambiguous() -> None:
    """A time-out while waiting for the reply leaves the same doubt as a lost line."""
    with pytest.raises(Ambiguous):
        sending(Sink(after_data="silence"), send_one, reply_timeout=0.2)


def test_a_server_that_is_not_there_is_safe_to_try_again() -> None:
    """A refused connection hands nothing over."""

    async def run() -> None:
        async with serving(Sink()) as port:
            pass
        with pytest.raises(ConnectionFailed, match=r"127\.0\.0\.1"):
            await SmtpTransport(settings(port)).send(letter(), SENDER, RECIPIENT)

    asyncio.run(run())


def test_letters_share_a_connection_up_to_its_limit() -> None:
    """Five letters at two a connection need three connections, and arrive once each."""
    sink = Sink()

    async def five(transport: SmtpTransport) -> None:
        for number in range(5):
            await transport.send(letter(f"circulation-{number}"), SENDER, RECIPIENT)

    _, transport = sending(sink, five, messages_per_connection=2)
    assert (transport.opened, len(sink.connections), len(sink.received)) == (3, 3, 5)


@pytest.mark.parametrize("pipelines", [False, True])
def test_letters_in_parallel_use_no_more_connections_than_allowed(pipelines: bool) -> None:
    """Ten letters at once over two connections all arrive, once each."""
    sink = Sink(pipelines=pipelines)

    async def ten(transport: SmtpTransport) -> None:
        letters = [letter(f"circulation-{number}") for number in range(10)]
        await asyncio.gather(*(transport.send(each, SENDER, RECIPIENT) for each in letters))

    _, transport = sending(sink, ten, connections=2)
    assert transport.opened == 2
    assert len({envelope.content for envelope in sink.received}) == len(sink.received) == 10


@pytest.mark.parametrize("pipelines", [False, True])
def test_a_connection_the_server_closed_meanwhile_is_replaced(pipelines: bool) -> None:
    """An idle line that went dead costs nothing: the letter goes over a new one, once."""
    sink = Sink(pipelines=pipelines)

    async def twice(transport: SmtpTransport) -> None:
        await send_one(transport)
        sink.connections[0].transport.abort()
        await send_one(transport)

    _, transport = sending(sink, twice)
    assert (transport.opened, len(sink.received)) == (2, 2)


def test_only_whole_lines_and_plain_addresses_are_sent() -> None:
    """Bare line feeds and decorated addresses are refused before a connection is opened."""
    sink = Sink()
    with pytest.raises(ValueError, match="CRLF"):
        sending(sink, lambda transport: transport.send(letter() + b"\n.\nMAIL\r\n", SENDER, RECIPIENT))
    with pytest.raises(ValueError, match="one plain address"):
        sending(sink, lambda transport: transport.send(letter(), SENDER, f"Jo <{RECIPIENT}>"))
    assert sink.connections == []


# Several commands in one go


class Scripted(asyncio.Protocol):
    """A server that pipelines and keeps to a script."""

    def __init__(self, *script: tuple[bytes, bytes]) -> None:
        """`script` gives, by turns, how what comes must end and what is said to it; nothing said is hanging up."""
        self.script = list(script)
        self.connections = 0
        self.heard = b""

    def __call__(self) -> Scripted:
        """Take a connection."""
        self.connections += 1
        self.heard = b""
        return self

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 mail.example.org\r\n")

    def data_received(self, data: bytes) -> None:
        self.heard += data
        if self.heard.startswith(b"EHLO"):
            self.heard = b""
            self.transport.write(b"250-mail.example.org\r\n250 PIPELINING\r\n")
        elif self.script and self.heard.endswith(self.script[0][0]):
            self.heard, (_, words) = b"", self.script.pop(0)
            if words:
                self.transport.write(words)
            else:
                self.transport.abort()


ENVELOPE, END = b"DATA\r\n", b"\r\n.\r\n"
TAKES_IT = b"250 OK\r\n250 OK\r\n354 go on\r\n"


def scripted(server: Scripted, act: Callable[[SmtpTransport], Awaitable[Any]], **others: Any) -> Any:
    """Let `act` use a transport of one connection to a scripted server."""

    async def run() -> Any:
        listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        transport = SmtpTransport(settings(port, **{"connections": 1, "timeout": 5} | others))
        try:
            return await act(transport)
        finally:
            await transport.close()
            listening.close()

    return asyncio.run(run())


def send_two(transport: SmtpTransport) -> Awaitable[Any]:
    """Send two letters at the same time, and return what became of each."""
    letters = [transport.send(letter(step), SENDER, RECIPIENT) for step in ("first", "second")]
    return asyncio.gather(*letters, return_exceptions=True)


def test_the_next_envelope_goes_right_behind_the_end_of_a_message() -> None:
    """A server that says nothing to a message before it has the next envelope gets both letters, over one line."""
    server = Scripted(
        (ENVELOPE, TAKES_IT),
        (ENVELOPE, b"250 first\r\n" + TAKES_IT),
        (END, b"250 second\r\n"),
        (b"QUIT\r\n", b"221 bye\r\n"),
    )
    first, second = scripted(server, send_two)
    assert (first.reply, second.reply) == ("250 first", "250 second")
    assert (server.connections, server.script) == (1, [])


def test_what_becomes_of_one_letter_says_nothing_of_the_next() -> None:
    """Refused after its end, a letter leaves the envelope behind it as it stands."""
    server = Scripted(
        (ENVELOPE, TAKES_IT),
        (ENVELOPE, b"554 spam\r\n" + TAKES_IT),
        (END, b"250 second\r\n"),
        (b"QUIT\r\n", b"221 bye\r\n"),
    )
    first, second = scripted(server, send_two)
    assert (type(first), second.reply) == (PermanentRefusal, "250 second")


@pytest.mark.parametrize("answer", [b"", b"  "], ids=["cut", "silent"])
def test_a_line_lost_after_an_end_leaves_one_question_only(answer: bytes) -> None:
    """Cut, or silent for too long: the letter whose end was sent is ambiguous, the one behind it takes another line."""
    server = Scripted(
        (ENVELOPE, TAKES_IT),
        (ENVELOPE, answer),
        (ENVELOPE, TAKES_IT),
        (END, b"250 second\r\n"),
        (b"QUIT\r\n", b"221 bye\r\n"),
    )
    first, second = scripted(server, send_two, reply_timeout=0.2)
    assert (type(first), second.reply, server.connections) == (Ambiguous, "250 second", 2)


@pytest.mark.parametrize("data", [b"354 go on\r\n", b"554 no valid recipients\r\n", b""])
def test_a_server_that_asks_for_a_message_to_nobody_gets_none(data: bytes) -> None:
    """Its refusal of the recipient stands, whatever it says to DATA; where it waits for a message the line is cut."""
    server = Scripted((ENVELOPE, b"250 OK\r\n550 unknown\r\n" + data), (b"RSET\r\n", b"250 OK\r\n"))
    with pytest.raises(PermanentRefusal, match="unknown"):
        scripted(server, send_one, timeout=0.2)
    assert server.connections == 1
    assert END not in server.heard


@pytest.mark.parametrize("nonsense", [b"what?\r\n", b"2" * 100_000])
def test_a_server_that_talks_nonsense_is_left(nonsense: bytes) -> None:
    """Nothing was handed over, and the letter may be tried again."""
    with pytest.raises(ConnectionFailed, match="no reply"):
        scripted(Scripted((ENVELOPE, nonsense)), send_one)


class Drips(Scripted):
    """A server whose last word never ends: a byte every so often, for as long as somebody listens."""

    def data_received(self, data: bytes) -> None:
        """Keep to the script, and drip at its end."""
        super().data_received(data)
        if not self.script:
            self.drip()

    def drip(self) -> None:
        """Say one byte more, and come again."""
        if not self.transport.is_closing():
            self.transport.write(b".")
            asyncio.get_running_loop().call_later(0.02, self.drip)


@pytest.mark.parametrize(
    ("script", "error"),
    [([(ENVELOPE, b"250 ")], ConnectionFailed), ([(ENVELOPE, TAKES_IT), (END, b"250 ")], Ambiguous)],
    ids=["before the dot", "after the dot"],
)
def test_a_reply_that_never_ends_holds_nobody_up(script: list[tuple[bytes, bytes]], error: type[Exception]) -> None:
    """What has come of a reply gives it no more time: the line is cut when the whole of it is overdue."""
    with pytest.raises(error, match="no whole reply"):
        scripted(Drips(*script), lambda mail: asyncio.wait_for(send_one(mail), 30), timeout=0.2, reply_timeout=0.2)


# Logging in


def knows_the_desk(server: Any, session: Any, envelope: Any, mechanism: str, auth_data: Any) -> AuthResult:
    """Accept one user name and password."""
    return AuthResult(
        success=(auth_data.login, auth_data.password) == (b"desk", b"right"),
        handled=False,
        auth_data=auth_data,
    )


@pytest.mark.parametrize("excluded", ["LOGIN", "PLAIN"])
def test_the_desk_logs_in_with_a_password(excluded: str) -> None:
    """PLAIN and LOGIN both work, whichever the server offers."""
    sink = Sink()
    server = {
        "authenticator": knows_the_desk,
        "auth_required": True,
        "auth_require_tls": False,
        "auth_exclude_mechanism": [excluded],
    }
    sending(sink, send_one, server=server, username="desk", password=SecretStr("right"))
    assert len(sink.received) == 1


def test_a_refused_login_is_the_settings_fault_and_not_the_letters() -> None:
    """A wrong password, or none where one is wanted, makes the letter wait; it is not refused for good."""
    sink = Sink()
    server = {"authenticator": knows_the_desk, "auth_required": True, "auth_require_tls": False}
    with pytest.raises(LoginRefused, match="does not admit 'desk'"):
        sending(sink, send_one, server=server, username="desk", password=SecretStr("wrong"))
    with pytest.raises(LoginRefused, match="wants a login"):
        sending(sink, send_one, server=server)


def test_an_access_token_is_kept_until_the_server_refuses_it(tmp_path: Path) -> None:
    """XOAUTH2: one token serves many connections; when it expires the command is asked for a new one."""
    sink = Sink()
    sink.good_token = "first"
    command = tmp_path / "token.py"

    async def until_expiry(transport: SmtpTransport) -> None:
        command.write_text("print('first')")
        await send_one(transport)
        await send_one(transport)
        sink.good_token = "second"
        command.write_text("print('second')")
        await send_one(transport)

    server = {"auth_required": True, "auth_require_tls": False}
    token_command = shlex.join([sys.executable, str(command)])
    sending(
        sink,
        until_expiry,
        server=server,
        username="desk",
        token_command=token_command,
        messages_per_connection=1,
    )
    assert sink.tokens == ["first", "first", "first", "second"]
    assert len(sink.received) == 3


def test_a_token_command_that_fails_is_told_with_its_own_complaint(tmp_path: Path) -> None:
    """The officer reads what the command said."""
    command = tmp_path / "token.py"
    command.write_text("raise SystemExit('no licence')")
    token_command = shlex.join([sys.executable, str(command)])
    with pytest.raises(LoginRefused, match=r"gave no token \(status 1\): no licence"):
        sending(Sink(), send_one, username="desk", token_command=token_command)


# Encryption


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, in one file."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path: Path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


def tls_context(certificate: Path) -> ssl.SSLContext:
    """The server's side of the encryption."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def test_a_letter_crosses_starttls(certificate: Path) -> None:
    """With STARTTLS demanded by the server, a large letter arrives whole."""
    sink = Sink()
    server = {"tls_context": tls_context(certificate), "require_starttls": True}
    large = letter(size=3_000_000)
    sending(
        sink,
        lambda transport: transport.send(large, SENDER, RECIPIENT),
        server=server,
        security="starttls",
        ca_file=certificate,
    )
    assert [envelope.content for envelope in sink.received] == [large]


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(certificate: Path) -> None:
    """Without the authority's file nothing is handed over."""
    sink = Sink()
    with pytest.raises(ConnectionFailed, match="certificate"):
        sending(sink, send_one, server={"tls_context": tls_context(certificate)}, security="starttls")
    assert sink.received == []


def test_a_server_without_starttls_gets_nothing_when_starttls_is_required() -> None:
    """A line that cannot be encrypted is not used."""
    sink = Sink()
    with pytest.raises(ConnectionFailed, match="STARTTLS"):
        sending(sink, send_one, security="starttls")
    assert sink.received == []


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"username": "desk", "password": "x", "token_command": "y"}, "both given"),
        ({"password": "x"}, "without a username"),
        ({"username": "desk"}, "without a password"),
        ({"username": "desk", "password": "x", "security": "plain"}, "in the clear"),
    ],
)
def test_a_login_that_cannot_work_is_refused_when_the_settings_are_read(given: dict[str, str], complaint: str) -> None:
    """Half a login, two logins, or a password sent in the clear are named at once."""
    with pytest.raises(ValidationError, match=complaint):
        SmtpSettings(host="mail.example.org", **given)  # type: ignore[arg-type]


def test_a_server_elsewhere_is_asked_for_starttls_and_one_here_is_not() -> None:
    """The security in force where none is chosen; the password does not show."""
    assert SmtpSettings(host="mail.example.org").protection == "starttls"
    assert SmtpSettings(host="localhost").protection == "plain"
    assert "secret" not in repr(SmtpSettings(host="::1", username="desk", password=SecretStr("secret")))


# The folder


def test_the_folder_keeps_each_letter_whole_and_in_order(tmp_path: Path) -> None:
    """Files are numbered as they were sent, hold the exact bytes, and the receipt names them."""
    folder = tmp_path / "letters"

    async def run() -> None:
        transport = FolderTransport(folder)
        for step in ("first", "second"):
            receipt = await transport.send(letter(step), SENDER, RECIPIENT)
            assert receipt.accepted_by == f"folder {folder}"
        await FolderTransport(folder).send(letter("third"), SENDER, RECIPIENT)

    asyncio.run(run())
    files = sorted(folder.glob("*.eml"))
    assert [file.name[:5] for file in files] == ["0001-", "0002-", "0003-"]
    assert [file.read_bytes() for file in files] == [letter("first"), letter("second"), letter("third")]
    assert not list(folder.rglob("being-written-*"))


def test_the_folder_takes_a_message_id_once(tmp_path: Path) -> None:
    """The same letter sent again, by this transport or another, is a defect that is named."""

    async def run() -> None:
        await FolderTransport(tmp_path).send(letter(), SENDER, RECIPIENT)
        with pytest.raises(SentTwice, match="already sent"):
            await FolderTransport(tmp_path).send(letter(size=10), SENDER, RECIPIENT)

    asyncio.run(run())
    assert len(list(tmp_path.glob("*.eml"))) == 1


def test_a_folder_that_cannot_be_written_is_safe_to_try_again(tmp_path: Path) -> None:
    """Where the folder should be there is a file: nothing was handed over."""
    (tmp_path / "letters").write_text("a file in the way")
    with pytest.raises(ConnectionFailed, match="cannot be written"):
        asyncio.run(FolderTransport(tmp_path / "letters").send(letter(), SENDER, RECIPIENT))
