"""One call, sent at most once, and told as it was (SEC-01, EXE-03, attack case 93)."""

import datetime
import ipaddress
import logging
import socket
import ssl
import threading
import time
import traceback

import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crm_connectors.adapters import guarded_wire
from crm_connectors.adapters.http_client import Answer, HttpClient
from crm_connectors.port import AmbiguousError, AuthError, ConnectorError, LimitedError, TransientError
from crm_connectors.wiring import OpenGate
from tests.crm_connectors.adapters.servers import answering, read_request, reply, serving

CANARY = "canary-3141592653"


@pytest.fixture(autouse=True)
def private(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1", "localhost"]


def client(server, **changes):
    return HttpClient(base_url=server.url, **({"gate": OpenGate()} | changes))


def failure(call_of, **how):
    with pytest.raises(ConnectorError) as caught:
        call_of.call("POST", "/x", json={}, **how)
    return type(caught.value)


def test_a_call_brings_back_status_headers_and_body():
    with serving(answering(reply(b'{"id": 7}', status="201 Created", headers="X-Left: 3\r\n"))) as server:
        answer = client(server).call("POST", "/objects", json={"a": 1}, is_write=True)
    assert (answer.status, answer.headers["x-left"], answer.json()) == (201, "3", {"id": 7})


def test_path_query_headers_and_form_arrive():
    seen = []

    def serve(connection):
        seen.append(read_request(connection))
        connection.sendall(reply())

    with serving(serve) as server:
        api = HttpClient(base_url=f"{server.url}/base/", gate=OpenGate(), headers={"Authorization": "Bearer x"})
        api.call("POST", "/token", query={"limit": 5, "q": "a b&c"}, form={"grant": "x&y"}, headers={"Prefer": "z"})
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /base/token?limit=5&q=a+b%26c HTTP/1.1\r\n")
    assert b"Authorization: Bearer x" in head
    assert b"Prefer: z" in head
    assert b"Accept-Encoding: identity" in head
    assert body == b"grant=x%26y"


def test_the_correlation_id_is_passed_on():
    """EXE-06."""
    seen = []

    def serve(connection):
        seen.append(read_request(connection))
        connection.sendall(reply())

    with serving(serve) as server, structlog.contextvars.bound_contextvars(correlation_id="story-42"):
        client(server).call("GET", "/")
    assert b"X-Correlation-Id: story-42" in seen[0]


def test_connections_are_kept_between_calls_and_clients():
    with serving(answering(reply())) as server:
        for _ in range(5):
            client(server).call("GET", "/")
        assert server.connections == 1


def test_a_connection_that_the_other_side_closed_is_not_used_again():
    def serve(connection):
        read_request(connection)
        connection.sendall(reply())

    with serving(serve) as server:
        for _ in range(3):
            assert client(server).call("POST", "/", json={}, is_write=True).status == 200
            server.wait_until_ended()
        assert server.connections == 3


def test_a_redirect_is_an_answer():
    with serving(answering(reply(status="307 Temporary Redirect", headers="Location: /elsewhere\r\n"))) as server:
        assert client(server).call("GET", "/").status == 307
        assert server.connections == 1


def test_what_was_never_sent_is_transient_for_a_write_too():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    api = HttpClient(base_url=f"http://127.0.0.1:{port}", gate=OpenGate())
    assert failure(api, is_write=True) is TransientError


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1", "https://10.0.0.1", "https://nowhere.invalid", "https://169.254.169.254"]
)
def test_what_may_not_or_cannot_be_reached_is_transient(url):
    with pytest.raises(TransientError):
        HttpClient(base_url=url, gate=OpenGate()).call("POST", "/", json={}, is_write=True)


def hang_up(connection):
    read_request(connection)


def half_an_answer(connection):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")


def half_a_chunk(connection):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{}")


def nonsense(connection):
    read_request(connection)
    connection.sendall(b"SMTP what\r\n\r\n")


def silence(connection):
    read_request(connection)
    time.sleep(2)


@pytest.mark.parametrize("serve", [hang_up, half_an_answer, half_a_chunk, nonsense, silence])
def test_a_write_without_a_whole_answer_is_ambiguous_and_a_read_is_not(serve):
    with serving(serve) as server:
        api = client(server, read_seconds=0.2)
        assert failure(api, is_write=True) is AmbiguousError
        assert failure(api, is_write=False) is TransientError


def drip_body(connection):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(200):
        connection.sendall(b" ")
        time.sleep(0.02)


def drip_headers(connection):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for turn in range(200):
        connection.sendall(f"X-{turn}: 1\r\n".encode())
        time.sleep(0.02)


def drip_without_end(connection):
    """No length is told: the end of the connection would be the end of the body."""
    read_request(connection)
    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
    for _ in range(200):
        connection.sendall(b" ")
        time.sleep(0.02)


@pytest.mark.parametrize("serve", [drip_body, drip_headers, drip_without_end])
def test_an_answer_that_drips_ends_with_the_total_time(serve):
    """Attack case 93: each byte comes in time, and the whole never would."""
    with serving(serve) as server:
        assert failure(client(server, total_seconds=0.3), is_write=True) is AmbiguousError


def test_an_answer_that_is_too_long_is_not_read_to_its_end():
    with serving(answering(reply(b"x" * 5_000))) as server:
        assert failure(client(server, answer_bytes=4_000), is_write=True) is AmbiguousError
        assert client(server, answer_bytes=5_000).call("GET", "/").body == b"x" * 5_000


