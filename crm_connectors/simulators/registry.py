"""Which simulators there are: one line each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from crm_connectors.simulators.hubspot.access import PRIVATE_TOKEN
from crm_connectors.simulators.hubspot.saved import save_portal
from crm_connectors.simulators.hubspot.start import make_hubspot
from crm_connectors.simulators.salesforce.start import make_salesforce
from crm_connectors.simulators.serving import Answerer


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A simulator ready to be served. `told` is what a person needs to connect: label → value. `save` keeps its records
    in a file, where it can."""

    answer: Answerer
    told: Mapping[str, str]
    save: Callable[[Path], None] | None = None


def _start_salesforce(companies: int, seed: int, _file: Path | None) -> Started:
    simulator = make_salesforce(companies=companies, seed=seed)
    (app,) = simulator.tokens.apps.values()
    return Started(answer=simulator, told={"client id": app.key, "client secret": app.secret})


def _start_hubspot(companies: int, seed: int, file: Path | None) -> Started:
    simulator = make_hubspot(companies=companies, seed=seed, file=file)
    app = simulator.portal.access.oauth_app
    told = {
        "access token": PRIVATE_TOKEN,
        "client id": app.client_id,
        "client secret": app.client_secret,
        "refresh token": app.refresh_token,
    }
    return Started(answer=simulator, told=told, save=partial(save_portal, simulator.portal))


Start = Callable[[int, int, Path | None], Started]
SIMULATORS: dict[str, Start] = {"hubspot": _start_hubspot, "salesforce": _start_salesforce}
"""Kind of CRM → a simulator with this many of the demonstration's companies, chosen by this seed; or with the records
of a file, where it can keep them."""
