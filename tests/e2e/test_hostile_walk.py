"""Whatever agents, CRMs and people write is text on every page of the console: nothing of it runs (APR-03).

The corpus goes in where agents and people write, through the agent API and the forms; then a browser walks every page
of the sidebar and every page of what was made, and looks for anything that acts.
"""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from approvals.models import AgentActionRequest, ExceptionCase, Incident, QualitySample
from approvals.services.sweep import run_due
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.domain.roles import PERMISSIONS
from governance.models import Membership
from governance.services.dnc_entries import NewDncEntry, add_dnc_entry
from tests.builders.api import make_body, post
from tests.builders.console import log_in, make_login
from tests.builders.crm_connectors import make_record
from tests.builders.quality import settle
from tests.builders.rules import make_rule, when
from tests.e2e.conftest import Stage, a_window

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

CORPUS = (
    "<script>alert('x')</script>",
    "</script><script src=//evil.example/x.js></script>",
    "<img src=//evil.example/x.png onerror=alert('x')>",
    "\" onmouseover=\"alert('x')\" autofocus onfocus=\"alert('x')",
    "<svg/onload=alert('x')><animate onbegin=alert('x') attributeName=x></svg>",
    "<iframe srcdoc=\"<script>parent.alert('x')</script>\"></iframe>",
    "<a href=\"javascript:alert('x')\">open</a><form action=javascript:alert('x')><button>ok</button></form>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "{{ request.user.password }}{% debug %}${alert('x')}{{constructor.constructor(\"alert('x')\")()}}",
    "<div x-data x-init=\"alert('x')\" @click=\"alert('x')\" hx-get=//evil.example>",
    "<style>@import url(//evil.example/x.css)</style><link rel=stylesheet href=//evil.example/x.css>",
    '<p style="background:url(//evil.example/x.png);position:fixed;inset:0">',
    "</textarea></title></style><base href=//evil.example><meta http-equiv=refresh content=0;url=//evil.example>",
    "pay to \u202egnp.exe\u200b \u2066x\u2069 👩\u200d💻 ﷽ Z̷̧͝",
    "w" * 4_000,
)
BROKEN = (b'{"justification": "\xff\xfe"}', b'{"justification": "\\ud800"}', b'{"justification": "\xc0\xae"}')

ACTING = (Path(__file__).parent / "acting.js").read_text("utf-8")
NOTE_REFUSALS = """window.refused = [];
addEventListener("securitypolicyviolation", event => refused.push(`${event.violatedDirective} ${event.blockedURI}`))"""


def api(stage: Stage, body):
    """A proposal at the agents' door; it must be taken, whatever it says."""
    answer = post("/action-requests/", body, token=stage.site.world.token)
    assert answer.status_code in (201, 202, 422), answer.content
    return answer


def hostile(text, **changes):
    """A proposal that says it wherever an agent may write."""
    return make_body(
        None,
        intent=text[:2_000],
        plan=[text[:500], text[:100]],
        justification=text[:4_000],
        source_workflow=text[:100],
        risk_flags=None,
        correlation_id="hostile",
        evidence=[
            {"kind": "source", "url": "https://evil.example/%22%3E%3Cscript%3E", "excerpt": text[:2_000]},
            {"kind": "fact", "statement": text[:2_000], "confidence": 0.5, "source": 0},
            {"kind": "signal", "name": text[:100], "strength": 0.5},
        ],
        agent_version={
            "model": text[:100],
            "prompt_template": text[:100],
            "prompt_hash": "sha256:" + "a" * 64,
            "tools_hash": "sha256:" + "a" * 64,
        },
        tool_call={"name": "t", "arguments": {"text": text}},
        expected=None,
        **changes,
    )


@pytest.fixture(scope="module")
def viewer(stage: Stage):
    world = stage.site.world
    user = make_login(world.workspace, *PERMISSIONS, name="<b onclick=alert('x')>Vera</b>")
    Membership.objects.create(group=world.group, person=user.person)
    return user


@pytest.fixture(scope="module")
def pages(stage: Stage, viewer):
    """The corpus everywhere; returns the addresses of what came of it."""
    for text in CORPUS:
        company = make_record(stage.site.connection_id, "companies", name=text[:200], description=text)
        target = {"object": "companies", "id": company}
        api(stage, hostile(text, target=target, changes={"name": f"{text[:150]} NV"}))  # waits for a person
        api(stage, hostile(text, target=target, changes={"numberofemployees": text[:200]}))  # denied: no number
        api(stage, hostile(text, target=target, changes={"industry": text[:200]}))
    own = {"object": "companies", "id": stage.site.company}
    executed = api(stage, hostile(CORPUS[0], target=own, changes={"numberofemployees": 3}))
    run_due(worker="e2e")
    for body in BROKEN:
        assert post("/action-requests/", None, token=stage.site.world.token, raw=body).status_code in (400, 422)
    people_write(stage, viewer)
    settle()
    return addresses(executed.json()["id"])


def people_write(stage: Stage, viewer):
    """The corpus in what people write: reasons, notes, rules, lists, incidents."""
    world, client, text = stage.site.world, log_in(viewer), " ".join(CORPUS[:12])
    settle()
    pending = list(AgentActionRequest.objects.filter(status="pending").order_by("id"))
    case = ExceptionCase.objects.order_by("id")[0]
    forms = [
        (f"/review/{pending[0].pk}/deny/", {"digest": pending[0].digest, "note": text}),
        (f"/exceptions/{case.pk}/comment/", {"comment": text}),
        ("/incidents/declare/", {"case": str(case.pk), "title": text[:200], "severity": "low"}),
        ("/stops/engage/", {"kind": "send", "reason": text[:900]}),
        ("/notifications/choose/", {}),
    ]
    for path, form in forms:
        assert client.post(path, {"workspace": world.workspace.slug, **form}).status_code in (302, 400, 409), path
    incident = Incident.objects.get()
    findings = {"root_cause": text[:1_000], "control": "data", "remedy": text[:1_000], "severity": "low"}
    client.post(f"/incidents/{incident.pk}/change/", {"verb": "findings", **findings})
    client.post(f"/incidents/{incident.pk}/change/", {"verb": "note", "comment": text[:1_000]})
    incident.refresh_from_db()
    assert "<script>" in incident.root_cause
    make_rule(world, when("new_value", "is", text[:60], field="name"), name=text[:100], reason=text[:400])
    entry = NewDncEntry(kind="email", value="listed@example.com", reason=text[:200], source="console")
    by = Actor("human", str(viewer.person_id))
    add_dnc_entry(workspace_id=world.workspace.pk, entry=entry, actor=by, now=get_now())


def addresses(executed):
    """One of each kind of page about one thing."""
    rows = AgentActionRequest.objects
    pending = list(rows.filter(status="pending").order_by("-id").values_list("pk", flat=True))[: len(CORPUS)]
    denied = rows.filter(status="denied").order_by("id").values_list("pk", flat=True)
    return [
        *(f"/review/{pk}/" for pk in pending),
        *(f"/requests/{pk}/" for pk in (*pending[:2], *denied[:3], executed)),
        f"/requests/{executed}/revert/",
        f"/requests/{executed}/report/",
        *(f"/exceptions/{pk}/" for pk in ExceptionCase.objects.values_list("pk", flat=True)[:3]),
        *(f"/incidents/{pk}/" for pk in Incident.objects.values_list("pk", flat=True)),
        *(f"/quality/{pk}/" for pk in QualitySample.objects.values_list("pk", flat=True)[:1]),
    ]


def test_nothing_in_the_corpus_acts_on_any_page(browser, stage, viewer, pages):
    """No script, no handler, no acting address, no dialog, nothing that the content policy refuses, no foreign host."""
    with a_window(browser, stage.address, "hostile", "desk") as window:
        window.enter(viewer)
        foreign = []
        host = urlsplit(stage.address).netloc
        window.page.on("request", lambda sent: foreign.append(sent.url) if urlsplit(sent.url).netloc != host else None)
        window.page.add_init_script(NOTE_REFUSALS)
        window.open("/review/")
        sidebar = window.page.eval_on_selector_all("#nav-sidebar a[href]", "links => links.map(link => link.pathname)")
        assert {"/review/", "/exceptions/", "/admin/governance/rule/"} <= set(sidebar)
        wrong = {}
        for path in dict.fromkeys([*sidebar, *pages]):
            answer = window.page.goto(f"{stage.address}{path}", wait_until="domcontentloaded")
            assert answer.status == 200, path
            found = window.page.evaluate(ACTING)
            if found or (window.is_scrolling_sideways() and not path.startswith("/admin/")):
                wrong[path] = found or ["scrolls sideways"]
        assert wrong == {}
        assert foreign == []


def test_nothing_in_the_corpus_is_wider_than_a_phone(browser, stage, viewer, pages):
    """A word of four thousand letters wraps or scrolls in its place; the page stays."""
    own = (
        "review",
        "requests",
        "exceptions",
        "incidents",
        "stops",
        "quality",
        "notifications",
        "suggestions",
        "catalog",
    )
    with a_window(browser, stage.address, "hostile", "phone") as window:
        window.enter(viewer)
        wide = []
        for path in (*(f"/{name}/" for name in own), "/reports/", "/review/on-hold/", "/admin/", *pages):
            window.page.goto(f"{stage.address}{path}", wait_until="domcontentloaded")
            if window.is_scrolling_sideways():
                wide.append(path)
        assert wide == []


def test_the_look_out_can_see(browser, stage):
    """Each node that it looks for is found where it is."""
    with a_window(browser, stage.address, "look-out", "desk") as window:
        for node in (
            "<script>1</script>",
            "<p onclick=x>",
            "<a href=' JavaScript:x'>",
            "<iframe></iframe>",
            "<base href=/x>",
            "<div x-init=\"alert('x')\">",
        ):
            window.page.set_content(f"<body>{node}</body>")
            assert window.page.evaluate(ACTING), node


def test_the_palette_shows_names_as_text(browser, stage, viewer, pages):
    with a_window(browser, stage.address, "palette", "desk") as window:
        window.enter(viewer)
        window.open("/review/")
        window.page.keyboard.press("Control+k")
        box = window.page.get_by_role("combobox", name="Go to a page, an agent or a request")
        box.fill(pages[0].split("/")[2])
        window.page.locator("#cs-palette-list [role=option]").first.wait_for()
        assert window.page.evaluate(ACTING) == []


def test_what_is_no_utf8_is_refused_and_named(stage):
    for body in BROKEN:
        answer = post("/action-requests/", None, token=stage.site.world.token, raw=body)
        assert "code" in json.loads(answer.content)
