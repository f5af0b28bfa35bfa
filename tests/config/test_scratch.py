"""The place that `manage.py bench` works in: made beside the configured one, removed also after an error (OPS-01)."""

from dataclasses import replace

import psycopg
import pytest
from django.core.management import CommandError
from django.db import connection
from redis import Redis

from audit.domain.identifier import new_id
from config.environment import read_environment
from config.scratch import scratch_database, scratch_environment
from governance.models import Workspace
from tests.builders.governance import make_workspace

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL by DATABASE_URL")


NONE = {"database_url": "", "database_owner_url": "", "redis_url": ""}


def configured(data_dir, **changes):
    return replace(read_environment(), data_dir=data_dir, **(NONE | changes))


def on_server(data_dir):
    return configured(data_dir, database_url=read_environment().database_url)


def databases():
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'bench_%'")
        return {name for (name,) in cursor.fetchall()}


def test_without_a_server_it_is_a_directory_that_goes(tmp_path):
    with scratch_environment(configured(tmp_path / "var")) as place:
        directory = type(tmp_path)(place["DATA_DIR"])
        assert place["DATABASE_URL"] == place["DATABASE_OWNER_URL"] == place["REDIS_URL"] == ""
        (directory / "countersign.sqlite3").touch()
    assert not directory.exists()
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_it_goes_after_an_error_too(tmp_path, error):
    with pytest.raises(error), scratch_environment(configured(tmp_path)) as place:
        raise error
    assert not type(tmp_path)(place["DATA_DIR"]).exists()


def test_a_kept_one_is_found_again(tmp_path):
    for _ in range(2):
        with scratch_environment(configured(tmp_path), keep="million") as place:
            assert place["DATA_DIR"] == str(tmp_path / "bench_million")
    assert (tmp_path / "bench_million").is_dir()


@pytest.mark.parametrize("name", ['x"; DROP DATABASE postgres', "../var", "A", "x" * 41])
def test_a_kept_one_has_a_plain_name(tmp_path, name):
    with pytest.raises(CommandError, match="is no name"), scratch_environment(configured(tmp_path), keep=name):
        pytest.fail("made")


def test_a_redis_without_numbers_is_not_used(tmp_path):
    with scratch_environment(configured(tmp_path, redis_url="unix:///run/redis.sock")) as place:
        assert place["REDIS_URL"] == ""


@pytest.mark.skipif(not read_environment().redis_url, reason="needs Redis by REDIS_URL")
def test_an_empty_redis_database_is_used_and_emptied(tmp_path):
    url = read_environment().redis_url
    with scratch_environment(configured(tmp_path, redis_url=url)) as place, Redis.from_url(place["REDIS_URL"]) as redis:
        assert place["REDIS_URL"] != url
        redis.set("nudge", 1)
        with scratch_environment(configured(tmp_path, redis_url=url)) as other:
            assert other["REDIS_URL"] != place["REDIS_URL"]  # no longer empty
    with Redis.from_url(place["REDIS_URL"]) as redis:
        assert redis.dbsize() == 0


def test_a_redis_that_refuses_is_told(tmp_path):
    refused = configured(tmp_path, redis_url="redis://127.0.0.1:1/0")
    with pytest.raises(CommandError, match="no scratch database in the configured Redis"), scratch_environment(refused):
        pytest.fail("made")


def test_a_server_that_refuses_is_told(tmp_path):
    refused = configured(tmp_path, database_url="postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(CommandError, match="no scratch database `bench_"), scratch_environment(refused):
        pytest.fail("made")


@on_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize("error", [None, RuntimeError, KeyboardInterrupt])
def test_a_database_is_made_beside_the_configured_one_and_dropped(tmp_path, error):
    make_workspace()
    before = databases()
    try:
        with scratch_environment(on_server(tmp_path)) as place, psycopg.connect(place["DATABASE_URL"]) as scratch:
            scratch.execute("CREATE TABLE governance_workspace (id int)")
            assert len(databases() - before) == 1
            if error:
                raise error
    except (RuntimeError, KeyboardInterrupt):
        pass
    assert databases() == before
    assert Workspace.objects.count() == 1


@on_postgresql
@pytest.mark.django_db
def test_a_database_with_a_name_stays_with_its_rows(tmp_path):
    name, server = f"bench_{new_id().hex}", read_environment().database_url
    try:
        with scratch_database(server, name=name) as url, psycopg.connect(url) as kept:
            kept.execute("CREATE TABLE million AS SELECT 1 AS n")
        with scratch_database(server, name=name) as url, psycopg.connect(url) as kept:
            assert kept.execute("SELECT n FROM million").fetchone() == (1,)
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    assert name not in databases()
