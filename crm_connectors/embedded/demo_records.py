"""What a neglected CRM looks like: real companies, half filled in and partly stale, with invented people and deals.

Deterministic: the same seed, number and day give the same records. Facts are cut down and aged on purpose and never
cleaned up; doing that from the published facts is the agents' work.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from crm_connectors.domain.record import JsonValue
from crm_connectors.embedded import demo_names, picklists
from crm_connectors.embedded.countries import COUNTRIES

Values = dict[str, JsonValue]

_INDUSTRIES = {value.casefold(): value for value, _ in picklists.INDUSTRY}
_OWNERS = [value for value, _ in picklists.OWNER]
_OPEN_STAGES = (
    "appointmentscheduled",
    "qualifiedtobuy",
    "presentationscheduled",
    "decisionmakerboughtin",
    "contractsent",
)
_DOMAIN = re.compile(r"(?:https?://)?(?:www\.)?((?:[a-z0-9-]+\.)+[a-z]{2,})/?", re.IGNORECASE)
_COUNT = re.compile(r"[^0-9]{0,4}([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)")
_CITY = re.compile(r"[A-Z][A-Za-z .'-]{1,40}")
_TERRITORY_OF = {
    "United States": ("north_america", "frank.moreno@example.com"),
    "Canada": ("north_america", "grace.liu@example.com"),
    "United Kingdom": ("uk_ireland", "ben.okafor@example.com"),
    "Ireland": ("uk_ireland", "ben.okafor@example.com"),
    "Germany": ("dach", "chloe.fischer@example.com"),
    "Austria": ("dach", "chloe.fischer@example.com"),
    "Switzerland": ("dach", "chloe.fischer@example.com"),
    "Sweden": ("nordics", "elin.strand@example.com"),
    "Finland": ("nordics", "elin.strand@example.com"),
    "Japan": ("apac", "dev.raman@example.com"),
    "France": ("western_europe", "ana.duarte@example.com"),
    "Spain": ("western_europe", "ana.duarte@example.com"),
    "Netherlands": ("western_europe", "ana.duarte@example.com"),
    "Belgium": ("western_europe", "ana.duarte@example.com"),
    "Italy": ("western_europe", "ana.duarte@example.com"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The few published facts that the neglected record was once filled from."""

    name: str
    website: str
    country: str
    industries: Sequence[str]
    employees: str
    headquarters: str


