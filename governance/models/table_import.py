"""TableImport: a file for one of the tables that RevOps keep, read and waiting for a person's word (REG-03, REG-10)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models.people import User
from governance.models.workspace import Workspace


class TableImport(models.Model):
    """`edits` are what the file asks of the `table`, `problems` the rows it could not be read for. Nothing changed
    until `applied_at` says so."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="table_imports")
    table = models.CharField(max_length=20, default="matrix")
    file_name = models.CharField(max_length=200)
    edits = models.JSONField()
    lines = models.JSONField()
    problems = models.JSONField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.file_name
