"""The starter's anomaly stops: what no agent of a small revenue team does unless something is wrong (LIM-05)."""

from governance.domain.document import AnomalyRule

STARTER_ANOMALIES: tuple[AnomalyRule, ...] = (
    AnomalyRule(signal="volume", window="minute", floor=25, factor=5.0),
    AnomalyRule(signal="volume", window="hour", floor=60, factor=3.0),
    AnomalyRule(signal="new_domains", window="hour", floor=10),
    AnomalyRule(signal="new_sequences", window="day", floor=3),
    AnomalyRule(signal="new_fields", window="hour", floor=3),
)
"""The first: fifty records in two minutes do not happen. One minute holds half of them."""
