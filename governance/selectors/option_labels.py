"""What people read for a picklist's stored values (REG-01, APR-03)."""

from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

from governance.models import RegisteredField

OptionLabels = Mapping[str, Mapping[str, str]]
"""Field → stored value → label, where that is another word."""


@lru_cache(maxsize=1_024)
def get_option_labels(connection_id: UUID, object_type: str, policy_digest: str) -> OptionLabels:  # noqa: ARG001  # a key
    """Of one object of one connection, as they were when a page first asked for them under this policy: kept with it
    for the life of the process, like the fields' own labels. One query."""
    rows = RegisteredField.objects.filter(connection=connection_id, object_type=object_type).exclude(option_labels={})
    return dict(rows.values_list("name", "option_labels"))


def forget_option_labels() -> None:
    """Have this process read them anew: the registry has others now."""
    get_option_labels.cache_clear()
