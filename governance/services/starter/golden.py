"""The starter's golden cases."""

from datetime import datetime
from uuid import UUID

import msgspec

from governance.domain.starter.golden import STARTER_GOLDEN
from governance.models import GoldenCase
from governance.services.golden import keep_golden_case
from governance.services.starter.people import SEED


def load_golden(*, workspace_id: UUID, now: datetime) -> dict[str, int]:
    """Keep the cases where there are none: those that people keep or drop stay so. Commits each. Returns how many."""
    if GoldenCase.objects.filter(workspace_id=workspace_id).exists():
        return {"golden_cases": 0}
    for starter in STARTER_GOLDEN:
        keep_golden_case(
            workspace_id=workspace_id,
            name=starter.name,
            facts=msgspec.to_builtins(starter.facts),
            outcome=starter.outcome,
            codes=(),
            note=starter.note,
            source_request=None,
            actor=SEED,
            now=now,
        )
    return {"golden_cases": len(STARTER_GOLDEN)}
