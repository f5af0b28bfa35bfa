"""Agent versions: which model, prompt and tools stood behind a request (IDN-03)."""

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.fingerprint import version_fingerprint
from governance.models import Agent, AgentVersion

_known: dict[tuple[UUID, str], UUID] = {}
_KNOWN_LIMIT = 10_000


def record_agent_version(
    *, agent_id: UUID, model: str, prompt_template: str, prompt_hash: str, tools_hash: str, now: datetime
) -> UUID:
    """The id of this version of the agent, made when it is new, with an `agent_version.recorded` event.

    A version that this process has seen costs no query. Commits on its own unless a transaction is open; one that rolls
    back is not remembered. Raises IntegrityError for an unknown agent, LedgerUnavailableError.
    """
    fingerprint = _fingerprint(model, prompt_template, prompt_hash, tools_hash)
    key = (agent_id, fingerprint)
    if key in _known:
        return _known[key]
    with transaction.atomic():
        version, is_new = AgentVersion.objects.get_or_create(
            agent_id=agent_id,
            fingerprint=fingerprint,
            defaults={
                "model": model,
                "prompt_template": prompt_template,
                "prompt_hash": prompt_hash,
                "tools_hash": tools_hash,
                "first_seen_at": now,
            },
        )
        if is_new:
            _record(version, now)
    # Only committed rows are remembered: the caller may still roll back.
    transaction.on_commit(lambda: _remember(key, version.pk), robust=True)
    return version.pk


def _remember(key: tuple[UUID, str], version_id: UUID) -> None:
    if len(_known) >= _KNOWN_LIMIT:
        _known.clear()
    _known[key] = version_id


@lru_cache(maxsize=1024)
def _fingerprint(model: str, prompt_template: str, prompt_hash: str, tools_hash: str) -> str:
    return version_fingerprint(
        model=model, prompt_template=prompt_template, prompt_hash=prompt_hash, tools_hash=tools_hash
    )


def _record(version: AgentVersion, now: datetime) -> None:
    agent = Agent.objects.select_related("workspace").get(pk=version.agent_id)
    event = NewEvent(
        type="agent_version.recorded",
        workspace=agent.workspace.slug,
        actor=Actor("agent", agent.name),
        subject=Subject("agent", str(agent.pk)),
        correlation_id=str(version.pk),
        data={
            "fingerprint": version.fingerprint,
            "model": version.model,
            "prompt_template": version.prompt_template,
            "prompt_hash": version.prompt_hash,
            "tools_hash": version.tools_hash,
        },
    )
    append_event(event, now=now)
