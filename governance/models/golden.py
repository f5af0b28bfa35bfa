"""GoldenCase: a request with the decision that policy must give, asked before anything comes into force (POL-05)."""

from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.decision import Outcome
from governance.domain.golden import find_faults
from governance.models.workspace import Workspace


class GoldenCase(models.Model):
    """`facts` is what the engine would see; `expected_codes` must all be among the reasons of the decision.

    `source_request` is the request that it was kept from, empty for one written by hand.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="golden_cases")
    name = models.CharField(max_length=120)
    facts = models.JSONField(help_text="The request and the world around it, as on a request's trace")
    expected_outcome = models.CharField(max_length=20, choices=[(item.value, item.value) for item in Outcome])
    expected_codes = models.JSONField(default=list, blank=True, help_text="Reason codes, one a line")
    note = models.TextField(blank=True, help_text="Why this must stay so")
    source_request = models.UUIDField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="golden_case_name")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A case that could never be asked is refused where it is written."""
        faults = dict(find_faults(self.facts, self.expected_codes))
        if faults:
            raise ValidationError(faults)
