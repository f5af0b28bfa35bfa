"""POL-07: a person types a proposal and asks what the policy in force and the draft would do; nothing comes of it."""

import json

import pytest
from django.urls import reverse

from approvals.models import AgentActionRequest, Attempt
from audit.models import LedgerEvent
from governance.models import BudgetCounter, FieldOwnership, ProvenanceFields
from tests.builders.api import make_body, make_site
from tests.builders.approvals import crm_value, submit
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_field, make_world, publish

pytestmark = pytest.mark.django_db


def client_of(site, *permissions):
    return log_in(make_login(site.world.workspace, *(permissions or ("view_requests", "edit_policy"))))


def ask(client, site, agent=None, **changes):
    body = changes.pop("text", None) or json.dumps(make_body(site, **changes))
    return client.post(reverse("approvals:try_out"), {"agent": str(agent or site.world.agent.pk), "body": body})


def set_level(level):
    FieldOwnership.objects.filter(field__name="numberofemployees").update(permission_level=level)


def counts():
    return [model.objects.count() for model in (AgentActionRequest, Attempt, LedgerEvent, BudgetCounter)]


def test_both_policies_answer_on_what_the_crm_holds_and_nothing_comes_of_it():
    site = make_site()
    set_level("approval")
    client, before = client_of(site), counts()
    page = ask(client, site).context["page"]
    assert (page.live.outcome, page.draft.outcome) == ("goes through by itself", "waits for a person")
    assert not page.is_same
    [(_, old, new)] = [item for item in page.live.patch if item[0] == "numberofemployees"]
    assert (old.pieces[0].text, new.pieces[0].text) == ("100", "220")
    assert counts() == before
    assert crm_value(site, "numberofemployees") == 100
    assert "otherwise" in text_of(ask(client, site))


def test_rows_that_nobody_edited_answer_alike():
    site = make_site()
    page = ask(client_of(site), site).context["page"]
    assert page.is_same
    assert page.live == page.draft


def test_what_names_the_request_itself_is_no_difference():
    """REG-07: the signature that is written names the request, which is one and the same here."""
    site = make_site()
    make_field(site.world.connection, "ai_request", classification="system_generated")
    ProvenanceFields.objects.create(
        connection=site.world.connection, object_type="companies", request_field="ai_request"
    )
    publish(site.world)
    page = ask(client_of(site), site).context["page"]
    assert "ai_request" in [name for name, _, _ in page.live.patch]
    assert page.is_same


def test_an_expectation_that_does_not_hold_is_a_conflict_and_a_stranger_field_is_named():
    site = make_site()
    client = client_of(site)
    assert "conflict" in ask(client, site, expected={"numberofemployees": 7}).context["page"].live.outcome
    assert "companies.nothing" in text_of(ask(client, site, changes={"nothing": 1}, expected={}))


def test_rows_that_contradict_each_other_are_named_beside_the_answer_in_force():
    site = make_site()
    FieldOwnership.objects.filter(field__name="numberofemployees").update(owner_role="nobody-knows")
    answer = ask(client_of(site), site)
    assert "Mend the rows first" in text_of(answer)
    assert answer.context["page"].draft is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "This is no proposal"),
        ("[]", "must be a JSON object"),
        ('{"connection": 1}', "/connection"),
        ('"' + "x" * 300_000 + '"', "at most 256 KiB"),
        ('{"a": "\\ud800"}', "This is no proposal"),
    ],
)
def test_what_is_no_proposal_is_refused_in_words_and_kept_in_the_form(text, words):
    site = make_site()
    answer = ask(client_of(site), site, text=text)
    assert words in text_of(answer)
    assert answer.context["body"] == text


def test_hostile_text_stays_text():
    site = make_site()
    answer = ask(client_of(site), site, text='{"<script>alert(1)</script>": "</textarea><b>x"}')
    assert find_acting_nodes(answer.content) == []


def test_an_agent_of_another_workspace_is_none_of_ours():
    site, elsewhere = make_site(), make_world("elsewhere", agent_name="agent.other")
    client = client_of(site)
    assert "choose an agent" in text_of(ask(client, site, agent=elsewhere.agent.pk))
    assert "choose an agent" in text_of(ask(client, site, agent="nobody"))


@pytest.mark.parametrize("permission", ["view_requests", "edit_policy"])
def test_who_has_no_part_in_policy_or_sees_no_requests_is_refused(permission):
    site = make_site()
    assert ask(client_of(site, permission), site).status_code == 403


def test_the_form_opens_with_the_newest_proposal_and_its_agent():
    site = make_site()
    submit(site)
    answer = client_of(site).get(reverse("approvals:try_out"))
    assert json.loads(answer.context["body"])["correlation_id"] == "run-1"
    assert answer.context["agent"] == str(site.world.agent.pk)
