"""Ways around the do-not-contact list, tried over HTTP against every action that reaches a person (attack cases 42-57).

Each case is written the way an attacker would write it, into what the CRM holds and into what the agent names. Nothing
may leave, and nothing may wait for a person as if nobody were listed.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from approvals.models import AgentActionRequest
from approvals.services import dnc
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.models import CrmRecord
from crm_connectors.services.embedded_edit import edit_record
from governance.models import DncEntry
from governance.selectors.dnc_secret import forget_dnc_keys
from tests.builders.api import Site, make_body, post
from tests.builders.approvals import execute, get, vote
from tests.builders.crm_connectors import make_record
from tests.builders.dnc import OTHER_KEY, list_entry
from tests.builders.governance import make_token
from tests.builders.outward import (
    call_of,
    email_to,
    enrolment_of,
    mail_of,
    make_contact,
    make_sending_site,
    make_sequence,
    meeting_with,
)

pytestmark = pytest.mark.django_db(transaction=True)

Make = Callable[[Site, str], dict[str, Any]]

SENDS: dict[str, Make] = {
    "send_email": lambda _, contact: email_to(contact),
    "enroll_sequence": lambda site, contact: enrolment_of(contact, make_sequence(site)),
    "create_meeting": lambda _, contact: meeting_with(contact),
    "push_to_dialer": lambda _, contact: call_of(contact),
}
BY_EMAIL = ("send_email", "enroll_sequence", "create_meeting")
MADE = ("emails", "sequence_enrolments", "meetings", "dialer_entries")

LISTED, UNREADABLE, REFUSED = "dnc_blocked", "recipient_invalid", "invalid_recipient"

LISTED_EMAILS = ("jane@acme.example", "janedoe@gmail.com", "jane@b\u00fccher.example")
# (case, as it is written, what becomes of it where the CRM holds it, where the agent names it)
EMAILS: tuple[tuple[str, str, str, str], ...] = (
    ("42 capitals", "JANE@Acme.EXAMPLE", LISTED, LISTED),
    ("43 tag", "jane+news@acme.example", LISTED, LISTED),
    ("43 dots of the provider", "jane.doe@gmail.com", LISTED, LISTED),
    ("43 the provider's other name", "J.ane.Doe+x@googlemail.com", LISTED, LISTED),
    ("44 zero width", "ja\u200bne@acme.example", UNREADABLE, REFUSED),
    ("44 soft hyphen", "ja\u00adne@acme.example", UNREADABLE, REFUSED),
    ("44 right to left", "ja\u202ene@acme.example", UNREADABLE, REFUSED),
    ("45 full width", "\uff4a\uff41\uff4e\uff45@acme.example", UNREADABLE, REFUSED),
    ("46 Cyrillic before the at", "j\u0430ne@acme.example", UNREADABLE, REFUSED),
    ("46 Cyrillic in the domain", "jane@\u0430cme.example", LISTED, LISTED),
    ("47 punycode", "jane@xn--bcher-kva.example", LISTED, LISTED),
    ("48 ideographic dot", "jane@acme\u3002example", LISTED, LISTED),
    ("49 quoted", '"jane"@acme.example', UNREADABLE, REFUSED),
    ("49 comment", "jane(home)@acme.example", UNREADABLE, REFUSED),
    ("49 display name", "<jane@acme.example>", UNREADABLE, REFUSED),
    ("49 mailto", "mailto:jane@acme.example", UNREADABLE, REFUSED),
    ("49 trailing dot", "jane@acme.example.", UNREADABLE, REFUSED),
    ("49 percent", "jane%2e@acme.example", UNREADABLE, REFUSED),
)
LISTED_PHONE = "+1 415 555 2671"
PHONES: tuple[tuple[str, str, str, str], ...] = (
    ("50 together", "+14155552671", LISTED, LISTED),
    ("50 dots", "+1.415.555.2671", LISTED, LISTED),
    ("50 extension", "+1 415 555 2671 ext. 12", LISTED, LISTED),
    ("50 Arabic digits", "+\u0661\u0664\u0661\u0665\u0665\u0665\u0665\u0662\u0666\u0667\u0661", UNREADABLE, REFUSED),
    ("50 full width", "\uff0b\uff11415 555 2671", UNREADABLE, REFUSED),
    ("50 other hyphen", "+1 415\u2011555\u20112671", UNREADABLE, REFUSED),
    ("50 zero width", "+1 415\u200b5552671", UNREADABLE, REFUSED),
    ("50 tel", "tel:+14155552671", UNREADABLE, REFUSED),
    ("50 dialled out", "011 1 415 555 2671", LISTED, REFUSED),
    ("50 national", "(415) 555-2671", LISTED, REFUSED),
    ("50 national dots", "415.555.2671", LISTED, REFUSED),
    ("50 national prefix", "1-415-555-2671", LISTED, REFUSED),
    ("50 vanity", "+1 415 555 COP1", UNREADABLE, REFUSED),
    ("51 letter for digit", "+I 4I5 555 267I", UNREADABLE, REFUSED),
    ("51 double prefix", "001 415 555 2671", UNREADABLE, REFUSED),
)


def ask(site: Site, **proposal: Any) -> Any:
    return post("/action-requests/", make_body(site, **proposal), token=site.world.token)


def outcome(answer: Any) -> str:
    """The stable code of a refusal or a denial; `pending` for what a person could let go."""
    body = answer.json()
    if answer.status_code >= 400:
        return str(body["code"])
    return str(body["status_code"] if body["status"] == "denied" else body["status"])


def hold(site: Site, contact: str, **values: Any) -> None:
    """What the CRM holds, also where its own forms would refuse it: other systems write to it too."""
    row = CrmRecord.objects.get(crm_object__connection=site.connection_id, crm_object__name="contacts", number=contact)
    row.values = {**row.values, **values}
    row.save()


def nothing_left() -> bool:
    return not CrmRecord.objects.filter(crm_object__name__in=MADE).exists()


def at_address(make: dict[str, Any], address: str) -> dict[str, Any]:
    return {**make, "target": {"address": address}}


@pytest.mark.parametrize("action", BY_EMAIL)
def test_no_spelling_of_a_listed_address_in_the_crm_gets_through(action: str) -> None:
    """DNC-01, DNC-03, cases 42-49: the first address and, just so, a further one (case 55)."""
    site = make_sending_site()
    for address in LISTED_EMAILS:
        list_entry(site.world.workspace, address)
    contact = make_contact(site)
    proposal = SENDS[action](site, contact)
    first = {"email": "{}", "additional_emails": None}
    further = {"email": "x@y.example", "additional_emails": "a@b.example;{}"}
    expected = {case: in_crm for case, _, in_crm, _ in EMAILS}
    for held, seen_sooner in ((first, {"44 right to left": "validation_failed"}), (further, {})):
        found = {}
        for case, written, *_ in EMAILS:
            hold(site, contact, **{name: text and text.format(written) for name, text in held.items()})
            found[case] = outcome(ask(site, **proposal))
        assert found == expected | seen_sooner
    assert nothing_left()


@pytest.mark.parametrize("action", BY_EMAIL)
def test_no_spelling_of_a_listed_address_beside_the_target_gets_through(action: str) -> None:
    """Case 53: copies, blind copies, attendees; sequences and bare addresses take the target's way."""
    site = make_sending_site()
    for address in LISTED_EMAILS:
        list_entry(site.world.workspace, address)
    contact = make_contact(site, email="free@y.example")
    ways: dict[str, Callable[[str], dict[str, Any]]] = {
        "send_email": lambda written: email_to(contact, cc=["ok@y.example", written]),
        "enroll_sequence": lambda written: at_address(email_to(contact), written),
        "create_meeting": lambda written: meeting_with(contact, attendees=["ok@y.example", written]),
    }
    found = {case: outcome(ask(site, **ways[action](written))) for case, written, *_ in EMAILS}
    assert found == {case: named for case, *_, named in EMAILS}
    if action == "send_email":
        assert outcome(ask(site, **email_to(contact, bcc=["JANE@acme.example"]))) == LISTED
    assert nothing_left()


