"""A simulated CRM as a process of its own, beside the demo's server."""

import contextlib
import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config.demo.agents import ROOT
from config.demo.server import ServerError, find_port, running_server
from crm_connectors.simulators.hubspot.owners import OWNERS
from crm_connectors.simulators.salesforce.seed import PERSON

COMPANIES = 40
PORT = 8090
_USER_ROW = re.compile(r'<a href="/User/(\w+)">\w+</a><td>([^<]+)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What differs from CRM to CRM beside the words: how one signs in. `settings` and `secrets` take their
    values from what the simulator tells: member → label, or a value of their own after `=`. `lost_answer` is how this
    simulator is told to let the answer to the next change get lost."""

    title: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str]
    lost_answer: Mapping[str, Any]


KINDS: dict[str, Kind] = {
    "hubspot": Kind(
        title="HubSpot",
        settings={"base_url": "url", "calls_per_10_seconds": "=180"},
        secrets={"access_token": "access token"},
        lost_answer={"faults": "drop_after", "method": "PATCH", "path": "/crm/", "times": 1},
    ),
    "salesforce": Kind(
        title="Salesforce",
        settings={
            "base_url": "url",
            "client_id": "client id",
            "objects": "=Account,Contact,Lead,Opportunity",
            "calls_per_10_seconds": "=1000",
        },
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

    @property
    def title(self) -> str:
        """As people call it."""
        return KINDS[self.kind].title

    def list_owners(self) -> list[tuple[str, str]]:
        """Address → id of the sales people there. An empty address: whose records are nobody's."""
        if self.kind == "hubspot":
            return [(owner.email, owner.id) for owner in OWNERS if not owner.is_archived]
        users = {address: user_id for user_id, address in _USER_ROW.findall(self._read("/User"))}
        return [*users.items(), ("", users[PERSON])]

    def edit(self, object_type: str, record_id: str, values: Mapping[str, Any]) -> None:
        """A person saves these values at the simulator's own page."""
        root = "/records" if self.kind == "hubspot" else ""
        for name, value in values.items():
            named = {"property": name, "value": value} if self.kind == "hubspot" else {name: value}
            form = urllib.parse.urlencode(named).encode()
            self._read(f"{root}/{object_type}/{record_id}", form)

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

    def _read(self, path: str, form: bytes | None = None) -> str:
        with urllib.request.urlopen(self.url + path, data=form, timeout=10) as answer:  # noqa: S310 our own server
            return str(answer.read().decode())

    def _ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(dict(body)).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data=data, headers=headers)  # noqa: S310 our own server
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 our own server
            text = answer.read()
        return json.loads(text) if text else None


@contextlib.contextmanager
def running_crm(kind: str, *, companies: int = COMPANIES) -> Iterator[FarCrm]:
    """Serve until the block ends. Raises ServerError if it does not come up. Servers that are started meanwhile may
    connect to it: it lies on this machine, where nothing is connected to otherwise."""
    port = find_port(PORT)
    arguments = ["simulate", kind, "--port", str(port), "--companies", str(min(companies, COMPANIES))]
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
def running_server_beside(
    kind: str, *, port: int, companies: int = COMPANIES
) -> Iterator[tuple[str, "subprocess.Popen[bytes]", FarCrm | None]]:
    """The demo's server, and a simulated CRM of this kind where there is one. Raises ServerError."""
    with contextlib.ExitStack() as stack:
        crm = stack.enter_context(running_crm(kind, companies=companies)) if kind in KINDS else None
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
