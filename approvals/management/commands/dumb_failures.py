"""`manage.py dumb_failures`: the ten dumb failures against the live policy. Exit code 0: it held, 2: it did not."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from approvals.models import DrillRun
from approvals.services.dumb_failures import DrillError, run_dumb_failures
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.models import Workspace


class Command(BaseCommand):
    help = "Try the ten dumb failures, and your own, through the real intake. Nothing is executed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", default="default", help="its slug (default: default)")
        parser.add_argument("--agent", default="", help="as whom (default: the agent of drills)")
        parser.add_argument("--json", action="store_true", help="print the results and nothing else")

    def handle(self, *args: Any, workspace: str, agent: str, **options: Any) -> None:  # noqa: ARG002
        found = Workspace.objects.filter(slug=workspace).first()
        if found is None:
            raise CommandError(f"there is no workspace `{workspace}`")
        actor = Actor("system", "command_line")
        try:
            run = run_dumb_failures(workspace_id=found.pk, agent_name=agent, actor=actor, now=get_now())
        except DrillError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(run.results) if options["json"] else _table(run))
        if run.held < run.total:
            sys.exit(2)


def _table(run: DrillRun) -> str:
    lines = [
        f"{'held  ' if result['is_held'] else 'FAILED'}  {result['name']}: {result['actual']}"
        f" by {result['control'] or 'none of the controls it is about'}"
        f" ({', '.join(result['codes']) or 'no check objected'})"
        for result in run.results
    ]
    return "\n".join([*lines, f"policy held in {run.held} of {run.total} cases"])
