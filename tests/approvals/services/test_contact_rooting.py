"""The map of each day: made once, of every send, and told in the ledger (DNC-07)."""

from datetime import timedelta

import msgspec
import pytest
from django.db import IntegrityError, transaction

from approvals.models import ContactCertificate, ContactDay, ContactPart
from approvals.services.certificate_content import CertificateError
from approvals.services.contact_rooting import root_contacts
from audit.domain.event import Subject
from audit.domain.merkle import EMPTY_ROOT
from audit.models import LedgerEvent
from audit.services.export import export_ledger
from audit.services.maintain import maintain_ledger
from audit.verifier.noncontact import SENDING, read_export, recheck_maps
from governance.domain.action_class import SENDS
from governance.selectors import contact_keys
from governance.selectors.contact_keys import get_contact_key
from governance.selectors.dnc_secret import DncUnavailableError, forget_dnc_keys
from tests.builders.api import make_site
from tests.builders.approvals import submit, submit_executed
from tests.builders.audit import append, new_event
from tests.builders.contacts import after, certify, end_day, map_label, send_to, sent_late, today
from tests.builders.outward import email_to, make_contact, make_sending_site

pytestmark = pytest.mark.django_db(transaction=True)


def roots(workspace="acme"):
    events = LedgerEvent.objects.filter(type="contacts.rooted", workspace=workspace).order_by("id")
    return [msgspec.json.decode(bytes(event.body))["data"] for event in events]


def held_labels(day):
    parts = ContactPart.objects.filter(day__day=day).order_by("n")
    entries = b"".join(bytes(part.entries) for part in parts)
    return [entries[at : at + 32] for at in range(0, len(entries), 64)]


def test_everyone_whom_a_send_reached_is_in_its_days_map_and_nobody_else():
    """DNC-07: record and every known address of the person, and those in copy; not who was only written about."""
    site = make_sending_site()
    contact = make_contact(site, additional_emails="j@old.example")
    submit(site, **email_to(make_contact(site, email="never@acme.example")))
    send_to(site, contact, cc=["boss@acme.example"])
    submit_executed(site)
    assert end_day() == 1
    names = ("email:jane@acme.example", "email:j@old.example", "email:boss@acme.example", "phone:+12025550123")
    wanted = [map_label(site, name) for name in (*names, f"record:embedded/contacts/{contact}")]
    assert held_labels(today()) == sorted(wanted)
    [told] = roots()
    assert (told["day"], told["size"], told["sends"], told["late"]) == (today().isoformat(), 5, 1, {})
    assert "jane" not in str(roots()) + str(list(LedgerEvent.objects.filter(type="request.sent").values_list("body")))


def test_a_day_is_rooted_once_and_only_when_it_is_over():
    """DNC-07: exactly once, whoever sweeps; not before the day and a quarter of an hour are over."""
    make_sending_site()
    midnight = after() - timedelta(hours=1)
    for early in (midnight - timedelta(seconds=1), midnight + timedelta(minutes=14)):
        assert end_day(early) == 0
    assert end_day(midnight + timedelta(minutes=15)) == 1
    assert end_day() == 0
    row = ContactDay.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactDay.objects.create(
            workspace=row.workspace,
            day=row.day,
            root=row.root,
            size=0,
            heads=b"",
            until_leaf=0,
            event_id=row.event_id,
            rooted_at=row.rooted_at,
        )
    assert len(roots()) == 1


def test_a_day_without_sends_has_the_empty_root():
    """DNC-07: silence is said too; each day by itself, in order."""
    make_sending_site()
    assert end_day(after(3)) == 3
    assert [told["root"] for told in roots()] == [EMPTY_ROOT.hex()] * 3
    assert [told["day"] for told in roots()] == [(today() + timedelta(days=at)).isoformat() for at in range(3)]


def test_a_send_that_comes_late_is_told_in_the_next_map():
    """DNC-07: never lost: counted by its day, and in the map under its label."""
    site = make_sending_site()
    end_day()
    mine = map_label(site, "email:late@acme.example")
    sent_late(today(), mine)
    end_day(after(2))
    assert [told["late"] for told in roots()] == [{}, {today().isoformat(): 1}]
    assert held_labels(today()) == []
    assert held_labels(today() + timedelta(days=1)) == [mine]


def test_a_day_waits_for_what_has_no_leaf_yet():
    """DNC-07: while the sequencer is behind, no map says less than the ledger does."""
    site = make_sending_site()
    send_to(site, make_contact(site))
    assert root_contacts(now=after()) == 0
    maintain_ledger(now=after())
    assert root_contacts(now=after()) == 1


def sent_unlabelled(request, at):
    append(new_event(type="request.sent", subject=Subject("request", str(request.pk))), now=at)


def test_a_send_that_does_not_say_whom_it_reached_is_told_and_stops_no_map():
    """DNC-07: its day is named for ever, whenever it gets its leaf; the maps of other days are made as ever."""
    site = make_sending_site()
    request = send_to(site, make_contact(site))
    sent_unlabelled(request, after() - timedelta(hours=2))
    assert end_day() == 1
    sent_unlabelled(request, after() - timedelta(hours=2))
    assert end_day(after(3)) == 2
    day = today().isoformat()
    assert [told["unlabelled"] for told in roots()] == [{day: 1}, {day: 1}, {}]
    assert (roots()[0]["sends"], roots()[0]["size"] > 0) == (1, True)


