"""The ledger has every field of an action that the sources ask for (AUD-02)."""

import json

import pytest

from audit.models import LedgerEvent
from audit.selectors.events import get_values
from governance.models import AgentVersion
from tests.builders.api import make_site
from tests.builders.approvals import execute, get, submit, submit_pending, vote

pytestmark = pytest.mark.django_db

SAID = {
    "intent": "keep headcounts fresh",
    "plan": ["look it up", "write it"],
    "tool_call": {"name": "crm.update", "arguments": {"id": "101", "api_key": "hunter2", "auth": {"Password": "x"}}},
    "source_workflow": "nightly",
    "risk_flags": ["persona_ambiguous"],
}


def told(request_id, type_):
    event = LedgerEvent.objects.get(subject_id=str(request_id), type=type_)
    body = json.loads(bytes(event.body))
    return body, get_values([event.id]).get(event.id, {})


def test_what_an_agent_asked_for_is_on_record_whole():
    """AUD-02: time, actor, credential, versions, intent and plan, tool and parameters, targets, evidence, reason."""
    request = get(submit(make_site(), **SAID).request_id)
    body, values = told(request.pk, "request.received")
    data = body["data"]
    assert (body["at"][-1], body["actor"]["type"], body["correlation_id"]) == ("Z", "agent", request.correlation_id)
    assert data["credential"] == str(request.credential_id)
    assert data["agent_version"] == request.agent_version.fingerprint
    assert (data["tool"], data["workflow"], data["risk_flags"]) == ("crm.update", "nightly", ["persona_ambiguous"])
    assert {"target", "object", "record", "fields", "evidence", "reason_code", "action", "connection"} <= set(data)
    assert values["context"]["intent"] == SAID["intent"]
    assert values["context"]["plan"] == SAID["plan"]
    assert values["context"]["tool_call"]["arguments"] == {
        "id": "101",
        "api_key": "[redacted]",
        "auth": {"Password": "[redacted]"},
    }
    assert "hunter2" not in json.dumps([body, values])


def test_a_secret_in_any_of_the_agents_words_is_not_kept():
    """AUD-02, SEC-01: plan, intent and evidence as little as the arguments of a tool."""
    body = {"plan": ["log in with password=hunter2"], "intent": "use token=hunter2"}
    request = get(submit(make_site(), **body).request_id)
    _, values = told(request.pk, "request.received")
    assert values["context"]["plan"] == ["log in with password=[redacted]"]
    assert "hunter2" not in json.dumps(values)


def test_the_address_of_a_source_is_erasable_and_only_its_host_stays():
    """AUD-02: an address may name a person."""
    addresses = ("people.example:8443/lovelace", "People.example/bob?q=1", "lovelace:pw@x.example/")
    evidence = [{"kind": "source", "url": f"https://{address}"} for address in addresses]
    request = get(submit(make_site(), evidence=evidence).request_id)
    body, values = told(request.pk, "request.received")
    assert (body["data"]["evidence"]["sources"], body["data"]["evidence"]["vendors"]) == (3, ["people.example"])
    assert "lovelace" not in json.dumps(body)
    assert "people.example:8443/lovelace" in json.dumps(values["context"]["evidence"])


def test_the_version_says_model_prompt_and_tools():
    """AUD-02, IDN-03."""
    request = get(submit(make_site()).request_id)
    version = AgentVersion.objects.get(pk=request.agent_version_id)
    data = json.loads(bytes(LedgerEvent.objects.get(type="agent_version.recorded").body))["data"]
    assert [data[name] for name in ("model", "prompt_template", "prompt_hash", "tools_hash")] == [
        version.model,
        version.prompt_template,
        version.prompt_hash,
        version.tools_hash,
    ]


def test_decision_people_and_outcome_are_on_record():
    """AUD-02: policy version, tier, reasons, approver, before and after, result."""
    site = make_site()
    row = submit_pending(site)
    vote(site, row)
    execute(row.pk)
    decided, _ = told(row.pk, "request.decided")
    assert {"outcome", "policy_version", "risk_tier", "reasons", "code"} <= set(decided["data"])
    voted, _ = told(row.pk, "request.voted")
    assert (voted["actor"]["type"], voted["data"]["verdict"]) == ("human", "approve")
    _, before = told(row.pk, "request.record_read")
    _, after = told(row.pk, "request.verified")
    assert set(before) == {"before"}
    assert set(after) == {"after"}
    executed, _ = told(row.pk, "request.executed")
    assert {"code", "digest", "attempt"} <= set(executed["data"])
