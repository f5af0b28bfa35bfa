"""Endpoints of webhooks: made, switched, re-keyed; the secret is seen once (APR-13, SEC)."""

import base64
import secrets
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction

from approvals.domain.notification_kinds import Kind
from approvals.domain.notification_text import News, event_payload, message_payload
from approvals.models import WebhookDelivery, WebhookEndpoint
from approvals.services.notifications import OF_AGENT
from audit.domain.event import Actor
from audit.domain.identifier import new_id
from crm_connectors.adapters.address_guard import AddressRefusedError, ensure_address
from crm_connectors.adapters.sealing import WEBHOOK, seal
from governance.models import Agent, User
from governance.selectors.access import NotAllowedError, may
from governance.services.config_changes import record_config_change

STYLES = ("messages", "events")


class WebhookError(ValueError):
    """The endpoint cannot be made or changed like this. The words say why."""

    code = "webhook_refused"


class IssuedSecret(msgspec.Struct, frozen=True):
    """Of one endpoint: shown once, then only its sealed form is kept."""

    endpoint_id: UUID
    secret: str


def make_endpoint(
    *,
    workspace_id: UUID,
    name: str,
    url: str,
    style: str,
    kinds: Collection[str],
    agent_id: UUID | None,
    user_id: int,
    now: datetime,
) -> IssuedSecret:
    """Let news go to an address; returns the secret that signs it.

    Takes `manage_agents`; the owner of an agent does it for what becomes of that agent's requests. Commits the row and
    `config.changed`. Raises WebhookError, NotAllowedError, LedgerUnavailableError.
    """
    agent = Agent.objects.filter(pk=agent_id, workspace=workspace_id).first() if agent_id is not None else None
    if agent_id is not None and agent is None:
        raise WebhookError("choose an agent of this workspace")
    maker = _maker(workspace_id, agent, user_id)
    _ensure_sound(workspace_id, name, url, style, kinds, is_of_agent=agent is not None)
    key = secrets.token_bytes(32)
    row = WebhookEndpoint(
        workspace_id=workspace_id,
        agent=agent,
        name=name.strip(),
        url=url.strip(),
        style=style,
        kinds=sorted(set(kinds)),
        sealed_secret=seal(key, purpose=WEBHOOK),
        made_by_id=maker,
        created_at=now,
    )
    with transaction.atomic():
        row.save(force_insert=True)
        _record(row, "created", ["agent", "kinds", "name", "style", "url"], maker, now)
    return IssuedSecret(row.pk, _shown(key))


def renew_secret(*, endpoint_id: UUID, user_id: int, now: datetime) -> IssuedSecret:
    """A new secret; from now on the old one signs nothing. Commits it and `config.changed`."""
    key = secrets.token_bytes(32)
    with transaction.atomic():
        row, maker = _lock(endpoint_id, user_id)
        row.sealed_secret = seal(key, purpose=WEBHOOK)
        row.save(update_fields=["sealed_secret"])
        _record(row, "updated", ["secret"], maker, now)
    return IssuedSecret(endpoint_id, _shown(key))


def switch_endpoint(*, endpoint_id: UUID, is_active: bool, user_id: int, now: datetime) -> None:
    """On or off; what waits for one that is off is dropped. Commits it and `config.changed`."""
    with transaction.atomic():
        row, maker = _lock(endpoint_id, user_id)
        if row.is_active == is_active:
            return
        row.is_active = is_active
        row.save(update_fields=["is_active"])
        _record(row, "updated", ["is_active"], maker, now)


def send_test(*, endpoint_id: UUID, user_id: int, now: datetime) -> UUID:
    """Put a harmless piece of news on its way, as any other; returns the delivery's id."""
    with transaction.atomic():
        row, _ = _lock(endpoint_id, user_id)
        if not row.is_active:
            raise WebhookError("it is switched off")
        news = News(row.kinds[0], "This is a test from Countersign", "/notifications/")
        key = str(new_id())
        payload = (
            message_payload(news, public_url=settings.PUBLIC_URL)
            if row.style == "messages"
            else event_payload(news, public_url=settings.PUBLIC_URL, data={"test": "true"}, at=now.isoformat())
        )
        body = msgspec.json.encode(payload).decode()
        delivery = WebhookDelivery.objects.create(
            endpoint=row, kind="test", key=key, body=body, not_before=now, created_at=now
        )
    return delivery.pk


def _lock(endpoint_id: UUID, user_id: int) -> tuple[WebhookEndpoint, UUID]:
    rows = WebhookEndpoint.objects.select_for_update(of=("self",)).select_related("agent")
    row = rows.filter(pk=endpoint_id).first()
    if row is None:
        raise WebhookError("there is no such endpoint")
    return row, _maker(row.workspace_id, row.agent, user_id)


def _maker(workspace_id: UUID, agent: Agent | None, user_id: int) -> UUID:
    """The person behind the login, who answers for it."""
    user = User.objects.filter(pk=user_id, is_active=True, person__is_active=True).first()
    if user is None or user.person_id is None:
        raise NotAllowedError("it takes a login that belongs to an active person")
    is_owner = agent is not None and agent.owner_id == user.person_id
    if not is_owner and not may(user, "manage_agents", workspace_id):
        raise NotAllowedError("it takes `manage_agents`, or to own the agent that it is about")
    return user.person_id


def _ensure_sound(
    workspace_id: UUID, name: str, url: str, style: str, kinds: Collection[str], *, is_of_agent: bool
) -> None:
    if not name.strip() or not name.isprintable():
        raise WebhookError("give it a name on one line")
    if WebhookEndpoint.objects.filter(workspace=workspace_id, name=name.strip()).exists():
        raise WebhookError("another one has this name")
    if style not in STYLES:
        raise WebhookError("choose messages or events")
    offered = OF_AGENT if is_of_agent else frozenset(Kind)
    if not kinds or not set(kinds) <= {kind.value for kind in offered}:
        raise WebhookError("choose what it hears, among what is offered")
    try:
        ensure_address(url.strip())
    except AddressRefusedError as error:
        raise WebhookError(str(error)) from error


def _record(row: WebhookEndpoint, operation: str, fields: list[str], maker: UUID, now: datetime) -> None:
    record_config_change(
        workspace_id=row.workspace_id,
        row=row,
        operation=operation,
        fields=fields,
        actor=Actor("human", str(maker)),
        now=now,
    )


def _shown(key: bytes) -> str:
    """As Standard Webhooks write a secret."""
    return f"whsec_{base64.b64encode(key).decode('ascii')}"
