"""These tests speak with a real Tryton; `make test-services` starts one."""

from pathlib import Path

import pytest

from tests.builders.tryton import URL, Person


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They exist where there is a Tryton."""
    if URL:
        return
    for item in items:
        if Path(__file__).parent in item.path.parents and "person" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip(reason="needs a Tryton: TRYTON_URL"))


@pytest.fixture(scope="session")
def person() -> Person:
    """Somebody at the same Tryton, behind the connector's back."""
    return Person()


@pytest.fixture(autouse=True)
def private(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1", "localhost"]
