"""Attachments at the door: kinds, plain names, strict base64, the listing that is voted on (APR-08, CNT-02)."""

import base64
import random
from typing import Any

import pytest

from approvals.domain.attached import MAX_ATTACHMENTS, READABLE_TYPES, attachments_in, readable_text
from approvals.domain.proposal_parsing import InvalidProposalError, parse_proposal
from approvals.domain.proposed import Proposed
from audit.domain.canonical import digest
from crm_connectors.domain.attachment import describe, list_attachments, read_listing, require_as_listed
from crm_connectors.domain.record import Attachment
from governance.domain.rule_view import MAX_TEXT_LENGTH
from tests.builders.api import make_body
from tests.builders.outward import PDF, attached, email_to

OFFICE = "application/vnd.openxmlformats-officedocument."


def parsed(*files: dict[str, Any]) -> Proposed:
    return parse_proposal(make_body(**email_to("1", attachments=list(files))))


def refusal(*files: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(InvalidProposalError) as caught:
        parsed(*files)
    return caught.value.code, caught.value.pointer.removeprefix("/message/attachments")


@pytest.mark.parametrize(
    ("name", "content_type", "content"),
    [
        ("offer.pdf", "application/pdf", b"%PDF-1.7 x"),
        ("Angebot für Jörg.PDF", "application/pdf", b"%PDF-1.7 x"),
        ("提案.pdf", "application/pdf", b"%PDF-1.7 x"),
        ("notes.txt", "text/plain", "grüezi\r\n\tmitenand".encode()),
        ("list.csv", "text/csv", b"a,b\n1,2\n"),
        ("logo.png", "image/png", b"\x89PNG\r\n\x1a\n..."),
        ("us.jpeg", "image/jpeg", b"\xff\xd8\xff\xe0"),
        ("terms.docx", f"{OFFICE}wordprocessingml.document", b"PK\x03\x04..."),
        ("sheet.xlsx", f"{OFFICE}spreadsheetml.sheet", b"PK\x03\x04..."),
        ("slides.pptx", f"{OFFICE}presentationml.presentation", b"PK\x03\x04..."),
    ],
)
def test_what_is_what_it_says_is_taken(name: str, content_type: str, content: bytes) -> None:
    proposal = parsed(attached(name, content, content_type))
    assert attachments_in(proposal.body) == (Attachment(name=name, content_type=content_type, content=content),)
    (listed,) = read_listing(proposal.changes["attachments"])
    assert (listed.name, listed.content_type, listed.size) == (name, content_type, len(content))


@pytest.mark.parametrize(
    "name",
    [
        "../offer.pdf",
        "a/offer.pdf",
        "C:\\offer.pdf",
        ".pdf",
        "..pdf",
        "offer..pdf",
        " offer.pdf",
        "offer.pdf ",
        "offer.pdf\n",
        "offer\r\nBcc: x@y.example.pdf",
        "offer\x00.pdf",
        "offer\u202efdp.pdf",
        "of\u200bfer.pdf",
        "\ufeffoffer.pdf",
        'offer".pdf',
        "offer|x.pdf",
        "<script>.pdf",
        "offer",
        "offer.exe",
        "offer.pdf.exe",
        "offer.html",
        "offer.txt",
    ],
)
def test_a_hostile_name_is_no_name(name: str) -> None:
    assert refusal(attached(name)) == ("invalid_attachment", "/0/name")


@pytest.mark.parametrize(
    ("name", "code"), [("", "invalid_value"), ("a" * 117 + ".pdf", "invalid_value"), (7, "invalid_type")]
)
def test_a_name_has_a_length(name: Any, code: str) -> None:
    assert refusal({**attached("a.pdf"), "name": name}) == (code, "/0/name")
    assert parsed(attached("a" * 116 + ".pdf"))


@pytest.mark.parametrize(
    "content",
    [
        "JVBERi0",  # no padding
        "JVBERi0x\n",
        " JVBERi0x",
        "JVBE Ri0x",
        "JVBERi0x====",
        "JVBERi0-",  # the alphabet of URLs
        "JVBERi0é",
        "=",
        "JVBERi1=",
        "JVBERi0xLh==",  # bits that no encoder writes: two texts, one file
        "data:application/pdf;base64,JVBERi0x",
    ],
)
def test_base64_is_strict(content: str) -> None:
    assert refusal({**attached("a.pdf"), "content": content}) == ("invalid_attachment", "/0/content")


@pytest.mark.parametrize(
    ("name", "content_type", "content"),
    [
        ("a.pdf", "application/pdf", b"<html><script>alert(1)</script>"),
        ("a.png", "image/png", b"%PDF-1.7"),
        ("a.docx", f"{OFFICE}wordprocessingml.document", b"\xd0\xcf\x11\xe0 old macros"),
        ("a.txt", "text/plain", b"\xff\xfeh\x00i\x00"),
        ("a.txt", "text/plain", b"hi\x00"),
        ("a.csv", "text/csv", b"a,\x1b[2J"),
        ("a.csv", "text/csv", b"a,\xe4"),
    ],
)
def test_a_file_that_pretends_is_refused(name: str, content_type: str, content: bytes) -> None:
    assert refusal(attached(name, content, content_type)) == ("invalid_attachment", "/0/content")


@pytest.mark.parametrize(
    "kind", ["text/html", "image/svg+xml", "application/zip", "application/octet-stream", "", "PDF"]
)
def test_no_other_kind_leaves(kind: str) -> None:
    assert refusal(attached("a.pdf", content_type=kind)) == ("invalid_value", "/0/content_type")


def test_nothing_is_missing_or_more_than_described() -> None:
    assert refusal({"name": "a.pdf", "content_type": "application/pdf"}) == ("missing_field", "/0/content")
    assert refusal({**attached("a.pdf"), "content": ""}) == ("invalid_value", "/0/content")
    assert refusal({**attached("a.pdf"), "url": "https://x.example"}) == ("unknown_field", "/0/url")
    assert refusal({**attached("a.pdf"), "content": "A" * 262_145}) == ("invalid_value", "/0/content")


def test_five_files_at_most_and_no_name_twice() -> None:
    files = [attached(f"{number}.pdf") for number in range(MAX_ATTACHMENTS + 1)]
    assert len(attachments_in(parsed(*files[:-1]).body)) == MAX_ATTACHMENTS
    assert refusal(*files) == ("invalid_value", "")
    for twin in ("Offer.PDF", "ｏffer.pdf"):
        assert refusal(attached("offer.pdf"), attached(twin)) == ("invalid_attachment", "/1/name")


def test_only_an_email_bears_files() -> None:
    with pytest.raises(InvalidProposalError) as caught:
        parse_proposal(make_body(**{**email_to("1", attachments=[attached("a.pdf")]), "action": "draft"}))
    assert (caught.value.code, caught.value.pointer) == ("unknown_field", "/message/attachments")


def test_a_changed_byte_name_type_or_order_is_another_action() -> None:
    first, second = attached("a.pdf"), attached("b.pdf")
    variants = [
        (first, second),
        (second, first),
        (first,),
        (attached("a.pdf", PDF + b"."), second),
        (attached("c.pdf"), second),
        (attached("a.txt", PDF, "text/plain"), second),
    ]
    proposals = [parsed(*files) for files in variants]
    assert len({proposal.changes["attachments"] for proposal in proposals}) == len(variants)
    assert len({digest(proposal.body) for proposal in proposals}) == len(variants)


def test_without_files_nothing_is_listed() -> None:
    assert "attachments" not in parse_proposal(make_body(**email_to("1"))).changes
    assert "attachments" not in parsed().changes


def test_the_listing_is_read_back_as_it_was_written() -> None:
    """Whatever names and sizes: a listing says exactly which files they are."""
    chance = random.Random(11)  # noqa: S311
    for _ in range(200):
        files = tuple(
            Attachment(
                name="".join(chance.choices("aé - ()'%;=,bytes", k=chance.randint(1, 30))) + ".pdf",
                content_type="application/pdf",
                content=chance.randbytes(chance.randint(1, 50)),
            )
            for _ in range(chance.randint(0, 5))
        )
        listing = list_attachments(files)
        assert read_listing(listing) == tuple(describe(file) for file in files)
        require_as_listed(listing or None, files)
        if files:
            for others in (files[1:], (*files, files[0]), ()):
                with pytest.raises(ValueError, match="not those"):
                    require_as_listed(listing, others)


@pytest.mark.parametrize("text", ["offer.pdf", "a | b | c", "a | b | many bytes | sha256:0"])
def test_what_is_no_listing_is_not_read_as_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"listing|int"):
        read_listing(text)


def test_rules_read_plain_texts_only_and_only_so_much() -> None:
    texts = [Attachment(name="a", content_type=kind, content=b"\xef\xbb\xbfhello") for kind in sorted(READABLE_TYPES)]
    opaque = Attachment(name="b", content_type="application/pdf", content=b"%PDF-discount")
    assert readable_text([*texts, opaque]) == "hello\nhello"
    long = Attachment(name="c", content_type="text/csv", content=b"x" * 200_000)
    assert len(readable_text([long])) == MAX_TEXT_LENGTH + 1


def test_garbage_is_refused_whatever_it_is() -> None:
    """No bytes make the door fail otherwise than by a refusal that names the member."""
    chance = random.Random(7)  # noqa: S311
    for _ in range(300):
        content = "".join(chr(chance.randrange(32, 0x2FF)) for _ in range(chance.randint(0, 40)))
        file = {**attached("a.pdf"), "content": chance.choice([content, base64.b64encode(content.encode()).decode()])}
        code, pointer = refusal(file)
        assert (code in {"invalid_attachment", "invalid_value"}, pointer) == (True, "/0/content")
