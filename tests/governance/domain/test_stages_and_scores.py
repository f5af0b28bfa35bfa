"""REG-08 and REG-11: ways from stage to stage, formats and ranges of values, and scores that explain themselves."""

import msgspec
import pytest

from governance.domain.coherence import find_errors
from governance.domain.document import TransitionRule
from governance.domain.engine import decide
from governance.domain.facts import RecordFacts
from tests.builders.policy import GRANTS, field, make_document, make_facts, make_human_facts, make_index, make_request

STAGE = field(
    "phase", object="companies", type="picklist", options=("new", "open", "won"), permission_level="safe_write"
)


def move(start, *to, **changes):
    values = {"connection": "embedded", "object": "companies", "stage_field": "phase"}
    return TransitionRule(**{**values, "from_stage": start, "to_stages": to, **changes})


def index(*transitions, fields=(STAGE,), **changes):
    return make_index(fields=fields, grants=grants(fields), transitions=transitions, **changes)


def grants(fields):
    names = tuple(sorted(rule.field for rule in fields))
    return tuple(
        msgspec.structs.replace(grant, write_fields=names)
        for grant in GRANTS
        if grant.object == "companies" and grant.action in {"update", "create"}
    )


def judged(policy, held, wanted, **facts):
    record = RecordFacts(exists=True, version="7", values={"phase": held})
    return decide(policy, make_facts(make_request(changes={"phase": wanted}), record=record, **facts))


@pytest.mark.parametrize(
    ("held", "wanted", "is_allowed"),
    [
        ("new", "open", True),
        ("open", "won", True),
        ("new", "won", False),
        ("won", "open", False),
        (None, "open", False),
    ],
)
def test_a_stage_moves_along_the_ways_that_policy_names(held, wanted, is_allowed):
    decision = judged(index(move("new", "open"), move("open", "won", "new")), held, wanted)
    assert (decision.outcome == "allow") is is_allowed
    assert is_allowed or [check.code for check in decision.reasons] == ["transition_not_allowed"]


def test_without_ways_every_stage_is_reached_and_a_new_record_starts_where_it_may():
    assert judged(index(), "new", "won").outcome == "allow"
    policy = index(move("", "new"), actions=make_document().actions)
    create = make_request(action="create", record_id=None, changes={"phase": "won"})
    assert "transition_not_allowed" in [check.code for check in decide(policy, make_facts(create)).reasons]


@pytest.mark.parametrize(
    ("held", "wanted", "words"),
    [
        ("new", "won", "`phase` does not go from `new` to `won`: from there to `open`, `empty`"),
        ("won", "open", "`phase` does not go from `won` to `open`: from there to nowhere"),
        (None, "open", "`phase` does not go from `empty` to `open`: from there to `new`"),
        ("open", None, "`phase` does not go from `open` to `empty`: from there to `won`"),
        ("new", None, None),
    ],
)
def test_a_refused_stage_is_told_with_the_ways_there_are(held, wanted, words):
    decision = judged(index(move("new", "open", ""), move("open", "won"), move("", "new")), held, wanted)
    assert [check.message for check in decision.reasons] == ([words] if words else [])
    assert {(check.check, check.field) for check in decision.reasons} <= {("transition", "phase")}


def test_fields_without_ways_beside_one_with_them_are_left_alone():
    fields = (STAGE, field("country"))
    policy = index(move("new", "open"), fields=fields)
    record = RecordFacts(exists=True, values={"phase": "new", "country": "Norge"})
    request = make_request(changes={"country": "Norway", "phase": "won"})
    assert [c.code for c in decide(policy, make_facts(request, record=record)).reasons] == ["transition_not_allowed"]


def test_people_keep_to_the_ways_too_but_taking_back_goes_anywhere():
    policy = index(move("new", "open"))
    request = make_request(changes={"phase": "new"})
    record = RecordFacts(exists=True, values={"phase": "open"})
    assert decide(policy, make_human_facts(request, record=record, reverses=False)).outcome == "deny"
    assert decide(policy, make_human_facts(request, record=record)).outcome == "allow"


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (field("country", value_format="country"), "NO", "Norway"),
        (field("country", value_format="country"), "DE", "XX"),
        (field("country", value_format="phone_e164"), "+4721234567", "21 23 45 67"),
        (field("country", value_format="email"), "ann@example.com", "ann at example"),
        (field("country", value_format="url"), "https://example.com/a?b", "javascript:alert(1)"),
        (field("country", type="integer", min_value=1, max_value=10), 10, 11),
        (field("country", type="number", min_value=0.5), 0.5, 0.4),
        (field("country", type="number", max_value=-1), -1.5, 0),
    ],
)
def test_a_value_has_the_format_and_lies_in_the_range_of_the_matrix(rule, good, bad):
    policy = make_index(fields=(rule,))
    outcomes = [
        decide(policy, make_facts(make_request(changes={"country": value}))).outcome for value in (good, None, bad)
    ]
    assert outcomes == ["allow", "allow", "deny"]


def test_a_score_comes_with_what_explains_it():
    """REG-11: components and version in the same patch, or nothing."""
    fields = (
        field("country", classification="derived_score", components_field="industry", version_field="website"),
        field("industry"),
        field("website"),
    )
    policy = make_index(fields=fields)
    bare = decide(policy, make_facts(make_request(changes={"country": "7", "industry": "size 3, intent 4"})))
    assert [(check.code, check.field) for check in bare.reasons] == [("score_unexplained", "country")]
    assert [(check.check, check.message) for check in bare.reasons] == [
        ("score", "`country` is a score: give `website` with it, which says how it came about")
    ]
    person = make_human_facts(make_request(changes={"country": "7"}), reverses=False)
    assert decide(policy, person).outcome == "allow"
    whole = {"country": "7", "industry": "size 3, intent 4", "website": "score@12"}
    assert decide(policy, make_facts(make_request(changes=whole))).outcome == "allow"
    assert decide(policy, make_facts(make_request(changes={"country": None}))).outcome == "allow"


def test_what_was_given_and_refused_is_not_called_missing():
    """A proposal to make a record without a grant hears why, and not that its fields are missing."""
    request = make_request(action="create", record_id=None, changes={"name": "Acme"})
    decision = decide(make_index(grants=()), make_facts(request))
    codes = {check.code for check in decision.reasons}
    assert {"not_granted", "field_not_granted"} <= codes
    assert "validation_failed" not in codes
    empty = decide(make_index(), make_facts(make_request(action="create", record_id=None, changes={"country": "NO"})))
    assert "validation_failed" in {check.code for check in empty.reasons}


@pytest.mark.parametrize(
    ("rules", "transitions", "code"),
    [
        ((field("country", value_format="regex"),), (), "unknown_value"),
        ((field("country", type="integer", value_format="email"),), (), "format_without_text"),
        ((field("country", min_value=1),), (), "range_without_number"),
        ((field("country", type="number", min_value=2, max_value=1),), (), "range_empty"),
        ((field("country", components_field="nowhere"),), (), "companion_unknown"),
        ((field("country", version_field="country"),), (), "companion_unknown"),
        ((), (move("new", "open"),), "unknown_field"),
        ((STAGE,), (move("new", "gone"),), "unknown_option"),
        ((STAGE,), (move("new", "new"),), "transition_nowhere"),
    ],
)
def test_rows_that_cannot_work_are_refused_by_name(rules, transitions, code):
    document = make_document(fields=rules, grants=(), stages=(), transitions=transitions)
    assert code in [error.code for error in find_errors(document, {"revops": {"ann", "bob"}})]
