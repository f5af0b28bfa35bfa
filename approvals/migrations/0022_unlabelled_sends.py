from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0021_refused_leaf_of_sinks"),
    ]

    operations = [
        migrations.AddField(
            model_name="contactday",
            name="unlabelled",
            field=models.JSONField(default=dict),
        ),
    ]
