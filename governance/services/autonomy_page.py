"""An agent's ladder as the console shows it: each level, what it requires, what is in place and where to mend it."""

from dataclasses import dataclass
from uuid import UUID

from governance.domain.autonomy import (
    CONTROL_WORDS,
    LADDER,
    MEANING,
    Control,
    ControlEvidence,
    is_raise,
    required_controls,
)
from governance.models import Agent
from governance.selectors.controls import gather_controls

MENDED_AT: dict[str, str] = {
    Control.OWNER: "governance_agent_changelist",
    Control.GRANTS: "governance_policyversion_changelist",
    Control.APPROVERS: "governance_approvergroup_changelist",
    Control.KILL_SWITCH: "governance_killswitch_changelist",
    Control.BUDGETS: "governance_budget_changelist",
    Control.BREAKER: "governance_breaker_changelist",
    Control.GOLDEN_CASES: "governance_goldencase_changelist",
    Control.SANDBOX_REVERT: "governance_agent_changelist",
    Control.DNC: "governance_dncentry_changelist",
}
"""The admin page where each control is put in place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlLine:
    """`page` is the name of the admin page that mends it."""

    words: str
    seen: str
    is_live: bool
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One level. `is_open`: higher than now and nothing missing; `is_lower`: one person may go there at once."""

    level: str
    title: str
    meaning: str
    is_current: bool
    is_lower: bool
    is_open: bool
    lines: tuple[ControlLine, ...]


def show_ladder(agent_id: UUID) -> tuple[Agent, tuple[Rung, ...]]:
    """The agent and its ladder, lowest level first. Raises Agent.DoesNotExist."""
    agent = Agent.objects.select_related("owner", "workspace").get(pk=agent_id)
    found = {item.control: item for item in gather_controls(agent_id)}
    return agent, tuple(_rung(agent.autonomy_level, level, found) for level in LADDER)


def _rung(current: str, level: str, found: dict[str, ControlEvidence]) -> Rung:
    lines = tuple(_line(control, found.get(control)) for control in required_controls(level))
    is_higher = is_raise(current, level)
    return Rung(
        level=level,
        title=level.replace("_", " ").capitalize(),
        meaning=MEANING[level],
        is_current=level == current,
        is_lower=level != current and not is_higher,
        is_open=is_higher and all(line.is_live for line in lines),
        lines=lines,
    )


def _line(control: str, evidence: ControlEvidence | None) -> ControlLine:
    return ControlLine(
        words=CONTROL_WORDS[control],
        seen=evidence.words if evidence is not None else "nothing is known about it",
        is_live=evidence is not None and evidence.is_live,
        page=MENDED_AT[control],
    )
