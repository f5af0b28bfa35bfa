"""Who has seen a secret of which credential."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.domain.identifier


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0010_names_are_seen"),
    ]

    operations = [
        migrations.CreateModel(
            name="SecretKeeper",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=audit.domain.identifier.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seen_at", models.DateTimeField()),
                (
                    "credential",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="keepers",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("credential", "person"), name="secret_keeper_once")],
            },
        ),
    ]
