"""What another CRM calls things: an agent thinks in one set of names and is understood at each CRM.

A file of JSON says it, by object in the agent's words:

    {"leads": {"name": "Lead", "actions": ["update"], "fields": {"owner": "OwnerId"},
               "values": {"owner": {"frank@example.com": "005…", "": "005…"}}}}

An empty key among `values` stands for an empty field. What is not named there does not exist at that CRM: such an
object is empty, such a field is left out of a search and of a change.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

LEFT_OUT = "left out: this CRM does not take it"


class Dialect:
    """The names of one CRM. Without any, every name stands for itself."""

    def __init__(self, words: Mapping[str, Any] | None = None) -> None:
        self._words = words

    @classmethod
    def from_file(cls, path: str) -> "Dialect":
        return cls(json.loads(Path(path).read_text(encoding="utf-8")) if path else None)

    def knows(self, object_type: str, action: str) -> bool:
        """Whether this CRM has the object and takes this action on it."""
        return self._words is None or action in self._words.get(object_type, {}).get("actions", ())

    def object(self, object_type: str) -> str:
        return object_type if self._words is None else str(self._words[object_type]["name"])

    def fields(self, object_type: str, names: list[str]) -> list[str]:
        """The names there of those fields that exist there."""
        return list(self.values(object_type, dict.fromkeys(names)))

    def values(self, object_type: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Names and values as that CRM has them."""
        if self._words is None:
            return dict(values)
        there = self._words[object_type]
        known = {name: value for name, value in values.items() if name in there["fields"]}
        return {there["fields"][name]: self._value(there, name, value) for name, value in known.items()}

    def own_values(self, object_type: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The way back: what a record of that CRM says in the agent's words."""
        if self._words is None:
            return dict(values)
        there = self._words[object_type]
        found = {name: values[far] for name, far in there["fields"].items() if far in values}
        return {name: self._own_value(there, name, value) for name, value in found.items()}

    def own_field(self, object_type: str, field: str) -> str:
        fields = {} if self._words is None else self._words[object_type]["fields"]
        return next((name for name, far in fields.items() if far == field), field)

    @staticmethod
    def _value(there: Mapping[str, Any], name: str, value: Any) -> Any:
        told = there.get("values", {}).get(name, {})
        return told.get("" if value is None else value, value) if isinstance(value, str | None) else value

    @staticmethod
    def _own_value(there: Mapping[str, Any], name: str, value: Any) -> Any:
        told = {far: own for own, far in there.get("values", {}).get(name, {}).items()}
        own = told.get(value, value) if isinstance(value, str) else value
        return None if own == "" else own


class Interpreted:
    """A client that speaks a CRM's dialect: `Countersign`, or anything that searches and proposes as it does."""

    def __init__(self, client: Any, dialect: Dialect) -> None:
        self._client, self._dialect = client, dialect

    def search(
        self, connection: str, object_type: str, filters: dict[str, Any], fields: list[str]
    ) -> Iterator[dict[str, Any]]:
        if not self._dialect.knows(object_type, "search"):
            return
        found = self._client.search(
            connection,
            self._dialect.object(object_type),
            self._dialect.values(object_type, filters),
            self._dialect.fields(object_type, fields),
        )
        for row in found:
            yield {**row, "values": self._dialect.own_values(object_type, row["values"])}

    def propose(self, proposal: dict[str, Any]) -> dict[str, Any]:
        """Waits for the decision, which takes a look at the CRM. What the CRM has no word for is not asked."""
        spoken = speak(proposal, self._dialect)
        if spoken is None:
            return {"status": LEFT_OUT, "decision": {"reasons": []}}
        answer: dict[str, Any] = self._client.propose(spoken, wait_seconds=30)
        for reason in (answer.get("decision") or {}).get("reasons", ()):
            if reason.get("field"):
                reason["field"] = self._dialect.own_field(proposal["target"]["object"], reason["field"])
        return {**answer, "decision": answer.get("decision") or {"reasons": []}}


def speak(proposal: dict[str, Any], dialect: Dialect) -> dict[str, Any] | None:
    """The proposal in that CRM's words; None where it has none for what is proposed."""
    object_type, action = proposal["target"]["object"], proposal["action"]
    if not dialect.knows(object_type, action):
        return None
    spoken = {**proposal, "target": {**proposal["target"], "object": dialect.object(object_type)}}
    for member in ("changes", "expected"):
        if member in proposal:
            spoken[member] = dialect.values(object_type, proposal[member])
    if "changes" in proposal and not spoken["changes"]:
        return None
    if "task" in proposal:
        spoken["task"] = dialect.values("tasks", proposal["task"])
    return spoken
