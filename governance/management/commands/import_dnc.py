"""`manage.py import_dnc FILE`: a CSV onto the do-not-contact list, with progress; killed, it resumes."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.domain.dnc_import_state import DncImportState
from governance.models import DncImport, Workspace
from governance.services.dnc_import import UNDER_WAY, DncImportRefusedError, advance_import, apply_import, start_import

OPERATOR = Actor("system", "operator")


class Command(BaseCommand):
    help = "Put the rows of a CSV (kind, value, reason, source, brand, effective_from, effective_until) on the list."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="the CSV; leave it out with --resume")
        parser.add_argument("--workspace", default="", help="slug; the only one when left out")
        parser.add_argument("--kind", default="email", help="for rows that name none")
        parser.add_argument("--reason", default="imported", help="for rows that name none")
        parser.add_argument("--dry-run", action="store_true", help="read and report, change nothing")
        parser.add_argument("--take-good", action="store_true", help="apply although some rows cannot be read")
        parser.add_argument("--resume", metavar="IMPORT", help="go on with an import by its id")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            import_id = UUID(options["resume"]) if options["resume"] else self._start(options)
            row = self._run(import_id)
            if row.state == DncImportState.READY and not options["dry_run"]:
                apply_import(import_id=import_id, is_taking_good=options["take_good"], actor=OPERATOR)
                row = self._run(import_id)
        except (DncImportRefusedError, DncImport.DoesNotExist, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{row.state}: {row.rows_good} good, {row.rows_bad} bad, {row.rows_added} added")

    def _start(self, options: dict[str, Any]) -> UUID:
        path = Path(options["file"] or "")
        workspaces = Workspace.objects.filter(slug=options["workspace"]) if options["workspace"] else Workspace.objects
        workspace = workspaces.first()
        if workspace is None:
            raise CommandError("no such workspace")
        defaults = {"kind": options["kind"], "reason": options["reason"]}
        import_id = start_import(
            workspace_id=workspace.pk,
            source=path,
            name=path.name,
            defaults=defaults,
            actor=OPERATOR,
            now=get_now(),
        )
        self.stdout.write(f"import {import_id}")
        return import_id

    def _run(self, import_id: UUID) -> DncImport:
        row = advance_import(import_id=import_id)
        while row.state in UNDER_WAY:
            done = row.applied_line / row.line if row.state == DncImportState.APPLYING else row.offset / row.size_bytes
            self.stderr.write(f"{row.state} {done:.0%}")
            row = advance_import(import_id=import_id)
        return row
