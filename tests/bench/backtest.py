"""Backtest: decisions of a draft replayed a second, from stored requests to the kept result (POL-06).

Writes requests into the database of the settings: `manage.py bench` gives a scratch one.
"""

import time
from typing import Any

from approvals.models import AgentActionRequest
from approvals.services.backtest import run_backtest
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from governance.models import FieldOwnership, PolicyBacktest
from governance.services.backtests import start_backtest
from tests.builders.api import make_site
from tests.builders.approvals import submit

LEAST_PER_SECOND = 5_000
REQUESTS = 10_000


def run(seconds: float) -> list[dict[str, Any]]:
    """One row: requests replayed a second against draft and live policy, reading, counting and keeping included."""
    rate = _measure(max(REQUESTS, int(seconds * 1_000)))
    row = {"name": "backtest", "ours": rate, "reference": LEAST_PER_SECOND, "unit": "decisions/s"}
    ratio = rate / LEAST_PER_SECOND
    return [{**row, "ratio": ratio, "gate": "≥ 1.0", "goal": "≥ 2.0", "ok": ratio >= 1}]


def _measure(count: int) -> float:
    site = make_site(f"backtest-{new_id().hex[-8:]}", agent_name=f"agent.backtest-{new_id().hex[-8:]}")
    request = AgentActionRequest.objects.get(pk=submit(site).request_id)
    for _ in range(count // 1_000):
        AgentActionRequest.objects.bulk_create([_copy(request) for _ in range(1_000)])
    FieldOwnership.objects.filter(field__connection=site.connection_id, field__name="numberofemployees").update(
        permission_level="approval"
    )
    world = site.world
    start_backtest(workspace_id=world.workspace.pk, person_id=world.owner.pk, days=1, now=get_now())
    started = time.perf_counter()
    while run_backtest(seconds=60):
        pass
    taken = time.perf_counter() - started
    row = PolicyBacktest.objects.get(workspace=world.workspace)
    assert row.result["gated"] == row.done, row.state
    return float(row.done) / taken


def _copy(request: AgentActionRequest) -> AgentActionRequest:
    """The same proposal once more, settled: it must not wait in anybody's inbox."""
    request_id = new_id()
    columns = {field.attname: getattr(request, field.attname) for field in request._meta.concrete_fields}
    return AgentActionRequest(
        **{**columns, "id": request_id, "idempotency_key": str(request_id), "status": "cancelled"}
    )
