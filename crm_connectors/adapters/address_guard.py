"""Where we connect to: the internet over HTTPS, never our own network (SEC-01, attack cases 91 and 92).

The one judge of outgoing addresses: webhooks and connectors go through it. Every address behind a name must be public,
and the caller connects to the very address that was judged, so that a name which changes its mind in between gains
nothing. Only the setting PRIVATE_HOSTS exempts a host, from both: no caller can widen it for itself.
"""

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

PORTS = {"https": 443, "http": 80}
_PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")  # IETF protocol assignments: parts of it count as global
_TUNNELS = tuple(ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


class AddressRefusedError(ValueError):
    """We do not connect there. The message says why, and holds no path: paths of such addresses may be secrets."""

    code = "address_refused"


class NameUnknownError(OSError):
    """The name leads nowhere now."""

    code = "name_unknown"


def ensure_address(url: str) -> SplitResult:
    """The parts of an address that may be connected to, as far as its text says. Raises AddressRefusedError."""
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
    if is_exempt(host, port or PORTS.get(parts.scheme, 0)):
        if parts.scheme in PORTS:
            return parts
        raise AddressRefusedError("only https and http are web addresses")
    if parts.scheme != "https":
        raise AddressRefusedError("the address must begin with https://")
    return parts


def find_addresses(host: str, port: int) -> list[tuple[str, int]]:
    """The IP addresses to connect to, at that port, in the order to try them.

    Raises AddressRefusedError when any address that the name has is not public, NameUnknownError when it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameUnknownError("the name is not known") from error
    addresses = [str(item[4][0]) for item in found]
    if not addresses:
        raise NameUnknownError("the name is not known")
    if not is_exempt(host, port) and not all(is_public(address) for address in addresses):
        raise AddressRefusedError("the address leads into a private network")
    return [(address, port) for address in dict.fromkeys(addresses)]


def is_public(text: str) -> bool:
    """Whether an IP address belongs to the internet at large, in whatever dress it comes."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif address.is_site_local or any(address in network for network in _TUNNELS):
            return False
    return address not in _PROTOCOLS and address.is_global and not address.is_multicast and not address.is_reserved


def is_exempt(host: str, port: int) -> bool:
    """Whether the installation lets this host, or this host and port, be reached although it is its own."""
    return bool({host.lower(), f"{host.lower()}:{port}"} & set(settings.PRIVATE_HOSTS))
