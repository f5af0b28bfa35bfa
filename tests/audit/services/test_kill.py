"""Kill -9 of a writing and sequencing process, at any moment: no gap, no double, nothing half (AUD-01)."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from audit.models import LedgerLeaf
from audit.services.maintain import maintain_ledger
from audit.services.verify import verify_ledger
from tests.builders.audit import NOW, fill_ledger

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import django; django.setup()
from tests.builders.audit import NOW, append, new_event
from audit.services.maintain import maintain_ledger
def write_and_sequence():
    append(*[new_event(values={"a": 1}) for _ in range(40)])
    maintain_ledger(now=NOW)
write_and_sequence()
print("ready", flush=True)
while True:
    write_and_sequence()
"""


def start(data_dir):
    settings = connection.settings_dict
    url = f"sqlite:///{settings['NAME']}"
    if connection.vendor == "postgresql":
        host, port = settings["HOST"] or "127.0.0.1", settings["PORT"] or 5432
        url = f"postgresql://{settings['USER']}:{settings['PASSWORD']}@{host}:{port}/{settings['NAME']}"
    env = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": url, "DATA_DIR": str(data_dir)}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**os.environ, "SECRET_KEY": "x" * 60, **env},
        stdout=subprocess.PIPE,
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kills", [3, pytest.param(15, marks=pytest.mark.slow)])
def test_a_sequencer_killed_again_and_again_leaves_a_whole_ledger(settings, kills):
    """AUD-01, F33."""
    fill_ledger(1)
    for pause in [0.01, 0.07, 0.19, *(0.02 * at for at in range(1, 13))][:kills]:
        with start(settings.DATA_DIR) as process:
            process.stdout.readline()
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
        assert verify_ledger().is_ok
    before = LedgerLeaf.objects.count()
    maintain_ledger(now=NOW)
    report = verify_ledger()
    assert report.is_ok, report
    assert report.pending == 0
    assert report.events == report.leaves >= before > kills * 40
