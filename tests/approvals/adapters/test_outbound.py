"""Where a webhook may go: the internet over HTTPS, and nowhere else (APR-13)."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from approvals.adapters import outbound
from approvals.adapters.outbound import AddressRefusedError, NotDeliveredError, post


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
    settings.PRIVATE_HOSTS = [f"127.0.0.1:{server.server_port}"]
    try:
        assert post(f"http://127.0.0.1:{server.server_port}/first", b"{}", {}) == 307
    finally:
        server.shutdown()
        server.server_close()
    assert Redirecting.seen == ["/first"]


def test_an_answer_that_never_ends_is_cut(settings, monkeypatch):
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    settings.PRIVATE_HOSTS = [f"127.0.0.1:{port}"]
    monkeypatch.setattr(outbound, "LIMITS", outbound.LIMITS._replace(total_seconds=0.3))
    try:
        with pytest.raises(NotDeliveredError):
            post(f"http://127.0.0.1:{port}/", b"{}", {})
    finally:
        listener.close()
