from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0022_unlabelled_sends"),
    ]

    operations = [
        migrations.AddField(
            model_name="tracelink",
            name="openings",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="tracelink",
            name="told_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="tracelink",
            name="untold",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
