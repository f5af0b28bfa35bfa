"""The weekly report with the tallies of a million requests behind it: what a person waits for.

The page reads tallies and their roll-ups alone, so it is the tallies that are made here: the last fourteen days with
today, 10 agents, 100 fields, 30 reason codes and 300 lengths of review. Finished days are rolled up as the schedule
does, today is read live. Nothing of it stays.
"""

import random
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
from approvals.services.report_rolling import roll_up_reports
from audit.selectors.clock import get_now
from governance.domain.roles import ROLE_PERMISSIONS, Role
from governance.models import Workspace
from tests.bench.pages import get_page, processor, repeat, row
from tests.builders.console import log_in, make_login
from tests.builders.governance import make_agent, make_workspace

REQUESTS = 1_000_000
AGENTS, FIELDS, CODES, WAITS = 10, 100, 30, 300
GATE_MS, GOAL_MS = 50.0, 25.0


def run(seconds: float) -> list[dict[str, Any]]:
    """A row a page: its median time in milliseconds, as the test client gets it."""
    settings.ALLOWED_HOSTS = ["testserver"]
    with transaction.atomic():
        workspace = make_workspace("reported")
        _fill(workspace)
        client = log_in(make_login(workspace, *ROLE_PERMISSIONS[Role.AUDITOR], name="Bench Reader"))
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE approvals_reporttally, approvals_reportrollup")
        rows = [_row(name, client, address, seconds) for name, address in _pages()]
        transaction.set_rollback(True)
    return rows


def _pages() -> list[tuple[str, str]]:
    address, week = reverse("approvals:report"), week_of(get_now().date())
    return [
        ("weekly_report", address),
        ("weekly_report, a finished week", f"{address}?week={week.before.monday}"),
        ("sponsor_review, this month", f"{reverse('approvals:sponsor')}?month={get_now():%Y-%m}"),
    ]


def _row(name: str, client: Client, address: str, seconds: float) -> dict[str, Any]:
    taken = repeat(lambda: get_page(client, address), seconds)
    ours = median(taken)
    return row(
        name,
        ours=round(ours, 1),
        reference=GATE_MS,
        unit="ms p50 (reference: the bar)",
        ratio=round(ours / GATE_MS, 2),
        gate=f"≤ {GATE_MS:.0f} ms",
        goal=f"≤ {GOAL_MS:.0f} ms",
        spread=f"{min(taken):.0f}–{max(taken):.0f} ms, {processor(lambda: get_page(client, address))}",
        ok=ours <= GATE_MS,
    )


def _fill(workspace: Workspace) -> None:
    chance = random.Random(1)  # noqa: S311 - the same rows on every run
    agents = [make_agent(workspace, name=f"agent.bench.{number}").pk for number in range(AGENTS)]
    today = get_now().date()
    share = REQUESTS // (14 * AGENTS)
    names = [(measure.value, "") for measure in Measure if measure is not Measure.OPEN]
    names += [(f"{FIELD}{measure}", f"companies.field_{n}") for measure in FIELD_MEASURES for n in range(FIELDS)]
    names += [(by_code(measure), f"code_{number}") for measure in WITH_CODE for number in range(CODES)]
    names += [(WAITED, str(chance.randrange(0, 3_600))) for _ in range(WAITS)]
    rows = (
        ReportTally(
            workspace=workspace,
            day=today - timedelta(days=day),
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
    assert roll_up_reports(now=get_now()) >= 2
