"""The policy: what is in force, what is not published yet, publish, compare, roll back (POL-03)."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from unfold.decorators import display

from audit.admin.read_only import ReadOnlyRows
from audit.selectors.clock import get_now
from governance.admin import policy_pages as pages
from governance.admin.confirm import Deed, confirm
from governance.admin.governed import VIEW_PERMISSIONS, GovernedAdmin
from governance.admin.policy_file import download, upload
from governance.admin.take_back import take_back_link
from governance.domain.diff import diff_documents
from governance.domain.vocabulary import Environment
from governance.models import PolicyRelease, PolicyVersion
from governance.selectors.access import list_workspaces, may
from governance.selectors.compilation import decode_document
from governance.selectors.draft import get_draft
from governance.selectors.releases import get_release
from governance.services.releases import restore_version

_PAGES = (
    ("publish/<uuid:workspace_id>/", "publish", pages.draft_page),
    ("publish/<uuid:workspace_id>/backtest/", "backtest_start", pages.start_backtest_view),
    ("publish/<uuid:workspace_id>/shadow/", "shadow_start", pages.start_shadow_view),
    ("backtest/<uuid:backtest_id>/", "backtest", pages.backtest_page),
    ("backtest/<uuid:backtest_id>/progress/", "backtest_progress", pages.backtest_progress),
    ("backtest/<uuid:backtest_id>/cancel/", "backtest_cancel", pages.cancel_backtest_view),
    ("shadow/<uuid:run_id>/", "shadow", pages.shadow_page),
    ("shadow/<uuid:run_id>/stop/", "shadow_stop", pages.stop_shadow_view),
    ("<uuid:version_id>/promote/", "promote", pages.promote_page),
)


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReadOnlyRows, GovernedAdmin):
    """Versions are immutable: nothing is added, changed or deleted here but by publishing."""

    permission = "publish_policy"
    list_display = ("number", "shown_digest", "published_by", "reason", "created_at", "in_force", "roll_back")
    list_display_links = ("number",)
    list_select_related = ("published_by", "workspace")
    ordering = ("-created_at",)
    list_before_template = "governance/policy_draft.html"
    fields = readonly_fields = (
        "workspace",
        "number",
        "whole_digest",
        "published_by",
        "reason",
        "created_at",
        "changes_made",
        "changes_since",
        "decided_under_it",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyVersion]:
        # What is in force where, as a column of each row: the list says it without a query a row.
        released = PolicyRelease.objects.filter(workspace=OuterRef("workspace")).order_by("-number")
        in_force = {
            environment.value: Subquery(released.filter(environment=environment).values("version__number")[:1])
            for environment in Environment
        }
        rows: QuerySet[PolicyVersion] = super().get_queryset(request).annotate(**in_force)
        return rows

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        drafts = [
            {
                "workspace": workspace,
                "draft": get_draft(workspace.pk),
                "may_publish": may(request.user, self.permission, workspace.pk),
            }
            for workspace in list_workspaces(request.user, self.permission, *VIEW_PERMISSIONS)
        ]
        response: HttpResponse = super().changelist_view(request, {**(extra_context or {}), "drafts": drafts})
        return response

    @display(description="Digest")
    def shown_digest(self, row: PolicyVersion) -> str:
        return f"{row.digest[:19]}…"

    @display(description="Digest")
    def whole_digest(self, row: PolicyVersion) -> str:
        return format_html('<span class="cs-code">{}</span>', row.digest)

    @display(description="In force in")
    def in_force(self, row: Any) -> str:
        return ", ".join(item.value for item in Environment if row.number == getattr(row, item.value)) or "–"

    @display(description="")
    def roll_back(self, row: Any) -> str:
        """In production only what was seen there before may come back by this; the service asks the rest."""
        links = [
            (reverse("admin:governance_policyversion_restore", args=[row.pk, item.value]), item.value)
            for item in Environment
            if getattr(row, item.value) not in {None, row.number}
        ]
        one = '<a class="text-primary-600" href="{}">Put in force again in {}</a>'
        return format_html_join(" · ", one, links)

    @display(description="Changed against the version before")
    def changes_made(self, row: PolicyVersion) -> str:
        rows = PolicyVersion.objects.filter(workspace_id=row.workspace_id, number__lt=row.number)
        return _difference(rows.order_by("-number").first(), row)

    @display(description="Changed since, up to the version in force")
    def changes_since(self, row: PolicyVersion) -> str:
        newest = PolicyVersion.objects.filter(workspace_id=row.workspace_id).latest("number")
        return _difference(row, newest)

    @display(description="What was done under it")
    def decided_under_it(self, row: PolicyVersion) -> str:
        return take_back_link(row.workspace.slug, policy_version=row.pk)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("file/<uuid:workspace_id>/", view(upload), name="governance_policyversion_file"),
            path("file/<uuid:workspace_id>/download/", view(download), name="governance_policyversion_download"),
            *(path(route, view(page), name=f"governance_policyversion_{name}") for route, name, page in _PAGES),
            path(
                "<uuid:version_id>/restore/<str:environment>/",
                view(self._restore),
                name="governance_policyversion_restore",
            ),
        ]
        return [*own, *super().get_urls()]

    def _restore(self, request: HttpRequest, version_id: UUID, environment: str) -> HttpResponse:
        version = get_object_or_404(PolicyVersion, pk=version_id)
        person_id = pages.publisher(request, version.workspace_id)
        release = get_release(version.workspace_id, environment)
        newest = release.version if release is not None else None
        deed = Deed(
            title=f"Put version {version.number} in force again in {environment}",
            intro="Its document comes back byte for byte; the edited rows stay as they are.",
            lines=_messages(newest, version),
            submit="Put in force",
            back=reverse("admin:governance_policyversion_changelist"),
            is_dangerous=True,
        )

        def act(reason: str) -> str:
            restore_version(
                version_id=version_id, environment=environment, person_id=person_id, reason=reason, now=get_now()
            )
            return f"Version {version.number} is in force in {environment}."

        return confirm(request, deed, act, pages.ERRORS)


def _messages(old: PolicyVersion | None, new: PolicyVersion) -> list[str]:
    before = decode_document(bytes(old.document)) if old is not None else None
    return [change.message for change in diff_documents(before, decode_document(bytes(new.document)))]


def _difference(old: PolicyVersion | None, new: PolicyVersion) -> str:
    lines = _messages(old, new)
    return format_html_join("\n", "<div>{}</div>", ((line,) for line in lines)) or "nothing"
