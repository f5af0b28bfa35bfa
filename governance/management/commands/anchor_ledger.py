"""`manage.py anchor_ledger --by EMAIL --reason "…"`: a person answers for a ledger that is behind its anchor."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.domain.event import Actor
from audit.domain.note import InvalidNoteError
from audit.selectors.clock import get_now
from audit.selectors.tree import DamagedTreeError
from audit.services.anchor import AnchorError
from audit.services.anchor_anew import anchor_anew
from audit.services.append import LedgerUnavailableError
from audit.services.signing_key import SigningKeyError
from governance.models import Person


class Command(BaseCommand):
    help = "Anchor the ledger as the database has it. On record, with who and why; effects begin again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, metavar="EMAIL", help="the person who answers for it")
        parser.add_argument("--reason", required=True, help="why the database is older than its anchor, or has none")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # the signature is Django's
        person = Person.objects.filter(email__iexact=options["by"], is_active=True).first()
        if person is None:
            raise CommandError(f"there is no active person with the address `{options['by']}`")
        try:
            head = anchor_anew(actor=Actor("human", str(person.pk)), reason=options["reason"], now=get_now())
        except (AnchorError, DamagedTreeError, LedgerUnavailableError) as error:
            raise CommandError(str(error)) from error
        except (SigningKeyError, InvalidNoteError) as error:
            words = f"{error}: put back DATA_DIR/ledger/signing.key or LEDGER_SIGNING_KEY, nothing is anchored"
            raise CommandError(words) from error
        self.stdout.write(f"anchored at {head.size if head else 0} leaves; it is on record")
