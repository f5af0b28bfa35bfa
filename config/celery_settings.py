"""Celery's own settings; see `config.celery` for the reasons behind them."""

from django.conf import settings

broker_url = settings.REDIS_URL or "memory://"
broker_connection_retry_on_startup = True
broker_transport_options = {
    # A nudge is best effort: publishing gives up after about a second, and the sweep does the work.
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "max_retries": 1,
    "interval_start": 0,
    "interval_max": 0.2,
}
task_publish_retry = False

task_serializer = "json"
result_serializer = "json"
accept_content = ["json"]
task_ignore_result = True
task_store_errors_even_if_ignored = False
task_acks_late = False
worker_prefetch_multiplier = 1
task_soft_time_limit = 120
task_time_limit = 150  # above every foreign call's own time-out
worker_soft_shutdown_timeout = 30
worker_enable_soft_shutdown_on_idle = False
worker_max_tasks_per_child = 2000
CELERY_DB_REUSE_MAX = 1_000_000_000  # never closed by Celery: see `config.celery_task`
worker_hijack_root_logger = False
worker_redirect_stdouts = False
enable_utc = True
timezone = "UTC"

task_default_queue = "work"
task_create_missing_queues = True
task_routes = {
    "audit.*": {"queue": "ledger"},
    "approvals.notify": {"queue": "notify"},
    "approvals.sinks": {"queue": "sinks"},
}

beat_schedule_filename = str(settings.DATA_DIR / "celerybeat-schedule")
beat_schedule = {
    "keep the ledger": {"task": "audit.maintain_ledger", "schedule": 1.0, "options": {"expires": 5}},
    "follow the ledger": {"task": "approvals.follow", "schedule": 2.0, "options": {"expires": 4}},
    "send notifications": {"task": "approvals.notify", "schedule": 5.0, "options": {"expires": 5}},
    "keep quality": {"task": "approvals.quality", "schedule": 30.0, "options": {"expires": 60}},
    "keep reports": {"task": "approvals.reports", "schedule": 60.0, "options": {"expires": 60}},
    "study drafts": {"task": "approvals.study", "schedule": 2.0, "options": {"expires": 4}},
    "make exports": {"task": "approvals.exports", "schedule": 5.0, "options": {"expires": 5}},
    "send the ledger on": {"task": "approvals.sinks", "schedule": 2.0, "options": {"expires": 2}},
    "erase what is due": {"task": "approvals.retention", "schedule": 600.0, "options": {"expires": 600}},
    "work on bulk reverts": {"task": "approvals.bulk_reverts", "schedule": 2.0, "options": {"expires": 4}},
    "work on rollback drills": {"task": "approvals.rollback_drills", "schedule": 5.0, "options": {"expires": 10}},
    "watch circuit breakers": {"task": "approvals.watch", "schedule": 5.0, "options": {"expires": 10}},
    "sweep due work": {"task": "approvals.sweep", "schedule": 3.0, "options": {"expires": 10}},
}
