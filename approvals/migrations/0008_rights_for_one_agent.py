"""An access review asks about rights for one agent, too. Changes no table."""

from django.db import migrations, models

from approvals.domain.access_review import KIND_WORDS


class Migration(migrations.Migration):
    dependencies = [("approvals", "0007_compression")]

    operations = [
        migrations.AlterField(
            "accessreviewrow",
            "kind",
            models.CharField(max_length=12, choices=[(kind.value, words) for kind, words in KIND_WORDS.items()]),
        )
    ]
