"""Replay: the decision made anew from the facts on record, under the policy on record (RPL-02)."""

from enum import StrEnum

import msgspec

from approvals.models import AgentActionRequest
from governance.domain.engine import decide, decide_without_record
from governance.domain.facts import Facts
from governance.selectors.policy import get_policy_index_by_digest


class Replay(StrEnum):
    """`same`: the decision on record, check by check. `impossible`: facts, policy or decision are not on record."""

    SAME = "same"
    DIFFERENT = "different"
    IMPOSSIBLE = "impossible"


def replay_decision(request: AgentActionRequest) -> Replay:
    """Decide again and compare with what is on record. Writes nothing; one query when the policy is not cached."""
    version = str(request.decision.get("policy_version", ""))
    index = get_policy_index_by_digest(version) if version else None
    if index is None or not request.facts:
        return Replay.IMPOSSIBLE
    try:
        facts = msgspec.convert(request.facts, Facts)
    except msgspec.ValidationError:
        return Replay.IMPOSSIBLE
    unread = decide_without_record(index, facts) if facts.record is None else None  # what no record could have lifted
    again = msgspec.json.decode(msgspec.json.encode(unread or decide(index, facts)))
    return Replay.SAME if again == request.decision else Replay.DIFFERENT
