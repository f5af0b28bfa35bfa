"""Every path of the product, in one place."""

from django.contrib import admin
from django.urls import path
from oauth2_provider.views import TokenView

from config import probes

urlpatterns = [
    path("healthz", probes.healthz),
    path("readyz", probes.readyz),
    path("metrics", probes.metrics),
    path("oauth/token/", TokenView.as_view(), name="oauth-token"),
    path("admin/", admin.site.urls),
]
