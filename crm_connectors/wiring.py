"""What a vendor folder supplies and what it is handed: one `ConnectorKind` each, in `CONNECTOR_KINDS` (CON-06).

A folder imports this, the port, `domain` and `adapters`; it reads no table of ours. Its settings, secrets and gate come
to it in a `Wiring`, so that it runs in a test without any of them.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from crm_connectors.domain.endpoint_settings import EndpointSettings
from crm_connectors.domain.record import HistoryEntry, Record
from crm_connectors.domain.secret import Secret
from crm_connectors.port import Connector


class Gate(Protocol):
    """What every foreign call of one connection passes: the throttle, the CRM's own «not before», the breaker."""

    def passing(self) -> AbstractContextManager[None]:
        """Put exactly one call inside, with what turns its answer into a typed error: what leaves the block is what
        the breaker learns from. TransientError and AmbiguousError count against the CRM, LimitedError sets «not
        before», AuthError pauses the connection; every other ConnectorError is an answer like any other, and what is
        no ConnectorError tells it nothing. Raises LimitedError or AuthError on the way in: nothing was sent. Never
        inside a transaction."""
        ...


class OpenGate:
    """Holds nothing back: for a CRM of our own, and for a person's test of a paused connection."""

    def passing(self) -> AbstractContextManager[None]:
        return nullcontext()


class SecretStore(Protocol):
    """One connection's secrets, by name. Every use is on record."""

    def open(self, name: str) -> Secret:
        """Raises AuthError when it was not set, has expired, or cannot be read."""
        ...

    def find(self, name: str) -> Secret | None:
        """As `open`; None when it was not set or has expired."""
        ...

    def keep(
        self,
        name: str,
        value: str,
        *,
        won_by: Mapping[str, Secret] | None = None,
        expires_at: datetime | None = None,
        along: Mapping[str, str] | None = None,
    ) -> None:
        """Store what the CRM itself handed out (an access token), in a transaction of its own; with what came `along`
        (the next refresh token), or neither.

        `won_by`: the secrets, by name, that it was asked for with. When a person has set or forgotten one since,
        nothing is stored: what was won by the earlier one serves the call in flight and no other."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """Nobody else of this connection is inside, in any process: look for what another one kept meanwhile, then sign
        in. Never inside a transaction. Raises LimitedError."""
        ...


class Stops(Protocol):
    """What people have stopped. A connector that needs a second write for one operation asks before it: a stop that was
    not in force before the first one holds the second."""

    def in_force(self, actor: str) -> frozenset[UUID]:
        """The stops that concern this actor's writes, as `Operation.actor` names them; read anew."""
        ...


class NoStops:
    """Nothing is ever stopped: for a connector without any of our tables."""

    def in_force(self, actor: str) -> frozenset[UUID]:  # noqa: ARG002
        return frozenset()


class RecordAtHand(Protocol):
    """A record of our own tables that the caller has just read along."""

    @property
    def followed(self) -> frozenset[str]: ...

    def is_named(self, object_type: str, record_id: str) -> bool: ...

    def pick(self, fields: Sequence[str]) -> Record: ...

    def pick_newest(self, fields: Sequence[str]) -> tuple[HistoryEntry, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """One connection, ready to be served. `settings` is an instance of the kind's own `settings`."""

    connection_id: UUID
    settings: EndpointSettings
    secrets: SecretStore
    gate: Gate
    at_hand: RecordAtHand | None = None
    stops: Stops = field(default_factory=NoStops)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKind:
    """One secret that a kind of connector uses. `is_kept`: the CRM hands it out itself; no person types it."""

    name: str
    label: str
    help_text: str = ""
    is_multiline: bool = False
    is_kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorKind:
    """A vendor folder's business card. `make` costs nothing: no query, no call."""

    kind: str
    label: str
    settings: type[EndpointSettings]
    make: Callable[[Wiring], Connector]
    secrets: tuple[SecretKind, ...] = ()
