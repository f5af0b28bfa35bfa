"""Celery's loggers pass through ours: the same JSON lines, the same redaction, the level of LOG_LEVEL."""

from typing import Any

from celery.app.log import Logging


class LeaveLoggingAlone(Logging):
    """Django's LOGGING has configured everything; Celery would set its own level and take standard output."""

    def setup(self, *_args: Any, **_options: Any) -> bool:  # type: ignore[override]  # whatever it is called with
        """Celery's hook, in the worker and in each of its processes. Says that logging is set up."""
        return True
