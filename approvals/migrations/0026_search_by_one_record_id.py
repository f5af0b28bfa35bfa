"""The search knows a Salesforce record by its 15 and by its 18 characters: it reads the ledger anew, once.

Until it is through, nothing is erased. Going back leaves the index as it is: it has everything of before.
"""

from django.db import migrations


def index_anew(apps, _schema_editor):
    if apps.get_model("governance", "Connection").objects.filter(kind="salesforce").exists():
        apps.get_model("audit", "Follower").objects.filter(name="search").update(next_leaf=0)
        apps.get_model("audit", "SearchTerm").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0025_votes_beside_standing_ones"),
        ("audit", "0004_search_terms"),
        ("governance", "0018_ledger_standing"),
    ]

    operations = [migrations.RunPython(index_anew, migrations.RunPython.noop)]
