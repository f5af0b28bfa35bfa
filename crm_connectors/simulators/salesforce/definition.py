"""What an object and a field of the simulated org are."""

import msgspec

Value = str | int | float | bool | None
TEXTS = frozenset(
    {"id", "reference", "string", "textarea", "email", "phone", "url", "picklist", "multipicklist", "date", "datetime"}
)


class FieldDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One field. `options` are the active values of a picklist; `restricted` refuses any other; `labels` are what
    people read for those that are called otherwise. `reference_to` names the objects an id may point to. `tracked`: its
    changes are kept in the object's history."""

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    is_required: bool = False
    is_createable: bool = True
    is_updateable: bool = True
    options: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    is_restricted: bool = False
    reference_to: tuple[str, ...] = ()
    is_external_id: bool = False
    is_unique: bool = False
    is_tracked: bool = False
    is_name: bool = False
    is_calculated: bool = False
    default: Value = None


class ObjectDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One object. `prefix` are the first three characters of its ids; `history` names its history object, empty when
    it keeps none; `history_parent` the field by which the history names the record."""

    name: str
    label: str
    plural: str
    prefix: str
    fields: tuple[FieldDefinition, ...]
    history: str = ""
    history_parent: str = ""
    is_writable: bool = True

    def find(self, name: str) -> FieldDefinition | None:
        """The field of this name; Salesforce does not mind upper and lower case here."""
        wanted = name.casefold()
        return next((field for field in self.fields if field.name.casefold() == wanted), None)


def text(name: str, label: str, length: int = 255, kind: str = "string", **more: object) -> FieldDefinition:
    """A text field."""
    return _make(name, label, kind, length=length, **more)


def number(
    name: str, label: str, kind: str = "double", precision: int = 18, scale: int = 2, **more: object
) -> FieldDefinition:
    """A number; `scale` digits after the point."""
    return _make(name, label, kind, precision=precision, scale=scale, **more)


def whole(name: str, label: str, **more: object) -> FieldDefinition:
    """A whole number of up to eight digits."""
    return _make(name, label, "int", precision=8, **more)


def picklist(
    name: str, label: str, options: tuple[str, ...], *, is_restricted: bool = True, **more: object
) -> FieldDefinition:
    """A picklist; unless restricted it takes other values too."""
    return _make(name, label, "picklist", length=255, options=options, is_restricted=is_restricted, **more)


def reference(name: str, label: str, *targets: str, **more: object) -> FieldDefinition:
    """An id of another record."""
    return _make(name, label, "reference", length=18, reference_to=targets, **more)


def plain(name: str, label: str, kind: str, **more: object) -> FieldDefinition:
    """A boolean, a date, a datetime."""
    return _make(name, label, kind, **more)


def derived(field: FieldDefinition) -> FieldDefinition:
    """The same field, kept by the CRM itself."""
    return msgspec.structs.replace(field, is_createable=False, is_updateable=False)


def _make(name: str, label: str, kind: str, **more: object) -> FieldDefinition:
    return msgspec.convert({"name": name, "label": label, "type": kind, **more}, FieldDefinition)
