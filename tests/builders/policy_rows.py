"""Rows of a small policy, as RevOps would enter them."""

from datetime import UTC, datetime

from governance.models import (
    ActionTier,
    Agent,
    ApproverGroup,
    Connection,
    FieldOwnership,
    Grant,
    Membership,
    Person,
    RegisteredField,
    RevenueField,
    StageRequirement,
    Workspace,
)

NOW = datetime(2031, 5, 17, 9, 30, tzinfo=UTC)


class PolicyRows:
    """One workspace with people, one agent and one connection; further rows by its methods."""

    def __init__(self, slug="acme"):
        self.workspace = Workspace.objects.create(slug=slug, name=slug.title())
        self.owner = self.person("Olga Owner")
        self.reviewer = self.person("Rita Reviewer")
        self.connection = self.add_connection("embedded")
        self.agent = Agent.objects.create(
            workspace=self.workspace,
            name=f"agent.{slug}",
            owner=self.owner,
            purpose="Fill gaps",
            lifecycle="active",
            autonomy_level="autonomous",
        )
        self.group = ApproverGroup.objects.create(workspace=self.workspace, slug="revops", name="RevOps")
        Membership.objects.create(group=self.group, person=self.reviewer)

    def person(self, name):
        email = f"{name.split()[0].lower()}@{self.workspace.slug}.example"
        return Person.objects.create(name=name, email=email)

    def add_connection(self, name, environment="sandbox"):
        return Connection.objects.create(workspace=self.workspace, name=name, kind="embedded", environment=environment)

    def field(self, name, *, object_type="companies", connection=None, revenue_field=None, **changes):
        values = {"field_type": "string", "review_state": "reviewed", "classification": "enrichment", **changes}
        if revenue_field:
            position = RevenueField.objects.filter(workspace=self.workspace).count() + 1
            revenue_field = RevenueField.objects.create(workspace=self.workspace, position=position, name=revenue_field)
        return RegisteredField.objects.create(
            connection=connection or self.connection,
            object_type=object_type,
            name=name,
            label=name.title(),
            revenue_field=revenue_field,
            **values,
        )

    def own(self, field, **changes):
        values = {"permission_level": "safe_write", "allowed_writers": ["agent", "human"], **changes}
        return FieldOwnership.objects.create(field=field, **values)

    def grant(self, *write_fields, object_type="companies", action="update", **changes):
        values = {"agent": self.agent, "connection": self.connection, **changes}
        return Grant.objects.create(object_type=object_type, action=action, write_fields=list(write_fields), **values)

    def tier(self, action="update", risk_tier="autonomous", *, groups=(), **changes):
        tier = ActionTier.objects.create(workspace=self.workspace, action=action, risk_tier=risk_tier, **changes)
        tier.approver_groups.set(groups)
        return tier

    def stage(self, stage, *required_fields, stage_field="dealstage", object_type="deals"):
        return StageRequirement.objects.create(
            connection=self.connection,
            object_type=object_type,
            stage_field=stage_field,
            stage=stage,
            required_fields=list(required_fields),
        )

    def simple_policy(self):
        """Two safe fields, granted for update; returns their ownership rows."""
        rows = [self.own(self.field(name)) for name in ("country", "industry")]
        self.grant("country", "industry")
        self.tier()
        return rows