@pytest.mark.parametrize("country", ["", "US", "United States"])
def test_no_spelling_of_a_listed_number_gets_through(country: str) -> None:
    """Cases 50 and 51. What the CRM holds is read where its record is, else in the installation's region (US): the same
    number is found on the list, and not only refused. An agent names numbers with their country code or not at all."""
    site = make_sending_site()
    list_entry(site.world.workspace, LISTED_PHONE, kind="phone")
    contact = make_contact(site)
    held, named = {}, {}
    for case, written, *_ in PHONES:
        hold(site, contact, phone=written, country=country)
        held[case] = outcome(ask(site, **call_of(contact)))
        named[case] = outcome(ask(site, **at_address(call_of(contact), written)))
    assert held == {case: in_crm for case, _, in_crm, _ in PHONES}
    assert named == {case: told for case, *_, told in PHONES}
    assert nothing_left()


def test_a_national_number_of_another_country_is_another_number() -> None:
    """Case 50: the record's country goes before the region; what is dialled out of another one is not understood."""
    site = make_sending_site()
    list_entry(site.world.workspace, "+49 30 901820", kind="phone")
    contact = make_contact(site)
    found = {}
    for written in ("030 901820", "(030) 90 18 20", "011 49 30 901820"):
        hold(site, contact, phone=written, country="Germany")
        found[written] = outcome(ask(site, **call_of(contact)))
    assert found == {"030 901820": LISTED, "(030) 90 18 20": LISTED, "011 49 30 901820": UNREADABLE}


