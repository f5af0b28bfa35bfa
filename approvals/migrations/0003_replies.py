"""A reply is reported like a bounce or a complaint."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("approvals", "0002_guards")]

    operations = [
        migrations.AlterField(
            "DeliveryReport",
            "kind",
            models.CharField(
                choices=[("bounce", "bounce"), ("complaint", "complaint"), ("reply", "reply")], max_length=10
            ),
        )
    ]
