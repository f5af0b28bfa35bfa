"""The Merkle tree in rows: leaves in their order, and full tiles."""

from django.db import models

from audit.models.event import LedgerEvent


class LedgerLeaf(models.Model):
    """Leaf number `leaf_index` is this event: contiguous from 0, issued once. The key fences a second sequencer."""

    leaf_index = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(LedgerEvent, on_delete=models.DO_NOTHING, db_constraint=False, related_name="leaf")
    leaf_hash = models.BinaryField(max_length=32)
    sequenced_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "ledger leaves"

    def __str__(self) -> str:
        return str(self.leaf_index)


class Tile(models.Model):
    """A full tile: 256 hashes of `level` (8,192 bytes) and the root over them. Partial tiles are never stored."""

    level = models.PositiveSmallIntegerField()
    n = models.BigIntegerField()
    hashes = models.BinaryField()
    root = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "n"], name="tile_once")]

    def __str__(self) -> str:
        return f"{self.level}/{self.n}"
