"""Systems and write paths, with the answer to "what can change this?" above the list (REG-10)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from unfold.decorators import display

from governance.admin.governed import VIEW_PERMISSIONS, GovernedAdmin
from governance.admin.lists import LinesField
from governance.admin.table_files import FileDoors
from governance.models import Connection, System, WritePath
from governance.selectors.access import list_workspaces
from governance.services.inventory_files import INVENTORY
from governance.services.write_paths import show_answers

PLACES = "One a line: object.field, or the object alone for its records' creation"


class SystemForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    reads = LinesField(help_text=PLACES)
    writes = LinesField(help_text=PLACES)

    class Meta:
        model = System
        fields = ("workspace", "name", "purpose", "reads", "writes")


FILES = FileDoors(
    table=INVENTORY,
    model="writepath",
    file_name="inventory",
    title="What can change it",
    advice="One file holds systems and write paths: export it, change it in a spreadsheet, and bring it back as CSV "
    "(UTF-8) or XLSX. A new name makes a row; what the file leaves out stays as it is.",
)


class InventoryAdmin(GovernedAdmin):
    """A list with the inventory's files above it."""

    class Media:
        css = {"all": ("governance/matrix.css",)}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """`workspace` is where a file was brought; the list shows every workspace and is no narrower for it."""
        query = request.GET.copy()
        query.pop("workspace", None)
        request.GET = query  # type: ignore[assignment]  # Django refuses filters that it does not know
        seen = list_workspaces(request.user, self.permission, *VIEW_PERMISSIONS)
        editable = list_workspaces(request.user, self.permission).values_list("pk", flat=True)
        files = {"file_workspaces": seen, "file_editable": editable}
        response: HttpResponse = super().changelist_view(request, {**files, **(extra_context or {})})
        return response


@admin.register(System)
class SystemAdmin(InventoryAdmin):
    form = SystemForm
    list_before_template = "governance/systems_intro.html"
    list_display = ("name", "purpose", "shown_writes")
    search_fields = ("name", "purpose")
    ordering = ("name",)

    @display(description="Writes")
    def shown_writes(self, row: System) -> str:
        return ", ".join(row.writes) or "nothing"


class WritePathForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    triggers = LinesField(label="Set off by", help_text=PLACES)
    changes = LinesField(help_text=PLACES)

    class Meta:
        model = WritePath
        fields = ("connection", "name", "kind", "system", "triggers", "changes", "is_active")


@admin.register(WritePath)
class WritePathAdmin(InventoryAdmin):
    workspace_path = "connection__workspace"
    form = WritePathForm
    list_display = ("name", "kind", "set_off_by", "writes", "system", "is_active")
    list_filter = ("kind", "connection", "is_active")
    list_select_related = ("system", "connection")
    search_fields = ("name",)
    ordering = ("name",)
    list_before_template = "governance/write_path_answers.html"

    def get_urls(self) -> list[URLPattern]:
        return [*FILES.urls(self.admin_site), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """`place` asks about one field or object; it is no filter of the list."""
        query = request.GET.copy()
        place = " ".join(query.pop("place", [])).strip()[:200]
        request.GET = query  # type: ignore[assignment]  # Django refuses filters that it does not know
        workspaces = list_workspaces(request.user, self.permission, *VIEW_PERMISSIONS)
        connection = Connection.objects.filter(workspace__in=workspaces).order_by("pk").first()
        answers = show_answers(connection=connection, place=place) if connection is not None else ()
        return super().changelist_view(request, {**(extra_context or {}), "answers": answers, "place": place})

    @display(description="Set off by")
    def set_off_by(self, row: WritePath) -> str:
        return ", ".join(row.triggers) or "something outside the CRM"

    @display(description="Changes")
    def writes(self, row: WritePath) -> str:
        return ", ".join(row.changes) or "nothing"
