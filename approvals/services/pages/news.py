"""News as its page shows it: with the record that it is about, which no message names (APR-13)."""

from collections.abc import Sequence

from approvals.models import AgentActionRequest, Notification
from approvals.services.pages.records import read_records
from approvals.services.pages.rows import request_words


def show_news(rows: Sequence[Notification], *, may_name: bool) -> tuple[tuple[Notification, str], ...]:
    """Each row with what was asked of which record, in words; empty for who may not see requests (`may_name`).

    One query for the requests, and one for each object whose records have names in a local CRM.
    """
    ids = {row.request_id_seen for row in rows if row.request_id_seen} if may_name else set()
    found = AgentActionRequest.objects.filter(pk__in=ids).select_related("connection") if ids else ()
    requests = {request.pk: request for request in found}
    records = read_records(requests.values(), is_local_only=True)
    words = {pk: request_words(request, records.get(pk)) for pk, request in requests.items()}
    return tuple((row, words.get(row.request_id_seen, "") if row.request_id_seen else "") for row in rows)
