"""Legal holds for their page."""

from uuid import UUID

from django.db.models import Q

from governance.models import LegalHold

SHOWN = 100


def list_holds(workspace_id: UUID, *, text: str = "") -> list[LegalHold]:
    """Those in force first, then the newest, a hundred and one at most; `text` is in their name or is their subject's
    id. Two queries at most."""
    rows = LegalHold.objects.filter(workspace_id=workspace_id).select_related("placed_by")
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(subject_id=text))
    in_force, lifted = rows.filter(lifted_at__isnull=True), rows.filter(lifted_at__isnull=False)
    found = list(in_force.order_by("-placed_at")[: SHOWN + 1])
    return found if len(found) > SHOWN else [*found, *lifted.order_by("-placed_at")[: SHOWN + 1 - len(found)]]
