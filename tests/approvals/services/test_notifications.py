"""Who is told what, how soon, by e-mail and webhook: once, at least once, and never a value (APR-13)."""

import base64
import hashlib
import hmac
import json
from datetime import time, timedelta
from email import message_from_bytes

import pytest
from django.core import mail
from guardian.models import UserObjectPermission

from approvals.adapters.mail_folder import mail_folder
from approvals.models import (
    Notification,
    NotificationChoice,
    NotificationHours,
    NotificationMail,
    WebhookDelivery,
    WebhookEndpoint,
)
from approvals.services.followers import follow_ledger
from approvals.services.notification_choices import ChoiceError, choose_notifications
from approvals.services.notification_mail import gather_mails, list_due_mails, retry_failed_mail, send_mail
from approvals.services.notifications import notify
from approvals.services.notifying import send_due
from approvals.services.stop import stop
from approvals.services.webhook_delivery import deliver, list_due_deliveries, retry_failed_delivery
from approvals.services.webhook_endpoints import (
    WebhookError,
    make_endpoint,
    renew_secret,
    send_test,
    switch_endpoint,
)
from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from governance.models import Membership
from governance.selectors.access import NotAllowedError
from tests.builders.api import make_site
from tests.builders.approvals import execute, make_approver, submit_pending, vote
from tests.builders.console import make_login
from tests.builders.governance import allow, make_user, make_workspace
from tests.builders.routing import make_colleague, stand_in
from tests.doubles.receivers import mail_receiver, web_receiver

pytestmark = pytest.mark.django_db(transaction=True)
SECRET_VALUE = "Umicore NV"
"""What the request of the builders would write: it must never leave."""


@pytest.fixture
def site():
    made = make_site()
    hear()
    return made


def hear():
    maintain_ledger(now=get_now())
    follow_ledger()


def make_due():
    past = get_now() - timedelta(seconds=1)
    Notification.objects.filter(send_at__isnull=False).update(send_at=past)
    NotificationMail.objects.filter(state="waiting").update(not_before=past)
    WebhookDelivery.objects.filter(state="waiting").update(not_before=past)


def news_of(person, kind=None):
    rows = Notification.objects.filter(person=person).order_by("id")
    return [row.kind for row in rows if kind in (None, row.kind)]


def wish(person, **timings):
    choose_notifications(
        person_id=person.pk,
        timings=timings,
        zone="UTC",
        digest_at=time(8),
        quiet_from=time(0),
        quiet_until=time(0),
    )


def hook_for(site, url, settings, *, style="events", kinds=("request_pending", "request_decided"), agent=None):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    user = make_login(site.world.workspace, "manage_agents", name=f"Manager {WebhookEndpoint.objects.count()}")
    return make_endpoint(
        workspace_id=site.world.workspace.pk,
        name=f"hook {WebhookEndpoint.objects.count()}",
        url=url,
        style=style,
        kinds=kinds,
        agent_id=agent.pk if agent else None,
        user_id=user.pk,
        now=get_now(),
    )


def test_who_may_decide_hears_of_it_once_and_nobody_else(site):
    second, _ = make_approver(site, "Bo Second")
    tina, _ = make_colleague(site)
    stand_in(site, tina)
    Membership.objects.create(group=site.world.group, person=site.world.owner)
    submit_pending(site)
    hear()
    hear()
    for person in (site.world.approver, second, tina):
        assert news_of(person) == ["request_pending"]
    assert news_of(site.world.owner) == []


def test_the_owner_hears_who_decided_and_why_but_not_in_which_words(site):
    """The requester is told; what a reviewer wrote may hold anything, so it stays on the page."""
    first, second = submit_pending(site), submit_pending(site)
    vote(site, first, verdict="deny", reason=f"The value is wrong: it is {SECRET_VALUE}")
    vote(site, second, verdict="deny", reason=f"look at {SECRET_VALUE}")
    hear()
    facts = [dict(row.facts) for row in Notification.objects.filter(person=site.world.owner).order_by("id")]
    assert [item["Decided by"] for item in facts] == ["Rosa Revops", "Rosa Revops"]
    assert [item["Why"] for item in facts] == ["The value is wrong", "in the reviewer's own words, on the page"]


