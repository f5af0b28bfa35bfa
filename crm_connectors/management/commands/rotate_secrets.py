"""`manage.py rotate_secrets`: seal the secrets of connections under the newest SECRET_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.selectors.clock import get_now
from crm_connectors.adapters.sealing import SealBrokenError
from crm_connectors.services.secrets import rotate_secrets


class Command(BaseCommand):
    help = "Seals the secrets of connections under the newest SECRET_KEY, so that SECRET_KEY_FALLBACKS can be emptied."

    def handle(self, *_: Any, **__: Any) -> None:
        try:
            count = rotate_secrets(now=get_now())
        except SealBrokenError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} {'secret' if count == 1 else 'secrets'} sealed anew")
