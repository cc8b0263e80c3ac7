"""What stands between the suite and a server in the field: proxies, TLS with certificates of our own."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import select
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.miniatures import Conversation, Line

ABSOLUTE = re.compile(rb"([A-Z]+) http://([^/ ]+)([^ ]*) ")


@dataclass(frozen=True)
class Authority:
    """A certificate authority of our own, and a certificate for 127.0.0.1 and localhost that it issued."""

    ca: Path
    cert: Path
    key: Path
    encrypted_key: Path

    def secured(self, talk: Conversation) -> Conversation:
        """Hold a conversation over TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)

        def over_tls(line: Line) -> None:
            with suppress(ssl.SSLError):
                line.sock = context.wrap_socket(line.sock, server_side=True)
                talk(line)

        return over_tls


def authority(folder: Path) -> Authority:
    """Make an authority, whose files are below the folder."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example CA")])
    now = dt.datetime.now(dt.UTC)

    def certificate(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(ca_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
        )

    basic = x509.BasicConstraints(ca=True, path_length=None)
    ca = certificate(ca_name, ca_key.public_key()).add_extension(basic, critical=True).sign(ca_key, hashes.SHA256())
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.DNSName("pbx.example.com"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    issued = certificate(subject, key.public_key()).add_extension(names, critical=False).sign(ca_key, hashes.SHA256())

    def private(coding: serialization.KeySerializationEncryption) -> bytes:
        return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, coding)

    files = {
        "ca.pem": ca.public_bytes(serialization.Encoding.PEM),
        "cert.pem": issued.public_bytes(serialization.Encoding.PEM),
        "key.pem": private(serialization.NoEncryption()),
        "encrypted.pem": private(serialization.BestAvailableEncryption(b"a passphrase")),
    }
    for name, octets in files.items():
        (folder / name).write_bytes(octets)
    return Authority(*(folder / name for name in files))


def proxy(*upstream: tuple[str, int]) -> Conversation:
    """Return a proxy that opens tunnels and passes requests on; to `upstream`, whatever host it is asked for."""

    def talk(line: Line) -> None:
        head = line.request()
        method, target = head.split(b" ", 2)[:2]
        if method == b"CONNECT":
            host, _, port = target.decode().rpartition(":")
            with socket.create_connection(upstream[0] if upstream else (host.strip("[]"), int(port))) as server:
                line.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
                pump(line.sock, server)
            return
        found = ABSOLUTE.match(head)
        if found is None:
            line.send(b"HTTP/1.1 400 Not for a proxy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        host, _, port = found[2].decode().partition(":")
        with socket.create_connection(upstream[0] if upstream else (host, int(port or 80))) as server:
            server.sendall(found[1] + b" " + found[3] + b" " + head[found.end() :])
            pump(line.sock, server)

    return talk


def pump(one: socket.socket, other: socket.socket) -> None:
    """Carry octets both ways until either side has ended."""
    while ready := select.select([one, other], [], [], 10)[0]:
        for sock in ready:
            if not (octets := sock.recv(65536)):
                return
            (other if sock is one else one).sendall(octets)


def refusing(status: str, *fields: str) -> Conversation:
    """Return a proxy that answers every request, for a tunnel or not, with this status."""
    head = "\r\n".join([f"HTTP/1.1 {status}", "Content-Length: 0", *fields, "", ""]).encode()

    def talk(line: Line) -> None:
        while True:
            line.request()
            line.send(head)

    return talk


def dripping(head: bytes) -> Conversation:
    """Return a proxy that answers octet by octet."""

    def talk(line: Line) -> None:
        line.request()
        line.drip(head)

    return talk


def address(url: str) -> tuple[str, int]:
    """Return host and port of a miniature."""
    host, _, port = url.removeprefix("http://").partition(":")
    return host, int(port)


def raising(talk: Callable[[], object]) -> str:
    """Return what the exception says that ends a call."""
    try:
        talk()
    except Exception as problem:  # noqa: BLE001 - whichever it is, its text is looked at
        return f"{type(problem).__name__}: {problem!r} {problem}"
    return ""
