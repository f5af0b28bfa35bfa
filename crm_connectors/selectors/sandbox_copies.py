"""Sandbox copies: which there are, and between which connections one can be made."""

from uuid import UUID

from crm_connectors.models import SandboxCopy
from crm_connectors.models.sandbox_copy import TARGET_KIND
from governance.domain.vocabulary import Environment
from governance.models import Connection

_MOST = 50


def list_copies(workspace_id: UUID) -> list[SandboxCopy]:
    """The newest fifty. One query."""
    rows = SandboxCopy.objects.filter(source__workspace_id=workspace_id)
    return list(rows.select_related("source", "target", "asked_by").order_by("-asked_at")[:_MOST])


def is_copy_of(copy_id: UUID, workspace_id: UUID) -> bool:
    return SandboxCopy.objects.filter(pk=copy_id, source__workspace_id=workspace_id).exists()


def list_sources(workspace_id: UUID) -> list[tuple[UUID, str]]:
    """Active connections. One query."""
    rows = Connection.objects.filter(workspace_id=workspace_id, is_active=True)
    return list(rows.order_by("name").values_list("pk", "name"))


def list_sandboxes(workspace_id: UUID) -> list[tuple[UUID, str]]:
    """Active embedded connections of the sandbox. One query."""
    rows = Connection.objects.filter(
        workspace_id=workspace_id, is_active=True, kind=TARGET_KIND, environment=Environment.SANDBOX
    )
    return list(rows.order_by("name").values_list("pk", "name"))
