"""`manage.py rotate_ledger_key`: a new key signs the ledger from now on, introduced by the old one."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.domain.note import InvalidNoteError
from audit.selectors.clock import get_now
from audit.selectors.tree import DamagedTreeError
from audit.services.anchor import AnchorError
from audit.services.append import LedgerUnavailableError
from audit.services.rotate_key import RotationError, next_key_path, rotate_key
from audit.services.signing_key import SigningKeyError, get_verifier_key

REFUSALS = (*(RotationError, SigningKeyError, AnchorError, DamagedTreeError, InvalidNoteError, LedgerUnavailableError),)


class Command(BaseCommand):
    help = "Change the key that signs the ledger; the old one introduces the new one on record. See docs/runbook.md."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # Django's signature
        try:
            pinned = rotate_key(now=get_now())
        except REFUSALS as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{pinned}\n")
        if pinned == get_verifier_key():
            self.stderr.write("Signed with it from now on. Give it to everybody who pinned the old one.")
        else:
            self.stderr.write(f"Introduced. Put the key of {next_key_path()} into LEDGER_SIGNING_KEY everywhere,")
            self.stderr.write("restart, and run this again.")