@pytest.mark.parametrize("action", SENDS)
def test_a_domain_a_person_or_a_company_stops_every_way(action: str) -> None:
    """Case 52: subdomains, the person's record, the company whose record the CRM names, whatever the address."""
    site = make_sending_site()
    company = make_record(site.connection_id, "companies", name="Corp")
    other = make_record(site.connection_id, "companies", name="Other")
    list_entry(site.world.workspace, "corp.example", kind="domain")
    people = {
        "domain": make_contact(site, email="a@corp.example"),
        "subdomain": make_contact(site, email="a@mail.eu.corp.example"),
        "person": make_contact(site, email="p@home.example"),
        "company": make_contact(site, email="c@home.example", company=company),
        "nobody": make_contact(site, email="n@home.example", company=other),
    }
    list_entry(site.world.workspace, f"embedded/contacts/{people['person']}", kind="person")
    list_entry(site.world.workspace, f"embedded/companies/{company}", kind="company")
    found = {name: outcome(ask(site, **SENDS[action](site, contact))) for name, contact in people.items()}
    assert found == {**dict.fromkeys(people, LISTED), "nobody": "pending"}


@pytest.mark.parametrize("action", SENDS)
def test_a_contact_that_joins_a_listed_company_after_the_approval_is_not_reached(action: str) -> None:
    """Cases 52 and 54."""
    site = make_sending_site()
    company = make_record(site.connection_id, "companies", name="Corp")
    list_entry(site.world.workspace, f"embedded/companies/{company}", kind="company")
    contact = make_contact(site)
    request = approved(site, **SENDS[action](site, contact))
    move(site, contact, company=company)
    assert (execute(request.pk), get(request.pk).status_code) == ("denied", LISTED)
    assert nothing_left()


def approved(site: Site, **proposal: Any) -> AgentActionRequest:
    answer = ask(site, **proposal)
    assert answer.json()["status"] == "pending", answer.json()
    request = get(answer.json()["id"])
    vote(site, request)
    return get(request.pk)


def move(site: Site, contact: str, **values: Any) -> None:
    edit_record(
        connection_id=site.connection_id,
        object_type="contacts",
        record_id=contact,
        values=values,
        actor="human:ana",
        now=get_now(),
    )


