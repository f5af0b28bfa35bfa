"""Pages for everyone who belongs to a workspace: what agents may do, and what they did to one's own records."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.selectors.own_requests import list_own_requests
from approvals.services.pages.rows import show_rows
from approvals.views.access import Desk, member_view
from approvals.views.page import render_page
from governance.selectors.catalog import list_catalog
from governance.selectors.delegations import list_delegation_choices, list_own_delegations

SHOWN = 20


@require_safe
@member_view
def catalog(request: HttpRequest, desk: Desk) -> HttpResponse:
    """PRM-09: the safe-action catalog and the blocked list, from the policy in force."""
    chosen = request.GET.get("agent", "")
    found = [item for item in list_catalog(desk.workspace.pk) if desk.agents is None or item.agent.pk in desk.agents]
    shown = [item for item in found if chosen in ("", item.agent.name)]
    context = {
        "items": Paginator(shown, SHOWN).get_page(request.GET.get("page")),
        "names": sorted({item.agent.name for item in found}),
        "chosen": chosen,
    }
    return render_page(request, desk, "catalog.html", context, title="What agents may do")


@require_safe
@member_view
def mine(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A rep's page: what agents asked for on the records that they own, and in their name, and who may act for them."""
    person = desk.user.person
    email = person.email if person is not None else ""
    rows = list_own_requests(workspace_id=desk.workspace.pk, email=email, agents=desk.agents)
    context = {
        "rows": show_rows(rows, now=desk.now),
        "delegations": list_own_delegations(workspace_id=desk.workspace.pk, person_id=desk.person_id),
        "choices": list_delegation_choices(desk.workspace.pk, desk.agents),
    }
    return render_page(request, desk, "mine.html", context, title="Your records")
