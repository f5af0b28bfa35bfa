"""Whether a record was archived is the server's word, never an error's (CON-04, EXE-03)."""

import base64
import json
from contextlib import contextmanager
from uuid import uuid4

import pytest

from crm_connectors.port import AmbiguousError, NotFoundError, RejectedError, TransientError
from crm_connectors.tryton.connector import KIND
from crm_connectors.tryton.settings import TrytonSettings
from crm_connectors.wiring import OpenGate, Wiring
from tests.builders.crm_connectors import make_operation
from tests.crm_connectors.adapters.servers import read_request, reply, serving
from tests.doubles.kept_secrets import KeptSecrets

PARTY = "party.party"
FIELDS = {"active": {"type": "boolean", "string": "Active"}, "name": {"type": "char", "string": "Name"}}
STAMP = {"_timestamp": "1", "write_date": None, "create_date": None, "write_uid": 1, "create_uid": 1}
ACTIVE = {"id": 7, "active": True, **STAMP}
ARCHIVED = {"id": 7, "active": False, **STAMP}
REFUSED = {"error": ["UserError", ["you may not look at this", "", None]]}
BROKEN = {"error": ["KeyError", "Traceback"]}


class Script:
    """A Tryton of one party: describes it, and answers a look for it as it is told. `asked` holds the looks."""

    def __init__(self, *looks, written=True):
        self.looks, self.asked = list(looks), []
        self.written = written

    def __call__(self, connection):
        while request := read_request(connection):
            connection.sendall(self._answer(json.loads(request.partition(b"\r\n\r\n")[2])))

    def _answer(self, call):
        if call["method"].endswith(".fields_get"):
            return _wire({"result": FIELDS})
        if call["method"].endswith(".write"):
            return _wire(self.written)
        self.asked.append(call)
        return _wire(self.looks.pop(0))


def _wire(told):
    return told if isinstance(told, bytes) else reply(json.dumps({"id": 1, **told}).encode())


@contextmanager
def served(script):
    with serving(script) as server:
        settings = TrytonSettings(base_url=server.url, database="crm", login="x", objects=PARTY)
        session = base64.b64encode(b"x:1:key").decode()
        secrets = KeptSecrets(session=session)
        yield KIND.make(Wiring(connection_id=uuid4(), settings=settings, secrets=secrets, gate=OpenGate()))


def archive(record_id="7"):
    return make_operation(record_id, "archive", object_type=PARTY)


@pytest.mark.parametrize(("rows", "is_archived"), [([ARCHIVED], True), ([ACTIVE], False)], ids=["archived", "active"])
def test_the_record_itself_proves_it(rows, is_archived):
    script = Script({"result": rows})
    with served(script) as connector:
        receipt = connector.find_operation(archive())
    assert (receipt is not None) is is_archived
    (call,) = script.asked
    assert call["method"] == "model.party.party.search_read"
    assert ["active", "in", [True, False]] in call["params"][0], "else an archived one looks like one that is gone"


def test_a_record_that_an_access_rule_hides_is_not_said_to_be_archived():
    """Gone and hidden look the same from here: the outcome stays unknown, for a person (EXE-03)."""
    with served(Script({"result": []})) as connector, pytest.raises(AmbiguousError, match="access rule"):
        connector.find_operation(archive())


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (REFUSED, RejectedError),
        (BROKEN, RejectedError),
        (reply(b"<html>", status="404 Not Found"), TransientError),
        (reply(b"<html>", status="400 Bad Request"), TransientError),
        (reply(b"<html>", status="503 Down"), TransientError),
    ],
)
def test_an_error_proves_nothing(answer, kind):
    """An archive that never happened must not be told as executed."""
    with served(Script(answer)) as connector, pytest.raises(kind):
        connector.find_operation(archive())


def test_what_can_be_no_record_was_not_archived():
    with served(Script()) as connector:
        assert connector.find_operation(archive("x")) is None


@pytest.mark.parametrize("answer", [REFUSED, BROKEN])
def test_a_record_that_may_not_be_read_is_not_one_that_is_gone(answer):
    with served(Script(answer)) as connector, pytest.raises(RejectedError):
        connector.read(object_type=PARTY, record_id="7", fields=["name"])
    with served(Script({"result": []})) as connector, pytest.raises(NotFoundError):
        connector.read(object_type=PARTY, record_id="7", fields=["name"])


@pytest.mark.parametrize("status", ["404 Not Found", "408 Request Timeout", "413 Too Large", "499 Closed"])
def test_a_write_that_somebody_between_answered_may_have_been_applied(status):
    script = Script({"result": [ACTIVE]}, written=reply(b"<html>", status=status))
    with served(script) as connector, pytest.raises(AmbiguousError):
        connector.send(archive())
