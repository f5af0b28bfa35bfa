"""What the choice of samples looks at: periods, and what an executed request says of itself (QAS-01)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from approvals.domain.sampling import Done, Rates
from approvals.models import AgentActionRequest, SamplingPeriod
from governance.domain.action_class import SENDS
from governance.domain.decision import Outcome
from governance.domain.facts import JsonValue


def list_periods(workspace_slugs: Collection[str]) -> list[SamplingPeriod]:
    """Periods of these workspaces that the ledger has told of, the oldest first. One query."""
    rows = SamplingPeriod.objects.filter(workspace__slug__in=workspace_slugs, first_leaf__isnull=False)
    return list(rows.select_related("workspace").order_by("first_leaf"))


def rates_of(period: SamplingPeriod) -> Rates:
    return msgspec.convert(period.rates, Rates)


def list_executed(request_ids: Collection[UUID]) -> dict[UUID, AgentActionRequest]:
    """Agents' own requests among these, with what a draw looks at joined. One query."""
    rows = AgentActionRequest.objects.filter(pk__in=request_ids, actor_type="agent", agent__isnull=False)
    return {row.pk: row for row in rows.select_related("agent", "connection", "workspace")}


def done_of(request: AgentActionRequest, rates: Rates, at: datetime) -> Done:
    """What the choice may know of it. No query."""
    return Done(
        request_id=request.pk,
        at=at,
        is_restricted=request.outcome == Outcome.REQUIRE_APPROVAL or request.action in SENDS,
        confidence=float(request.body.get("confidence", 1.0)),
        size=_size(request, rates.large_field) if rates.large_field else None,
    )


def _size(request: AgentActionRequest, field: str) -> float | None:
    """The account's size, as far as the decision read it or the request writes it."""
    read = [_values(request.facts, "record"), _values(request.facts, "target")]
    written = {item["field"]: item["after"] for item in request.patch}
    found = (values.get(field) for values in (written, *read))
    sizes = [value for value in found if isinstance(value, int | float) and not isinstance(value, bool)]
    return float(max(sizes)) if sizes else None


def _values(facts: Mapping[str, Any], name: str) -> dict[str, JsonValue]:
    return (facts.get(name) or {}).get("values") or {}
