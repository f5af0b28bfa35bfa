"""Everything that is read from the process environment: names, types, defaults (OPS-01).

Nothing else in the product reads `os.environ` for its settings; `docs/settings.md` explains each.
Everything that is wrong is told at once.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env, EnvValidationError

from config import setting_rules as rules

BASE_DIR = Path(__file__).resolve().parent.parent
KEY_FILE = "secret_key"
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


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
    private_hosts: list[str]
    web_bind: str
    web_workers: int
    web_threads: int

    @property
    def is_embedded(self) -> bool:
        """Without a database of its own the product keeps everything in DATA_DIR."""
        return not self.database_url


def read_environment() -> Environment:
    """Read and judge the whole environment. Raises `SettingsError` naming every missing or wrong setting.

    Makes DATA_DIR where it is not there yet. What is wrong reads as None until the end, where it is raised.
    """
    env = Env(eager=False)
    database_url = env.str("DATABASE_URL", "", validate=rules.unless_empty(rules.database))
    secret_key = env.str("SECRET_KEY", "", validate=rules.unless_empty(rules.secret))
    owner_url = env.str("DATABASE_OWNER_URL", "", validate=rules.unless_empty(rules.owner))
    private_hosts = env.str("PRIVATE_HOSTS", "", validate=rules.private_hosts)
    environment = Environment(
        data_dir=Path(env.str("DATA_DIR", "") or BASE_DIR / "var").resolve(),
        database_url=database_url,
        database_owner_url=owner_url,
        redis_url=env.str("REDIS_URL", "", validate=rules.unless_empty(rules.redis)),
        secret_key=secret_key,
        secret_key_fallbacks=env.list("SECRET_KEY_FALLBACKS", [], validate=rules.secrets),
        debug=env.bool("DEBUG", False),
        https=env.bool("HTTPS", bool(database_url)),
        allowed_hosts=env.list("ALLOWED_HOSTS", LOCAL_HOSTS, validate=rules.served_hosts),
        csrf_trusted_origins=env.list("CSRF_TRUSTED_ORIGINS", [], validate=rules.trusted_origins),
        trusted_proxies=env.int("TRUSTED_PROXIES", 0, validate=rules.is_at_least(0)),
        hsts_seconds=env.int("HSTS_SECONDS", 365 * 86_400, validate=rules.is_at_least(0)),
        statement_timeout_ms=env.int("STATEMENT_TIMEOUT_MS", 30_000, validate=rules.milliseconds),
        lock_timeout_ms=env.int("LOCK_TIMEOUT_MS", 10_000, validate=rules.milliseconds),
        ledger_signing_key=env.str("LEDGER_SIGNING_KEY", "", validate=rules.unless_empty(rules.key)),
        ledger_origin=env.str("LEDGER_ORIGIN", "countersign.local/ledger", validate=rules.ledger_origin),
        dnc_key=env.str("DNC_KEY", "", validate=rules.unless_empty(rules.key)),
        phone_region=env.str("PHONE_REGION", "US", validate=rules.region),
        metrics_token=env.str("METRICS_TOKEN", "", validate=rules.unless_empty(rules.token)),
        log_level=env.str("LOG_LEVEL", "INFO", validate=rules.log_level),
        public_url=(env.str("PUBLIC_URL", "http://127.0.0.1:8000", validate=rules.web_address) or "").rstrip("/"),
        email_url=env.str("EMAIL_URL", "", validate=rules.unless_empty(rules.mail_server)),
        email_from=env.str("EMAIL_FROM", "Countersign <countersign@localhost>", validate=rules.sender),
        private_hosts=(private_hosts or "").lower().replace(" ", "").split(","),
        web_bind=env.str("WEB_BIND", "127.0.0.1:8000", validate=rules.bind),
        web_workers=env.int("WEB_WORKERS", 2, validate=rules.is_at_least(1)),
        web_threads=env.int("WEB_THREADS", 4, validate=rules.is_at_least(1)),
    )
    problems = _contradictions(environment) | _seal(env)
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
    """What is wrong between settings that are each well-formed, and at the place where data shall lie."""
    problems: dict[str, str] = {}
    if not rules.is_usable_directory(environment.data_dir):
        problems |= {"DATA_DIR": "must be a directory that can be made and written to"}
    if (environment.database_url or "").startswith("sqlite:") and not rules.is_usable_database_file(
        environment.database_url
    ):
        problems |= {"DATABASE_URL": "must name a file in a directory that is there and can be written to"}
    if environment.secret_key == "" and not rules.is_usable_secret_file(environment.data_dir / KEY_FILE):
        problems |= {"SECRET_KEY": f"the one kept in DATA_DIR/{KEY_FILE} cannot be read or is cut short"}
    if environment.database_url != "" and not environment.secret_key:
        problems |= {"SECRET_KEY": "not set; it is required when DATABASE_URL is given"}
    if environment.database_owner_url and not _is_owner(environment.database_owner_url, environment.database_url):
        problems |= {"DATABASE_OWNER_URL": "must name the same server and database as DATABASE_URL, with another user"}
    return problems


def _is_owner(owner_url: str, database_url: str | None) -> bool:
    """Whether both lead to one database by different users. A wrong DATABASE_URL is told by itself."""
    if database_url is None:
        return True
    owner, usual = urlsplit(owner_url), urlsplit(database_url)
    is_same_place = (owner.hostname, owner.port, owner.path) == (usual.hostname, usual.port, usual.path)
    return is_same_place and owner.username != usual.username
