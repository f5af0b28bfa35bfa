"""Everything that is read from the process environment: names, types, defaults (OPS-01).

Nothing else in the product reads `os.environ` for its settings; `docs/settings.md` explains each.
Everything that is wrong is told at once.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import phonenumbers
from environs import Env, EnvValidationError, ValidationError

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY_LENGTH = 50
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
DATABASE_SCHEMES = ("postgres", "postgresql", "sqlite")
MAIL_SCHEMES = ("smtp", "smtp+tls", "smtps")
REDIS_SCHEMES = ("redis", "rediss", "unix")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class SettingsError(Exception):
    """Some settings are missing or wrong. `problems` maps each name to what is the matter, never to its value."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(sorted(problems.items()))
        lines = [f"  {name}: {problem}" for name, problem in self.problems.items()]
        count = f"{len(lines)} setting is" if len(lines) == 1 else f"{len(lines)} settings are"
        super().__init__(
            "\n".join([f"countersign cannot start: {count} missing or wrong", *lines, "see docs/settings.md"])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The validated environment. A field is the lower-case name of its variable."""

    data_dir: Path
    database_url: str
    database_owner_url: str
    redis_url: str
    secret_key: str
    secret_key_fallbacks: list[str]
    debug: bool
    https: bool
    allowed_hosts: list[str]
    csrf_trusted_origins: list[str]
    trusted_proxies: int
    hsts_seconds: int
    statement_timeout_ms: int
    lock_timeout_ms: int
    ledger_signing_key: str
    ledger_origin: str
    dnc_key: str
    phone_region: str
    metrics_token: str
    log_level: str
    public_url: str
    email_url: str
    email_from: str
    webhook_private_hosts: list[str]
    web_bind: str
    web_workers: int
    web_threads: int

    @property
    def is_embedded(self) -> bool:
        """Without a database of its own the product keeps everything in DATA_DIR."""
        return not self.database_url


def read_environment() -> Environment:
    """Read and judge the whole environment. Raises `SettingsError` naming every missing or wrong setting."""
    env = Env(eager=False)
    database_url = env.str("DATABASE_URL", "", validate=_has_scheme(DATABASE_SCHEMES))
    secret_key = env.str("SECRET_KEY", "", validate=_is_long_enough)
    owner_url = env.str("DATABASE_OWNER_URL", "", validate=_has_scheme(DATABASE_SCHEMES))
    environment = Environment(
        data_dir=Path(env.str("DATA_DIR", "") or BASE_DIR / "var").resolve(),
        database_url=database_url,
        database_owner_url=owner_url,
        redis_url=env.str("REDIS_URL", "", validate=_has_scheme(REDIS_SCHEMES)),
        secret_key=secret_key,
        secret_key_fallbacks=env.list("SECRET_KEY_FALLBACKS", []),
        debug=env.bool("DEBUG", False),
        https=env.bool("HTTPS", bool(database_url)),
        allowed_hosts=env.list("ALLOWED_HOSTS", LOCAL_HOSTS),
        csrf_trusted_origins=env.list("CSRF_TRUSTED_ORIGINS", []),
        trusted_proxies=env.int("TRUSTED_PROXIES", 0, validate=_is_at_least(0)),
        hsts_seconds=env.int("HSTS_SECONDS", 365 * 86_400, validate=_is_at_least(0)),
        statement_timeout_ms=env.int("STATEMENT_TIMEOUT_MS", 30_000, validate=_is_at_least(0)),
        lock_timeout_ms=env.int("LOCK_TIMEOUT_MS", 10_000, validate=_is_at_least(0)),
        ledger_signing_key=env.str("LEDGER_SIGNING_KEY", ""),
        ledger_origin=env.str("LEDGER_ORIGIN", "countersign.local/ledger", validate=_is_origin),
        dnc_key=env.str("DNC_KEY", ""),
        phone_region=env.str("PHONE_REGION", "US", validate=_is_region),
        metrics_token=env.str("METRICS_TOKEN", ""),
        log_level=env.str("LOG_LEVEL", "INFO", validate=_is_log_level),
        public_url=env.str("PUBLIC_URL", "http://127.0.0.1:8000", validate=_is_web_address).rstrip("/"),
        email_url=env.str("EMAIL_URL", "", validate=_is_mail_server),
        email_from=env.str("EMAIL_FROM", "Countersign <countersign@localhost>", validate=_is_one_line),
        webhook_private_hosts=env.str("WEBHOOK_PRIVATE_HOSTS", "").lower().replace(" ", "").split(","),
        web_bind=env.str("WEB_BIND", "127.0.0.1:8000"),
        web_workers=env.int("WEB_WORKERS", 2, validate=_is_at_least(1)),
        web_threads=env.int("WEB_THREADS", 4, validate=_is_at_least(1)),
    )
    problems = _seal(env) | _contradictions(environment)
    if problems:
        raise SettingsError(problems)
    return environment


def read_or_create_secret(path: Path) -> str:
    """The secret kept in `path` (mode 0600), made on first use. Processes that start together agree on one."""
    if not path.exists():
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600 from the first moment
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
        with contextlib.suppress(FileExistsError):  # another process was first: its secret is the one
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_text("ascii")


def _seal(env: Env) -> dict[str, str]:
    try:
        env.seal()
    except EnvValidationError as error:
        messages = error.error_messages
        pairs = messages.items() if isinstance(messages, Mapping) else [("environment", messages)]
        return {name: _sentence(texts) for name, texts in pairs}
    return {}


def _sentence(texts: list[str]) -> str:
    text = " ".join(texts).rstrip(".")
    return text[:1].lower() + text[1:]


def _contradictions(environment: Environment) -> dict[str, str]:
    """What is wrong between settings that are each well-formed."""
    problems: dict[str, str] = {}
    if environment.database_url and not environment.secret_key:
        problems |= {"SECRET_KEY": "not set; it is required when DATABASE_URL is given"}
    if environment.database_owner_url and not _same_place(environment.database_url, environment.database_owner_url):
        problems |= {"DATABASE_OWNER_URL": "must name the same server and database as DATABASE_URL, with another user"}
    return problems


def _same_place(first: str, second: str) -> bool:
    one, other = urlsplit(first), urlsplit(second)
    return (one.hostname, one.port, one.path) == (other.hostname, other.port, other.path)


def _has_scheme(schemes: tuple[str, ...]) -> Callable[[str], None]:
    def validate(value: str) -> None:
        if value and value.partition("://")[0] not in schemes:
            raise ValidationError(f"must begin with one of {', '.join(scheme + '://' for scheme in schemes)}")

    return validate


def _is_at_least(minimum: int) -> Callable[[int], None]:
    def validate(value: int) -> None:
        if value < minimum:
            raise ValidationError(f"must be at least {minimum}")

    return validate


def _is_long_enough(value: str) -> None:
    if value and len(value) < SECRET_KEY_LENGTH:
        raise ValidationError(f"must have at least {SECRET_KEY_LENGTH} characters")


def _is_log_level(value: str) -> None:
    if value not in LOG_LEVELS:
        raise ValidationError(f"must be one of {', '.join(LOG_LEVELS)}")


def _is_region(value: str) -> None:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValidationError("must be a country in two capital letters, like US or DE")


def _is_origin(value: str) -> None:
    if not value or not value.isprintable() or " " in value or "+" in value:
        raise ValidationError("must be a name without spaces or plus signs, like example.com/ledger")


def _is_web_address(value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValidationError("must be where people reach the console, like https://countersign.example.com")


def _is_mail_server(value: str) -> None:
    if not value:
        return
    try:
        parts = urlsplit(value)
        is_sound = parts.scheme in MAIL_SCHEMES and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_sound = False
    if not is_sound:
        raise ValidationError("must look like smtp+tls://user:password@host:587, or smtps:// or smtp://")


def _is_one_line(value: str) -> None:
    if not value.strip() or not value.isprintable():
        raise ValidationError("must be one line, like Countersign <countersign@example.com>")
