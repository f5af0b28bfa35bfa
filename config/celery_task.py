"""What every task of ours does about the database: it keeps the connection that its process has.

Celery would close it before and after each task. A new one costs more than executing a request does: PostgreSQL starts
a process, and plans the hot path's statements anew.
"""

from typing import Any

from celery import Task
from django.db import close_old_connections, connections


class ConnectedTask(Task):  # type: ignore[type-arg]  # no generic at run time
    """As a web process does between requests: a connection that broke is replaced, a healthy one stays. One in which a
    task failed is closed, and with it ends what the task may have left there: a lock, half an answer."""

    def before_start(self, *_task: Any) -> None:
        """Celery's hook, right before the task."""
        close_old_connections()

    def on_failure(self, *_failure: Any) -> None:
        """Celery's hook, after an exception."""
        connections.close_all()
