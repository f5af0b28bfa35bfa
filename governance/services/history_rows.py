"""The history of a new row beside the row itself, by the statement that writes it: where a save is too slow."""

from typing import Any

from django.db.models import Model
from django.utils import timezone
from simple_history.utils import get_history_manager_for_model

from audit.services.rows import Rows, row_of


def history_row_of(instance: Model) -> Rows:
    """What saving this new `instance` would add to its history: its values, by the login of the request that runs.

    Nothing is written. Source: django-simple-history, `HistoryManager.bulk_history_create`, which asks the database.
    """
    history: Any = get_history_manager_for_model(type(instance)).model
    values = {field.attname: getattr(instance, field.attname) for field in history.tracked_fields}
    by = history.get_default_history_user(instance)
    return row_of(history(history_date=timezone.now(), history_type="+", history_user=by, **values))
