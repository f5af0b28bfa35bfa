"""Rules: a list with sentences and counts, and the builder that writes them without code (POL-04)."""

import json
import re
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localtime
from unfold.decorators import display

from audit.selectors.clock import get_now
from governance.admin.actor import actor_of
from governance.admin.governed import VIEW_PERMISSIONS, GovernedAdmin, find_or_404
from governance.domain.rule_words import sentence
from governance.models import Rule, RuleTally, Workspace
from governance.selectors.access import list_workspaces
from governance.selectors.rule_compilation import as_rule
from governance.selectors.rule_desk import advise, get_choices
from governance.services.rule_hits import count_rule_hits
from governance.services.rules import RuleRefusedError, read_draft, save_rule

_EMPTY = {"applies_to": "agents", "effect": "approval", "count": 1}
_PREFILLED = {"action": "actions", "object": "objects", "field": "fields"}
_ORIGIN = re.compile(r"[a-z]{1,20}:[0-9a-f-]{36}")


@admin.register(Rule)
class RuleAdmin(GovernedAdmin):
    list_display = ("name", "shown_sentence", "shown_effect", "owner", "is_active", "hits", "last_hit")
    list_filter = ("is_active", "effect")
    list_select_related = ("owner", "workspace")
    search_fields = ("name", "key", "reason")
    ordering = ("name",)
    list_before_template = "governance/rules_intro.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        tally = RuleTally.objects.filter(workspace=OuterRef("workspace"), key=OuterRef("key"))
        rows: QuerySet[Rule] = super().get_queryset(request).prefetch_related("groups", "any_groups")
        return rows.annotate(
            hit_count=Subquery(tally.values("hits")[:1]), last_hit_at=Subquery(tally.values("last_hit_at")[:1])
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        for workspace in list_workspaces(request.user, self.permission, *VIEW_PERMISSIONS):
            count_rule_hits(workspace_id=workspace.pk, now=get_now())
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    @display(description="Matches", ordering="hit_count")
    def hits(self, row: Any) -> str:
        return f"{row.hit_count:,}" if row.hit_count else "none yet"

    @display(description="Last match", ordering="last_hit_at")
    def last_hit(self, row: Any) -> str:
        return date_format(localtime(row.last_hit_at), "j M Y, H:i") if row.last_hit_at else "–"

    @display(description="What it says")
    def shown_sentence(self, row: Rule) -> str:
        return sentence(as_rule(row))

    @display(
        description="Effect",
        ordering="effect",
        label={"refuses": "danger", "asks": "warning", "raises the tier": "info"},
    )
    def shown_effect(self, row: Rule) -> str:
        return {"deny": "refuses", "approval": "asks", "raise_tier": "raises the tier"}[row.effect]

    # ---- the builder ---------------------------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [path("check/<uuid:workspace_id>/", view(self._check), name="governance_rule_check")]
        return [*own, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        workspaces = list_workspaces(request.user, self.permission)
        wanted = request.GET.get("workspace")
        workspace = next((w for w in workspaces if wanted in (None, str(w.pk))), None)
        if workspace is None:
            raise PermissionDenied
        return self._build(request, workspace, None)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002  # Django's signature
        extra_context: Any = None,  # noqa: ARG002
    ) -> HttpResponse:
        row = find_or_404(self.get_queryset(request).select_related("workspace"), object_id)
        return self._build(request, row.workspace, row)

    def _build(self, request: HttpRequest, workspace: Workspace, row: Rule | None) -> HttpResponse:
        may_edit = self.has_change_permission(request, row) if row else self.has_add_permission(request)
        if request.method == "POST":
            if not may_edit:
                raise PermissionDenied
            return self._save(request, workspace, row)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": row.name if row else "New rule",
            "row": row,
            "may_edit": may_edit,
            "workspace": workspace,
            "desk": {
                "choices": get_choices(workspace.pk),
                "rule": _as_json(row) if row else _prefilled(request),
                "may_edit": may_edit,
                "is_prefilled": row is None and bool(origin_of(request)),
            },
        }
        return TemplateResponse(request, "governance/rule_builder.html", context)

    def _save(self, request: HttpRequest, workspace: Workspace, row: Rule | None) -> HttpResponse:
        try:
            save_rule(
                rule_id=row.pk if row else None,
                workspace_id=workspace.pk,
                draft=read_draft(request.body),
                actor=actor_of(request),
                origin=origin_of(request),
                now=get_now(),
            )
        except RuleRefusedError as error:
            return JsonResponse({"errors": [item.message for item in error.errors]}, status=422)
        messages.success(request, "The rule is saved. It takes effect with the next publishing.")
        return JsonResponse({"next": _next(request)})

    def _check(self, request: HttpRequest, workspace_id: UUID) -> HttpResponse:
        if workspace_id not in {w.pk for w in list_workspaces(request.user, self.permission, *VIEW_PERMISSIONS)}:
            raise PermissionDenied
        try:
            advice = advise(workspace_id, read_draft(request.body).rule)
        except RuleRefusedError as error:
            return JsonResponse({"sentence": "", "errors": [str(error)], "warnings": []})
        said = {"sentence": advice.sentence, "errors": [e.message for e in advice.errors], "warnings": advice.warnings}
        return JsonResponse(said)


def origin_of(request: HttpRequest) -> str:
    """What the rule is made for, as the address says: `exception:ID`; empty for anything else."""
    found = _ORIGIN.fullmatch(request.GET.get("for", ""))
    return found[0] if found else ""


def _prefilled(request: HttpRequest) -> dict[str, Any]:
    """A new rule with what the address fills in. Nothing of it is saved before somebody does."""
    named = {to: [request.GET[name][:120]] for name, to in _PREFILLED.items() if request.GET.get(name)}
    texts = {name: request.GET.get(name, "")[:120] for name in ("name", "reason")}
    return {**_EMPTY, "is_active": True, **named, **texts}


def _next(request: HttpRequest) -> str:
    """Back to where the person came from, if that is a page of ours, else to the list."""
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/")
    return wanted if is_ours else reverse("admin:governance_rule_changelist")


def _as_json(row: Rule) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(msgspec.json.encode(as_rule(row)))
    return {**members, "owner": str(row.owner_id), "is_active": row.is_active}