def test_no_value_of_a_field_is_in_anything_that_leaves(site, settings):
    with web_receiver() as hook:
        for style in ("messages", "events"):
            hook_for(
                site, hook.url, settings, style=style, kinds=("request_pending", "request_decided", "request_executed")
            )
        wish(site.world.owner, request_executed="at_once", request_decided="at_once")
        request = submit_pending(site)
        hear()
        make_due()
        send_due(seconds=30)
        vote(site, request)
        execute(request.pk)
        hear()
        make_due()
        send_due(seconds=30)
        assert len(hook.got) == 6
        for _, body in hook.got:
            assert SECRET_VALUE.encode() not in body
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        assert SECRET_VALUE not in message.message().as_string()
        assert str(request.pk) in message.body
        assert request.correlation_id in message.body


def test_fifty_that_wait_are_one_mail(site):
    for _ in range(50):
        submit_pending(site)
    hear()
    make_due()
    send_due(seconds=60)
    assert [message.subject for message in mail.outbox] == ["Countersign: 50 pieces of news"]
    assert mail.outbox[0].to == [site.world.approver.email]


def test_what_was_decided_meanwhile_is_stale_and_not_sent(site):
    decided, open_ = submit_pending(site), submit_pending(site)
    hear()
    vote(site, decided)
    make_due()
    gather_mails()
    vote(site, open_)
    for mail_id in list_due_mails():
        assert send_mail(mail_id=mail_id) == "stale"
    assert mail.outbox == []
    assert Notification.objects.filter(person=site.world.approver, is_stale=True).count() == 2


def test_a_person_chooses_and_the_floor_holds(site):
    wish(site.world.approver, request_pending="off")
    submit_pending(site)
    hear()
    assert Notification.objects.get(person=site.world.approver).send_at is None
    with pytest.raises(ChoiceError):
        wish(site.world.approver, break_glass="off")
    with pytest.raises(ChoiceError):
        wish(site.world.approver, nonsense="off")
    assert NotificationChoice.objects.count() == 1


def test_a_switch_is_loud_even_where_somebody_wrote_otherwise_into_the_table(site):
    lifter = make_login(site.world.workspace, "lift_switches", name="Lena Lifter")
    stopper = make_login(site.world.workspace, "engage_switches", name="Stan Stopper")
    NotificationChoice.objects.create(person=lifter.person, kind="switch_engaged", timing="off")
    NotificationHours.objects.create(person=lifter.person, quiet_from=time(0), quiet_until=time(23, 59))
    stop(
        workspace_id=site.world.workspace.pk,
        kind="all",
        agent_id=None,
        reason="x",
        actor=Actor("human", str(stopper.person_id)),
        user_id=stopper.pk,
        now=get_now(),
    )
    hear()
    row = Notification.objects.get(person=lifter.person)
    assert (row.kind, row.send_at - row.created_at < timedelta(minutes=1)) == ("switch_engaged", True)
    assert news_of(stopper.person) == []


def test_what_another_part_says_is_heard_once(site):
    """The service that others call."""
    for _ in range(2):
        notify(
            workspace_id=site.world.workspace.pk,
            kind="exception_sla",
            key="case-1",
            title="An exception is late",
            path="/exceptions/1/",
            person_ids=[site.world.owner.pk],
            now=get_now(),
        )
    assert news_of(site.world.owner) == ["exception_sla"]


def test_two_senders_send_one_mail(site):
    submit_pending(site)
    hear()
    make_due()
    gather_mails()
    assert gather_mails() == 0
    (mail_id,) = list_due_mails()
    assert (send_mail(mail_id=mail_id), send_mail(mail_id=mail_id)) == ("sent", "")
    assert len(mail.outbox) == 1


def test_a_sender_that_died_is_taken_over_with_the_same_message_id(site):
    submit_pending(site)
    hear()
    make_due()
    gather_mails()
    (mail_id,) = list_due_mails()
    later = get_now() + timedelta(minutes=1)
    NotificationMail.objects.update(state="sending", leased_until=later, attempts_count=1)
    assert send_mail(mail_id=mail_id) == ""
    NotificationMail.objects.update(leased_until=get_now() - timedelta(seconds=1))
    assert send_mail(mail_id=mail_id) == "sent"
    assert mail.outbox[0].extra_headers["Message-ID"].startswith(f"<{mail_id}@")


def test_a_real_mail_server_gets_it_and_one_that_refuses_is_tried_again(site, settings):
    submit_pending(site)
    hear()
    make_due()
    with mail_receiver() as post:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.port
        post.is_refusing = True
        send_due(seconds=10)
        row = NotificationMail.objects.get()
        assert (row.state, row.attempts_count, row.error) == ("waiting", 1, "SMTPRecipientsRefused")
        assert row.not_before > get_now()
        post.is_refusing = False
        make_due()
        send_due(seconds=10)
        ((recipient, raw),) = post.got
    assert recipient == site.world.approver.email
    message = message_from_bytes(raw)
    assert message["Idempotency-Key"] == str(row.pk)
    assert "agent.enrichment asks to update companies" in message.get_payload()
    assert NotificationMail.objects.get().state == "sent"


