"""Django's admin as shipped, over the same rows: stock site, stock screens, stock templates. The reference."""

from pathlib import Path

import django.contrib.admin
from django.contrib.admin import AdminSite, ModelAdmin
from django.template.backends.django import DjangoTemplates
from django.urls import include, path

from approvals.models import AgentActionRequest, ExceptionCase

_STOCK = DjangoTemplates(
    {
        "NAME": "stock",
        "DIRS": [Path(django.contrib.admin.__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
)


class StockRequests(ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """The columns, filters and order of ours; the rest is Django's default."""

    list_display = ("id", "status", "status_code", "action", "object_type", "record_id", "agent", "created_at")
    list_filter = ("status", "action", "risk_tier", "agent")
    list_select_related = ("agent",)
    ordering = ("-id",)
    change_list_template = _STOCK.get_template("admin/change_list.html")


class StockCases(ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """As above."""

    list_display = ("kind", "code", "field", "agent", "count", "state", "outcome", "owner", "opened_at")
    list_filter = ("kind", "state", "outcome")
    list_select_related = ("agent", "owner")
    ordering = ("-id",)
    change_list_template = _STOCK.get_template("admin/change_list.html")


site = AdminSite(name="stock")
site.register(AgentActionRequest, StockRequests)
site.register(ExceptionCase, StockCases)

urlpatterns = [path("stock/", site.urls), path("", include("config.urls"))]
