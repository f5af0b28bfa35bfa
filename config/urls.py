"""Every path of the product, in one place."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from approvals.api.missing import no_such_path
from config import probes
from config.token_view import TokenEndpoint
from crm_connectors.api.hubspot_hook import hubspot_hook

urlpatterns = [
    path("healthz", probes.healthz),
    path("readyz", probes.readyz),
    path("metrics", probes.metrics),
    path("oauth/token/", TokenEndpoint.as_view(), name="oauth-token"),
    path("api/v1/", include("approvals.api.urls")),
    path("hooks/hubspot/<uuid:connection_id>/", hubspot_hook, name="hubspot-hook"),
    re_path(r"^(?:api|mcp)(?:/|$)", no_such_path),
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="root"),
    path("", include("approvals.urls")),
]
