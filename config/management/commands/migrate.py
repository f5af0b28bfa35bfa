"""`manage.py migrate`, as the owner of the tables where DATABASE_OWNER_URL names one (AUD-01)."""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connection

from audit.selectors.clock import get_now
from audit.selectors.role import get_runtime_role
from audit.services.protect import protect_ledger
from config.database_owner import acting_as_owner
from config.health import list_unapplied_migrations
from governance.services.role_following import follow_roles


class Command(migrate.Command):
    """Django's own; then the run-time role is bound to adding to the ledger, and logins keep up with their roles."""

    def handle(self, *args: Any, **options: Any) -> None:
        role = get_runtime_role()
        with acting_as_owner(connection, settings.DATABASE_OWNER_URL) as is_owner:
            super().handle(*args, **options)
        if is_owner:
            protect_ledger(owner_url=settings.DATABASE_OWNER_URL, role=role)
        if not list_unapplied_migrations():  # halfway there are tables that roles need and that are not there
            follow_roles(now=get_now())
