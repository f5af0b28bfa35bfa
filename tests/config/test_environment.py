"""OPS-01: wrong settings stop the start with one clear message that names them all."""

import re
import stat

import pytest

from config.environment import SettingsError, read_environment, read_or_create_secret
from tests.architecture.source import ROOT
from tests.config.production_check import run_check
from tests.config.starting import NAMES, run_manage


def test_nothing_set_is_the_embedded_way(bare):
    environment = read_environment()
    assert environment.is_embedded
    assert (environment.debug, environment.https, environment.redis_url) == (False, False, "")
    assert environment.allowed_hosts == ["localhost", "127.0.0.1", "[::1]"]


def test_a_database_url_is_production_and_turns_https_on(bare):
    bare.setenv("DATABASE_URL", "postgresql://app@db/countersign")
    bare.setenv("SECRET_KEY", "k" * 50)
    environment = read_environment()
    assert not environment.is_embedded
    assert environment.https


def test_everything_wrong_is_reported_at_once_without_the_values(bare):
    wrong = {
        "DATABASE_URL": "mysql://user:hunter2@db/x",
        "DEBUG": "perhaps",
        "LOG_LEVEL": "LOUD",
        "SECRET_KEY": "hunter2",
        "WEB_THREADS": "0",
    }
    for name, value in wrong.items():
        bare.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_environment()
    assert set(caught.value.problems) == set(wrong)
    assert "hunter2" not in str(caught.value)


def test_the_secret_key_is_required_with_a_database_url(bare):
    bare.setenv("DATABASE_URL", "postgresql://app@db/countersign")
    with pytest.raises(SettingsError, match="SECRET_KEY: not set"):
        read_environment()


@pytest.mark.parametrize("owner", ["postgresql://owner@other/countersign", "postgresql://owner@db/elsewhere"])
def test_the_owner_must_own_the_same_database(bare, owner):
    bare.setenv("DATABASE_URL", "postgresql://app@db/countersign")
    bare.setenv("DATABASE_OWNER_URL", owner)
    bare.setenv("SECRET_KEY", "k" * 50)
    with pytest.raises(SettingsError, match="DATABASE_OWNER_URL"):
        read_environment()


def test_the_command_line_ends_with_the_message_and_no_traceback():
    result = run_manage("check", DATABASE_URL="postgresql://db/x", DEBUG="perhaps")
    assert result.returncode == 1
    assert "2 settings are missing or wrong" in result.stderr
    assert "SECRET_KEY" in result.stderr
    assert "DEBUG" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_generated_secret_is_kept_and_private(tmp_path):
    first = read_or_create_secret(tmp_path / "secret_key")
    assert len(first) >= 50
    assert read_or_create_secret(tmp_path / "secret_key") == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_every_setting_is_documented_and_no_other():
    documented = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text("utf-8"), re.MULTILINE))
    assert documented == NAMES


def test_every_setting_is_read():
    source = (ROOT / "config" / "settings.py").read_text("utf-8")
    assert {name for name in NAMES if f"environment.{name.lower()}" not in source} == set()


def test_production_settings_pass_the_deployment_checks():
    result = run_check()
    assert result.returncode == 0, result.stderr


def test_the_deployment_checks_notice_a_careless_setting():
    assert run_check(HTTPS="off").returncode != 0
