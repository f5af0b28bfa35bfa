"""SearchTerm: what events can be found by beside their own columns."""

from django.db import models


class SearchTerm(models.Model):
    """`term`: the first 8 bytes of a keyed digest of workspace, kind and value (an agent, a record, a field, a person).

    Narrow on purpose, no address and no value in it. Written by a follower some seconds after the event, rebuildable
    from the ledger, and no part of it: rows may be deleted.
    """

    pk = models.CompositePrimaryKey("term", "event_id")
    term = models.BigIntegerField()
    event_id = models.UUIDField()

    def __str__(self) -> str:
        return f"{self.term:016x} {self.event_id}"
