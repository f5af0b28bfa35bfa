"""`manage.py governance_plan FILE`: what a policy file would change. Exit code 0: nothing, 2: something, 1: error."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.management.policy_file import add_file_arguments, planned, tell


class Command(BaseCommand):
    help = "Show what a policy file would change, in words. Exits 0 for nothing, 2 for changes, 1 for an error."

    def add_arguments(self, parser: CommandParser) -> None:
        add_file_arguments(parser)

    def handle(self, *args: Any, file: str, workspace: str, **options: Any) -> None:  # noqa: ARG002
        _, _, plan = planned(file, workspace)
        tell(plan, self.stdout)
        if plan.lines:
            sys.exit(2)
