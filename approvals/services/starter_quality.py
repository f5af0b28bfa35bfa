"""The starter's sampling plan: the sources' percentages (QAS-01)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from approvals.models import SamplingPlan
from governance.services.config_changes import record_config_change
from governance.services.starter.people import SEED


def load_quality(*, workspace_id: UUID, now: datetime) -> dict[str, int]:
    """A plan with its defaults where there is none; returns how many were added. Commits once."""
    with transaction.atomic():
        plan, is_new = SamplingPlan.objects.get_or_create(workspace_id=workspace_id)
        if is_new:
            record_config_change(
                workspace_id=workspace_id, row=plan, operation="created", fields=["workspace"], actor=SEED, now=now
            )
    return {"sampling_plans": int(is_new)}
