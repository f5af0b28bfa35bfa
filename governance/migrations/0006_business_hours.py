"""An approver group's clocks may count working time alone."""

from django.db import migrations, models

FIELD = models.BooleanField(
    default=False,
    help_text="These two count working time alone, by the workspace's calendar of exception clocks if it has one",
)


class Migration(migrations.Migration):
    dependencies = [("governance", "0005_replies")]

    operations = [
        migrations.AddField("approvergroup", "counts_business_hours", FIELD.clone()),
        migrations.AddField("historicalapprovergroup", "counts_business_hours", FIELD.clone()),
    ]
