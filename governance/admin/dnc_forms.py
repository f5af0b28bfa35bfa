"""Forms of the do-not-contact pages."""

from typing import Any

from django import forms

from governance.domain.dnc_key import DncKind
from governance.services.dnc_entries import NewDncEntry

KINDS = [(item.value, item.value) for item in DncKind]
KIND_WORDS = {
    "email": "E-mail address",
    "domain": "Domain",
    "phone": "Phone number",
    "person": "Person",
    "company": "Company",
}
STATES = [
    ("", "all"),
    ("in_force", "in force"),
    ("later", "starts later"),
    ("ran_out", "ran out"),
    ("removed", "removed"),
]
SOURCES = (
    "opt-out by phone",
    "opt-out by letter",
    "opt-out in person",
    "complaint",
    "court order",
    "contract",
    "console",
)
MAX_IMPORT_BYTES = 1024 * 1024 * 1024  # about ten million rows; the command line takes more
_MOMENT = "%Y-%m-%dT%H:%M"


class FilterForm(forms.Form):
    """What the list shows."""

    kind = forms.ChoiceField(required=False, choices=[("", "all"), *KINDS])
    brand = forms.CharField(required=False, max_length=60)
    state = forms.ChoiceField(required=False, choices=STATES)
    before = forms.UUIDField(required=False)


class AskForm(forms.Form):
    """Is this listed, and was it then?"""

    asked = forms.CharField(max_length=300, strip=False)
    at = forms.DateTimeField(required=False, input_formats=[_MOMENT, "%Y-%m-%d"])


class EntryForm(forms.Form):
    """One new entry."""

    kind = forms.ChoiceField(choices=list(KIND_WORDS.items()))
    value = forms.CharField(max_length=300)
    covers = forms.CharField(required=False, max_length=20_000)
    brand = forms.CharField(required=False, max_length=60)
    reason = forms.CharField(max_length=300)
    source = forms.CharField(max_length=60)
    effective_from = forms.DateTimeField(required=False, input_formats=[_MOMENT])
    effective_until = forms.DateTimeField(required=False, input_formats=[_MOMENT])
    proof = forms.FileField(required=False)

    def clean_covers(self) -> tuple[tuple[str, str], ...]:
        """One address a line; its kind is told by its looks."""
        lines = (line.strip() for line in str(self.cleaned_data["covers"]).splitlines())
        return tuple((_kind_of(line), line) for line in lines if line)

    def entry(self, **more: Any) -> NewDncEntry:
        """The checked form as an entry; moments are UTC."""
        names = ("kind", "value", "covers", "brand", "reason", "source", "effective_from", "effective_until")
        return NewDncEntry(**{name: self.cleaned_data[name] for name in names}, **more)


def _kind_of(line: str) -> str:
    if "@" in line.removeprefix("@"):
        return DncKind.EMAIL
    return DncKind.PHONE if line[:1] in "+(0123456789" and not line[-1:].isalpha() else DncKind.DOMAIN


class ImportForm(forms.Form):
    """A CSV, and what holds for rows that do not say it themselves."""

    file = forms.FileField()
    kind = forms.ChoiceField(choices=list(KIND_WORDS.items()))
    reason = forms.CharField(max_length=300)
    source = forms.CharField(max_length=60)
    brand = forms.CharField(required=False, max_length=60)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_IMPORT_BYTES:
            raise forms.ValidationError(f"The file is larger than {MAX_IMPORT_BYTES // 2**20} MB: split it.")
        return file

    def defaults(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("kind", "reason", "source", "brand")}
