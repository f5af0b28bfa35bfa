"""The golden cases of a workspace, asked of a policy (POL-05)."""

import uuid

from governance.domain.golden import Golden, GoldenResult, run_golden
from governance.domain.index import PolicyIndex
from governance.models import GoldenCase


def run_golden_cases(*, workspace_id: uuid.UUID, index: PolicyIndex) -> tuple[GoldenResult, ...]:
    """Every case's result, by name. One query."""
    rows = GoldenCase.objects.filter(workspace_id=workspace_id).order_by("name")
    return run_golden(
        index,
        [
            Golden(
                id=str(row.pk),
                name=row.name,
                facts=row.facts,
                outcome=row.expected_outcome,
                codes=tuple(row.expected_codes),
            )
            for row in rows
        ],
    )
