"""How a batch of events leaves, by kind of sink, behind one port: it returns when the other side has it, else raises.

Hosts are judged and resolved as webhooks are: public ones, or those of PRIVATE_HOSTS. Over TCP and TLS a batch is a
connection (`sink_stream`). UDP confirms nothing.
"""

import socket
import ssl
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from approvals.adapters.sink_stdout import write_stdout
from approvals.adapters.sink_stream import send_stream
from approvals.domain.sink_event import (
    MAX_DATAGRAM,
    SinkEvent,
    json_line,
    otlp_request,
    rejected_count,
    syslog_message,
)
from audit.adapters.files import append_line
from crm_connectors.adapters.address_guard import AddressRefusedError, NameUnknownError, ensure_address, find_addresses
from crm_connectors.adapters.guarded_wire import BROKEN, Limits, Wire

_LIMITS = Limits(connect_seconds=5.0, read_seconds=10.0, total_seconds=20.0, answer_bytes=65_536)


class SinkUnavailableError(OSError):
    """The other side did not take the batch, in whole or in part; nothing is known to be lost. Try again later."""

    code = "sink_unavailable"


class BatchRefusedError(SinkUnavailableError):
    """The other side answered that it does not take this batch, or a part of it: it would not by being asked again."""

    code = "batch_refused"


def send_batch(kind: str, address: str, place: str, events: Sequence[SinkEvent]) -> None:
    """Hand the events over, in their order. `place`: `workspace/name`, of a file.

    Raises SinkUnavailableError, BatchRefusedError.
    """
    try:
        match kind:
            case "file":
                _to_file(place, events)
            case "stdout":
                write_stdout(b"".join(map(json_line, events)))
            case "syslog-udp":
                _by_udp(address, events)
            case "otlp":
                _by_otlp(address, events)
            case _:
                _by_stream(address, events, is_tls=kind == "syslog-tls")
    except SinkUnavailableError:
        raise
    except (AddressRefusedError, NameUnknownError) as error:
        raise SinkUnavailableError(str(error)) from error
    except OSError as error:
        raise SinkUnavailableError(_words(error)) from error


def _words(error: OSError) -> str:
    """What a person can act on; TLS says it in a `reason` of its own."""
    if isinstance(error, ssl.SSLEOFError):
        return "closed without the goodbye of TLS (close_notify)"
    return f"{type(error).__name__}: {error.args[-1]}" if error.args else type(error).__name__


def split_host(address: str) -> tuple[str, int]:
    """`host:port`. Raises AddressRefusedError."""
    parts = urlsplit(f"//{address}")
    try:
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        host, port = "", 0
    if not host or not port or not address.isascii() or parts.username is not None or parts.path or parts.query:
        raise AddressRefusedError("write host:port")
    return host, port


def _to_file(place: str, events: Sequence[SinkEvent]) -> None:
    """Appended and synced; a line that was torn by a crash is closed first. Rotate it by renaming."""
    path = Path(settings.DATA_DIR) / "sinks" / f"{place}.jsonl"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    append_line(path, b"".join(map(json_line, events))[:-1])


def _by_udp(address: str, events: Sequence[SinkEvent]) -> None:
    host, port = split_host(address)
    target = find_addresses(host, port)[0]
    family = socket.AF_INET6 if ":" in target[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        for event in events:
            sender.sendto(syslog_message(event, host=_own_name(), longest=MAX_DATAGRAM), target)


def _by_stream(address: str, events: Sequence[SinkEvent], *, is_tls: bool) -> None:
    host, port = split_host(address)
    messages = [syslog_message(event, host=_own_name()) for event in events]
    framed = b"".join(b"%d %s" % (len(message), message) for message in messages)
    send_stream(find_addresses(host, port)[0], framed, tls_name=host if is_tls else None)


def _by_otlp(address: str, events: Sequence[SinkEvent]) -> None:
    parts = ensure_address(address)
    wire = Wire(parts, _LIMITS)
    headers = {"Content-Type": "application/json", "User-Agent": "Countersign", "Connection": "close"}
    try:
        target = parts.path or "/v1/logs"
        answer = wire.exchange("POST", target, body=otlp_request(events), headers=headers, has_answer_body=True)
    except AddressRefusedError:
        raise
    except BROKEN as error:
        raise SinkUnavailableError(f"no answer: {type(error).__name__}") from error
    finally:
        wire.close()
    _judge(answer.status, answer.body)


def _judge(status: int, body: bytes) -> None:
    """Sources: OTLP/HTTP, "Failures" (429, 502, 503 and 504 are tried again) and "Partial Success"."""
    if 200 <= status < 300:
        refused = rejected_count(body)
        if refused:
            raise BatchRefusedError(f"{refused} of the records were refused" if refused > 0 else "no OTLP answer")
    elif status in (429, 502, 503, 504):
        raise SinkUnavailableError(f"answered {status}")
    else:
        raise BatchRefusedError(f"answered {status}")


def _own_name() -> str:
    return socket.gethostname().encode("ascii", "replace").decode()[:255] or "-"
