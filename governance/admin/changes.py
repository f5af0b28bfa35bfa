"""Two-person changes in the console: what waits, who proposed it and why; countersign, reject, withdraw."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from unfold.decorators import display

from audit.admin.filters import one_of
from audit.admin.read_only import ReadOnlyRows
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import user_of
from governance.admin.confirm import Deed, confirm
from governance.admin.governed import VIEW_PERMISSIONS, GovernedAdmin
from governance.models import ChangeDecision, ChangeProposal
from governance.selectors.access import NotAllowedError, list_workspaces
from governance.selectors.changes import list_waiting_changes
from governance.services.change_cards import describe_change, list_change_cards
from governance.services.change_errors import ChangeError
from governance.services.change_kind import ChangeRefusedError
from governance.services.change_kinds import KINDS
from governance.services.change_proposals import countersign_change, reject_change, withdraw_change

CHANGE_ERRORS = (ChangeError, ChangeRefusedError, NotAllowedError, LedgerUnavailableError)
REMOVE_DNC = "dnc.remove"
_SAID = {"countersign": "countersigned", "reject": "rejected", "withdraw": "withdrew"}


@admin.register(ChangeProposal)
class ChangeProposalAdmin(ReadOnlyRows, GovernedAdmin):
    """Proposals are made where the change belongs; here they are only decided."""

    permission = "countersign_changes"
    view_permissions = (*VIEW_PERMISSIONS, "countersign_changes", "break_glass", "lift_switches")
    list_display = ("subject", "shown_kind", "shown_status", "proposed_by", "created_at", "ended_by", "ended_at")
    list_filter = ("status", one_of("kind", KINDS))
    search_fields = ("subject", "proposed_by__name", "ended_by__name")
    ordering = ("-created_at",)
    list_before_template = "governance/changes_waiting.html"
    fields = readonly_fields = (
        "subject",
        "shown_kind",
        "shown_status",
        "what",
        "reason",
        "proposed_by",
        "created_at",
        "expires_at",
        "said",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChangeProposal]:
        rows: QuerySet[ChangeProposal] = super().get_queryset(request)
        return rows.select_related("workspace", "proposed_by", "ended_by")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        seen = list_workspaces(request.user, self.permission, *self.view_permissions)
        cards = list_change_cards(
            list_waiting_changes(seen.values_list("pk", flat=True)), user=user_of(request), now=get_now()
        )
        context = {**(extra_context or {}), "title": "Two-person changes", "cards": cards}
        response: HttpResponse = super().changelist_view(request, context)
        return response

    # ---- one row in words ------------------------------------------------------------------------------------------
    @display(description="Kind", ordering="kind")
    def shown_kind(self, row: ChangeProposal) -> str:
        return KINDS[row.kind].label if row.kind in KINDS else row.kind

    @display(
        description="State",
        ordering="status",
        label={"waiting": "warning", "applied": "success", "rejected": "danger", "withdrawn": "info"},
    )
    def shown_status(self, row: ChangeProposal) -> str:
        return row.status

    @display(description="What it does")
    def what(self, row: ChangeProposal) -> str:
        return format_html_join("\n", "<div>{}</div>", ((line,) for line in describe_change(row)))

    @display(description="Who said what")
    def said(self, row: ChangeProposal) -> str:
        rows = ChangeDecision.objects.filter(proposal=row).select_related("person").order_by("decided_at")
        lines = ((f"{item.person.name} {_SAID[item.verdict]}", item.reason or "–", item.decided_at) for item in rows)
        return format_html_join("\n", "<div>{}: {} ({})</div>", lines) or "nobody yet"

    # ---- three deeds -----------------------------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        deeds = {"countersign": self._countersign, "reject": self._reject, "withdraw": self._withdraw}
        guard = self.admin_site.admin_view
        own = [
            path(f"<uuid:proposal_id>/{name}/", guard(view), name=f"governance_changeproposal_{name}")
            for name, view in deeds.items()
        ]
        return [*own, *super().get_urls()]

    def _countersign(self, request: HttpRequest, proposal_id: UUID) -> HttpResponse:
        def act(_reason: str, **who: Any) -> str:
            is_done = countersign_change(proposal_id=proposal_id, now=get_now(), **who)
            return "Countersigned: the change is made." if is_done else "Countersigned. Another person is needed still."

        return self._deed(request, proposal_id, "Countersign", act, needs_reason=False)

    def _reject(self, request: HttpRequest, proposal_id: UUID) -> HttpResponse:
        def act(reason: str, **who: Any) -> str:
            reject_change(proposal_id=proposal_id, reason=reason, now=get_now(), **who)
            return "Rejected. Nothing was changed."

        return self._deed(request, proposal_id, "Reject", act, is_dangerous=True)

    def _withdraw(self, request: HttpRequest, proposal_id: UUID) -> HttpResponse:
        def act(reason: str, **who: Any) -> str:
            withdraw_change(proposal_id=proposal_id, reason=reason, now=get_now(), **who)
            return "Withdrawn. Nothing was changed."

        return self._deed(request, proposal_id, "Withdraw", act)

    def _deed(
        self, request: HttpRequest, proposal_id: UUID, verb: str, act: Callable[..., str], **looks: Any
    ) -> HttpResponse:
        rows = ChangeProposal.objects.select_related("proposed_by", "workspace")
        proposal = get_object_or_404(rows, pk=proposal_id)
        user = user_of(request)
        if user.person_id is None or not self.has_view_permission(request, proposal):
            raise PermissionDenied
        deed = Deed(
            title=f"{verb}: {proposal.subject}",
            intro=f"{proposal.proposed_by.name} proposed this because: {proposal.reason}",
            lines=describe_change(proposal),
            look=_place_of(proposal),
            submit=verb,
            back=reverse("admin:governance_changeproposal_changelist"),
            **looks,
        )
        who = {"person_id": user.person_id, "user_id": user.pk}
        return confirm(request, deed, lambda reason: act(reason, **who), CHANGE_ERRORS)


def _place_of(proposal: ChangeProposal) -> str:
    """Where whoever decides can see what it is about; empty where the lines say all. A proposal names no address."""
    if proposal.kind != REMOVE_DNC:
        return ""
    return reverse("admin:governance_dncentry_change", args=[proposal.payload["entry"]])
