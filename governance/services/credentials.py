"""Client credentials: issued, rotated, revoked; the secret is seen once and lies hashed (IDN-02)."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import AccessToken

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.vocabulary import ActorType, Lifecycle
from governance.models import Agent, Credential, Integration, Person, SecretKeeper
from governance.selectors.access import NotAllowedError


class CredentialError(ValueError):
    """The credential cannot be issued, rotated or revoked."""

    code = "credential_refused"


class AgentRetiredError(CredentialError):
    """A retired agent gets no credentials."""

    code = "agent_retired"


class DrillAgentError(CredentialError):
    """The agent of the drills is nobody's to act as."""

    code = "drill_agent"


class IntegrationInactiveError(CredentialError):
    """An integration that is switched off gets no credentials."""

    code = "integration_inactive"


class CredentialRevokedError(CredentialError):
    """It was revoked before; issue a new one."""

    code = "credential_revoked"


class IssuedCredential(msgspec.Struct, frozen=True, kw_only=True):
    """Show it once and forget it. The secret is in no repr, so that it ends in no log."""

    credential_id: int
    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"IssuedCredential(client_id={self.client_id!r})"


def issue_credential(*, agent_id: UUID, actor: Actor, now: datetime) -> IssuedCredential:
    """A new pair of client id and secret for the agent. Commits credential and `credential.issued`.

    Raises Agent.DoesNotExist, AgentRetiredError, DrillAgentError, NotAllowedError (an agent asks),
    LedgerUnavailableError.
    """
    _refuse_agents(actor)
    agent = _find_agent(agent_id)
    if agent.is_drill:
        raise DrillAgentError(f"`{agent.name}` only sends drills: nobody else acts as it")
    return _issue(agent, actor, now)


def issue_drill_credential(*, agent_id: UUID, actor: Actor, now: datetime) -> int:
    """A credential for one drill, of an agent of drills or of any other, whose secret nobody ever sees; its id.

    Commits credential and `credential.issued`. Raises Agent.DoesNotExist, AgentRetiredError, NotAllowedError (an agent
    asks), LedgerUnavailableError.
    """
    _refuse_agents(actor)
    return _issue(_find_agent(agent_id), actor, now).credential_id


def issue_integration_credential(*, integration_id: UUID, actor: Actor, now: datetime) -> IssuedCredential:
    """A new pair of client id and secret for the integration. Commits credential and `credential.issued`.

    Raises Integration.DoesNotExist, IntegrationInactiveError, NotAllowedError (an agent asks), LedgerUnavailableError.
    """
    _refuse_agents(actor)
    integration = Integration.objects.select_related("workspace").get(pk=integration_id)
    if not integration.is_active:
        raise IntegrationInactiveError(f"`{integration.name}` is switched off")
    return _issue(integration, actor, now)


def rotate_credential(*, credential_id: int, actor: Actor, now: datetime) -> IssuedCredential:
    """A new secret for the same client id; the old secret and every token it brought end at once.

    Raises Credential.DoesNotExist, CredentialRevokedError, DrillAgentError, NotAllowedError, LedgerUnavailableError.
    """
    _refuse_agents(actor)
    secret = generate_client_secret()
    with transaction.atomic():
        credential = _lock(credential_id)
        if credential.agent is not None and credential.agent.is_drill:
            raise DrillAgentError(f"`{credential.agent.name}` only sends drills: nobody else acts as it")
        credential.client_secret = secret
        credential.save(update_fields=["client_secret", "updated"])
        AccessToken.objects.filter(application=credential).delete()
        _record("credential.rotated", credential, actor, now)
    return IssuedCredential(credential_id=credential.pk, client_id=credential.client_id, client_secret=secret)


def revoke_credential(*, credential_id: int, actor: Actor, now: datetime) -> None:
    """End the credential and its tokens at once. Revoking a revoked one changes nothing.

    Raises Credential.DoesNotExist, NotAllowedError, LedgerUnavailableError.
    """
    _refuse_agents(actor)
    with transaction.atomic():
        try:
            credential = _lock(credential_id)
        except CredentialRevokedError:
            return
        credential.revoked_at = now
        credential.save(update_fields=["revoked_at", "updated"])
        AccessToken.objects.filter(application=credential).delete()
        _record("credential.revoked", credential, actor, now)


def _find_agent(agent_id: UUID) -> Agent:
    agent = Agent.objects.select_related("workspace").get(pk=agent_id)
    if agent.lifecycle == Lifecycle.RETIRED:
        raise AgentRetiredError(f"`{agent.name}` is retired")
    return agent


def _issue(holder: Agent | Integration, actor: Actor, now: datetime) -> IssuedCredential:
    secret = generate_client_secret()
    with transaction.atomic():
        credential = Credential.objects.create(
            agent=holder if isinstance(holder, Agent) else None,
            integration=holder if isinstance(holder, Integration) else None,
            name=holder.name,
            client_type=Credential.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Credential.GRANT_CLIENT_CREDENTIALS,
            client_secret=secret,  # the field hashes it on its way to the table
        )
        _record("credential.issued", credential, actor, now)
    return IssuedCredential(credential_id=credential.pk, client_id=credential.client_id, client_secret=secret)


def _lock(credential_id: int) -> Credential:
    rows = Credential.objects.select_for_update(of=("self",)).select_related(
        "agent__workspace", "integration__workspace"
    )
    credential: Credential = rows.get(pk=credential_id)
    if credential.revoked_at is not None:
        raise CredentialRevokedError("the credential is revoked: issue a new one")
    return credential


def _refuse_agents(actor: Actor) -> None:
    if actor.type == ActorType.AGENT:
        raise NotAllowedError("credentials are managed by people")


def _record(type_: str, credential: Credential, actor: Actor, now: datetime) -> None:
    holder = credential.holder
    if holder is None:
        raise CredentialError("the credential belongs to nobody")
    kind = "agent" if isinstance(holder, Agent) else "integration"
    event = NewEvent(
        type=type_,
        workspace=holder.workspace.slug,
        actor=actor,
        subject=Subject("credential", str(credential.pk)),
        correlation_id=f"credential-{credential.pk}",
        data={kind: holder.name, "client_id": credential.client_id},
    )
    append_event(event, now=now)
    if type_ != "credential.revoked":
        _note_keeper(credential, actor, now)


def _note_keeper(credential: Credential, actor: Actor, now: datetime) -> None:
    """Who sees the secret could ask as the agent, and so decides nothing that is asked for with it (APR-07)."""
    person_id = _uuid(actor.id) if actor.type == ActorType.HUMAN else None
    person = Person.objects.filter(pk=person_id).first() if person_id is not None else None
    if person is not None:
        SecretKeeper.objects.get_or_create(credential=credential, person=person, defaults={"seen_at": now})


def _uuid(text: str) -> UUID | None:
    """None for a login that belongs to nobody: it votes on nothing."""
    try:
        return UUID(text)
    except ValueError:
        return None
