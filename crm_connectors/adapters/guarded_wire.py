"""HTTP over a connection that was judged: bounded in time and in size, and sure of whether anything was sent.

`urllib3` speaks HTTP and TLS; where it connects to is what `address_guard` found. Lies beneath `http_client` and
beneath the webhooks of `approvals`. Source: urllib3 2, "urllib3.connection".
"""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from http.client import HTTPException
from typing import NamedTuple
from urllib.parse import SplitResult

from urllib3 import HTTPHeaderDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from crm_connectors.adapters.address_guard import PORTS, AddressRefusedError, find_addresses

BROKEN = (OSError, HTTPException, HTTPError, AddressRefusedError)
"""Whatever a wire raises. Whether anything was sent is asked of the wire, never read out of the error."""

_CHUNK_BYTES = 65_536


class OverlongError(HTTPError):
    """The answer is longer than it may be; the rest of it was not read."""


class HeaderRefusedError(HTTPError):
    """A header that cannot be put on the wire. Never repeats its value: it may be a credential."""


class Limits(NamedTuple):
    """`total_seconds` ends a call whose bytes drip in; a name is looked up before that clock starts."""

    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    total_seconds: float = 60.0
    answer_bytes: int = 32 * 1024 * 1024


class WireAnswer(NamedTuple):
    """Status, headers (names in any case) and the whole body, as it came: nothing was unpacked."""

    status: int
    headers: HTTPHeaderDict
    body: bytes


class Wire:
    """One connection to one origin, for one thread at a time.

    `has_sent`: whether a byte of the present call may have left. While it is False, provably none has.
    """

    def __init__(self, origin: SplitResult, limits: Limits) -> None:
        self.has_sent = False
        self.limits = limits
        self._connection = _connection(origin)

    @property
    def is_open(self) -> bool:
        """Whether another call can go over it: it stands, and the other side has not hung up."""
        return bool(self._connection.is_connected)

    def exchange(
        self, method: str, target: str, *, body: bytes | None, headers: Mapping[str, str], has_answer_body: bool = True
    ) -> WireAnswer:
        """Send one request and read the whole answer. Redirects are answers. Raises one of BROKEN; then close it."""
        self.has_sent = False
        _ensure_headers(headers)
        with self._cut_in_time():
            if not self._connection.is_connected:
                self._connection.timeout = self.limits.connect_seconds
                self._connection.connect()
            self._connection.timeout = self.limits.read_seconds
            self._connection.sock.settimeout(self.limits.read_seconds)
            self.has_sent = True
            self._connection.request(method, target, body, dict(headers), preload_content=False, decode_content=False)
            response = self._connection.getresponse()
            return WireAnswer(response.status, response.headers, self._read(response) if has_answer_body else b"")

    def close(self) -> None:
        """Hang up. What was not read is gone."""
        self._connection.close()

    def _read(self, response: HTTPResponse) -> bytes:
        chunks, length = [], 0
        for chunk in response.stream(_CHUNK_BYTES, decode_content=False):
            length += len(chunk)
            if length > self.limits.answer_bytes:
                raise OverlongError(f"the answer is longer than {self.limits.answer_bytes} bytes")
            chunks.append(chunk)
        return b"".join(chunks)

    @contextmanager
    def _cut_in_time(self) -> Iterator[None]:
        """An answer that drips ends too: the socket is shut under it. An answer that was cut never passes for whole."""
        watch = threading.Timer(self.limits.total_seconds, self._connection.cut)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()
        if self._connection.was_cut:
            raise TimeoutError(f"no whole answer within {self.limits.total_seconds:g} seconds")


def _ensure_headers(headers: Mapping[str, str]) -> None:
    """Before a byte is sent. The library's own complaint would quote the value, in its words and as an attribute."""
    for name, value in headers.items():
        if max(value, default="") > "\xff" or any(sign in value for sign in "\r\n\0"):
            raise HeaderRefusedError(f"the header `{name}` holds a line break or a foreign sign")


class _Judged(HTTPConnection):
    """Connects to the address that was judged, and can be cut from another thread, even within a TLS handshake."""

    was_cut = False
    _twin: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        wire = _connect(find_addresses(self.host, self.port), self.timeout)  # type: ignore[arg-type]
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._twin = wire.dup()  # TLS takes the socket itself away; a shutdown of its twin ends both
        if self.was_cut:
            self.cut()
        return wire

    def cut(self) -> None:
        self.was_cut = True
        if self._twin is not None:
            with suppress(OSError):
                self._twin.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        super().close()
        if self._twin is not None:
            self._twin.close()
            self._twin = None


def _connect(addresses: list[tuple[str, int]], seconds: float) -> socket.socket:
    """A socket to the first of these addresses that answers; the failure of the last if none does."""
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection(address, seconds)
    return socket.create_connection(addresses[-1], seconds)


class _JudgedTls(_Judged, HTTPSConnection):
    """The same under TLS: the certificate must be good for the host's name."""


@cache
def trust() -> ssl.SSLContext:
    """The machine's trusted certificates, read once. SSL_CERT_FILE names others."""
    return ssl.create_default_context()


def _connection(origin: SplitResult) -> _Judged:
    host, port = origin.hostname or "", origin.port or PORTS[origin.scheme]
    if origin.scheme == "https":
        return _JudgedTls(host, port, ssl_context=trust())
    return _Judged(host, port)
