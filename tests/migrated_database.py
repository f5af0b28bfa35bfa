"""A migrated SQLite file, kept beside the installed packages: the migrations take longer than most test files.

It is named after what made it (the migrations and the lock), so a changed migration makes a new one; a fresh clone
runs them all.
"""

import hashlib
import os
import shutil
import sqlite3
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
MADE_BY = ("*/migrations/*.py", "requirements/dev.txt", "config/settings.py")


def kept_file() -> Path:
    """Where the database that these migrations make is kept."""
    made_by = hashlib.sha256()
    for path in sorted(found for pattern in MADE_BY for found in ROOT.glob(pattern)):
        made_by.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return Path(sys.prefix) / f"migrated-{made_by.hexdigest()[:16]}.sqlite3"


def bring_kept(database: Path) -> bool:
    """Put the kept file where the test database is expected; False when there is none yet."""
    kept = kept_file()
    if not kept.exists():
        return False
    database.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(kept, database)
    return True


def keep(database: Path) -> None:
    """Keep `database`, fresh from its migrations, for the next run; two at once leave one whole file."""
    kept = kept_file()
    if kept.exists():
        return
    draft = kept.with_suffix(f".{os.getpid()}")
    with sqlite3.connect(database) as made, sqlite3.connect(draft) as copy:
        made.backup(copy)
    draft.replace(kept)
