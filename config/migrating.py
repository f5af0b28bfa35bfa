"""Tables before use: on a fresh directory a command makes them, on a server's database it asks for them (OPS-01)."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from config.health import list_unapplied_migrations


def bring_up_to_date() -> None:
    """Apply what migrations are missing to the embedded database.

    Raises CommandError where the database is not embedded: who migrates a production database, and as whom, is decided
    by people.
    """
    if not list_unapplied_migrations():
        return
    if not settings.EMBEDDED:
        raise CommandError("the database lacks migrations: run `manage.py migrate` first")
    call_command("migrate", interactive=False, verbosity=0)
