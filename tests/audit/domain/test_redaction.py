"""SEC-01: no secret in a log line, wherever it is nested; and what is harmless stays readable."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.domain.redaction import (
    _SECRET_WORDS,
    _SUSPICIOUS_WORDS,
    MAX_DEPTH,
    REDACTED,
    is_clean,
    is_secret_name,
    redact,
    redact_text,
)

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


SHARED = "x7Yb_-Q9" * 5 + "abc"


@pytest.mark.parametrize(
    "text",
    [
        f"/shared/{SHARED}.{SHARED}/",
        f"Not Found: /shared/{SHARED}.{SHARED}/",
        f"https://cs.example.com/shared/{SHARED}.{SHARED}",
        f"/shared/{SHARED}",
        f"GET /shared/{SHARED}.{SHARED}/favicon.ico?x=1",
    ],
)
def test_a_path_that_opens_without_a_login_loses_what_opens_it(text):
    """SEC-01, AUD-03: the link to a trace is a credential, wherever it is logged."""
    assert SHARED not in redact_text(text)
    assert "/shared/[redacted]" in redact_text(text)


def test_other_shared_paths_stay():
    assert (
        redact_text("https://drive.example.com/shared/q3-report.pdf")
        == "https://drive.example.com/shared/q3-report.pdf"
    )


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


def in_pieces(words):
    """Names and texts of pieces of these words, put together with what could hide where one begins."""
    joints = st.sampled_from(["", "_", "-", " ", ".", ":", "//", "@", "1", "\n", "\t", "\\", '"', "\u212a", "\u0130"])
    pieces = st.sampled_from([word[:at] for word in words for at in range(1, len(word) + 1)] + list(words))
    return st.lists(st.tuples(pieces, joints), max_size=4).map(lambda pairs: "".join(a + b for a, b in pairs))


SAID = in_pieces(
    [*SECRET_NAMES, "Bearer abcdef123", "https://ada:pw@crm.example", "-----BEGIN PRIVATE KEY-----", "fine"]
)
NESTED = st.recursive(
    st.none() | st.integers() | SAID,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SAID, inner),
    max_leaves=6,
)


@given(NESTED, st.booleans())
def test_what_is_clean_at_a_look_needs_no_redaction(value, is_ascii):
    """SEC-01, AUD-02: the short way never lets through what the long one takes out."""
    if is_clean(json.dumps(value, ensure_ascii=is_ascii)):
        assert redact(value) == value


@pytest.mark.parametrize(
    "name", [*sorted(_SECRET_WORDS), *SECRET_NAMES, "pass_phrase", "creden-tials", "to\nken", "pass\fword"]
)
def test_no_name_of_a_secret_is_clean(name):
    """SEC-01."""
    assert is_secret_name(name)
    assert not is_clean(json.dumps({name: SECRET}))


@pytest.mark.parametrize("word", _SUSPICIOUS_WORDS)
def test_no_text_that_is_looked_at_closer_is_clean(word):
    """SEC-01."""
    assert not is_clean(json.dumps([f"{word.title()} ada:pw@x"]))


def test_what_most_agents_say_is_clean_and_what_is_too_deep_is_not():
    assert is_clean(json.dumps({"plan": ["look it up", "propose"], "url": "https://register.example/umicore"}))
    deep = "x"
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    assert not is_clean(json.dumps(deep))
