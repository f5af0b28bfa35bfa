"""`manage.py bench [NAME]`: our speed beside its references, measured in one run. Timings never fail anything."""

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from config.measuring import as_table, list_benchmarks, machine, run_benchmarks, write_report


class Command(BaseCommand):
    help = "Measure the operations whose speed we promise, each beside its reference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="one benchmark (default: all)")
        parser.add_argument("--json", action="store_true", help="print a list of rows and nothing else")
        parser.add_argument("--seconds", type=float, default=5.0, help="about how long each measurement lasts")
        parser.add_argument("--write", action="store_true", help="also write docs/measurements/<date>.md")

    def handle(self, *args: Any, name: str | None, seconds: float, **options: Any) -> None:  # noqa: ARG002
        known = list_benchmarks(settings.BASE_DIR / "tests" / "bench")
        if name and name not in known:
            raise CommandError(f"no benchmark `{name}`; there are: {', '.join(known)}")
        rows = run_benchmarks([name] if name else known, seconds=seconds)
        self.stdout.write(json.dumps(rows) if options["json"] else f"{machine()}\n\n{as_table(rows)}")
        if options["write"]:
            folder, day = settings.BASE_DIR / "docs" / "measurements", datetime.now(UTC).date()
            path = write_report(rows, folder=folder, day=day, database=connection.vendor)
            self.stderr.write(f"written: {path}")
