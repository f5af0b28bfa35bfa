"""Every call to the file system fails once, in turn, while the ledger is written: it stays whole (AUD-01, F31, F32).

strace makes the calls of one process fail, on the database's files alone; SQLite, where they are ours. A step that says
that it was done is there afterwards; one that failed is there whole or not at all (a commit whose sync failed may be).
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from audit.models import LedgerEvent
from audit.services.verify import verify_ledger
from tests.builders.audit import fill_ledger

ROOT = Path(__file__).resolve().parents[3]
CALLS = {"pwrite64": "ENOSPC", "fdatasync": "EIO", "pread64": "EIO", "openat": "EACCES", "ftruncate": "EIO"}
PROGRAM = """
import os, signal, sys
import django; django.setup()
from django.db import connection
from audit.services.maintain import maintain_ledger
from tests.builders.audit import NOW, append, new_event
import tests.builders.audit
connection.close()
for line in sys.stdin:
    child = os.fork()
    if not child:
        os.kill(os.getpid(), signal.SIGSTOP)
        try:
            append(*[new_event(values={"a": 1}) for _ in range(3)])
            os.write(1, b"appended\\n")
            maintain_ledger(now=NOW)
        except BaseException:
            pass
        os._exit(0)
    os.write(1, b"%d\\n" % child)
    os.waitpid(child, 0)
    os.write(1, b"end\\n")
"""
pytestmark = [
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the database's own files on SQLite"),
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace"),
]


def start(data_dir):
    name = connection.settings_dict["NAME"]
    env = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": f"sqlite:///{name}", "DATA_DIR": str(data_dir)}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**os.environ, "SECRET_KEY": "x" * 60, **env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        bufsize=1,
    )


def fail_once(process, call, error, number, log):
    """One turn of the program in which this call fails; returns whether it did, and whether the append was done."""
    process.stdin.write("go\n")
    process.stdin.flush()
    child = int(process.stdout.readline())
    while "State:\tT" not in Path(f"/proc/{child}/status").read_text():
        time.sleep(0.001)  # told to go on before it has stopped, it would stop for good
    paths = [word for suffix in ("", "-wal", "-shm", "-journal") for word in ("-P", f"{log.parent / 'db'}{suffix}")]
    name = connection.settings_dict["NAME"]
    paths = [word.replace(str(log.parent / "db"), str(name)) for word in paths]
    inject = f"inject={call}:error={error}:when={number}"
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", str(log), "-p", str(child), "-e", f"trace={call}", "-e", inject, *paths]
    )
    while "TracerPid:\t0" in Path(f"/proc/{child}/status").read_text():
        if tracer.poll() is not None:
            pytest.skip("strace may not attach here")
    os.kill(child, signal.SIGCONT)
    said = []
    while (line := process.stdout.readline().strip()) != "end":
        said.append(line)
    tracer.wait(timeout=30)
    return "(INJECTED)" in log.read_text(), "appended" in said


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("most", [3, pytest.param(60, marks=pytest.mark.slow)])
def test_a_ledger_whose_files_fail_stays_whole(settings, tmp_path, most):
    """AUD-01, AUD-08, F31, F32."""
    fill_ledger(5)
    failed = 0
    with start(settings.DATA_DIR) as process:
        for call, error in CALLS.items():
            for number in range(1, most + 1):
                before = LedgerEvent.objects.count()
                connection.close()
                is_injected, is_done = fail_once(process, call, error, number, tmp_path / "strace")
                report = verify_ledger()
                assert report.is_ok, (call, number, report)
                assert report.events - before in ({3} if is_done else {0, 3}), (call, number)
                connection.close()
                failed += is_injected
                if not is_injected:
                    break
        process.stdin.close()
    assert failed >= 5
