"""An embedded CRM that takes few writes a call, and tells what was called; between two calls others may do something.

calls = serve_batches(monkeypatch, size=2, after_call=lambda: press_stop())
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import Operation, Receipt
from crm_connectors.embedded.connector import EmbeddedConnector
from crm_connectors.port import AloneError, ConnectorError
from crm_connectors.services.connectors import CONNECTOR_KINDS

Judge = Callable[[Sequence[Operation]], None]


@dataclass
class WriteCalls:
    """What reached the CRM: the sizes of calls with several writes, and how many writes had a call of their own."""

    together: list[int] = field(default_factory=list)
    alone: int = 0


def serve_batches(
    monkeypatch: pytest.MonkeyPatch,
    *,
    size: int,
    before_call: Judge = lambda _: None,
    after_call: Callable[[], object] = lambda: None,
    goes_alone: Callable[[Operation], bool] = lambda _: False,
    promises: Guarantee = Guarantee.EXACTLY_ONCE,
) -> WriteCalls:
    """From now on embedded connections take `size` writes a call, and promise this for each. `before_call` may raise;
    `after_call` runs once a call with writes has ended; what `goes_alone` names is taken in no call with others."""
    calls = WriteCalls()

    class Batching(EmbeddedConnector):
        batch_size = size

        def send(self, operation: Operation) -> Receipt:
            calls.alone += 1
            receipt = super().send(operation)
            after_call()
            return receipt

        def send_many(self, operations: Sequence[Operation]) -> dict[str, Receipt | ConnectorError]:
            before_call(operations)
            calls.together.append(len(operations))
            fitting = [one for one in operations if not goes_alone(one)]
            refused = {one.operation_key: AloneError("it goes alone") for one in operations if goes_alone(one)}
            met = super().send_many(fitting)
            after_call()
            return met | refused

        def guarantee(self, operation: Operation) -> Guarantee:  # noqa: ARG002
            return promises

    real = CONNECTOR_KINDS["embedded"]
    double = dataclasses.replace(real, make=lambda wiring: Batching(wiring.connection_id, wiring.at_hand))
    monkeypatch.setitem(CONNECTOR_KINDS, "embedded", double)
    return calls
