"""Files that leave with a message: judged, voted on by hash, sent as MIME parts, once (APR-04, APR-08, CNT-02)."""

import json
from email import message_from_bytes, policy
from typing import Any

import msgspec
import pytest
from django.db import DatabaseError

from approvals.domain.action_digest import action_digest
from approvals.domain.patch import read_patch
from approvals.models import AgentActionRequest
from approvals.services.claim import operation_of
from audit.models import LedgerEvent
from crm_connectors.domain.attachment import list_attachments
from crm_connectors.domain.outgoing_mail import message_name
from crm_connectors.domain.record import Attachment
from crm_connectors.embedded import mailing
from crm_connectors.embedded.connector import EmbeddedConnector
from crm_connectors.embedded.maildir import is_delivered, read_message
from crm_connectors.models import CrmRecord
from crm_connectors.port import RejectedError
from governance.domain.text_findings import find_in
from tests.builders.api import Site, make_body, post
from tests.builders.api import get as fetch
from tests.builders.approvals import execute, get, submit, vote
from tests.builders.governance import publish
from tests.builders.outward import PDF, attached, email_to, make_contact, make_sending_site
from tests.builders.rules import make_rule, when

pytestmark = pytest.mark.django_db(transaction=True)

OFFER = attached("Angebot für Jörg.pdf")
PRICES = attached("prices.csv", "seat;40 €\nline\n".encode(), "text/csv")


def pending(site: Site, *files: dict[str, Any]) -> AgentActionRequest:
    submission = submit(site, **email_to(make_contact(site), attachments=list(files)))
    assert submission.status == "pending", submission.status_code
    return get(submission.request_id)


def approved(site: Site, *files: dict[str, Any]) -> AgentActionRequest:
    request = pending(site, *files)
    vote(site, request)
    return get(request.pk)


def parts_of(site: Site, request: AgentActionRequest) -> list[tuple[str | None, str, bytes]]:
    """As the receiver's program reads them."""
    sent = read_message(site.connection_id, message_name(f"request:{request.pk}"))
    message = message_from_bytes(sent or b"", policy=policy.default)
    return [
        (part.get_filename(), part.get_content_type(), part.get_payload(decode=True) or b"")  # type: ignore[misc]
        for part in message.iter_attachments()  # type: ignore[attr-defined]
    ]


def test_what_was_voted_on_leaves_byte_for_byte_and_once() -> None:
    site = make_sending_site()
    request = approved(site, OFFER, PRICES)
    assert execute(request.pk) == "executed", get(request.pk).status_code
    assert execute(request.pk) == "executed"
    assert parts_of(site, request) == [
        ("Angebot für Jörg.pdf", "application/pdf", PDF),
        ("prices.csv", "text/csv", "seat;40 €\nline\n".encode()),
    ]
    sent = read_message(site.connection_id, message_name(f"request:{request.pk}")) or b""
    message = message_from_bytes(sent, policy=policy.default)
    assert message.get_body(("plain",)).get_content().strip() == "Here is the answer."  # type: ignore[attr-defined]
    patch = {item["field"]: item["after"] for item in request.patch}
    assert CrmRecord.objects.get(crm_object__name="emails").values["attachments"] == patch["attachments"]


def test_the_digest_that_is_voted_on_knows_every_byte() -> None:
    """APR-04: name, type, size and sha256 are part of what is approved."""
    site = make_sending_site()
    request = pending(site, OFFER)
    file = Attachment(name="Angebot für Jörg.pdf", content_type="application/pdf", content=PDF)
    listing = list_attachments([file])
    assert f"| {len(PDF)} bytes | sha256:" in listing
    assert {"field": "attachments", "before": None, "after": listing} in request.patch

    def digest(patch: list[dict[str, Any]]) -> str:
        return action_digest(
            request_id=request.pk,
            connection=request.connection.name,
            action="send_email",
            object_type="emails",
            record_id="",
            patch=read_patch(patch),
            record_version=request.record_version,
            association=(request.target_object, request.target_id),
        )

    other = list_attachments([Attachment(name=file.name, content_type=file.content_type, content=PDF + b" ")])
    changed = [{**item, "after": other} if item["field"] == "attachments" else item for item in request.patch]
    assert digest(request.patch) == request.digest
    assert digest(changed) != request.digest


