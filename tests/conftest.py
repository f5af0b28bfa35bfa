"""What every test stands on. Builders are plain functions in tests/builders; fixtures here are few."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import HealthCheck, Phase, settings

from config.warm_up import warm_up
from tests.emptying import empty_tables
from tests.migrated_database import bring_kept, keep
from tests.process_state import forget_anchors, forget_memories

# A busy machine is no failure. Of one commit the suite says the same on every run; `make soak` explores with new seeds.
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("countersign", settings.get_profile("explore"), derandomize=True, database=None)
settings.register_profile(  # no time spent on a smaller example
    "mutation",
    settings.get_profile("countersign"),
    max_examples=50,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("countersign")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `postgres` are skipped on SQLite, where their subject does not exist."""
    if connection.vendor == "postgresql":
        return
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL"))


def _test_file() -> Path:
    return Path(connection.settings_dict["TEST"]["NAME"])


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None, django_db_keepdb: bool) -> bool:
    """On SQLite a run begins with the kept, migrated file where there is one."""
    return (connection.vendor == "sqlite" and bring_kept(_test_file())) or django_db_keepdb


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Keep the fresh database for the next run before the first test writes to it."""
    if connection.vendor == "sqlite":
        keep(_test_file())


@pytest.fixture(scope="session", autouse=True)
def warm_process() -> None:
    """As every serving process is before its threads start: tests let many threads begin at once."""
    warm_up()


@pytest.fixture(scope="session", autouse=True)
def emptied_as_owner() -> Iterator[None]:
    """Tests that commit end with empty tables, which the triggers refuse to anyone but the suite."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield


@pytest.fixture(autouse=True)
def clean_process_state() -> Iterator[None]:
    """Nothing outlives a test."""
    yield
    forget_anchors()
    forget_memories()
