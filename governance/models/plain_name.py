"""Names of people, agents, groups, connections and workspaces: what forms and the database refuse in them (APR-03)."""

from django.db.models import CheckConstraint, Q

from governance.domain.plain_name import NAME_PROBLEM, UNSEEN_IN_NAMES


def name_is_seen(constraint: str) -> CheckConstraint:
    """INVARIANT: `name` holds nothing that a person could not see, whoever wrote it; every form asks this too."""
    return CheckConstraint(
        condition=~Q(name__regex=UNSEEN_IN_NAMES), name=constraint, violation_error_message=NAME_PROBLEM
    )
