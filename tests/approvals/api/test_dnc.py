"""The doors of the do-not-contact list: agents ask, integrations add, and neither does the other's (DNC-04, DNC-06)."""

import json
from typing import Any

import msgspec
import pytest
from django.test import Client

from approvals.api import answers
from approvals.api.examples import DNC_CHECK, NEW_DNC
from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.vocabulary import Lifecycle
from governance.models import Agent, DncEntry, DncSubmission, Integration, Workspace
from governance.selectors.dnc_secret import forget_dnc_keys
from governance.services.credentials import (
    IntegrationInactiveError,
    IssuedCredential,
    issue_integration_credential,
    revoke_credential,
    rotate_credential,
)
from tests.approvals.api.test_doors import GETS, POSTS, send
from tests.builders.api import Site, make_body, make_site, post
from tests.builders.dnc import OTHER_KEY, list_entry
from tests.builders.governance import (
    SCOPES,
    make_connection,
    make_integration,
    make_integration_token,
    make_switch,
    make_token,
)
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db
ROSA = Actor("human", "rosa")
FOR_INTEGRATIONS = ("/dnc/entries/", "/reports/delivery/", "/ledger/search/")


def asked(*addresses: str, **more: Any) -> dict[str, Any]:
    recipients = [{"kind": "phone" if item[0] in "+0" else "email", "address": item} for item in addresses]
    return {"recipients": recipients, **more}


def check(site: Site, *addresses: str, **more: Any) -> Any:
    return post("/dnc/check/", asked(*addresses, **more), token=site.world.token)


def results(site: Site, *addresses: str, **more: Any) -> list[str]:
    return list(check(site, *addresses, **more).json()["results"])


def add(token: str, key: str = "", **changes: Any) -> Any:
    return post("/dnc/entries/", {**NEW_DNC, **changes}, token=token, key=key)


def grant_of(issued: IssuedCredential) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": issued.client_id,
        "client_secret": issued.client_secret,
    }


class TestAsking:
    def test_each_address_is_listed_or_not_or_no_address_in_the_order_asked(self) -> None:
        """DNC-03, DNC-04."""
        site = make_site()
        list_entry(site.world.workspace, "jane@example.com")
        list_entry(site.world.workspace, "+1 415 555 2671", kind="phone")
        list_entry(site.world.workspace, "corp.example", kind="domain")
        answer = check(site, "JANE+x@example.com", "joe@example.com", "no address", "0014155552671", "x@a.corp.example")
        assert answer.status_code == 200
        assert answer.json()["results"] == ["listed", "not_listed", "invalid", "invalid", "listed"]
        msgspec.convert(answer.json(), answers.DncCheckAnswer)

    def test_neither_reason_nor_entry_is_told_and_the_ledger_keeps_counts_alone(self) -> None:
        site = make_site()
        entry = list_entry(site.world.workspace, "jane@example.com", reason="sued us")
        answer = check(site, "jane@example.com", "joe@example.com", "??")
        assert set(answer.json()) == {"as_of", "results"}
        event = json.loads(bytes(LedgerEvent.objects.get(type="dnc.checked").body))
        assert event["data"] == {"asked": 3, "listed": 1, "not_listed": 1, "invalid": 1}
        assert event["actor"]["type"] == "agent"
        for word in ("sued", str(entry), "jane", "joe"):
            assert word not in answer.content.decode() + json.dumps(event)

    def test_another_workspaces_list_is_not_asked(self) -> None:
        site = make_site()
        list_entry(Workspace.objects.create(slug="other", name="Other"), "jane@example.com")
        assert results(site, "jane@example.com") == ["not_listed"]

    def test_an_entry_of_another_brand_counts_unless_the_connection_speaks_for_its_own(self) -> None:
        """DNC-02."""
        site = make_site()
        list_entry(site.world.workspace, "jane@example.com", brand="Acme")
        connection = make_connection(site.world.workspace, "bolt-mail")
        connection.brand = "Bolt"
        connection.save()
        assert results(site, "jane@example.com") == ["listed"]
        assert results(site, "jane@example.com", connection="bolt-mail") == ["not_listed"]
        assert results(site, "jane@example.com", connection="nothing") == ["listed"]

    def test_a_thousand_are_answered_and_one_more_is_refused(self) -> None:
        site = make_site()
        addresses = [f"p{number}@example.com" for number in range(1_001)]
        list_entry(site.world.workspace, addresses[999])
        found = results(site, *addresses[:1_000])
        assert (len(found), found.index("listed")) == (1_000, 999)
        answer = check(site, *addresses)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")

    def test_a_call_costs_the_same_few_statements_for_two_and_for_a_hundred(self) -> None:
        site = make_site()
        check(site, "a@example.com")
        with captured_statements() as few:
            check(site, "a@example.com", "b@example.com")
        with captured_statements() as many:
            check(site, *(f"p{number}@example.com" for number in range(100)))
        assert len(few) == len(many)

    @pytest.mark.parametrize(
        "body",
        [{}, {"recipients": []}, {"recipients": [{"kind": "email"}]}, {"recipients": [{"kind": "x", "address": "y"}]},
         {"recipients": [{"kind": "email", "address": 7}]}, {**DNC_CHECK, "reason": True}],
    )  # fmt: skip
    def test_what_is_no_question_is_refused(self, body: Any) -> None:
        answer = post("/dnc/check/", body, token=make_site().world.token)
        assert answer.status_code == 422
        assert not LedgerEvent.objects.filter(type="dnc.checked").exists()

    def test_a_list_that_cannot_be_read_gives_no_answer(self, settings: Any) -> None:
        """Case 57."""
        site = make_site()
        list_entry(site.world.workspace, "jane@example.com")
        settings.DNC_KEY = OTHER_KEY
        forget_dnc_keys()
        answer = check(site, "joe@example.com")
        assert (answer.status_code, answer.json()["code"]) == (503, "dnc_unavailable")

    @pytest.mark.parametrize("lifecycle", [Lifecycle.DRAFT, Lifecycle.QUARANTINED, Lifecycle.RETIRED])
    def test_an_agent_out_of_service_is_told_nothing(self, lifecycle: str) -> None:
        site = make_site()
        Agent.objects.filter(pk=site.world.agent.pk).update(lifecycle=lifecycle)
        answer = check(site, "joe@example.com")
        assert (answer.status_code, answer.json()["code"]) == (403, "agent_not_serving")

    def test_a_stopped_agent_is_told_nothing(self) -> None:
        site = make_site()
        make_switch(site.world.workspace, "all")
        assert check(site, "joe@example.com").status_code == 403