class DemoRecords:
    """A seeded generator of records as they stand on `today`."""

    def __init__(self, seed: int, today: date) -> None:
        self._random = Random(seed)  # noqa: S311 (repeatable, nothing secret)
        self._today = today

    def choose(self, sources: Sequence[Source], count: int) -> list[Source]:
        """`count` of the sources, or all there are."""
        return self._random.sample(sources, min(count, len(sources)))

    def make_company(self, source: Source) -> Values:
        """One account: about half of what is known about it, some of it years old, one owner in seven wrong."""
        domain = _DOMAIN.fullmatch(source.website.strip())
        country = source.country if source.country in COUNTRIES and self._happens(0.6) else None
        territory, owner = _TERRITORY_OF.get(country or "", (None, self._random.choice(_OWNERS)))
        city = _CITY.match(source.headquarters)
        return {
            "name": source.name[:200],
            "domain": domain[1].lower() if domain else None,
            "website": f"https://{domain[1].lower()}" if domain and self._happens(0.8) else None,
            "industry": self._industry(source),
            "numberofemployees": self._employees(source),
            "country": country,
            "city": city[0].strip() if city and self._happens(0.5) else None,
            "lifecyclestage": self._pick("lead", "marketingqualifiedlead", "opportunity", "customer", None),
            "lead_status": self._pick("NEW", "OPEN", "IN_PROGRESS", "CONNECTED", None),
            "lead_source": self._pick("event", "outbound", "partner", "import", None),
            "territory": territory if self._happens(0.7) else None,
            "owner": self._owner(owner),
            "icp_fit_score": self._random.randint(20, 95) if self._happens(0.3) else None,
            "last_activity_date": self._past(400),
        }

    def make_contacts(self, company: Values, company_id: str) -> Iterator[Values]:
        """One to three people of a company."""
        for _ in range(self._random.randint(1, 3)):
            yield {
                **self._person(str(company["name"])),
                "company": company_id,
                "country": company["country"] if self._happens(0.5) else None,
                "lifecyclestage": company["lifecyclestage"],
                "owner": company["owner"],
                "last_activity_date": self._past(400) if self._happens(0.7) else None,
            }

    def make_deals(self, company: Values, company_id: str) -> Iterator[Values]:
        """No deal for most companies; open ones often lack a next step or have a close date that has passed."""
        if not self._happens(0.4):
            return
        is_open = self._happens(0.8)
        is_won = not is_open and self._happens(0.5)
        closed_stage = "closedwon" if is_won else "closedlost"
        yield {
            "dealname": f"{str(company['name'])[:150]}, {self._random.choice(demo_names.PRODUCTS)}",
            "company": company_id,
            "pipeline": "default",
            "dealstage": self._random.choice(_OPEN_STAGES) if is_open else closed_stage,
            "amount": self._random.randrange(8, 400) * 1000,
            "closedate": str(self._today + timedelta(days=self._random.randint(-60, 120) if is_open else -30)),
            "forecast_category": self._pick("pipeline", "best_case", "commit", None) if is_open else "closed",
            "next_step": self._random.choice(demo_names.NEXT_STEPS) if is_open and self._happens(0.4) else None,
            "loss_reason": None if is_open or is_won else self._pick("price", "no_decision", None),
            "primary_competitor": self._random.choice(demo_names.COMPETITORS) if self._happens(0.25) else None,
            "owner": company["owner"],
            "lead_source": company["lead_source"],
            "last_activity_date": self._past(120),
        }

    def make_lead(self, source: Source) -> Values:
        """One lead that nobody has taken, most of them inbound from the website."""
        return {
            **self._person(source.name),
            "company_name": source.name[:200],
            "country": source.country if source.country in COUNTRIES and self._happens(0.7) else None,
            "lead_status": "NEW",
            "lead_source": self._random.choice(("inbound_web", "inbound_web", "inbound_web", "event", "referral")),
            "lifecyclestage": "lead",
            "message": self._random.choice(demo_names.LEAD_MESSAGES),
        }

    def created_on(self) -> timedelta:
        """How long ago a record was made."""
        return timedelta(days=self._random.randint(400, 1200))

    def _person(self, company: str) -> Values:
        first = self._random.choice(demo_names.FIRST_NAMES)
        last = self._random.choice(demo_names.LAST_NAMES)
        host = re.sub(r"[^a-z0-9]+", "-", company.lower()).strip("-")[:40].strip("-") or "company"
        phone = f"+1 202 555 {self._random.randint(100, 199):04d}"  # reserved for fiction
        return {
            "firstname": first,
            "lastname": last,
            "email": f"{first}.{last}@{host}.example".lower(),
            "phone": phone if self._happens(0.5) else None,
            "jobtitle": self._random.choice(demo_names.JOB_TITLES) if self._happens(0.6) else None,
        }

    def _industry(self, source: Source) -> str | None:
        if self._happens(0.5):
            return None
        if self._happens(0.1):
            return self._random.choice(list(_INDUSTRIES.values()))
        known = (_INDUSTRIES[name.casefold()] for name in source.industries if name.casefold() in _INDUSTRIES)
        return next(known, None)

    def _employees(self, source: Source) -> int | None:
        count = _COUNT.match(source.employees)
        if count is None or self._happens(0.4):
            return None
        published = int(count[1].replace(",", ""))
        return round(published * self._random.uniform(0.4, 0.9)) if self._happens(0.6) else published

    def _owner(self, owner: str) -> str | None:
        if self._happens(0.2):
            return None
        return self._random.choice(_OWNERS) if self._happens(0.15) else owner

    def _past(self, days: int) -> str:
        return str(self._today - timedelta(days=self._random.randint(1, days)))

    def _pick(self, *choices: str | None) -> str | None:
        return self._random.choice(choices)

    def _happens(self, probability: float) -> bool:
        return self._random.random() < probability
