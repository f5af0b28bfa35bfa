"""The ledger screen: to read, to search, never to change (AUD-03, AUD-04)."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.admin.paginator import CappedPaginator
from audit.domain.event import Actor, Subject
from audit.models import LedgerEvent
from tests.builders.audit import append, execute, fill_ledger, new_event, owner_rights

LIST = "/admin/audit/ledgerevent/"
EVIL = "<script>alert(1)</script>{{ 7|add:7 }}\u202e"


def page(event_id):
    return f"{LIST}{event_id}/change/"


@pytest.fixture
def auditor(client, db):
    user = get_user_model().objects.create_user("auditor", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_ledgerevent"))
    client.force_login(user)
    return client


@pytest.fixture
def root(client, db):
    client.force_login(get_user_model().objects.create_superuser("root", password="x"))
    return client


@pytest.fixture
def stranger(client, db):
    client.force_login(get_user_model().objects.create_user("staff", password="x", is_staff=True))
    return client


def test_an_auditor_reads_an_event_and_its_proof(auditor):
    (event_id,) = append(new_event(data={"note": "hello"}))
    assert "not under a signed checkpoint yet" in auditor.get(page(event_id)).content.decode()
    fill_ledger(2)
    html = auditor.get(page(event_id)).content.decode()
    assert "proven: leaf 0 of the signed tree of 3" in html
    assert "&quot;note&quot;: &quot;hello&quot;" in html
    assert "NOT PROVEN" not in html


def test_staff_without_the_permission_see_nothing(stranger):
    (event_id,) = append(new_event())
    assert stranger.get(LIST).status_code == 403
    assert stranger.get(page(event_id)).status_code == 403


def test_nobody_is_sent_away_to_log_in(client, db):
    assert client.get(LIST).status_code == 302


@pytest.mark.parametrize("path", ["add/", "{}/delete/"])
def test_not_even_a_superuser_can_add_or_delete(root, path):
    (event_id,) = append(new_event())
    assert root.get(LIST + path.format(event_id)).status_code == 403
    assert root.post(LIST + path.format(event_id), {"post": "yes"}).status_code == 403
    assert LedgerEvent.objects.count() == 1


def test_not_even_a_superuser_can_change(root):
    (event_id,) = append(new_event())
    assert root.post(page(event_id), {"type": "forged"}).status_code == 403
    assert 'name="_save"' not in root.get(page(event_id)).content.decode()
    bulk = {"action": "delete_selected", "_selected_action": [str(event_id)], "post": "yes"}
    root.post(LIST, bulk)
    assert LedgerEvent.objects.get().type == "request.received"


def test_hostile_text_is_inert_on_both_pages(auditor):
    hostile = {
        "actor": Actor("agent", EVIL),
        "subject": Subject("request", EVIL),
        "correlation_id": EVIL,
        "workspace": EVIL,
        "data": {EVIL: EVIL},
    }
    (event_id,) = append(new_event(**hostile))
    for path in (LIST, page(event_id)):
        html = auditor.get(path).content.decode()
        assert "<script>alert(1)" not in html
        assert "&lt;script&gt;alert(1)" in html
    assert "\\u202e" in auditor.get(page(event_id)).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "actor_id=agent.other",
        "subject_id=42",
        "correlation_id=corr-42",
        "type=ledger.values_erased",
        "q=corr-42",
        "q=42",
        "q=agent.other",
    ],
)
def test_filters_and_search_find_the_one_event(auditor, query):
    append(new_event(correlation_id="corr-1"))
    append(
        new_event(
            type="ledger.values_erased",
            actor=Actor("agent", "agent.other"),
            subject=Subject("request", "42"),
            correlation_id="corr-42",
        )
    )
    html = auditor.get(f"{LIST}?{query}").content.decode()
    assert html.count("corr-42</") >= 1
    assert "corr-1<" not in html


def test_a_list_of_any_length_is_counted_to_a_bound_and_leaves_bodies_alone(auditor, monkeypatch):
    monkeypatch.setattr("audit.admin.paginator.MAX_ROWS", 60)
    append(*[new_event() for _ in range(130)])
    assert CappedPaginator(LedgerEvent.objects.order_by("-id"), 50).count == 60
    with CaptureQueriesContext(connection) as queries:
        assert auditor.get(LIST).status_code == 200
    asked = [query["sql"] or "" for query in queries]  # what libpq prepared by itself is told without its text
    ledger = [sql for sql in asked if "audit_ledgerevent" in sql]
    assert not [sql for sql in ledger if "COUNT(" in sql.upper() and "LIMIT" not in sql.upper()]
    assert not [sql for sql in ledger if '"body"' in sql]


@pytest.mark.django_db(transaction=True)
def test_a_tampered_event_is_shown_as_unproven(client):
    (event_id, *_) = fill_ledger(3)
    with owner_rights():
        execute("UPDATE audit_ledgerevent SET body = %s", b'{"forged": true}')
    client.force_login(get_user_model().objects.create_superuser("root", password="x"))
    assert "NOT PROVEN" in client.get(page(event_id)).content.decode()
