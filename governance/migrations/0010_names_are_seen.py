"""Names by which people decide hold nothing that cannot be seen."""

from django.db import migrations

from governance.models.plain_name import name_is_seen

CONSTRAINTS = {
    "agent": "agent_name_is_seen",
    "approvergroup": "approver_group_name_is_seen",
    "connection": "connection_name_is_seen",
    "integration": "integration_name_is_seen",
    "person": "person_name_is_seen",
    "workspace": "workspace_name_is_seen",
}


class Migration(migrations.Migration):
    dependencies = [("governance", "0009_spell_names_out")]

    operations = [
        migrations.AddConstraint(model, name_is_seen(constraint)) for model, constraint in CONSTRAINTS.items()
    ]
