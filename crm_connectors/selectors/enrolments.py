"""What keeps enrolments from going on: a stop, their sequence, or a person."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import Q

from crm_connectors.models import AppliedOperation, CrmRecord
from governance.domain.switch_words import switch_words
from governance.domain.vocabulary import SwitchKind
from governance.models import KillSwitch

_STOPPING = (SwitchKind.ALL, SwitchKind.SEND, SwitchKind.ENROLL)


def describe_enrolments(rows: Sequence[CrmRecord]) -> dict[int, str]:
    """For each enrolment, by its key: that it runs, is finished, or what holds it back. Two queries for all of them.

    A stop changes no row: it holds everyone back while it is in force, and nobody longer. Expects `crm_object` and its
    connection joined.
    """
    stops = dict(
        KillSwitch.objects.filter(
            workspace__in={row.crm_object.connection.workspace_id for row in rows},
            kind__in=_STOPPING,
            lifted_at__isnull=True,
        ).values_list("workspace_id", "kind")
    )
    paused = set(
        CrmRecord.objects.filter(
            crm_object__connection__in={row.crm_object.connection_id for row in rows},
            crm_object__name="sequences",
            values__status="paused",
        ).values_list("crm_object__connection_id", "number")
    )
    return {row.pk: _words(row, stops.get(row.crm_object.connection.workspace_id), paused) for row in rows}


def list_ended_enrolments(requests: Collection[UUID]) -> frozenset[UUID]:
    """Of these requests, whose enrolments run no more: finished, or taken out of the CRM. One query.

    Only the embedded provider can say so; an enrolment elsewhere counts as running until a person resumes.
    """
    keys = {f"request:{request_id}": request_id for request_id in requests}
    rows = AppliedOperation.objects.filter(operation_key__in=keys, record__crm_object__name="sequence_enrolments")
    ended = rows.filter(Q(record__archived_at__isnull=False) | Q(record__values__status="finished"))
    return frozenset(keys[key] for key in ended.values_list("operation_key", flat=True))


def _words(row: CrmRecord, stop: str | None, paused: set[tuple[UUID, int]]) -> str:
    status = row.values.get("status")
    if status == "finished":
        return "finished"
    if stop is not None:
        return f"paused: {switch_words(stop).in_force.lower()}"
    if status == "paused":
        return "paused by a person"
    is_held = (row.crm_object.connection_id, int(str(row.values.get("sequence") or 0))) in paused
    return "paused with its sequence" if is_held else "running"
