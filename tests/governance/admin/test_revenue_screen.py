"""REG-02: the Revenue 20 are edited in the console, and the page says which connection covers which of them."""

import re

import pytest
from django.urls import reverse

from audit.models import LedgerEvent
from governance.models import RegisteredField, RevenueField
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_world

pytestmark = pytest.mark.django_db
LIST = "admin:governance_revenuefield_changelist"


@pytest.fixture
def world():
    world = make_world()
    for position, name in enumerate(("Amount", "Territory"), start=1):
        RevenueField.objects.create(workspace=world.workspace, position=position, name=name)
    amount = RegisteredField.objects.get(name="amount")
    amount.revenue_field = RevenueField.objects.get(name="Amount")
    amount.save()
    return world


def change(client, world, names):
    row = RevenueField.objects.get(name="Territory")
    form = {"workspace": world.workspace.pk, "position": 2, "name": "Territory", "owner_role": "revops"}
    address = reverse("admin:governance_revenuefield_change", args=[row.pk])
    return client.post(address, form | {"names_by_kind": names})


def test_the_page_says_what_covers_each_and_what_is_not_covered(world):
    text = text_of(log_in(make_login(world.workspace, "edit_policy")).get(reverse(LIST)))
    assert "embedded: deals.amount" in text
    assert "covers 1 of 2" in text
    assert re.search(r"not covered</span>\s*Territory", text)
    RegisteredField.objects.filter(name="amount").update(review_state="gone")
    assert "covers 0 of 2" in text_of(log_in(make_login(world.workspace, "view_ledger", name="A")).get(reverse(LIST)))


def test_names_are_edited_with_history_and_an_event_and_bad_ones_are_refused(world):
    client = log_in(make_login(world.workspace, "edit_policy"))
    assert "write one line" in text_of(change(client, world, "hubspot"))
    assert change(client, world, "hubspot: companies.territory\nsalesforce: Territory__c").status_code == 302
    row = RevenueField.objects.get(name="Territory")
    assert row.names_by_kind == {"hubspot": "companies.territory", "salesforce": "Territory__c"}
    assert RevenueField.history.filter(id=row.pk).count() == 2
    assert LedgerEvent.objects.filter(type="config.changed", subject_id=str(row.pk)).count() == 1


def test_an_auditor_looks_and_edits_nothing(world):
    client = log_in(make_login(world.workspace, "view_ledger", name="Ada Auditor"))
    assert client.get(reverse(LIST)).status_code == 200
    assert change(client, world, "hubspot: x").status_code == 403
    assert log_in(make_login(None, name="Stray Stranger")).get(reverse(LIST)).status_code == 403
