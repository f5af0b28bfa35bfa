"""Whatever is sent, the answer is typed and nothing has happened: no row, no ledger event."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from approvals.models import AgentActionRequest, RequestBatch
from audit.models import LedgerEvent
from governance.models import AgentVersion
from tests.builders.api import make_body, make_site, post

pytestmark = pytest.mark.django_db

VECTORS = Path(__file__).parents[2] / "vectors" / "requests"
PATHS = ("/action-requests/", "/action-requests/preview/")


def load(name: str) -> list[Any]:
    vectors = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return [pytest.param(vector, id=vector["name"]) for vector in vectors]


def bytes_of(vector: dict[str, Any]) -> bytes:
    if "base64" in vector:
        return base64.b64decode(vector["base64"])
    if "repeat" in vector:
        before, unit, times, after = vector["repeat"]
        return (before + unit * times + after).encode()
    return str(vector["text"]).encode()


def count_everything() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (AgentActionRequest, RequestBatch, AgentVersion, LedgerEvent))


def check_problem(answer: Any, *, status: int, code: str, pointer: str | None) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"
    assert problem["status"] == status
    assert problem["correlation_id"] == answer["X-Correlation-ID"]
    if pointer is not None:
        assert problem.get("pointer") == pointer


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("vector", load("malformed.json"))
def test_what_is_no_strict_json_is_refused(vector: dict[str, Any], path: str) -> None:
    """APR-02: size, content type and JSON come before everything else."""
    site = make_site()
    before = count_everything()
    answer = post(path, None, raw=bytes_of(vector), token=site.world.token, **vector.get("headers", {}))
    check_problem(answer, status=vector["status"], code=vector["code"], pointer=vector.get("pointer"))
    assert count_everything() == before


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("vector", load("unacceptable.json"))
def test_what_is_no_proposal_is_refused(vector: dict[str, Any], path: str) -> None:
    """APR-01: every member is typed and bounded, and unknown ones are refused."""
    site = make_site()
    before = count_everything()
    answer = post(path, make_body(site, **vector["set"]), token=site.world.token)
    check_problem(answer, status=422, code=vector["code"], pointer=vector.get("pointer"))
    assert count_everything() == before


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("justification", "x" * 4_001),
        ("intent", "x" * 4_001),
        ("plan", ["x"] * 51),
        ("risk_flags", [f"flag{number}" for number in range(21)]),
        ("evidence", [{"kind": "signal", "name": "a", "strength": 1}] * 51),
        ("changes", {f"field{number}": 1 for number in range(101)}),
        ("changes", {"industry": "x" * 65_537}),
        ("changes", {"industry": ["x"] * 201}),
        ("source_workflow", "x" * 121),
        ("correlation_id", "x" * 121),
        ("reason_code", "x" * 81),
        ("connection", "x" * 61),
        ("tool_responses", [{"tool": "t", "sha256": "a"}] * 51),
    ],
)
def test_every_limit_is_kept(member: str, value: Any) -> None:
    """APR-01: one past the limit is refused by name."""
    site = make_site()
    before = count_everything()
    answer = post("/action-requests/", make_body(site, **{member: value}), token=site.world.token)
    assert answer.status_code == 422
    assert answer.json()["pointer"].startswith(f"/{member}")
    assert count_everything() == before


def test_a_hostile_body_without_a_token_learns_nothing_of_the_rest() -> None:
    """IDN-02: well-formed but without a credential: 401 before any member is judged."""
    make_site()
    answer = post("/action-requests/", {"approved": True}, token=None)
    check_problem(answer, status=401, code="invalid_token", pointer=None)
