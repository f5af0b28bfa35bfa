"""Free words for owner and rollback become words that policy reads: approver groups and the closed list."""

from django.db import migrations

OWNERS = {"account executive": "sales-managers", "marketing-ops": "revops"}
MODELS = ("FieldOwnership", "HistoricalFieldOwnership")


def name_them(apps, _schema_editor):
    for name in MODELS:
        rows = apps.get_model("governance", name).objects
        for old, new in OWNERS.items():
            rows.filter(owner_role=old).update(owner_role=new)
        rows.filter(rollback_method__in=["", "revert in the console"]).update(rollback_method="revert")
        rows.exclude(rollback_method__in=["revert", "none"]).update(rollback_method="by_hand")


class Migration(migrations.Migration):
    dependencies = [("governance", "0009_what_owners_and_sources_decide")]

    operations = [migrations.RunPython(name_them, migrations.RunPython.noop)]
