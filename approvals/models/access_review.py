"""Access reviews on record: the campaign, what stood when it began, and each decision, never changed (IDN-08)."""

from django.db import models

from approvals.domain.access_review import KIND_WORDS, ReviewVerdict
from audit.domain.identifier import new_id
from governance.models import Person, User, Workspace


class AccessReview(models.Model):
    """One campaign over everything that stood at `started_at`. It is done when no row is open."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="access_reviews")
    title = models.CharField(max_length=120)
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    due_date = models.DateField(help_text="The last day, UTC")

    def __str__(self) -> str:
        return self.title


class AccessReviewRow(models.Model):
    """One right as it stood. `subject_id` is the id of the grant, credential, delegation, membership or login."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(AccessReview, on_delete=models.PROTECT, related_name="rows")
    kind = models.CharField(max_length=12, choices=[(kind.value, words) for kind, words in KIND_WORDS.items()])
    subject_id = models.CharField(max_length=40)
    holder = models.CharField(max_length=200)
    words = models.TextField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "kind", "subject_id"], name="review_row_once")]

    def __str__(self) -> str:
        return f"{self.holder}: {self.words}"


class AccessReviewDecision(models.Model):
    """A person's word on one row. `words` and `digest` are what they saw, which may be newer than the row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    row = models.OneToOneField(AccessReviewRow, on_delete=models.PROTECT, related_name="decision")
    verdict = models.CharField(max_length=10, choices=[(item.value, item.value) for item in ReviewVerdict])
    words = models.TextField()
    digest = models.CharField(max_length=71)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.verdict} {self.row_id}"