class TestAdding:
    def test_an_integration_adds_and_the_entry_bites_at_once(self) -> None:
        """DNC-04."""
        site = make_site()
        answer = add(make_integration_token(make_integration(site.world.workspace)))
        assert answer.status_code == 201
        msgspec.convert(answer.json(), answers.DncEntryAnswer)
        entry = DncEntry.objects.get(pk=answer.json()["id"])
        assert (entry.added_by, entry.source) == ("system:integration.mail", "opt_out")
        assert results(site, "ana.duarte@example.com") == ["listed"]
        event = LedgerEvent.objects.get(type="dnc.added")
        assert (event.actor_type, event.actor_id) == ("system", "integration.mail")

    def test_the_same_key_and_body_add_one_entry_and_another_body_is_refused(self) -> None:
        token = make_integration_token(make_integration(make_site().world.workspace))
        first, again, other = add(token, "k-1"), add(token, "k-1"), add(token, "k-1", value="joe@example.com")
        assert first.json() == again.json()
        assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        assert DncEntry.objects.count() == DncSubmission.objects.count() == 1
        assert post("/dnc/entries/", NEW_DNC, token=token, key=None).json()["code"] == "idempotency_key_missing"

    def test_a_person_is_added_with_all_their_addresses(self) -> None:
        """DNC-02."""
        site = make_site()
        token = make_integration_token(make_integration(site.world.workspace))
        covers = [{"kind": "email", "value": "j@home.example"}, {"kind": "phone", "value": "+1 415 555 2671"}]
        assert add(token, kind="person", value="Jane Doe", covers=covers).status_code == 201
        assert results(site, "j@home.example", "+14155552671") == ["listed", "listed"]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [({"value": "no address"}, "invalid_recipient"), ({"kind": "domain", "value": "co.uk"}, "invalid_recipient"),
         ({"reason": "  "}, "dnc_entry_refused"), ({"reason": ""}, "invalid_value"),
         ({"effective_until": "2001-01-01T00:00:00Z"}, "dnc_entry_refused"), ({"removed_at": None}, "unknown_field"),
         ({"value": "\x00"}, "invalid_unicode"), ({"kind": "fax"}, "invalid_value")],
    )  # fmt: skip
    def test_what_is_no_entry_is_refused_and_leaves_nothing(self, changes: Any, code: str) -> None:
        token = make_integration_token(make_integration(make_site().world.workspace))
        answer = add(token, **changes)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert not DncEntry.objects.exists()
        assert not DncSubmission.objects.exists()

    @pytest.mark.parametrize("scope", [SCOPES, f"{SCOPES} dnc:write", "dnc:write"])
    def test_an_agent_never_adds_whatever_its_token_says(self, scope: str) -> None:
        """DNC-06, case 56: even a token row that was forged in the database opens nothing."""
        site = make_site()
        answer = add(make_token(site.world.credential, scope=scope))
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
        assert not DncEntry.objects.exists()


