"""Whatever is handed to a parser that the ledger is fed or checked by is read, or refused by its own error (AUD-06).

`make soak` makes 10,000 random edits for each, the suite some; and bytes of any kind.
"""

import base64
import json
import random
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import HTTPHeaderDict

from approvals.domain.proposal_parsing import parse_batch, parse_object, parse_proposal
from approvals.domain.strict_json import MalformedJsonError, UnacceptableJsonError
from audit.domain.body import InvalidEventError, read_body, read_values, write_event
from audit.domain.event import Actor, NewEvent, Subject
from audit.domain.note import InvalidNoteError, TreeHead, open_checkpoint, sign_tree_head, verifier_key
from audit.services.anchor import AnchorError, _read
from audit.services.spool import read_line, write_line
from audit.verifier import noncontact
from crm_connectors.adapters.http_client import Answer
from crm_connectors.hubspot.answers import read_result
from crm_connectors.hubspot.hooks import read_news
from crm_connectors.port import AmbiguousError, TransientError
from crm_connectors.salesforce.session import decode
from governance.domain.dnc_csv import DncRowError, read_header, read_row
from governance.domain.yaml_reading import PolicyFileError, read_yaml
from tests.audit.verifier.mutating import mutated
from tests.audit.verifier_program import load
from tests.builders.api import make_body

program = load()
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
HEAD = TreeHead(origin="example.com/ledger", size=42, root=bytes(range(32)))
PINNED = verifier_key(HEAD.origin, KEY.public_key())
COUNTS = [pytest.param(count, marks=[pytest.mark.slow] if count > 1_000 else []) for count in (150, 10_000)]

EVENT = NewEvent(
    type="request.received",
    workspace="acme",
    actor=Actor("agent", "agent.enrichment"),
    subject=Subject("request", "r1"),
    correlation_id="c1",
    data={"fields": ["industry"], "confidence": 0.9},
    values={"changes": {"name": "Zoë"}},
)
WRITTEN = write_event(
    EVENT, event_id=UUID(int=7), at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC), salts={"changes": bytes(16)}
)
PROPOSAL = make_body()
NEWS = [{"eventId": 1, "portalId": 62515, "occurredAt": 5, "objectId": 7, "subscriptionType": "contact.propertyChange"}]
RECEIPT = b"c2sp.org/tlog-proof@v1\nextra %s\nindex 0\n\n%s" % (
    base64.b64encode(WRITTEN.body),
    sign_tree_head(HEAD, KEY).encode(),
)
CERTIFICATE = json.dumps({"certificate": {"format": "countersign-noncontact/1", "names": []}, "note": "x"}).encode()


def open_note(raw):
    open_checkpoint(raw.decode("utf-8", "surrogateescape"), origin=HEAD.origin, public_key=KEY.public_key())


def read_csv_row(raw):
    read_row(raw, read_header(b"value,kind,reason\n"), {"source": "import"}, region="US")


def read_anchor(raw):
    with TemporaryDirectory() as folder:
        (path := Path(folder) / "anchor").write_bytes(raw)
        _read(path)


PARSERS = {
    "the body of an event": (read_body, WRITTEN.body, InvalidEventError),
    "values of an event": (read_values, WRITTEN.erasable, InvalidEventError),
    "a line of the spool": (read_line, write_line(WRITTEN), ()),
    "a checkpoint": (open_note, sign_tree_head(HEAD, KEY).encode(), InvalidNoteError),
    "a proposal": (
        lambda raw: parse_proposal(parse_object(raw)),
        json.dumps(PROPOSAL).encode(),
        (MalformedJsonError, UnacceptableJsonError),
    ),
    "a batch": (
        lambda raw: parse_batch(parse_object(raw)),
        json.dumps({"items": [PROPOSAL, make_body(target={"object": "companies", "id": "2"})]}).encode(),
        (MalformedJsonError, UnacceptableJsonError),
    ),
    "a CRM's webhook": (lambda raw: read_news(raw, portal_id="62515"), json.dumps(NEWS).encode(), ValueError),
    "HubSpot's answer to a write": (
        lambda raw: read_result(Answer(200, HTTPHeaderDict(), raw), is_write=True),
        '{"id":"7","properties":{"name":"Zoë"}}'.encode(),
        AmbiguousError,
    ),
    "Salesforce's answer to a read": (
        lambda raw: decode(Answer(200, HTTPHeaderDict(), raw)),
        '{"Id":"001A0000006Vm9rIAC","Name":"Zoë"}'.encode(),
        TransientError,
    ),
    "a line of the anchor": (read_anchor, b'{"size":42,"root":"AAAA","note":"n"}', AnchorError),
    "a policy file": (read_yaml, b"agents:\n  - name: agent.enrichment\n    level: 2\n", PolicyFileError),
    "a line of a list": (read_csv_row, b'jane@example.com,email,"asked, twice"\n', DncRowError),
    "the stranger's checkpoint": (
        lambda raw: program.open_note(raw, program.read_key(PINNED)),
        sign_tree_head(HEAD, KEY).encode(),
        program.RefusedError,
    ),
    "the stranger's receipt": (
        lambda raw: program.read_proof(raw, program.read_key(PINNED)),
        RECEIPT,
        program.RefusedError,
    ),
    "the stranger's event": (lambda raw: program.read_event(raw, 0), WRITTEN.body, program.RefusedError),
    "the stranger's certificate": (
        lambda raw: noncontact.verify_certificate(raw, PINNED),
        CERTIFICATE,
        noncontact.RefusedError,
    ),
}


def feed(name, raw):
    parse, _, refusals = PARSERS[name]
    with suppress(*(refusals if isinstance(refusals, tuple) else (refusals,))):
        parse(raw)


@pytest.mark.parametrize("name", sorted(PARSERS.keys() - {"the stranger's certificate", "the stranger's receipt"}))
def test_what_was_not_edited_is_read(name):
    """Guards the tests below against feeding what is refused anyway."""
    parse, good, _ = PARSERS[name]
    parse(good)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", PARSERS)
def test_what_was_edited_at_random_is_read_or_refused(name, count):
    chance = random.Random(name)  # noqa: S311  # to be repeated
    for _ in range(count):
        feed(name, mutated(PARSERS[name][1], chance))


@pytest.mark.parametrize("name", PARSERS)
@given(raw=st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_bytes_of_any_kind_are_read_or_refused(name, raw):
    feed(name, raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("name", [name for name, (_, good, _) in PARSERS.items() if good[:1] in b"{["])
@given(data=st.data())
def test_json_with_one_member_of_another_kind_is_read_or_refused(name, data):
    """Well-formed and wrong: what random edits of bytes seldom reach."""
    value = json.loads(PARSERS[name][1])
    at = value
    while True:
        place = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        if not at[place] or not isinstance(at[place], dict | list) or data.draw(st.booleans()):
            break
        at = at[place]
    at[place] = data.draw(JSON)
    feed(name, json.dumps(value).encode())
