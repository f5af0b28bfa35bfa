"""The weekly report with the tallies of a million requests behind it: what a person waits for.

The page reads tallies alone, so it is the tallies that are made here: two weeks, 10 agents, 100 fields, 30 reason codes
and 300 lengths of review. Nothing of it stays.
"""

import random
import time
from datetime import timedelta
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from approvals.domain.measures import FIELD_MEASURES, WITH_CODE, Measure
from approvals.domain.report_keys import FIELD, WAITED, by_code
from approvals.domain.weeks import week_of
from approvals.models import ReportTally
from audit.selectors.clock import get_now
from governance.domain.roles import ROLE_PERMISSIONS, Role
from governance.models import Workspace
from tests.builders.console import log_in, make_login
from tests.builders.governance import make_agent, make_workspace

REQUESTS = 1_000_000
AGENTS, FIELDS, CODES, WAITS = 10, 100, 30, 300
GATE_MS, GOAL_MS = 50.0, 25.0


def run(seconds: float) -> list[dict[str, Any]]:
    """One row: the median time of the page in milliseconds, as the test client gets it."""
    settings.ALLOWED_HOSTS = ["testserver"]
    with transaction.atomic():
        workspace = make_workspace("reported")
        _fill(workspace)
        client = log_in(make_login(workspace, *ROLE_PERMISSIONS[Role.AUDITOR], name="Bench Reader"))
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE approvals_reporttally")
        took = _measure(client, seconds)
        transaction.set_rollback(True)
    ours = median(took) * 1_000
    return [
        {
            "name": "weekly_report",
            "ours": ours,
            "reference": GATE_MS,
            "unit": "ms p50",
            "ratio": ours / GATE_MS,
            "gate": f"≤ {GATE_MS:.0f} ms",
            "goal": f"≤ {GOAL_MS:.0f} ms",
            "spread": f"{min(took) * 1_000:.1f}–{max(took) * 1_000:.1f}",
            "ok": ours <= GATE_MS,
        }
    ]


def _measure(client: Client, seconds: float) -> list[float]:
    address, took, began = reverse("approvals:report"), [], time.perf_counter()
    assert client.get(address).status_code == 200
    while time.perf_counter() - began < seconds or len(took) < 5:
        started = time.perf_counter()
        client.get(address)
        took.append(time.perf_counter() - started)
    return took


def _fill(workspace: Workspace) -> None:
    chance = random.Random(1)  # noqa: S311 - the same rows on every run
    agents = [make_agent(workspace, name=f"agent.bench.{number}").pk for number in range(AGENTS)]
    week = week_of(get_now().date())
    share = REQUESTS // (14 * AGENTS)
    names = [(measure.value, "") for measure in Measure if measure is not Measure.OPEN]
    names += [(f"{FIELD}{measure}", f"companies.field_{n}") for measure in FIELD_MEASURES for n in range(FIELDS)]
    names += [(by_code(measure), f"code_{number}") for measure in WITH_CODE for number in range(CODES)]
    names += [(WAITED, str(chance.randrange(0, 3_600))) for _ in range(WAITS)]
    rows = (
        ReportTally(
            workspace=workspace,
            day=week.before.monday + timedelta(days=day),
            measure=measure,
            agent_id=agent,
            detail=detail,
            count=chance.randrange(1, share),
        )
        for day in range(14)
        for agent in agents
        for measure, detail in dict.fromkeys(names)
    )
    ReportTally.objects.bulk_create(rows, batch_size=2_000)
