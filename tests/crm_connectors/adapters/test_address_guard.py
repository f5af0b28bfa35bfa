"""What an outgoing address may be (SEC-01, attack cases 91 and 92)."""

import pytest

from crm_connectors.adapters.address_guard import (
    AddressRefusedError,
    NameUnknownError,
    ensure_address,
    find_addresses,
    is_public,
)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",
        "ftp://hooks.example.com/x",
        "https://",
        "https:///x",
        "//hooks.example.com/x",
        "hooks.example.com",
        "https://user:secret@hooks.example.com/x",
        "https://hooks.example.com:99999/x",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nHost: inside",
        "https://hööks.example.com/",
        "javascript:alert(1)",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_on_the_internet_is_refused(url):
    with pytest.raises(AddressRefusedError):
        ensure_address(url)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("::ffff:10.0.0.1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("192.0.0.8", False),
        ("192.0.0.10", False),
        ("192.0.1.1", True),
    ],
)
def test_public_is_what_the_internet_at_large_reaches(address, expected):
    assert is_public(address) is expected


def test_an_exempt_port_exempts_no_other(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1:8443"]
    with pytest.raises(AddressRefusedError):
        ensure_address("http://127.0.0.1:8444/")


def test_every_address_of_an_exempt_name_is_tried(settings):
    """`localhost` is two addresses on many machines, and a server listens at one of them."""
    settings.PRIVATE_HOSTS = ["localhost"]
    found = find_addresses("localhost", 8080)
    assert ("127.0.0.1", 8080) in found
    assert len(set(found)) == len(found)


def test_a_name_that_leads_nowhere_is_told_apart_from_one_that_is_refused():
    with pytest.raises(NameUnknownError):
        find_addresses("nowhere.invalid", 443)
