"""News in words, and when an e-mail may leave (APR-13)."""

from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage

import pytest

from approvals.domain.notification_kinds import RULES, Kind, Timing, choices_of, timing_of
from approvals.domain.notification_text import News, event_payload, mail_body, mail_subject, message_payload, one_line
from approvals.domain.notification_time import Hours, send_at

NOON = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)
HOSTILE = "agent\r\nBcc: all@example.com\u202e<!channel> <https://evil.example|click>" + "x" * 500


def test_every_kind_has_its_rule_and_a_default_that_may_be_chosen():
    for kind in Kind:
        assert RULES[kind].default in choices_of(kind)


def test_what_must_be_heard_cannot_be_switched_off():
    """Break-glass and kill switches leave at once, whatever is asked for."""
    for kind in (Kind.BREAK_GLASS, Kind.SWITCH_ENGAGED):
        assert choices_of(kind) == (Timing.AT_ONCE,)
        assert timing_of(kind, "off") is Timing.AT_ONCE
    assert timing_of(Kind.REQUEST_PENDING, "off") is Timing.OFF
    assert timing_of(Kind.REQUEST_PENDING, "never heard of") is Timing.AT_ONCE


def test_a_hostile_name_stays_on_its_line():
    """No header is injected, no direction turned, no mention made."""
    subject = mail_subject([News("x", HOSTILE, "/")])
    assert not {"\n", "\r"} & set(subject)
    assert "\u202e" not in subject
    assert len(subject) <= 160
    EmailMessage()["Subject"] = subject
    body = mail_body([News("x", HOSTILE, "/", (("Asked by", HOSTILE),), HOSTILE)], public_url="https://c.example")
    assert "\nBcc:" not in body
    payload = message_payload(News("x", HOSTILE, "/p"), public_url="https://c.example")
    assert "<!channel>" not in payload["text"]
    assert payload["blocks"][0]["text"]["type"] == "plain_text"


def test_one_line_keeps_what_is_harmless():
    assert one_line("  Zoë\t& Søn ") == "Zoë & Søn"


def test_many_pieces_are_one_mail_that_says_how_many_more():
    news = [News("x", f"number {index}", f"/{index}") for index in range(60)]
    assert mail_subject(news) == "Countersign: 60 pieces of news"
    body = mail_body(news, public_url="https://c.example")
    assert "https://c.example/49" in body
    assert "/50\n" not in body
    assert "And 10 more" in body


def test_a_program_gets_codes_and_a_link():
    payload = event_payload(
        News("request_decided", "x", "/requests/1/", (), "corr"), public_url="https://c", data={"code": "x"}, at="now"
    )
    assert payload == {
        "type": "request_decided",
        "timestamp": "now",
        "data": {"code": "x", "correlation_id": "corr", "url": "https://c/requests/1/"},
    }


@pytest.mark.parametrize(
    ("timing", "hours", "is_loud", "expected"),
    [
        (Timing.OFF, Hours(), False, None),
        (Timing.AT_ONCE, Hours(), False, NOON + timedelta(seconds=20)),
        (Timing.HOURLY, Hours(), False, datetime(2026, 6, 1, 13, tzinfo=UTC)),
        (Timing.DAILY, Hours(), False, datetime(2026, 6, 2, 8, tzinfo=UTC)),
        (Timing.DAILY, Hours(zone="America/New_York"), False, datetime(2026, 6, 2, 12, tzinfo=UTC)),
        (Timing.DAILY, Hours(digest_at=time(18)), False, datetime(2026, 6, 1, 18, tzinfo=UTC)),
        (Timing.AT_ONCE, Hours(quiet_from=time(12), quiet_until=time(14)), False, datetime(2026, 6, 1, 14, tzinfo=UTC)),
        (Timing.AT_ONCE, Hours(quiet_from=time(12), quiet_until=time(7)), False, datetime(2026, 6, 2, 7, tzinfo=UTC)),
        (Timing.AT_ONCE, Hours(quiet_from=time(12), quiet_until=time(7)), True, NOON + timedelta(seconds=20)),
        (Timing.AT_ONCE, Hours(quiet_from=time(20), quiet_until=time(7)), False, NOON + timedelta(seconds=20)),
    ],
)
def test_when_it_may_leave(timing, hours, is_loud, expected):
    assert send_at(timing, NOON, hours, is_loud=is_loud) == expected
