"""Rendering: every reviewers' page inside the console's shell."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from approvals.views.access import Desk


def render_page(
    request: HttpRequest, desk: Desk, template: str, context: dict[str, Any], *, title: str, status: int = 200
) -> HttpResponse:
    """A page of the console. `desk.permissions` decide which buttons are drawn; the services, what happens."""
    shell = {**admin.site.each_context(request), "has_permission": True, "is_popup": False}
    values = {**shell, "desk": desk, "permissions": desk.permissions, "title": title, **context}
    response = render(request, f"approvals/{template}", values, status=status)
    response["Cache-Control"] = "no-store"  # a page kept by a shared browser would show what its person may not see
    return response
