"""What a synced schema changes in the field registry (REG-01): pure comparison, no rows."""

from collections.abc import Mapping

import msgspec

from governance.domain.schema import FieldSchema, Schema
from governance.domain.vocabulary import ReviewState

Key = tuple[str, str]  # object, field


class KnownField(msgspec.Struct, frozen=True):
    """A field as it is registered: its shape and whether people reviewed it."""

    shape: FieldSchema
    review_state: str


class SchemaChange(msgspec.Struct, frozen=True, kw_only=True):
    """`added` and `changed` need a review before agents write them; `relabelled` do not; `gone` deny for good."""

    added: tuple[tuple[str, FieldSchema], ...]
    changed: tuple[tuple[str, FieldSchema], ...]
    relabelled: tuple[tuple[str, FieldSchema], ...]
    gone: tuple[Key, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.relabelled or self.gone)


def schema_change(known: Mapping[Key, KnownField], schema: Schema) -> SchemaChange:
    """Compare the registry with what the connector describes now. Sorted by object and field."""
    described = {(item.name, field.name): field for item in schema.objects for field in item.fields}
    added, changed, relabelled = [], [], []
    for (object_type, name), field in sorted(described.items(), key=lambda pair: pair[0]):
        before = known.get((object_type, name))
        if before is None:
            added.append((object_type, field))
        elif before.review_state == ReviewState.GONE or _has_new_shape(before.shape, field):
            changed.append((object_type, field))
        elif (before.shape.label, before.shape.option_labels) != (field.label, field.option_labels):
            relabelled.append((object_type, field))
    gone = sorted(
        key for key, before in known.items() if key not in described and before.review_state != ReviewState.GONE
    )
    return SchemaChange(added=tuple(added), changed=tuple(changed), relabelled=tuple(relabelled), gone=tuple(gone))


def _has_new_shape(before: FieldSchema, after: FieldSchema) -> bool:
    """Anything that decides what may be written. New labels alone ask nobody."""
    return _unlabelled(before) != _unlabelled(after)


def _unlabelled(field: FieldSchema) -> FieldSchema:
    return msgspec.structs.replace(field, label="", option_labels={})
