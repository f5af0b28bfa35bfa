"""What became of one do-not-contact entry: who listed it, who proposed its end, every send that it stopped (DNC-05)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from audit.selectors.events import LedgerEntry, list_events
from governance.domain.change_status import ChangeStatus
from governance.domain.dnc_key import DncKind
from governance.models import ChangeProposal, DncEntry
from governance.selectors.dnc_pages import list_covered
from governance.selectors.people import list_actor_names

PAGE = 25


@dataclass(frozen=True, slots=True)
class DncHistory:
    """`stopped`: newest first; `next` is where the next page begins, None on the last."""

    added_by: str
    proposals: tuple[ChangeProposal, ...]
    covered: tuple[DncEntry, ...]
    stopped: tuple[LedgerEntry, ...]
    next: UUID | None

    @property
    def waiting(self) -> ChangeProposal | None:
        return next((row for row in self.proposals if row.status == ChangeStatus.WAITING), None)


def get_dnc_history(entry: DncEntry, *, before: UUID | None = None) -> DncHistory:
    """Four queries and one for the actor's name, however much the entry stopped."""
    of_it: dict[str, Any] = {"workspace_id": entry.workspace_id, "kind": "dnc.remove"}
    proposals = ChangeProposal.objects.filter(payload__entry=str(entry.parent_id or entry.pk), **of_it)
    covered = tuple(list_covered(entry)) if entry.kind in (DncKind.PERSON, DncKind.COMPANY) else ()
    ids = [str(row.pk) for row in (entry, *covered)]
    stopped = list_events(subject_ids=ids, type="dnc.enforced", before=before, limit=PAGE + 1)
    names = list_actor_names([entry.added_by])
    return DncHistory(
        added_by=names[entry.added_by],
        proposals=tuple(proposals.select_related("proposed_by", "ended_by").order_by("-created_at")),
        covered=covered,
        stopped=tuple(stopped[:PAGE]),
        next=stopped[PAGE - 1].id if len(stopped) > PAGE else None,
    )
