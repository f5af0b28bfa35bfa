"""Grants that a policy in force may rest on: not withdrawn, and there when that policy was published (PRM-06)."""

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from governance.models import Grant, PolicyRelease, PolicyVersion


def list_live_grants() -> QuerySet[Grant]:
    """INVARIANT: a row that took a removed one's place gives nothing back before somebody publishes it.

    Ids tell what came first: they are ordered by time. The policy in force for the connection's environment may be an
    earlier version that was restored; rows that are younger than it wait for the next one.
    """
    releases = PolicyRelease.objects.filter(
        workspace=OuterRef("connection__workspace"), environment=OuterRef("connection__environment")
    )
    in_force = Subquery(releases.order_by("-number").values("version")[:1])
    rows = Grant.objects.filter(is_withdrawn=False).annotate(in_force=in_force)
    is_younger = PolicyVersion.objects.filter(pk=OuterRef("in_force"), pk__lt=OuterRef("pk"))
    return rows.filter(~Exists(is_younger))


def has_waiting_grants(*, workspace_id: UUID, version_id: UUID) -> bool:
    """Whether some grant was added since this version was published: then publishing the same document is of use, for
    a row that took a removed one's place is live from there on. One query."""
    rows = Grant.objects.filter(connection__workspace=workspace_id, is_withdrawn=False)
    return rows.filter(pk__gt=version_id).exists()
