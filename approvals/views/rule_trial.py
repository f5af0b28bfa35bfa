"""Trying a rule from the rule builder: the requests that it would have matched, as JSON."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from approvals.services.pages.trial import show_trial
from approvals.services.rule_trial import try_rule
from audit.selectors.clock import get_now
from governance.models import User
from governance.selectors.access import may
from governance.selectors.rule_desk import advise
from governance.services.rules import RuleRefusedError, read_draft


@require_POST
@login_required
def rule_trial(request: HttpRequest, workspace_id: UUID) -> JsonResponse:
    user = request.user
    if not isinstance(user, User) or not all(
        may(user, name, workspace_id) for name in ("edit_policy", "view_requests")
    ):
        raise PermissionDenied
    try:
        rule = read_draft(request.body).rule
    except RuleRefusedError as error:
        return JsonResponse({"summary": str(error), "matches": []}, status=422)
    errors = advise(workspace_id, rule).errors
    if errors:
        return JsonResponse({"summary": f"Mend this first: {errors[0].message}.", "matches": []})
    return JsonResponse(show_trial(try_rule(workspace_id=workspace_id, rule=rule), now=get_now()))
