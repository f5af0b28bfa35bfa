"""`manage.py governance_document WORKSPACE [--policy N] [--since M] [--to PATH]`: how agents are governed."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from approvals.services.governance_document import FILE_TYPES, GovernanceDocument, make_governance_document
from approvals.services.report_taking import take_governance_document
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.models import Workspace


class Command(BaseCommand):
    help = "Write the governance document of a policy version, as Markdown or, to a path that ends in .pdf, as PDF."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workspace", help="the workspace's short name")
        parser.add_argument("--policy", type=int, default=0, help="number of the version; without it that in force")
        parser.add_argument("--since", type=int, default=0, help="number of an earlier version to compare with")
        parser.add_argument("--to", type=Path, help="the file; without it Markdown goes to the terminal")

    def handle(self, *_: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        kind = options["to"].suffix.removeprefix(".") if options["to"] else "md"
        if workspace is None or kind not in FILE_TYPES:
            raise CommandError("no such workspace" if workspace is None else "the file ends in .md or .pdf")
        numbers = {"number": options["policy"], "since": options["since"]}
        document = make_governance_document(workspace=workspace, now=get_now(), **numbers)
        if document is None:
            raise CommandError("no such policy version")
        content = _take(kind, document, workspace)
        if options["to"]:
            options["to"].write_bytes(content)
        else:
            self.stdout.write(content.decode())


def _take(kind: str, document: GovernanceDocument, workspace: Workspace) -> bytes:
    by = Actor("system", "operator")
    try:
        return take_governance_document(kind=kind, document=document, workspace=workspace, actor=by, now=get_now())
    except LedgerUnavailableError as error:
        raise CommandError(str(error)) from error