@pytest.mark.parametrize(
    "files",
    [
        (),
        (Attachment(name="Angebot für Jörg.pdf", content_type="application/pdf", content=PDF + b"!"),),
        (Attachment(name="other.pdf", content_type="application/pdf", content=PDF),),
        (Attachment(name="Angebot für Jörg.pdf", content_type="text/plain", content=PDF),),
        (Attachment(name="Angebot für Jörg.pdf", content_type="application/pdf", content=PDF),) * 2,
    ],
)
def test_files_that_are_not_those_that_were_approved_do_not_leave(files: tuple[Attachment, ...]) -> None:
    """Whatever becomes of them between vote and sending: the patch says which files they are."""
    site = make_sending_site()
    request = approved(site, OFFER)
    operation = operation_of(request, read_patch(request.patch))
    assert [file.content for file in operation.attachments] == [PDF]
    with pytest.raises(RejectedError):
        EmbeddedConnector(site.connection_id).send(msgspec.structs.replace(operation, attachments=files))
    assert not is_delivered(site.connection_id, message_name(operation.operation_key))
    assert not CrmRecord.objects.filter(crm_object__name="emails").exists()


def test_an_approved_file_cannot_be_exchanged_in_the_row() -> None:
    """The database itself keeps what was accepted."""
    site = make_sending_site()
    request = approved(site, OFFER)
    with pytest.raises(DatabaseError, match="never changes"):
        AgentActionRequest.objects.filter(pk=request.pk).update(body={**request.body, "message": {}})


