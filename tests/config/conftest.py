"""What tests of the settings share."""

import pytest

from tests.config.starting import NAMES


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """No setting is set, but for a place of its own for data."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    return monkeypatch
