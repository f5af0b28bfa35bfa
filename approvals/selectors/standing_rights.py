"""Everything that stands in a workspace: what agents may do, what people may do, and when it was last used (IDN-08)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import CharField, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Cast, Lower
from guardian.models import UserObjectPermission

from approvals.domain.access_review import RightKind, StandingRight, subject_of_rights
from approvals.domain.canary import CANARY
from approvals.models import AgentActionRequest, StandingApproval, Vote
from audit.models import LedgerEvent
from audit.selectors.database_clock import DatabaseNow
from governance.domain.agent_rights import AGENT_RIGHTS, RIGHT_WORDS
from governance.domain.roles import ROLE_PERMISSIONS
from governance.domain.vocabulary import Lifecycle
from governance.models import Agent, Credential, Delegation, Grant, Membership, User, Workspace
from governance.selectors.workspace_people import bare_id

_READS = frozenset({"read", "search"})
Uses = dict[tuple[object, ...], datetime]


@dataclass(frozen=True, slots=True)
class LastUses:
    """`actions` by agent, connection, object, action; `reads` by agent's and connection's name; `delegated` by agent
    and e-mail address; `votes` by person."""

    actions: Uses
    reads: Uses
    delegated: Uses
    votes: Uses


def list_standing_rights(workspace: Workspace, uses: LastUses | None = None) -> list[StandingRight]:
    """Agents first, then people, each sorted by holder. Seven queries. Without `uses` nothing says when it was
    used."""
    used = uses or LastUses({}, {}, {}, {})
    groups = (_grants, _credentials, _delegations, _standing_approvals, _memberships, _logins)
    return [right for rights in groups for right in sorted(rights(workspace, used), key=_order)]


def list_last_uses(workspace: Workspace) -> LastUses:
    """When what was last used, from requests, reads and votes. Four queries over all of the workspace's past."""
    requests = AgentActionRequest.objects.filter(workspace=workspace).exclude(actor_type=CANARY)
    acted = requests.values_list("agent_id", "connection_id", "object_type", "action")
    asked = requests.filter(body__on_behalf_of__isnull=False).values_list("agent_id", "body__on_behalf_of")
    reads = LedgerEvent.objects.filter(type="record.read", workspace=workspace.slug)
    votes = Vote.objects.filter(request__workspace=workspace)
    return LastUses(
        actions=_latest(acted.annotate(at=Max("created_at")).order_by()),
        reads=_latest(reads.values_list("actor_id", "subject_id").annotate(at=Max("at")).order_by()),
        delegated=_latest(asked.annotate(at=Max("created_at")).order_by()),
        votes=_latest(votes.values_list("person_id").annotate(at=Max("created_at")).order_by()),
    )


def _latest(rows: Iterable[tuple[object, ...]]) -> Uses:
    return {tuple(row[:-1]): row[-1] for row in rows}  # type: ignore[misc]  # the last one is the annotated time


def _order(right: StandingRight) -> tuple[str, str, str]:
    return (right.holder.casefold(), right.words.casefold(), right.subject_id)


def _grants(workspace: Workspace, uses: LastUses) -> Iterator[StandingRight]:
    rows = Grant.objects.filter(agent__workspace=workspace, is_withdrawn=False)
    for row in rows.exclude(agent__lifecycle=Lifecycle.RETIRED).select_related("agent", "connection"):
        place = row.connection
        fields = [f"reads {', '.join(sorted(row.read_fields))}"] if row.read_fields else []
        fields += [f"writes {', '.join(sorted(row.write_fields))}"] if row.write_fields else []
        verb = row.action.replace("_", " ")
        words = f"{verb} {row.object_type} at {place.name} ({place.environment}): {'; '.join(fields) or 'no field'}"
        used = uses.actions.get((row.agent_id, row.connection_id, row.object_type, row.action))
        if row.action in _READS:
            used = uses.reads.get((row.agent.name, place.name))
        yield StandingRight(
            kind=RightKind.GRANT, subject_id=str(row.pk), holder=row.agent.name, words=words, last_used_at=used
        )


def _credentials(workspace: Workspace, uses: LastUses) -> Iterator[StandingRight]:  # noqa: ARG001 - they know it
    rows = Credential.objects.filter(agent__workspace=workspace, revoked_at__isnull=True).select_related("agent")
    for row in rows.exclude(agent__lifecycle=Lifecycle.RETIRED):
        words = f"logs in as client {row.client_id}, issued {row.created:%d %b %Y}"
        yield StandingRight(
            kind=RightKind.CREDENTIAL,
            subject_id=str(row.pk),
            holder=row.agent.name,
            words=words,
            last_used_at=row.last_used_at,
        )


