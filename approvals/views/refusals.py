"""Refusals as plain sentences: what was not done, and why."""

from approvals.models import AgentActionRequest
from approvals.services.pages.review import settled_words

_WORDS = {
    "diff_changed": "The change is not the one that you saw: it was altered since. Nothing was counted; look again.",
    "approval_expired": "It expired before your vote. Nothing was changed.",
    "already_voted": "You have voted on this already, differently. The first vote stands.",
    "self_approval": "You own this agent or asked for this yourself, so somebody else must decide.",
    "not_an_approver": "You are not in a group that may decide this.",
    "not_allowed": "Your role does not allow this in this workspace.",
    "already_reverted": "It is taken back already, or being taken back.",
    "not_revertible": "It cannot be taken back: it was not executed, or the CRM cannot undo it.",
    "not_executed": "It cannot be taken back: it was not executed.",
    "irreversible": "The CRM cannot undo this.",
    "revert_conflict": "Somebody else wrote since. Choose what to leave as it is, then confirm again.",
    "reason_missing": "Say why. Nothing was done.",
}


def refusal_words(error: Exception, row: AgentActionRequest) -> str:
    """A sentence for an anticipated refusal, its code at the end where it is not self-evident."""
    code = str(getattr(error, "code", "refused"))
    if code == "already_decided":
        return f"Your vote came too late. {settled_words(row)}"
    return _WORDS.get(code) or f"{str(error)[:1].upper()}{str(error)[1:]} ({code})."
