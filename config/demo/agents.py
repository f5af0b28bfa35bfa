"""The agents of the demo: separate processes that know a URL and their own credential, nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[2]
FACTS = ROOT / "crm_connectors" / "embedded" / "data" / "companies.jsonl"


class Programme(msgspec.Struct, frozen=True):
    """Which program an agent is, with its arguments."""

    agent: str
    script: str
    arguments: tuple[str, ...]


def starter_programmes(companies: int, *, connection: str, names: str) -> tuple[Programme, ...]:
    """At a CRM elsewhere they are given the file of its names, and a day's work that its limits leave room for."""
    there = ("--connection", connection, "--names", names)
    deals, pause = ("40", "0.2") if names else ("120", "0.05")
    return (
        Programme(
            "agent.enrichment", "enrichment_agent.py", ("--facts", str(FACTS), "--limit", str(companies), *there)
        ),
        Programme("agent.routing", "routing_agent.py", ("--limit", "25", *there)),
        Programme("agent.pipeline.hygiene", "hygiene_agent.py", ("--limit", deals, "--pause", pause, *there)),
    )


def start_agent(programme: Programme, *, url: str, client_id: str, client_secret: str) -> subprocess.Popen[str]:
    """Start the program with an environment of its own: no database, no settings, no other agent's secret."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "COUNTERSIGN_URL": url,
        "COUNTERSIGN_CLIENT_ID": client_id,
        "COUNTERSIGN_CLIENT_SECRET": client_secret,
    }
    command = [sys.executable, str(ROOT / "examples" / programme.script), *programme.arguments]
    return subprocess.Popen(  # noqa: S603 our own programs
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def outcome_of(process: subprocess.Popen[str], *, timeout_seconds: float) -> str:
    """Wait for the agent's end; what it says of its answers, or the complaint it ended with, in words."""
    try:
        output, errors = process.communicate(timeout=timeout_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return f"was still at work after {timeout_seconds:.0f} s and was ended"
    if process.returncode:
        return f"ended early: {(errors.strip().splitlines() or ['it did not say why'])[-1]}"
    outcomes: dict[str, int] = msgspec.json.decode(output.strip().splitlines()[-1])["outcomes"]
    return " · ".join(f"{count} {outcome}" for outcome, count in outcomes.items()) or "found nothing to propose"
