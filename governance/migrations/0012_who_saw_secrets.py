"""Who issued or rotated the credentials that there are, as the ledger tells."""

from uuid import UUID

from django.db import migrations


def read_ledger(apps, _schema_editor):
    event, keeper = apps.get_model("audit", "LedgerEvent"), apps.get_model("governance", "SecretKeeper")
    credentials = set(apps.get_model("governance", "Credential").objects.values_list("pk", flat=True))
    people = set(apps.get_model("governance", "Person").objects.values_list("pk", flat=True))
    rows = event.objects.filter(subject_id__in=[str(pk) for pk in credentials], subject_type="credential")
    rows = rows.filter(type__in=("credential.issued", "credential.rotated"), actor_type="human").order_by("id")
    for subject, actor, at in rows.values_list("subject_id", "actor_id", "at"):
        person = _person(actor)
        if person in people:
            keeper.objects.get_or_create(credential_id=int(subject), person_id=person, defaults={"seen_at": at})


def _person(actor):
    try:
        return UUID(actor)
    except ValueError:
        return None


class Migration(migrations.Migration):
    dependencies = [("governance", "0011_secret_keeper"), ("audit", "0003_compression")]

    operations = [migrations.RunPython(read_ledger, migrations.RunPython.noop)]
