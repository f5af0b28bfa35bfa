"""`manage.py run_embedded`: web, worker and scheduler in one command, no services needed."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from config.embedded import EmbeddedError, EmbeddedServer, refuse_busy_port, sole_use_of
from config.migrating import bring_up_to_date


class Command(BaseCommand):
    help = "Serve Countersign from this machine alone: web pages, API, worker and scheduler in one command."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        try:
            with sole_use_of(settings.DATA_DIR):
                refuse_busy_port(host, port)
                bring_up_to_date()
                connections.close_all()  # none may cross the fork
                self.stdout.write(f"Countersign runs at http://{host}:{port}/ (stop it with Ctrl-C)")
                self.stdout.flush()
                EmbeddedServer(host=host, port=port).run()
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