def test_what_an_answer_means_is_the_vendors_word():
    def raise_for(answer, *, is_write):
        if answer.status == 429:
            raise LimitedError("slow down", retry_after_seconds=float(answer.headers["Retry-After"]))

    answer = reply(status="429 Too Many", headers="Retry-After: 9\r\n")
    with serving(answering(answer)) as server, pytest.raises(LimitedError) as caught:
        client(server, raise_for=raise_for).call("GET", "/")
    assert caught.value.retry_after_seconds == 9


class NotingGate(OpenGate):
    def __init__(self):
        self.seen = []

    def passing(self):
        return self

    def __enter__(self):
        self.seen.append("in")

    def __exit__(self, kind, *_):
        self.seen.append(kind.__name__ if kind else "good")


def test_the_gate_hears_of_every_outcome():
    gate = NotingGate()

    def raise_for(answer, *, is_write):
        if answer.status == 401:
            raise AuthError("who are you")

    with serving(answering(reply(), reply(status="401 Unauthorized"))) as server:
        api = client(server, gate=gate, raise_for=raise_for)
        api.call("GET", "/")
        with pytest.raises(AuthError):
            api.call("GET", "/")
    with serving(hang_up) as server:
        assert failure(client(server, gate=gate), is_write=True) is AmbiguousError
    assert gate.seen == ["in", "good", "in", "AuthError", "in", "AmbiguousError"]


def test_what_the_gate_holds_back_is_not_sent():
    class Shut(OpenGate):
        def passing(self):
            raise LimitedError("later")

    with serving(answering(reply())) as server:
        with pytest.raises(LimitedError):
            client(server, gate=Shut()).call("POST", "/", json={}, is_write=True)
        assert server.connections == 0


def test_nothing_of_a_call_is_logged_or_told(caplog):
    """SEC-01: a header, a body and an answer appear in no log, error or representation."""
    caplog.set_level(logging.DEBUG)
    with serving(answering(reply(CANARY.encode(), headers=f"Set-Cookie: {CANARY}\r\n"))) as server:
        api = client(server, headers={"Authorization": f"Bearer {CANARY}"})
        answer = api.call("POST", "/", json={"key": CANARY}, is_write=True)
        assert answer.body == CANARY.encode()
    with serving(hang_up) as server, pytest.raises(AmbiguousError) as caught:
        client(server, headers={"Authorization": CANARY}).call("POST", "/", form={"a": CANARY}, is_write=True)
    told = f"{answer!r}{api!r}{caught.value!r}{caught.value.__cause__!r}{caplog.text}"
    assert CANARY not in told


def test_an_empty_answer_is_no_json():
    assert Answer(204, None, b"").json() is None


class TestTls:
    @pytest.fixture
    def secure(self, tmp_path, monkeypatch):
        """Serves `serve` under TLS at 127.0.0.1, trusted by the installation."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        file = tmp_path / "server.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        guarded_wire.trust.cache_clear()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)

        def under_tls(serve):
            def run(connection):
                with context.wrap_socket(connection, server_side=True) as wrapped:
                    serve(wrapped)

            return run

        yield under_tls
        guarded_wire.trust.cache_clear()

    def test_a_certificate_is_verified_for_the_name(self, secure):
        with serving(secure(answering(reply()))) as server:
            good = HttpClient(base_url=f"https://127.0.0.1:{server.port}", gate=OpenGate())
            assert good.call("GET", "/").status == 200
            other_name = HttpClient(base_url=f"https://localhost:{server.port}", gate=OpenGate())
            assert failure(other_name, is_write=True) is TransientError

    def test_a_dripping_answer_ends_under_tls_too(self, secure):
        with serving(secure(drip_body)) as server:
            api = HttpClient(base_url=f"https://127.0.0.1:{server.port}", gate=OpenGate(), total_seconds=0.5)
            assert failure(api, is_write=True) is AmbiguousError

    def test_a_handshake_that_never_ends_is_cut_and_nothing_was_sent(self):
        def serve(connection):
            for _ in range(100):
                connection.recv(1)
                time.sleep(0.05)

        with serving(serve) as server:
            api = HttpClient(
                base_url=f"https://127.0.0.1:{server.port}", gate=OpenGate(), connect_seconds=30, total_seconds=0.3
            )
            assert failure(api, is_write=True) is TransientError


def test_threads_do_not_share_a_connection():
    barrier = threading.Barrier(4)

    def serve(connection):
        while read_request(connection):
            barrier.wait(5)
            connection.sendall(reply())

    with serving(serve) as server:
        results = []
        threads = [
            threading.Thread(target=lambda: results.append(client(server).call("GET", "/").status)) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert results == [200] * 4


@pytest.mark.parametrize("sign", ["\n", "\r\nX-Evil: 1", "\0", "\u20ac"])
@pytest.mark.parametrize("is_write", [True, False])
def test_a_header_that_cannot_be_sent_is_not_and_is_told_without_its_value(sign, is_write, caplog):
    """IDN-05: a token with a line break ends in no log, and nothing has left."""
    caplog.set_level(logging.DEBUG)
    with serving(answering(reply())) as server:
        api = client(server, headers={"Authorization": f"Bearer {CANARY}{sign}{CANARY}"})
        with pytest.raises(TransientError) as caught:
            api.call("POST", "/", json={}, is_write=is_write)
    told = "".join(traceback.format_exception(caught.value))
    assert CANARY not in told + caplog.text
    assert server.connections == 0
