"""The last look at circuit breakers: what opened since a request was judged keeps it back (LIM-04, EXE-01)."""

from datetime import datetime

import msgspec

from approvals.models import AgentActionRequest
from governance.domain.breaker import find_open
from governance.domain.breaker_checks import BREAKER_OPEN
from governance.domain.facts import Facts, SwitchFacts
from governance.selectors.policy import get_policy_index


def broken_by(request: AgentActionRequest, switches: SwitchFacts, now: datetime) -> str:
    """`breaker_open` when an open breaker covers the agent's request now, else empty. No query while all are closed.

    Raises ValueError for breakers that cannot be read: the step is not made.
    """
    if request.agent_id is None or switches.breakers == ():
        return ""
    index = get_policy_index(request.workspace_id, request.connection.environment)
    facts = msgspec.structs.replace(msgspec.convert(request.facts, Facts), switches=switches, now=now)
    return BREAKER_OPEN if index is not None and find_open(index.breakers, facts) is not None else ""
