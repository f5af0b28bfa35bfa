"""SEC-01: no secret in a log line, wherever it is nested; and what is harmless stays readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.redaction import REDACTED, is_secret_name, redact, redact_text

SECRET = "canary-4b1d"
SECRET_NAMES = [
    "Authorization", "token", "access_token", "client_secret", "clientSecret", "password", "API_KEY", "X-Api-Key",
    "apikey", "key", "private_key", "LEDGER_SIGNING_KEY", "SECRET_KEY", "sessionid", "Set-Cookie", "HTTP_AUTHORIZATION",
]  # fmt: skip
HARMLESS_NAMES = ["idempotency_key", "public_key", "operation_key", "tokens", "event", "keyboard", "monkey", "status"]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_member_named_like_a_secret_is_taken_out(name):
    assert is_secret_name(name)
    assert redact({"outer": [{name: SECRET}]}) == {"outer": [{name: REDACTED}]}


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_a_harmless_member_stays(name):
    assert redact({name: "value"}) == {name: "value"}


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        f"GET /x?access_token={SECRET}&page=2",
        f'{{"client_secret": "{SECRET}"}}',
        f"{{'password': '{SECRET}'}}",
        f"could not connect to postgresql://app:{SECRET}@db/x",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----",
        f"Basic {SECRET}",
        f"token = {SECRET}",
    ],
)
def test_a_text_that_carries_a_secret_loses_it(text):
    assert SECRET not in redact_text(text)


def test_the_rest_of_the_text_stays():
    assert redact_text("GET /x?access_token=abcdef&page=2") == f"GET /x?access_token={REDACTED}&page=2"
    assert redact_text("the tokens were 12") == "the tokens were 12"


nested = st.recursive(
    st.just(SECRET),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "data"]), inner, max_size=3),
)


@given(nested, st.sampled_from(SECRET_NAMES))
def test_no_depth_hides_a_secret(value, name):
    assert SECRET not in str(redact({"payload": {name: value}}))


def test_what_is_too_deep_is_left_out():
    value = SECRET
    for _level in range(50):
        value = [value]
    assert SECRET not in str(redact(value))


@pytest.mark.parametrize("text", [f"BeArEr {SECRET}", f"\u017fecret={SECRET}", f"to\u212aen={SECRET}"])
def test_letters_of_another_case_hide_no_secret(text):
    """SEC-01: a long s and the Kelvin sign count as s and k, as they do for the shapes."""
    assert SECRET not in redact_text(text)
