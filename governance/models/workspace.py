"""Workspace: a revenue organisation. Every row of policy, every agent and every request belongs to one."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.models.plain_name import name_is_seen


class Workspace(models.Model):
    """The tenant boundary. People's rights hang on it as object permissions (django-guardian), one set per role."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [name_is_seen("workspace_name_is_seen")]
        permissions = [
            ("view_requests", "Can see the requests of the workspace"),
            ("view_own_requests", "Can see what agents asked for on their own records"),
            ("review_requests", "Can approve and deny requests"),
            ("revert_requests", "Can take executed requests back"),
            ("promote_suggestions", "Can promote and dismiss what agents suggest"),
            ("engage_switches", "Can engage kill switches"),
            ("handle_exceptions", "Can work on exceptions and incidents"),
            ("report_bad_actions", "Can report a bad action of an agent"),
            ("lift_switches", "Can lift kill switches"),
            ("publish_policy", "Can publish the policy"),
            ("manage_agents", "Can manage agents and their credentials"),
            ("edit_policy", "Can edit grants, registry, matrix and tiers"),
            ("countersign_changes", "Can countersign what takes two people"),
            ("break_glass", "Can ask for break-glass"),
            ("add_dnc", "Can put addresses on the do-not-contact list"),
            ("manage_dnc", "Can see, import, export and propose to end do-not-contact entries"),
            ("review_access", "Can review who may do what, and withdraw it"),
            ("download_exports", "Can download the files of exports"),
            ("view_quality", "Can see quality samples and their results"),
            ("score_quality", "Can score quality samples"),
            ("view_ledger", "Can read the ledger"),
            ("view_reports", "Can read the reports"),
        ]

    def __str__(self) -> str:
        return self.name
