"""Decisions as JSON: the corpus of `tests/vectors/decisions`, where denials outnumber the rest (POL-01)."""

import json
from pathlib import Path

import msgspec
import pytest

from governance.domain.document import PolicyDocument
from governance.domain.engine import decide
from governance.domain.facts import Facts
from governance.domain.index import compile_index

FOLDER = Path(__file__).parents[2] / "vectors" / "decisions"
BASE = json.loads((FOLDER / "facts.json").read_text())
DOCUMENT = msgspec.json.decode((FOLDER / "document.json").read_bytes(), type=PolicyDocument)
VECTORS = [
    pytest.param(vector, id=f"{path.stem}: {vector['name']}")
    for path in sorted(FOLDER.glob("*.json"))
    if path.stem not in {"document", "facts"}
    for vector in json.loads(path.read_text())
]


def laid_over(base, changes):
    """Members of `changes` over those of `base`; `changes` and `expected` of a request are taken whole."""
    merged = dict(base)
    for name, value in changes.items():
        is_open = isinstance(value, dict) and isinstance(base.get(name), dict) and name not in {"changes", "expected"}
        merged[name] = laid_over(base[name], value) if is_open else value
    return merged


def spoken(check):
    """A check as it is told to the agent and to the reviewer."""
    return f"{check.check} {check.field}: {check.message}" if check.field else f"{check.check}: {check.message}"


def decide_vector(vector):
    return decide(compile_index(DOCUMENT, version="v"), msgspec.convert(laid_over(BASE, vector["facts"]), Facts))


@pytest.mark.parametrize("vector", VECTORS)
def test_outcome_and_codes(vector):
    decision = decide_vector(vector)
    assert decision.outcome == vector["outcome"], decision.reasons
    assert sorted(check.code for check in decision.reasons) == vector["codes"]


@pytest.mark.parametrize("vector", VECTORS)
def test_reasons_are_told_in_these_words(vector):
    """An agent mends its next proposal by them, and a reviewer decides by them."""
    decision = decide_vector(vector)
    assert sorted(spoken(check) for check in decision.reasons) == vector["says"]


@pytest.mark.parametrize("vector", [item for item in VECTORS if "all_checks" in item.values[0]])
def test_a_reviewer_reads_also_what_was_found_in_order(vector):
    """POL-02: all checks are kept, each with a sentence."""
    assert set(vector["all_checks"]) <= {spoken(check) for check in decide_vector(vector).checks}


@pytest.mark.parametrize("vector", [item for item in VECTORS if "patch" in item.values[0]])
def test_patch_and_redirects(vector):
    decision = decide_vector(vector)
    assert {change.field: [change.before, change.after] for change in decision.patch} == vector["patch"]
    assert {item.field: item.suggestion_field for item in decision.redirects} == vector.get("redirects", {})


@pytest.mark.parametrize("vector", [item for item in VECTORS if item.values[0]["outcome"] == "deny"])
def test_what_is_denied_shows_nothing_of_the_record_and_asks_nobody(vector):
    decision = decide_vector(vector)
    assert decision.patch == ()
    assert decision.requirement is None


@pytest.mark.parametrize("vector", [item for item in VECTORS if "requirement" in item.values[0]])
def test_requirement(vector):
    requirement = decide_vector(vector).requirement
    assert json.loads(msgspec.json.encode(requirement)) == vector["requirement"]
