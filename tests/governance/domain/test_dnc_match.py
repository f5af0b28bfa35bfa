"""DNC-03: why an entry matches is told in words, to whoever adds one and to whoever asks."""

import pytest

from governance.domain.dnc_key import InvalidRecipientError
from governance.domain.dnc_match import DncPreview, match_words, preview_entry, readings_of, undone_in

MAILBOX = "E-mails, sequences and meetings to this mailbox are stopped, whatever tag or spelling is used."
NUMBER = "Calls to this number are stopped, however it is written and whatever the extension."
EVERYONE = "Everyone at this domain and at its subdomains is stopped, in every way."
RECORD = "Every way to reach this CRM record is stopped, whatever address is used."
NAME = "The name alone stops nothing: what stops is each address that the entry covers."


@pytest.mark.parametrize(
    ("kind", "text", "preview"),
    [
        ("email", "jane@example.com", DncPreview("jane@example.com", (), MAILBOX)),
        ("email", "Jane+x@example.com", DncPreview("jane@example.com", ("capital letters", "a +tag"), MAILBOX)),
        ("domain", "example.com", DncPreview("example.com", (), EVERYONE)),
        ("phone", "030 901820", DncPreview("+4930901820", ("another way to write the number",), NUMBER)),
        ("person", "embedded/contacts/101", DncPreview("embedded/contacts/101", (), RECORD)),
        ("company", "acme", DncPreview("acme", (), NAME)),
        ("company", "acme: sales", DncPreview("acme: sales", (), NAME)),
    ],
)
def test_an_entry_is_previewed_with_what_it_stops(kind, text, preview):
    assert preview_entry(kind, text, region="DE") == preview


@pytest.mark.parametrize(
    ("kind", "text", "undone"),
    [
        ("email", "  jane@example.com ", ()),
        ("email", "j.ane@gmail.com", ("marks that the provider ignores",)),
        ("email", "j.ane@example.com", ()),
        ("email", "jane@googlemail.com", ("another name of the same provider",)),
        (
            "email",
            "J.ane+x@GoogleMail.com",
            ("capital letters", "a +tag", "marks that the provider ignores", "another name of the same provider"),
        ),
        ("email", "jane@XN--bcher-kva.example", ("capital letters", "punycode")),
        ("domain", "xn--bcher-kva.example", ("punycode",)),
        ("email", "ja\u200bne@example.com", ("invisible characters",)),
        ("email", "ｊane@example.com", ("full-width or composed letters",)),
        ("email", "j\u0430ne@example.com", ("letters of another script that look the same",)),
        ("phone", " +4930901820 ", ()),
        ("phone", "+49 30 901820", ("another way to write the number",)),
        ("phone", "xn--", None),
    ],
)
def test_what_was_seen_through_is_named(kind, text, undone):
    if undone is None:
        with pytest.raises(InvalidRecipientError):
            undone_in(kind, text, region="DE")
        return
    assert undone_in(kind, text, region="DE") == undone


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (" jane@example.com ", ["email"]),
        ("@example.com", ["domain", "person", "company"]),
        ("example.com", ["domain", "person", "company"]),
        ("030 901820", ["phone", "person", "company"]),
        ("embedded/contacts/101", ["person", "company"]),
    ],
)
def test_a_text_is_understood_in_every_way_it_can_be(text, kinds):
    assert [reading.kind for reading in readings_of(text, region="DE")] == kinds


def test_each_reading_is_asked_about_under_its_own_keys():
    assert [reading.keys for reading in readings_of("@mail.example.com", region="DE")] == [
        ("domain:mail.example.com", "domain:example.com"),
        ("person:mail.example.com",),
        ("company:mail.example.com",),
    ]
    assert readings_of("Jane@example.com", region="DE")[0].keys == ("email:jane@example.com", "domain:example.com")
    assert readings_of("030 901820", region="DE")[0].keys == ("phone:+4930901820",)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("\x00", "is no address, phone number, domain, record or name"),
        ("jane@doe@example.com", "is not one e-mail address"),
    ],
)
def test_what_cannot_be_understood_at_all_is_refused(text, complaint):
    with pytest.raises(InvalidRecipientError) as refused:
        readings_of(text, region="DE")
    assert str(refused.value) == complaint


@pytest.mark.parametrize(
    ("asked_kind", "asked", "entry_kind", "value", "words"),
    [
        ("email", " jane@example.com", "email", "jane@example.com ", ("written exactly as listed",)),
        ("email", "jane@example.com", "domain", "example.com", ("everyone at this domain and below it is listed",)),
        ("domain", "mail.example.com", "domain", "@example.com", ("it lies below this domain",)),
        ("domain", "Example.com", "domain", " @example.com", ("capital letters",)),
        ("email", "Jane@example.com", "email", "JANE+x@example.com", ("capital letters", "a +tag")),
        ("phone", "030 901820", "phone", "+49 30 901820", ("another way to write the number",)),
        ("phone", "030 901820", "phone", "+4930901820", ("another way to write the number",)),
        ("phone", "+4930901820", "phone", "030 901820", ("another way to write the number",)),
        ("company", "acme  corp", "company", "acme corp", ("the same but for spaces",)),
    ],
)
def test_a_match_is_explained(asked_kind, asked, entry_kind, value, words):
    assert match_words(asked_kind, asked, entry_kind, value, region="DE") == words
