"""One's own news and wishes on one's own page, and what RevOps sees of deliveries (APR-13, IDN-07)."""

import pytest
from django.test import Client
from django.urls import reverse

from approvals.models import (
    Notification,
    NotificationChoice,
    NotificationHours,
    NotificationMail,
    WebhookDelivery,
    WebhookEndpoint,
)
from approvals.services.notifications import notify
from audit.selectors.clock import get_now
from tests.builders.api import make_site
from tests.builders.approvals import submit_pending
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.crm_connectors import make_record
from tests.builders.governance import make_workspace

pytestmark = pytest.mark.django_db
PAGE, CHOOSE = reverse("approvals:notifications"), reverse("approvals:choose_notifications")
HOSTILE = "<script>alert(1)</script>\u202eevil"
HOURS = {"zone": "Europe/Brussels", "digest_at": "07:30", "quiet_from": "20:00", "quiet_until": "07:00"}


@pytest.fixture
def site():
    return make_site()


def tell(site, person, key="k", title="Something waits"):
    notify(
        workspace_id=site.world.workspace.pk,
        kind="request_pending",
        key=key,
        title=title,
        path="/review/",
        person_ids=[person.pk],
        facts=[("Asked by", HOSTILE)],
        now=get_now(),
    )


def add_endpoint(site, user, **changes):
    form = {
        "workspace": str(site.world.workspace.pk),
        "name": "ops",
        "url": "https://hooks.example.com/services/T000/secret",
        "style": "messages",
        "kinds": ["request_pending"],
        **changes,
    }
    return log_in(user).post(reverse("admin:approvals_webhookendpoint_add_endpoint"), form)


