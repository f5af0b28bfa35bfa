"""Secrets at rest open with our keys and for their own purpose alone (IDN-05)."""

import base64

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crm_connectors.adapters.sealing import (
    WEBHOOK,
    SealBrokenError,
    fingerprint,
    is_sealed_newly,
    seal,
    unseal,
)

OLD, NEW = "a" * 50, "b" * 50


@pytest.fixture(autouse=True)
def old_key(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []


def test_a_secret_is_read_again_under_an_earlier_key_and_under_no_other(settings):
    sealed = seal(b"quiet", purpose="test")
    assert "quiet" not in sealed
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert unseal(sealed, purpose="test") == b"quiet"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(SealBrokenError):
        unseal(sealed, purpose="test")


def test_what_was_sealed_for_one_purpose_opens_for_no_other():
    with pytest.raises(SealBrokenError):
        unseal(seal(b"quiet", purpose="one"), purpose="another")


def test_webhook_secrets_of_earlier_releases_keep_opening():
    """The key they were sealed with, written out: HKDF over SECRET_KEY with this very `info`."""
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"countersign webhook secret").derive(OLD.encode())
    sealed = Fernet(base64.urlsafe_b64encode(key)).encrypt(b"quiet").decode()
    assert unseal(sealed, purpose=WEBHOOK) == b"quiet"


def test_it_is_told_what_still_needs_an_earlier_key(settings):
    sealed = seal(b"quiet", purpose="test")
    assert is_sealed_newly(sealed, purpose="test")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert not is_sealed_newly(sealed, purpose="test")
    assert is_sealed_newly(seal(b"quiet", purpose="test"), purpose="test")


def test_a_fingerprint_tells_secrets_apart_and_repeats_nothing_of_them(settings):
    one, other = fingerprint(b"abcd1234", purpose="test"), fingerprint(b"abcd1235", purpose="test")
    assert one != other
    assert len(one) == 8
    assert one == fingerprint(b"abcd1234", purpose="test")
    settings.SECRET_KEY = NEW
    assert one != fingerprint(b"abcd1234", purpose="test")
