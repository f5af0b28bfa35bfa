"""The touch ledger: who was touched, when, by which request, over Lead, Contact and address (LIM-06).

Written by `governance.services.touches` and `governance.services.touch_stops` alone. Addresses are kept as keyed
hashes, as on the do-not-contact list: enough to ask about one that is known, nothing to read.
"""

from django.db import models

from audit.domain.identifier import new_id
from governance.domain.touch_state import LASTING, TouchState
from governance.models.workspace import Workspace


class TouchKey(models.Model):
    """One address or CRM record of somebody. `id` is the keyed hash of the matching key in its workspace.

    `version` counts reservations and never falls: whoever decided on an older one than `ceiling` allows decides again.
    `stopped_at`: nobody may touch whoever it belongs to, until somebody resumes. `replied_at`: when a reply to what
    was sent there was last reported.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveBigIntegerField()
    ceiling = models.PositiveBigIntegerField()
    stopped_at = models.DateTimeField(null=True)
    stop_reason = models.CharField(max_length=300, blank=True, default="")
    stopped_by = models.CharField(max_length=120, blank=True, default="")
    resumed_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.id.hex[:12]


class Touch(models.Model):
    """One request that touches, or will touch, whoever has this key: a row for each of their keys.

    `person_number` tells the people of one request apart. `request_id` is the request's id in the room above.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.ForeignKey(TouchKey, on_delete=models.PROTECT, related_name="touches", db_index=False)
    request_id = models.UUIDField()
    person_number = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=30)
    agent = models.CharField(max_length=120, blank=True)
    environment = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=[(item.value, item.value) for item in TouchState])
    reserved_at = models.DateTimeField()
    touched_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "touches"
        indexes = [
            models.Index(fields=["key", "-reserved_at"], name="touch_by_key"),
            models.Index(fields=["request_id"], name="touch_by_request"),
            # What the sweep looks for; what may stop somebody for ever stays out of its way.
            models.Index(
                fields=["reserved_at"],
                condition=~models.Q(state=TouchState.SENT, action__in=LASTING),
                name="touch_passing",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["request_id", "key", "person_number"], name="touch_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=[TouchState.PENDING, TouchState.RETURNED], touched_at__isnull=True)
                | models.Q(state__in=[TouchState.SENT, TouchState.UNDONE], touched_at__isnull=False),
                name="touch_sent_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.request_id}"
