from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm_connectors", "0008_sandbox_copies"),
    ]

    operations = [
        migrations.AddField(
            model_name="changewatch",
            name="missing_fields",
            field=models.JSONField(default=list),
        ),
    ]
