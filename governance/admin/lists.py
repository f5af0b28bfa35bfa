"""Lists kept as JSON, shown as people write them: one a line, or boxes to tick."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from governance.domain.vocabulary import Writer
from governance.models import RegisteredField


class LinesField(forms.CharField):
    """A list of names, one a line; doubles and empty lines fall away."""

    widget = UnfoldAdminTextareaWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "help_text": "One a line", **kwargs})
        self.widget.attrs["rows"] = 5

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(item) for item in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return list(dict.fromkeys(line.strip() for line in (value or "").splitlines() if line.strip()))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(list(initial or []) != self.to_python(data))


class WritersField(forms.MultipleChoiceField):
    """Who may write a field: boxes."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "choices": [(item.value, item.value) for item in Writer], **kwargs})

    def clean(self, value: Any) -> list[str]:
        """Sorted, so that ticking the same boxes changes nothing."""
        return sorted(super().clean(value))


def ensure_registered(connection_id: Any, object_type: str, names: list[str]) -> None:
    """Raises ValidationError naming what the connection's registry does not know."""
    known = RegisteredField.objects.filter(connection_id=connection_id, object_type=object_type)
    unknown = sorted(set(names) - set(known.values_list("name", flat=True)))
    if unknown:
        raise forms.ValidationError(
            f"{object_type or 'the object'} has no field {', '.join(unknown)}: see the field registry"
        )
