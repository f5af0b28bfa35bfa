"""OPS-01: each wrong setting is a line of the one message that stops the start; what it held is in no line."""

import base64
import os
import tempfile
from pathlib import Path

import pytest

from config.environment import SettingsError, read_environment
from tests.config.starting import NAMES, run_manage

KEY = base64.b64encode(bytes(range(32))).decode()
PLACE = tempfile.gettempdir()
POSTGRES = "postgresql://app:hunter2@db:5432/countersign"
PRODUCTION = {"DATABASE_URL": POSTGRES, "SECRET_KEY": "k" * 50}

WRONG = {
    "DATA_DIR": ["/proc/hunter2", "/dev/null", "/dev/null/hunter2", "/proc", "/sys/kernel"],
    "DATABASE_URL": [
        "postgresql://", "postgresql://u:hunter2@h", "postgresql://u:hunter2@h/", "postgresql://u:hunter2@h:port/x",
        "postgresql://u:hunter2@h:70000/x", "postgresql://u:hunter2@h:0/x", "postgresql://u:hunter2#1@h/x",
        "postgresql://u:1#hunter2@h/x", "postgresql://u:/hunter2@h/x", "postgresql://u:hunter2@[h/x",
        "postgresql://u:hunter2@h h/x", "postgresql://u:hunter2@h/x\n", "mysql://u:hunter2@h/x", "hunter2", "sqlite://x",
        "sqlite:///", "sqlite:////nowhere/hunter2/x.sqlite3", f"sqlite:///{PLACE}", "sqlite:////proc/hunter2.sqlite3",
        "sqlite:////dev/null/hunter2.sqlite3",
    ],
    "DATABASE_OWNER_URL": [
        "postgresql://o:hunter2@db:port/countersign", "postgresql://o:hunter2@db:5432", "sqlite:////hunter2",
        "postgresql://o:hunter2@other:5432/countersign", "postgresql://app:hunter2@db:5432/countersign",
    ],
    "REDIS_URL": [
        "redis://:hunter2@h:x/0", "redis://:hunter2@h:70000/0", "redis://h/hunter2", "redis://:hunter2@h/0/1",
        "unix:///hunter2", "http://h/0", "hunter2:6379", "redis://:hunter2#@h/0",
    ],
    "SECRET_KEY": ["hunter2", "k" * 49],
    "SECRET_KEY_FALLBACKS": ["hunter2", "k" * 50 + ",", "," + "k" * 50],
    "DEBUG": ["hunter2", "2"],
    "HTTPS": ["hunter2"],
    "ALLOWED_HOSTS": [
        "", "https://hunter2.example", "hunter2.example:443", "hunter2.example/x", "a.example, hunter2.example",
        "a.example,", "*.hunter2.example", "[::1]:80", "[hunter2", "hunter2.example.",
    ],
    "CSRF_TRUSTED_ORIGINS": [
        "hunter2.example", "https://hunter2.example/", "https://HUNTER2.example", "ftp://hunter2.example",
        "https://hunter2.example:x", "https://a.example, https://hunter2.example", "https://u@hunter2.example", "https://",
    ],
    "TRUSTED_PROXIES": ["-1", "hunter2", "1.5"],
    "HSTS_SECONDS": ["-1", "hunter2"],
    "STATEMENT_TIMEOUT_MS": ["-1", "hunter2", "2147483648", "30s"],
    "LOCK_TIMEOUT_MS": ["-1", "hunter2", "2147483648"],
    "LEDGER_SIGNING_KEY": ["secret hunter2", "hunter2", KEY[:-4], KEY + KEY, "hunter2\u00e9"],
    "LEDGER_ORIGIN": ["", "hunter2 ledger", "a+hunter2", "hunter2\n"],
    "DNC_KEY": ["secret hunter2", "hunter2", KEY[:-4]],
    "PHONE_REGION": ["", "hunter2", "us", "USA"],
    "METRICS_TOKEN": ["hunter2 x", "hunter2\n", "hunter2\u00e9"],
    "PUBLIC_URL": [
        "", "hunter2.example", "https://[hunter2", "https://hunter2.example:x", "https://u:hunter2@h", "https://h?hunter2",
        "https://", "https://a hunter2",
    ],
    "EMAIL_URL": [
        "smtp://", "smtp+tls://u:hunter2@h:x", "smtp+tls://u:1#hunter2@h", "smtp+tls://u:1/hunter2@h", "http://hunter2",
        "smtp://[hunter2", "smtp://u:hunter2@h:0",
    ],
    "EMAIL_FROM": ["", "hunter2", "hunter2@", "@hunter2.example", "Hunter2 <a@b.example>\nBcc: x@y.example"],
    "PRIVATE_HOSTS": ["https://hunter2", "hunter2/x", "hunter2:x", "10.0.0.0/8", "*.h", "u@h", ":80", "fd://3"],
    "LOG_LEVEL": ["", "HUNTER2", "info"],
    "WEB_BIND": [
        "", "hunter2", "hunter2:x", "hunter2:70000", "127.0.0.1", "http://hunter2:80", "unix:", "fd://hunter2",
        "127.0.0.1:8000,hunter2", "hunter2:80/x",
    ],
    "WEB_WORKERS": ["0", "-1", "hunter2"],
    "WEB_THREADS": ["0", "hunter2"],
}  # fmt: skip

