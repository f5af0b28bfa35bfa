"""The demo meets what it finds: data of an earlier run, a stop still in force, an agent that fails (OPS-01)."""

import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from approvals.models import AgentActionRequest
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from config.demo import story
from config.demo.agents import ROOT, outcome_of
from governance.models import Agent, Connection, KillSwitch
from governance.services.switches import engage_switch
from tests.builders.api import HASH, post
from tests.builders.crm_connectors import make_record
from tests.builders.governance import make_credential, make_token

sys.path.insert(0, str(ROOT / "examples"))
from countersign import Countersign  # the examples are programs, not a package
from enrichment_agent import ask_a_steward

HASHES = {"prompt_hash": HASH, "tools_hash": HASH}


def run(*lines: str) -> "subprocess.Popen[str]":
    """A process as the demo starts its agents."""
    command = [sys.executable, "-c", "\n".join(lines)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run_example(name: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(ROOT / "examples" / name)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_an_agents_answers_are_told_in_words() -> None:
    process = run("""print('{"agent": "a", "outcomes": {"approved": 3, "denied": 1}}')""")
    assert outcome_of(process, timeout_seconds=60) == "3 approved · 1 denied"


def test_an_agent_that_found_nothing_says_so() -> None:
    process = run("""print('{"agent": "a", "outcomes": {}}')""")
    assert outcome_of(process, timeout_seconds=60) == "found nothing to propose"


def test_an_agent_that_fails_does_not_end_the_story() -> None:
    process = run("raise SystemExit('Countersign answered 403 stopped: a kill switch is in force')")
    assert (
        outcome_of(process, timeout_seconds=60)
        == "ended early: Countersign answered 403 stopped: a kill switch is in force"
    )


@pytest.mark.parametrize("name", ["enrichment_agent.py", "hygiene_agent.py", "routing_agent.py"])
def test_an_example_without_its_credential_says_what_to_set(name: str) -> None:
    arguments = {} if name != "enrichment_agent.py" else {"facts": "x"}
    command = [sys.executable, str(ROOT / "examples" / name), *(f"--{key}={value}" for key, value in arguments.items())]
    ended = subprocess.run(command, env={}, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr.strip() == (
        "set COUNTERSIGN_URL, COUNTERSIGN_CLIENT_ID, COUNTERSIGN_CLIENT_SECRET; "
        "`manage.py issue_credential` issues id and secret"
    )


def test_an_example_that_reaches_nobody_says_so_in_one_line() -> None:
    ended = run_example(
        "routing_agent.py",
        COUNTERSIGN_URL="http://127.0.0.1:9",
        COUNTERSIGN_CLIENT_ID="id",
        COUNTERSIGN_CLIENT_SECRET="secret",
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("Countersign cannot be reached: ")
    assert "Traceback" not in ended.stderr


@pytest.mark.django_db
def test_a_second_run_lifts_what_the_first_one_stopped() -> None:
    call_command("seed_starter", "--demo-logins", "--json", stdout=StringIO())
    agent = Agent.objects.get(name=story.HYGIENE)
    engage_switch(
        workspace_id=agent.workspace_id,
        kind="agent",
        agent_id=agent.pk,
        reason="an earlier run",
        actor=Actor("human", story.REVOPS),
        now=get_now(),
    )
    said: list[str] = []

    story.prepare(companies=3, seed=7, say=said.append)
    story.prepare(companies=3, seed=7, say=said.append)

    assert not KillSwitch.objects.filter(lifted_at__isnull=True).exists()
    assert sum("agreed to let" in line for line in said) == 1
    assert any("goes on with them" in line for line in said)


class InProcess(Countersign):
    """The example's client, whose calls stay in this process."""

    def __init__(self, token: str) -> None:
        super().__init__("http://testserver", "id", "secret", dict.fromkeys(("model", "prompt_template"), "x") | HASHES)
        self.test_token = token

    def _call(self, _method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
        key = (headers or {}).get("Idempotency-Key", "")
        answer = post(path.removeprefix("/api/v1"), body, token=self.test_token, key=key)
        assert answer.status_code in (200, 201), answer.content
        return dict(answer.json())


@pytest.mark.django_db
def test_a_steward_is_asked_once_however_often_the_agent_runs() -> None:
    """APR-02, GWY-02: the idempotency key is made of what was found; a later run meets the item that waits already."""
    call_command("seed_starter", "--json", stdout=StringIO())
    token = make_token(make_credential(Agent.objects.get(name="agent.enrichment")))
    company = {"id": make_record(Connection.objects.get(name="embedded").pk, "companies", name="Umicore")}

    answers = [ask_a_steward(InProcess(token), "embedded", company, {"industry": "Wizardry"}) for _ in range(3)]
    ask_a_steward(InProcess(token), "embedded", company, {"industry": "Sorcery"})

    assert len(set(answers)) == 1
    assert answers[0].startswith("queued for a steward: ")
    assert "denied" not in answers[0]
    assert AgentActionRequest.objects.filter(action="queue").count() == 2