@pytest.mark.parametrize("action", SENDS)
def test_an_address_that_becomes_a_listed_one_after_the_approval_is_not_reached(action: str) -> None:
    """Case 54: resolved anew at the claim."""
    site = make_sending_site()
    list_entry(site.world.workspace, "jane@rival.example")
    list_entry(site.world.workspace, LISTED_PHONE, kind="phone")
    contact = make_contact(site)
    request = approved(site, **SENDS[action](site, contact))
    move(
        site, contact, **({"phone": LISTED_PHONE} if action == "push_to_dialer" else {"email": "Jane+x@rival.example"})
    )
    assert (execute(request.pk), get(request.pk).status_code) == ("denied", LISTED)
    assert nothing_left()


@pytest.mark.parametrize("action", BY_EMAIL)
def test_a_further_address_that_is_listed_after_the_approval_stops_it(action: str) -> None:
    """Cases 54 and 55, DNC-05: the entry is newer than the approval, and names an address that is not in use."""
    site = make_sending_site()
    request = approved(site, **SENDS[action](site, make_contact(site, additional_emails="j@old.example")))
    list_entry(site.world.workspace, "J+tag@old.example")
    assert (execute(request.pk), get(request.pk).status_code) == ("denied", LISTED)
    assert LedgerEvent.objects.filter(type="dnc.enforced").exists()
    assert nothing_left()


def test_an_agent_neither_adds_nor_takes_off_over_http() -> None:
    """Case 56, DNC-06: no scope, no method, no action reaches the list."""
    site = make_sending_site()
    entry = list_entry(site.world.workspace, "jane@acme.example")
    body = {"kind": "email", "value": "joe@acme.example", "reason": "x", "source": "x"}
    for token in (site.world.token, make_token(site.world.credential, scope="dnc:write requests:write")):
        answer = post("/dnc/entries/", body, token=token)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
        assert post(f"/dnc/entries/{entry}/", {}, token=token).status_code == 404
    for name in ("dnc_entries", "dnc", "governance_dncentry"):
        answer = ask(
            site, action="update", target={"object": name, "id": str(entry)}, changes={"removed_at": "2031-01-01"}
        )
        assert answer.status_code == 422 or outcome(answer) not in ("pending", "approved")
    assert list(DncEntry.objects.filter(removed_at=None).values_list("pk", flat=True)) == [entry]


@pytest.mark.parametrize("action", SENDS)
def test_without_the_list_nothing_is_decided_and_nothing_leaves(action: str, settings: Any) -> None:
    """Case 57: denied when asked, denied when it was approved before, and the agent's own question gets 503."""
    site = make_sending_site()
    list_entry(site.world.workspace, "joe@acme.example")
    request = approved(site, **SENDS[action](site, make_contact(site)))
    settings.DNC_KEY = OTHER_KEY
    forget_dnc_keys()
    assert outcome(ask(site, **SENDS[action](site, make_contact(site)))) == "check_failed"
    assert (execute(request.pk), get(request.pk).status_code) == ("denied", "check_failed")
    question = {"recipients": [{"kind": "email", "address": "jane@acme.example"}]}
    answer = post("/dnc/check/", question, token=site.world.token)
    assert (answer.status_code, answer.json()["code"]) == (503, "dnc_unavailable")
    assert nothing_left()


def test_a_list_that_breaks_between_the_claim_and_the_send_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 57 at the last look."""
    site = make_sending_site()
    request = approved(site, **email_to(make_contact(site)))

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("gone")

    asked = dnc.get_dnc_facts
    calls: list[int] = []

    def once(*given: Any, **named: Any) -> Any:
        calls.append(1)
        return asked(*given, **named) if len(calls) == 1 else broken()

    monkeypatch.setattr(dnc, "get_dnc_facts", once)
    assert execute(request.pk) != "executed"
    assert len(calls) == 2
    assert mail_of(site, request.pk) is None


def test_a_denial_names_the_kind_and_neither_reason_nor_entry() -> None:
    site = make_sending_site()
    entry = list_entry(site.world.workspace, "jane@acme.example", reason="sued us")
    text = json.dumps(ask(site, **email_to(make_contact(site))).json())
    assert "on the do-not-contact list by email" in text
    assert "sued" not in text
    assert str(entry) not in text
