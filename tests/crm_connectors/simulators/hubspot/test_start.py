"""Every simulator starts with one command and answers (CON-07)."""

from pathlib import Path

import urllib3

from crm_connectors.simulators.registry import SIMULATORS
from crm_connectors.simulators.serving import serve_in_thread


def test_hubspot_starts_with_the_demonstrations_companies() -> None:
    started = SIMULATORS["hubspot"](5, 1, None)
    headers = {"Authorization": f"Bearer {started.told['access token']}"}

    with serve_in_thread(started.answer) as served, urllib3.PoolManager(retries=False) as pool:
        answer = pool.request("GET", f"{served.url}/crm/objects/2026-09/companies", headers=headers)

    assert len(answer.json()["results"]) == 5


def test_hubspot_keeps_its_records_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "portal.json"
    first = SIMULATORS["hubspot"](5, 1, file)
    assert first.save is not None
    first.save(file)

    again = SIMULATORS["hubspot"](50, 2, file)

    with serve_in_thread(again.answer) as served, urllib3.PoolManager(retries=False) as pool:
        shown = pool.request("GET", f"{served.url}/records/companies").data.decode()
    assert "5 records" in shown
