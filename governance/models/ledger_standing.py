"""LedgerStanding: why no effect begins, for every page's head (AUD-06)."""

from django.db import models


class LedgerStanding(models.Model):
    """One row while the ledger is set back behind its anchor, none else: as whoever sweeps saw it last. It decides
    nothing: each effect asks the barrier itself."""

    number = models.PositiveSmallIntegerField(primary_key=True, default=1)
    words = models.CharField(max_length=300)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.words
