"""The portal's schema: asked anew for `describe`, and remembered for a minute for reads and writes."""

import time
from collections.abc import Mapping
from threading import Lock
from typing import Any
from uuid import UUID

from crm_connectors.hubspot.calling import Portal
from crm_connectors.hubspot.properties import Property, read_property
from crm_connectors.port import NotFoundError
from governance.domain.schema import ObjectSchema, Schema

REMEMBERED_SECONDS = 60.0
MAX_REMEMBERED = 1000
_PIPELINE_FIELDS = {"deals": ("pipeline", "dealstage"), "tickets": ("hs_pipeline", "hs_pipeline_stage")}
Properties = dict[str, Property]

_memory: dict[tuple[UUID, str], tuple[float, Properties]] = {}
_lock = Lock()


def get_properties(portal: Portal, object_type: str, *, needs: frozenset[str] = frozenset()) -> Properties:
    """The properties of an object. No call when they were asked for within a minute and hold all of `needs`: what is
    not among them may be new. Raises NotFoundError for an object that this connection does not serve."""
    if object_type not in portal.settings.objects.split():
        raise NotFoundError(f"this connection serves no `{object_type}`")
    key = (portal.connection_id, object_type)
    asked_at, known = _memory.get(key, (0.0, {}))
    is_fresh = known and time.monotonic() - asked_at < REMEMBERED_SECONDS
    if is_fresh and needs <= known.keys():
        return known
    found = _ask(portal, object_type)
    with _lock:
        if len(_memory) >= MAX_REMEMBERED:
            _memory.clear()
        _memory[key] = (time.monotonic(), found)
    return found


def forget_properties(portal: Portal, object_type: str) -> None:
    """The schema is not what it was: ask anew the next time."""
    with _lock:
        _memory.pop((portal.connection_id, object_type), None)


def require_known(known: Properties, names: frozenset[str]) -> None:
    """HubSpot leaves unknown names out of an answer without a word; we do not. Raises NotFoundError."""
    unknown = sorted(names - known.keys())
    if unknown:
        raise NotFoundError(f"HubSpot has no property {', '.join(f'`{name[:100]}`' for name in unknown)}")


def describe(portal: Portal) -> Schema:
    """Every object that this connection serves; the stages of pipelines as the options they are."""
    return Schema(objects=tuple(_describe(portal, name) for name in portal.settings.objects.split()))


def _describe(portal: Portal, object_type: str) -> ObjectSchema:
    stages = _pipeline_options(portal, object_type)
    fields = (item.to_field(stages.get(item.name)) for item in _ask(portal, object_type).values())
    return ObjectSchema(name=object_type, label=object_type.capitalize(), fields=tuple(fields))


def _ask(portal: Portal, object_type: str) -> Properties:
    results = portal.get("properties", object_type).get("results") or ()
    properties = (read_property(wire, object_type) for wire in results if not wire.get("archived"))
    return {item.name: item for item in properties}


def _pipeline_options(portal: Portal, object_type: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """The pipeline's and the stage's field → ids with what people call them; the same stage may be in two pipelines."""
    if object_type not in _PIPELINE_FIELDS:
        return {}
    pipeline_field, stage_field = _PIPELINE_FIELDS[object_type]
    pipelines = portal.get("pipelines", object_type).get("results") or ()
    return {
        pipeline_field: tuple(map(_option, pipelines)),
        stage_field: tuple(_option(stage) for item in pipelines for stage in item.get("stages") or ()),
    }


def _option(wire: Mapping[str, Any]) -> tuple[str, str]:
    return str(wire["id"]), str(wire.get("label") or "")
