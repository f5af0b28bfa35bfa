"""What the tests of the domain have in common."""

import sys

import pytest


@pytest.fixture(scope="session", autouse=True)
def cold_caches():
    """A run remembers nothing of an earlier one in its process: a mutant is asked, not what was right before it."""
    for name, module in list(sys.modules.items()):
        if not name.startswith("governance.domain."):
            continue
        for held in vars(module).values():
            if hasattr(held, "cache_clear"):
                held.cache_clear()
            elif isinstance(held, dict) and hasattr(held, "__missing__"):
                held.clear()
