"""OPS-01, SEC-01: one JSON object per line, correlated, without secrets, whoever logs."""

import io
import json
import logging
import logging.config

import pytest
import structlog
from django.conf import settings
from django.test import Client

from config.structured_logs import log_line, logging_config

CANARY = "canary-token-7f3a9c51e2"
PATHS = ("/healthz", "/readyz", "/admin/login/", "/api/v1/me/", "/api/v1/action-requests/", "/oauth/token/", "/x/")


@pytest.fixture
def lines():
    """What reaches standard error, as parsed lines."""
    stream = io.StringIO()
    config = logging_config("INFO")
    config["handlers"]["stderr"]["stream"] = stream
    logging.config.dictConfig(config)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.config.dictConfig(settings.LOGGING)


@pytest.mark.django_db
def test_a_request_leaves_one_line_with_the_callers_correlation_id(lines, client):
    response = client.get("/healthz", headers={"X-Correlation-ID": "job-42:7"})
    assert response["X-Correlation-ID"] == "job-42:7"
    finished = [line for line in lines() if line["event"] == "request.finished"]
    assert len(finished) == 1
    assert (finished[0]["correlation_id"], finished[0]["route"], finished[0]["status"]) == ("job-42:7", "healthz", 200)


@pytest.mark.parametrize("offered", ["", "a b", "x" * 121, "a\x1b[31m", "<script>", "é"])
def test_an_odd_correlation_id_is_replaced(client, offered):
    given = client.get("/healthz", headers={"X-Correlation-ID": offered})["X-Correlation-ID"]
    assert given != offered
    assert len(given) == 36


def test_foreign_text_cannot_start_a_line_of_its_own(lines):
    structlog.get_logger("x").info("field.seen", value='a\r\n{"event": "forged"}\x1b[2J\u202e\u2028')
    assert len(lines()) == 1


def test_the_standard_librarys_loggers_pass_the_same_chain(lines):
    for name in ("django.request", "celery.worker", "gunicorn.error", "anything"):
        logging.getLogger(name).warning("trouble with %s", f"Bearer {CANARY}")
    assert [line["logger"] for line in lines()] == ["django.request", "celery.worker", "gunicorn.error", "anything"]
    assert CANARY not in json.dumps(lines())


def test_an_exceptions_text_is_redacted(lines):
    try:
        raise ValueError(f"bad header Authorization: Bearer {CANARY}")
    except ValueError:
        structlog.get_logger("x").exception("call.failed")
    assert "ValueError" in lines()[0]["exception"]
    assert CANARY not in json.dumps(lines())


@pytest.mark.django_db
def test_the_link_to_a_trace_shows_up_in_no_log_line(lines):
    """SEC-01, AUD-03: neither in our own line nor in the framework's warning that it opens nothing."""
    secret = CANARY.replace("-", "_") * 2
    client = Client(raise_request_exception=False)
    for path in (f"/shared/{secret}.{secret}/", f"/shared/{secret}.{secret}/x/", f"/shared/{secret}/"):
        assert client.get(path).status_code == 404
    told = json.dumps(lines())
    assert "Not Found: /shared/[redacted]/" in told
    assert len([line for line in lines() if line["event"] == "request.finished"]) == 3
    assert secret not in told


@pytest.mark.django_db
def test_a_token_shows_up_in_no_log_line(lines):
    """A known token is sent wherever callers put tokens, rightly or wrongly, to paths that exist and that do not."""
    client = Client(raise_request_exception=False)
    for path in PATHS:
        client.get(path, headers={"Authorization": f"Bearer {CANARY}"})
        client.get(path, {"access_token": CANARY, "token": CANARY})
        client.post(path, {"client_secret": CANARY, "password": CANARY, "username": "mallory"})
        client.post(path, json.dumps({"client_secret": CANARY}), content_type="application/json")
        client.get(path, headers={"Cookie": f"sessionid={CANARY}"})
    assert len([line for line in lines() if line["event"] == "request.finished"]) == 5 * len(PATHS)
    assert CANARY not in json.dumps(lines())


def test_the_line_of_a_request_is_like_any_other(lines):
    """SEC-01: rendered by a shorter way, with the same members in the same order, and redacted."""
    told = {"path": f"/x/?token={CANARY}", "status": 200, "event": "request.finished"}
    with structlog.contextvars.bound_contextvars(correlation_id="job-42"):
        log_line("config.correlation", dict(told))
        structlog.get_logger("config.correlation").info(**told)
    short, long = lines()
    assert list(short) == list(long)
    assert short | {"at": ""} == long | {"at": ""}
    assert CANARY not in json.dumps(short)


def test_a_logger_that_is_too_quiet_for_the_line_leaves_none(lines):
    logging.getLogger("config.quiet").setLevel(logging.WARNING)
    log_line("config.quiet", {"event": "request.finished"})
    assert lines() == []
