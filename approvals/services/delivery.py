"""Delivery reports: a bounce of a message that was sent, a complaint or a reply (LIM-04, LIM-06, DNC-04)."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from approvals.models import AgentActionRequest, Attempt, DeliveryReport
from approvals.services.delivery_listing import address_of, keep_report, list_addressee
from approvals.services.events import request_event
from audit.domain.event import Actor
from audit.services.append import append_event
from governance.domain.action_class import SENDS
from governance.domain.principal import SystemPrincipal
from governance.services.touch_stops import note_reply

REPLY = "reply"


class UnknownMessageError(LookupError):
    """No message of the workspace was sent under this id."""

    code = "unknown_message"
    http_status = 404


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """`is_replay`: it was reported before, and nothing changed."""

    request: UUID
    kind: str
    reported_at: datetime
    is_replay: bool


def report_delivery(
    *, principal: SystemPrincipal, kind: str, request_id: UUID | None, connection: str, message: str, now: datetime
) -> Reported:
    """Keep that a message bounced, drew a complaint or was answered. `message` is the connection's receipt.

    The same report again changes nothing. Commits report, event and what follows together: the address on the
    do-not-contact list, or after a reply a mark that caps may stop at.
    Raises UnknownMessageError, LedgerUnavailableError, DncUnavailableError, OSError.
    """
    request = _find(principal, request_id, connection, message)
    row = DeliveryReport.objects.filter(request=request, kind=kind).first()
    is_new = False
    if row is None:
        proof_id = keep_report(request, kind=kind, by=principal.name, now=now) if kind != REPLY else None
        row, is_new = _report(request, kind, principal.name, proof_id, now)
    return Reported(request=request.pk, kind=kind, reported_at=row.reported_at, is_replay=not is_new)


def _report(
    request: AgentActionRequest, kind: str, by: str, proof_id: UUID | None, now: datetime
) -> tuple[DeliveryReport, bool]:
    with transaction.atomic():
        row, is_new = DeliveryReport.objects.get_or_create(
            request=request, kind=kind, defaults={"reported_at": now, "reported_by": by}
        )
        if is_new:
            actor = Actor("system", by)
            append_event(request_event(request, "delivery.reported", actor, data={"kind": kind}), now=now)
            if proof_id is None:
                note_reply(workspace_id=request.workspace_id, address=address_of(request), now=now)
            else:
                list_addressee(request, kind=kind, proof_id=proof_id, actor=actor, now=now)
    return row, is_new


def _find(principal: SystemPrincipal, request_id: UUID | None, connection: str, message: str) -> AgentActionRequest:
    attempts = Attempt.objects.filter(
        request__workspace_id=principal.workspace_id, request__action__in=SENDS, sent_at__isnull=False
    )
    if request_id is not None:
        attempts = attempts.filter(request_id=request_id)
    else:
        attempts = attempts.filter(request__connection__name=connection, result_record_id=message)
    found = attempts.exclude(result_record_id="").select_related("request__workspace", "request__connection").first()
    if found is None:
        raise UnknownMessageError("no message of this workspace was sent under this id")
    return found.request
