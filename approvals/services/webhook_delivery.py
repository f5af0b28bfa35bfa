"""Webhooks: claimed, signed, posted outside any transaction, at least once, with a log of attempts (APR-13).

Signed as Standard Webhooks say: HMAC-SHA256 over `id.timestamp.body`. Source: standardwebhooks.com, "Signature scheme".
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from approvals.adapters.outbound import NotDeliveredError, post
from approvals.models import WebhookDelivery
from approvals.services.notification_mail import MAX_ATTEMPTS, delivery_pause
from audit.domain.event import Actor, NewEvent, Subject
from audit.selectors.clock import get_now
from audit.selectors.database_clock import DatabaseNow
from audit.services.append import append_event
from crm_connectors.adapters.address_guard import AddressRefusedError
from crm_connectors.adapters.sealing import WEBHOOK, SealBrokenError, unseal

LEASE = timedelta(minutes=1)
_GONE = 410
_DUE = Q(state="waiting", not_before__lte=DatabaseNow()) | Q(state="sending", leased_until__lte=DatabaseNow())


def list_due_deliveries(*, limit: int = 50) -> list[UUID]:
    """What to post now, and what its sender died over."""
    return list(WebhookDelivery.objects.filter(_DUE).order_by("not_before").values_list("pk", flat=True)[:limit])


def deliver(*, delivery_id: UUID) -> str:
    """Claim one delivery and post it; returns its state after that, empty when somebody else has it.

    Never called inside a transaction. Every attempt bears the same `webhook-id`, by which the receiver knows a
    repetition. What answers 2xx is delivered; 410 ends it; all else is tried again, eight times in some hours.
    """
    claimed = WebhookDelivery.objects.filter(_DUE, pk=delivery_id).update(
        state="sending", leased_until=get_now() + LEASE, attempts_count=F("attempts_count") + 1
    )
    if not claimed:
        return ""
    delivery = WebhookDelivery.objects.select_related("endpoint").get(pk=delivery_id)
    if not delivery.endpoint.is_active:
        return _end(delivery, "dropped", "the endpoint is switched off")
    return _post(delivery)


def _post(delivery: WebhookDelivery) -> str:
    body = delivery.body.encode()
    try:
        status = post(delivery.endpoint.url, body, _headers(delivery, body))
    except (AddressRefusedError, SealBrokenError) as error:
        return _end(delivery, "failed", str(error))
    except NotDeliveredError as error:
        return _put_off(delivery, str(error))
    if 200 <= status < 300:
        return _end(delivery, "delivered", f"answered {status}")
    if status == _GONE:
        return _end(delivery, "failed", "answered 410: it is gone")
    return _put_off(delivery, f"answered {status}")


def _headers(delivery: WebhookDelivery, body: bytes) -> dict[str, str]:
    secret = unseal(delivery.endpoint.sealed_secret, purpose=WEBHOOK)
    timestamp = int(get_now().timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": "Countersign",
        "Idempotency-Key": str(delivery.pk),
        "webhook-id": str(delivery.pk),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, message_id=str(delivery.pk), timestamp=timestamp, body=body),
    }


def sign(secret: bytes, *, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the base64 of the HMAC. `timestamp` in seconds."""
    mac = hmac.new(secret, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(mac.digest()).decode('ascii')}"


def _put_off(delivery: WebhookDelivery, words: str) -> str:
    if delivery.attempts_count >= MAX_ATTEMPTS:
        return _end(delivery, "failed", words)
    until = get_now() + delivery_pause(delivery.attempts_count)
    _ours(delivery).update(state="waiting", not_before=until, leased_until=None, log=_logged(delivery, words))
    return "waiting"


def _end(delivery: WebhookDelivery, state: str, words: str) -> str:
    _ours(delivery).update(state=state, ended_at=get_now(), leased_until=None, log=_logged(delivery, words))
    return state


def _logged(delivery: WebhookDelivery, words: str) -> list[Any]:
    line = {"attempt": delivery.attempts_count, "at": get_now().isoformat(timespec="seconds"), "what": words[:200]}
    return [*delivery.log, line][-3 * MAX_ATTEMPTS :]


def _ours(delivery: WebhookDelivery) -> QuerySet[WebhookDelivery]:
    """The row, unless another sender took it over meanwhile."""
    return WebhookDelivery.objects.filter(pk=delivery.pk, state="sending", attempts_count=delivery.attempts_count)


def retry_failed_delivery(*, delivery_id: UUID, actor: Actor, now: datetime) -> bool:
    """Post one that failed again, from its first attempt. False when it had not failed.

    Commits it and `webhook.resent`. Raises LedgerUnavailableError.
    """
    with transaction.atomic():
        rows = WebhookDelivery.objects.filter(pk=delivery_id, state="failed")
        if not rows.update(state="waiting", not_before=now, attempts_count=0, ended_at=None):
            return False
        delivery = WebhookDelivery.objects.select_related("endpoint__workspace").get(pk=delivery_id)
        append_event(_resent(delivery, actor), now=now)
    return True


def _resent(delivery: WebhookDelivery, actor: Actor) -> NewEvent:
    return NewEvent(
        type="webhook.resent",
        workspace=delivery.endpoint.workspace.slug,
        actor=actor,
        subject=Subject("webhook_delivery", str(delivery.pk)),
        correlation_id=f"webhook-delivery-{delivery.pk}",
        data={"endpoint": str(delivery.endpoint_id), "kind": delivery.kind},
    )
