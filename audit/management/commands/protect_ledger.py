"""`manage.py protect_ledger`: bind the run-time role to SELECT and INSERT on the ledger. Run after every migration."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from audit.selectors.role import get_runtime_role
from audit.services.protect import ProtectionError, protect_ledger


class Command(BaseCommand):
    help = "Grant the run-time role what it needs, and no more than SELECT and INSERT on the ledger (PostgreSQL)."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # Django's signature
        owner_url = getattr(settings, "DATABASE_OWNER_URL", "")
        if not owner_url:
            raise CommandError(
                "DATABASE_OWNER_URL is not set: the run-time role owns the ledger, triggers alone protect it"
            )
        role = get_runtime_role()
        try:
            protect_ledger(owner_url=owner_url, role=role)
        except ProtectionError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"role {role} may only add to the ledger")
