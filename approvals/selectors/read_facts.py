"""What a governed read is judged by, gathered in three queries: connection and grant, switches, policy."""

from collections.abc import Mapping

from django.db.models import Exists, OuterRef

from approvals.domain.reading import ConnectionMissingError, ReadFacts
from governance.domain.document import FieldRule
from governance.domain.index import PolicyIndex
from governance.domain.principal import Principal
from governance.models import Connection
from governance.selectors.live_grants import list_live_grants
from governance.selectors.policy import get_policy_index
from governance.selectors.switches import get_switch_facts


def get_read_facts(*, principal: Principal, connection: str, object_type: str, action: str) -> ReadFacts:
    """Raises ConnectionMissingError when the principal's workspace has no connection of this name."""
    live = list_live_grants().filter(
        agent_id=principal.agent_id, connection=OuterRef("pk"), object_type=object_type, action=action
    )
    row = (
        Connection.objects.filter(workspace_id=principal.workspace_id, name=connection)
        .annotate(is_granted=Exists(live))
        .first()
    )
    if row is None:
        raise ConnectionMissingError("no such connection")
    index = get_policy_index(principal.workspace_id, row.environment)
    switches = get_switch_facts(workspace_id=principal.workspace_id, agent_id=principal.agent_id)
    key = (principal.agent_name, row.name, row.environment, object_type, action)
    return ReadFacts(
        lifecycle=principal.lifecycle,
        is_stopped=switches.is_all_stopped or switches.is_agent_stopped,
        connection_id=row.pk,
        connection_name=row.name,
        connection_kind=row.kind,
        is_connection_active=row.is_active,
        object=object_type,
        action=action,
        rules=_rules(index, row.name, object_type),
        granted=_granted(index, key) if row.is_granted else None,
        policy_version=index.version if index else "",
    )


def _rules(index: PolicyIndex | None, connection: str, object_type: str) -> Mapping[str, FieldRule] | None:
    entry = index.objects.get((connection, object_type)) if index else None
    return entry.fields if entry else None


def _granted(index: PolicyIndex | None, key: tuple[str, str, str, str, str]) -> frozenset[str] | None:
    entry = index.grants.get(key) if index else None
    return entry.read_fields if entry else None
