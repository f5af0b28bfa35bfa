"""What a request rests on and may lose between its claim and its call, and what changed since (EXE-01)."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

AGENT_INACTIVE = "agent_inactive"
CREDENTIAL_REVOKED = "credential_revoked"
PERSON_INACTIVE = "person_inactive"
RIGHT_LOST = "right_lost"
BULK_STOPPED = "bulk_revert_stopped"

BULK_PAUSED = "bulk_revert_paused"
CONNECTION_INACTIVE = "connection_inactive"
GRANT_WITHDRAWN = "grant_withdrawn"
AUTONOMY_CHANGED = "autonomy_changed"
FIELD_CLOSED = "field_closed"
ROLE_LOST = "role_lost"
EXPIRED = "expired"
APPROVAL_VOID = "approval_void"
SET_BACK = "ledger_set_back"

ENDS = frozenset({AGENT_INACTIVE, CREDENTIAL_REVOKED, PERSON_INACTIVE, RIGHT_LOST, BULK_STOPPED})
"""Who asked may act no more, or called it off: it is cancelled."""

JUDGED_ANEW = frozenset(
    {
        *(BULK_PAUSED, CONNECTION_INACTIVE, GRANT_WITHDRAWN, AUTONOMY_CHANGED, FIELD_CLOSED),
        *(ROLE_LOST, EXPIRED, APPROVAL_VOID, SET_BACK),
    }
)
"""Back to `approved`: the next claim waits, denies, expires it or returns it to people. No fault of the action."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How things stand now: `code` is what was lost for certain, the rest is compared with the facts that were judged.

    `autonomy` is the agent's level, empty where a person asks; `roles` the person's approver groups; `closed` the
    fields of the written object that deny at once.
    """

    code: str = ""
    autonomy: str = ""
    roles: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()


def lost_since(standing: Standing, facts: Mapping[str, Any], written: Collection[str]) -> str:
    """The code of what was lost since `facts` (as stored) were judged, for a write to the fields `written`; empty when
    nothing was."""
    if standing.code and not (standing.code == GRANT_WITHDRAWN and facts.get("is_grant_withdrawn")):
        return standing.code
    judged = facts.get("agent") or {}
    if standing.autonomy and judged and judged.get("autonomy_level") != standing.autonomy:
        return AUTONOMY_CHANGED
    if not judged and not standing.roles.issuperset(facts.get("human_roles") or ()):
        return ROLE_LOST
    known = {field["name"] for field in facts.get("closed_fields") or ()}
    return FIELD_CLOSED if standing.closed.intersection(written) - known else ""
