"""A reviewer's desk: what they put off for a while, and what they look at right now (APR-03)."""

from django.db import models

from approvals.models.request import AgentActionRequest
from audit.domain.identifier import new_id
from governance.models import Person


class Snooze(models.Model):
    """One person put one request off `until` then: it is out of their inbox, and of nobody else's. Never a status."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, related_name="snoozes")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    until = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "request"], name="snooze_once")]

    def __str__(self) -> str:
        return f"{self.request_id} put off until {self.until:%Y-%m-%d %H:%M}"


class Reservation(models.Model):
    """One person has one request open: others are told, and may go on. It ends by itself when it is not renewed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, related_name="reservations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "person"], name="reservation_once")]

    def __str__(self) -> str:
        return f"{self.person_id} looks at {self.request_id}"
