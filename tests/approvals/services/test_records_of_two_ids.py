"""What was stored of a Salesforce record under its 15 characters is found under its 18 (DNC-03, LIM-06, AUD-07)."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from approvals.selectors.contact_names import find_names
from approvals.selectors.kept_longer import list_held
from approvals.services.followers import follow_ledger
from approvals.services.legal_holds import hold_what
from approvals.services.search_terms import term_of
from audit.domain.event import Subject
from audit.domain.identifier import new_id
from audit.models import LedgerEvent, SearchTerm
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from governance.domain.facts import RecipientFacts
from governance.models import Connection, DncEntry, LegalHold, Touch, TouchKey
from governance.selectors.dnc_secret import get_dnc_keys
from governance.selectors.touches import TouchQuestion, get_frequency_facts, touch_key
from tests.builders.api import make_site
from tests.builders.audit import append, new_event
from tests.builders.console import make_login
from tests.builders.dnc import list_entry

pytestmark = pytest.mark.django_db
LONG = "003A0000006Vm9rIAC"
SHORT = LONG[:15]
MIGRATION = import_module("approvals.migrations.0026_search_by_one_record_id")


@pytest.fixture
def workspace():
    return make_site().world.workspace


def old_key(record=SHORT):
    return f"record:sf/contact/{record}"


def reach(workspace, record):
    person = RecipientFacts(kind="email", address="jane@acme.example", object="Contact", record_id=record)
    question = TouchQuestion(
        workspace_id=workspace.pk,
        connection="sf",
        environment="production",
        recipients=[person],
        request_id=new_id(),
        horizon_hours=48,
    )
    [facts] = get_frequency_facts([question], now=get_now())
    return facts.people[0]


@pytest.mark.parametrize("record", [SHORT, LONG])
def test_a_touch_and_a_stop_of_before_count(workspace, record):
    """LIM-06."""
    key = touch_key(workspace.pk, old_key(), get_dnc_keys())
    at = get_now() - timedelta(hours=1)
    row = TouchKey.objects.create(pk=key, workspace=workspace, version=1, ceiling=1, stopped_at=at)
    Touch.objects.create(
        key=row,
        request_id=new_id(),
        person_number=0,
        action="send_email",
        environment="production",
        state="sent",
        reserved_at=at,
        touched_at=at,
    )
    found = reach(workspace, record)
    assert (len(found.touches), found.is_stopped) == (1, True)


def test_whoever_is_listed_since_before_is_known_by_all_addresses(workspace):
    """DNC-07."""
    entry = DncEntry.objects.get(pk=list_entry(workspace, f"sf/Contact/{LONG}", kind="person"))
    old = DncEntry(**{field.attname: getattr(entry, field.attname) for field in DncEntry._meta.concrete_fields})
    old.pk, old.digest = new_id(), get_dnc_keys().digest(workspace.pk, old_key())
    old.save(force_insert=True)
    child = DncEntry.objects.get(pk=list_entry(workspace, "ann@acme.example"))
    beside = DncEntry(**{field.attname: getattr(child, field.attname) for field in DncEntry._meta.concrete_fields})
    beside.pk, beside.parent = new_id(), old
    beside.save(force_insert=True)

    for record in (SHORT, LONG):
        assert "email:ann@acme.example" in find_names(workspace.pk, [f"sf/Contact/{record}"])


def tell_of(record):
    """An event about the record, followed by the search."""
    data = {"connection": "sf", "object": "Contact", "record": record}
    append(new_event(type="request.received", subject=Subject("request", str(new_id())), data=data))
    maintain_ledger(now=get_now())
    follow_ledger()
    return LedgerEvent.objects.filter(type="request.received").latest("id")


def as_before(workspace, event):
    """The event in the index as it stood there once."""
    SearchTerm.objects.filter(event_id=event.pk).delete()
    SearchTerm.objects.create(term=old_term(workspace), event_id=event.pk)


def old_term(workspace):
    return term_of(workspace.pk, f"record:sf/Contact/{SHORT}", get_dnc_keys())


def is_held(workspace, event):
    return bool(list_held(workspace, [(event.pk, event.subject_id)]))


def hold(workspace, record):
    officer = make_login(workspace, "manage_dnc", "view_ledger", name="Cora Compliance")
    what = f"sf/Contact/{record}"
    who = {"person_id": officer.person_id, "user_id": officer.pk}
    return hold_what(workspace=workspace, kind="record", what=what, name=f"Case {record}", **who, now=get_now())


def test_a_hold_of_before_covers_what_is_told_of_the_record_now(workspace):
    """AUD-07: it keeps the term of the 15 characters for ever."""
    LegalHold.objects.filter(pk=hold(workspace, LONG)).update(term=old_term(workspace))
    assert is_held(workspace, tell_of(LONG))


def test_a_hold_of_now_covers_what_was_told_of_the_record_before(workspace):
    """AUD-07, AUD-04: the index is made anew once."""
    event = tell_of(SHORT)
    as_before(workspace, event)
    hold(workspace, LONG)
    Connection.objects.filter(workspace=workspace).update(kind="salesforce")
    MIGRATION.index_anew(apps, None)
    follow_ledger()
    assert is_held(workspace, event)


def test_no_index_is_made_anew_where_no_record_has_two_ids(workspace):
    event = tell_of(LONG)
    as_before(workspace, event)
    MIGRATION.index_anew(apps, None)
    follow_ledger()
    assert SearchTerm.objects.filter(event_id=event.pk).count() == 1
