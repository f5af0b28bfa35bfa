"""The browser's security policy: strict everywhere, relaxed for unfold's own scripts under /admin/ alone."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
import unfold
from django.test import Client
from django.urls import reverse

from config.console.site import ADMIN_POLICY
from tests.builders.api import make_site
from tests.builders.console import find_acting_nodes, log_in
from tests.builders.governance import allow

pytestmark = pytest.mark.django_db


def policy_of(answer):
    parts = (part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    return {part[0]: part[1] if len(part) > 1 else "" for part in parts}


@pytest.mark.parametrize("address", ["/admin/governance/agent/", "/admin/governance/fieldownership/"])
def test_the_admin_may_evaluate_its_own_expressions_and_nothing_inline(address):
    world = make_site().world
    allow(world.approver_user, world.workspace, "edit_policy")
    policy = policy_of(log_in(world.approver_user).get(address))
    assert policy["script-src"] == "'self' 'unsafe-eval'"
    assert "'unsafe-inline'" not in policy["style-src"]
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == "'none'"


@pytest.mark.parametrize("address", ["/", "/admin/", "/admin/login/", "/no-such-page/"])
def test_every_other_page_is_strict(address):
    policy = policy_of(Client().get(address))
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"


@pytest.mark.parametrize("address", ["/healthz", "/api/v1/me/", "/api/no-such-path"])
def test_json_renders_nothing(address):
    assert policy_of(Client().get(address)) == {"default-src": "'none'", "frame-ancestors": "'none'"}


def test_the_one_inline_style_that_is_allowed_is_the_one_that_unfold_has():
    """A new version of unfold with another style fails here, not in somebody's browser."""
    template = (Path(unfold.__file__).parent / "templates/admin/change_list.html").read_text("utf-8")
    (style,) = re.findall(r"<style>(.*?)</style>", template, re.DOTALL)
    wanted = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{wanted}'" in ADMIN_POLICY["style-src"]


def test_the_home_page_has_nothing_inline():
    answer = log_in(make_site().world.approver_user).get(reverse("admin:index"))
    assert find_acting_nodes(answer.content) == []
