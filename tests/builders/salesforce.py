"""A simulated Salesforce org behind HTTP on loopback, and what tests need to talk to it directly."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from crm_connectors.domain.secret import Secret
from crm_connectors.port import AuthError, Connector
from crm_connectors.salesforce.connector import SalesforceConnector
from crm_connectors.salesforce.session import SalesforceSession
from crm_connectors.salesforce.settings import SalesforceSettings
from crm_connectors.simulators.certificate import make_tls
from crm_connectors.simulators.salesforce.application import SalesforceSimulator
from crm_connectors.simulators.salesforce.org import Org
from crm_connectors.simulators.salesforce.saving import Save, SaveOptions
from crm_connectors.simulators.salesforce.schema import OBJECTS
from crm_connectors.simulators.salesforce.seed import PERSON
from crm_connectors.simulators.salesforce.start import make_salesforce
from crm_connectors.simulators.serving import serve_in_thread
from crm_connectors.wiring import OpenGate

CLIENT_ID, CLIENT_SECRET = "simulated-consumer-key", "simulated-consumer-secret"
REQUIRED: dict[str, dict[str, Any]] = {
    "Account": {"Name": "Umicore"},
    "Contact": {"LastName": "Novak"},
    "Lead": {"LastName": "Novak", "Company": "Umicore"},
    "Opportunity": {"Name": "Umicore, pilot", "StageName": "Prospecting", "CloseDate": "2027-01-31"},
    "Task": {"Subject": "Call back"},
}


@dataclass(frozen=True)
class SalesforceServer:
    """A running simulator. `make` and `edit` are a person at the org's own screens."""

    simulator: SalesforceSimulator
    url: str
    authority: Path | None = None

    @property
    def org(self) -> Org:
        return self.simulator.org

    def clear(self) -> None:
        """No records but the users, no rules, no plans: an org as it was made."""
        org = self.org
        with org.lock:
            users = org.rows["User"]
            org.rows = {name: users if name == "User" else {} for name in OBJECTS}
            org.users = {
                name: replace(user, hidden=frozenset(), read_only=frozenset()) for name, user in org.users.items()
            }
            org.validation_rules, org.duplicate_rules, org.assigns, org.untracked = [], [], {}, set()
            org.used_requests, org.daily_requests = 0, 100_000
            org.journal.clear()
            org.faults.clear()

    def make(self, object_name: str = "Account", **values: Any) -> str:
        org = self.org
        with org.lock:
            save = Save(
                org, org.users[PERSON], OBJECTS[object_name], SaveOptions(assigns=False, allows_duplicates=True)
            )
            record_id = save.create({**REQUIRED.get(object_name, {}), **values})
        org.let_pass(1)  # what happens in one second, this CRM's stamps cannot tell apart
        return record_id

    def edit(self, record_id: str, **values: Any) -> None:
        org = self.org
        org.let_pass(1)
        with org.lock:
            row = org.find(record_id)
            assert row is not None
            Save(org, org.users[PERSON], OBJECTS[row.object]).update(row, values)
        org.let_pass(1)

    def remove(self, record_id: str) -> None:
        org = self.org
        with org.lock:
            row = org.find(record_id)
            assert row is not None
            Save(org, org.users[PERSON], OBJECTS[row.object]).delete(row)

    def values(self, record_id: str) -> dict[str, Any]:
        row = self.org.find(record_id)
        assert row is not None
        return dict(row.values)

    def applied(
        self, record_id: str | None = None, user: str = "countersign@example.com"
    ) -> list[tuple[str, dict[str, Any]]]:
        """What this user's calls really changed, as the org's journal tells: verb and values."""
        return [
            (item.verb, dict(item.values))
            for item in self.org.journal
            if item.user == user and record_id in (None, item.id)
        ]

    @contextmanager
    def counting(self) -> Iterator[list[tuple[str, str]]]:
        """Method and path of every API call while the block runs."""
        calls: list[tuple[str, str]] = []
        answer = self.simulator._answer

        def noting(request: Any, disturbance: Any) -> Any:
            calls.append((request.method, request.path))
            return answer(request, disturbance)

        self.simulator._answer = noting
        try:
            yield calls
        finally:
            self.simulator._answer = answer

    def client(self, **headers: str) -> httpx.Client:
        """A plain HTTP client with a session."""
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        token = httpx.post(f"{self.url}/services/oauth2/token", data=form, trust_env=False).json()["access_token"]
        return httpx.Client(
            base_url=f"{self.url}/services/data/v62.0",
            headers={"Authorization": f"Bearer {token}", **headers},
            trust_env=False,
        )


@contextmanager
def running_salesforce(*, companies: int = 0, tls_directory: Path | None = None) -> Iterator[SalesforceServer]:
    """A fresh org on a free loopback port, over TLS when a directory for the authority's file is given."""
    simulator = make_salesforce(companies=companies, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    tls, authority = make_tls(tls_directory) if tls_directory else (None, None)
    with serve_in_thread(simulator, tls=tls) as served:
        yield SalesforceServer(simulator, served.url, authority)


class KeptSecrets:
    """A connection's secrets in memory. See `crm_connectors.wiring.SecretStore`."""

    def __init__(self, **values: str) -> None:
        self.values = values

    def open(self, name: str) -> Secret:
        if name not in self.values:
            raise AuthError(f"the secret `{name}` of this connection is not set, or has expired")
        return Secret(self.values[name])

    def find(self, name: str) -> Secret | None:
        return Secret(self.values[name]) if name in self.values else None

    def keep(
        self,
        name: str,
        value: str,
        *,
        won_by: Mapping[str, Secret] | None = None,
        expires_at: datetime | None = None,
        along: Mapping[str, str] | None = None,
    ) -> None:
        assert all(self.find(one) for one in won_by or {})
        assert not along  # nothing comes with it
        assert expires_at is None  # this CRM does not say when a session ends
        self.values[name] = value


def connect(
    server: SalesforceServer, *, connection_id: UUID | None = None, secrets: KeptSecrets | None = None, **settings: Any
) -> Connector:
    """A connector to this org, as a fresh process would make it; its clock is the org's."""
    chosen = SalesforceSettings(**{"base_url": server.url, "client_id": CLIENT_ID, **settings})
    kept = secrets or KeptSecrets(client_secret=CLIENT_SECRET)
    session = SalesforceSession(chosen, kept, OpenGate())
    return SalesforceConnector(connection_id or uuid4(), chosen, session, clock=server.org.now)
