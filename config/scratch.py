"""A database and a DATA_DIR of a run's own beside the configured ones, removed at its end (OPS-01).

PostgreSQL: `CREATE DATABASE bench_…` on the configured server, by the owner of the tables where one is named. Otherwise
an SQLite file in the directory. The configured database is only ever asked to make and to drop the other.
"""

import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import SplitResult, urlsplit, urlunsplit

import psycopg
from django.core.management.base import CommandError
from redis import Redis, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError

from config.environment import Environment

PREFIX = "bench_"
KEPT_NAME = re.compile(r"[a-z0-9_]{1,40}")
REDIS_DATABASES = range(15, 0, -1)


@contextmanager
def scratch_environment(configured: Environment, *, keep: str = "") -> Iterator[dict[str, str]]:
    """The variables of a process that works on the scratch place alone. With `keep` the place stays and is found again.

    Raises CommandError where the server does not let us make a database, or the name is none.
    """
    if keep and not KEPT_NAME.fullmatch(keep):
        raise CommandError(f"`{keep}` is no name: up to 40 of a-z, 0-9 and _")
    with ExitStack() as stack:
        directory = _directory(stack, configured.data_dir, keep)
        database_url = ""
        if configured.database_url.startswith("postgres"):
            server = configured.database_owner_url or configured.database_url
            database_url = stack.enter_context(scratch_database(server, name=PREFIX + keep if keep else ""))
        yield {
            "DATABASE_URL": database_url,
            "DATABASE_OWNER_URL": "",
            "DATA_DIR": str(directory),
            "REDIS_URL": stack.enter_context(_scratch_redis(configured.redis_url)),
            "HTTPS": "off",  # what is measured speaks to itself
        }


@contextmanager
def scratch_database(server_url: str, *, name: str = "") -> Iterator[str]:
    """The URL of a new PostgreSQL database beside that of `server_url`, dropped at the end.

    One with a `name` is made where it is missing, and stays.
    """
    parts = urlsplit(server_url)
    called = name or PREFIX + secrets.token_hex(6)
    try:
        with psycopg.connect(server_url, autocommit=True) as admin:
            found = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [called]).fetchone()
            if not found:
                admin.execute(f'CREATE DATABASE "{called}"')  # our own letters, see KEPT_NAME
    except psycopg.Error as error:
        raise CommandError(f"no scratch database `{called}` beside the configured one: {error}") from error
    try:
        yield urlunsplit(parts._replace(path=f"/{called}"))
    finally:
        if not name:
            with psycopg.connect(server_url, autocommit=True) as admin:
                admin.execute(f'DROP DATABASE "{called}" WITH (FORCE)')


def _directory(stack: ExitStack, data_dir: Path, keep: str) -> Path:
    """A kept database keeps its keys too: they lie in a directory of its name."""
    if not keep:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="countersign-bench-")))
    kept = data_dir / f"{PREFIX}{keep}"
    kept.mkdir(parents=True, exist_ok=True)
    return kept


@contextmanager
def _scratch_redis(url: str) -> Iterator[str]:
    """An empty numbered database of the same Redis, emptied at the end; none where there is none to be had."""
    parts = urlsplit(url)
    number = _free_number(parts)
    if number is None:
        yield ""
        return
    scratch = urlunsplit(parts._replace(path=f"/{number}"))
    try:
        yield scratch
    finally:
        with suppress(RedisConnectionError), Redis.from_url(scratch) as redis:  # gone, it took everything along
            redis.flushdb()


def _free_number(parts: SplitResult) -> int | None:
    if parts.scheme not in {"redis", "rediss"}:
        return None
    try:
        for number in REDIS_DATABASES:
            with Redis.from_url(urlunsplit(parts._replace(path=f"/{number}"))) as redis:
                if redis.dbsize() == 0:
                    return number
    except RedisError as error:
        raise CommandError(f"no scratch database in the configured Redis: {error}") from error
    return None
