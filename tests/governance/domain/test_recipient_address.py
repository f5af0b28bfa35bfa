"""An address that could mean two things is refused, never taken as "not listed" (attack cases 42-51)."""

import pytest

from governance.domain.recipient_address import address_problem, ascii_domain, has_unseen

GOOD_EMAILS = ["jane@acme.example", "Jane.Doe+x@ACME.example", "o'neil@a-b.co.example", "jane@bücher.example"]
BAD_EMAILS = {
    "zero width": "ja\u200bne@acme.example",
    "soft hyphen": "jane\u00ad@acme.example",
    "bidi": "\u202ejane@acme.example",
    "full width": "ｊａｎｅ@acme.example",
    "cyrillic local part": "j\u0430ne@acme.example",
    "quoted": '"jane"@acme.example',
    "comment": "jane(x)@acme.example",
    "display name": "Jane <jane@acme.example>",
    "list": "jane@acme.example,bob@acme.example",
    "two ats": "jane@x@acme.example",
    "header": "jane@acme.example\r\nBcc: bob@acme.example",
    "nul": "jane\x00@acme.example",
    "scheme": "mailto:jane@acme.example",
    "trailing dot": "jane@acme.example.",
    "percent": "jane%2e@acme.example",
    "percent route": "jane%rival.example@acme.example",
    "dots": "jane..doe@acme.example",
    "bare host": "jane@acme",
    "ip": "jane@127.0.0.1",
    "literal": "jane@[127.0.0.1]",
    "space": "jane @acme.example",
    "empty": "",
    "long": "a" * 65 + "@acme.example",
    "no such label": "jane@-acme.example",
}
GOOD_PHONES = ["+14155552671", "+1 (415) 555-2671", "+1 415 555 2671 ext. 12", "+44 20 7946 0958"]
BAD_PHONES = ["4155552671", "+1 4I5 555 2671", "tel:+14155552671", "+1 800 FLOWERS", "+", "+0 415 555 2671", "+1‑415"]


@pytest.mark.parametrize("address", GOOD_EMAILS)
def test_a_plain_address_is_understood(address):
    assert address_problem("email", address) == ""


@pytest.mark.parametrize("address", BAD_EMAILS.values(), ids=BAD_EMAILS)
def test_what_could_be_misread_is_not(address):
    problem = address_problem("email", address)
    assert problem
    assert address not in problem or not address


@pytest.mark.parametrize("number", GOOD_PHONES)
def test_a_number_with_its_country_is_understood(number):
    assert address_problem("phone", number) == ""


@pytest.mark.parametrize("number", BAD_PHONES)
def test_a_number_that_needs_guessing_is_not(number):
    assert address_problem("phone", number)


@pytest.mark.parametrize(
    ("kind", "address", "problem"),
    [
        ("email", "ja\u200bne@acme.example", "holds characters that cannot be seen"),
        ("email", "jane", "is not one e-mail address"),
        ("email", "jane@x@acme.example", "is not one e-mail address"),
        ("email", "a" * 65 + "@acme.example", "is too long for an e-mail address"),
        ("email", "jane@" + "a." * 121 + "example", ""),
        ("email", "jane@" + "a." * 121 + "examples", "is too long for an e-mail address"),
        ("email", "a" * 64 + "@acme.example", ""),
        ("email", "jane doe@acme.example", "is not a plain e-mail address"),
        ("email", "jane@acme", "has no valid domain"),
        ("email", "jane@acme.123", "has no valid domain"),
        ("email", "jane@a.b.123", "has no valid domain"),
        ("email", "jane@a.1.example", ""),
        ("email", "jane@bü..example", "has no valid domain"),
        ("phone", "4155552671", "is not a phone number with its country code"),
        ("phone", "+999 1234567", "is not a phone number"),
        ("phone", "+1 415 555", "is not a phone number that can be dialled"),
        ("phone", "+14155552671\u200b", "holds characters that cannot be seen"),
    ],
)
def test_what_is_wrong_is_said_as_half_a_sentence(kind, address, problem):
    assert address_problem(kind, address) == problem


def test_a_domain_is_compared_as_it_stands_in_the_dns():
    assert ascii_domain("ACME.example") == "acme.example"
    assert ascii_domain("BÜCHER.example") == ascii_domain("bücher.example") == "xn--bcher-kva.example"
    for text in ("bü_cher.example", "bü cher.example"):
        with pytest.raises(ValueError, match="Codepoint"):
            ascii_domain(text)


def test_what_cannot_be_seen_is_found_in_any_text():
    assert has_unseen("pay\u202eme")
    assert not has_unseen("Zoë, 東京")
