"""When somebody last answered what was sent to them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("governance", "0004_files_of_tables")]

    operations = [migrations.AddField("TouchKey", "replied_at", models.DateTimeField(null=True))]
