"""The published facts about real companies that the project ships (`embedded/data/ATTRIBUTION.md`)."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from crm_connectors import embedded
from crm_connectors.embedded.demo_records import Source

COMPANY_FACTS_PATH = Path(embedded.__file__).parent / "data" / "companies.jsonl"


class CompanyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One company as published: free text with all its mess (`"62,035 (2024)"`), None where nothing was said."""

    name: str
    country: str | None
    industries: tuple[str, ...] | None
    employees: str | int | None
    revenue: str | int | None
    headquarters: str | None
    founded: str | int | None
    website: str | None
    key_people: str | None
    products: str | None
    source_url: str | None
    indices: tuple[str, ...]


def iter_company_facts() -> Iterator[CompanyFacts]:
    """Every line of the file, in its order. One company may stand on several lines."""
    decoder = msgspec.json.Decoder(CompanyFacts)
    with COMPANY_FACTS_PATH.open("rb") as lines:
        for line in lines:
            yield decoder.decode(line)


def list_sources() -> list[Source]:
    """One source of demonstration records per company that has an article to cite, in the file's order."""
    by_name: dict[str, Source] = {}
    for facts in iter_company_facts():
        if facts.source_url is not None:
            by_name.setdefault(facts.name.casefold(), _source(facts))
    return list(by_name.values())


def _source(facts: CompanyFacts) -> Source:
    return Source(
        name=facts.name,
        website=facts.website or "",
        country=facts.country or "",
        industries=facts.industries or (),
        employees=str(facts.employees or ""),
        headquarters=facts.headquarters or "",
    )
