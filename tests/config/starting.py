"""The names of all settings, and a start that sees only the settings it is given."""

import dataclasses
import os
import subprocess
import sys

from config.environment import Environment
from tests.architecture.source import ROOT

NAMES = {field.name.upper() for field in dataclasses.fields(Environment)}


def run_manage(*arguments, **environment):
    allowed = {name: os.environ[name] for name in ("PATH", "HOME", "DATA_DIR") if name in os.environ}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=allowed | environment, capture_output=True, text=True, check=False)
