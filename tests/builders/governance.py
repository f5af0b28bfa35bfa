"""Rows of governance by hand: a workspace with people, agents, credentials, a registry, grants and tiers.

Plain functions that write through the ORM; every argument has a default, so a test names only what it is about.
`make_world` builds all of it at once, and `publish` makes it the policy in force.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from guardian.shortcuts import assign_perm
from oauth2_provider.models import AccessToken, set_token_value

from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from governance.domain.action_class import PREPARED_OBJECTS
from governance.models import (
    ActionTier,
    Agent,
    Anomaly,
    ApproverGroup,
    Breaker,
    Budget,
    Connection,
    Credential,
    FieldOwnership,
    Grant,
    Integration,
    KillSwitch,
    Membership,
    Person,
    RegisteredField,
    StageRequirement,
    User,
    Workspace,
)
from governance.services.publish import publish_policy
from tests.builders.kept import kept

SCOPES = "requests:write requests:read records:read dnc:check"
PASSWORD = "correct-horse-battery"


def make_workspace(slug: str = "acme") -> Workspace:
    return Workspace.objects.create(slug=slug, name=slug.capitalize())


def make_person(name: str = "Rosa Revops", *, email: str = "") -> Person:
    return Person.objects.create(name=name, email=email or f"{name.lower().replace(' ', '.')}@example.com")


def make_user(person: Person | None = None, *, username: str = "", is_staff: bool = True) -> User:
    """A login with the password `PASSWORD`. Without a person it belongs to nobody."""
    name = username or (person.email if person is not None else "nobody@example.com")
    user = User(username=name, email=name, person=person, is_staff=is_staff)
    user.password = make_password(PASSWORD)
    user.save()
    return user


def allow(user: User, workspace: Workspace, *permissions: str) -> None:
    """Object permissions on the workspace, by codename: `allow(user, workspace, "review_requests")`."""
    for codename in permissions:
        assign_perm(f"governance.{codename}", user, workspace)


def make_group(workspace: Workspace, slug: str = "revops", *people: Person) -> ApproverGroup:
    group = ApproverGroup.objects.create(workspace=workspace, slug=slug, name=slug.capitalize())
    for person in people:
        Membership.objects.create(group=group, person=person)
    return group


def make_agent(
    workspace: Workspace, owner: Person | None = None, *, name: str = "agent.enrichment", **changes: object
) -> Agent:
    """An active, autonomous agent."""
    values: dict[str, object] = {"purpose": "fills gaps", "lifecycle": "active", "autonomy_level": "autonomous"}
    return Agent.objects.create(
        workspace=workspace, owner=owner or make_person(f"Owner of {name}"), name=name, **{**values, **changes}
    )


def make_integration(workspace: Workspace, name: str = "integration.mail", **changes: object) -> Integration:
    """A system that may add to the do-not-contact list."""
    owner = changes.pop("owner", None) or make_person(f"Owner of {name}")
    return Integration.objects.create(
        workspace=workspace, name=name, owner=owner, **{"scopes": ["dnc:write"], **changes}
    )


def make_integration_token(integration: Integration, *, scope: str = "dnc:write") -> str:
    """An access token as issued to an integration."""
    credential = Credential.objects.create(
        integration=integration,
        name=integration.name,
        client_type="confidential",
        authorization_grant_type="client-credentials",
        client_secret=make_password("not-so-secret"),
    )
    return make_token(credential, scope=scope)


def make_credential(agent: Agent, *, secret: str = "not-so-secret") -> Credential:
    """Client credentials. The hash is a fast one: these secrets open nothing but a test database."""
    return Credential.objects.create(
        agent=agent,
        name=f"credential of {agent.name}",
        client_type="confidential",
        authorization_grant_type="client-credentials",
        client_secret=make_password(secret),
    )


def make_token(
    credential: Credential, *, scope: str = SCOPES, expires: datetime | None = None, resource: list[str] | None = None
) -> str:
    """An access token as issued, hashed at rest; returns the token itself for `Authorization: Bearer …`."""
    token = secrets.token_urlsafe(30)
    row = AccessToken(
        application=credential,
        scope=scope,
        expires=expires or get_now() + timedelta(hours=1),
        resource=resource or [],
    )
    set_token_value(row, token)
    row.save()
    return token


def make_connection(
    workspace: Workspace, name: str = "embedded", *, kind: str = "embedded", environment: str = "sandbox"
) -> Connection:
    return Connection.objects.create(workspace=workspace, name=name, kind=kind, environment=environment)


def make_field(
    connection: Connection, name: str, *, object_type: str = "companies", **changes: object
) -> RegisteredField:
    """A reviewed enrichment text field without a matrix row; see `own`."""
    values: dict[str, object] = {
        "label": name.replace("_", " ").capitalize(),
        "field_type": "string",
        "review_state": "reviewed",
        "classification": "enrichment",
    }
    return RegisteredField.objects.create(
        connection=connection, object_type=object_type, name=name, **{**values, **changes}
    )


def own(field: RegisteredField, **changes: object) -> FieldOwnership:
    """A matrix row: agents write the field safely, unless said otherwise."""
    values: dict[str, object] = {
        "owner_role": "revops",
        "permission_level": "safe_write",
        "allowed_writers": ["agent", "human"],
    }
    return FieldOwnership.objects.create(field=field, **{**values, **changes})


def make_owned_field(
    connection: Connection,
    name: str,
    *,
    object_type: str = "companies",
    ownership: dict[str, object] | None = None,
    **changes: object,
) -> RegisteredField:
    """A registered field and its matrix row."""
    field = make_field(connection, name, object_type=object_type, **changes)
    own(field, **(ownership or {}))
    return field


def make_grant(
    agent: Agent,
    connection: Connection,
    *,
    object_type: str = "companies",
    action: str = "update",
    read_fields: tuple[str, ...] = (),
    write_fields: tuple[str, ...] = (),
) -> Grant:
    return Grant.objects.create(
        agent=agent,
        connection=connection,
        object_type=object_type,
        action=action,
        read_fields=list(read_fields),
        write_fields=list(write_fields),
    )


def make_tier(
    workspace: Workspace, action: str = "update", *groups: ApproverGroup, risk_tier: str = "gated", **changes: object
) -> ActionTier:
    tier = ActionTier.objects.create(workspace=workspace, action=action, risk_tier=risk_tier, **changes)
    tier.approver_groups.set(groups)
    return tier


def make_stage_requirement(connection: Connection, stage: str, *required: str) -> StageRequirement:
    return StageRequirement.objects.create(
        connection=connection,
        object_type="deals",
        stage_field="dealstage",
        stage=stage,
        required_fields=list(required),
    )


def make_switch(workspace: Workspace, kind: str = "all", *, agent: Agent | None = None) -> KillSwitch:
    """A switch in force, without its ledger event."""
    return KillSwitch.objects.create(
        workspace=workspace, kind=kind, agent=agent, reason="test", engaged_by="human:rosa", engaged_at=get_now()
    )


@dataclass(frozen=True)
class World:
    """One workspace with everything a request needs. `approver` and `owner` are different people."""

    workspace: Workspace
    owner: Person
    approver: Person
    approver_user: User
    group: ApproverGroup
    connection: Connection
    agent: Agent
    credential: Credential
    token: str


_PEOPLE_ONLY: dict[str, object] = {"permission_level": "blocked", "allowed_writers": ["human"]}

# name, object, type, registry changes, matrix changes
_FIELDS: tuple[tuple[str, str, dict[str, object], dict[str, object]], ...] = (
    ("name", "companies", {"is_required": True}, {"permission_level": "approval"}),
    ("industry", "companies", {"field_type": "picklist", "options": ["IT Services", "Retail", "Software"]}, {}),
    ("numberofemployees", "companies", {"field_type": "integer"}, {}),
    ("country", "companies", {"max_length": 40}, {}),
    ("annualrevenue", "companies", {"field_type": "number"}, {"permission_level": "approval"}),
    ("dealname", "deals", {"is_required": True}, {"permission_level": "approval"}),
    ("amount", "deals", {"field_type": "number", "classification": "human_commitment"}, _PEOPLE_ONLY),
    (
        "dealstage",
        "deals",
        {
            "field_type": "picklist",
            "options": ["open", "closedwon", "closedlost"],
            "classification": "human_commitment",
        },
        _PEOPLE_ONLY,
    ),
    ("agent_suggested_next_step", "deals", {"classification": "suggestion", "max_length": 255}, {}),
    ("subject", "tasks", {"classification": "operational_metadata", "is_required": True}, {}),
    ("body", "tasks", {"classification": "operational_metadata", "field_type": "text"}, {}),
    ("due_date", "tasks", {"classification": "operational_metadata", "field_type": "date"}, {}),
    ("owner", "tasks", {"classification": "operational_metadata"}, {}),
    ("priority", "tasks", {"classification": "operational_metadata"}, {}),
    ("body", "notes", {"classification": "operational_metadata", "field_type": "text", "is_required": True}, {}),
)


@kept
def make_world(slug: str = "acme", *, agent_name: str = "agent.enrichment") -> World:
    """A workspace with an agent that may work on companies, deals, tasks and notes, and one approver in `revops`.

    `companies.industry`, `numberofemployees` and `country` are safe to write, `name` and `annualrevenue` need approval,
    `deals.next_step` is golden and redirects to `agent_suggested_next_step`, `amount` is a human commitment.
    Nothing is published yet: see `publish`.
    """
    workspace = make_workspace(slug)
    owner = make_person("Olga Owner", email=f"olga.{slug}@example.com")
    approver = make_person("Rosa Revops", email=f"rosa.{slug}@example.com")
    approver_user = make_user(approver)
    allow(approver_user, workspace, "view_requests", "review_requests", "revert_requests")
    group = make_group(workspace, "revops", approver)
    connection = make_connection(workspace)
    make_fields(connection)
    agent = make_agent(workspace, owner, name=agent_name)
    make_grants(agent, connection)
    make_tiers(workspace, group)
    make_wide_budgets(workspace)
    credential = make_credential(agent)
    return World(
        workspace, owner, approver, approver_user, group, connection, agent, credential, make_token(credential)
    )


def make_fields(connection: Connection) -> None:
    """The fields of `make_world`, registered, reviewed and owned."""
    for name, object_type, registry, ownership in _FIELDS:
        make_owned_field(connection, name, object_type=object_type, ownership=ownership, **registry)
    suggestion = RegisteredField.objects.get(connection=connection, name="agent_suggested_next_step")
    make_owned_field(
        connection,
        "next_step",
        object_type="deals",
        classification="human_commitment",
        max_length=255,
        ownership={"permission_level": "blocked", "is_golden": True, "suggestion_field": suggestion},
    )


def make_grants(agent: Agent, connection: Connection) -> None:
    """Read, search, update and create on companies and deals; what is prepared, where its object is registered."""
    names: dict[str, list[str]] = {}
    for object_type, name in RegisteredField.objects.filter(connection=connection).values_list("object_type", "name"):
        names.setdefault(object_type, []).append(name)
    for object_type in ("companies", "deals"):
        fields = tuple(names[object_type])
        for action in ("read", "search"):
            make_grant(agent, connection, object_type=object_type, action=action, read_fields=fields)
        for action in ("update", "create"):
            make_grant(
                agent, connection, object_type=object_type, action=action, read_fields=fields, write_fields=fields
            )
    for action, object_type in PREPARED_OBJECTS.items():
        if object_type in names:
            fields = tuple(names[object_type])
            make_grant(agent, connection, object_type=object_type, action=action, write_fields=fields)


def make_tiers(workspace: Workspace, group: ApproverGroup) -> None:
    """Updates are gated, creates need approval, preparations run by themselves."""
    make_tier(workspace, "update", group, risk_tier="gated", min_confidence=0.7)
    make_tier(workspace, "create", group, risk_tier="approval", min_confidence=0.7)
    for action in ("create_task", "create_note", "draft", "queue"):
        make_tier(workspace, action, group, risk_tier="autonomous", min_confidence=0.5)


def make_budget(
    workspace: Workspace, limit: int, *, unit: str = "writes", key: str = "agent", window: str = "hour", **changes: str
) -> Budget:
    """One size, in the place of the one that is there."""
    names = {"workspace": workspace, "unit": unit, "key": key, "window": window, **changes}
    return Budget.objects.update_or_create(**names, defaults={"limit": limit})[0]


def make_breaker(workspace: Workspace, owner: Person, *, name: str = "watched", **changes: object) -> Breaker:
    """A breaker in the sandbox that nothing trips by accident."""
    values: dict[str, object] = {"signal": "errors", "environment": "sandbox", "min_calls": 1_000, "ratio": 1.0}
    return Breaker.objects.create(workspace=workspace, owner=owner, name=name, **{**values, **changes})


def make_anomaly(workspace: Workspace, floor: int, *, signal: str = "volume", **changes: object) -> Anomaly:
    """A line that no agent crosses."""
    return Anomaly.objects.create(workspace=workspace, signal=signal, floor=floor, **{"window": "minute", **changes})


def make_wide_budgets(workspace: Workspace) -> None:
    """Budgets that no test exhausts by accident; the product's own defaults are for agents, not for tests."""
    for unit in ("writes", "sends", "enrolments", "bookings", "exports"):
        make_budget(workspace, 1_000_000, unit=unit)
    for currency in ("EUR", "USD"):
        make_budget(workspace, 10**12, unit="spend", currency=currency)


def publish(world: World) -> None:
    """Make the rows the policy in force."""
    publish_policy(
        workspace_id=world.workspace.pk, person_id=world.owner.pk, reason="as built by the test", now=get_now()
    )


def stray_id() -> UUID:
    """An id of nothing."""
    return new_id()
