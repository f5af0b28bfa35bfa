"""Trying a rule before it is saved: which of the last requests it would have matched. Writes nothing (POL-04)."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from approvals.domain.canary import CANARY
from approvals.models import AgentActionRequest
from governance.domain.engine import decide
from governance.domain.facts import Facts
from governance.domain.index import PolicyIndex, compile_index
from governance.domain.rule import RiskRule
from governance.selectors.compilation import compile_policy

LOOKED_AT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTrial:
    """`matches` and `untold`, newest first: untold are those whose facts are not enough to tell."""

    looked_at: int
    matches: tuple[AgentActionRequest, ...]
    untold: tuple[AgentActionRequest, ...]


def try_rule(*, workspace_id: UUID, rule: RiskRule) -> RuleTrial:
    """Judge the facts of the last 50 requests by this rule alone, on the rows as they are edited now.

    The rule must be sound: ask `governance.selectors.rule_desk.advise` first. Raises Workspace.DoesNotExist.
    """
    document = compile_policy(workspace_id=workspace_id).document
    alone = msgspec.structs.replace(document, rules=(msgspec.structs.replace(rule, key="trial"),))
    index = compile_index(alone, version="trial")
    rows = AgentActionRequest.objects.filter(workspace_id=workspace_id).exclude(actor_type=CANARY)
    rows = rows.select_related("agent", "connection", "person")
    requests = [request for request in rows.order_by("-id")[:LOOKED_AT] if request.facts]
    said = [(request, _code(index, request)) for request in requests]
    return RuleTrial(
        looked_at=len(requests),
        matches=tuple(request for request, code in said if code.startswith("rule_")),
        untold=tuple(request for request, code in said if code in {"check_failed", "text_too_long", "not_asked"}),
    )


def _code(index: PolicyIndex, request: AgentActionRequest) -> str:
    """What the rule's own check says; empty when it does not match."""
    decision = decide(index, msgspec.convert(request.facts, Facts))
    codes = {check.check: check.code for check in decision.checks}
    return codes.get("rule:trial") or codes.get("rules", "check_failed")
