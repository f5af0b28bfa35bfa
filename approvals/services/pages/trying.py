"""The page on which a proposal that nobody made is tried on the policy in force and on the draft (POL-07)."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from approvals.domain.shown_value import UNREAD, ShownValue, show_value
from approvals.domain.visible_text import Piece, reveal
from approvals.models import AgentActionRequest
from approvals.services.preview import Preview
from approvals.services.trying import try_proposal
from governance.domain.compile_error import CompileError
from governance.domain.decision import CheckResult
from governance.domain.vocabulary import ActorType
from governance.models import Agent, Connection

OUTCOME_WORDS = {
    "approved": "goes through by itself",
    "pending": "waits for a person",
    "denied": "is refused",
    "conflict": "ends as a conflict: the record is not as the proposal expects",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTry:
    """One policy's answer: its outcome in words, its tier, what shaped it, and what would be written."""

    outcome: str
    tier: str
    reasons: tuple[tuple[str, tuple[Piece, ...]], ...]
    patch: tuple[tuple[str, ShownValue, ShownValue], ...]
    needs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TryPage:
    """`draft` is None where `errors` keep the edited rows from being asked."""

    live: ShownTry
    draft: ShownTry | None
    errors: tuple[CompileError, ...]
    is_same: bool


def show_try(*, workspace_id: UUID, agent_id: UUID, body: bytes, now: datetime) -> TryPage:
    """Ask both. Commits nothing. Raises TrialRefusedError."""
    trial = try_proposal(workspace_id=workspace_id, agent_id=agent_id, body=body, now=now)
    return TryPage(
        live=_show(trial.live),
        draft=_show(trial.draft) if trial.draft is not None else None,
        errors=trial.errors,
        is_same=trial.is_same,
    )


def list_askable(workspace_id: UUID) -> list[tuple[str, str]]:
    """Id and name of every agent that a proposal can be tried as, the first one to be asked first."""
    rows = Agent.objects.filter(workspace_id=workspace_id, is_drill=False).order_by("name")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def get_example(workspace_id: UUID) -> tuple[str, str]:
    """What stands in the empty form, and whose it is: the newest change on record that an agent asked for, else one of
    the shape that the API takes, of nobody."""
    rows = AgentActionRequest.objects.filter(
        workspace_id=workspace_id, actor_type=ActorType.AGENT, agent__is_drill=False, action="update"
    )
    body, agent_id = rows.order_by("-id").values_list("body", "agent_id").first() or (_blank(workspace_id), None)
    return json.dumps(body, indent=2, ensure_ascii=False), str(agent_id or "")


def _blank(workspace_id: UUID) -> dict[str, object]:
    connection = Connection.objects.filter(workspace_id=workspace_id).order_by("name").first()
    unknown = "sha256:" + "0" * 64
    return {
        "connection": connection.name if connection is not None else "embedded",
        "action": "update",
        "target": {"object": "companies", "id": "101"},
        "changes": {"numberofemployees": 220},
        "reason_code": "enrich.inbound",
        "justification": "headcount on the company page",
        "confidence": 0.9,
        "evidence": [{"kind": "source", "url": "https://example.com/about", "excerpt": "220 people"}],
        "agent_version": {"model": "m", "prompt_template": "p@1", "prompt_hash": unknown, "tools_hash": unknown},
        "correlation_id": "tried-by-hand",
    }


def _show(preview: Preview) -> ShownTry:
    decision = preview.decision
    before = show_value if preview.is_record_read else _unread
    return ShownTry(
        outcome=OUTCOME_WORDS[preview.status],
        tier=decision.risk_tier,
        reasons=tuple(map(_reason, decision.reasons)),
        patch=tuple((item.field, before(item.before), show_value(item.after)) for item in decision.patch),
        needs=", ".join(_groups(preview)),
    )


def _unread(_value: object) -> ShownValue:
    return UNREAD


def _reason(check: CheckResult) -> tuple[str, tuple[Piece, ...]]:
    return check.field, reveal(check.message.replace("`", ""))


def _groups(preview: Preview) -> list[str]:
    requirement = preview.decision.requirement
    return list(requirement.all_groups) if requirement is not None else []
