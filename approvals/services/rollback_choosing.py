"""What a rollback drill writes: a field of a sandbox record that policy lets the agent change (RVT-06)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from approvals.domain.proposal_parsing import parse_proposal
from approvals.domain.rollback_drill import make_body, other_value, rank
from approvals.models import RollbackDrill
from approvals.services.preview import preview_request
from crm_connectors.port import ConnectorError
from crm_connectors.services.connectors import get_connector
from governance.domain.index import PolicyIndex
from governance.domain.principal import Principal
from governance.domain.vocabulary import Action, Environment
from governance.models import Connection
from governance.selectors.policy import get_policy_index

_RECORDS, _TRIED = 5, 40
Choice = tuple[Connection, dict[str, Any]]


def choose_write(
    drill: RollbackDrill, principal: Principal, *, now: datetime
) -> tuple[Connection, dict[str, Any]] | None:
    """The connection and the proposal that policy allows at once; else one that waits for an approval; None where the
    agent may write nothing in a sandbox. Reads the CRM; commits nothing."""
    index = get_policy_index(drill.workspace_id, Environment.SANDBOX)
    if index is None:
        return None
    waiting: Choice | None = None
    for number, (connection, body) in enumerate(_candidates(drill, index)):
        if number >= _TRIED:
            break
        status = preview_request(principal=principal, proposal=parse_proposal(body), now=now).status
        if status == "approved":
            return connection, body
        if status == "pending" and waiting is None:
            waiting = connection, body
    return waiting


def _candidates(drill: RollbackDrill, index: PolicyIndex) -> Iterator[Choice]:
    rows = Connection.objects.filter(workspace_id=drill.workspace_id, environment=Environment.SANDBOX, is_active=True)
    connections = {row.name: row for row in rows}
    for (agent, name, environment, object_type, action), grant in sorted(index.grants.items()):
        if agent != drill.agent.name or environment != Environment.SANDBOX or action != Action.UPDATE:
            continue
        if name in connections:
            for body in _bodies(drill, connections[name], index, object_type, sorted(grant.write_fields)):
                yield connections[name], body


def _bodies(
    drill: RollbackDrill, connection: Connection, index: PolicyIndex, object_type: str, names: list[str]
) -> Iterator[dict[str, Any]]:
    entry = index.objects.get((connection.name, object_type))
    rules = {name: entry.fields[name] for name in names if entry is not None and name in entry.fields}
    try:
        connector = get_connector(connection.pk, kind=connection.kind)
        page = connector.search(object_type=object_type, filters={}, fields=sorted(rules), limit=_RECORDS, after="")
    except ConnectorError:
        return
    for record in page.records:
        for rule in sorted(rules.values(), key=rank):
            name = rule.field
            before = record.values.get(name)
            after = other_value(rule, before)
            if after is not None:
                yield make_body(
                    connection=connection.name,
                    object_type=object_type,
                    record_id=record.id,
                    field=name,
                    before=before,
                    after=after,
                    drill=str(drill.pk),
                )
