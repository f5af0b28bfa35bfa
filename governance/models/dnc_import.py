"""DncImport: one CSV on its way onto the do-not-contact list, and what was wrong with its rows (DNC-04)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.domain.dnc_import_state import DncImportState
from governance.models.workspace import Workspace


class DncImport(models.Model):
    """The row is the job: `offset` bytes of the file are read, `applied_line` lines are on the list; both move in the
    transaction that does the work, so that a killed import goes on where it was.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="dnc_imports")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    state = models.CharField(
        max_length=10,
        choices=[(item.value, item.value) for item in DncImportState],
        default=DncImportState.READING,
    )
    columns = models.JSONField(default=list)
    defaults = models.JSONField(default=dict)
    offset = models.PositiveBigIntegerField(default=0)
    line = models.PositiveBigIntegerField(default=0)
    rows_good = models.PositiveBigIntegerField(default=0)
    rows_bad = models.PositiveBigIntegerField(default=0)
    rows_added = models.PositiveBigIntegerField(default=0)
    rows_known = models.PositiveBigIntegerField(default=0)
    applied_line = models.PositiveBigIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    started_by = models.CharField(max_length=120)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "do-not-contact import"
        verbose_name_plural = "imports"
        indexes = [models.Index(fields=["workspace", "-id"], name="dnc_import_newest")]

    def __str__(self) -> str:
        return self.name


class DncStagedRow(models.Model):
    """A good row that waits for the word to go onto the list."""

    id = models.BigAutoField(primary_key=True)
    import_id = models.UUIDField()
    line = models.PositiveBigIntegerField()
    entry_id = models.UUIDField()
    kind = models.CharField(max_length=10)
    brand = models.CharField(max_length=60)
    digest = models.BinaryField(max_length=16)
    value = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)
    source = models.CharField(max_length=60)
    effective_from = models.DateTimeField()
    effective_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["import_id", "line"], name="dnc_staged_in_order")]

    def __str__(self) -> str:
        return f"{self.line}"


class DncImportError(models.Model):
    """One row that could not be read, and why."""

    id = models.BigAutoField(primary_key=True)
    import_id = models.UUIDField()
    line = models.PositiveBigIntegerField()
    problem = models.CharField(max_length=200)
    value = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["import_id", "line"], name="dnc_error_in_order")]

    def __str__(self) -> str:
        return self.problem