def test_a_mail_server_that_is_gone_fails_in_the_end_and_is_seen_and_sent_again_by_hand(site, settings):
    submit_pending(site)
    hear()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for _ in range(8):
        make_due()
        send_due(seconds=10)
    row = NotificationMail.objects.get()
    assert (row.state, row.attempts_count) == ("failed", 8)
    assert list_due_mails() == []
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    kim = Actor("human", "kim")
    assert retry_failed_mail(mail_id=row.pk, actor=kim, now=get_now())
    assert not retry_failed_mail(mail_id=row.pk, actor=kim, now=get_now())
    event = LedgerEvent.objects.get(type="notification.resent")
    assert (event.actor_id, event.subject_id, event.workspace) == ("kim", str(row.pk), site.world.workspace.slug)
    send_due(seconds=10)
    assert len(mail.outbox) == 1


def test_without_a_mail_server_each_mail_is_one_file(site, settings, tmp_path):
    submit_pending(site)
    hear()
    make_due()
    settings.EMAIL_BACKEND = "approvals.adapters.mail_folder.FolderBackend"
    settings.DATA_DIR = tmp_path
    send_due(seconds=10)
    NotificationMail.objects.update(state="sending", leased_until=get_now() - timedelta(seconds=1))
    send_due(seconds=10)
    (file,) = mail_folder("new").iterdir()
    assert b"Countersign: agent.enrichment asks to update companies" in file.read_bytes()


def test_the_receiver_can_check_the_signature(site, settings):
    """Standard Webhooks: HMAC-SHA256 over id, timestamp and body, by the secret that was shown once."""
    with web_receiver() as hook:
        issued = hook_for(site, hook.url, settings)
        submit_pending(site)
        hear()
        send_due(seconds=10)
        ((headers, body),) = hook.got
    key = base64.b64decode(issued.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(body)["type"] == "request_pending"
    assert issued.secret not in WebhookEndpoint.objects.get().sealed_secret
    row = WebhookDelivery.objects.get()
    assert (row.state, row.log[0]["what"], headers["idempotency-key"]) == ("delivered", "answered 200", str(row.pk))


def test_slack_and_its_likes_get_text_and_blocks(site, settings):
    with web_receiver() as hook:
        hook_for(site, hook.url, settings, style="messages")
        request = submit_pending(site)
        hear()
        send_due(seconds=10)
        payload = json.loads(hook.got[0][1])
    assert set(payload) == {"text", "blocks"}
    assert payload["blocks"][-1]["elements"][0]["url"].endswith(f"/review/{request.pk}/")


def test_a_receiver_that_fails_is_tried_again_with_the_same_id_and_gives_up_in_the_end(site, settings):
    with web_receiver() as hook:
        hook_for(site, hook.url, settings)
        submit_pending(site)
        hear()
        hook.answers = [500, 302, 429]
        for _ in range(4):
            make_due()
            send_due(seconds=10)
        assert len({headers["webhook-id"] for headers, _ in hook.got}) == 1
        row = WebhookDelivery.objects.get()
        assert [line["what"] for line in row.log] == ["answered 500", "answered 302", "answered 429", "answered 200"]
        assert row.state == "delivered"

        submit_pending(site)
        hear()
        hook.answers = [500] * 8
        for _ in range(9):
            make_due()
            send_due(seconds=10)
        row = WebhookDelivery.objects.order_by("id").last()
        assert (row.state, row.attempts_count) == ("failed", 8)
        kim = Actor("human", "kim")
        assert retry_failed_delivery(delivery_id=row.pk, actor=kim, now=get_now())
        assert not retry_failed_delivery(delivery_id=row.pk, actor=kim, now=get_now())
        event = LedgerEvent.objects.get(type="webhook.resent")
        assert (event.actor_id, event.subject_id) == ("kim", str(row.pk))
        assert deliver(delivery_id=row.pk) == "delivered"


def test_gone_is_gone(site, settings):
    with web_receiver() as hook:
        hook_for(site, hook.url, settings)
        submit_pending(site)
        hear()
        hook.answers = [410]
        send_due(seconds=10)
    assert WebhookDelivery.objects.get().state == "failed"


def test_a_delivery_whose_sender_died_is_taken_over(site, settings):
    with web_receiver() as hook:
        hook_for(site, hook.url, settings)
        submit_pending(site)
        hear()
        later = get_now() + timedelta(minutes=1)
        WebhookDelivery.objects.update(state="sending", leased_until=later, attempts_count=1)
        assert list_due_deliveries() == []
        WebhookDelivery.objects.update(leased_until=get_now() - timedelta(seconds=1))
        send_due(seconds=10)
        assert len(hook.got) == 1


def test_an_agents_own_endpoint_hears_of_its_requests_alone_and_its_owner_makes_it(site, settings):
    owner_user = make_user(site.world.owner)
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    with web_receiver() as hook:
        wanted = {
            "workspace_id": site.world.workspace.pk,
            "name": "mine",
            "url": hook.url,
            "style": "events",
            "kinds": ["request_decided"],
            "now": get_now(),
        }
        with pytest.raises(NotAllowedError):
            make_endpoint(**wanted, agent_id=None, user_id=owner_user.pk)
        make_endpoint(**wanted, agent_id=site.world.agent.pk, user_id=owner_user.pk)
        request = submit_pending(site)
        vote(site, request, verdict="deny", reason="The value is wrong")
        hear()
        send_due(seconds=10)
        data = json.loads(hook.got[0][1])["data"]
    assert (data["request"], data["status"], data["event"]) == (str(request.pk), "denied", "request.denied")


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://example.com/"},
        {"url": "https://user:x@example.com/"},
        {"kinds": []},
        {"kinds": ["nonsense"]},
        {"style": "carrier pigeon"},
        {"name": " "},
        {"name": "a\nb"},
    ],
)
def test_what_is_no_sound_endpoint_is_refused(site, changes):
    user = make_login(site.world.workspace, "manage_agents", name="Mona Manager")
    wanted = {"name": "x", "url": "https://example.com/", "style": "events", "kinds": ["request_pending"], **changes}
    with pytest.raises(WebhookError):
        make_endpoint(**wanted, workspace_id=site.world.workspace.pk, agent_id=None, user_id=user.pk, now=get_now())
    assert not WebhookEndpoint.objects.exists()


