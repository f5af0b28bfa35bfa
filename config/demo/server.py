"""The server of the demo: `run_embedded` as a process of its own, like everybody runs it."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from config.demo.agents import ROOT


class ServerError(RuntimeError):
    """The demo's server cannot be brought up."""

    code = "demo_server"


def find_port(preferred: int) -> int:
    """The preferred port if it is free, else one that the system picks."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ServerError("no free port on 127.0.0.1")


@contextmanager
def running_server(port: int) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Serve until the block ends; yields the URL and the process. Raises ServerError if it does not come up."""
    command = [sys.executable, str(ROOT / "manage.py"), "run_embedded", "--port", str(port)]
    log = (settings.DATA_DIR / "demo-server.log").open("ab")
    process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 our own command
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(url, process)
        yield url, process
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


def _wait_until_healthy(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise ServerError(f"the server ended at once: see {settings.DATA_DIR}/demo-server.log")
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:  # noqa: S310 our own server
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.1)
    raise ServerError(f"the server did not answer within 30 seconds: see {settings.DATA_DIR}/demo-server.log")
