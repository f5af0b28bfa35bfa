"""Which fields of an object keep their values from agents, by the policy that decided."""

from governance.selectors.policy import get_policy_index_by_digest


def get_hidden_fields(*, policy_version: str, connection: str, object_type: str) -> frozenset[str]:
    """Names of the object's sensitive fields in that version; no query once the policy is cached.

    Empty for a decision made without a policy, whose patch is empty too. Raises PolicyCorruptError.
    """
    index = get_policy_index_by_digest(policy_version) if policy_version else None
    entry = index.objects.get((connection, object_type)) if index is not None else None
    return frozenset(name for name, rule in entry.fields.items() if rule.is_sensitive) if entry else frozenset()
