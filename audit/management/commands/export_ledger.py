"""`manage.py export_ledger PATH`: the signed ledger as files that an outsider can verify."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.selectors.clock import get_now
from audit.services.export import ExportError, export_ledger


class Command(BaseCommand):
    help = "Write the ledger under its newest checkpoint to a new directory (C2SP tlog-tiles)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument(
            "--with-values",
            action="store_true",
            help="also the values that events commit to and that were not erased: personal data",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # Django's signature
        try:
            count = export_ledger(path=options["path"], now=get_now(), has_values=options["with_values"])
        except ExportError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} events exported to {options['path']}")
