"""POST to an address that a person typed: never into our own network, never on from where it answers (APR-13).

HTTPS alone; every address behind the name must be public, and the connection goes to the very address that was judged,
so that a name which changes its mind in between gains nothing. Hosts in WEBHOOK_PRIVATE_HOSTS are exempt from both.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
_TUNNELS = tuple(ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
_PORTS = {"https": 443, "http": 80}


class AddressRefusedError(ValueError):
    """We do not send there. The message says why, and holds no path: paths of such addresses are secrets."""

    code = "address_refused"


class NotDeliveredError(OSError):
    """No answer, or not in time."""

    code = "not_delivered"


def ensure_address(url: str) -> SplitResult:
    """The parts of an address that may be sent to, as far as its text says. Raises AddressRefusedError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefusedError("this is no web address") from error
    host = parts.hostname or ""
    if not host or not url.isascii() or not url.isprintable() or " " in url:
        raise AddressRefusedError("this is no web address")
    if parts.username is not None or parts.password is not None:
        raise AddressRefusedError("an address must not hold a name or a password")
    if _is_private(host, port or _PORTS.get(parts.scheme, 0)):
        if parts.scheme in _PORTS:
            return parts
        raise AddressRefusedError("only https and http are web addresses")
    if parts.scheme != "https":
        raise AddressRefusedError("the address must begin with https://")
    return parts


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send once and return the status of the answer, whose body is not read. Redirects are not followed.

    Takes ten seconds at the most. Raises AddressRefusedError, NotDeliveredError.
    """
    parts = ensure_address(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    address = _resolve(host, port)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with socket.create_connection(address, CONNECT_SECONDS) as plain:
            watch = threading.Timer(TOTAL_SECONDS, _cut, [plain])
            watch.start()
            try:
                return _send(plain, parts, target, body, headers)
            finally:
                watch.cancel()
    except (OSError, http.client.HTTPException) as error:
        raise NotDeliveredError(f"no answer: {type(error).__name__}") from error


def _send(plain: socket.socket, parts: SplitResult, target: str, body: bytes, headers: Mapping[str, str]) -> int:
    secure = parts.scheme == "https"
    wire = ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname) if secure else plain
    connection = http.client.HTTPConnection(parts.netloc, timeout=CONNECT_SECONDS)
    connection.sock = wire
    try:
        connection.request("POST", target, body, {**headers, "Connection": "close"})
        return connection.getresponse().status
    finally:
        connection.close()


def _cut(plain: socket.socket) -> None:
    """An answer that drips ends too."""
    try:
        plain.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _resolve(host: str, port: int) -> tuple[str, int]:
    """The address to connect to. Raises AddressRefusedError when any that the name has is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotDeliveredError("the name is not known") from error
    addresses = [str(item[4][0]) for item in found]
    if not addresses:
        raise NotDeliveredError("the name is not known")
    if not _is_private(host, port) and not all(is_public(address) for address in addresses):
        raise AddressRefusedError("the address leads into a private network")
    return addresses[0], port


def is_public(text: str) -> bool:
    """Whether an IP address belongs to the internet at large, in whatever dress it comes."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif any(address in network for network in _TUNNELS):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_private(host: str, port: int) -> bool:
    """Whether the installation lets this host, or this host and port, be reached although it is its own."""
    return bool({host.lower(), f"{host.lower()}:{port}"} & set(settings.WEBHOOK_PRIVATE_HOSTS))
