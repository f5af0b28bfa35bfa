"""People: one `Person` per human however many accounts, and the groups that approve."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
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
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_any_case")]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):  # type: ignore[django-manager-missing]  # of Credential, whose base has no types
    """A login. Several logins may belong to one person; a login without a person votes on nothing."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="users")
    history = HistoricalRecords(excluded_fields=["password", "last_login"])


class ApproverGroup(models.Model):
    """APR-05: the people one class of decisions is routed to."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="approver_groups")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    members = models.ManyToManyField(Person, through="Membership", related_name="approver_groups")
    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "slug"], name="approver_group_slug")]

    def __str__(self) -> str:
        return self.name


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
