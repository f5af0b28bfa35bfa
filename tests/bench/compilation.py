"""Speed of compiling the edited rows into a policy: 2,000 matrix rows and 200 rules, from the database to the index."""

import statistics
import time
import uuid

from django.db import transaction

from governance.domain.index import compile_index
from governance.models import Connection, FieldOwnership, Person, RegisteredField, Rule, Workspace
from governance.selectors.compilation import compile_policy, encode_document
from tests.builders.policy_rows import PolicyRows

GATE_MILLISECONDS = 500.0
FIELDS, RULES = 2_000, 200


def run(seconds: float) -> list[dict[str, object]]:
    """One row: the median of at least three compilations, canonical bytes and index included. Leaves nothing behind."""
    with transaction.atomic():
        rows = make_rows()
        times = []
        end = time.perf_counter() + seconds
        while len(times) < 3 or time.perf_counter() < end:
            start = time.perf_counter()
            document = compile_policy(workspace_id=rows.workspace.pk).document
            encode_document(document)
            compile_index(document, version="bench")
            times.append((time.perf_counter() - start) * 1000)
        transaction.set_rollback(True)
    ours = statistics.median(times)
    return [
        {
            "name": "compile 2,000 matrix rows and 200 rules",
            "ours": ours,
            "reference": GATE_MILLISECONDS,
            "unit": "ms",
            "ratio": GATE_MILLISECONDS / ours,
            "gate": f"≤ {GATE_MILLISECONDS:g} ms",
            "goal": f"≤ {GATE_MILLISECONDS / 2:g} ms",
            "spread": f"{min(times):.0f}–{max(times):.0f}",
            "ok": ours <= GATE_MILLISECONDS,
        }
    ]


def make_rows() -> PolicyRows:
    """A workspace of its own, written in bulk."""
    rows = PolicyRows(f"bench-{uuid.uuid4().hex[:8]}")
    fill(rows.workspace, rows.connection, rows.owner, owner_role=rows.group.slug)
    return rows


def fill(workspace: Workspace, connection: Connection, owner: Person, *, owner_role: str) -> None:
    """So many fields with a row each, and so many rules, written in bulk."""
    fields = RegisteredField.objects.bulk_create(
        RegisteredField(
            connection=connection,
            object_type=("companies", "contacts", "deals", "leads")[number % 4],
            name=f"field_{number:04d}",
            label=f"Field {number}",
            field_type="string",
            review_state="reviewed",
            classification="enrichment",
        )
        for number in range(FIELDS)
    )
    FieldOwnership.objects.bulk_create(
        FieldOwnership(
            field=field, permission_level="safe_write", allowed_writers=["agent", "human"], owner_role=owner_role
        )
        for field in fields
    )
    Rule.objects.bulk_create(make_rule(workspace, owner, number) for number in range(RULES))


def make_rule(workspace: Workspace, owner: Person, number: int) -> Rule:
    """A rule about one of the fields."""
    return Rule(
        workspace=workspace,
        key=f"rule-{number}",
        name=f"Rule {number}",
        reason="measured",
        owner=owner,
        fields_named=[f"field_{number:04d}"],
        effect="deny",
        conditions=[{"subject": "confidence", "operator": "less", "values": ["0.5"]}],
    )
