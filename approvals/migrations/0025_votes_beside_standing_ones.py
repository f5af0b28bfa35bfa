"""One's own vote beside what one's standing approval cast: it may have ended since. Going back is refused by the
database once somebody has both."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("approvals", "0024_lean_requests")]

    operations = [
        migrations.RemoveConstraint("vote", "vote_once"),
        migrations.AddConstraint(
            "vote",
            models.UniqueConstraint(
                condition=Q(standing__isnull=True), fields=("request", "person", "digest"), name="vote_once"
            ),
        ),
        migrations.AddConstraint(
            "vote",
            models.UniqueConstraint(
                condition=Q(standing__isnull=False),
                fields=("request", "standing", "digest"),
                name="vote_once_by_standing",
            ),
        ),
    ]
