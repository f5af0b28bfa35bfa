"""The console's tables of approvals: read-only, whatever a person's permissions say.

Decisions are made on the pages of the inbox.
"""

from approvals.admin.attempts import AttemptAdmin
from approvals.admin.requests import AgentActionRequestAdmin
from approvals.admin.votes import VoteAdmin

__all__ = ["AgentActionRequestAdmin", "AttemptAdmin", "VoteAdmin"]
