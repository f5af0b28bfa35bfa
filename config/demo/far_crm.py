"""A simulated CRM as a process of its own, beside the demo's server."""

import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config.demo.agents import ROOT
from config.demo.server import ServerError, find_port, running_server

COMPANIES = 40
PORT = 8090


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What differs from CRM to CRM in the chapter: names, and how one signs in. `settings` and `secrets` take their
    values from what the simulator tells: member → label, or a value of their own after `=`. `lost_answer` is how this
    simulator is told to let the answer to the next change get lost."""

    object: str
    name: str
    count: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str]
    lost_answer: Mapping[str, Any]


KINDS: dict[str, Kind] = {
    "hubspot": Kind(
        object="companies",
        name="name",
        count="numberofemployees",
        settings={"base_url": "url"},
        secrets={"access_token": "access token"},
        lost_answer={"faults": "drop_after", "method": "PATCH", "path": "/crm/", "times": 1},
    ),
    "salesforce": Kind(
        object="Account",
        name="Name",
        count="NumberOfEmployees",
        settings={"base_url": "url", "client_id": "client id", "objects": "=Account"},
        secrets={"client_secret": "client secret"},
        lost_answer={"fault": "drop_after", "method": "PATCH"},
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FarCrm:
    """A running simulator and what it told: label → value."""

    kind: str
    told: Mapping[str, str]

    @property
    def url(self) -> str:
        return self.told["url"]

    def values_of(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """Settings or secrets with their values."""
        return {name: source[1:] if source[0] == "=" else self.told[source] for name, source in wanted.items()}

    def plan_lost_answer(self) -> None:
        """The next write takes effect, and its answer is lost."""
        self._ask("/_simulator/faults", KINDS[self.kind].lost_answer)

    def count_writes(self, record_id: str) -> int:
        """How often this record was really written, as the simulator's own journal tells."""
        told = self._ask("/_simulator/journal")
        entries = told["entries"] if isinstance(told, dict) else told
        return sum(entry["id"] == record_id for entry in entries)

    def _ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(dict(body)).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data=data, headers=headers)  # noqa: S310 our own server
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 our own server
            text = answer.read()
        return json.loads(text) if text else None


@contextlib.contextmanager
def running_crm(kind: str) -> Iterator[FarCrm]:
    """Serve until the block ends. Raises ServerError if it does not come up. Servers that are started meanwhile may
    connect to it: it lies on this machine, where nothing is connected to otherwise."""
    port = find_port(PORT)
    arguments = ["simulate", kind, "--port", str(port), "--companies", str(COMPANIES)]
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 our own command
    before = os.environ.get("PRIVATE_HOSTS", "")
    os.environ["PRIVATE_HOSTS"] = ",".join(filter(None, (before, f"127.0.0.1:{port}")))
    try:
        yield FarCrm(kind=kind, told=_read_told(process, kind))
    finally:
        os.environ["PRIVATE_HOSTS"] = before
        process.terminate()
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()


@contextlib.contextmanager
def running_server_beside(kind: str, *, port: int) -> Iterator[tuple[str, "subprocess.Popen[bytes]", FarCrm | None]]:
    """The demo's server, and a simulated CRM of this kind where there is one. Raises ServerError."""
    with contextlib.ExitStack() as stack:
        crm = stack.enter_context(running_crm(kind)) if kind in KINDS else None
        url, process = stack.enter_context(running_server(find_port(port)))
        yield url, process, crm


def _read_told(process: "subprocess.Popen[str]", kind: str) -> dict[str, str]:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    wanted = {"url", *(source for source in KINDS[kind].settings.values() if source[0] != "=")}
    wanted |= set(KINDS[kind].secrets.values())
    told: dict[str, str] = {}
    for line in process.stdout:
        label, _, value = line.strip().partition(": ")
        told[label] = value
        if wanted <= told.keys():
            return told
    raise ServerError(f"the simulated {kind} ended at once")
