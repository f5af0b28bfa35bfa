"""Messages to Celery's workers, as many as there are by one command of Redis.

Celery's own way to send one (`send_task`) routes it, declares its queue and makes a client of Redis each time: as much
work as half a proposal. All messages of a task are alike but for a few members, so Celery and Kombu lay down one, and
we fill in the rest. Sources: Celery, "Message Protocol", version 2; `kombu.transport.virtual.Channel.basic_publish`
and `kombu.transport.redis.Channel._put` (Kombu 5.7): a queue is a list of that name, new messages stand at its left.
"""

import base64
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import msgspec
from celery import current_app
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

Message = tuple[str, Sequence[UUID]]
"""The name of a task and its `request_ids`."""


class TaskMessages:
    """A way to the broker, with a connection of its own that is opened at its first use. For one thread."""

    def __init__(self) -> None:
        self._redis: Redis[bytes] | None = None

    def send(self, messages: Sequence[Message]) -> None:
        """Put the messages into their tasks' queues, in their order. Raises redis.RedisError: some may have arrived."""
        waiting: defaultdict[str, list[bytes]] = defaultdict(list)
        for task, request_ids in messages:
            waiting[_queue_of(task)].append(lay_down(task, request_ids))
        for queue, texts in waiting.items():
            self._client().lpush(queue, *texts)

    def _client(self) -> "Redis[bytes]":
        """Tries once more on a new connection, for the broker may have closed the one kept from before."""
        if self._redis is None:
            options = current_app.conf.broker_transport_options
            self._redis = Redis.from_url(
                settings.REDIS_URL,
                socket_timeout=options["socket_timeout"],
                socket_connect_timeout=options["socket_connect_timeout"],
                retry=Retry(NoBackoff(), 1),
            )
        return self._redis


def lay_down(task: str, request_ids: Sequence[UUID]) -> bytes:
    """One message as Celery and Kombu would write it: JSON, its body in base64."""
    called = str(uuid4())
    arguments = {"request_ids": [str(one) for one in request_ids]}
    headers, options = _laid_down(task)
    message = {
        "body": base64.b64encode(msgspec.json.encode(([], arguments, options))).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": headers | {"id": called, "root_id": called, "kwargsrepr": str(arguments)},
        "properties": {
            "correlation_id": called,
            "reply_to": "",  # no result is kept
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": _queue_of(task)},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": called,
        },
    }
    return msgspec.json.encode(message)


@cache
def _laid_down(task: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The headers of a task's messages, and what follows the arguments in their bodies."""
    message = current_app.amqp.as_task_v2("", task, ignore_result=None)  # type: ignore[arg-type]  # the task's own word
    return message.headers, message.body[2]


@cache
def _queue_of(task: str) -> str:
    return str(current_app.amqp.router.route({}, task)["queue"].name)
