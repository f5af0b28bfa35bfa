"""The policy file in the console: download it, upload one, read the plan, apply it as a draft (POL-08)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import user_of
from governance.admin.governed import VIEW_PERMISSIONS
from governance.domain.yaml_reading import MAX_BYTES, PolicyFileError
from governance.models import Workspace
from governance.selectors.access import NotAllowedError, may
from governance.selectors.policy_rows import export_policy
from governance.services.policy_file.plan import (
    PlanChangedError,
    PlanReasonMissingError,
    PolicyPlan,
    apply_policy_file,
    plan_policy_file,
)

_ERRORS = (PolicyFileError, PlanChangedError, PlanReasonMissingError, NotAllowedError, LedgerUnavailableError)

FORM_BYTES = 2_000_000  # the planned text comes back in a form, whose size is bounded


class PolicyFileForm(forms.Form):
    """A file, or the text of the one that was planned."""

    file = forms.FileField(required=False)
    content = forms.CharField(required=False, strip=False, max_length=MAX_BYTES)
    digest = forms.CharField(required=False, max_length=71)
    reason = forms.CharField(required=False, max_length=1000)

    def read(self) -> bytes:
        """What was sent; empty for nothing. A file larger than is read anyway is cut, and refused for its size."""
        upload = self.cleaned_data["file"]
        if upload is not None:
            content: bytes = upload.read(MAX_BYTES + 1)
            return content
        return str(self.cleaned_data["content"]).replace("\r\n", "\n").encode()


def download(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """The whole policy as one file, for whoever may see it."""
    workspace = _workspace(request, workspace_id, *VIEW_PERMISSIONS)
    response = HttpResponse(export_policy(workspace.pk), content_type="application/yaml")
    response["Content-Disposition"] = f'attachment; filename="policy-{workspace.slug}.yaml"'
    return response


def upload(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """GET: choose a file. POST with a file: its plan. POST with the planned text: apply it."""
    workspace = _workspace(request, workspace_id, "edit_policy")
    form = PolicyFileForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"workspace": workspace, "title": f"Policy file of {workspace.name}"}
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["digest"]:
                return _apply(request, workspace, form)
            context |= _planned(workspace, form.read())
        except _ERRORS as error:
            messages.error(request, f"Nothing was changed. {str(error)[:1].upper()}{str(error)[1:]}.")
    return TemplateResponse(request, "governance/policy_file.html", {**admin.site.each_context(request), **context})


def _planned(workspace: Workspace, content: bytes) -> dict[str, Any]:
    if len(content) > FORM_BYTES:
        raise PolicyFileError("a file above 2 MB is applied by `manage.py governance_apply`")
    plan: PolicyPlan = plan_policy_file(content, workspace_id=workspace.pk)
    return {"plan": plan, "content": content.decode()}


def _apply(request: HttpRequest, workspace: Workspace, form: PolicyFileForm) -> HttpResponse:
    plan = apply_policy_file(
        form.read(),
        workspace_id=workspace.pk,
        user_id=user_of(request).pk,
        reason=form.cleaned_data["reason"],
        now=get_now(),
        expected_digest=form.cleaned_data["digest"],
    )
    messages.success(request, f"{len(plan.lines)} changes are a draft now. Review and publish them here.")
    return HttpResponseRedirect(reverse("admin:governance_policyversion_changelist"))


def _workspace(request: HttpRequest, workspace_id: UUID, *permissions: str) -> Workspace:
    workspace = get_object_or_404(Workspace, pk=workspace_id)
    if not any(may(user_of(request), permission, workspace.pk) for permission in permissions):
        raise PermissionDenied
    return workspace
