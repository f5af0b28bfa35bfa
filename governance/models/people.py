"""People: one `Person` per human however many accounts, and the groups that approve."""

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.models.plain_name import name_is_seen
from governance.models.workspace import Workspace


class Person(models.Model):
    """One human. Votes count per person, never per account."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True, help_text="An inactive person neither votes nor owns anything new")
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="person_email_any_case"),
            name_is_seen("person_name_is_seen"),
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):  # type: ignore[django-manager-missing]  # of Credential, whose base has no types
    """A login. Several logins may belong to one person; a login without a person votes on nothing."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="users")
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    class Meta(AbstractUser.Meta):
        verbose_name = "login"
        verbose_name_plural = "logins"


class ApproverGroup(models.Model):
    """APR-05: the people one class of decisions is routed to.

    The clocks say how long a request waits before its members are reminded, and before the people of `backup_group` may
    decide in the group's place too; 0 for never. Neither runs longer than half, or three quarters, of a request's time.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="approver_groups")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    members = models.ManyToManyField(Person, through="Membership", related_name="approver_groups")
    backup_group = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="backs",
        help_text="Its people may decide too, once a request was escalated",
    )
    reminder_after_minutes = models.PositiveIntegerField(
        default=60, help_text="How long a request waits before the group is reminded; 0 for never"
    )
    escalation_after_minutes = models.PositiveIntegerField(
        default=240, help_text="How long it waits before the backup group may decide too; 0 for never"
    )
    counts_business_hours = models.BooleanField(
        default=False,
        help_text="These two count working time alone, by the workspace's calendar of exception clocks if it has one",
    )
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "slug"], name="approver_group_slug"),
            models.CheckConstraint(
                condition=models.Q(backup_group__isnull=True) | ~models.Q(backup_group=models.F("id")),
                name="approver_group_backs_another",
            ),
            name_is_seen("approver_group_name_is_seen"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The backup is another group of the same workspace."""
        backup = self.backup_group
        if backup is not None and (backup.pk == self.pk or backup.workspace_id != self.workspace_id):
            raise ValidationError({"backup_group": "choose another group of the same workspace"})


class Membership(models.Model):
    """One person in one approver group. Asked at the vote and again at the claim."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(ApproverGroup, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "person"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.group_id}"
