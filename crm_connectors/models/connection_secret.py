"""ConnectionSecret: what a connection proves itself with, sealed (IDN-05)."""

from django.db import models

from governance.models import Connection, Person


class ConnectionSecret(models.Model):
    """One secret of one connection. `sealed_value` opens with SECRET_KEY alone, and for this connection and name alone.

    `fingerprint` tells two values apart and repeats no character of either. `set_by` is None when the CRM itself
    handed it out. `last_used_at` is coarse: a use is written once in ten minutes."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="secrets")
    name = models.CharField(max_length=40)
    sealed_value = models.TextField(editable=False)
    fingerprint = models.CharField(max_length=8, editable=False)
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "name"], name="connection_secret_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.fingerprint})"
