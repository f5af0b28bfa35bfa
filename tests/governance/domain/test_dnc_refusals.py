"""DNC-03: what cannot be read is refused in words that help, and the limits lie where the standards put them."""

import pytest

from governance.domain.dnc_key import (
    InvalidRecipientError,
    asked_keys,
    domain_key,
    email_key,
    ignored_marks,
    is_other_name,
    key_of,
    phone_key,
    record_key,
)

ONE, PLAIN = "is not one e-mail address", "is not a plain e-mail address"
DOMAIN = "has no valid domain"
NAMELESS = "is no name and no record"
LABEL = "a" * 63


def domain_of(length: int) -> str:
    """A valid domain of this many characters."""
    return ".".join([LABEL] * 3 + ["b" * (length - 3 * 64 - 4), "com"])


@pytest.mark.parametrize(
    ("kind", "text", "complaint"),
    [
        ("email", "jane", ONE),
        ("email", "@example.com", PLAIN),
        ("email", "jane@doe@example.com", ONE),
        ("email", "ja ne@example.com", PLAIN),
        ("email", "jané..doe@example.com", PLAIN),
        ("email", ".jané@example.com", PLAIN),
        ("email", "jané.@example.com", PLAIN),
        ("email", "jané(x)@example.com", PLAIN),
        ("email", "x" * 65 + "@example.com", "is too long for an e-mail address"),
        ("email", "+tag@example.com", "has no mailbox before the tag"),
        ("email", "jane\x00@example.com", "holds control characters"),
        ("email", "j" * 1_001, "is too long for an address"),
        ("email", "jane@localhost", DOMAIN),
        ("domain", "example.123", DOMAIN),
        ("domain", "bücher", DOMAIN),
        ("domain", "bücher..example", DOMAIN),
        ("domain", "-bücher.example", DOMAIN),
        ("domain", "bücher-.example", DOMAIN),
        ("domain", "bü!cher.example", DOMAIN),
        ("domain", "ü-.example", DOMAIN),
        ("domain", "a" * 64 + ".example", DOMAIN),
        ("domain", "xn--.example", DOMAIN),
        ("domain", "xn--a\u0131.example", DOMAIN),
        ("domain", "xn--zzzzzz--.example", DOMAIN),
        ("domain", "xn--a.example", DOMAIN),
        ("domain", "xn--ü.example", DOMAIN),
        ("domain", "xn--abc-.example", DOMAIN),  # nothing but ASCII behind it: two ways to write one name
        ("domain", "xn--a.b-bja.example", DOMAIN),
        ("domain", "co.uk", "is a domain under which strangers register theirs"),
        ("phone", "1/2/3", "is not one phone number"),
        ("phone", "ab 4155552671", "is not one phone number"),
        ("phone", "call", "is not a phone number"),
        ("phone", "tel:tel:4155552671", "is not one phone number"),
        ("phone", "+49 30", "is not a phone number that can be dialled"),
        ("person", " ", NAMELESS),
        ("person", "\u200b", NAMELESS),
        ("company", "a\x00b", NAMELESS),
        ("company", "a" * 301, NAMELESS),
        ("planet", "Mars", "is no kind of entry: email, domain, phone, person or company"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_never_repeats_the_text(kind, text, complaint):
    with pytest.raises(InvalidRecipientError) as refused:
        key_of(kind, text, region="US")
    assert str(refused.value) == complaint


def test_what_is_just_short_enough_is_read():
    """RFC 5321: 64 before the @, 253 in a domain, 63 in a label, 254 in all."""
    assert email_key("x" * 64 + "@example.com") == "x" * 64 + "@example.com"
    assert domain_key(domain_of(253)) == domain_of(253)
    assert domain_key(f"{LABEL}.{LABEL}") == f"{LABEL}.{LABEL}"
    assert len(email_key(f"jane@{domain_of(249)}")) == 254
    assert key_of("person", "x" * 300, region="US") == "person:" + "x" * 300
    assert email_key("jane@example.com" + " " * 984) == "jane@example.com"
    for kind, text in (("domain", domain_of(254)), ("email", f"jane@{domain_of(250)}")):
        with pytest.raises(InvalidRecipientError):
            key_of(kind, text, region="US")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("jane+news+more@example.com", "jane@example.com"),
        ("jané.doe@example.com", "jané.doe@example.com"),
        ("jané_d'oe@example.com", "jané_d'oe@example.com"),
        ("नमस्ते@example.com", "नमस्ते@example.com"),
        ("X.Y@gmail.com", "xy@gmail.com"),
        ("jane@a-ü.example", "jane@a-ü.example"),
        ("jane@bü-cher.example", "jane@bü-cher.example"),
        ("jane@ü.example", "jane@ü.example"),
        ("jane@नमस्ते.example", "jane@नमस्ते.example"),
    ],
)
def test_letters_of_every_script_are_letters(text, key):
    """RFC 6531: marks that belong to letters count, and a tag is a tag in every script."""
    assert email_key(text) == key


def test_an_entry_of_each_kind_has_its_own_key():
    keys = {
        ("email", "Jane+x@Example.com"): "email:jane@example.com",
        ("domain", "@Example.com"): "domain:example.com",
        ("phone", "030/901820"): "phone:+4930901820",
        ("phone", "tel:+49 30 901820"): "phone:+4930901820",
        ("person", "Salesforce/Contact/A1"): "record:salesforce/contact/A1",
        ("company", "crm-1/companies/A1"): "record:crm-1/companies/A1",
    }
    assert {entry: key_of(*entry, region="DE") for entry in keys} == keys
    assert record_key("Embedded", "Contacts", "A1") == "record:embedded/contacts/A1"
    with pytest.raises(InvalidRecipientError):
        phone_key("030/901820", region="US")


def test_an_address_is_asked_about_under_every_key_that_could_list_it():
    """DNC-02: a domain with those above it, a number and a name alone."""
    assert asked_keys("email", "jane@mail.example.com", region="US")[1:] == (
        "domain:mail.example.com",
        "domain:example.com",
    )
    assert asked_keys("domain", "Mail.Example.com", region="US") == ("domain:mail.example.com", "domain:example.com")
    assert asked_keys("phone", "030 901820", region="DE") == ("phone:+4930901820",)
    assert asked_keys("company", "ACME", region="US") == ("company:acme",)


def test_providers_with_many_names_or_ignored_marks_are_known():
    assert ignored_marks("gmail.com") == "."
    assert ignored_marks("example.com") == ""
    assert is_other_name("googlemail.com")
    assert not is_other_name("gmail.com")
