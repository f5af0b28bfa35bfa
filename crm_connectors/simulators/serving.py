"""Serving a simulator: HTTP/1.1 with keep-alive, one thread a connection, bounded, TLS if wanted.

Werkzeug's own development server closes every connection after one answer, which no CRM does; so its request and
response types stand on the standard library's server here.
"""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

Answerer = Callable[[Request], Response]
MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_CONNECTIONS = 128
IDLE_SECONDS = 30
_SLOW_PIECES = 8
_NO_BODY = frozenset({204, 304})


class DropConnection(Exception):  # noqa: N818 (an order to the server, not an error)
    """Raised by a simulator: the connection ends here, without an answer."""


class Simulator:
    """One running server. `url` is where it is reached; `close` ends it and its threads."""

    def __init__(self, answer: Answerer, *, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        self._server = _Server((host, port), _handler_of(answer))
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        bound_port = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://{host}:{bound_port}"

    def run(self) -> None:
        """Serve until `close` is called from another thread, or the process is interrupted."""
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Stop accepting, end open connections, free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._server.end_connections()


@contextlib.contextmanager
def serve_in_thread(answer: Answerer, *, tls: ssl.SSLContext | None = None) -> Iterator[Simulator]:
    """A simulator on a free loopback port for as long as the block runs."""
    simulator = Simulator(answer, host="127.0.0.1", port=0, tls=tls)
    thread = threading.Thread(target=simulator.run, name="simulator", daemon=True)
    thread.start()
    try:
        yield simulator
    finally:
        simulator.close()
        thread.join(timeout=5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            is_full = len(self._open) >= MAX_CONNECTIONS
            if not is_full:
                self._open.add(request)
        if is_full:
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        with self._lock:
            still_open = list(self._open)
        for connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is its own business."""


def _handler_of(answer: Answerer) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        answerer = staticmethod(answer)

    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Simulator"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    answerer: Answerer

    def do_GET(self) -> None:
        """Every method: read the whole request, ask the simulator, write the answer."""
        body = self._read_body()
        if body is None:
            self.close_connection = True
            self._write(Response(status=413))
            return
        try:
            response = self.answerer(self._make_request(body))
        except DropConnection:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._write(response)

    do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815 (the base class's names)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's word)
        """Silent: the journal tells what happened."""

    def _make_request(self, body: bytes) -> Request:
        kept = [(name, value) for name, value in self.headers.items() if name.lower() != "transfer-encoding"]
        path, _, query = self.path.partition("?")
        scheme = "https" if isinstance(self.connection, ssl.SSLSocket) else "http"
        builder = EnvironBuilder(
            method=self.command,
            path=path,
            query_string=query,
            base_url=f"{scheme}://{self.headers.get('Host', 'localhost')}/",
            headers=kept,
            input_stream=None,
            data=body,
        )
        return builder.get_request(Request)

    def _read_body(self) -> bytes | None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks()
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length <= MAX_BODY_BYTES else None

    def _read_chunks(self) -> bytes | None:
        body = b""
        while size := int(self.rfile.readline(80).split(b";")[0].strip() or b"0", 16):
            if len(body) + size > MAX_BODY_BYTES:
                return None
            body += self.rfile.read(size)
            self.rfile.readline(80)
        while self.rfile.readline(8192).strip():
            pass
        return body

    def _write(self, response: Response) -> None:
        body = b"" if self.command == "HEAD" else response.get_data()
        self.send_response(response.status_code, response.status.partition(" ")[2])
        for name, value in response.headers.items():
            if name.lower() not in {"content-length", "x-simulate-body-seconds"}:
                self.send_header(name, value)
        if response.status_code not in _NO_BODY:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._write_body(body, float(response.headers.get("X-Simulate-Body-Seconds", 0)))

    def _write_body(self, body: bytes, seconds: float) -> None:
        if not seconds:
            self.wfile.write(body)
            return
        step = max(1, len(body) // _SLOW_PIECES)
        for start in range(0, len(body), step):
            time.sleep(seconds / _SLOW_PIECES)
            self.wfile.write(body[start : start + step])
            self.wfile.flush()