class TestIntegrations:
    def test_an_issued_pair_gets_a_token_for_its_own_scope_and_for_no_other(self, client: Client) -> None:
        """IDN-02."""
        integration = make_integration(make_site().world.workspace)
        issued = issue_integration_credential(integration_id=integration.pk, actor=ROSA, now=get_now())
        form = {
            "grant_type": "client_credentials",
            "client_id": issued.client_id,
            "client_secret": issued.client_secret,
        }
        token = client.post("/oauth/token/", form).json()
        assert token["scope"] == "dnc:write"
        assert add(token["access_token"]).status_code == 201
        for scope in SCOPES.split():
            answer = client.post("/oauth/token/", {**form, "scope": scope})
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
        event = json.loads(bytes(LedgerEvent.objects.get(type="credential.issued").body))
        assert event["data"] == {"integration": "integration.mail", "client_id": issued.client_id}

    @pytest.mark.parametrize("path", [path for path in GETS + POSTS if path not in FOR_INTEGRATIONS])
    def test_it_opens_no_other_door(self, path: str) -> None:
        """Not even with a token row that claims every scope of agents."""
        site = make_site()
        token = make_integration_token(make_integration(site.world.workspace), scope=f"{SCOPES} dnc:write")
        assert send(path, token).status_code == 401
        assert post("/action-requests/", make_body(site), token=token).status_code == 401

    def test_rotating_revoking_switching_off_and_taking_the_scope_end_its_tokens_at_once(self) -> None:
        site = make_site()
        integration = make_integration(site.world.workspace)
        token = make_integration_token(integration)
        Integration.objects.filter(pk=integration.pk).update(is_active=False)
        assert add(token).status_code == 401
        with pytest.raises(IntegrationInactiveError):
            issue_integration_credential(integration_id=integration.pk, actor=ROSA, now=get_now())
        Integration.objects.filter(pk=integration.pk).update(is_active=True, scopes=[])
        assert add(token).status_code == 403
        Integration.objects.filter(pk=integration.pk).update(scopes=["dnc:write"])
        assert add(token).status_code == 201
        credential = integration.credentials.get()
        rotate_credential(credential_id=credential.pk, actor=ROSA, now=get_now())
        assert add(token).status_code == 401
        fresh = make_token(credential, scope="dnc:write")
        revoke_credential(credential_id=credential.pk, actor=ROSA, now=get_now())
        assert add(fresh).status_code == 401

    def test_one_that_is_switched_off_gets_no_token(self, client: Client) -> None:
        integration = make_integration(make_site().world.workspace)
        issued = issue_integration_credential(integration_id=integration.pk, actor=ROSA, now=get_now())
        Integration.objects.filter(pk=integration.pk).update(is_active=False)
        form = {
            "grant_type": "client_credentials",
            "client_id": issued.client_id,
            "client_secret": issued.client_secret,
        }
        assert client.post("/oauth/token/", form).status_code in (400, 401)

    @pytest.mark.parametrize("scopes", [[], ["requests:write"], ["dnc:write", "records:read"], ["dnc:write"] * 2, "x"])
    def test_its_scopes_are_a_closed_list(self, scopes: Any) -> None:
        integration = make_integration(make_site().world.workspace)
        integration.scopes = scopes
        with pytest.raises(Exception, match="an integration may hold"):
            integration.full_clean()
