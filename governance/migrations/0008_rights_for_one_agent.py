"""People may hold rights for one agent alone."""

from django.db import migrations

from governance.domain.agent_rights import RIGHT_WORDS


class Migration(migrations.Migration):
    dependencies = [("governance", "0007_proofs_stay")]

    operations = [
        migrations.AlterModelOptions(
            "agent",
            options={"permissions": [(right.value, f"For one agent: {words}") for right, words in RIGHT_WORDS.items()]},
        )
    ]
