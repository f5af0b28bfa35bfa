"""Notification: one piece of news for one person; the rows of its e-mail and of the person's wishes (APR-13)."""

from datetime import time

from django.db import models

from approvals.domain.notification_kinds import RULES, Kind, Timing
from audit.domain.identifier import new_id
from governance.models import Person, Workspace

_KINDS = [(kind.value, rule.label) for kind, rule in RULES.items()]


class NotificationMail(models.Model):
    """One e-mail to one person, about one or many. The row is the job; `leased_until` gives back what died."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=8,
        default="waiting",
        choices=[(name, name) for name in ("waiting", "sending", "sent", "stale", "failed")],
    )
    not_before = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts_count = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "e-mail"
        verbose_name_plural = "e-mails"
        indexes = [
            models.Index(
                fields=["not_before"],
                name="notification_mail_due",
                condition=models.Q(state__in=["waiting", "sending"]),
            ),
            models.Index(fields=["ended_at"], name="notification_mail_failed", condition=models.Q(state="failed")),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk}"


class Notification(models.Model):
    """`key` names the news (a ledger event, or what a caller says), so that one person hears it once.

    `send_at` is when it may leave by e-mail, empty when it does not; `mail` the e-mail that took it. Words, names and
    codes only: no value of a field is ever in it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notifications", db_index=False)
    kind = models.CharField(max_length=20, choices=_KINDS)
    key = models.CharField(max_length=120)
    title = models.CharField(max_length=240)
    facts = models.JSONField(default=list)
    path = models.CharField(max_length=240)
    correlation_id = models.CharField(max_length=120, blank=True)
    request_id_seen = models.UUIDField(null=True, help_text="The request that it is about")
    created_at = models.DateTimeField()
    send_at = models.DateTimeField(null=True)
    mail = models.ForeignKey(NotificationMail, on_delete=models.PROTECT, null=True, related_name="notifications")
    is_stale = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "key"], name="notification_once")]
        indexes = [
            models.Index(fields=["person", "-id"], name="notification_of_person"),
            models.Index(
                fields=["send_at"],
                name="notification_due",
                condition=models.Q(mail__isnull=True, send_at__isnull=False, is_stale=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}"


class NotificationChoice(models.Model):
    """How soon one person wants one kind. Without a row it is the kind's default."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in Kind])
    timing = models.CharField(max_length=8, choices=[(item.value, item.value) for item in Timing])

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="notification_choice_once")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.timing}"


class NotificationHours(models.Model):
    """One person's clock: time zone, hour of the daily digest, quiet hours (none when both ends are equal)."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="+")
    zone = models.CharField(max_length=60, default="UTC")
    digest_at = models.TimeField(default=time(8))
    quiet_from = models.TimeField(default=time(0))
    quiet_until = models.TimeField(default=time(0))

    def __str__(self) -> str:
        return f"hours of {self.person_id}"
