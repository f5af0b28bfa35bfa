"""The verifier as a stranger runs it: the one file in a directory of its own, Python's isolated mode, no project."""

import importlib.util
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).resolve().parents[2] / "audit/verifier/countersign_verify.py"


@dataclass(frozen=True)
class Verdict:
    code: int
    out: str
    err: str

    @property
    def is_verified(self) -> bool:
        return self.code == 0 and "VERIFIED" in self.err


def run(place: Path, *words: Any) -> Verdict:
    """Run a copy that lies in `place`, where nothing of the product is. A traceback fails whoever asks."""
    copy = place / "alone" / PROGRAM.name
    copy.parent.mkdir(exist_ok=True)
    shutil.copyfile(PROGRAM, copy)
    command = [sys.executable, "-I", str(copy), *map(str, words)]
    done = subprocess.run(command, check=False, cwd=copy.parent, capture_output=True, timeout=60, env={})
    verdict = Verdict(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in verdict.err, verdict.err
    return verdict


def load() -> Any:
    """The verifier as a module, for what asks it thousands of times."""
    spec = importlib.util.spec_from_file_location("countersign_verify", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
