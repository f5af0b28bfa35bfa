"""The demo meets what it finds: data of an earlier run, a stop still in force, an agent that fails (OPS-01)."""

import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import call_command

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from config.demo import story
from config.demo.agents import ROOT, outcome_of
from governance.models import Agent, KillSwitch
from governance.services.switches import engage_switch


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
