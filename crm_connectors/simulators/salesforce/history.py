"""An object's history: rows of another object, for the fields whose tracking an admin has switched on."""

from collections.abc import Mapping

from crm_connectors.simulators.salesforce.definition import ObjectDefinition, Value
from crm_connectors.simulators.salesforce.org import Org, Row, User, stamp


def add_history(
    org: Org, user: User, definition: ObjectDefinition, record_id: str, changes: Mapping[str, tuple[Value, Value]]
) -> None:
    """One row for each tracked field of `changes` (name → old and new value), and one for `created`."""
    if not definition.history:
        return
    for name, (old, new) in changes.items():
        field = definition.find(name)
        is_tracked = field is not None and field.is_tracked and f"{definition.name}.{name}" not in org.untracked
        if is_tracked or name == "created":
            values = {definition.history_parent: record_id, "Field": name, "OldValue": old, "NewValue": new}
            _insert(org, user, definition.history, values)


def _insert(org: Org, user: User, history: str, values: Mapping[str, Value]) -> None:
    record_id, now = org.next_id(history), org.now()
    system: dict[str, Value] = {
        "CreatedById": user.id,
        "CreatedDate": stamp(now),
        "DataType": "Text",
        "IsDeleted": False,
    }
    org.rows[history][record_id] = Row(
        object=history,
        id=record_id,
        values={"Id": record_id, **values, **system},
        modified_at=now.replace(microsecond=0),
    )
