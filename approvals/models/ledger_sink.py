"""LedgerSink: another system that gets every event of a workspace, in the ledger's order (AUD-05)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models import Workspace

KINDS = [
    ("file", "a file of JSON lines"),
    ("stdout", "standard output of the worker"),
    ("syslog-udp", "syslog over UDP"),
    ("syslog-tcp", "syslog over TCP"),
    ("syslog-tls", "syslog over TLS"),
    ("otlp", "OpenTelemetry logs over HTTP"),
]


class LedgerSink(models.Model):
    """`next_leaf` is the watermark: what lies before it was taken by the other side. `batch_size` shrinks to one where
    a batch is refused, so that the refused event is found; `refused_leaf` is that event, while the last answer refused
    it alone. `epoch` and `taken_until` fence workers; `not_before` is the pause after an error, which `error` tells."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=KINDS)
    address = models.CharField(max_length=300, blank=True, help_text="host:port of syslog, URL of OpenTelemetry")
    is_paused = models.BooleanField(default=False)
    next_leaf = models.BigIntegerField(default=0)
    sent_count = models.BigIntegerField(default=0)
    batch_size = models.PositiveSmallIntegerField(default=200)
    failures = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    refused_leaf = models.BigIntegerField(null=True)
    epoch = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    taken_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "ledger sink"
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="ledger_sink_name")]

    def __str__(self) -> str:
        return self.name
