"""The exception queue with 20,000 open cases among a million requests, as the server answers.

Cases are filled by SQL from one real case. The requests lie beside them: the page must not look at them. `--seconds 30`
and more fills a million, less a tenth of it. Needs PostgreSQL.
"""

import statistics
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from approvals.models import AgentActionRequest, ExceptionCase
from audit.domain.identifier import new_id
from tests.bench.inbox import FEW, MANY, _fill, _get, _repeat, _row
from tests.builders.api import make_site
from tests.builders.approvals import submit
from tests.builders.console import log_in
from tests.builders.exceptions import DENIED, make_case
from tests.builders.governance import allow

CASES = 20_000
GATE_MS, GATE_QUERIES = 50.0, 16


def run(seconds: float) -> list[dict[str, Any]]:
    """Two rows: the first page of the queue, and its queries."""
    if connection.vendor != "postgresql":
        return [_row("exception queue (skipped: needs PostgreSQL by DATABASE_URL)", unit="ms", gate="", ok=None)]
    settled, slug = MANY if seconds >= 30 else FEW, f"bench-{new_id().hex[-12:]}"
    site = make_site(slug, agent_name=f"agent.{slug}")
    request = AgentActionRequest.objects.get(pk=submit(site, **DENIED).request_id)
    _fill(request, settled, "denied")
    _fill_cases(make_case(site.world.workspace, agent=site.world.agent.name, requests=(request.pk,)))
    allow(site.world.approver_user, site.world.workspace, "view_requests", "handle_exceptions")
    client, address = log_in(site.world.approver_user), reverse("approvals:exceptions")
    with override_settings(ALLOWED_HOSTS=["*"]):
        _get(client, address)
        with CaptureQueriesContext(connection) as captured:
            _get(client, address)
        taken = _repeat(lambda: _get(client, address), seconds)
    middle, name = statistics.median(taken), f"exception queue, {CASES:,} open among {settled:,} requests"
    return [
        _row(
            f"{name}, first page",
            ours=round(middle, 1),
            reference=GATE_MS,
            ratio=round(middle / GATE_MS, 2),
            unit="ms p50 (reference: the bar)",
            gate=f"≤ {GATE_MS:g} ms",
            goal="≤ 30 ms",
            ok=middle <= GATE_MS,
            spread=f"{min(taken):.0f}–{max(taken):.0f} ms",
        ),
        _row(
            f"{name}, queries of the page",
            ours=len(captured),
            reference=GATE_QUERIES,
            unit="queries, eleven of them the console's frame",
            gate=f"≤ {GATE_QUERIES}",
            goal="≤ 12",
            ok=len(captured) <= GATE_QUERIES,
        ),
    ]


def _fill_cases(case: ExceptionCase) -> None:
    """Copies of the case, each of a field of its own, due one after the other; half of them are overdue."""
    names = [field.column for field in ExceptionCase._meta.concrete_fields]
    values = {name: name for name in names} | {
        "id": "gen_random_uuid()",
        "key": "md5(n::text)",
        "field": "'field_' || n",
        "due_at": "now() + (n - 10000) * interval '1 second'",
        "alarm_at": "NULL",
    }
    columns, chosen = ", ".join(names), ", ".join(values[name] for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO approvals_exceptioncase ({columns}) SELECT {chosen} "  # noqa: S608 - names of our columns
            "FROM approvals_exceptioncase, generate_series(1, %s) n WHERE id = %s",
            [CASES - 1, case.pk],
        )
        cursor.execute("VACUUM ANALYZE approvals_exceptioncase")
        cursor.execute("VACUUM ANALYZE approvals_agentactionrequest")
