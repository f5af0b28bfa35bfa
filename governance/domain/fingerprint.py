"""Fingerprint of an agent version: what the agent was made of when it asked (IDN-03)."""

from functools import lru_cache

from audit.domain.canonical import digest


@lru_cache(maxsize=1024)  # an agent sends the same with every proposal
def version_fingerprint(*, model: str, prompt_template: str, prompt_hash: str, tools_hash: str) -> str:
    """`sha256:<hex>` over the four parts, each under its name, so that no two different sets run together."""
    return digest(
        {"model": model, "prompt_hash": prompt_hash, "prompt_template": prompt_template, "tools_hash": tools_hash}
    )