def test_what_was_not_written_as_agreed_is_never_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is read back before it is anywhere it could leave from."""
    site = make_sending_site()
    request = approved(site, OFFER)
    written = mailing.stage_message

    def broken_disk(connection_id: Any, name: str, message: bytes) -> Any:
        return written(connection_id, name, message.replace(b"JVBER", b"JVBEX"))

    monkeypatch.setattr(mailing, "stage_message", broken_disk)
    assert execute(request.pk) == "failed"
    assert get(request.pk).status_code == "rejected"
    assert not is_delivered(site.connection_id, message_name(f"request:{request.pk}"))


@pytest.mark.parametrize(("effect", "status"), [("deny", "denied"), ("approval", "pending"), ("raise_tier", "pending")])
def test_a_rule_on_attachments_bites(effect: str, status: str) -> None:
    """APR-08, CNT-02."""
    site = make_sending_site()
    more = {"tier": "approval"} if effect == "raise_tier" else {}
    make_rule(site.world, when("finding", "one_of", "attachments"), actions=("send_email",), effect=effect, **more)
    publish(site.world)
    contact = make_contact(site)
    with_file = submit(site, **email_to(contact, attachments=[OFFER]))
    assert (with_file.status, with_file.status_code) == (status, "rule_denied" if effect == "deny" else "")
    told = {check.check for check in with_file.decision.checks if check.check.startswith("rule:")}  # type: ignore[union-attr]
    assert len(told) == 1
    bare = submit(site, **email_to(contact))
    assert not {check.check for check in bare.decision.checks if check.check.startswith("rule:")}  # type: ignore[union-attr]


def test_a_price_in_an_attached_list_is_a_price() -> None:
    site = make_sending_site()
    make_rule(site.world, when("finding", "one_of", "pricing"), actions=("send_email",))
    publish(site.world)
    contact = make_contact(site)
    listed = attached("list.csv", "seat;40 €".encode(), "text/csv")
    assert submit(site, **email_to(contact, attachments=[listed])).status_code == "rule_denied"
    opaque = attached("list.pdf", b"%PDF- seat;40 EUR")
    assert submit(site, **email_to(contact, attachments=[opaque])).status == "pending"


def test_more_text_than_rules_look_through_is_refused() -> None:
    site = make_sending_site()
    make_rule(site.world, when("finding", "one_of", "pricing"), actions=("send_email",))
    publish(site.world)
    long = attached("long.txt", b"word " * 14_000, "text/plain")
    assert submit(site, **email_to(make_contact(site), attachments=[long])).status_code == "text_too_long"


def test_a_hash_is_no_account_number() -> None:
    """Every twentieth hash looks like one: the listing is not read as a text."""
    site = make_sending_site()
    make_rule(site.world, when("finding", "one_of", "pii"), actions=("send_email",))
    publish(site.world)
    contents = (b"%PDF-" + str(number).encode() for number in range(10_000))
    unlucky = next(
        content
        for content in contents
        if find_in(list_attachments([Attachment(name="a.pdf", content_type="application/pdf", content=content)]))
    )
    files = [attached("a.pdf", unlucky)]
    assert submit(site, **email_to(make_contact(site), attachments=files)).status == "pending"


def test_an_agent_without_the_field_in_its_grant_attaches_nothing() -> None:
    """PRM: what no grant names is refused."""
    site = make_sending_site()
    grant = site.world.agent.grants.get(action="send_email")
    grant.write_fields = [name for name in grant.write_fields if name != "attachments"]
    grant.save()
    publish(site.world)
    contact = make_contact(site)
    assert submit(site, **email_to(contact)).status == "pending"
    assert submit(site, **email_to(contact, attachments=[OFFER])).status == "denied"


def test_the_ledger_keeps_no_byte_of_a_file_and_its_name_can_be_erased() -> None:
    """AUD-07: what stays for ever is codes and hashes."""
    site = make_sending_site()
    secret = attached("Jörg privat.txt", b"MARKER-OF-THE-CONTENT", "text/plain")
    request = approved(site, secret)
    assert execute(request.pk) == "executed"
    bodies = b"".join(bytes(row) for row in LedgerEvent.objects.values_list("body", flat=True))
    for word in (b"MARKER", secret["content"].encode(), b"privat"):
        assert word not in bodies


def test_over_http_a_hostile_file_is_a_problem_with_a_place_and_nothing_is_kept() -> None:
    site = make_sending_site()
    contact = make_contact(site)
    hostile = make_body(site, **email_to(contact, attachments=[OFFER, attached("../../etc/passwd.pdf")]))
    answer = post("/action-requests/", hostile, token=site.world.token)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_attachment")
    assert answer.json()["pointer"] == "/message/attachments/1/name"
    assert "passwd" not in json.dumps(answer.json())
    bomb = make_body(
        site, **email_to(contact, attachments=[attached(f"{n}.pdf", PDF + b"x" * 60_000) for n in range(5)])
    )
    answer = post("/action-requests/", bomb, token=site.world.token)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert not AgentActionRequest.objects.exists()


def test_the_agent_reads_its_proposal_back_whole_and_a_changed_byte_is_another_one() -> None:
    site = make_sending_site()
    contact = make_contact(site)
    body = make_body(site, **email_to(contact, attachments=[OFFER]))
    first = post("/action-requests/", body, token=site.world.token, key="same")
    assert first.status_code == 201, first.json()
    trace = fetch(f"/action-requests/{first.json()['id']}/trace/", token=site.world.token).json()
    assert trace["proposal"]["message"]["attachments"] == [OFFER]
    other = make_body(site, **email_to(contact, attachments=[attached(OFFER["name"], PDF + b" ")]))
    again = post("/action-requests/", other, token=site.world.token, key="same")
    assert (again.status_code, again.json()["code"]) == (422, "idempotency_key_reused")
