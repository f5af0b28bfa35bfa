"""Sinks of the ledger: nothing lost, order kept, repeated only where nobody can know; no value leaves (AUD-05)."""

import json
import socket
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.urls import reverse

from approvals.models import LedgerSink
from approvals.selectors.ledger_sinks import get_sink_lags
from approvals.services import ledger_sending as sending
from approvals.services.ledger_sending import send_ledger_on
from audit.models import LedgerEvent, LedgerLeaf
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from config.health import run_checks
from config.metrics import render_metrics
from tests.builders.api import make_site
from tests.builders.approvals import submit_pending
from tests.builders.audit import append, fill_ledger, new_event
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of

pytestmark = pytest.mark.django_db
LIST, ADD = reverse("approvals:ledger_sinks"), reverse("approvals:add_ledger_sink")


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def client(site):
    return log_in(make_login(site.world.workspace, "manage_agents", "view_ledger", name="Ana Admin"))


@pytest.fixture(autouse=True)
def own_place(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.PRIVATE_HOSTS = ["127.0.0.1"]


class Collector:
    """An OpenTelemetry receiver. `answers` are given in turn, then all is taken; `taken` are leaf indexes."""

    def __init__(self, *answers):
        self.answers, self.taken, self.bodies = list(answers), [], []

    def take(self, body):
        self.bodies.append(body)
        records = json.loads(body)["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
        leaves = [int(record["attributes"][0]["value"]["intValue"]) for record in records]
        answer = self.answers.pop(0) if self.answers else (200, "{}")
        if callable(answer):
            answer = answer(leaves)
        if answer is None or (answer[0] == 200 and "rejected" not in answer[1]):
            self.taken += leaves
        return answer


@contextmanager
def serving(collector):
    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            answer = collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            if answer is None:  # taken, and died before it could say so
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(answer[0])
            self.send_header("Content-Length", str(len(answer[1])))
            self.end_headers()
            self.wfile.write(answer[1].encode())

        def log_message(self, *_):
            """Quietly."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/logs"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def add(client, kind, address="", **more):
    answer = client.post(ADD, {"name": "out", "kind": kind, "address": address, "from": "start", **more}, follow=True)
    assert answer.status_code == 200
    return LedgerSink.objects.filter(name=more.get("name", "out")).first()


def send(rounds=1):
    """Rounds of the worker, each after every pause is over."""
    for _ in range(rounds):
        LedgerSink.objects.update(not_before=None)
        send_ledger_on(seconds=5)


def wanted():
    """The leaves of the workspace: those that were filled, and what its making recorded."""
    rows = LedgerLeaf.objects.filter(event__workspace="acme").order_by("leaf_index")
    return list(rows.values_list("leaf_index", flat=True))


def lines_of(tmp_path):
    return [json.loads(line) for line in (tmp_path / "sinks" / "acme" / "out.jsonl").read_bytes().splitlines()]


def test_a_file_gets_every_event_as_it_was_hashed(client, tmp_path):
    add(client, "file")
    fill_ledger(450)
    send()
    lines = lines_of(tmp_path)
    assert [line["leaf_index"] for line in lines] == wanted()
    stored = {str(event.id): json.loads(bytes(event.body)) for event in LedgerEvent.objects.filter(workspace="acme")}
    assert {line["event"]["id"]: line["event"] for line in lines} == stored
    assert LedgerSink.objects.get().sent_count == len(lines)


def test_no_erasable_value_leaves(site, client, tmp_path):
    """AUD-07."""
    add(client, "file")
    submit_pending(site)
    maintain_ledger(now=get_now())
    send()
    text = (tmp_path / "sinks" / "acme" / "out.jsonl").read_text()
    assert "Umicore NV" not in text
    assert '"commitments":{"patch":"' in text


def test_another_workspaces_events_do_not_leave(client, tmp_path):
    add(client, "file")
    fill_ledger(3, workspace="other")
    fill_ledger(2)
    send()
    assert {line["event"]["workspace"] for line in lines_of(tmp_path)} == {"acme"}
    assert get_sink_lags() == {"acme/out": 0}


def test_it_begins_with_the_next_event_where_that_is_asked(client, tmp_path):
    fill_ledger(5)
    add(client, "file", **{"from": "now"})
    maintain_ledger(now=get_now())
    send()
    assert [line["event"]["type"] for line in lines_of(tmp_path)] == ["sink.added"]


def test_a_collector_that_is_down_loses_nothing_and_gets_the_order(client):
    fill_ledger(30)
    collector = Collector((503, ""), (429, ""), (500, ""), None)
    with serving(collector) as address:
        sink = add(client, "otlp", address)
        maintain_ledger(now=get_now())
        send(1)
        sink.refresh_from_db()
        assert (sink.next_leaf, sink.error, collector.taken) == (0, "answered 503", [])
        assert sink.not_before > get_now()
        assert send_ledger_on(seconds=1) == 0, "it is left alone for a while"
        send(8)
    assert list(dict.fromkeys(collector.taken)) == wanted()
    sink.refresh_from_db()
    assert (sink.next_leaf, sink.error, sink.failures) == (wanted()[-1] + 1, "", 0)


def test_what_was_taken_and_not_confirmed_is_sent_again(client):
    """At least once: the collector died between taking and answering."""
    fill_ledger(3)
    collector = Collector(None)
    with serving(collector) as address:
        add(client, "otlp", address, **{"from": "start"})
        send(2)
    assert collector.taken == wanted() * 2


def test_half_a_batch_refused_is_told_apart_and_holds_the_sink_until_a_person_skips_it(client):
    fill_ledger(9)

    def all_but_leaf_5(leaves):
        return (200, '{"partialSuccess":{"rejectedLogRecords":"1"}}') if 5 in leaves else (200, "{}")

    collector = Collector(*[all_but_leaf_5] * 50)
    with serving(collector) as address:
        sink = add(client, "otlp", address)
        send(3)
        sink.refresh_from_db()
        assert (sink.next_leaf, "leaf 5 is refused" in sink.error) == (5, True)
        assert collector.taken == [0, 1, 2, 3, 4]
        change = reverse("approvals:change_ledger_sink", args=[sink.pk, "skip"])
        assert "past that event" in text_of(client.post(change, {"leaf": "4"}, follow=True))
        assert "Leave out the event at leaf 5" in text_of(client.get(LIST))
        client.post(change, {"leaf": "5"})
        send(2)
    assert collector.taken == [leaf for leaf in wanted() if leaf != 5]
    assert json.loads(bytes(LedgerEvent.objects.get(type="sink.skipped").body))["data"]["leaf_index"] == 5


def test_what_nobody_refused_cannot_be_left_out(client):
    """AUD-05: it stands at one event after a refusal, and then the collector is only down."""
    fill_ledger(3)
    collector = Collector((400, ""), (400, ""), (400, ""), (503, ""))
    with serving(collector) as address:
        sink = add(client, "otlp", address)
        send(2)
    sink.refresh_from_db()
    assert (sink.next_leaf, sink.batch_size, sink.error) == (0, 1, "answered 503")
    assert "Leave out the event" not in text_of(client.get(LIST))
    change = reverse("approvals:change_ledger_sink", args=[sink.pk, "skip"])
    assert "nothing is refused" in text_of(client.post(change, {"leaf": "0"}, follow=True))
    sink.refresh_from_db()
    assert (sink.next_leaf, LedgerEvent.objects.filter(type="sink.skipped").exists()) == (0, False)


def test_a_worker_whose_time_is_over_ends_and_its_sink_comes_later(client):
    """The limit of a task is no fault of a sink: it is not swallowed."""
    fill_ledger(2)

    def over(_):
        raise SoftTimeLimitExceeded

    sink = add(client, "file")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("approvals.adapters.ledger_sinks.json_line", over)
        with pytest.raises(SoftTimeLimitExceeded):
            send_ledger_on(seconds=5)
    sink.refresh_from_db()
    assert (sink.next_leaf, sink.taken_until, sink.not_before > get_now()) == (0, None, True)
    send()
    sink.refresh_from_db()
    assert (sink.next_leaf, sink.error) == (wanted()[-1] + 1, "")


def test_a_worker_that_died_after_sending_leaves_no_gap(client, monkeypatch):
    fill_ledger(4)
    collector = Collector()
    with serving(collector) as address:
        add(client, "otlp", address)
        monkeypatch.setattr(sending, "_move_on", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            send_ledger_on(seconds=5)
        monkeypatch.undo()
        assert send_ledger_on(seconds=5) == 0, "its lease is not over yet"
        LedgerSink.objects.update(taken_until=get_now() - timedelta(seconds=1))
        send()
    assert collector.taken == wanted() * 2


def test_a_worker_whose_lease_was_taken_over_moves_nothing(client):
    fill_ledger(4)
    sink = add(client, "file")
    old = sending._take(sink.pk)
    LedgerSink.objects.update(taken_until=None)
    new = sending._take(sink.pk)
    assert sending._step(old) is None
    assert sending._step(new) == len(wanted())


def read_syslog(listener, received, *, is_broken=False):
    connection, _ = listener.accept()
    with connection:
        if is_broken:
            connection.recv(10)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            return  # reset with unread bytes in its buffer
        pieces = iter(lambda: connection.recv(65_536), b"")
        received.append(b"".join(pieces))


def test_syslog_over_tcp_is_framed_and_a_reset_has_it_sent_again(client):
    """RFC 5424, RFC 6587 §3.4.1."""
    fill_ledger(3)
    received = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sink = add(client, "syslog-tcp", f"127.0.0.1:{listener.getsockname()[1]}")
        for is_broken in (True, False):
            thread = threading.Thread(target=read_syslog, args=(listener, received), kwargs={"is_broken": is_broken})
            thread.start()
            send()
            thread.join(10)
            sink.refresh_from_db()
            assert (sink.next_leaf, bool(sink.error)) == ((0, True) if is_broken else (wanted()[-1] + 1, False))
    rest, messages = received[0], []
    while rest:
        length, _, rest = rest.partition(b" ")
        messages.append(rest[: int(length)])
        rest = rest[int(length) :]
    assert len(messages) == len(wanted())
    head, _, body = messages[-2].decode().partition("\ufeff")
    assert head.startswith("<133>1 2026-03-01T09:30:00.123456Z ")
    assert f'leaf="{wanted()[-2]}"' in head
    assert json.loads(body)["data"] == {"number": 1}


def test_syslog_over_udp_leaves_a_large_body_out_whole(client):
    append(new_event(data={"text": "x" * 9_000}))
    maintain_ledger(now=get_now())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        add(client, "syslog-udp", f"127.0.0.1:{receiver.getsockname()[1]}")
        send()
        messages = [receiver.recv(65_536) for _ in wanted()]
    (message,) = [message for message in messages if b"request.received" in message]
    assert b"x" * 100 not in message
    assert b"the ledger has it" in message


def test_nothing_is_sent_into_our_own_network(client, settings):
    """91."""
    settings.PRIVATE_HOSTS = []
    fill_ledger(1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sink = add(client, "syslog-tcp", f"127.0.0.1:{listener.getsockname()[1]}")
        send()
        sink.refresh_from_db()
        assert "private network" in sink.error
        listener.settimeout(0.2)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert add(client, "otlp", "http://127.0.0.1:4318/v1/logs", name="second") is None


def test_one_that_is_down_keeps_no_other_waiting(client, tmp_path):
    fill_ledger(2)
    add(client, "syslog-tcp", "127.0.0.1:1")
    add(client, "file", name="second")
    send()
    assert get_sink_lags() == {"acme/out": wanted()[-1] + 1, "acme/second": 0}


def test_pausing_and_resuming_is_on_record_and_loses_nothing(client, tmp_path):
    fill_ledger(2)
    sink = add(client, "file")
    client.post(reverse("approvals:change_ledger_sink", args=[sink.pk, "pause"]))
    send()
    assert not (tmp_path / "sinks").exists()
    assert "paused" in text_of(client.get(LIST))
    client.post(reverse("approvals:change_ledger_sink", args=[sink.pk, "resume"]))
    send()
    assert [line["leaf_index"] for line in lines_of(tmp_path)] == wanted()
    types = LedgerEvent.objects.filter(subject_id=str(sink.pk)).order_by("id").values_list("type", flat=True)
    assert list(types) == ["sink.added", "sink.paused", "sink.resumed"]


def test_its_lag_is_shown_measured_and_makes_nothing_unready(client):
    fill_ledger(7)
    add(client, "syslog-tcp", "127.0.0.1:1")
    send()
    page, behind = client.get(LIST), wanted()[-1] + 1
    assert f"{behind} behind" in text_of(page)
    assert not find_acting_nodes(page.content)
    assert f'countersign_sink_lag{{sink="acme/out"}} {behind}.0'.encode() in render_metrics(now=get_now())
    check = next(check for check in run_checks() if check.name == "sinks")
    assert (check.ok, f"acme/out {behind}" in check.detail) == (True, True)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": "../x"}, "small letters"),
        ({"kind": "ftp"}, "one of the kinds"),
        ({"kind": "syslog-tcp", "address": "nowhere"}, "host:port"),
        ({"kind": "otlp", "address": "http://example.com"}, "https"),
        ({"kind": "otlp", "address": "https://a:b@example.com/"}, "password"),
    ],
)
def test_what_cannot_be_a_sink_is_refused_in_words(client, wrong, words):
    answer = client.post(ADD, {"name": "out", "kind": "file", "address": "", **wrong}, follow=True)
    assert words in text_of(answer)
    assert not LedgerSink.objects.exists()


def test_who_may_not_manage_changes_nothing(site, client):
    sink = add(client, "file")
    reader = log_in(make_login(site.world.workspace, "view_ledger", name="Ada Auditor"))
    assert "out" in text_of(reader.get(LIST))
    assert ADD not in text_of(reader.get(LIST))
    other = make_site("other", agent_name="agent.other")
    foreign = log_in(make_login(other.world.workspace, "manage_agents", name="Fay Foreign"))
    change = reverse("approvals:change_ledger_sink", args=[sink.pk, "pause"])
    assert reader.post(ADD, {"name": "mine", "kind": "file"}).status_code == 403
    assert reader.post(change).status_code == 403
    assert "no such sink" in text_of(foreign.post(change, follow=True))
    nobody = log_in(make_login(site.world.workspace, "view_requests", name="Rex Rep"))
    assert nobody.get(LIST).status_code == 403
    sink.refresh_from_db()
    assert (sink.is_paused, LedgerSink.objects.count()) == (False, 1)
