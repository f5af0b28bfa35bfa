"""What each setting must look like (OPS-01). A rule refuses with a sentence that never holds the value it judged.

Rules look at the text alone: whether a server answers there is what `/readyz` tells.
"""

from __future__ import annotations

import base64
import ipaddress
import os
import re
import tempfile
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

import phonenumbers
from environs import ValidationError

T = TypeVar("T")
Rule = Callable[[str], None]

SECRET_KEY_LENGTH = 50
KEY_SIZE = 32  # bytes, of an Ed25519 seed as of the do-not-contact secret
POSTGRES_SCHEMES = ("postgres", "postgresql")
MAIL_SCHEMES = ("smtp", "smtp+tls", "smtps")
REDIS_SCHEMES = ("redis", "rediss")
_IN_MEMORY = "sqlite://:memory:"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LARGEST_INTEGER = 2**31 - 1  # of PostgreSQL's settings
HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.IGNORECASE)


def must(sentence: str, is_right: Callable[[T], bool]) -> Callable[[T], None]:
    """A rule that refuses with `sentence` what `is_right` denies or cannot read (ValueError)."""

    def validate(value: T) -> None:
        try:
            accepted = is_right(value)
        except ValueError:
            accepted = False
        if not accepted:
            raise ValidationError(sentence)

    return validate


def unless_empty(rule: Rule) -> Rule:
    """The same rule for a setting that may be left empty."""

    def validate(value: str) -> None:
        if value:
            rule(value)

    return validate


def is_at_least(minimum: int) -> Callable[[int], None]:
    """A number without an upper end."""
    return must(f"must be at least {minimum}", lambda value: value >= minimum)


