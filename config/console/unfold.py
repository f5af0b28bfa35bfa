"""UNFOLD: the console's look and seams, as django-unfold's settings.

Colours lie in `approvals/console.css` and not here: unfold would write them into an inline style, which the content
security policy forbids.
"""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Countersign",
    "SITE_HEADER": "Countersign",
    "SITE_SUBHEADER": "Agent actions under control",
    "SITE_URL": None,
    "SITE_ICON": lambda _request: static("approvals/mark.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("approvals/mark.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {},
    "STYLES": [lambda _request: static("approvals/console.css")],
    "SCRIPTS": [
        lambda _request: static("approvals/console.js"),
        lambda _request: static("approvals/palette.js"),
    ],
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "config.console.navigation.list_navigation",
    },
    "GLOBAL_CALLBACK": "config.console.header.get_header",
    "DASHBOARD_CALLBACK": "config.console.home.show_home",
    "LOGIN": {"form": "config.console.login.LoginForm", "redirect_after": reverse_lazy("admin:index")},
}
