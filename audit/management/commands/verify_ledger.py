"""`manage.py verify_ledger`: recompute the whole ledger from its bytes; exit code 1 when anything is wrong."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.domain.report import Report
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from audit.services.verify import verify_ledger


class Command(BaseCommand):
    help = "Recompute every leaf, tile and checkpoint of the ledger from the stored bytes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sequence", action="store_true", help="sequence and sign what is pending first")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # Django's signature
        if options["sequence"]:
            maintain_ledger(now=get_now())
        report = verify_ledger()
        self.stdout.write(_as_json(report) if options["json"] else _as_text(report))
        if not report.is_ok:
            raise CommandError(f"the ledger does not verify: {report.problem_count} problems", returncode=1)


def _as_json(report: Report) -> str:
    return json.dumps(
        {
            "ok": report.is_ok,
            "events": report.events,
            "leaves": report.leaves,
            "pending": report.pending,
            "checkpoints": report.checkpoints,
            "problem_count": report.problem_count,
            "problems": [{"code": item.code, "message": item.message} for item in report.problems],
            "notes": list(report.notes),
        }
    )


def _as_text(report: Report) -> str:
    lines = [f"{item.code}: {item.message}" for item in report.problems]
    if report.problem_count > len(lines):
        lines.append(f"and {report.problem_count - len(lines)} more")
    counts = (
        f"{report.events} events, {report.leaves} leaves, {report.pending} pending, {report.checkpoints} checkpoints"
    )
    lines += [f"note: {note}" for note in report.notes]
    return "\n".join([*lines, counts, "the ledger verifies" if report.is_ok else "THE LEDGER DOES NOT VERIFY"])
