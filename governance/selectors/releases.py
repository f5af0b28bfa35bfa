"""Which version is in force where, and since when."""

import uuid
from typing import Any

from django.db.models import QuerySet

from audit.selectors.kept_query import KeptQuery
from governance.models import PolicyRelease


def get_release(workspace_id: uuid.UUID, environment: str) -> PolicyRelease | None:
    """The release in force, its version joined without the document; None when nothing was ever released there."""
    rows = PolicyRelease.objects.filter(workspace_id=workspace_id, environment=environment)
    joined = rows.select_related("version", "released_by", "countersigned_by").defer("version__document")
    return joined.order_by("-number").first()


def get_digests_in_force(workspace_id: uuid.UUID) -> dict[str, str]:
    """Environment → digest of what is in force there."""
    return dict(_IN_FORCE.fetch(workspace_id))


def _list_released(workspace_id: uuid.UUID) -> QuerySet[PolicyRelease, tuple[Any, ...]]:
    rows = PolicyRelease.objects.filter(workspace_id=workspace_id).order_by("number")
    return rows.values_list("environment", "version__digest")


_IN_FORCE = KeptQuery(_list_released)
