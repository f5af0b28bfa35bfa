"""A batch over TCP or TLS, counted as taken only when all of it is known to have arrived (AUD-05).

We say that nothing more comes and wait for the other side to close. A side that closed without reading looks the same,
so every byte must be acknowledged by its kernel too, and over TLS it must say goodbye (close_notify). More is never
known.
Sources: tcp(7), SIOCOUTQ; RFC 6587 §3.4.1; RFC 5425 §4.4.
"""

import fcntl
import os
import socket
import ssl
import struct
import termios
import time

TOTAL_SECONDS = 20.0
"""From the connection to the last acknowledgement, whatever drips in between; well below the lease of a worker."""
CONNECT_SECONDS = 5.0
ACKNOWLEDGED_WITHIN_SECONDS = 2.0
MOST_ANSWER_BYTES = 65_536
_POLL_SECONDS = 0.01
_CHUNK_BYTES = 16_384


def send_stream(target: tuple[str, int], content: bytes, *, tls_name: str | None) -> None:
    """Connect, send, wait. `tls_name`: the name that the certificate must bear, None for plain TCP.

    Raises OSError (ssl.SSLError and TimeoutError among them): nothing is known to have been taken.
    """
    ends_at = time.monotonic() + TOTAL_SECONDS
    with socket.create_connection(target, timeout=min(CONNECT_SECONDS, TOTAL_SECONDS)) as plain:
        plain.settimeout(_left(ends_at))
        if tls_name is None:
            _send_all(plain, content, ends_at)
            plain.shutdown(socket.SHUT_WR)
            _wait_for_close(plain, ends_at)
            _ensure_acknowledged(plain, ends_at)
            return
        with ssl.create_default_context().wrap_socket(plain, server_hostname=tls_name) as wrapped:
            _send_all(wrapped, content, ends_at)
            wrapped.settimeout(_left(ends_at))
            wrapped.unwrap()  # raises where the connection ends without a goodbye
            _ensure_acknowledged(wrapped, ends_at)


def _left(ends_at: float) -> float:
    """Seconds. Raises TimeoutError when none is left."""
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _send_all(stream: socket.socket, content: bytes, ends_at: float) -> None:
    _ensure_open(stream)
    view = memoryview(content)
    while view:
        stream.settimeout(_left(ends_at))
        view = view[stream.send(view[:_CHUNK_BYTES]) :]


def _ensure_open(stream: socket.socket) -> None:
    """Who closed before we said anything reads nothing of it. A greeting is passed over."""
    stream.settimeout(0)
    try:
        if not stream.recv(_CHUNK_BYTES):
            raise ConnectionResetError("closed before anything was sent")
    except (BlockingIOError, ssl.SSLWantReadError):
        return


def _wait_for_close(plain: socket.socket, ends_at: float) -> None:
    count = 0
    while True:
        plain.settimeout(_left(ends_at))
        piece = plain.recv(4_096)
        if not piece:
            return
        count += len(piece)
        if count > MOST_ANSWER_BYTES:
            raise ConnectionError("it talks and does not close")


def _ensure_acknowledged(stream: socket.socket, ends_at: float) -> None:
    """INVARIANT: a byte that the other side's kernel has not acknowledged is not counted as taken.

    The queue is read before the error: a reset leaves its error behind, and bytes that it threw away stay in the count.
    """
    ends_at = min(ends_at, time.monotonic() + ACKNOWLEDGED_WITHIN_SECONDS)
    while True:
        (unacknowledged,) = struct.unpack("i", fcntl.ioctl(stream.fileno(), termios.TIOCOUTQ, b"\0" * 4))
        error = stream.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error))
        if not unacknowledged:
            return
        if time.monotonic() >= ends_at:
            raise ConnectionError(f"closed with {unacknowledged} bytes not taken")
        time.sleep(_POLL_SECONDS)
