"""Names for the controls in a change list's rows: who does not see a column's head hears it with each of them."""

from typing import Any


def name_controls(formset: Any) -> Any:
    """The formset class, each control of a row named by its column and its row."""

    class Named(formset):  # type: ignore[misc]  # chosen at run time
        def add_fields(self, form: Any, index: Any) -> None:
            super().add_fields(form, index)
            for name, field in form.fields.items():
                if not field.widget.is_hidden:
                    field.widget.attrs["aria-label"] = f"{field.label or name}: {form.instance}"

    return Named
