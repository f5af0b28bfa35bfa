"""The sidebar: grouped by job, short enough to read, and only what the person may open (IDN-07)."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from config.console.navigation import list_navigation
from governance.domain.roles import ROLE_PERMISSIONS, Role
from tests.builders.console import make_login
from tests.builders.governance import make_workspace

pytestmark = pytest.mark.django_db

MOST = 10
"""Entries under one heading: more is a list to search, not one to read."""


def navigation(user, path="/review/"):
    request = RequestFactory().get(path)
    request.user = user
    return {group["title"]: group["items"] for group in list_navigation(request)}


def login_of(role, *, is_staff=True):
    user = make_login(make_workspace("acme"), *ROLE_PERMISSIONS[role])
    user.is_staff = is_staff
    user.save()
    return user


def titles(items):
    return [item["title"] for item in items]


def test_no_heading_holds_more_than_one_reads():
    groups = navigation(login_of(Role.REVOPS_ADMIN))
    assert list(groups)[:4] == ["", "Review", "Oversight", "Yours"]
    assert {title: len(items) for title, items in groups.items() if len(items) > MOST} == {}


def test_a_manager_sees_the_work_and_not_the_access_reviews():
    groups = navigation(login_of(Role.SALES_MANAGER))
    assert titles(groups["Review"])[:2] == ["Inbox", "Leaving soon"]
    assert titles(groups["Oversight"]) == ["Exceptions", "Incidents", "Stops", "Quality", "Reports", "Dumb failures"]


def test_a_rep_sees_what_is_theirs():
    groups = navigation(login_of(Role.REP, is_staff=False))
    assert {title: titles(items) for title, items in groups.items()} == {
        "Yours": ["Your records", "Notifications", "What agents may do"]
    }


def test_what_has_no_place_of_its_own_keeps_the_capitals_of_its_name():
    assert "CRM fields" in titles(navigation(login_of(Role.REVOPS_ADMIN))["More"])


def test_nobody_sees_nothing():
    assert navigation(AnonymousUser()) == {}


@pytest.mark.parametrize(
    ("path", "title"),
    [("/review/", "Inbox"), ("/review/leaving/", "Leaving soon"), ("/review/on-hold/", "Inbox"), ("/x/", None)],
)
def test_one_entry_at_most_is_marked_as_the_current_one(path, title):
    marked = [
        item["title"]
        for items in navigation(login_of(Role.SALES_MANAGER), path).values()
        for item in items
        if item["active"]
    ]
    assert marked == ([title] if title else [])
