"""Every column of every row that the compiler reads: changed alone, the published document is another one.

That a decision reads every member of the document is shown by tests/governance/domain/test_declared_means_enforced.py.
"""

import re

import msgspec
import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.models import (
    FieldOwnership,
    FrequencyCap,
    GoldenCase,
    LawfulBasis,
    ProvenanceFields,
    RegisteredField,
    RevenueField,
    Rule,
    RuleList,
    StageTransition,
    System,
    WritePath,
)
from governance.selectors.compilation import compile_policy, encode_document
from governance.selectors.golden import run_golden_cases
from governance.selectors.policy_sections import SECTIONS
from tests.builders.governance import (
    make_agent,
    make_anomaly,
    make_breaker,
    make_budget,
    make_connection,
    make_field,
    make_group,
    make_person,
    make_stage_requirement,
    make_workspace,
    make_world,
)
from tests.builders.kept import kept
from tests.builders.other_values import is_noticed, own_columns
from tests.builders.policy import make_facts, make_index, make_request
from tests.config.columns.excused import COMPILED, NOT_IN_THE_DOCUMENT

pytestmark = pytest.mark.django_db

# What keeps a policy from being published instead of being a part of it.
REFUSES = ("ApproverGroup.workspace", "Membership.group", "Membership.person", "Person.is_active")
# REG-10: rows of the policy file that are told on every review; tests/governance/admin/test_inventory.py shows each.
INVENTORY = {System, WritePath}


@kept
def make_rich_world():
    """A world with at least one row of all that is compiled, and another row for every reference to go to."""
    world = make_world()
    workspace, site = world.workspace, world.connection
    other = make_workspace("globex")
    make_connection(other, "theirs")
    make_group(other, "theirs", make_person("Theo Theirs"))
    make_agent(workspace, world.owner, name="agent.second")
    make_field(site, "zip")
    finance = make_group(workspace, "finance", make_person("Fina Finance"))
    revenue = RevenueField.objects.create(
        workspace=workspace, position=1, name="Industry", names_by_kind={"embedded": "industry"}, owner_role="revops"
    )
    RevenueField.objects.create(workspace=workspace, position=2, name="Country")
    industry = RegisteredField.objects.get(connection=site, object_type="companies", name="industry")
    RegisteredField.objects.filter(pk=industry.pk).update(revenue_field=revenue)
    FieldOwnership.objects.filter(field=industry).update(owner_person=world.owner)
    make_stage_requirement(site, "closedwon", "amount", "dealname")
    StageTransition.objects.create(
        connection=site, object_type="deals", stage_field="dealstage", from_stage="open", to_stages=["closedwon"]
    )
    ProvenanceFields.objects.create(connection=site, object_type="companies", at_field="country")
    make_breaker(workspace, world.owner, agent=world.agent, actions=["update"])
    make_anomaly(workspace, 5)
    make_budget(workspace, 5, key="segment", segment_field="country")
    FrequencyCap.objects.create(workspace=workspace, key="a", name="A", reason="a", owner=world.owner, max_touches=1)
    make_lists(workspace)
    make_rules(world, finance)
    LawfulBasis.objects.create(
        workspace=workspace, object_type="contacts", field="country", value="Norway", basis="consent"
    )
    keep_golden_case(workspace)
    return world


def make_lists(workspace):
    lists = [
        RuleList.objects.create(workspace=workspace, title=name, slug=name, kind="values", entries=[name])
        for name in ("nordic", "baltic")
    ]
    lists[0].includes.set(lists[1:])


def make_rules(world, finance):
    """One that asks people, one that raises the tier."""
    for effect in ("approval", "raise_tier"):
        rule = Rule.objects.create(
            workspace=world.workspace,
            key=effect.replace("_", "-"),
            name=effect,
            reason="because",
            owner=world.owner,
            conditions=[{"subject": "confidence", "operator": "less", "values": ["0.5"]}],
            effect=effect,
            tier="blocked" if effect == "raise_tier" else "",
        )
        rule.groups.set([finance])
        rule.any_groups.set([world.group])


def observed(workspace):
    compilation = compile_policy(workspace_id=workspace.pk)
    return encode_document(compilation.document), compilation.errors


def tables(queries):
    return {name for query in queries for name in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}


def keep_golden_case(workspace):
    """POL-05: kept for an environment whose policy it is asked of."""
    facts = make_facts(make_request(changes={"country": "Norway"}))
    GoldenCase.objects.create(
        workspace=workspace,
        name="Country",
        facts=msgspec.to_builtins(facts),
        expected_outcome="deny",
        expected_codes=["tier_blocked"],
    )


def compiled(world):
    return encode_document(compile_policy(workspace_id=world.workspace.pk).document)


def models_read(read):
    """The models whose tables a call asks for."""
    with CaptureQueriesContext(connection) as queries:
        read()
    names = {name for query in queries for name in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}
    return {model for model in apps.get_models() if model._meta.db_table in names}


def unnoticed(model, observe):
    """Columns in which another value changes nothing, whichever row it is put into."""
    before = observe()
    return {
        f"{model.__name__}.{column}"
        for column in own_columns(model)
        if not any(is_noticed(row, column, observe, before=before) for row in model.objects.all())
    }


def test_every_model_of_the_policy_file_is_walked():
    """POL-08: what the file holds is what the compiler reads."""
    world = make_rich_world()
    read = models_read(lambda: compile_policy(workspace_id=world.workspace.pk))
    assert {section.model for section in SECTIONS} - read == {GoldenCase, *INVENTORY}
    assert {model.__name__ for model in read} == COMPILED
    assert all(model.objects.exists() for model in read)


def test_the_document_holds_every_column_that_is_policy():
    """REG-03, POL-04: a column that no document holds is declared and not enforced, unless its reason stands above."""
    world = make_rich_world()
    models = models_read(lambda: compiled(world))
    found = set().union(*(unnoticed(model, lambda: compiled(world)) for model in models))
    assert found == set(NOT_IN_THE_DOCUMENT)


@pytest.mark.parametrize("name", REFUSES)
def test_a_policy_is_refused_for_it(name):
    world = make_rich_world()

    def errors():
        return compile_policy(workspace_id=world.workspace.pk).errors

    model, column = apps.get_model("governance", name.split(".")[0]), name.split(".")[1]
    assert any(is_noticed(row, column, errors, before=errors()) for row in model.objects.all())


def test_every_column_of_a_golden_case_is_asked():
    """POL-05."""
    world = make_rich_world()

    def results():
        return run_golden_cases(workspace_id=world.workspace.pk, index=make_index())

    shown_alone = {"GoldenCase.note", "GoldenCase.source_request"}  # why it must stay so, and where it came from
    assert unnoticed(GoldenCase, results) == shown_alone
