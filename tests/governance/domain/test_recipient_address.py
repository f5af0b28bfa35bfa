"""An address that could mean two things is refused, never taken as "not listed" (attack cases 42-51)."""

import pytest

from governance.domain.recipient_address import address_problem

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
