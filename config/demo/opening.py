"""Before the story at a CRM elsewhere: a person connects it, and opens to agents what they may do in the house's own.

The matrix and the grants are the starter's, in this CRM's words. What it cannot do is said, not imitated.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import transaction

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from config.demo.far_crm import KINDS, FarCrm
from config.demo.office import Office
from config.demo.scene import Dialect, Scene
from config.demo.story import REVOPS, ROUTING, wait_for, who
from config.demo.words import CANNOT, Words, words_of
from crm_connectors.models import ConnectionEndpoint
from crm_connectors.services.connecting import connect_crm
from crm_connectors.services.secret_changes import set_secret
from governance.domain.starter.agents import STARTER_AGENTS
from governance.domain.starter.matrix import MatrixRow, matrix_row
from governance.models import Agent, Connection, FieldOwnership, Grant, RegisteredField, SchemaSync
from governance.models.schema_sync import OPEN
from governance.services.config_changes import record_config_change
from governance.services.publish import NothingChangedError, publish_policy
from governance.services.schema_review import review_schema
from governance.services.schema_syncs import start_sync

Say = Callable[[str], object]
_PAGE = "/admin/crm_connectors/connectionendpoint/"


class OpeningError(RuntimeError):
    """The chosen CRM could not be connected."""

    code = "demo_opening"


def open_scene(*, office: Office, crm: FarCrm, say: Say) -> Scene:
    """Connected, its schema synced and reviewed, published. Raises OpeningError."""
    connection = _connect(office, crm, say)
    words = words_of(crm.kind, crm.list_owners())
    _govern(connection, words, say)
    for complaint in CANNOT[crm.kind]:
        say(f"  {crm.title} {complaint}.")
    say("  What is left of the story there is told on the house's own CRM, and its mail, calendar and dialer.")
    return Scene(connection=connection.name, crm=crm, words=words, dialect=Dialect(words))


@contextmanager
def names_file(scene: Scene) -> Iterator[str]:
    """The path of the file that tells an agent's program the CRM's names; empty for the house's own, which has none."""
    if scene.words is None:
        yield ""
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "names.json"
        path.write_text(json.dumps(scene.words), encoding="utf-8")
        yield str(path)


def _connect(office: Office, crm: FarCrm, say: Say) -> Connection:
    """RevOps sets the address and the secret at the console, and tries them."""
    browser, kind, user_id = office.browser_of(REVOPS), KINDS[crm.kind], who(REVOPS)["user_id"]
    workspace = Agent.objects.get(name=ROUTING).workspace
    found = Connection.objects.filter(workspace=workspace, name=crm.kind).first()
    if found is None or not ConnectionEndpoint.objects.filter(pk=found.pk).exists():
        made = connect_crm(
            workspace_id=workspace.pk,
            name=crm.kind,
            kind=crm.kind,
            environment="sandbox",
            user_id=user_id,
            now=get_now(),
        )
        found = Connection.objects.get(pk=made)
    browser.act(f"{_PAGE}{found.pk}/change/", "base_url", **crm.values_of(kind.settings))
    for name, value in crm.values_of(kind.secrets).items():
        set_secret(connection_id=found.pk, name=name, value=value, user_id=user_id, now=get_now())
    page = browser.get(f"{_PAGE}{found.pk}/change/")
    test = next((form for form in page.forms if form.action.endswith("/test/")), None)
    told = browser.submit(page, test).text if test is not None else ""
    if "answers and accepts" not in told:
        raise OpeningError(f"the simulated {crm.title} could not be connected: see its page")
    say(f"RevOps connected {crm.title}: its address, its secret (sealed), and a test that it accepts us.")
    return found


def _govern(connection: Connection, words: Words, say: Say) -> None:
    """RevOps syncs the schema, reviews what the story needs, gives the agents their grants there, and publishes."""
    person = who(REVOPS)
    start_sync(connection_id=connection.pk, user_id=person["user_id"], now=get_now())
    wait_for(lambda: not SchemaSync.objects.filter(connection=connection, state__in=OPEN).exists(), seconds=60)
    rows = {(row.object_type, row.name): row for row in RegisteredField.objects.filter(connection=connection)}
    opened = list(_opened(words, rows))
    for classification in {str(starter.classification) for _, starter, _ in opened}:
        review_schema(
            workspace_id=connection.workspace_id,
            field_ids=[row.pk for row, starter, _ in opened if starter.classification == classification],
            answer="keep",
            classification=classification,
            user_id=person["user_id"],
            now=get_now(),
        )
    actor = Actor("human", str(person["person_id"]))
    with transaction.atomic():
        for row, starter, suggestion in opened:
            _own(row, starter, suggestion, actor)
        for agent in STARTER_AGENTS:
            _grant(connection, agent.name, _grants(agent.grants, words), actor)
    with suppress(NothingChangedError):
        reason = f"agents may do at {connection.name} what they may in the house's own CRM"
        publish_policy(
            workspace_id=connection.workspace_id, person_id=person["person_id"], reason=reason, now=get_now()
        )
    say(
        f"RevOps synced its schema ({len(rows)} fields, closed until reviewed), reviewed {len(opened)} of them, gave "
        "the agents the same grants as in the house's own CRM, and published."
    )


def _opened(words: Words, rows: dict[tuple[str, str], RegisteredField]) -> Any:
    """Each field of the story that is there, with the starter's row and its suggestion field."""
    for own_object, there in words.items():
        for own_name, name in there["fields"].items():
            row, starter = rows.get((there["name"], name)), matrix_row(own_object, own_name)
            if row is not None and starter is not None:
                suggestion = there["fields"].get(starter.suggestion_field, "")
                yield row, starter, rows.get((there["name"], suggestion))


def _own(row: RegisteredField, starter: MatrixRow, suggestion: RegisteredField | None, actor: Actor) -> None:
    values = {
        "owner_role": starter.owner_role,
        "permission_level": starter.permission_level,
        "allowed_writers": [writer.value for writer in starter.allowed_writers],
        "is_golden": starter.is_golden,
        "suggestion_field": suggestion,
    }
    _, is_new = FieldOwnership.objects.get_or_create(field=row, defaults=values)
    if is_new:
        _record(row.connection, row.ownership, sorted(values), actor)


def _grants(grants: Any, words: Words) -> dict[tuple[str, str], tuple[list[str], list[str]]]:
    """(object, action) there → fields that may be read and written. Two objects of ours may be one there."""
    found: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for grant in grants:
        there = words.get(grant.object)
        if there is None or grant.action not in there["actions"]:
            continue
        fields = there["fields"]
        lists = found.setdefault((there["name"], str(grant.action)), ([], []))
        for names, more in zip(lists, (grant.read_fields, grant.write_fields), strict=True):
            names += [fields[name] for name in more if name in fields and fields[name] not in names]
    return found


def _grant(
    connection: Connection, agent: str, wanted: dict[tuple[str, str], tuple[list[str], list[str]]], actor: Actor
) -> None:
    for (object_type, action), (read, write) in wanted.items():
        values = {"read_fields": read, "write_fields": write}
        grant, is_new = Grant.objects.get_or_create(
            agent=Agent.objects.get(name=agent),
            connection=connection,
            object_type=object_type,
            action=action,
            defaults=values,
        )
        if is_new:
            _record(connection, grant, sorted(values), actor)


def _record(connection: Connection, row: Any, fields: list[str], actor: Actor) -> None:
    record_config_change(
        workspace_id=connection.workspace_id, row=row, operation="created", fields=fields, actor=actor, now=get_now()
    )
