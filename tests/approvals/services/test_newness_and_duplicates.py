"""First touch and duplicates: looked up only when a rule asks, remembered once something was sent (APR-08, CNT-05)."""

from uuid import uuid4

import pytest

from approvals.models import AgentActionRequest, Touched
from approvals.services.newness import ask_newness, asks_newness, remember_touch
from approvals.services.world import Asked, with_worlds
from audit.selectors.clock import get_now
from crm_connectors.selectors.duplicates import list_people_with_emails
from governance.domain.facts import RecipientFacts
from tests.builders.api import make_site
from tests.builders.approvals import submit
from tests.builders.crm_connectors import make_record
from tests.builders.governance import publish
from tests.builders.policy import make_facts, make_index, make_request
from tests.builders.rules import make_rule, when
from tests.governance.domain.test_rules import EASY
from tests.governance.domain.test_rules import rule as engine_rule

pytestmark = pytest.mark.django_db
ANN = RecipientFacts(kind="email", address="Ann@Acme.com", object="contacts", record_id="1")
ANN_AT_HOME = RecipientFacts(kind="email", address="ann@home.example", object="contacts", record_id="1")
BOB = RecipientFacts(kind="email", address="bob@acme.com")


def asked(workspace, *recipients, subject="newness"):
    operator = ("one_of", "person") if subject == "newness" else ("not_empty",)
    index = make_index(rules=(engine_rule(when(subject, *operator)),), actions=EASY)
    facts = make_facts(make_request(action="send_email"), recipients=recipients)
    return Asked(facts=facts, index=index, workspace_id=workspace.pk, agent_id=None, request_id=uuid4())


def reached(workspace, *addresses):
    facts = {"recipients": [{"kind": "email", "address": address} for address in addresses]}
    remember_touch(AgentActionRequest(workspace=workspace, action="send_email", facts=facts), get_now())


def test_who_was_never_reached_is_new(django_assert_num_queries):
    workspace = make_site().world.workspace
    now = get_now()
    with django_assert_num_queries(1):
        (found,) = ask_newness([asked(workspace, ANN)], now)
    assert (found.is_new_person, found.is_new_domain) == (True, True)


def test_a_person_is_known_by_any_address_and_a_company_by_its_domain():
    workspace = make_site().world.workspace
    reached(workspace, "ANN@home.example ")
    (ann, bob) = ask_newness([asked(workspace, ANN, ANN_AT_HOME), asked(workspace, BOB)], get_now())
    assert (ann.is_new_person, ann.is_new_domain) == (False, True)
    assert (bob.is_new_person, bob.is_new_domain) == (True, True)
    reached(workspace, "ann@acme.com")
    (bob,) = ask_newness([asked(workspace, BOB)], get_now())
    assert (bob.is_new_person, bob.is_new_domain) == (True, False)


def test_a_touch_is_remembered_once_and_only_in_its_workspace():
    one, other = make_site().world.workspace, make_site("other", agent_name="agent.other").world.workspace
    reached(one, "ann@acme.com")
    reached(one, "Ann@ACME.com")
    assert Touched.objects.count() == 2  # the person and the domain
    (found,) = ask_newness([asked(other, ANN)], get_now())
    assert found.is_new_person


def test_nobody_asks_without_a_rule_that_wants_to_know():
    workspace = make_site().world.workspace
    question = asked(workspace, ANN, subject="duplicate")
    assert not asks_newness(question)
    assert asks_newness(asked(workspace, ANN))
    assert with_worlds([question], now=get_now())[0].newness is None


def test_somebody_known_is_found_over_leads_and_contacts():
    site = make_site()
    connection = site.world.connection
    lead = make_record(connection.pk, "leads", lastname="Lee", email="Lee@Acme.com")
    found = list_people_with_emails(
        workspace_id=site.world.workspace.pk, connection=connection.name, emails={"lee@acme.com"}
    )
    assert found == [(f"leads:{lead}", "lee@acme.com")]
    elsewhere = list_people_with_emails(workspace_id=site.world.workspace.pk, connection="ghost", emails={"x@y.z"})
    assert elsewhere is None


def test_an_update_that_no_rule_asks_about_looks_nothing_up():
    site = make_site()
    make_rule(site.world, when("duplicate", "not_empty"), actions=("create",))
    publish(site.world)
    assert submit(site).status == "approved"
