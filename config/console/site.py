"""The console's admin site: unfold's, under a content security policy that is relaxed here and nowhere else."""

from collections.abc import Callable
from typing import Any, cast

import structlog
from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from config.console.home import show_later
from config.console.navigation import Group, list_navigation
from governance.models import User
from governance.services.logins import record_logout

log = structlog.get_logger(__name__)

# unfold's one inline style, in lists without actions; a changed one is refused by the browser and seen by the tests.
_LIST_STYLE = "'sha256-+MEQ/O07HiRf96s+FyiSQj7xKrHjGPZWCed2MyGUBF4='"

# Alpine evaluates the expressions in unfold's own templates: without `unsafe-eval` no menu opens. Inline style
# *attributes* are set by Alpine on lists. The reviewers' pages, which show what agents wrote, load no Alpine and keep
# the strict policy of the settings.
ADMIN_POLICY = {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, _LIST_STYLE],
    "style-src-attr": [UNSAFE_INLINE],
}

View = Callable[..., HttpResponseBase]


class ConsoleSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold has no types
    """Every admin view under `ADMIN_POLICY`, but for login and home page, which load no Alpine either."""

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002  # Django's signature
        guarded: View = super().admin_view(view, cacheable)
        return guarded if view == self.index else csp_update(ADMIN_POLICY)(guarded)

    def get_urls(self) -> list[Any]:
        own = path("later/", self.admin_view(show_later), name="home_later")
        return [own, *super().get_urls()]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Who is signed in and has no console goes to their own page, not to the form again."""
        if request.method == "GET" and request.user.is_authenticated and not request.user.is_staff:
            return HttpResponseRedirect(reverse("approvals:mine"))
        response: HttpResponse = super().login(request, extra_context)
        return response

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """On record first; who leaves is let go all the same where that cannot be."""
        if request.method == "POST" and isinstance(request.user, User):
            try:
                record_logout(user=request.user, now=get_now())
            except LedgerUnavailableError:
                log.exception("a logout is not on record")
        response: HttpResponse = super().logout(request, extra_context)
        return response

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Made when a template asks for it. The sidebar is our own, so that hardly one does; Django's list asks every
        screen for every permission."""
        made: Any = SimpleLazyObject(lambda: super(ConsoleSite, self).get_app_list(request, app_label))
        return cast("list[Any]", made)

    def get_sidebar_list(self, request: HttpRequest) -> tuple[Group, ...]:
        """The list as it is made: it needs none of what unfold looks up for each of its items."""
        return list_navigation(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """unfold draws a sidebar for staff alone; who has a page and no console gets theirs too."""
        context: dict[str, Any] = super().each_context(request)
        if request.user.is_authenticated and not request.user.is_staff:
            context["sidebar_navigation"] = self.get_sidebar_list(request)
        return context