def test_nothing_is_certified_about_a_day_with_a_send_that_does_not_say_whom_it_reached():
    """DNC-07: it may have been the person. The verifier reads it from the root, whatever the issuer's rows say."""
    site = make_sending_site()
    request = send_to(site, make_contact(site))
    end_day()
    row = certify(site, "never@acme.example")
    sent_unlabelled(request, after() - timedelta(hours=2))
    end_day(after(2))
    with pytest.raises(CertificateError) as refused:
        certify(site, "never@acme.example", now=after(2))
    assert (refused.value.code, ContactCertificate.objects.count()) == ("day_unlabelled", 1)
    assert certify(site, "never@acme.example", first=today() + timedelta(days=1), now=after(2)) != row
    ContactDay.objects.update(unlabelled={})
    with pytest.raises(CertificateError, match="does not say whom it reached") as refused:
        certify(site, "never@acme.example", now=after(2))
    assert refused.value.code == "does_not_hold"


def test_a_map_made_for_another_region_is_none_of_this_key(settings):
    """DNC-07: the same digits are another number elsewhere: no absence is shown under a label that nobody was given."""
    site = make_sending_site()
    end_day()
    settings.PHONE_REGION = "DE"
    end_day(after(2))
    first, second = roots()
    assert first["key"] != second["key"]
    with pytest.raises(CertificateError) as refused:
        certify(site, "never@acme.example", last=today() + timedelta(days=1), now=after(2))
    assert refused.value.code == "map_key_changed"


def test_a_map_key_is_of_one_version_of_matching_keys(monkeypatch):
    workspace = make_sending_site().world.workspace
    before = get_contact_key(workspace.pk)
    monkeypatch.setattr(contact_keys, "KEY_VERSION", 2)
    assert get_contact_key(workspace.pk) != before


def test_workspaces_have_maps_of_their_own():
    """DNC-07: another workspace's sends are in another map, under other labels."""
    site, other = make_sending_site(), make_site("other", agent_name="agent.other")
    send_to(site, make_contact(site))
    assert end_day() == 2
    assert [told["size"] for told in roots("other")] == [0]
    assert map_label(site, "email:a@b.example") != map_label(other, "email:a@b.example")


def test_without_the_lists_secret_nothing_is_sent_and_nothing_rooted(settings):
    """DNC-07: labels of another secret would hide everyone."""
    site = make_sending_site()
    send_to(site, make_contact(site))
    settings.DNC_KEY = "b3RoZXIgc2VjcmV0IG90aGVyIHNlY3JldCBvdGhlciE="
    forget_dnc_keys()
    with pytest.raises(DncUnavailableError):
        root_contacts(now=after()) or end_day()
    assert roots() == []


def test_an_auditor_makes_every_map_anew_from_an_export(tmp_path):
    """DNC-07: the events say whom they reached, so that a map cannot leave anybody out unseen, nor be out of order."""
    site = make_sending_site()
    send_to(site, make_contact(site))
    end_day()
    sent_late(today(), map_label(site, "email:late@acme.example"))
    end_day(after(3))
    export_ledger(path=tmp_path / "export", now=after(3))
    bodies = read_export(tmp_path / "export")
    assert recheck_maps(bodies, "acme") == []
    sends = [at for at, body in enumerate(bodies) if b'"type":"request.sent"' in body]
    for at in sends:
        less = [
            body.replace(b'"request.sent"', b'"request.kept"') if at == own else body for own, body in enumerate(bodies)
        ]
        assert len(recheck_maps(less, "acme")) == 1
    days = [at for at, body in enumerate(bodies) if b"contacts.rooted" in body]
    assert recheck_maps([body for at, body in enumerate(bodies) if at != days[1]], "acme")


def test_an_auditor_counts_anew_the_sends_that_do_not_say_whom_they_reached(tmp_path):
    """DNC-07: a root that keeps silent about them is found out from the events, however late they came."""
    site = make_sending_site()
    request = send_to(site, make_contact(site))
    submit_executed(site)
    sent_unlabelled(request, after() - timedelta(hours=2))
    end_day()
    sent_unlabelled(request, after() - timedelta(hours=2))
    end_day(after(3))
    export_ledger(path=tmp_path / "export", now=after(3))
    bodies = read_export(tmp_path / "export")
    assert recheck_maps(bodies, "acme") == []
    told = b'"unlabelled":{"%b":1}' % today().isoformat().encode()
    for at in [at for at, body in enumerate(bodies) if told in body]:
        silent = [body.replace(told, b'"unlabelled":{}') if at == own else body for own, body in enumerate(bodies)]
        [problem] = recheck_maps(silent, "acme")
        assert "does not count" in problem


def test_the_verifier_knows_every_action_that_reaches_people():
    """DNC-07: it has the list in its own file."""
    assert {action.value for action in SENDS} == SENDING
