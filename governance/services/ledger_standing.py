"""Noting for people that the ledger is set back, where pages read it along with the stops (AUD-06)."""

from datetime import datetime

from audit.services.barrier import why_set_back
from governance.models import LedgerStanding


def note_ledger_standing(*, now: datetime) -> None:
    """Write why no effect begins, or that nothing keeps them back. Commits; one query as long as all is well."""
    words = why_set_back()[:300]
    if words:
        told = {"words": words}
        LedgerStanding.objects.update_or_create(pk=1, defaults=told, create_defaults={**told, "since": now})
    elif LedgerStanding.objects.exists():
        LedgerStanding.objects.all().delete()
