"""`manage.py rollback_drill LOGIN`: drill agents' rollback in a sandbox. Exit code 0: all passed, 2: one did not."""

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from approvals.domain.rollback_drill import OPEN_STATES, DrillState
from approvals.models import RollbackDrill
from approvals.selectors.rollback_drills import list_drillable
from approvals.services.rollback_drills import RollbackDrillError, start_rollback_drill
from approvals.services.rollback_working import work_on_rollback_drills
from approvals.services.sweep import run_due
from audit.selectors.clock import get_now
from governance.models import User, Workspace
from governance.selectors.access import NotAllowedError

_PAUSE_SECONDS = 0.2


class Command(BaseCommand):
    help = "Write on a sandbox record as each agent, take it back by this login's right, and verify both."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login", help="whose right to revert it goes by")
        parser.add_argument("--workspace", default="default", help="its slug (default: default)")
        parser.add_argument("--agent", default="", help="one agent (default: all that are active)")
        parser.add_argument("--seconds", type=float, default=60.0, help="how long to wait for the results")
        parser.add_argument("--json", action="store_true", help="print the results and nothing else")

    def handle(self, *args: Any, login: str, workspace: str, agent: str, **options: Any) -> None:  # noqa: ARG002
        started = _start(login, workspace, agent)
        until = time.monotonic() + options["seconds"]
        while RollbackDrill.objects.filter(pk__in=started, state__in=OPEN_STATES).exists():
            if time.monotonic() > until:
                break
            work_on_rollback_drills()
            run_due(worker="rollback_drill")
            time.sleep(_PAUSE_SECONDS)
        rows = RollbackDrill.objects.filter(pk__in=started).select_related("agent").order_by("agent__name")
        results = [{"agent": row.agent.name, "state": row.state, "code": row.code} for row in rows]
        lines = "\n".join(f"{item['state']:<10} {item['agent']} {item['code']}".rstrip() for item in results)
        self.stdout.write(json.dumps(results) if options["json"] else lines)
        if any(item["state"] != DrillState.PASSED for item in results):
            sys.exit(2)


def _start(login: str, workspace: str, agent: str) -> list[Any]:
    found = Workspace.objects.filter(slug=workspace).first()
    user = User.objects.filter(username=login).first()
    if found is None or user is None or user.person_id is None:
        raise CommandError("there is no such workspace, or no such login of a person")
    agents = [row for row in list_drillable(found.pk) if agent in ("", row.name)]
    if not agents:
        raise CommandError("no active agent has this name")
    try:
        return [
            start_rollback_drill(agent_id=row.pk, person_id=user.person_id, user_id=user.pk, now=get_now())
            for row in agents
        ]
    except (RollbackDrillError, NotAllowedError) as error:
        raise CommandError(str(error)) from error
