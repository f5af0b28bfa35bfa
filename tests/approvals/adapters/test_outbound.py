"""Where a webhook may go: the internet over HTTPS, and nowhere else (APR-13)."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from approvals.adapters import outbound
from approvals.adapters.outbound import AddressRefusedError, NotDeliveredError, ensure_address, is_public, post
from approvals.adapters.sealing import SealBrokenError, seal, unseal


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",
        "ftp://hooks.example.com/x",
        "https://",
        "https:///x",
        "//hooks.example.com/x",
        "hooks.example.com",
        "https://user:secret@hooks.example.com/x",
        "https://hooks.example.com:99999/x",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nHost: inside",
        "https://hööks.example.com/",
        "javascript:alert(1)",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_on_the_internet_is_refused(url):
    with pytest.raises(AddressRefusedError):
        ensure_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://10.1.2.3/",
        "https://192.168.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
        "https://2130706433/",
        "https://0x7f.1/",
    ],
)
def test_nothing_goes_into_our_own_network(url):
    with pytest.raises((AddressRefusedError, NotDeliveredError)):
        post(url, b"{}", {})


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("::ffff:10.0.0.1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_public_is_what_the_internet_at_large_reaches(address, expected):
    assert is_public(address) is expected


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    """A name that changes its mind gains nothing: the address that was judged is the one connected to."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(AddressRefusedError, match="private network"):
        post("https://hooks.example.com/", b"{}", {})


class Redirecting(BaseHTTPRequestHandler):
    seen: list[str] = []

    def do_POST(self):
        self.seen.append(self.path)
        self.send_response(307)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_a_redirect_is_an_answer_and_not_followed(settings):
    server = HTTPServer(("127.0.0.1", 0), Redirecting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.WEBHOOK_PRIVATE_HOSTS = [f"127.0.0.1:{server.server_port}"]
    try:
        assert post(f"http://127.0.0.1:{server.server_port}/first", b"{}", {}) == 307
    finally:
        server.shutdown()
        server.server_close()
    assert Redirecting.seen == ["/first"]


def test_an_exempt_port_exempts_no_other(settings):
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1:8443"]
    with pytest.raises(AddressRefusedError):
        ensure_address("http://127.0.0.1:8444/")


def test_an_answer_that_never_ends_is_cut(settings, monkeypatch):
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    settings.WEBHOOK_PRIVATE_HOSTS = [f"127.0.0.1:{port}"]
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 0.3)
    try:
        with pytest.raises(NotDeliveredError):
            post(f"http://127.0.0.1:{port}/", b"{}", {})
    finally:
        listener.close()


def test_a_secret_is_read_again_under_an_earlier_key_and_under_no_other(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a" * 50, []
    sealed = seal(b"quiet")
    assert "quiet" not in sealed
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "b" * 50, ["a" * 50]
    assert unseal(sealed) == b"quiet"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(SealBrokenError):
        unseal(sealed)
