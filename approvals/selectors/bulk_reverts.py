"""Bulk reverts: what a choice finds, and how a job stands."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from approvals.domain.bulk_choice import Choice
from approvals.domain.bulk_revert import ALONE_WITHIN, OPEN, TAKEN_UP, Key
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Attempt, BulkRevert, BulkRevertItem
from approvals.selectors.of_agents import of_agents, requests_of
from governance.domain.change_status import ChangeStatus
from governance.models import Agent, PolicyVersion
from governance.selectors.held import AgentScope

_DONE = (Status.EXECUTED, Status.REVERTED)
_LIVE = ("evaluating", "pending", "approved", "held", "executing", "executed", "unknown")
JOINED = ("workspace", "connection", "agent", "person", "reverses")
UNREAD = tuple(f"reverses__{name}" for name in ("body", "facts", "decision", "patch", "holds"))
"""The large columns of what a request takes back: who joins `reverses` asks whose it was and how it stands."""


def chosen_requests(*, workspace_id: UUID, choice: Choice, agents: AgentScope) -> QuerySet[AgentActionRequest]:
    """Executed requests (taken back or not) that the choice names, of these agents, the last executed first.

    `last` is not applied here. Reverts are chosen as those of a bulk revert alone.
    """
    rows = AgentActionRequest.objects.filter(requests_of(agents), workspace_id=workspace_id, status__in=_DONE)
    given = {
        "agent_id": choice.agent,
        "finished_at__gte": choice.since,
        "finished_at__lte": choice.until,
        "correlation_id": choice.correlation_id or None,
        "batch_id": choice.batch,
        "policy_version_id": choice.policy_version,
    }
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None})
    if choice.bulk_revert is None:
        rows = rows.filter(reverses__isnull=True)
    else:
        made = BulkRevertItem.objects.filter(bulk_revert_id=choice.bulk_revert, revert__isnull=False)
        rows = rows.filter(pk__in=made.values("revert_id"))
    return rows.order_by("-finished_at", "-pk")


def after_cursor(
    rows: QuerySet[AgentActionRequest], cursor: tuple[datetime, UUID] | None
) -> QuerySet[AgentActionRequest]:
    """The rows behind the last one that was collected."""
    if cursor is None:
        return rows
    at, last_id = cursor
    return rows.filter(Q(finished_at__lt=at) | Q(finished_at=at, pk__lt=last_id))


def get_attempts(requests: Iterable[AgentActionRequest]) -> dict[UUID, Attempt]:
    """The attempt that executed each of them. One query."""
    epochs = {request.pk: request.epoch for request in requests}
    rows = Attempt.objects.filter(request_id__in=epochs)
    return {row.request_id: row for row in rows if row.epoch == epochs[row.request_id]}


def list_live_reverts(request_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Which of these requests are being taken back, or are. One query."""
    rows = AgentActionRequest.objects.filter(reverses_id__in=list(request_ids), status__in=_LIVE)
    return frozenset(rows.values_list("reverses_id", flat=True))


def list_open(job: BulkRevert, *, limit: int) -> list[BulkRevertItem]:
    """Items that a start took up and that no revert was made for yet, in their order."""
    rows = job.items.filter(result="", revert__isnull=True, finding__in=TAKEN_UP)
    return list(rows.order_by("position")[:limit])


def list_busy(job: BulkRevert) -> frozenset[Key]:
    """Records on which a revert of this job is under way."""
    rows = job.items.filter(result__in=OPEN, revert__isnull=False)
    return frozenset(
        (str(connection), object_type, record)
        for connection, object_type, record in rows.values_list("connection_id", "object_type", "record_id")
    )


def key_of(item: BulkRevertItem) -> Key:
    """The record that an item is about."""
    return str(item.connection_id), item.object_type, item.record_id


def count_findings(job: BulkRevert) -> dict[str, int]:
    """Items by finding, and as `needs_person` those that wait for an approval each. Two queries."""
    found = job.items.values("finding").annotate(number=Count("pk")).order_by("finding")
    waiting = job.items.filter(needs_person=True, finding__in=TAKEN_UP).count()
    return {row["finding"]: row["number"] for row in found} | {"needs_person": waiting}


def count_results(job: BulkRevert) -> dict[str, int]:
    """Items that a start took up, by result; empty for those still open. One query."""
    return count_results_of([job.pk]).get(job.pk, {})


def count_results_of(ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """The same of each of these bulk reverts. One query, none for none."""
    if not ids:
        return {}
    rows = BulkRevertItem.objects.filter(bulk_revert__in=ids, finding__in=TAKEN_UP)
    counted: dict[UUID, dict[str, int]] = {}
    for job_id, result, number in rows.values_list("bulk_revert", "result").annotate(number=Count("pk")).order_by():
        counted.setdefault(job_id, {})[result] = number
    return counted


def count_started_alone(*, workspace_id: UUID, person_id: UUID, now: datetime) -> int:
    """Items of what this person started here within ALONE_WITHIN on nobody else's word, stopped ones too. One query."""
    rows = BulkRevert.objects.filter(
        workspace_id=workspace_id, started_by_id=person_id, started_at__gt=now - ALONE_WITHIN
    ).exclude(proposal__status=ChangeStatus.APPLIED)
    return int(rows.aggregate(items=Sum("taken_up", default=0))["items"])


def list_jobs(*, workspace_id: UUID, user_id: int | None, limit: int) -> list[BulkRevert]:
    """The workspace's bulk reverts, the newest first; with `user_id` those of that login alone."""
    rows = BulkRevert.objects.filter(workspace_id=workspace_id)
    if user_id is not None:
        rows = rows.filter(user_id=user_id)
    return list(rows.select_related("workspace", "planned_by", "started_by").order_by("-id")[:limit])


def find_job(job_id: UUID) -> BulkRevert | None:
    """One bulk revert with all that its page names."""
    rows = BulkRevert.objects.select_related("workspace", "planned_by", "started_by", "proposal", "release")
    return rows.filter(pk=job_id).first()


def list_choosable(workspace_id: UUID, agents: AgentScope) -> tuple[list[Agent], list[PolicyVersion]]:
    """Agents and the newest policy versions to choose among."""
    known = Agent.objects.filter(of_agents(agents, "pk"), workspace_id=workspace_id)
    versions = PolicyVersion.objects.filter(workspace_id=workspace_id).defer("document")
    return list(known.order_by("name")), list(versions.order_by("-number")[:30])
