"""Links by which somebody without a login reads one trace: made, opened, revoked, each on record (AUD-03).

The link ends with 32 random bytes and a signature over them, so that a guess costs no query. It opens one request's
trace, until it expires or is revoked or whoever made it may not read the ledger any more, and nothing else.

Every opening is counted. The ledger is told of the first at once and of those that follow within SLICE together, so
that whoever has a link cannot fill it.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db import transaction

from approvals.models import AgentActionRequest, TraceLink
from approvals.selectors.requests import find_request
from approvals.services.events import request_event
from audit.domain.event import Actor
from audit.services.append import append_event
from governance.selectors.access import ensure_may
from governance.selectors.holders import makers_that_may

RIGHT = "view_ledger"
MOST_DAYS = 30
OUTSIDE = Actor("system", "trace-link")
SLICE = timedelta(minutes=10)

_signer = Signer(salt="approvals.trace-link", sep=".")


class TraceLinkError(Exception):
    """The link cannot be made or does not open. The message never says which of its parts is wrong."""

    code = "trace_link_refused"


def make_trace_link(
    *, request: AgentActionRequest, note: str, days: int, person_id: UUID, user_id: int, now: datetime
) -> str:
    """What the link ends with; it is told here once. Commits row and `trace_link.made` as one.

    Expects the workspace joined. Raises NotAllowedError, TraceLinkError, LedgerUnavailableError.
    """
    ensure_may(user_id=user_id, permission=RIGHT, workspace_id=request.workspace_id)
    if not 1 <= days <= MOST_DAYS:
        raise TraceLinkError(f"a link holds for 1 to {MOST_DAYS} days")
    if not note.strip():
        raise TraceLinkError("say for whom it is")
    secret = secrets.token_urlsafe(32)
    link = TraceLink(
        request=request,
        secret=_hash(secret),
        note=note.strip()[:120],
        made_by_id=person_id,
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    data = {"link": str(link.pk), "days": days}
    event = request_event(request, "trace_link.made", Actor("human", str(person_id)), data=data, values={"note": note})
    with transaction.atomic():
        link.save(force_insert=True)
        append_event(event, now=now)
    return _signer.sign(secret)


def open_trace_link(*, token: str, now: datetime) -> TraceLink:
    """The link that the token opens, with its request. Commits its count, and `trace_link.opened` unless one was
    written within SLICE: uncounted nobody reads.

    Raises TraceLinkError for every link that does not open, LedgerUnavailableError.
    """
    try:
        secret = _signer.unsign(token)
    except BadSignature as error:
        raise TraceLinkError("it does not open") from error
    rows = TraceLink.objects.filter(secret=_hash(secret), revoked_at__isnull=True, expires_at__gt=now)
    with transaction.atomic():
        link = rows.select_for_update().first()
        request = find_request(request_id=link.request_id) if link is not None else None
        if link is None or request is None or not _is_backed(link, request):
            raise TraceLinkError("it does not open")
        link.openings, link.untold = link.openings + 1, link.untold + 1
        if link.told_at is None or now - link.told_at >= SLICE:
            _tell(link, request, now)
        link.save(update_fields=["openings", "untold", "told_at"])
    return link


def _is_backed(link: TraceLink, request: AgentActionRequest) -> bool:
    """A link is its maker's right lent to somebody: it ends with that right, and with the person."""
    backed = makers_that_may(RIGHT, workspace_id=request.workspace_id, person="made_by")
    return TraceLink.objects.filter(backed, pk=link.pk).exists()


def tell_openings(*, now: datetime, limit: int) -> int:
    """Tell the ledger of openings that were only counted and whose SLICE is over; returns of how many links. Each is a
    transaction of its own. Raises LedgerUnavailableError."""
    due = TraceLink.objects.filter(untold__gt=0, told_at__lte=now - SLICE)
    ids = list(due.order_by("id").values_list("pk", flat=True)[:limit])
    for link_id in ids:
        with transaction.atomic():
            link = due.select_for_update().filter(pk=link_id).first()
            request = find_request(request_id=link.request_id) if link is not None else None
            if link is not None and request is not None:
                _tell(link, request, now)
                link.save(update_fields=["untold", "told_at"])
    return len(ids)


def _tell(link: TraceLink, request: AgentActionRequest, now: datetime) -> None:
    data = {"link": str(link.pk), "openings": link.untold}
    append_event(request_event(request, "trace_link.opened", OUTSIDE, data=data), now=now)
    link.untold, link.told_at = 0, now


def revoke_trace_link(
    *, request: AgentActionRequest, link_id: UUID, person_id: UUID, user_id: int, now: datetime
) -> None:
    """The link opens no more. Commits it with `trace_link.revoked`; revoking again says nothing.

    Raises NotAllowedError, TraceLinkError when the request has no such link, LedgerUnavailableError.
    """
    ensure_may(user_id=user_id, permission=RIGHT, workspace_id=request.workspace_id)
    rows = TraceLink.objects.filter(pk=link_id, request=request)
    if not rows.exists():
        raise TraceLinkError("there is no such link")
    data = {"link": str(link_id)}
    event = request_event(request, "trace_link.revoked", Actor("human", str(person_id)), data=data)
    with transaction.atomic():
        if rows.filter(revoked_at__isnull=True).update(revoked_at=now):
            append_event(event, now=now)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