RIGHT = {
    "DATABASE_URL": [
        "postgres://db/x", "postgresql:///x", "postgresql://u:p%40%2F%23@h:1/x?sslmode=require",
        "postgresql://%2Fvar%2Frun/x", "postgresql://u@[::1]:5432/x", "sqlite://:memory:",
        f"sqlite:///{PLACE}/a b.sqlite3",
    ],
    "DATABASE_OWNER_URL": ["", "postgresql://owner:p@db:5432/countersign", "postgres://owner@db:5432/countersign"],
    "REDIS_URL": ["", "redis://h", "redis://h/", "redis://:p@h:1/9", "rediss://u:p@h/0?ssl_cert_reqs=required", "redis:///0"],
    "SECRET_KEY_FALLBACKS": ["", "k" * 50, "k" * 50 + "," + "l" * 50],
    "ALLOWED_HOSTS": ["a.example", "a.example,.b.example,B_c", "*", "127.0.0.1,[::1]"],
    "CSRF_TRUSTED_ORIGINS": ["", "https://a.example", "http://a:8000,https://*.b.example", "https://[::1]:8443"],
    "STATEMENT_TIMEOUT_MS": ["0", "2147483647"],
    "LEDGER_SIGNING_KEY": ["", KEY, KEY + "\n"],
    "DNC_KEY": ["", KEY],
    "METRICS_TOKEN": ["", "a-long_scrape.token+/="],
    "PUBLIC_URL": ["https://a.example", "http://127.0.0.1:8000/", "https://a.example:8443/countersign", "http://[::1]:80"],
    "EMAIL_URL": ["", "smtp://h", "smtp+tls://u%40b:p%23@h:587", "smtps://u:p@h/"],
    "EMAIL_FROM": ["a@b.example", "Acme Countersign <a@b.example>", '"Acme, Inc." <a@b.example>'],
    "PRIVATE_HOSTS": ["", "crm", "CRM.internal:8443, 10.0.0.7", "fd00::1", "a,"],
    "WEB_BIND": ["0.0.0.0:80", "[::1]:8000", ":8000", "web:8000", "unix:/run/x.sock", "127.0.0.1:1,[::1]:1", "fd://3"],
}  # fmt: skip


def each(values):
    return [(name, value) for name, choices in values.items() for value in choices]


def test_every_setting_has_a_wrong_value():
    assert set(WRONG) == NAMES


