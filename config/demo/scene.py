"""Where the story plays: the house's own CRM, or the simulated one that was chosen."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.selectors.clock import get_now
from config.demo.agents import ROOT
from config.demo.far_crm import FarCrm
from config.demo.words import Words
from crm_connectors.services.embedded_edit import edit_record
from governance.models import Connection

sys.path.insert(0, str(ROOT / "examples"))
from dialect import Dialect, speak  # the examples are programs, not a package

__all__ = ["THE_HOUSE", "Dialect", "Scene", "speak"]
HOUSE = "embedded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The connection that the chapters use, and its words. `crm` is the simulator, None for the house's own CRM."""

    connection: str = HOUSE
    crm: FarCrm | None = None
    words: Words | None = None
    dialect: Dialect = field(default_factory=Dialect)

    @property
    def title(self) -> str:
        """As the story calls it."""
        return "the CRM" if self.crm is None else self.crm.title

    def get_connection(self) -> Connection:
        return Connection.objects.select_related("workspace").get(name=self.connection)

    def takes(self, object_type: str, action: str) -> bool:
        """Whether this CRM has the object and takes the action."""
        return self.dialect.knows(object_type, action)

    def edit(self, object_type: str, record_id: str, values: Mapping[str, Any], *, actor: str) -> None:
        """A person changes a record at the CRM's own screens. Names and values are the CRM's."""
        if self.crm is not None:
            self.crm.edit(object_type, record_id, values)
            return
        edit_record(
            connection_id=self.get_connection().pk,
            object_type=object_type,
            record_id=record_id,
            values=dict(values),
            actor=actor,
            now=get_now(),
        )


THE_HOUSE = Scene()
