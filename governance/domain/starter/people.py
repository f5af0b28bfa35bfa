"""The starter's people, under a reserved domain, some of each role, and the groups that approve (IDN-07, APR-05)."""

import msgspec

from governance.domain.roles import Role


class StarterPerson(msgspec.Struct, frozen=True, kw_only=True):
    """`email` is the login too."""

    email: str
    name: str
    role: Role
    groups: tuple[str, ...] = ()


STARTER_GROUPS: dict[str, str] = {
    "revops": "Revenue operations",
    "sales-ops": "Sales operations",
    "sales-managers": "Sales managers",
    "compliance": "Compliance",
}

STARTER_PEOPLE: tuple[StarterPerson, ...] = (
    StarterPerson(email="revops@example.com", name="Rhea Calder", role=Role.REVOPS_ADMIN, groups=("revops",)),
    StarterPerson(email="sales.ops@example.com", name="Sam Ortiz", role=Role.SALES_OPS, groups=("sales-ops",)),
    StarterPerson(email="sales.ops.two@example.com", name="Sofia Marin", role=Role.SALES_OPS, groups=("sales-ops",)),
    StarterPerson(
        email="manager@example.com", name="Maya Lindqvist", role=Role.SALES_MANAGER, groups=("sales-managers",)
    ),
    StarterPerson(
        email="manager.two@example.com", name="Marcus Bell", role=Role.SALES_MANAGER, groups=("sales-managers",)
    ),
    StarterPerson(email="compliance@example.com", name="Carla Nowak", role=Role.COMPLIANCE, groups=("compliance",)),
    StarterPerson(email="auditor@example.com", name="Aldo Ferri", role=Role.AUDITOR),
    StarterPerson(email="ana.duarte@example.com", name="Ana Duarte", role=Role.REP),
)
PUBLISHER = "revops@example.com"
