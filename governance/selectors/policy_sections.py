"""Which rows the policy file holds, and what each row's columns are: read off the models.

A new kind of policy row is one line in `SECTIONS`. Its columns are the model's editable fields, its key the model's own
uniqueness, its references the names that people know.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models

from governance.models import (
    ActionTier,
    Agent,
    Anomaly,
    ApproverGroup,
    Breaker,
    Budget,
    Connection,
    FieldOwnership,
    FrequencyCap,
    GoldenCase,
    Grant,
    LawfulBasis,
    Person,
    ProvenanceFields,
    RegisteredField,
    RevenueField,
    Rule,
    RuleList,
    StageRequirement,
    StageTransition,
    System,
    WritePath,
)

SEPARATOR = "/"


@dataclass(frozen=True, slots=True)
class Reference:
    """How a file names a row of another model: the columns of its name, and the way to its workspace (empty: none)."""

    names: tuple[str, ...]
    workspace: str


REFERENCES: Mapping[type[models.Model], Reference] = {
    Agent: Reference(("name",), "workspace"),
    ApproverGroup: Reference(("slug",), "workspace"),
    Connection: Reference(("name",), "workspace"),
    Person: Reference(("email",), ""),
    RegisteredField: Reference(("connection__name", "object_type", "name"), "connection__workspace"),
    RevenueField: Reference(("name",), "workspace"),
    RuleList: Reference(("slug",), "workspace"),
    System: Reference(("name",), "workspace"),
}


@dataclass(frozen=True)
class Section:
    """One list of the file. `is_given`: rows come from elsewhere (the CRM's schema), only `columns` are policy.

    `left_out` are fields that say nothing about policy, like where a case was taken from.
    """

    name: str
    model: type[models.Model]
    workspace: str = "workspace"
    is_given: bool = False
    only: tuple[str, ...] = ()
    left_out: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The columns that name a row, by the model's own uniqueness."""
        options = self.model._meta
        single = [item.name for item in options.concrete_fields if item.unique and not item.primary_key]
        if single:
            return (single[0],)
        constraints = [item for item in options.constraints if isinstance(item, models.UniqueConstraint)]
        return tuple(name for name in constraints[0].fields if name != self.workspace)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Key first, then the others as the model declares them."""
        options = self.model._meta
        found = [item.name for item in (*options.concrete_fields, *options.many_to_many) if self._is_policy(item)]
        chosen = [name for name in found if not self.only or name in self.only]
        return (*self.key, *(name for name in chosen if name not in self.key))

    def column(self, name: str) -> Any:
        """The model's field."""
        return self.model._meta.get_field(name)

    def _is_policy(self, item: Any) -> bool:
        is_clock = getattr(item, "auto_now", False) or getattr(item, "auto_now_add", False)
        return item.editable and not (
            item.primary_key or is_clock or item.name == self.workspace or item.name in self.left_out
        )


SECTIONS: tuple[Section, ...] = (
    Section("approver_groups", ApproverGroup),
    Section("revenue_fields", RevenueField),
    Section(
        "fields",
        RegisteredField,
        workspace="connection__workspace",
        is_given=True,
        only=("review_state", "classification", "is_sensitive", "revenue_field"),
    ),
    Section("matrix", FieldOwnership, workspace="field__connection__workspace"),
    Section("tiers", ActionTier),
    Section("stages", StageRequirement, workspace="connection__workspace"),
    Section("transitions", StageTransition, workspace="connection__workspace"),
    Section("provenance", ProvenanceFields, workspace="connection__workspace"),
    Section("grants", Grant, workspace="agent__workspace"),
    Section("lists", RuleList),
    Section("rules", Rule),
    Section("lawful_bases", LawfulBasis),
    Section("budgets", Budget),
    Section("breakers", Breaker),
    Section("frequency_caps", FrequencyCap),
    Section("anomalies", Anomaly),
    Section("golden_cases", GoldenCase),
    Section("systems", System),
    Section("write_paths", WritePath, workspace="connection__workspace"),
)
"""In the order in which rows are made: what is referred to comes first."""
