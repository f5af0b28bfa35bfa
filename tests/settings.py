"""Settings of the suite: those of the product, on a data directory of its own, without HTTPS redirects."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="countersign-tests-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
# Those that run beside each other share no file.
if (worker := os.environ.get("PYTEST_XDIST_WORKER", "")) and Path(os.environ["DATA_DIR"]).name != worker:
    os.environ["DATA_DIR"] = str(Path(os.environ["DATA_DIR"]) / worker)
    Path(os.environ["DATA_DIR"]).mkdir(exist_ok=True)
os.environ.setdefault("HTTPS", "off")

from config.settings import *  # noqa: F403
from config.settings import DATA_DIR, DATABASES, EMBEDDED

if EMBEDDED:
    # A file and not memory: the same locks, journal and threads as in the product.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # logins in tests need no slow hash
