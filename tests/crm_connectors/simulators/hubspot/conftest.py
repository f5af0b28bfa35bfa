"""One portal a module, emptied for each test."""

from collections.abc import Iterator

import pytest

from tests.doubles.hubspot_portal import ServedPortal, serving_portal


@pytest.fixture(scope="module")
def served_hubspot() -> Iterator[ServedPortal]:
    with serving_portal() as served:
        yield served


@pytest.fixture
def hubspot(served_hubspot: ServedPortal) -> ServedPortal:
    served_hubspot.portal.clear()
    return served_hubspot
