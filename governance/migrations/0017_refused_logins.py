"""Refused logins that are counted before the ledger is told of them together."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("governance", "0016_connections_stay")]

    operations = [
        migrations.CreateModel(
            name="RefusedLogin",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("user_id_tried", models.CharField(max_length=40)),
                ("reason", models.CharField(max_length=60)),
                ("since", models.DateTimeField(db_index=True)),
                ("untold", models.PositiveIntegerField(default=0)),
            ],
        ),
    ]
