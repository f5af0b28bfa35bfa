"""Whom sends were handed over for, day by day, by keyed hash: the maps behind `contacts.rooted`, and what certificates
were given (DNC-07).

The ledger is the truth: maps and attempts can be made anew from its events, and a certificate that does not fit them is
not given.
"""

from django.db import models

from audit.domain.identifier import new_id
from governance.models import Person, Workspace


class ContactDay(models.Model):
    """The map of one day (UTC) of a workspace, under the root that the event `event_id` holds.

    `heads`: of every part of 256 entries the first label and the root, 64 bytes each. `until_leaf`: the ledger's size
    when the map was made. `late`: how many of its sends began on earlier days, by day. `unlabelled`: how many sends do
    not say whom they reached, by day; they are in no map.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    root = models.BinaryField(max_length=32)
    size = models.PositiveIntegerField()
    heads = models.BinaryField()
    until_leaf = models.BigIntegerField()
    late = models.JSONField(default=dict)
    unlabelled = models.JSONField(default=dict)
    event_id = models.UUIDField()
    rooted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "day"], name="contacts_rooted_once")]

    def __str__(self) -> str:
        return f"{self.day}"


class ContactPart(models.Model):
    """Part number `n` of a day's map: up to 256 entries, 64 bytes each."""

    day = models.ForeignKey(ContactDay, on_delete=models.PROTECT, related_name="parts", db_index=False)
    n = models.PositiveIntegerField()
    entries = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "n"], name="contact_part_once")]

    def __str__(self) -> str:
        return f"{self.day_id} {self.n}"


class ContactAttempt(models.Model):
    """A request that would reach, or reached, whoever has this label. Outlives what the request itself still says."""

    label = models.BinaryField(max_length=32)
    request_id = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["label", "request_id"], name="contact_attempt_once")]

    def __str__(self) -> str:
        return str(self.request_id)


class ContactCertificate(models.Model):
    """A certificate as it was given: `content` are the very bytes, `sha256` (hex) stands in the ledger.

    `names` says whom it is about and, like `content`, can be emptied when the person's data are erased.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    names = models.JSONField(default=list)
    first_day = models.DateField()
    last_day = models.DateField()
    sends = models.PositiveIntegerField()
    attempts = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    issued_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    issued_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["workspace", "-id"], name="contact_certificate_newest")]

    def __str__(self) -> str:
        return f"{self.first_day} to {self.last_day}"
