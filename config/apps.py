"""The composing app: the console's templates and the commands that span rooms."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Countersign"

    def ready(self) -> None:
        """Make our Celery application the current one, so that every process nudges the right broker."""
        from config import celery  # noqa: F401 - needs the loaded settings
