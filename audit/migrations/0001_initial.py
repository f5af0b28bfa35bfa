import django.db.models.deletion
from django.db import migrations, models

import audit.domain.identifier


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField(max_length=32)),
                ("note", models.TextField()),
                ("signed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="LedgerEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=audit.domain.identifier.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("body", models.BinaryField()),
                ("leaf_hash", models.BinaryField(max_length=32)),
                ("type", models.CharField(max_length=200)),
                ("workspace", models.CharField(max_length=200)),
                ("actor_type", models.CharField(max_length=200)),
                ("actor_id", models.CharField(max_length=200)),
                ("subject_type", models.CharField(max_length=200)),
                ("subject_id", models.CharField(max_length=200)),
                ("correlation_id", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "indexes": [
                    models.Index(fields=["type", "id"], name="ledger_event_type"),
                    models.Index(fields=["workspace", "id"], name="ledger_event_workspace"),
                    models.Index(fields=["actor_id", "id"], name="ledger_event_actor"),
                    models.Index(fields=["subject_id", "id"], name="ledger_event_subject"),
                    models.Index(fields=["correlation_id", "id"], name="ledger_event_correlation"),
                    models.Index(fields=["at"], name="ledger_event_at"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Follower",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("next_leaf", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="LedgerLeaf",
            fields=[
                ("leaf_index", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "event",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="leaf",
                        to="audit.ledgerevent",
                    ),
                ),
                ("leaf_hash", models.BinaryField(max_length=32)),
                ("sequenced_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "ledger leaves",
            },
        ),
        migrations.CreateModel(
            name="PendingEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "event",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="audit.ledgerevent",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Tile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField()),
                ("n", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
                ("root", models.BinaryField(max_length=32)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("level", "n"), name="tile_once")],
            },
        ),
        migrations.CreateModel(
            name="ErasableValues",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="audit.ledgerevent",
                    ),
                ),
                ("content", models.BinaryField()),
            ],
            options={
                "verbose_name_plural": "erasable values",
            },
        ),
    ]
