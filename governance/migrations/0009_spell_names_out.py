"""Names by which people decide, and that hold what cannot be seen, are spelled out: the next migration refuses them."""

from django.db import migrations

from governance.domain.plain_name import UNSEEN_IN_NAMES, seen_name

MODELS = ("agent", "approvergroup", "connection", "integration", "person", "workspace")


def spell_out(apps, _schema_editor):
    for name in MODELS:
        model = apps.get_model("governance", name)
        longest = model._meta.get_field("name").max_length
        for row in model.objects.filter(name__regex=UNSEEN_IN_NAMES):
            model.objects.filter(pk=row.pk).update(name=seen_name(row.name, longest=longest))


class Migration(migrations.Migration):
    dependencies = [("governance", "0008_rights_for_one_agent")]

    operations = [migrations.RunPython(spell_out, migrations.RunPython.noop)]
