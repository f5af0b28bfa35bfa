"""The files that wait for a person's word belong to a table: the matrix was the only one."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("governance", "0003_guards")]

    operations = [
        migrations.RenameModel("MatrixImport", "TableImport"),
        migrations.AddField("TableImport", "table", models.CharField(default="matrix", max_length=20)),
        migrations.AlterField(
            "TableImport",
            "workspace",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="table_imports",
                to="governance.workspace",
            ),
        ),
    ]
