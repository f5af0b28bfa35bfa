"""`manage.py prepare_crm WORKSPACE CONNECTION`: give a HubSpot portal the properties that our guarantees stand on."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm_connectors.port import ConnectorError
from crm_connectors.services.preparing import NothingToPrepareError, prepare_crm
from governance.models import Connection


class Command(BaseCommand):
    help = "Make the properties in HubSpot that are missing there. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workspace", help="its slug")
        parser.add_argument("connection", help="its name")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            row = Connection.objects.get(workspace__slug=options["workspace"], name=options["connection"])
            made = prepare_crm(connection_id=row.pk)
        except (Connection.DoesNotExist, NothingToPrepareError, ConnectorError) as error:
            raise CommandError(str(error)) from error
        for name in made:
            print(f"made {name}")
        print(f"{len(made)} properties were made.")
