"""Grants beside what is published, and the fields that each may name."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from governance.models import Grant, RegisteredField
from governance.selectors.live_grants import list_live_grants
from governance.selectors.policy import get_policy_indexes

PUBLISHED, CHANGED, NEW, WITHDRAWN = "published", "changed since", "not published", "withdrawn"


def list_grant_states(grants: Iterable[Grant]) -> dict[UUID, str]:
    """How each grant (agent and connection joined) stands to the policy in force in its environment.

    One query, and one for each workspace, of which there are few.
    """
    rows = list(grants)
    live = set(list_live_grants().filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    policies = {workspace: get_policy_indexes(workspace) for workspace in {row.agent.workspace_id for row in rows}}
    states = {}
    for row in rows:
        place = row.connection
        index = policies[row.agent.workspace_id].get(place.environment)
        key = (row.agent.name, place.name, place.environment, row.object_type, row.action)
        entry = index.grants.get(key) if index is not None else None
        if row.is_withdrawn:
            states[row.pk] = WITHDRAWN
        elif entry is None or row.pk not in live:
            states[row.pk] = NEW
        else:
            is_same = (entry.read_fields, entry.write_fields) == (
                frozenset(row.read_fields),
                frozenset(row.write_fields),
            )
            states[row.pk] = PUBLISHED if is_same else CHANGED
    return states


def list_field_names(connections: Iterable[UUID]) -> dict[tuple[UUID, str], list[str]]:
    """(connection, object) → names of its registered fields, sorted. One query."""
    found: defaultdict[tuple[UUID, str], list[str]] = defaultdict(list)
    rows = RegisteredField.objects.filter(connection_id__in=set(connections)).order_by("name")
    for connection_id, object_type, name in rows.values_list("connection_id", "object_type", "name"):
        found[connection_id, object_type].append(name)
    return dict(found)
