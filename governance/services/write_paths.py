"""The questions that everybody asks of the inventory (REG-10)."""

from governance.models import Connection, RegisteredField
from governance.selectors.write_paths import Answer, answer_places

_STAGE = ("dealstage", "StageName")
_OWNER = ("owner", "hubspot_owner_id", "OwnerId")
_DEALS = ("deals", "Opportunity")
_ONE_OF = {"companies": "a company", "contacts": "a contact", "leads": "a lead", "deals": "an opportunity"}


def show_answers(*, connection: Connection, place: str = "") -> tuple[Answer, ...]:
    """What can change the place; without one, the three answers: stage, owner, a new opportunity."""
    if place:
        return answer_places(connection, [(f"What can change {place}?", place)])
    known = set(RegisteredField.objects.filter(connection=connection).values_list("object_type", "name"))
    questions = [("What can change Stage?", f"{item[0]}.{item[1]}") for item in sorted(known) if item[1] in _STAGE]
    questions += [
        (f"What can change Owner of {_ONE_OF.get(item[0], item[0])}?", f"{item[0]}.{item[1]}")
        for item in sorted(known)
        if item[1] in _OWNER and item[0] in {"companies", "contacts", "leads", *_DEALS}
    ]
    objects = sorted({item[0] for item in known} & set(_DEALS))
    questions += [("What can create an Opportunity?", name) for name in objects]
    return answer_places(connection, questions)
