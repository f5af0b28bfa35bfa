"""The form of a record, generated from the fields of its object."""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from unfold import widgets

from crm_connectors.domain.record import JsonValue
from crm_connectors.models import CrmField
from governance.domain.vocabulary import FieldType

DEFAULT_SECTION = "Details"


class RecordForm(forms.Form):
    """One input per writable field; `version` is the record that the person saw."""

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def changed_values(self) -> dict[str, JsonValue]:
        """What the person changed, as the CRM stores it; valid forms only."""
        return {name: _stored(self.cleaned_data[name]) for name in self.changed_data if name != "version"}

    def list_sections(self, fields: Iterable[CrmField]) -> list[tuple[str, list[BoundField]]]:
        """Headings and their inputs, in the order of the schema."""
        names = [field for field in fields if field.name in self.fields]
        titles = list(dict.fromkeys(field.section or DEFAULT_SECTION for field in names))
        names.sort(key=lambda field: titles.index(field.section or DEFAULT_SECTION))
        groups = groupby(names, key=lambda field: field.section or DEFAULT_SECTION)
        return [(title, [self[field.name] for field in group]) for title, group in groups]


def make_record_form(
    fields: Iterable[CrmField],
    values: dict[str, JsonValue],
    *,
    version: str,
    data: Any = None,
    is_editable: bool = True,
    own_way: Collection[str] = (),
) -> RecordForm:
    """A form over these fields, filled with the record's values and bound to `data` when a person sent some.

    Fields in `own_way` are shown and not taken: they change by a deed of their own.
    """
    initial: dict[str, Any] = {"version": version}
    inputs: dict[str, forms.Field] = {}
    for field in fields:
        if field.is_read_only:
            continue
        value = values.get(field.name)
        inputs[field.name] = _input(field, value)
        inputs[field.name].disabled = not is_editable or field.name in own_way
        initial[field.name] = _shown(FieldType(field.field_type), value)
    form = RecordForm(data, initial=initial)
    form.fields.update(inputs)
    return form


_Widget = Callable[[], forms.Widget]
_YES_NO = [("", "–"), ("true", "Yes"), ("false", "No")]
_LINE: tuple[type[forms.Field], _Widget] = (forms.CharField, widgets.UnfoldAdminTextInputWidget)
_INPUTS: dict[FieldType, tuple[type[forms.Field], _Widget]] = {
    FieldType.TEXT: (forms.CharField, lambda: widgets.UnfoldAdminTextareaWidget(attrs={"rows": 4})),
    FieldType.INTEGER: (forms.IntegerField, widgets.UnfoldAdminIntegerFieldWidget),
    FieldType.NUMBER: (forms.FloatField, lambda: widgets.UnfoldAdminDecimalFieldWidget(attrs={"step": "any"})),
    FieldType.DATE: (forms.DateField, lambda: widgets.UnfoldAdminTextInputWidget(attrs={"type": "date"})),
    FieldType.DATETIME: (
        forms.DateTimeField,
        lambda: widgets.UnfoldAdminTextInputWidget(attrs={"type": "datetime-local", "step": "1"}),
    ),
}


def _input(field: CrmField, value: JsonValue) -> forms.Field:
    made = _unlabelled_input(field, value)
    made.label, made.required, made.help_text = field.label, field.is_required, _help(field)
    if field.max_length is not None and isinstance(made, forms.CharField):
        made.widget.attrs["maxlength"] = field.max_length  # the CRM judges; this only helps the typing
    return made


def _unlabelled_input(field: CrmField, value: JsonValue) -> forms.Field:
    if field.options:
        return forms.ChoiceField(choices=_choices(field, value), widget=widgets.UnfoldAdminSelectWidget())
    if field.field_type == FieldType.BOOLEAN:
        return forms.TypedChoiceField(
            choices=_YES_NO,
            coerce=lambda text: text == "true",
            empty_value=None,
            widget=widgets.UnfoldAdminSelectWidget(),
        )
    make, widget = _INPUTS.get(FieldType(field.field_type), _LINE)
    return make(widget=widget())


def _choices(field: CrmField, value: JsonValue) -> list[tuple[str, str]]:
    """The options; an empty one unless the field must be filled; a value that is no option any more stays visible."""
    choices = [(str(stored), str(label)) for stored, label in field.options]
    if value is not None and value not in dict(choices):
        choices.insert(0, (str(value), f"{value} (no longer an option)"))
    return choices if field.is_required and value is not None else [("", "–"), *choices]


def _help(field: CrmField) -> str:
    if field.reference_object:
        return field.help_text or f"The id of one of the {field.reference_object}"
    return field.help_text or ("UTC" if field.field_type == FieldType.DATETIME else "")


def _shown(field_type: FieldType, value: JsonValue) -> Any:
    if value is None:
        return None
    match field_type:
        case FieldType.BOOLEAN:
            return "true" if value else "false"
        case FieldType.DATE:
            return date.fromisoformat(value)
        case FieldType.DATETIME:
            return datetime.fromisoformat(value)
        case _:
            return value


def _stored(value: Any) -> JsonValue:
    match value:
        case "":
            return None
        case str():
            return value.replace("\r\n", "\n")
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case _:
            return value
