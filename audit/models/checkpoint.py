"""Checkpoint: the signed state of the tree at one size."""

from django.db import models


class Checkpoint(models.Model):
    """`note` is the signed text that leaves the house; `size` and `root` repeat it for search."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    signed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.size)
