"""`manage.py verify_samples`: draw the samples again from the ledger and compare. Exits with 1 on a difference."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from approvals.services.sampling_check import check_samples


class Command(BaseCommand):
    help = "Draw all quality samples again from the ledger's seeds, and compare with those that were kept (QAS-01)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # the signature is Django's
        found = check_samples()
        if options["json"]:
            told = {"executed": found.executed, "drawn": found.drawn, "wrong": list(found.wrong)}
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write(f"{found.executed} executed requests, {found.drawn} drawn")
            self.stdout.writelines(found.wrong)
        if found.wrong:
            raise CommandError(f"{len(found.wrong)} samples are not as the ledger's seeds draw them")
