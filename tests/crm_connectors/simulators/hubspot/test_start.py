"""Every simulator starts with one command and answers (CON-07)."""

import urllib3

from crm_connectors.simulators.registry import SIMULATORS
from crm_connectors.simulators.serving import serve_in_thread


def test_hubspot_starts_with_the_demonstrations_companies() -> None:
    started = SIMULATORS["hubspot"](5, 1)
    headers = {"Authorization": f"Bearer {started.told['access token']}"}

    with serve_in_thread(started.answer) as served, urllib3.PoolManager(retries=False) as pool:
        answer = pool.request("GET", f"{served.url}/crm/objects/2026-09/companies", headers=headers)

    assert len(answer.json()["results"]) == 5
