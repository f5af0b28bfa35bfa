"""Whatever an agent or a CRM wrote is text on every page: nothing of it runs, nothing of it hides (APR-03)."""

import pytest
from django.urls import reverse

from approvals.models import AgentActionRequest
from tests.builders.api import make_site
from tests.builders.approvals import submit_executed, submit_pending
from tests.builders.console import find_acting_nodes, log_in, text_of
from tests.builders.crm_connectors import make_record
from tests.builders.governance import allow

pytestmark = pytest.mark.django_db

CORPUS = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "<svg onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "{{ request.user.password }}{% debug %}",
    "<a href='javascript:alert(1)'>click</a>",
    "invoice\u202egnp.exe\u200b",
    "</textarea></title></style><base href=//evil.example>",
    "👩\u200d💻" * 50,
    "x" * 5_000,
]
PAGES = ["inbox", "requests", "review", "trace"]


@pytest.fixture
def site():
    return make_site()


def poison(row, text):
    """Everything on the row that came from outside, as if every check before had failed."""
    AgentActionRequest.objects.filter(pk=row.pk).update(
        patch=[
            {"field": "name", "before": text, "after": text},
            {"field": text[:100], "before": None, "after": {"a": text}},
        ],
        decision={
            **row.decision,
            "checks": [{"check": text, "outcome": "deny", "code": text[:50], "message": text, "field": text[:50]}],
            "redirects": [{"field": text[:50], "suggestion_field": "name", "code": text[:50]}],
            "requirement": {"groups": ["revops", text[:50]], "count": 1},
        },
        risk_tier=text[:20],
        status_code=text[:60],
        decided_by=text[:120],
    )


def poisoned_body(text):
    short = text[:100]
    return {
        "justification": text[:4_000],
        "intent": text[:2_000],
        "plan": [text[:2_000]],
        "source_workflow": short,
        "evidence": [
            {"kind": "source", "url": "https://evil.example/%22onmouseover", "excerpt": text[:2_000]},
            {"kind": "fact", "statement": text[:2_000], "confidence": 0.5},
            {"kind": "signal", "name": short, "strength": 0.5},
        ],
    }


def addresses(row):
    lists = [reverse("admin:index"), reverse("approvals:inbox"), reverse("approvals:requests")]
    return [*lists, *(reverse(f"approvals:{name}", args=[row.pk]) for name in ("review", "trace", "revert"))]


@pytest.mark.parametrize("text", CORPUS)
def test_nothing_in_it_runs(site, text):
    make_record(site.connection_id, "companies", name=text[:200])
    row = submit_pending(site, **poisoned_body(text))
    poison(row, text)
    allow(site.world.approver_user, site.world.workspace, "engage_switches", "view_ledger", "publish_policy")
    client = log_in(site.world.approver_user)
    for address in addresses(row):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert find_acting_nodes(answer.content) == [], address


def test_nothing_in_it_hides(site):
    row = submit_pending(site, justification="pay to \u202egnp.exe")
    for name in ("review", "trace"):
        page = text_of(log_in(site.world.approver_user).get(reverse(f"approvals:{name}", args=[row.pk])))
        assert "\u202e" not in page
        assert "⟦U+202E⟧" in page


def test_a_hostile_reason_and_name_of_a_person_are_text(site):
    row = submit_executed(site)
    client = log_in(site.world.approver_user)
    site.world.owner.name = "<script>alert(1)</script>"
    site.world.owner.save()
    answer = client.get(reverse("approvals:trace", args=[row.pk]))
    assert find_acting_nodes(answer.content) == []
    assert "&lt;script&gt;alert(1)" in text_of(answer)


def test_the_finder_finds():
    """The look-out itself can fail: each of these is something that a browser would run or fetch."""
    for node in (
        "<script>1</script>",
        "<script src=//evil.example/x.js></script>",
        "<p onclick=x>",
        "<a href=' JavaScript:x'>",
        "<img src=x>",
        "<style>p{}</style>",
        "<iframe>",
        "<base href=x>",
    ):
        assert find_acting_nodes(node.encode()), node


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_allow_no_script_but_ours(site, name):
    """No inline script, no evaluation, no foreign origin where agents' words are shown."""
    row = submit_pending(site)
    arguments = [row.pk] if name in ("review", "trace") else []
    answer = log_in(site.world.approver_user).get(reverse(f"approvals:{name}", args=arguments))
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "alpine" not in text_of(answer)
