"""Celery: the production worker. The row is the job, so the broker may lose, repeat or delay any message (EXE-02).

Early acknowledgement and no retry by the broker: what did not happen is still in the tables, and the sweep finds it.
No ETA and no countdown: with Redis they live in worker memory and loop past the visibility time-out.
Source: docs.celeryq.dev, "Configuration and defaults" and "Using Redis", Celery 5.7.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery(
    "countersign",
    log="config.celery_logging:LeaveLoggingAlone",
    task_cls="config.celery_task:ConnectedTask",
)
app.config_from_object("config.celery_settings")
app.autodiscover_tasks(["audit", "governance", "crm_connectors", "approvals"])
