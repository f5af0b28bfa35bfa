"""Each test of the ledger has its own key, anchor and spool."""

import pytest


@pytest.fixture(autouse=True)
def own_ledger_files(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
