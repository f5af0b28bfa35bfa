"""A HubSpot portal that takes its time: `python -m tests.bench.slow_portal SECONDS COMPANIES` until it is ended.

Its first line is the JSON of its address and of the ids of its companies. Every call takes SECONDS longer than the
simulator needs; there is no limit of calls.
"""

import json
import sys
import time

from werkzeug.wrappers import Request, Response

from crm_connectors.simulators.hubspot.app import HubSpotSimulator
from crm_connectors.simulators.hubspot.limits import Allowance
from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.records import Source
from crm_connectors.simulators.serving import Simulator


def main(seconds: float, companies: int) -> None:
    """Serves until the process is ended."""
    portal = Portal(allowance=Allowance(per_ten_seconds=1_000_000_000, searches_per_second=1_000_000_000))
    source = Source(type="IMPORT", id="7")
    values = {"name": "Umicore", "numberofemployees": "100"}
    ids = [portal.add("companies", dict(values), source).id for _ in range(companies)]
    simulator = HubSpotSimulator(portal)

    def answer(request: Request) -> Response:
        time.sleep(seconds)
        return simulator(request)

    server = Simulator(answer, host="127.0.0.1", port=0, tls=None)
    sys.stdout.write(json.dumps({"url": server.url, "companies": ids}) + "\n")
    sys.stdout.flush()
    server.run()


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
