"""Receivers on this machine: a web server that keeps what is posted, and a mail server that speaks just enough SMTP."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Hook:
    """What came, and what to answer next (200 when nothing is said)."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/hooks/secret-path"
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []


@contextmanager
def web_receiver() -> Iterator[Hook]:
    """A web server as long as the block lasts."""
    hook = Hook(0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(hook.answers.pop(0) if hook.answers else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_port
    hook.url = f"http://127.0.0.1:{hook.port}/hooks/secret-path"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()


class Post:
    """Messages that were handed over whole, with whom they were for."""

    def __init__(self) -> None:
        self.port = 0
        self.got: list[tuple[str, bytes]] = []
        self.is_refusing = False


@contextmanager
def mail_receiver() -> Iterator[Post]:
    """A mail server as long as the block lasts."""
    post = Post()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 ready")
            recipient = ""
            while line := self.rfile.readline():
                word = line[:4].upper()
                if word == b"RCPT":
                    recipient = line.decode().split("<")[1].split(">")[0]
                if word == b"DATA":
                    self._say("354 go on")
                    post.got.append((recipient, self._message()))
                    self._say("250 taken")
                elif word == b"QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("451 not now" if post.is_refusing and word == b"RCPT" else "250 well")

        def _message(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line)
            return b"".join(lines)

        def _say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    post.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield post
    finally:
        server.shutdown()
        server.server_close()
