"""Own look: what one person's click on fifty rows never approves, because nothing takes it back (APR-06, APR-11)."""

from governance.domain.action_class import IRREVERSIBLE, OUTWARD
from governance.domain.vocabulary import Action

_BLOCKED = "blocked"  # a tier that only break-glass opens


def own_look_reason(action: str, risk_tier: str) -> str:
    """Why this must be opened and approved by itself, in words; empty for what a batch may approve.

    Denying is free of it: nothing happens then that would have to be taken back.
    """
    if risk_tier == _BLOCKED:
        return "blocked by policy and opened by break-glass"
    if action == Action.EXPORT:
        return "data leaves the house"
    if action in OUTWARD:
        return "it reaches a person"
    if action in IRREVERSIBLE:
        return "it cannot be taken back"
    return ""
