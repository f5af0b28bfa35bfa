"""The sidebar: grouped by job, short enough to read, and only what the person may open (IDN-07)."""

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.test import RequestFactory
from guardian.shortcuts import assign_perm, remove_perm

from config.console.navigation import Entry, Group, list_navigation
from config.console.sidebar import draw_group, draw_plainly
from governance.domain.roles import ROLE_PERMISSIONS, Role
from tests.builders.console import make_login
from tests.builders.governance import make_agent, make_workspace

pytestmark = pytest.mark.django_db

MOST = 10
"""Entries under one heading: more is a list to search, not one to read."""


def groups_of(user, path="/review/"):
    request = RequestFactory().get(path)
    request.user = user
    return list_navigation(request)


def navigation(user, path="/review/"):
    return {group.title: group.entries for group in groups_of(user, path)}


def login_of(role, *, is_staff=True):
    user = make_login(make_workspace("acme"), *ROLE_PERMISSIONS[role])
    user.is_staff = is_staff
    user.save()
    return user


def titles(items):
    return [item.title for item in items]


def test_no_heading_holds_more_than_one_reads():
    groups = navigation(login_of(Role.REVOPS_ADMIN))
    assert list(groups)[:4] == ["", "Review", "Oversight", "Yours"]
    assert {title: len(items) for title, items in groups.items() if len(items) > MOST} == {}


def test_a_manager_sees_the_work_and_not_the_access_reviews():
    groups = navigation(login_of(Role.SALES_MANAGER))
    assert titles(groups["Review"])[:2] == ["Inbox", "Leaving soon"]
    seen = ["Exceptions", "Incidents", "Drift", "Stops", "Bulk reverts", "Quality", "Reports", "Rollback drills"]
    assert titles(groups["Oversight"]) == [*seen, "Dumb failures"]


def test_a_rep_sees_what_is_theirs():
    groups = navigation(login_of(Role.REP, is_staff=False))
    assert {title: titles(items) for title, items in groups.items()} == {
        "Yours": ["Your records", "Notifications", "What agents may do", "Governance document"]
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
        entry.title
        for group in groups_of(login_of(Role.SALES_MANAGER), path)
        for entry in group.entries
        if entry.link == group.here
    ]
    assert marked == ([title] if title else [])


class TestRightsThatChange:
    """What is kept is kept by the rights themselves: a page never shows the sidebar of yesterday's (IDN-07)."""

    def titles(self, user):
        fresh = type(user).objects.get(pk=user.pk)
        return {entry.title for entries in navigation(fresh).values() for entry in entries}

    def test_a_right_that_is_taken_away_is_gone_from_the_next_page(self):
        workspace = make_workspace("acme")
        user = make_login(workspace, "view_requests", "view_reports")
        assert "Reports" in self.titles(user)
        remove_perm("governance.view_reports", user, workspace)
        assert "Reports" not in self.titles(user)
        assign_perm("governance.view_reports", user, workspace)
        assert "Reports" in self.titles(user)

    def test_a_right_for_one_agent_is_none_for_the_workspace(self):
        workspace = make_workspace("acme")
        user, agent = make_login(workspace), make_agent(workspace)
        assert "Inbox" not in self.titles(user)
        assign_perm("governance.view_requests", user, agent)
        assert "Inbox" in self.titles(user)
        assert "Access reviews" not in self.titles(user)

    def test_a_right_on_a_whole_model_counts(self):
        user = make_login(make_workspace("acme"))
        assert "Votes" not in self.titles(user)
        user.user_permissions.add(Permission.objects.get(codename="view_vote"))
        assert "Votes" in self.titles(user)

    def test_a_login_that_is_no_longer_staff_or_active_sees_the_rest(self):
        user = make_login(make_workspace("acme"), "view_requests")
        assert {"Home", "Inbox"} <= self.titles(user)
        type(user).objects.filter(pk=user.pk).update(is_staff=False)
        assert "Home" not in self.titles(user)
        type(user).objects.filter(pk=user.pk).update(is_active=False)
        assert self.titles(user) == set()

    @pytest.mark.parametrize("role", [Role.REVOPS_ADMIN, Role.SALES_MANAGER, Role.AUDITOR])
    def test_it_hangs_on_nothing_but_rights(self, role, monkeypatch):
        """Two people with the same rights in different workspaces see the same, worked out for each or kept."""
        one = login_of(role)
        other = make_login(make_workspace("other"), *ROLE_PERMISSIONS[role], name="Another")
        kept = groups_of(one), groups_of(other)
        monkeypatch.setattr("config.console.navigation._kept", {})
        assert (groups_of(other), groups_of(one)) == kept
        assert kept[0] == kept[1]


def test_a_group_is_drawn_with_its_current_entry_and_folds_where_it_may():
    entries = (Entry("Votes <b>", "tag", "/votes/"), Entry("Attempts", "tag", "/attempts/"))
    drawn = draw_group(Group("More", entries, is_foldable=True, here="/votes/"))
    assert "Votes &lt;b&gt;" in drawn
    assert "navigationOpen: true" in drawn
    assert drawn.count(" active") == 1
    assert "navigationOpen" not in draw_group(Group("Review", entries))
    assert draw_plainly(entries) == '<a href="/votes/">Votes &lt;b&gt;</a> <a href="/attempts/">Attempts</a> '
