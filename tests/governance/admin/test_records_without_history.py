"""Rows that are records themselves have no history page: it does not exist, where it was an error before."""

import pytest
from django.urls import reverse

from tests.builders.console import log_in, make_login
from tests.builders.governance import make_workspace, stray_id

pytestmark = pytest.mark.django_db


def test_it_does_not_exist():
    client = log_in(make_login(make_workspace(), "edit_policy", "countersign_changes", "view_ledger"))
    assert client.get(reverse("admin:governance_changeproposal_history", args=[stray_id()])).status_code == 404
