"""Keeping golden cases: what was decided right once must be decided so by every later policy (POL-05)."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from audit.domain.event import Actor
from governance.models import GoldenCase
from governance.services.config_changes import record_config_change


class GoldenCaseError(ValueError):
    """The case cannot be kept."""

    code = "golden_case_refused"


def keep_golden_case(
    *,
    workspace_id: uuid.UUID,
    name: str,
    facts: Mapping[str, Any],
    outcome: str,
    codes: Collection[str],
    note: str,
    source_request: uuid.UUID | None,
    actor: Actor,
    now: datetime,
) -> uuid.UUID:
    """Keep one case; every policy that comes into force from now on must decide it so. Returns its id.

    Commits the case and `config.changed`. Raises GoldenCaseError: no name, a name taken, facts that cannot be read.
    """
    case = GoldenCase(
        workspace_id=workspace_id,
        name=name.strip(),
        facts=dict(facts),
        expected_outcome=outcome,
        expected_codes=sorted(codes),
        note=note.strip(),
        source_request=source_request,
    )
    try:
        case.full_clean()
    except ValidationError as error:
        raise GoldenCaseError("; ".join(error.messages)) from error
    with transaction.atomic():
        case.save()
        fields = ["expected_codes", "expected_outcome", "facts", "name"]
        record_config_change(
            workspace_id=workspace_id, row=case, operation="created", fields=fields, actor=actor, now=now
        )
    return case.pk
