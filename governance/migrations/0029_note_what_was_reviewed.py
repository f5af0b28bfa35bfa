"""Fields that were reviewed once and are not now close at once, also where that happened before this release (REG-01)."""

from django.db import migrations


def note(apps, _schema_editor):
    field = apps.get_model("governance", "RegisteredField")
    history = apps.get_model("governance", "HistoricalRegisteredField")
    once = history.objects.filter(review_state="reviewed").values("id")
    field.objects.exclude(review_state="reviewed").filter(pk__in=once).update(was_reviewed=True)


class Migration(migrations.Migration):
    dependencies = [("governance", "0028_fields_close_at_once")]

    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
