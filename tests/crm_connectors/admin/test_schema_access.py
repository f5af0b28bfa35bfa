"""IDN-07: who looks at the CRM's schema and at endpoints in the console, and who changes them, role by role."""

import pytest
from django.urls import reverse

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.models import ConnectionEndpoint, CrmField, CrmObject
from governance.domain.roles import Role
from governance.models import Connection, Workspace
from governance.services.roles import assign_role
from tests.builders.console import log_in
from tests.builders.crm_connectors import make_embedded_connection
from tests.builders.governance import make_person, make_user
from tests.doubles.remote_kind import add_far_kind

pytestmark = pytest.mark.django_db
CHANGERS = {
    "crmobject": {Role.REVOPS_ADMIN, Role.SALES_OPS},
    "crmfield": {Role.REVOPS_ADMIN, Role.SALES_OPS},
    "connectionendpoint": {Role.REVOPS_ADMIN},
}
SEES_REQUESTS = {Role.REVOPS_ADMIN, Role.SALES_OPS, Role.COMPLIANCE, Role.SALES_MANAGER, Role.AUDITOR}
LOOKERS = {
    "crmobject": SEES_REQUESTS,
    "crmfield": SEES_REQUESTS,
    "connectionendpoint": SEES_REQUESTS - {Role.SALES_MANAGER},
}


@pytest.fixture(autouse=True)
def far(monkeypatch):
    """A kind of CRM whose endpoint has settings."""
    add_far_kind(monkeypatch)


def make_rows(slug="crm-tests"):
    connection_id = make_embedded_connection(slug)
    Connection.objects.filter(pk=connection_id).update(kind="far")
    ConnectionEndpoint.objects.get_or_create(connection_id=connection_id)
    crm_object = CrmObject.objects.filter(connection_id=connection_id).order_by("pk").first()
    return {
        "crmobject": crm_object,
        "crmfield": CrmField.objects.filter(crm_object=crm_object).order_by("pk").first(),
        "connectionendpoint": ConnectionEndpoint.objects.get(connection_id=connection_id),
    }


def client_of(role, workspace):
    user = make_user(make_person(f"{role} person"))
    assign_role(user_id=user.pk, workspace_id=workspace.pk, role=role, actor=Actor("human", "x"), now=get_now())
    return log_in(user)


def forms(rows):
    crm_object, field = rows["crmobject"], rows["crmfield"]
    return {
        "crmobject": {
            "connection": crm_object.connection_id,
            "name": crm_object.name,
            "label": "Renamed",
            "title_field": crm_object.title_field,
            "list_fields": "[]",
        },
        "crmfield": {
            "crm_object": crm_object.pk,
            "name": field.name,
            "label": "Renamed",
            "field_type": field.field_type,
            "position": 1,
        },
        "connectionendpoint": {
            "base_url": "https://crm.example",
            "connect_seconds": "5",
            "read_seconds": "5",
            "total_seconds": "60",
            "version": "v2",
        },
    }


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("kind", sorted(CHANGERS))
def test_each_role_looks_and_changes_as_far_as_it_may(kind, role):
    rows = make_rows()
    workspace = Workspace.objects.get(connections=rows["crmobject"].connection_id)
    client = client_of(role, workspace)
    address = reverse(f"admin:crm_connectors_{kind}_change", args=[rows[kind].pk])
    looked = client.get(address).status_code
    assert (looked == 200) == (role in LOOKERS[kind]), looked
    changed = client.post(address, forms(rows)[kind])
    events = LedgerEvent.objects.filter(type="config.changed", subject_type=kind)
    assert (events.count() == 1) == (role in CHANGERS[kind]), changed.content[:2000]
    if role in LOOKERS[kind] - CHANGERS[kind]:
        assert changed.status_code == 403


@pytest.mark.parametrize("kind", sorted(CHANGERS))
def test_another_workspaces_rows_are_neither_seen_nor_offered(kind):
    mine, theirs = make_rows(), make_rows("elsewhere")
    workspace = Workspace.objects.get(connections=mine["crmobject"].connection_id)
    client = client_of(Role.REVOPS_ADMIN, workspace)
    listed = client.get(reverse(f"admin:crm_connectors_{kind}_changelist"))
    assert {row.pk for row in listed.context["cl"].result_list}.isdisjoint({theirs[kind].pk})
    address = reverse(f"admin:crm_connectors_{kind}_change", args=[theirs[kind].pk])
    assert client.get(address).status_code in (302, 403, 404)
    moved = forms(mine)[kind] | {"connection": theirs["crmobject"].connection_id, "crm_object": theirs["crmobject"].pk}
    own = reverse(f"admin:crm_connectors_{kind}_change", args=[mine[kind].pk])
    client.post(own, moved)
    assert {connection_of(rows[kind]) for rows in (mine, theirs)} == {
        connection_of(type(rows[kind]).objects.get(pk=rows[kind].pk)) for rows in (mine, theirs)
    }
    changed = LedgerEvent.objects.filter(type="config.changed", subject_type=kind)
    assert not changed.filter(workspace="elsewhere").exists()
    assert Connection.objects.count() == 2


def connection_of(row):
    return row.crm_object.connection_id if isinstance(row, CrmField) else row.connection_id
