"""`manage.py governance_export FILE`: the whole policy as one YAML file (POL-08)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.models import Workspace
from governance.selectors.policy_rows import export_policy


class Command(BaseCommand):
    help = "Write the workspace's policy rows as one canonical YAML file. `-` writes to the terminal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--workspace", default="default", help="its slug (default: default)")

    def handle(self, *args: Any, file: str, workspace: str, **options: Any) -> None:  # noqa: ARG002
        found = Workspace.objects.filter(slug=workspace).first()
        if found is None:
            raise CommandError(f"there is no workspace `{workspace}`")
        text = export_policy(found.pk)
        if file == "-":
            self.stdout.write(text, ending="")
            return
        Path(file).write_text(text, "utf-8")
        self.stderr.write(f"written: {file}")
