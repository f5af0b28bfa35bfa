"""Proofs that people take away (AUD-06, AUD-08)."""

from datetime import datetime

from django.db import transaction

from approvals.models import AgentActionRequest
from approvals.services.events import request_event
from audit.domain.event import Actor, Subject
from audit.selectors.receipts import make_bundle
from audit.services.append import append_event


def take_bundle(*, row: AgentActionRequest, actor: Actor, now: datetime) -> bytes | None:
    """All signed events of a request with proofs and kept values; None while nothing of it is signed.

    Expects the workspace joined. Commits `bundle.downloaded` before the file leaves. Raises LedgerUnavailableError:
    then none is given.
    """
    content = make_bundle(Subject("request", str(row.pk)), has_values=True)
    if content is None:
        return None
    with transaction.atomic():
        append_event(request_event(row, "bundle.downloaded", actor, data={"bytes": len(content)}), now=now)
    return content
