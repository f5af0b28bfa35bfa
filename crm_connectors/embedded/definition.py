"""The shape of a starter object and its fields, before they are rows."""

import msgspec

from governance.domain.vocabulary import FieldType


class FieldDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One typed field. `options` are `(stored value, label)`; `reference_object` names the object an id points to;
    `section` is the heading it stands under on a record's page."""

    name: str
    label: str
    type: FieldType
    is_required: bool = False
    is_read_only: bool = False
    max_length: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    reference_object: str = ""
    help_text: str = ""
    section: str = ""


class ObjectDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One object. `title_field` is what a record is called by, `list_fields` the columns of its list."""

    name: str
    label: str
    title_field: str
    list_fields: tuple[str, ...]
    fields: tuple[FieldDefinition, ...]


def field(
    name: str,
    label: str,
    field_type: FieldType = FieldType.STRING,
    *,
    is_required: bool = False,
    is_read_only: bool = False,
    max_length: int | None = None,
    options: tuple[tuple[str, str], ...] = (),
    reference_object: str = "",
    help_text: str = "",
    section: str = "",
) -> FieldDefinition:
    """A field definition, name and label first, as a schema is read."""
    return FieldDefinition(
        name=name,
        label=label,
        type=field_type,
        is_required=is_required,
        is_read_only=is_read_only,
        max_length=max_length,
        options=options,
        reference_object=reference_object,
        help_text=help_text,
        section=section,
    )
