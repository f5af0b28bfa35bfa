"""Who reads and writes records by hand: the roles of the workspace that the CRM belongs to (CON-03, IDN-07)."""

import pytest
from django.test import Client
from django.urls import reverse

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from crm_connectors.models import CrmRecord
from governance.domain.roles import Role
from governance.models import Connection, Workspace
from governance.services.roles import assign_role
from tests.builders.crm_connectors import make_embedded_connection, make_record
from tests.builders.governance import make_user, make_workspace

pytestmark = pytest.mark.django_db
LIST = "/admin/crm_connectors/company/"
ADD = f"{LIST}add/"
READERS = [Role.COMPLIANCE, Role.AUDITOR]
WRITERS = [Role.REVOPS_ADMIN, Role.SALES_OPS, Role.SALES_MANAGER]


def sign_in(client: Client, role: Role, workspace: Workspace) -> None:
    user = make_user(username=f"{role.value}@example.com")
    assign_role(user_id=user.pk, workspace_id=workspace.pk, role=role, actor=Actor("system", "test"), now=get_now())
    client.force_login(user, backend="config.model_permissions.ModelPermissionsBackend")


def make_company() -> tuple[Workspace, str]:
    """A company called Hasbro: its workspace and the address of its page."""
    connection_id = make_embedded_connection()
    number = make_record(connection_id, name="Hasbro", industry="Software")
    key = CrmRecord.objects.get(crm_object__connection_id=connection_id, number=int(number)).pk
    workspace = Connection.objects.get(pk=connection_id).workspace
    return workspace, reverse("admin:crm_connectors_company_change", args=[key])


def post_industry(client: Client, url: str) -> int:
    form = client.get(url).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    values = {name: "" if value is None else str(value) for name, value in (shown | {"industry": "Retail"}).items()}
    return client.post(url, values).status_code


@pytest.mark.parametrize("role", WRITERS)
def test_who_may_take_changes_back_also_edits_by_hand(client: Client, role: Role) -> None:
    workspace, url = make_company()
    sign_in(client, role, workspace)
    assert "Hasbro" in client.get(LIST).content.decode()
    assert post_industry(client, url) == 302
    assert CrmRecord.objects.get(title="Hasbro").values["industry"] == "Retail"
    assert client.get(ADD).status_code == 200


@pytest.mark.parametrize("role", READERS)
def test_who_only_reads_requests_only_reads_records(client: Client, role: Role) -> None:
    workspace, url = make_company()
    sign_in(client, role, workspace)
    assert "Hasbro" in client.get(LIST).content.decode()
    assert post_industry(client, url) == 403
    assert client.post(url, {"_archive": "1"}).status_code == 403
    assert client.get(ADD).status_code == 403
    assert CrmRecord.objects.get(title="Hasbro").values["industry"] == "Software"


def test_a_role_in_another_workspace_opens_nothing(client: Client) -> None:
    _, url = make_company()
    sign_in(client, Role.REVOPS_ADMIN, make_workspace(slug="elsewhere"))
    assert "Hasbro" not in client.get(LIST).content.decode()
    assert client.get(url).status_code == 403
    assert client.post(url, {"_archive": "1"}).status_code == 403
    assert client.get(ADD).status_code == 404


def test_a_login_without_a_role_sees_no_records(client: Client) -> None:
    _, url = make_company()
    client.force_login(make_user(username="nobody"), backend="config.model_permissions.ModelPermissionsBackend")
    assert client.get(LIST).status_code == 403
    assert client.get(url).status_code == 403
