"""`manage.py rebuild_reports`: count what reports show again, from the ledger."""

from typing import Any

from django.core.management.base import BaseCommand

from approvals.services.report_tallying import rebuild_reports


class Command(BaseCommand):
    help = "Forget the tallies of the reports and count the whole ledger again."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        leaves = rebuild_reports()
        self.stdout.write(f"counted {leaves} events")
