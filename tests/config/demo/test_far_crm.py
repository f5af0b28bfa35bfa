"""The demo starts a simulated CRM of its own, knows how to sign in there, and how to lose an answer (CON-07)."""

import os

import pytest

from config.demo.budgets import TIGHT
from config.demo.elsewhere import AGENT
from config.demo.far_crm import COMPANIES, KINDS, running_crm


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_simulated_crm_is_started_and_told_to_fail(kind, monkeypatch):
    monkeypatch.setenv("PRIVATE_HOSTS", "crm.internal")
    with running_crm(kind) as crm:
        settings = crm.values_of(KINDS[kind].settings)
        assert settings["base_url"] == crm.url
        assert all(crm.values_of(KINDS[kind].secrets).values())
        assert os.environ["PRIVATE_HOSTS"] == f"crm.internal,{crm.url.removeprefix('http://')}"
        crm.plan_lost_answer()
        assert crm.count_writes("1") == 0
    assert os.environ["PRIVATE_HOSTS"] == "crm.internal"


def test_the_chapters_elsewhere_are_told_by_an_agent_whose_budget_holds_until_then():
    """It proposes once for each company there, and once more after a denial."""
    assert TIGHT[AGENT] > 2 * COMPANIES
