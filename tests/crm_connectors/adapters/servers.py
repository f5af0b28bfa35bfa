"""Servers on loopback that answer as a script says: what a connector's HTTP meets in the wild."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class ScriptedServer:
    """Serves each connection in a thread of its own. Counts connections."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.connections = 0
        self._ended = threading.Semaphore(0)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._listener.close()

    def wait_until_ended(self) -> None:
        """Until one more connection was closed from this side."""
        assert self._ended.acquire(timeout=10)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._run, args=[connection], daemon=True).start()

    def _run(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self._serve(connection)
        self._ended.release()


def read_request(connection: socket.socket) -> bytes:
    """One request, headers and body; empty when the other side hung up."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def reply(body: bytes = b"{}", *, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


@contextmanager
def serving(serve: Callable[[socket.socket], None]) -> Iterator[ScriptedServer]:
    server = ScriptedServer(serve)
    try:
        yield server
    finally:
        server.close()


def answering(*replies: bytes) -> Callable[[socket.socket], None]:
    """Answers each request of a connection with the next of these, the last one again and again."""

    def serve(connection: socket.socket) -> None:
        for turn in range(1_000):
            if not read_request(connection):
                return
            connection.sendall(replies[min(turn, len(replies) - 1)])

    return serve