def _delegations(workspace: Workspace, uses: LastUses) -> Iterator[StandingRight]:
    rows = Delegation.objects.filter(
        agent__workspace=workspace, revoked_at__isnull=True, expires_at__gt=DatabaseNow()
    ).annotate(email=Lower("person__email"))
    latest: dict[tuple[object, str], datetime] = {}
    for (agent_id, email), at in uses.delegated.items():
        key = (agent_id, str(email).strip().lower())
        latest[key] = max(at, latest.get(key, at))
    for row in rows.select_related("agent", "person", "connection"):
        actions = ", ".join(name.replace("_", " ") for name in row.actions)
        place = f" at {row.connection.name}" if row.connection is not None else ""
        yield StandingRight(
            kind=RightKind.DELEGATION,
            subject_id=str(row.pk),
            holder=row.person.name,
            words=f"lets {row.agent.name} {actions} on {', '.join(row.objects_named)}{place}"
            f" until {row.expires_at:%d %b %Y}",
            person_id=row.person_id,
            last_used_at=latest.get((row.agent_id, row.email)),
        )


def _standing_approvals(workspace: Workspace, uses: LastUses) -> Iterator[StandingRight]:  # noqa: ARG001 - they know it
    live = {"revoked_at__isnull": True, "expires_at__gt": DatabaseNow(), "uses__lt": F("max_uses")}
    rows = StandingApproval.objects.filter(workspace=workspace, **live)
    for row in rows.select_related("agent", "person", "connection"):
        yield StandingRight(
            kind=RightKind.STANDING,
            subject_id=str(row.pk),
            holder=row.person.name,
            words=f"approves beforehand that {row.agent.name} may {row.action.replace('_', ' ')} {row.object_type} at "
            f"{row.connection.name} ({', '.join(sorted(row.fields))}), {row.max_uses} times until "
            f"{row.expires_at:%d %b %Y}",
            person_id=row.person_id,
            last_used_at=row.last_used_at,
        )


def _memberships(workspace: Workspace, uses: LastUses) -> Iterator[StandingRight]:
    for row in Membership.objects.filter(group__workspace=workspace).select_related("group", "person"):
        state = "" if row.person.is_active else " (the person is not active)"
        yield StandingRight(
            kind=RightKind.MEMBERSHIP,
            subject_id=str(row.pk),
            holder=row.person.name,
            words=f"approves as one of {row.group.name}{state}",
            person_id=row.person_id,
            last_used_at=uses.votes.get((row.person_id,)),
        )


def _logins(workspace: Workspace, uses: LastUses) -> Iterator[StandingRight]:  # noqa: ARG001 - they know it
    """What people hold in the whole workspace, by login, and what they hold for one agent alone, by agent and login."""
    roles: defaultdict[int, set[str]] = defaultdict(set)
    alone: defaultdict[tuple[str, str, int], set[str]] = defaultdict(set)
    for user_id, codename, place, agent in _list_held(workspace):
        (alone[agent, place, user_id] if agent else roles[user_id]).add(codename)
    wanted = Q(pk__in={*roles, *(user_id for _, _, user_id in alone)}) | Q(is_superuser=True)
    users = {row.pk: row for row in User.objects.filter(wanted, is_active=True).select_related("person")}
    for row in users.values():
        if row.is_superuser or row.pk in roles:
            words = "superuser: everything, everywhere" if row.is_superuser else role_words(roles[row.pk])
            yield _login(row, RightKind.LOGIN, str(row.pk), words)
    for (agent, place, user_id), held in alone.items():
        if user_id in users:
            told = "; ".join(words for right, words in RIGHT_WORDS.items() if right in held)
            subject = subject_of_rights(UUID(place), user_id)
            yield _login(users[user_id], RightKind.AGENT_RIGHTS, subject, f"for {agent} alone: {told}")


def _list_held(workspace: Workspace) -> Iterable[tuple[int, str, str, str | None]]:
    """Login, permission, of what, and the agent's name where it is for one alone. One query."""
    agents = Agent.objects.filter(workspace=workspace).annotate(key=bare_id(Cast("pk", CharField())))
    named = agents.filter(key=OuterRef("key")).values("name")
    of_workspace = Q(content_type__model="workspace", object_pk=str(workspace.pk))
    of_agent = Q(content_type__model="agent", permission__codename__in=AGENT_RIGHTS, key__in=agents.values("key"))
    rows = UserObjectPermission.objects.annotate(key=bare_id(F("object_pk"))).filter(
        of_workspace | of_agent, content_type__app_label="governance"
    )
    found: Iterable[tuple[int, str, str, str | None]] = rows.values_list(
        "user_id", "permission__codename", "object_pk", Subquery(named)
    )
    return found


def _login(row: User, kind: RightKind, subject_id: str, words: str) -> StandingRight:
    return StandingRight(
        kind=kind,
        subject_id=subject_id,
        holder=f"{row.person.name} ({row.username})" if row.person is not None else row.username,
        words=words,
        person_id=row.person_id,
        last_used_at=row.last_login,
    )


def role_words(permissions: set[str]) -> str:
    """The role by its name where the permissions are exactly a role's; else what they are."""
    names = [role.value for role, wanted in ROLE_PERMISSIONS.items() if wanted == permissions]
    listed = ", ".join(sorted(permissions)).replace("_", " ")
    return f"{names[0].replace('_', ' ')}: {listed}" if names else listed
