"""The production web server: `gunicorn -c config/gunicorn.py config.wsgi` (threads, persistent database connections).

WSGI and not ASGI: under ASGI every synchronous view would open a database connection of its own.
"""

import os
import tempfile
from typing import Any

# Before anything imports prometheus_client: several processes count, and any of them may answer the scrape.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="countersign-metrics-"))

from prometheus_client.multiprocess import mark_process_dead

from config.settings import LOGGING, WEB_BIND, WEB_THREADS, WEB_WORKERS
from config.warm_up import settle

bind = WEB_BIND
worker_class = "gthread"
workers = WEB_WORKERS
threads = WEB_THREADS
preload_app = False  # a connection or a thread made before the fork would be shared
timeout = 60
graceful_timeout = 30
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None  # config.correlation writes one JSON line per request
logconfig_dict = LOGGING
control_socket_disable = True


def child_exit(_server: Any, worker: Any) -> None:
    """Forget the gauges of a web process that is gone."""
    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def post_worker_init(_worker: Any) -> None:
    """All is imported, and no request has come."""
    settle()
