"""Replay: the decision made anew from the facts on record, under the policy on record or another one (RPL-01/02)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from approvals.domain.execution_bundle import ExecutionBundle, Recorded, in_one_spelling, make_execution_bundle
from approvals.domain.replayed import Difference, FactError, change_fact, list_differences
from approvals.models import AgentActionRequest
from governance.domain.engine import decide
from governance.domain.facts import Facts
from governance.domain.golden import decide_stored
from governance.models import PolicyVersion
from governance.selectors.policy import get_policy_index_by_digest


class Replay(StrEnum):
    """`same`: the decision on record, byte for byte. `impossible`: facts, policy or decision are not on record;
    `erased`: they were, and were taken away with the person's data."""

    SAME = "same"
    DIFFERENT = "different"
    IMPOSSIBLE = "impossible"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One replay. `policy` is the digest of the version that was asked; `again` its decision as canonical JSON, empty
    when there is none."""

    state: Replay
    policy: str
    again: bytes = b""
    differences: tuple[Difference, ...] = ()

    @property
    def outcome(self) -> str:
        return str(msgspec.json.decode(self.again)["outcome"]) if self.again else ""


def replay_decision(request: AgentActionRequest) -> Replay:
    """Decide again and compare with what is on record. Writes nothing; one query when the policy is not cached."""
    return replay(request).state


def replay(request: AgentActionRequest, *, policy: str = "", changed: Mapping[str, str] | None = None) -> Replayed:
    """Decide on the facts on record under the recorded version, or the one with the digest `policy`.

    `changed`: other values by the place of the fact, for the lab. The engine is the one that decides; nothing is
    written, and one query asked when the version is not cached. Raises FactError.
    """
    recorded = str(request.decision.get("policy_version", ""))
    wanted = policy or recorded
    if request.outcome and not request.facts:
        return Replayed(state=Replay.ERASED, policy=wanted)
    index = get_policy_index_by_digest(wanted) if wanted else None
    if index is None or not request.facts:
        return Replayed(state=Replay.IMPOSSIBLE, policy=wanted)
    stored: dict[str, Any] = request.facts
    for place, text in (changed or {}).items():
        stored = change_fact(stored, place, text)
    try:
        facts = msgspec.convert(stored, Facts)
    except msgspec.ValidationError as error:
        if changed:
            raise FactError("the value is none of its kind") from error
        return Replayed(state=Replay.IMPOSSIBLE, policy=wanted)
    is_as_recorded = wanted == recorded and not changed
    decision = decide_stored(index, facts) or (decide(index, facts) if is_as_recorded else None)
    if decision is None:  # the record was never read, and this version would look at it
        return Replayed(state=Replay.IMPOSSIBLE, policy=wanted)
    again: dict[str, Any] = msgspec.to_builtins(decision)
    content = in_one_spelling(again)
    is_same = content == in_one_spelling(request.decision)
    return Replayed(
        state=Replay.SAME if is_same else Replay.DIFFERENT,
        policy=wanted,
        again=content,
        differences=list_differences(request.decision, again),
    )


def get_execution_bundle(request: AgentActionRequest) -> ExecutionBundle | None:
    """The bundle of a request with workspace, agent and agent_version joined; None when what it holds was erased, or
    was never decided on. No query."""
    if not request.facts or not request.decision:
        return None
    version = request.agent_version
    told = (
        {}
        if version is None
        else {
            "fingerprint": version.fingerprint,
            "model": version.model,
            "prompt_template": version.prompt_template,
            "prompt_hash": version.prompt_hash,
            "tools_hash": version.tools_hash,
        }
    )
    return make_execution_bundle(
        Recorded(
            request=str(request.pk),
            workspace=request.workspace.slug,
            actor=request.agent.name if request.agent is not None else str(request.person_id),
            credential=str(request.credential_id or ""),
            agent_version=told,
            fingerprint=request.fingerprint,
            proposal=request.body,
            facts=request.facts,
            decision=request.decision,
            digest=request.digest,
        )
    )


def find_policy(workspace_id: UUID, text: str) -> str:
    """The digest of a version of the workspace by its digest or its number (`v3`, `3`); empty when there is none."""
    rows = PolicyVersion.objects.filter(workspace_id=workspace_id)
    number = text.removeprefix("v")
    is_number = number.isascii() and number.isdigit() and len(number) < 9
    wanted = rows.filter(number=int(number)) if is_number else rows.filter(digest=text)
    return wanted.values_list("digest", flat=True).first() or ""
