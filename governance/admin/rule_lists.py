"""Named lists and lawful bases: what rules refer to (CNT-03, CNT-04, CNT-06)."""

import csv
import io
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget

from governance.admin.governed import GovernedAdmin
from governance.domain.rule_entries import read_entries
from governance.models import LawfulBasis, RuleList

MAX_UPLOAD = 5_000_000


class RuleListForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Entries as lines; a file adds to them."""

    lines = forms.CharField(
        label="Entries",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 14, "spellcheck": "false"}),
        help_text="One a line. Paste as many as you like; repetitions fall away.",
    )
    upload = forms.FileField(
        label="Add from a CSV file",
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text="The first column counts. What is there already stays.",
    )

    class Meta:
        model = RuleList
        fields = ("workspace", "slug", "title", "kind", "includes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lines"].initial = "\n".join(self.instance.entries)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        lines = (data.get("lines") or "").splitlines() + self._uploaded(data.get("upload"))
        entries, bad = read_entries(lines, data.get("kind") or "")
        for number, line in bad[:10]:
            self.add_error("lines", f"Entry {number} cannot stand on this list: {line[:80]}")
        if len(bad) > 10:
            self.add_error("lines", f"… and {len(bad) - 10} more.")
        data["entries"] = entries
        return data

    def _uploaded(self, upload: Any) -> list[str]:
        if upload is None:
            return []
        if upload.size > MAX_UPLOAD:
            self.add_error("upload", "The file is larger than 5 MB.")
            return []
        try:
            text = upload.read().decode("utf-8-sig")
            return [row[0] for row in csv.reader(io.StringIO(text)) if row]
        except (UnicodeDecodeError, csv.Error):
            self.add_error("upload", "The file is no CSV in UTF-8.")
            return []

    def save(self, commit: bool = True) -> RuleList:  # noqa: FBT001, FBT002  # Django's signature
        if self.instance.entries != self.cleaned_data["entries"] and "entries" not in self.changed_data:
            self.changed_data.append("entries")
        self.instance.entries = self.cleaned_data["entries"]
        saved: RuleList = super().save(commit)
        return saved


@admin.register(RuleList)
class RuleListAdmin(GovernedAdmin):
    form = RuleListForm
    list_display = ("title", "slug", "kind", "entry_count", "export")
    list_filter = ("kind",)
    search_fields = ("title", "slug")
    ordering = ("title",)
    fields = (("workspace", "kind"), ("title", "slug"), "includes", "lines", "upload")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RuleList]:
        rows: QuerySet[RuleList] = super().get_queryset(request).prefetch_related("includes")
        return rows

    @display(description="Entries")
    def entry_count(self, row: RuleList) -> str:
        more = row.includes.all()
        included = f" and those of {', '.join(other.title for other in more)}" if more else ""
        return f"{len(row.entries):,}{included}"

    @display(description="")
    def export(self, row: RuleList) -> str:
        url = reverse("admin:governance_rulelist_export", args=[row.pk])
        return format_html('<a class="text-primary-600" href="{}">Download</a>', url)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [path("<uuid:list_id>/export/", view(self._export), name="governance_rulelist_export")]
        return [*own, *super().get_urls()]

    def _export(self, request: HttpRequest, list_id: Any) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(request), pk=list_id)
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{row.slug}.csv"'
        csv.writer(answer).writerows([_harmless(entry)] for entry in row.entries)
        return answer


@admin.register(LawfulBasis)
class LawfulBasisAdmin(GovernedAdmin):
    list_display = ("object_type", "field", "value", "basis", "recorded_by", "note")
    list_display_links = ("value",)
    list_filter = ("basis", "object_type")
    list_select_related = ("recorded_by", "workspace")
    search_fields = ("value", "note")
    ordering = ("object_type", "field", "value")
    fields = ("workspace", ("object_type", "field"), ("value", "basis"), "note", "recorded_by")


def _harmless(entry: str) -> str:
    """A spreadsheet would run what begins like a formula (ASVS 1.2.10)."""
    return f"'{entry}" if entry[:1] in "=+-@\t\r\0＝" else entry
