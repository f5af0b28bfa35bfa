"""The console's tables of approvals: read-only, whatever a person's permissions say, but for RevOps' own drill cases
and the stops.

Decisions are made on the pages of the inbox.
"""

from approvals.admin.attempts import AttemptAdmin
from approvals.admin.drills import DrillCaseAdmin
from approvals.admin.requests import AgentActionRequestAdmin
from approvals.admin.switches import StopAdmin
from approvals.admin.votes import VoteAdmin

__all__ = ["AgentActionRequestAdmin", "AttemptAdmin", "DrillCaseAdmin", "StopAdmin", "VoteAdmin"]
