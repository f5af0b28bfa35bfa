"""What is put back is what was built, row for row."""

import pytest
from django.db import transaction

from audit.models import LedgerEvent, PendingEvent
from tests.builders import kept
from tests.builders.api import make_body, make_site, post
from tests.emptying import tables_with_rows

pytestmark = pytest.mark.django_db


def make_and_take_back():
    """The site, its rows, and how many events wait for their leaf of how many; nothing of it stays."""
    before = transaction.savepoint()
    site = make_site()
    rows = {table: sorted(content.splitlines()) for table, content in kept._read(tables_with_rows()).items()}
    waiting = (PendingEvent.objects.count(), LedgerEvent.objects.count())
    transaction.savepoint_rollback(before)
    return site, rows, waiting


def test_the_second_call_puts_back_what_the_first_built(monkeypatch):
    monkeypatch.setattr(kept, "_KEPT", {})
    built, again = make_and_take_back(), make_and_take_back()
    assert again == built
    assert again[2][0] == again[2][1] > 0


def test_where_there_are_rows_a_second_one_is_built_beside_them():
    first, second = make_site(), make_site("globex", agent_name="agent.other")
    assert first.world.workspace.pk != second.world.workspace.pk
    for site in (first, second):
        assert post("/action-requests/", make_body(site), token=site.world.token).status_code == 201
