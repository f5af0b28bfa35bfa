"""Every list of the console, and the reviewers' pages: without a row, with one and with fifty they are there and ask no
more. Twenty thousand of each kind is a long figure (`make soak`).
"""

import time
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import transaction
from django.urls import reverse

from governance.domain.roles import PERMISSIONS
from governance.models import User
from tests.builders.console import log_in, make_login
from tests.builders.crowds import multiply
from tests.builders.governance import make_person, make_workspace
from tests.doors.walking import make_house
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db

MOST = 16
"""Statements of a list; the frame's four are among them."""

MORE = {"/admin/governance/policyversion/": 34, "/admin/governance/schemasync/": 22}
"""The panel above the versions compiles the draft, and that above the schema review tells of each connection's state:
many statements, the same for many rows."""

MOST_KB = 500

PAGES = {
    "inbox": "approvals.AgentActionRequest",
    "requests": "approvals.AgentActionRequest",
    "leaving": "approvals.AgentActionRequest",
    "exceptions": "approvals.ExceptionCase",
    "incidents": "approvals.Incident",
    "bulk_reverts": "approvals.BulkRevert",
    "certificates": "approvals.ContactCertificate",
    "sandbox_copies": "crm_connectors.SandboxCopy",
    "retention": "governance.LegalHold",
    "drills": "approvals.DrillRun",
    "stops": "approvals.AgentActionRequest",
    "notifications": "approvals.Notification",
}
"""Reviewers' pages, and the rows that fill each."""

VARIED = {
    "axes.AccessLog": {"user_agent": lambda number: f"browser {number}"},
    "crm_connectors.CrmRecord": {"number": lambda number: 10_000 + number},
}
"""What must differ where no constraint says so."""

ONE_EACH = frozenset(
    {"governance.FieldOwnership", "governance.ActionTier", "governance.KillSwitch", "crm_connectors.ConnectionEndpoint"}
)
"""One for each field, action, agent, connection: they grow with these, and have tests of their own."""


class Cost(NamedTuple):
    status: int
    statements: int
    seconds: float
    kilobytes: int


def lists() -> dict[str, Any]:
    """Each list's address with the model of its rows."""
    found = {
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"): model
        for model in admin.site._registry
    }
    return found | {reverse(f"approvals:{name}"): apps.get_model(label) for name, label in PAGES.items()}


def see_all(workspace):
    root = User.objects.create(username="root", is_superuser=True, is_staff=True, person=make_person("Ruth Root"))
    return [log_in(make_login(workspace, *PERMISSIONS, name="Vera Viewer")), log_in(root)]


def cost(clients, address):
    """The page's, for the first who may see it, asked twice before: what a process asks once is not counted."""
    client = next((one for one in clients if one.get(address).status_code == 200), clients[0])
    client.get(address)
    begun = time.perf_counter()
    with captured_statements() as statements:
        answer = client.get(address)
    return Cost(answer.status_code, len(statements), time.perf_counter() - begun, len(answer.content) // 1024)


def grown(house, count):
    """List → its cost with what the house has, and with `count` more of the first row. Nothing stays."""
    clients = see_all(house.site.world.workspace)
    found = {}
    for address, model in lists().items():
        label = model._meta.concrete_model._meta.label
        row = model._default_manager.order_by("pk").first()
        if row is None or label in ONE_EACH:
            continue
        with transaction.atomic():
            before = cost(clients, address)
            multiply(row, count, **VARIED.get(label, {}))
            found[address] = before, cost(clients, address)
            transaction.set_rollback(True)
    return found


def wrong(address, one):
    return one.status != 200 or one.statements > MORE.get(address, MOST) or one.kilobytes > MOST_KB


def test_each_list_is_there_without_a_row():
    clients = see_all(make_workspace("empty"))
    found = {address: cost(clients, address) for address in lists()}
    assert {address: one for address, one in found.items() if wrong(address, one)} == {}


def test_each_list_asks_no_more_for_fifty_rows_than_for_one():
    found = grown(make_house(), 49)
    assert len(found) > 35
    assert {address: few for address, (few, _) in found.items() if wrong(address, few)} == {}
    assert {address: many for address, (_, many) in found.items() if wrong(address, many)} == {}
    more = {address: (few, many) for address, (few, many) in found.items() if many.statements > few.statements}
    assert more == {}


@pytest.mark.slow
def test_each_list_asks_no_more_for_twenty_thousand_rows():
    """What each took is printed: seconds are not judged here."""
    found = grown(make_house(), 20_000)
    for address, (few, many) in sorted(found.items(), key=lambda item: -item[1][1].seconds):
        print(address, few.statements, "→", many.statements, f"statements, {many.seconds:.2f} s, {many.kilobytes} kB")  # noqa: T201
    bad = {address: many for address, (_, many) in found.items() if wrong(address, many)}
    more = {address: pair for address, pair in found.items() if pair[1].statements > pair[0].statements + 2}
    assert (bad, more) == ({}, {})
