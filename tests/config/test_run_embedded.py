"""OPS-01: web, worker and scheduler by one command, on a fresh directory, without services."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

from tests.architecture.source import ROOT


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(data_dir, port):
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "manage.py", "run_embedded", "--port", str(port)],
        cwd=ROOT,
        env=environment | {"DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running(data_dir, port):
    server = start(data_dir, port)
    try:
        wait_until_answering(server, port)
        yield server
    finally:
        server.terminate()
        server.communicate(timeout=60)


def wait_until_answering(server, port):
    for _try in range(750):  # it migrates first, and a busy machine is no failure
        assert server.poll() is None, server.communicate()[1][-2000:]
        try:
            return get(port, "/healthz")
        except OSError:
            time.sleep(0.2)
    pytest.fail("the server did not answer")


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.load(answer)


def test_a_fresh_directory_is_served_and_a_second_server_refused(tmp_path):
    port = free_port()
    with running(tmp_path, port) as server:
        assert get(port, "/readyz")["ready"] is True
        second = start(tmp_path, free_port())
        _output, complaint = second.communicate(timeout=60)
        assert second.returncode == 1
        assert f"process {server.pid} already runs on" in complaint
        assert "Traceback" not in complaint
    assert server.returncode == 0  # SIGTERM ended it in order


def test_a_port_in_use_is_said_plainly(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = start(tmp_path, taken.getsockname()[1])
        _output, complaint = server.communicate(timeout=60)
    assert server.returncode == 1
    assert "cannot listen on" in complaint
    assert "Traceback" not in complaint


def test_killed_without_warning_it_starts_again_on_the_same_directory(tmp_path):
    port = free_port()
    first = start(tmp_path, port)
    wait_until_answering(first, port)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate(timeout=60)
    with running(tmp_path, free_port()):
        pass