def is_usable_directory(path: Path) -> bool:
    """Whether `path` is there, or can be made, and can be written to. Makes it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return _takes_files(path)


def is_usable_database_file(value: str) -> bool:
    """Whether an SQLite address, as `database` accepts it, leads to a file that can be made or written where it says.
    Makes nothing: a folder that is not there is more likely a slip than a wish."""
    path = Path(value.removeprefix("sqlite:///"))
    return value == _IN_MEMORY or (_takes_files(path.parent) and not path.is_dir() and _may_write(path))


def is_usable_secret_file(path: Path) -> bool:
    """Whether a secret can be kept there: nothing is there yet, or a secret that can be read."""
    try:
        return not path.exists() or _is_secret(path.read_text("ascii"))
    except (OSError, ValueError):
        return False


def _takes_files(path: Path) -> bool:
    """Tried by a file without a name: root may write anywhere by its rights, and yet not to `/proc`."""
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return False
    try:
        tempfile.TemporaryFile(dir=path).close()
    except OSError:
        return False
    return True


def _may_write(path: Path) -> bool:
    return not path.exists() or os.access(path, os.R_OK | os.W_OK)


def _split(value: str) -> SplitResult:
    """The parts of an address. Raises ValueError when it is not one line, or its host or port cannot be read."""
    parts = urlsplit(value)
    if parts.port == 0 or " " in parts.netloc or not value.isprintable():
        raise ValueError("not an address")
    return parts


def _is_postgres(value: str) -> bool:
    parts = _split(value)
    is_named = bool(re.fullmatch("/[^/@]+", parts.path))  # anything more is a password that is not percent-encoded
    return parts.scheme in POSTGRES_SCHEMES and is_named and not parts.fragment


def _is_database(value: str) -> bool:
    if value.startswith("sqlite:"):  # a path after two slashes would be taken for a host, and the data kept in memory
        return value == _IN_MEMORY or bool(re.fullmatch("sqlite:///.+", value))
    return _is_postgres(value)


def _is_redis(value: str) -> bool:
    parts = _split(value)
    return parts.scheme in REDIS_SCHEMES and bool(re.fullmatch(r"/?|/\d+", parts.path)) and not parts.fragment


def _is_web_address(value: str) -> bool:
    parts = _split(value)
    is_bare = not (parts.query or parts.fragment or parts.username or " " in value)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and is_bare


def _is_mail_server(value: str) -> bool:
    parts = _split(value)
    is_bare = parts.path in {"", "/"} and not (parts.query or parts.fragment)
    return parts.scheme in MAIL_SCHEMES and bool(parts.hostname) and is_bare


def _is_sender(value: str) -> bool:
    name, at, domain = parseaddr(value)[1].rpartition("@")
    return value.isprintable() and bool(name and at and domain) and " " not in name + domain


def _is_key(value: str) -> bool:
    return len(base64.b64decode(value.strip(), validate=True)) == KEY_SIZE


def _is_secret(value: str) -> bool:
    return len(value) >= SECRET_KEY_LENGTH


def _is_served_host(value: str) -> bool:
    if value.startswith("[") and value.endswith("]"):
        return bool(ipaddress.IPv6Address(value[1:-1]))
    return value == "*" or bool(HOST.fullmatch(value.removeprefix(".")))


def _is_origin(value: str) -> bool:
    parts = _split(value)
    is_bare = value == f"{parts.scheme}://{parts.netloc}".lower() and not parts.username
    return parts.scheme in {"http", "https"} and is_bare and _is_host((parts.hostname or "").removeprefix("*."))


def _is_private_host(value: str) -> bool:
    if value.count(":") == 1:
        return _has_port(value) and not value.startswith(":")
    return _is_host(value)


def _is_listener(value: str) -> bool:
    """As the web server reads it: `host:port`, `:port`, `unix:/path`, `fd://number`."""
    if value.startswith(("unix:", "fd://")):
        return bool(re.fullmatch(r"unix:\S+|fd://\d+", value))
    return _has_port(value.removeprefix("tcp://"))


def _has_port(value: str) -> bool:
    parts = _split(f"//{value}")
    is_bare = not (parts.path or parts.query or parts.fragment or parts.username)
    return parts.port is not None and is_bare and (parts.hostname is None or _is_host(parts.hostname))


def _is_host(value: str) -> bool:
    return bool(ipaddress.IPv6Address(value) if ":" in value else HOST.fullmatch(value))


database = must(
    "must look like postgresql://user:password@host:port/name, special characters of the password as %40 and the like,"
    " or sqlite:////path/to/file",
    _is_database,
)
owner = must("must look like postgresql://owner:password@host:port/name", _is_postgres)
redis = must("must look like redis://:password@host:port/0, or rediss://, with a database number", _is_redis)
mail_server = must("must look like smtp+tls://user:password@host:587, or smtps:// or smtp://", _is_mail_server)
web_address = must("must be where people reach the console, like https://countersign.example.com", _is_web_address)
bind: Rule = must(
    "must be where the web server listens, like 127.0.0.1:8000 or unix:/run/countersign.sock",
    lambda value: all(_is_listener(part.strip()) for part in value.split(",")),
)
served_hosts: Callable[[list[str]], None] = must(
    "must be host names without scheme or port, separated by commas alone, like countersign.example.com",
    lambda values: bool(values) and all(map(_is_served_host, values)),
)
trusted_origins: Callable[[list[str]], None] = must(
    "must be origins in small letters, separated by commas alone, like https://countersign.example.com",
    lambda values: all(map(_is_origin, values)),
)
private_hosts: Rule = must(
    "must be host or host:port, separated by commas, like crm.internal:8443",
    lambda value: all(_is_private_host(part) for part in value.replace(" ", "").split(",") if part),
)
secret = must(f"must have at least {SECRET_KEY_LENGTH} characters", _is_secret)
secrets: Callable[[list[str]], None] = must(
    f"must be keys of at least {SECRET_KEY_LENGTH} characters, separated by commas alone",
    lambda values: all(map(_is_secret, values)),
)
key = must(f"must be base64 of {KEY_SIZE} random bytes, as `openssl rand -base64 {KEY_SIZE}` prints", _is_key)
token: Rule = must(
    "must be letters, digits and signs of ASCII without spaces", lambda value: bool(re.fullmatch("[!-~]+", value))
)
log_level: Rule = must(f"must be one of {', '.join(LOG_LEVELS)}", lambda value: value in LOG_LEVELS)
region: Rule = must(
    "must be a country in two capital letters, like US or DE", lambda value: value in phonenumbers.SUPPORTED_REGIONS
)
ledger_origin: Rule = must(
    "must be a name without spaces or plus signs, like example.com/ledger",
    lambda value: bool(value) and value.isprintable() and not {" ", "+"} & set(value),
)
sender = must("must be one line with an address, like Countersign <countersign@example.com>", _is_sender)
milliseconds: Callable[[int], None] = must(
    f"must be from 0 (no limit) to {LARGEST_INTEGER}", lambda value: 0 <= value <= LARGEST_INTEGER
)
