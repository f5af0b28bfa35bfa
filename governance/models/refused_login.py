"""RefusedLogin: refusals that are told to the ledger together, so that hammering floods nothing (AUD-02)."""

from django.db import models


class RefusedLogin(models.Model):
    """Of one login, from one address, for one reason; all names that nobody has are one. `key` is the sha256 (hex) of
    these. The first was told `since` then; `untold` are those after it, of which the ledger does not tell yet.
    """

    key = models.CharField(max_length=64, primary_key=True)
    user_id_tried = models.CharField(max_length=40)
    reason = models.CharField(max_length=60)
    since = models.DateTimeField(db_index=True)
    untold = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id_tried} {self.reason}"