def test_only_who_manages_agents_here_makes_and_changes_endpoints(site, settings):
    """IDN-07: wrong role, wrong workspace."""
    issued = hook_for(site, "https://example.com/", settings)
    outsider = make_login(make_workspace("other"), "manage_agents", name="Else Where")
    reviewer = make_user(make_colleague(site)[0], username="too@example.com")
    allow(reviewer, site.world.workspace, "review_requests")
    for user in (outsider, reviewer):
        for deed in (renew_secret, send_test):
            with pytest.raises(NotAllowedError):
                deed(endpoint_id=issued.endpoint_id, user_id=user.pk, now=get_now())
        with pytest.raises(NotAllowedError):
            switch_endpoint(endpoint_id=issued.endpoint_id, is_active=False, user_id=user.pk, now=get_now())
    assert LedgerEvent.objects.filter(type="config.changed").count() == 1


def test_switched_off_it_gets_nothing_more(site, settings):
    with web_receiver() as hook:
        issued = hook_for(site, hook.url, settings)
        submit_pending(site)
        hear()
        manager = make_login(site.world.workspace, "manage_agents", name="Mo Other")
        switch_endpoint(endpoint_id=issued.endpoint_id, is_active=False, user_id=manager.pk, now=get_now())
        send_due(seconds=10)
        submit_pending(site)
        hear()
        assert hook.got == []
    assert list(WebhookDelivery.objects.values_list("state", flat=True)) == ["dropped"]


def test_a_new_secret_signs_from_now_on(site, settings):
    with web_receiver() as hook:
        issued = hook_for(site, hook.url, settings)
        manager = make_login(site.world.workspace, "manage_agents", name="Mo Other")
        fresh = renew_secret(endpoint_id=issued.endpoint_id, user_id=manager.pk, now=get_now())
        send_test(endpoint_id=issued.endpoint_id, user_id=manager.pk, now=get_now())
        send_due(seconds=10)
        assert fresh.secret != issued.secret
        assert json.loads(hook.got[0][1])["data"]["test"] == "true"


@pytest.mark.parametrize("is_gathered", [False, True])
def test_who_may_no_longer_review_is_not_sent_what_waited_for_them(site, is_gathered):
    """IDN-07: news lies for up to a day before it is sent; the right may be gone by then."""
    submit_pending(site)
    hear()
    make_due()
    if is_gathered:
        gather_mails()
        make_due()
    UserObjectPermission.objects.filter(user=site.world.approver_user, permission__codename="review_requests").delete()
    send_due(seconds=5)
    assert mail.outbox == []
    assert Notification.objects.get(person=site.world.approver).is_stale
