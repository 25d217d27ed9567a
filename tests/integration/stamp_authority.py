"""A time-stamping authority on loopback: `openssl ts` behind a tiny web server, with certificates of its own."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIG = """\
[tsa]
default_tsa = tsa1
[tsa1]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
certs = {folder}/beside.pem
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
[req]
distinguished_name = nobody
[nobody]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[stamps]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
"""

Answer = Callable[[bytes], bytes]


def openssl(*args: str | Path) -> str:
    """Run openssl and return what it said. Raises CalledProcessError where it refuses."""
    done = subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True, text=True)
    return done.stdout + done.stderr


class StampAuthority:
    """One authority in a folder: `ca.pem` is what its stamps hold under."""

    def __init__(self, folder: Path) -> None:
        """Make its certificates in `folder`."""
        folder.mkdir()
        self.folder, self.ca, self.queries = folder, folder / "ca.pem", 0
        self.config = folder / "openssl.cnf"
        self.config.write_text(CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        common = ("-newkey", "rsa:2048", "-nodes", "-config", self.config)
        openssl("req", "-x509", *common, "-keyout", folder / "ca.key", "-out", self.ca, "-days", "9000",
                "-subj", "/CN=Example Root", "-extensions", "authority")  # fmt: skip
        openssl("req", *common, "-keyout", folder / "tsa.key", "-out", folder / "tsa.csr", "-subj", "/CN=Example")
        openssl("x509", "-req", "-in", folder / "tsa.csr", "-CA", self.ca, "-CAkey", folder / "ca.key",
                "-CAcreateserial", "-days", "9000", "-extfile", self.config, "-extensions", "stamps",
                "-out", folder / "tsa.pem")  # fmt: skip
        self.beside()

    def beside(self, *certificates: Path) -> None:
        """Let answers hold these certificates beside that of the signer, as many authorities do, in this order."""
        (self.folder / "beside.pem").write_bytes(b"".join(each.read_bytes() for each in (self.ca, *certificates)))

    def answer(self, query: bytes) -> bytes:
        """Return the authority's answer to a request, both in DER."""
        self.queries += 1
        asked, told = self.folder / "query.tsq", self.folder / "answer.tsr"
        asked.write_bytes(query)
        openssl("ts", "-reply", "-config", self.config, "-section", "tsa1", "-queryfile", asked, "-out", told)
        return told.read_bytes()

    def verify(self, file: Path, answer: Path) -> str:
        """Let openssl alone check an answer over a file, as an auditor would."""
        return openssl("ts", "-verify", "-data", file, "-in", answer, "-CAfile", self.ca)


@contextmanager
def served(answer: Answer, status: int = 200) -> Iterator[str]:
    """Serve answers on loopback and give the address; `answer` makes one from each request."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            told = answer(query)
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
