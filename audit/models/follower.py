"""Follower: how far one reader of the ledger has come."""

from django.db import models


class Follower(models.Model):
    """`next_leaf` is the first leaf that it has not taken yet. Moved by `audit.services.follow` alone."""

    name = models.CharField(max_length=60, primary_key=True)
    next_leaf = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.name} at {self.next_leaf}"
