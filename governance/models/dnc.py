"""Do not contact: who must not be reached, since when, why, and the proof (DNC-01/02/08).

Rows are never changed or deleted (triggers): an entry ends by two people's removal, and stays as its own evidence.
"""

from django.db import models

from audit.domain.identifier import new_id
from governance.domain.dnc_key import DncKind
from governance.models.change import ChangeProposal
from governance.models.workspace import Workspace


class DncStore(models.Model):
    """What every key of this installation was made with; one row. Another secret would match nothing: then no send."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    fingerprint = models.CharField(max_length=64)
    pinned_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="dnc_store_is_one")]

    def __str__(self) -> str:
        return self.fingerprint[:8]


class DncProof(models.Model):
    """A document that shows why an entry is there: kept in DATA_DIR under its hash, which the ledger holds too."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="dnc_proofs")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    size_bytes = models.PositiveIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "sha256"], name="dnc_proof_once")]

    def __str__(self) -> str:
        return self.name


class DncEntry(models.Model):
    """One address, domain, person or company that must not be reached.

    `digest` is the keyed hash of the matching key, all that is looked up; `value` is what compliance sees.
    `parent` is the person or company whose address this is. `brand` is empty for all brands. In force from
    `effective_from` until `effective_until` or its removal.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="dnc_entries", db_index=False)
    kind = models.CharField(max_length=10, choices=[(item.value, item.value) for item in DncKind])
    brand = models.CharField(max_length=60, blank=True)
    digest = models.BinaryField(max_length=16)
    value = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)
    source = models.CharField(max_length=60)
    proof = models.ForeignKey(DncProof, on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    import_id = models.UUIDField(null=True, blank=True)
    effective_from = models.DateTimeField()
    effective_until = models.DateTimeField(null=True, blank=True)
    added_by = models.CharField(max_length=120)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    removal = models.ForeignKey(ChangeProposal, on_delete=models.PROTECT, null=True, blank=True, db_index=False)

    class Meta:
        verbose_name = "do-not-contact entry"
        verbose_name_plural = "do not contact"
        indexes = [
            models.Index(fields=["digest"], name="dnc_by_digest"),
            models.Index(fields=["workspace", "-id"], name="dnc_newest"),
            models.Index(fields=["parent"], condition=models.Q(parent__isnull=False), name="dnc_by_parent"),
            # Pages of what is rare among millions; what is common is found soon along `dnc_newest`.
            models.Index(
                fields=["workspace", "kind", "-id"],
                condition=~models.Q(kind=DncKind.EMAIL.value),
                name="dnc_newest_of_kind",
            ),
            models.Index(
                fields=["workspace", "brand", "-id"], condition=~models.Q(brand=""), name="dnc_newest_of_brand"
            ),
            models.Index(
                fields=["workspace", "-id"], condition=models.Q(removed_at__isnull=False), name="dnc_newest_removed"
            ),
            models.Index(
                fields=["workspace", "-id"], condition=models.Q(effective_until__isnull=False), name="dnc_newest_ending"
            ),
            models.Index(
                fields=["workspace", "-id"],
                condition=models.Q(effective_from__gt=models.F("added_at")),
                name="dnc_newest_later",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason="") & ~models.Q(source=""), name="dnc_says_why"),
            models.CheckConstraint(
                condition=models.Q(effective_until__isnull=True)
                | models.Q(effective_until__gt=models.F("effective_from")),
                name="dnc_until_after_from",
            ),
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=True, removal__isnull=True)
                | models.Q(removed_at__isnull=False, removal__isnull=False),
                name="dnc_removed_by_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.value
