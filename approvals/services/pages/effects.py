"""What a change sets off at the CRM, as far as the inventory knows (REG-10)."""

from dataclasses import dataclass

from approvals.models import AgentActionRequest
from approvals.services.pages.labels import Fields, label_of
from governance.domain.action_class import MAKES_RECORD
from governance.selectors.write_paths import list_effects


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEffect:
    """One path that would run. `because` and `changes` are places in people's words; `depth` 1 is set off directly."""

    because: str
    name: str
    kind: str
    system: str
    changes: tuple[str, ...]
    depth: int


def show_effects(request: AgentActionRequest, fields: Fields) -> tuple[ShownEffect, ...]:
    """Paths that the patch sets off, and those that these set off in turn, nearest first. One query for a patch."""
    if not request.patch:
        return ()
    places = {f"{request.object_type}.{item['field']}" for item in request.patch}
    made = {request.object_type} if request.action in MAKES_RECORD else set()
    return tuple(
        ShownEffect(
            because=_words(effect.because, request.object_type, fields),
            name=effect.path.name,
            kind=effect.path.kind_words,
            system=effect.path.system,
            changes=tuple(_words(place, request.object_type, fields) for place in effect.path.changes),
            depth=effect.depth,
        )
        for effect in list_effects(request.connection_id, places | made)
    )


def _words(place: str, object_type: str, fields: Fields) -> str:
    """A field of the same object by its label, any other place by its full name."""
    of, _, name = place.partition(".")
    return label_of(fields, name) if of == object_type and name else place
