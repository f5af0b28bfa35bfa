"""`manage.py bench [NAME]`: our speed beside its references, measured in one run. Timings never fail anything."""

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.environment import read_environment
from config.measuring import LISTED, LISTED_VARIABLE, as_table, list_benchmarks, machine, measure_apart, write_report
from config.scratch import scratch_environment


class Command(BaseCommand):
    help = (
        "Measure the operations whose speed we promise, each beside its reference, in a scratch database made beside "
        "the configured one and dropped at the end. The configured database and DATA_DIR are left alone."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="one benchmark (default: all)")
        parser.add_argument("--json", action="store_true", help="print a list of rows and nothing else")
        parser.add_argument("--seconds", type=float, default=5.0, help="about how long each measurement lasts")
        parser.add_argument(
            "--listed",
            metavar="N",
            type=int,
            default=LISTED,
            help=f"how long the do-not-contact list is at least (default {LISTED:,}); ten million "
            "take gigabytes and minutes, once with --keep",
        )
        parser.add_argument("--write", action="store_true", help="also add the table to docs/measurements/<date>.md")
        parser.add_argument(
            "--keep",
            metavar="NAME",
            default="",
            help="use the scratch database bench_NAME and the directory bench_NAME of DATA_DIR, made by the first run "
            "that names them and never removed: what takes minutes to fill (a million requests) is filled once. "
            "Drop both by hand",
        )

    def handle(self, *args: Any, name: str | None, seconds: float, **options: Any) -> None:  # noqa: ARG002
        known = list_benchmarks(settings.BASE_DIR / "tests" / "bench")
        if name and name not in known:
            raise CommandError(f"no benchmark `{name}`; there are: {', '.join(known)}")
        with scratch_environment(read_environment(), keep=options["keep"]) as place:
            wanted = place | {LISTED_VARIABLE: str(options["listed"])}
            rows = measure_apart([name] if name else known, seconds=seconds, environment=wanted)
        self.stdout.write(json.dumps(rows) if options["json"] else f"{machine()}\n\n{as_table(rows)}")
        if options["write"]:
            folder = settings.BASE_DIR / "docs" / "measurements"
            database = "postgresql" if place["DATABASE_URL"] else "sqlite"
            self.stderr.write(f"written: {write_report(rows, folder=folder, at=datetime.now(UTC), database=database)}")
