"""The do-not-contact list: who may add and end entries, whom they cover, and what the database refuses."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.dnc_key import InvalidRecipientError
from governance.domain.facts import RecipientFacts
from governance.models import DncEntry
from governance.selectors.access import NotAllowedError
from governance.selectors.dnc_secret import DncUnavailableError, forget_dnc_keys
from governance.services.change_errors import SamePersonError
from governance.services.change_proposals import countersign_change, propose_change
from governance.services.dnc_entries import DncEntryError, NewDncEntry, add_dnc_entry
from tests.builders.dnc import OTHER_KEY, ask, email, kinds, list_entry
from tests.builders.governance import allow, make_connection, make_person, make_user, make_workspace
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db


def test_an_entry_stops_its_address_in_every_disguise_and_nobody_else():
    """DNC-01/03."""
    workspace = make_workspace()
    entry = list_entry(workspace, "Jane.Doe+x@GMail.com")
    facts = ask(workspace, "j\u200banedoe@googlemail.com", "joe@example.com")
    assert [(hit.entry, hit.kind, hit.recipient) for hit in facts.hits] == [(str(entry), "email", 0)]
    assert kinds(ask(make_workspace("other"), "janedoe@gmail.com")) == []


def test_a_domain_covers_its_subdomains_and_a_person_every_address_and_record():
    """DNC-02: cases 52, 55."""
    workspace = make_workspace()
    list_entry(workspace, "corp.example", "domain")
    covers = (("email", "jane@home.example"), ("phone", "+1 415 555 2671"))
    list_entry(workspace, "embedded/contacts/101", "person", covers=covers)
    list_entry(workspace, "Initech", "company", covers=(("domain", "initech.example"),))
    assert kinds(ask(workspace, "a@eu.corp.example")) == ["domain"]
    assert kinds(ask(workspace, "a@notcorp.example")) == []
    assert kinds(ask(workspace, "jane@home.example")) == ["person"]
    assert kinds(ask(workspace, RecipientFacts(kind="phone", address="4155552671"))) == ["person"]
    assert kinds(ask(workspace, email("new@elsewhere.example", record_id="101"))) == ["person"]
    assert kinds(ask(workspace, "boss@initech.example")) == ["company"]


@pytest.mark.parametrize(("listed", "asked"), [(slice(15), slice(18)), (slice(18), slice(15))])
def test_a_listed_salesforce_record_is_one_person_by_either_of_its_ids(listed, asked):
    """DNC-03: nobody is contacted because their record was named by three characters more or less."""
    workspace, record = make_workspace(), "003A0000006Vm9rIAC"
    list_entry(workspace, f"sf/contacts/{record[listed]}", "person")
    assert kinds(ask(workspace, email("a@new.example", record_id=record[asked]), connection="sf")) == ["person"]


def test_an_entry_holds_from_its_first_to_its_last_moment():
    """DNC-02."""
    workspace, now = make_workspace(), get_now()
    list_entry(workspace, "later@example.com", effective_from=now + timedelta(days=1))
    list_entry(workspace, "over@example.com", effective_from=now - timedelta(days=2), effective_until=now)
    list_entry(workspace, "until@example.com", effective_until=now + timedelta(days=1))
    assert kinds(ask(workspace, "later@example.com", "over@example.com")) == []
    assert kinds(ask(workspace, "until@example.com")) == ["email"]
    with pytest.raises(DncEntryError):
        list_entry(workspace, "x@example.com", effective_until=now - timedelta(days=1))


def test_an_entry_of_one_brand_leaves_another_brand_alone_and_stops_who_names_none():
    """DNC-02: entity-specific."""
    workspace = make_workspace()
    for name, brand in (("north", "North"), ("south", "South"), ("plain", "")):
        connection = make_connection(workspace, name)
        connection.brand = brand
        connection.save()
    list_entry(workspace, "jane@example.com", brand="North")
    found = {name: kinds(ask(workspace, "jane@example.com", connection=name)) for name in ("north", "south", "plain")}
    assert found == {"north": ["email"], "south": [], "plain": ["email"]}


def test_many_recipients_take_one_query():
    workspace = make_workspace()
    list_entry(workspace, "p7@example.com")
    ask(workspace, "p7@example.com")
    with captured_statements() as statements:
        facts = ask(workspace, *(f"p{number}@example.com" for number in range(200)))
    assert [hit.recipient for hit in facts.hits] == [7]
    assert len([text for text in statements if "governance_dncentry" in text]) == 1


def test_adding_is_on_record_without_the_address():
    """DNC-05."""
    workspace = make_workspace()
    entry = list_entry(workspace, "jane@example.com")
    event = LedgerEvent.objects.get(type="dnc.added")
    assert event.subject_id == str(entry)
    assert b"jane" not in bytes(event.body)


def test_agents_and_people_without_the_permission_cannot_add():
    """DNC-06."""
    workspace, user = make_workspace(), make_user(make_person())
    entry = NewDncEntry(kind="email", value="jane@example.com", reason="asked", source="console")
    with pytest.raises(NotAllowedError):
        add_dnc_entry(workspace_id=workspace.pk, entry=entry, actor=Actor("agent", "agent.x"), now=get_now())
    person = Actor("human", "rosa")
    with pytest.raises(NotAllowedError):
        add_dnc_entry(workspace_id=workspace.pk, entry=entry, actor=person, now=get_now(), user_id=user.pk)
    allow(user, workspace, "add_dnc")
    assert add_dnc_entry(workspace_id=workspace.pk, entry=entry, actor=person, now=get_now(), user_id=user.pk)


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": " "},
        {"source": ""},
        {"covers": (("email", "a@b.example"),)},
        {"kind": "person", "covers": (("person", "x"),)},
        {"kind": "person", "covers": (("email", "a@b.example"),) * 201},
        {"reason": "x" * 301},
        {"reason": "a\x00b"},
    ],
)
def test_what_makes_no_sense_is_refused(changes):
    with pytest.raises(DncEntryError):
        list_entry(make_workspace(), "jane@example.com", **changes)
    assert not DncEntry.objects.exists()


def test_what_cannot_be_read_is_refused_whole():
    with pytest.raises(InvalidRecipientError):
        list_entry(make_workspace(), "Jane", "person", covers=(("email", "jane"),))
    assert not DncEntry.objects.exists()


def test_entries_end_by_two_people_of_compliance_alone_and_stay():
    """DNC-06, DNC-08."""
    workspace = make_workspace()
    entry = list_entry(workspace, "Jane", "person", covers=(("email", "jane@example.com"),))
    users = [make_user(make_person(name)) for name in ("Cora Compliance", "Carl Compliance")]
    outsider = make_user(make_person("Sam Sales"))
    for user in users:
        allow(user, workspace, "manage_dnc")
    allow(outsider, workspace, "add_dnc", "countersign_changes")
    proposal = propose_removal(workspace, entry, users[0])
    assert kinds(ask(workspace, "jane@example.com")) == ["person"]
    for user, refusal in ((users[0], SamePersonError), (outsider, NotAllowedError)):
        with pytest.raises(refusal):
            countersign(proposal, user)
    assert countersign(proposal, users[1])
    assert kinds(ask(workspace, "jane@example.com")) == []
    assert DncEntry.objects.filter(removed_at__isnull=False, removal_id=proposal).count() == 2
    assert LedgerEvent.objects.filter(type="dnc.removed", subject_id=str(entry)).count() == 1
    with pytest.raises(NotAllowedError):
        propose_removal(workspace, list_entry(workspace, "joe@example.com"), outsider)


def propose_removal(workspace, entry, user):
    return propose_change(
        workspace_id=workspace.pk,
        kind="dnc.remove",
        payload={"entry": str(entry), "kind": "person", "since": "2031-05-17"},
        subject=f"do-not-contact entry {entry}",
        reason="asked to be contacted again",
        person_id=user.person_id,
        user_id=user.pk,
        now=get_now(),
    )


def countersign(proposal, user):
    return countersign_change(proposal_id=proposal, person_id=user.person_id, user_id=user.pk, now=get_now())


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM governance_dncentry",
        "UPDATE governance_dncentry SET value = 'x'",
        "UPDATE governance_dncentry SET effective_until = effective_from",
        "UPDATE governance_dncentry SET removed_at = added_at",
        "UPDATE governance_dncentry SET digest = id",
    ],
)
def test_the_database_refuses_every_other_way_off_the_list(statement):
    """DNC-06."""
    from django.db import connection

    list_entry(make_workspace(), "jane@example.com")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_list_made_with_another_secret_answers_nothing(settings):
    """Case 57: no list, no send."""
    workspace = make_workspace()
    list_entry(workspace, "jane@example.com")
    settings.DNC_KEY = OTHER_KEY
    forget_dnc_keys()
    for _ in range(2):
        with pytest.raises(DncUnavailableError):
            ask(workspace, "jane@example.com")
    with pytest.raises(DncUnavailableError):
        list_entry(workspace, "joe@example.com")
    settings.DNC_KEY = "not base64 !"
    with pytest.raises(DncUnavailableError):
        ask(workspace, "jane@example.com")
