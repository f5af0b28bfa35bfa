"""Noting what agents wrote, field by field, so that it can be watched: a follower of the ledger."""

from collections.abc import Sequence
from uuid import UUID

from approvals.models import AgentActionRequest, Attempt, WrittenField
from approvals.selectors.sampling import list_executed
from approvals.services.sampler import written_fields
from audit.selectors.events import LedgerEntry
from audit.services.follow import Following
from governance.domain.vocabulary import Action

_WATCHED = frozenset({Action.UPDATE.value, Action.CREATE.value})


def note_written(entries: Sequence[LedgerEntry]) -> None:
    """A row for each field of each executed change of a record. In the follower's transaction: each once."""
    at = {UUID(entry.subject.id): entry.at for entry in entries}
    executed = list_executed(at.keys())
    in_order = [executed[pk] for pk in at if pk in executed]  # the ledger's, not the one that the database happens on
    rows = [row for row in in_order if row.action in _WATCHED]
    made = _list_made(rows)
    found = [
        WrittenField(
            workspace_id=row.workspace_id,
            agent=row.agent,
            connection_id=row.connection_id,
            request=row,
            object_type=row.object_type,
            record_id=record_id,
            field=name,
            written_at=at[row.pk],
            next_look_at=at[row.pk],
        )
        for row in rows
        if (record_id := row.record_id or made.get(row.pk, ""))
        for name in written_fields(row)
        if name
    ]
    WrittenField.objects.bulk_create(found, batch_size=200)


def _list_made(rows: Sequence[AgentActionRequest]) -> dict[UUID, str]:
    """The ids of records that these requests made. At most one query."""
    ids = [row.pk for row in rows if not row.record_id]
    if not ids:
        return {}
    attempts = Attempt.objects.filter(request_id__in=ids).exclude(result_record_id="")
    return dict(attempts.values_list("request_id", "result_record_id"))


WRITTEN_FIELDS = Following("written_fields", frozenset({"request.executed"}), note_written)
