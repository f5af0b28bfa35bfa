"""Many writers in a storm of failures: none lost, none doubled, every write in the portal explained (CON-01)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random

from crm_connectors.domain.record import Operation
from crm_connectors.hubspot.marks import read_mark
from crm_connectors.port import AmbiguousError, TransientError
from tests.builders.crm_connectors import make_operation
from tests.crm_connectors.hubspot.conftest import HubSpotCrm

FAULTS = ("latency=0",) * 12 + (
    "drop_after",
    "drop_before",
    "limit=SECONDLY",
    "status=502",
    "status_after=524",
    "status=423",
)
OPERATIONS = 120


def carry_out(crm: HubSpotCrm, operation: Operation) -> None:
    """As approvals does it: what is provably not applied is tried again, what is open is looked up first."""
    connector, is_open = crm.connect(), False
    for _ in range(60):
        try:
            if is_open and connector.find_operation(operation) is not None:
                return
            is_open = False
            connector.send(operation)
        except AmbiguousError:
            is_open = True
        except TransientError:
            continue
        else:
            return
    raise AssertionError("sixty tries were not enough")


def test_every_operation_is_applied_exactly_once(crm: HubSpotCrm) -> None:
    random = Random(7)  # noqa: S311 (repeatable, nothing secret)
    updates = [
        make_operation(crm.make(name=f"Company {n}"), values={"city": f"City {n}"}) for n in range(OPERATIONS // 2)
    ]
    creates = [make_operation(None, "create", values={"name": f"New {n}"}) for n in range(OPERATIONS // 2)]
    crm.connect().describe()
    for _ in range(OPERATIONS * 2):
        crm.served.portal.faults.plan(random.choice(FAULTS), method=random.choice(("PATCH", "POST")))

    with ThreadPoolExecutor(max_workers=8) as pool:
        for future in [pool.submit(carry_out, crm, one) for one in (*updates, *creates)]:
            future.result(timeout=60)

    by_app = [item for item in crm.served.portal.journal.entries if item.source.startswith("INTEGRATION")]
    applied = Counter(read_mark(item.values["countersign_operation"])[0] for item in by_app)
    assert applied == {one.operation_key: 1 for one in (*updates, *creates)}
