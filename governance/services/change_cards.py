"""What waits for a second person, as the console shows it: in words, with what this person may do about it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from governance.models import ChangeProposal, User
from governance.selectors.access import may
from governance.services.change_kinds import KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCard:
    """`may_decide`: another person with the permission. `is_own`: proposed by this person, who may withdraw it."""

    proposal: ChangeProposal
    label: str
    lines: tuple[str, ...]
    hours_left: int
    may_decide: bool
    is_own: bool


def list_change_cards(proposals: Iterable[ChangeProposal], *, user: User, now: datetime) -> tuple[ChangeCard, ...]:
    """One card for each proposal; their workspaces are joined. Each permission is asked once a workspace."""

    @cache
    def holds(permission: str, workspace_id: UUID) -> bool:
        return user.person_id is not None and may(user, permission, workspace_id)

    return tuple(_card(proposal, user, holds, now) for proposal in proposals)


def describe_change(proposal: ChangeProposal) -> tuple[str, ...]:
    """What the change does, a line each."""
    kind = KINDS.get(proposal.kind)
    return kind.describe(proposal.payload) if kind is not None else ("This version does not know this kind.",)


def _card(proposal: ChangeProposal, user: User, holds: Callable[[str, UUID], bool], now: datetime) -> ChangeCard:
    kind = KINDS.get(proposal.kind)
    is_own = user.person_id == proposal.proposed_by_id
    permissions = kind.countersign if kind is not None else ()
    return ChangeCard(
        proposal=proposal,
        label=kind.label if kind is not None else proposal.kind,
        lines=describe_change(proposal),
        hours_left=max(int((proposal.expires_at - now).total_seconds() // 3600), 0),
        may_decide=not is_own and any(holds(name, proposal.workspace_id) for name in permissions),
        is_own=is_own,
    )
