"""Words of the reviewers' pages."""

from datetime import timedelta

import pytest

from approvals.domain.status import Status
from approvals.domain.wording import (
    action_words,
    duration_words,
    object_label,
    record_title,
    record_words,
    safe_host,
    status_tone,
    status_words,
)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["Industry"], "Set Industry on Company 101 · Acme AG"),
        (["Industry", "Country"], "Set Industry and Country on Company 101 · Acme AG"),
        (["A", "B", "C", "D"], "Set A, B and 2 more on Company 101 · Acme AG"),
        ([], "Change Company 101 · Acme AG"),
    ],
)
def test_an_update_in_words(labels, words):
    target = record_words("companies", "101", "Acme AG")
    assert action_words(action="update", target=target, labels=labels) == words


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("create", "Create Companies"),
        ("create_task", "Create a task on Companies"),
        ("create_note", "Add a note on Companies"),
        ("something_new", "Something new on Companies"),
    ],
)
def test_other_actions_in_words(action, words):
    assert action_words(action=action, target="Companies", labels=[]) == words


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ({"name": "Acme AG"}, "Acme AG"),
        ({"firstname": "Ana", "lastname": "Novak", "email": "a@example.com"}, "Ana Novak"),
        ({"email": "a@example.com"}, "a@example.com"),
        ({}, ""),
        ({"name": "x\u202ey"}, "x⟦U+202E⟧y"),
        ({"name": "z" * 200}, "z" * 79 + "…"),
    ],
)
def test_a_record_by_its_name(values, title):
    assert record_title(values) == title


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (40, "40 s"),
        (60, "1 min"),
        (3_600, "1 h"),
        (3_900, "1 h 5 min"),
        (86_400, "1 d"),
        (97_200, "1 d 3 h"),
    ],
)
def test_durations(seconds, words):
    assert duration_words(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize("url", ["https://register.example/x", "http://register.example:8080/"])
def test_a_web_address_may_be_followed(url):
    assert safe_host(url) == "register.example"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>",
        "//register.example",
        "file:///etc/passwd",
        "https://bank.example@evil.example/",
        "https://user:secret@evil.example/",
        "https://evil.example\\@bank.example",
        "https://[::1",
        "https://x\u202e.example/",
        "",
    ],
)
def test_anything_else_is_not_followed(url):
    """Stored links that act, or that hide where they lead, are text."""
    assert safe_host(url) == ""


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_words_and_a_colour(status):
    assert status_words(status)
    assert status_tone(status) in {"wait", "good", "warn", "bad", "mute"}


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("companies", "Company"),
        ("deals", "Deal"),
        ("queue_items", "Queue item"),
        ("addresses", "Address"),
        ("Opportunity", "Opportunity"),
        ("Status", "Status"),
        ("process", "Process"),
        ("series", "Series"),
        ("", ""),
    ],
)
def test_one_record_is_named_in_the_singular(name, label):
    assert object_label(name) == label
