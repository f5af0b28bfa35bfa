"""OPS-01: a command on a fresh directory makes its tables; a server's database is migrated by people."""

import os
import subprocess
import sys

import pytest
from django.core.management.base import CommandError
from django.db.migrations.recorder import MigrationRecorder

from config.migrating import bring_up_to_date
from tests.architecture.source import ROOT


def test_the_starter_pack_loads_into_an_empty_directory(tmp_path):
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    run = subprocess.run(
        [sys.executable, "manage.py", "seed_starter"],
        cwd=ROOT,
        env=environment | {"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert "policy: published" in run.stdout


@pytest.mark.django_db
def test_a_database_of_a_server_is_never_migrated_unasked(settings):
    settings.EMBEDDED = False
    MigrationRecorder.Migration.objects.filter(app="audit").delete()
    with pytest.raises(CommandError, match="lacks migrations"):
        bring_up_to_date()
