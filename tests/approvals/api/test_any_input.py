"""Whatever an agent's program sends, the answer is typed and a refusal leaves nothing behind (APR-01, APR-02).

Drawn at random around what is valid: a body that is wrong in one place goes deeper than one that is wrong everywhere.
"""

import copy
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_from_bytes

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from approvals.models import AgentActionRequest, RequestBatch
from audit.models import LedgerEvent
from governance.models import AgentVersion
from tests.builders.api import Site, get, make_body, make_site, post

pytestmark = pytest.mark.django_db

quick = settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)

ODD_TEXTS = st.sampled_from(
    ["", " ", "\x00", "\ud800", "\U0001f600", "é", "e\u0301", "\u202e", "' OR 1=1 --", "%s%n", "../..", "x" * 5_000,
     "__proto__", "companies", "numberofemployees", "owner", "2026-02-30", "9999-12-31T23:59:59-14:00", "NaN", "-0"]
)  # fmt: skip
TEXTS = ODD_TEXTS | st.text(max_size=20)
NUMBERS = st.sampled_from(
    [0, -1, 2**31, 2**53 - 1, 2**53, 2**63, -(2**64), 10**400, 1e308, -1e-308, 0.1 + 0.2, float("nan"), float("inf")]
)
SCALARS = st.none() | st.booleans() | NUMBERS | st.integers() | st.floats() | TEXTS
NESTED = st.integers(2, 60).map(lambda depth: json.loads("[" * depth + "]" * depth))
LONG = st.integers(50, 2_000).map(lambda length: ["x"] * length)
VALUES = (
    NESTED
    | LONG
    | st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
    )
)


TASK = {"action": "create_task", "changes": None, "expected": None,
        "task": {"subject": "Call", "due_date": "2026-12-01", "body": "Now.", "priority": "high"}}  # fmt: skip
CREATE = {"action": "create", "target": {"object": "deals"}, "changes": {"dealname": "Pilot", "next_step": "Call"},
          "expected": None, "usage": {"tokens": 1}, "tool_call": {"name": "t", "arguments": {"a": [1]}}}  # fmt: skip


def count_everything() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (AgentActionRequest, RequestBatch, AgentVersion, LedgerEvent))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every member and item, however deep."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = []
    for name, member in members:
        found += [(*path, name), *places(member, (*path, name))]
    return found


@st.composite
def nearly_valid(draw: Any, valid: dict[str, Any]) -> dict[str, Any]:
    """`valid` with up to three members replaced, removed or added at any depth."""
    body = copy.deepcopy(valid)
    for _ in range(draw(st.integers(1, 3))):
        if not (found := places(body)):
            break
        path = draw(st.sampled_from(found))
        parent: Any = body
        for step in path[:-1]:
            parent = parent[step]
        how = draw(st.sampled_from(["replace", "replace", "remove", "add"]))
        if how == "remove":
            del parent[path[-1]]
        elif how == "add" and isinstance(parent, dict):
            parent[draw(TEXTS)] = draw(VALUES)
        else:
            parent[path[-1]] = draw(VALUES)
    return body


def check_answer(answer: Any, before: tuple[int, ...], *, changes_nothing: bool = False) -> None:
    """Below 500; a refusal is a problem with `code` and `correlation_id`, and nothing was written for it."""
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        problem = answer.json()
        assert answer["Content-Type"] == "application/problem+json"
        assert problem["code"]
        assert problem["correlation_id"] == answer["X-Correlation-ID"]
        assert problem["status"] == answer.status_code
    if answer.status_code >= 400 or changes_nothing:
        assert count_everything() == before


def run(site: Site, strategy: Any, send: Callable[[Any], Any], *, changes_nothing: bool = False) -> None:
    """Send 60 drawn inputs and judge every answer."""

    @quick
    @given(drawn=strategy)
    def each(drawn: Any) -> None:
        before = count_everything()
        check_answer(send(drawn), before, changes_nothing=changes_nothing)

    each()


@pytest.mark.parametrize("changes", [{}, TASK, CREATE], ids=["update", "task", "create"])
def test_any_proposal_is_answered(changes: dict[str, Any]) -> None:
    site = make_site()
    run(
        site,
        nearly_valid(make_body(site, **changes)),
        lambda body: post("/action-requests/", body, token=site.world.token),
    )


