"""Every path of the product, in one place."""

from django.contrib import admin
from django.urls import path

from config import probes

urlpatterns = [
    path("healthz", probes.healthz),
    path("readyz", probes.readyz),
    path("metrics", probes.metrics),
    path("admin/", admin.site.urls),
]
