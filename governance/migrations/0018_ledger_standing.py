"""Why no effect begins, kept where the head of every page reads what is stopped."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("governance", "0017_refused_logins")]

    operations = [
        migrations.CreateModel(
            name="LedgerStanding",
            fields=[
                ("number", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("words", models.CharField(max_length=300)),
                ("since", models.DateTimeField()),
            ],
        ),
    ]
