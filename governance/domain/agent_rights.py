"""What a person may hold for one agent alone, where they do not hold it in the whole workspace (IDN-07)."""

from collections.abc import Collection
from enum import StrEnum

SEES = "view_requests"


class AgentRight(StrEnum):
    """Permissions of `governance.models.agent.Agent`: each as the workspace's of the same name, for one agent."""

    VIEW_REQUESTS = SEES
    REVIEW_REQUESTS = "review_requests"
    REVERT_REQUESTS = "revert_requests"
    PROMOTE_SUGGESTIONS = "promote_suggestions"
    ENGAGE_SWITCHES = "engage_switches"
    HANDLE_EXCEPTIONS = "handle_exceptions"
    REPORT_BAD_ACTIONS = "report_bad_actions"
    VIEW_QUALITY = "view_quality"
    SCORE_QUALITY = "score_quality"
    VIEW_REPORTS = "view_reports"
    MANAGE_AGENTS = "manage_agents"


AGENT_RIGHTS = frozenset(right.value for right in AgentRight)

RIGHT_WORDS: dict[AgentRight, str] = {
    AgentRight.VIEW_REQUESTS: "sees its requests, exceptions and stops",
    AgentRight.REVIEW_REQUESTS: "approves and denies its requests, as a member of an approver group",
    AgentRight.REVERT_REQUESTS: "takes back what it did",
    AgentRight.PROMOTE_SUGGESTIONS: "promotes and dismisses what it suggests",
    AgentRight.ENGAGE_SWITCHES: "stops it",
    AgentRight.HANDLE_EXCEPTIONS: "works on its exceptions",
    AgentRight.REPORT_BAD_ACTIONS: "reports its bad actions",
    AgentRight.VIEW_QUALITY: "sees its quality samples and their results",
    AgentRight.SCORE_QUALITY: "scores its quality samples",
    AgentRight.VIEW_REPORTS: "reads the reports on it",
    AgentRight.MANAGE_AGENTS: "manages it: purpose, lifecycle, credentials",
}


def with_needed(rights: Collection[AgentRight]) -> frozenset[AgentRight]:
    """The rights with those that they are of no use without: whoever does anything with an agent sees its requests,
    whoever scores sees the samples."""
    found = set(rights)
    if AgentRight.SCORE_QUALITY in found:
        found.add(AgentRight.VIEW_QUALITY)
    return frozenset(found | {AgentRight.VIEW_REQUESTS}) if found else frozenset()
