"""The demo's words for another CRM are that CRM's own, and an agent that speaks them is understood (CON-07)."""

import pytest

from config.demo.far_crm import KINDS, running_crm
from config.demo.scene import Dialect, speak
from config.demo.words import CANNOT, words_of
from crm_connectors.embedded import picklists
from crm_connectors.hubspot.properties import read_property
from crm_connectors.simulators.hubspot.start import make_hubspot
from crm_connectors.simulators.salesforce.schema import OBJECTS
from governance.domain.starter.agents import STARTER_AGENTS
from governance.domain.starter.matrix import matrix_row

OWNERS = [("frank.moreno@example.com", "77"), ("", "78")]


def fields_of(kind):
    """Object → field → the values that it may hold; empty for any."""
    if kind == "salesforce":
        return {name: {field.name: field.options for field in item.fields} for name, item in OBJECTS.items()}
    found = {}
    for name, definitions in make_hubspot().portal.definitions.items():
        known = [read_property(item.to_wire(), name) for item in definitions.values()]
        found[name] = {item.name: item.options for item in known}
    return found


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_word_is_one_of_that_crm(kind):
    schema, words = fields_of(kind), words_of(kind, OWNERS)
    for own, there in words.items():
        known = schema[there["name"]]
        assert set(there["fields"].values()) <= known.keys()
        assert all(matrix_row(own, name) is not None for name in there["fields"]), "else nobody opens it to agents"
        for name, values in there.get("values", {}).items():
            options = known[there["fields"][name]]
            assert not options or set(values.values()) <= set(options), f"{own}.{name}"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_industry_that_the_enrichment_finds_is_known_there_or_left_as_it_is(kind):
    options = set(
        fields_of(kind)[words_of(kind, OWNERS)["companies"]["name"]]["Industry" if kind == "salesforce" else "industry"]
    )
    dialect = Dialect(words_of(kind, OWNERS))
    told = [dialect.values("companies", {"industry": own}) for own, _ in picklists.INDUSTRY]
    assert sum(next(iter(item.values())) in options for item in told) >= len(told) - 2


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_of_the_three_agents_has_work_there(kind):
    words = words_of(kind, OWNERS)
    for agent in STARTER_AGENTS:
        assert any(grant.action == "update" and grant.object in words for grant in agent.grants), agent.name
    assert CANNOT[kind]


def test_a_proposal_is_spoken_in_the_crms_words_and_what_it_lacks_is_left_out():
    dialect = Dialect(words_of("salesforce", OWNERS))
    asked = {
        "action": "update",
        "target": {"object": "leads", "id": "00Q1"},
        "changes": {"owner": "frank.moreno@example.com", "founded_year": 1999},
        "expected": {"owner": None},
    }
    spoken = speak(asked, dialect)
    assert spoken["target"] == {"object": "Lead", "id": "00Q1"}
    assert (spoken["changes"], spoken["expected"]) == ({"OwnerId": "77"}, {"OwnerId": "78"})
    assert dialect.own_values("leads", {"OwnerId": "78", "Status": "Working - Contacted"}) == {
        "owner": None,
        "lead_status": "OPEN",
    }
    assert speak(asked | {"action": "create_task", "task": {}}, dialect) is None
    assert speak(asked | {"changes": {"founded_year": 1999}}, dialect) is None


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_person_edits_a_record_at_the_simulators_own_page(kind):
    with running_crm(kind, companies=4) as crm:
        owners = dict(crm.list_owners())
        assert owners["grace.liu@example.com"]
        words = words_of(kind, owners.items())["companies"]
        record = "101" if kind == "hubspot" else _first_account(crm)
        crm.edit(words["name"], record, {words["fields"]["numberofemployees"]: 12})
        page = crm._read(f"{'/records' if kind == 'hubspot' else ''}/{words['name']}/{record}")
        assert "12" in page


def _first_account(crm):
    page = crm._read("/Account")
    return page.split('href="/Account/', 1)[1].split('"', 1)[0]