def test_any_preview_is_answered_and_writes_nothing() -> None:
    """POL-07."""
    site = make_site()
    send = lambda body: post("/action-requests/preview/", body, token=site.world.token, key=None)  # noqa: E731
    run(site, nearly_valid(make_body(site)), send, changes_nothing=True)


def test_any_batch_is_answered() -> None:
    site = make_site()
    valid = {"items": [make_body(site), make_body(site, **TASK)]}
    run(site, nearly_valid(valid), lambda body: post("/action-requests/batch/", body, token=site.world.token))


def test_any_search_is_answered() -> None:
    """RDG-01."""
    site = make_site()
    valid = {
        "filters": {"country": None, "numberofemployees": 100},
        "fields": ["name", "country"],
        "limit": 5,
        "after": "1",
    }
    address = "/records/embedded/companies/search/"
    run(site, nearly_valid(valid), lambda body: post(address, body, token=site.world.token))


@pytest.mark.parametrize("path", ["/action-requests/", "/action-requests/preview/", "/action-requests/batch/"])
def test_any_bytes_are_answered(path: str) -> None:
    """Bytes that are no JSON, and JSON with bytes cut out or put in."""
    site = make_site()
    valid = json.dumps(make_body(site)).encode()
    spliced = st.tuples(st.integers(0, len(valid)), st.integers(0, 40), st.binary(max_size=20)).map(
        lambda cut: valid[: cut[0]] + cut[2] + valid[cut[0] + cut[1] :]
    )
    run(site, st.binary(max_size=200) | spliced, lambda raw: post(path, None, raw=raw, token=site.world.token))


NAMES = st.sampled_from(
    ["status", "action", "object", "record", "connection", "correlation_id", "batch", "created_after", "created_before",
     "limit", "cursor", "fields", "token "]
)  # fmt: skip
QUERY_VALUES = st.binary(max_size=40).map(quote_from_bytes) | st.sampled_from(
    ["pending", "5", "0", "-1", "1e3", "%00", "%ff", "%ED%A0%80", "9999-12-31T23:59:59-14:00",
     "0001-01-01T00:00:00%2B14:00", "2026-01-01T00:00:00Z", "2026-13-01",
     "9" * 400, "0198c0de-0000-7000-8000-000000000000", "%F0%9F%98%80",
     "a" * 3_000]
)  # fmt: skip
QUERIES = st.lists(st.tuples(NAMES | st.binary(max_size=8).map(quote_from_bytes), QUERY_VALUES), max_size=4).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
)


def test_any_filter_of_the_list_is_answered() -> None:
    site = make_site()
    post("/action-requests/", make_body(site), token=site.world.token)
    send = lambda query: get(f"/action-requests/?{query}", token=site.world.token)  # noqa: E731
    run(site, QUERIES, send, changes_nothing=True)


def test_any_address_of_a_record_is_answered() -> None:
    """RDG-01."""
    site = make_site()
    step = st.sampled_from(["embedded", "companies", site.company, "0", "-1", "9" * 60]) | TEXTS.filter(
        lambda text: "\ud800" not in text
    ).map(lambda text: quote(text, safe=""))
    addresses = st.tuples(step, step, step, QUERIES).map(lambda parts: "/records/{}/{}/{}/?{}".format(*parts))
    run(site, addresses, lambda address: get(address, token=site.world.token))


HEADER_VALUES = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\x00"), max_size=60) | st.sampled_from(
    ["", " ", "x" * 9_000, "wait=99999999999", "wait=1;wait=2", "*/*;q=abc", "text/html", "application/json;charset=x"]
)
HEADER_NAMES = ["Idempotency-Key", "Prefer", "X-Correlation-ID", "Accept", "Content-Encoding", "Authorization",
                "Cookie", "X-Forwarded-For", "If-Match", "Accept-Language", "content-type", "Traceparent"]  # fmt: skip


def test_any_header_is_answered() -> None:
    site = make_site()
    body = make_body(site)

    def send(headers: dict[str, str]) -> Any:
        return post("/action-requests/", body, token=None, **{"Authorization": f"Bearer {site.world.token}", **headers})

    headers = st.dictionaries(
        st.sampled_from(HEADER_NAMES), HEADER_VALUES.filter(lambda text: "wait=" not in text), max_size=3
    )
    run(site, headers, send)
