"""The form of an endpoint's settings, made from the struct of its kind: one input a member."""

from typing import Any

from django import forms
from msgspec import inspect
from unfold import widgets

from crm_connectors.domain.endpoint_settings import EndpointSettings


class SettingsForm(forms.Form):
    """What a person typed, as the settings to keep: what equals the default is left out."""

    defaults: dict[str, Any]
    members: tuple[str, ...] = ()

    def wanted(self) -> dict[str, Any]:
        """Valid forms only."""
        typed = {name: self.cleaned_data[name] for name in self.members}
        return {name: value for name, value in typed.items() if value is not None and value != self.defaults.get(name)}


def make_settings_form(
    shape: type[EndpointSettings], stored: dict[str, Any], *, data: Any, is_editable: bool, asks_why: bool = False
) -> SettingsForm:
    """Filled with what is stored, else with defaults; bound to `data` when a person sent some. `asks_why`: a change of
    its address is put before a second person, who is told the reason."""
    members = {member.name: member for member in _members(shape)}
    form = SettingsForm(data)
    form.defaults = {name: member.default for name, member in members.items() if not member.required}
    form.initial = form.defaults | {name: stored[name] for name in members if name in stored}
    for name, member in members.items():
        form.fields[name] = _input(member)
        form.fields[name].disabled = not is_editable
    form.members = tuple(members)
    if asks_why and is_editable:
        owners = [name for name in members if name in shape.secrets_belong_to]
        form.fields["reason"] = _reason([str(form.fields[name].label) for name in owners])
        form.order_fields([*owners, "reason", *members])
    return form


def _reason(owners: list[str]) -> forms.Field:
    return forms.CharField(
        label="Why is it turned elsewhere?",
        help_text=f"Needed with another value of: {', '.join(owners)}. A second person reads it and countersigns.",
        required=False,
        max_length=2_000,
        widget=widgets.UnfoldAdminTextInputWidget,
    )


def _members(shape: type[EndpointSettings]) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(shape)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - it is one
    return info.fields


def _input(member: inspect.Field) -> forms.Field:
    kind: inspect.Type = member.type
    told: dict[str, Any] = {}
    while isinstance(kind, inspect.Metadata):
        told = {**(kind.extra_json_schema or {}), **told}
        kind = kind.type
    about = {
        "label": told.get("title") or member.name.replace("_", " ").capitalize(),
        "help_text": told.get("description", ""),
        "required": member.required,
    }
    return _of_type(kind, about)


def _of_type(kind: inspect.Type, about: dict[str, Any]) -> forms.Field:
    """Raises TypeError for a member that no input is made for."""
    match kind:
        case inspect.BoolType():
            return forms.BooleanField(**about | {"required": False}, widget=widgets.UnfoldBooleanWidget)
        case inspect.IntType():
            return forms.IntegerField(**about, min_value=kind.ge, widget=widgets.UnfoldAdminIntegerFieldWidget)
        case inspect.FloatType():
            return forms.FloatField(**about, widget=widgets.UnfoldAdminDecimalFieldWidget(attrs={"step": "any"}))
        case inspect.LiteralType():
            choices = [(value, value) for value in kind.values]
            return forms.ChoiceField(**about, choices=choices, widget=widgets.UnfoldAdminSelectWidget)
        case inspect.StrType():
            return forms.CharField(**about, max_length=kind.max_length, widget=widgets.UnfoldAdminTextInputWidget)
    raise TypeError(f"a setting is text, a number, a boolean or a Literal: {about['label']}")
