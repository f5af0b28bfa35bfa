"""What the import contracts cannot see: foreign keys, task names."""

import pytest
from django.apps import apps

from config.celery import app as celery
from tests.architecture.source import STREET, modules

ROOMS = STREET[:-1]


@pytest.mark.parametrize("room", ROOMS)
def test_foreign_keys_point_down_the_street(room):
    """A room's tables may refer to its own and to lower rooms', never to a higher room's."""
    higher = set(ROOMS[ROOMS.index(room) + 1 :])
    wrong = [
        f"{model.__name__}.{field.name} → {field.related_model._meta.app_label}"
        for model in apps.get_app_config(room).get_models()
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.related_model._meta.app_label in higher
    ]
    assert wrong == []


def test_every_scheduled_task_is_registered():
    celery.loader.import_default_modules()
    scheduled = {entry["task"] for entry in celery.conf.beat_schedule.values()}
    assert scheduled
    assert scheduled - set(celery.tasks) == set()


def test_our_tasks_are_named_after_their_room_and_only_once():
    celery.loader.import_default_modules()
    ours = [task for name, task in celery.tasks.items() if not name.startswith("celery.")]
    assert ours
    assert [task.name for task in ours if task.name.split(".")[0] != task.__module__.split(".")[0]] == []
    definitions = [(task.__module__, task.__name__) for task in ours]
    assert len(definitions) == len(set(definitions))


def test_every_room_has_modules():
    """Guards the other rules against reading an empty tree."""
    assert {path.parts[0] for path in modules()} == set(STREET)
