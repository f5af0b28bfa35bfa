"""The whole story is told at each simulated CRM, as in the house's own (CON-07, OPS-01)."""

import json
import os
import subprocess
import sys

import pytest

from config.demo.agents import ROOT
from config.demo.far_crm import KINDS

HAPPENS = ("allowed", "denied", "redirected", "approved", "rejected", "executed", "conflicts", "reverted", "stopped")


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_story_is_told_at_this_crm(kind, tmp_path):
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    environment |= {"DATA_DIR": str(tmp_path)}
    for arguments in (
        ["migrate", "--verbosity", "0"],
        ["demo", "--exit", "--json", "--crm", kind, "--companies", "30"],
    ):
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    counts = json.loads(done.stdout.strip().splitlines()[-1])
    assert [name for name in HAPPENS if not counts[name]] == []
    assert counts["failed"] == 0
    assert counts["ledger_verified"]
    assert "written 1 time." in done.stdout
    assert "were taken back together after a dry run: 4 are as before" in done.stdout
