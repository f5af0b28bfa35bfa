"""A ready simulator: an org with its users and records, and an application that may sign in to it."""

import secrets

from crm_connectors.simulators.salesforce.application import SalesforceSimulator
from crm_connectors.simulators.salesforce.seed import RUN_AS, fill, new_org
from crm_connectors.simulators.salesforce.tokens import App, Tokens


def make_salesforce(
    *, companies: int = 0, seed: int = 1, client_id: str = "simulated-consumer-key", client_secret: str = ""
) -> SalesforceSimulator:
    """An org with this many of the demonstration's companies. Without a secret, one is drawn: see `tokens.apps`."""
    org = new_org()
    if companies:
        fill(org, companies=companies, seed=seed)
    tokens = Tokens(org)
    tokens.apps[client_id] = App(
        key=client_id, secret=client_secret or secrets.token_urlsafe(24), run_as=RUN_AS, approved=frozenset({RUN_AS})
    )
    return SalesforceSimulator(org, tokens)