def test_everybody_sees_their_own_and_nobody_elses(site):
    other = make_login(site.world.workspace, "view_own_requests", name="Rep Only")
    tell(site, site.world.approver, title=HOSTILE)
    page = log_in(site.world.approver_user).get(PAGE)
    assert "⟦U+202E⟧" in text_of(page)
    assert not find_acting_nodes(page.content)
    assert "Nothing yet" in text_of(log_in(other).get(PAGE))
    assert log_in(make_login(None, name="No Body")).get(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302


def test_more_news_cost_no_more_queries(site, django_assert_max_num_queries):
    client = log_in(site.world.approver_user)
    tell(site, site.world.approver)
    client.get(PAGE)
    with django_assert_max_num_queries(8) as few:
        client.get(PAGE)
    for number in range(70):
        tell(site, site.world.approver, key=str(number))
    with django_assert_max_num_queries(len(few)):
        page = client.get(PAGE)
    assert "Earlier ones" in text_of(page)
    assert client.get(PAGE, {"after": "nonsense"}).status_code == 404


def test_the_page_names_the_record_that_no_message_names(site, django_assert_max_num_queries):
    """Who may see requests reads which record it is about, however many there are; the others read what the e-mail
    says."""
    client, rep = log_in(site.world.approver_user), make_login(site.world.workspace, "view_own_requests", name="Rep")
    for number in range(3):
        company = make_record(site.connection_id, "companies", name=f"Company {number}")
        row = submit_pending(site, target={"object": "companies", "id": company}, changes={"name": f"C {number}"})
        for person in (site.world.approver, rep.person):
            tell(site, person, key=str(number))
        Notification.objects.filter(key=str(number)).update(request_id_seen=row.pk)
    client.get(PAGE)
    with django_assert_max_num_queries(10):
        page = text_of(client.get(PAGE))
    assert all(f"· Company {number}</bdi>" in page for number in range(3))
    assert "· Company" not in text_of(log_in(rep).get(PAGE))


def test_a_person_saves_their_wishes(site):
    client = log_in(site.world.approver_user)
    page = client.post(CHOOSE, {**HOURS, "request_pending": "hourly", "break_glass": "at_once"}, follow=True)
    assert "Saved." in text_of(page)
    row = NotificationHours.objects.get()
    assert (row.person, row.zone, row.quiet_from.hour) == (site.world.approver, "Europe/Brussels", 20)
    assert NotificationChoice.objects.get(kind="request_pending").timing == "hourly"


@pytest.mark.parametrize(
    "changes",
    [
        {"break_glass": "off"},
        {"zone": "../../etc/passwd"},
        {"digest_at": "late"},
        {"quiet_from": ""},
        {"request_pending": "x"},
    ],
)
def test_what_cannot_be_chosen_is_said_and_saves_nothing(site, changes):
    page = log_in(site.world.approver_user).post(CHOOSE, {**HOURS, **changes}, follow=True)
    assert "Nothing was saved" in text_of(page)
    assert not NotificationHours.objects.exists()


def test_whoever_manages_agents_adds_an_endpoint_and_sees_the_secret_once(site):
    user = make_login(site.world.workspace, "manage_agents", name="Mona Manager")
    page = text_of(add_endpoint(site, user))
    assert "whsec_" in page
    listing = text_of(log_in(user).get(reverse("admin:approvals_webhookendpoint_changelist")))
    assert "hooks.example.com" in listing
    assert "secret" not in listing.replace("New secret", "").replace("secret/do", "")
    assert "whsec_" not in listing
    deed = reverse("admin:approvals_webhook_deed", args=[WebhookEndpoint.objects.get().pk, "test"])
    assert log_in(user).get(deed).status_code == 200
    log_in(user).post(deed)
    assert WebhookDelivery.objects.get().kind == "test"


def test_an_endpoint_inside_is_refused_in_words(site):
    user = make_login(site.world.workspace, "manage_agents", name="Mona Manager")
    assert "must begin with https" in text_of(add_endpoint(site, user, url="http://localhost/"))
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize(
    ("permission", "elsewhere", "seen"),
    [
        ("view_ledger", False, 200),
        ("view_requests", False, 403),
        ("edit_policy", False, 403),
        ("manage_agents", True, 200),
    ],
)
def test_who_sees_endpoints_and_deliveries(site, permission, elsewhere, seen):
    """IDN-07: the auditor looks, others are refused, another workspace finds an empty list and no deed."""
    add_endpoint(site, make_login(site.world.workspace, "manage_agents", name="Mona Manager"))
    endpoint = WebhookEndpoint.objects.get()
    place = make_workspace("other") if elsewhere else site.world.workspace
    client = log_in(make_login(place, permission, name="Somebody Else"))
    for model in ("webhookendpoint", "webhookdelivery"):
        answer = client.get(reverse(f"admin:approvals_{model}_changelist"))
        assert answer.status_code == seen
        assert elsewhere is False or "hooks.example.com" not in text_of(answer)
    for deed in ("test", "secret", "switch"):
        assert client.post(reverse("admin:approvals_webhook_deed", args=[endpoint.pk, deed])).status_code == 403
    assert not WebhookDelivery.objects.exists()


def test_what_failed_stands_on_the_home_page_and_is_sent_again(site):
    user = make_login(site.world.workspace, "manage_agents", "view_requests", name="Mona Manager")
    tell(site, site.world.approver)
    now = get_now()
    mail = NotificationMail.objects.create(
        person=site.world.approver, state="failed", not_before=now, created_at=now, ended_at=now
    )
    site.world.approver.notifications.update(mail=mail)
    client = log_in(user)
    assert "e-mail not delivered" in text_of(client.get(reverse("admin:index")))
    client.post(
        reverse("admin:approvals_notificationmail_changelist"),
        {"action": "send_again", "_selected_action": [str(mail.pk)]},
    )
    mail.refresh_from_db()
    assert mail.state == "waiting"
    auditor = log_in(make_login(site.world.workspace, "view_ledger", name="Ada Auditor"))
    assert "Rosa Revops" in text_of(auditor.get(reverse("admin:approvals_notificationmail_changelist")))
    other = log_in(make_login(make_workspace("other"), "manage_agents", name="Else Where"))
    assert "Rosa Revops" not in text_of(other.get(reverse("admin:approvals_notificationmail_changelist")))
