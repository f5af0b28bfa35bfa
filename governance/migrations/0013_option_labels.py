"""What people read for the stored values of a picklist."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0012_who_saw_secrets"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalregisteredfield",
            name="option_labels",
            field=models.JSONField(
                blank=True, default=dict, help_text="What people read for stored values, where that is something else"
            ),
        ),
        migrations.AddField(
            model_name="registeredfield",
            name="option_labels",
            field=models.JSONField(
                blank=True, default=dict, help_text="What people read for stored values, where that is something else"
            ),
        ),
    ]
