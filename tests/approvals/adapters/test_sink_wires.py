"""What counts as taken by a sink, and for how long one may hold its worker (AUD-05)."""

import fcntl
import ipaddress
import json
import os
import socket
import ssl
import sys
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from approvals.adapters import sink_stdout, sink_stream
from approvals.adapters.ledger_sinks import SinkUnavailableError, send_batch
from approvals.domain.sink_event import SinkEvent

AT = datetime(2026, 3, 1, tzinfo=UTC)
EVENTS = [SinkEvent(i, b"\1" * 32, f"id{i}", "request.sent", AT, b'{"a":"%s"}' % (b"x" * 3_000)) for i in range(100)]


@pytest.fixture(autouse=True)
def short(settings, monkeypatch):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(sink_stream, "TOTAL_SECONDS", 1.0)
    monkeypatch.setattr(sink_stream, "ACKNOWLEDGED_WITHIN_SECONDS", 0.2)
    monkeypatch.setattr(sink_stdout, "TOTAL_SECONDS", 0.2)


@contextmanager
def serving(handle, *, window=None):
    """A receiver of one connection; `is_over` tells it that the test is."""
    is_over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        if window:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)

        def run():
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.settimeout(5)
                handle(connection, is_over)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            is_over.set()
            thread.join(5)


def read_all(connection):
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_a_receiver_that_closes_its_side_and_takes_nothing_has_not_taken_it():
    """Its FIN is there, the bytes are still in our own kernel."""

    def handle(connection, is_over):
        connection.recv(1, socket.MSG_PEEK)
        connection.shutdown(socket.SHUT_WR)
        is_over.wait(5)

    with serving(handle, window=4_096) as address, pytest.raises(SinkUnavailableError, match="not taken"):
        send_batch("syslog-tcp", address, "acme/out", EVENTS)


def test_a_receiver_that_closed_before_anything_was_sent_has_taken_nothing():
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as ours:
        theirs, _ = listener.accept()
        with theirs:
            theirs.shutdown(socket.SHUT_WR)
            ours.recv(1)  # its end is here by now
            with pytest.raises(ConnectionResetError, match="before anything was sent"):
                sink_stream._ensure_open(ours)


def test_one_that_drips_does_not_hold_its_worker():
    """The deadline is of the whole; each byte comes well within the time of one read."""

    def handle(connection, is_over):
        for _ in range(30):
            connection.sendall(b".")
            if is_over.wait(0.1):
                return
        read_all(connection)

    with serving(handle) as address, pytest.raises(SinkUnavailableError):
        send_batch("syslog-tcp", address, "acme/out", EVENTS[:1])


def test_one_that_talks_on_is_not_read_to_its_end():
    def handle(connection, _):
        read_all(connection)
        connection.sendall(b"." * 300_000)

    with serving(handle) as address, pytest.raises(SinkUnavailableError, match="talks"):
        send_batch("syslog-tcp", address, "acme/out", EVENTS[:1])


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """A receiver's context, its certificate trusted for 127.0.0.1."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now, host = datetime.now(UTC), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([host]), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (tmp_path / "cert").write_bytes(certificate.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "key").write_bytes(secret)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    return context


@pytest.mark.parametrize("says_goodbye", [True, False])
def test_over_tls_only_a_goodbye_ends_it(tls, says_goodbye):
    """RFC 5425 §4.4: without it anybody on the way could have ended the connection."""
    received = []

    def handle(connection, _):
        with tls.wrap_socket(connection, server_side=True) as wrapped:
            received.append(read_all(wrapped))
            if says_goodbye:
                wrapped.unwrap()

    with serving(handle) as address:
        if says_goodbye:
            send_batch("syslog-tls", address, "acme/out", EVENTS[:3])
        else:
            with pytest.raises(SinkUnavailableError, match="goodbye"):
                send_batch("syslog-tls", address, "acme/out", EVENTS[:3])
    assert received[0].count(b"x" * 3_000) == 3


@pytest.mark.parametrize("is_blocking", [True, False])
def test_standard_output_that_nobody_reads_is_told_and_what_was_torn_is_closed(monkeypatch, is_blocking):
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 65_536)
    os.set_blocking(writer, is_blocking)
    with os.fdopen(writer, "w") as out, os.fdopen(reader, "rb"):
        monkeypatch.setattr(sys, "__stdout__", out)
        with pytest.raises(SinkUnavailableError, match="nobody reads"):
            send_batch("stdout", "", "acme/out", EVENTS)
        torn = os.read(reader, 65_536)
        send_batch("stdout", "", "acme/out", EVENTS[:10])
        rest = os.read(reader, 65_536)
    head, _, whole = rest.partition(b"\n")
    assert not torn.endswith(b"\n")
    assert head == b""
    assert [json.loads(line)["leaf_index"] for line in whole.splitlines()] == list(range(10))
