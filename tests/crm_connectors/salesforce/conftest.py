"""A simulated org for a module's tests, each of which begins with an empty one."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders.salesforce import SalesforceServer, running_salesforce


@pytest.fixture(scope="module")
def module_server() -> Iterator[SalesforceServer]:
    with running_salesforce() as running:
        yield running


@pytest.fixture
def server(module_server: SalesforceServer, settings: Any) -> SalesforceServer:
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    module_server.clear()
    return module_server