@pytest.mark.parametrize(("name", "value"), each(WRONG))
def test_a_wrong_setting_is_named_alone_and_not_quoted(bare, name, value):
    problems = problems_with(bare, PRODUCTION | {name: value})
    assert set(problems) == {name}
    assert "hunter2" not in str(problems).lower()


@pytest.mark.parametrize(("name", "value"), each(RIGHT))
def test_a_right_setting_is_accepted(bare, name, value):
    assert problems_with(bare, PRODUCTION | {name: value}) == {}


def test_a_place_that_cannot_be_written_to_is_wrong(bare):
    bare.setattr("config.setting_rules.os.access", lambda _path, mode: not mode & os.W_OK)
    assert set(problems_with(bare, {})) == {"DATA_DIR"}


@pytest.mark.parametrize("kept", [b"", b"hunter2", b"k" * 49, b"hunter2\xff" + b"k" * 50, None])
def test_a_kept_secret_that_cannot_be_read_is_wrong(bare, kept):
    """None: what lies there is a directory. It is left as it is, for a person to look at."""
    path = Path(os.environ["DATA_DIR"], "secret_key")
    path.parent.mkdir(parents=True)
    if kept is None:
        path.mkdir()
    else:
        path.write_bytes(kept)
    problems = problems_with(bare, {})
    assert set(problems) == {"SECRET_KEY"}
    assert "hunter2" not in str(problems)
    assert path.is_dir() if kept is None else path.read_bytes() == kept


def test_a_kept_secret_is_not_asked_where_one_is_given(bare):
    path = Path(os.environ["DATA_DIR"], "secret_key")
    path.mkdir(parents=True)
    assert problems_with(bare, {"SECRET_KEY": "k" * 50}) == {}


def test_a_database_file_that_may_not_be_written_is_wrong(bare, tmp_path):
    file = tmp_path / "x.sqlite3"
    file.touch()
    wanted = {"DATABASE_URL": f"sqlite:///{file}", "SECRET_KEY": "k" * 50}
    assert problems_with(bare, wanted) == {}
    bare.setattr("config.setting_rules.os.access", lambda path, _mode: Path(path) != file)
    assert set(problems_with(bare, wanted)) == {"DATABASE_URL"}


def test_judging_a_database_file_makes_nothing(bare, tmp_path):
    problems_with(bare, {"DATABASE_URL": f"sqlite:///{tmp_path}/new/x.sqlite3", "SECRET_KEY": "k" * 50})
    problems_with(bare, {"DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3", "SECRET_KEY": "k" * 50})
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def test_all_that_is_wrong_is_named_together(bare):
    problems = problems_with(bare, {name: values[0] for name, values in WRONG.items()} | {"SECRET_KEY": ""})
    assert set(problems) == NAMES
    assert "not set" in problems["SECRET_KEY"]


def test_the_owner_is_not_blamed_for_a_database_that_is_wrong(bare):
    owner = {"DATABASE_OWNER_URL": "postgresql://owner@db:5432/countersign"}
    assert set(problems_with(bare, PRODUCTION | owner | {"DATABASE_URL": "postgresql://"})) == {"DATABASE_URL"}


def test_an_owner_wants_a_database(bare):
    assert set(problems_with(bare, {"DATABASE_OWNER_URL": POSTGRES})) == {"DATABASE_OWNER_URL"}


def test_the_start_ends_with_the_one_message():
    wrong = {name: values[0] for name, values in WRONG.items()}
    result = run_manage("check", **wrong)
    assert result.returncode == 1
    assert f"{len(NAMES)} settings are missing or wrong" in result.stderr
    assert [line.split(":")[0].strip() for line in result.stderr.splitlines()[1:-1]] == sorted(NAMES)
    assert "Traceback" not in result.stderr
    assert "hunter2" not in result.stderr


def problems_with(bare, values):
    for name, value in values.items():
        bare.setenv(name, value)
    try:
        read_environment()
    except SettingsError as error:
        return error.problems
    return {}
