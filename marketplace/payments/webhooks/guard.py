"""
Which addresses an event may be sent to.

A webhook's address is chosen by whoever holds a key, and our server sits where strangers cannot reach: next to the
database, the metadata service, the router. So only addresses of the public internet are connected to, unless the
deployment's settings say otherwise.
"""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

# IPv6 that stands for IPv4 by translation (RFC 6052): where it ends is not for us to know.
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
# For documents and for segment routing: set aside after our Python's own list was written.
_SET_ASIDE = (IPv6Network("3fff::/20"), IPv6Network("5f00::/16"))
_LIKE_A_NUMBER = re.compile(r"[0-9a-fx.]+")


class RefusedAddressError(ValueError):
    """The address is not of the public internet, or not of a kind that webhooks are sent to."""


class NoSuchHostError(OSError):
    """The name leads nowhere."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """
    Say whether *address* belongs to the public internet.

    >>> [is_public(ip_address(a)) for a in ("1.1.1.1", "10.0.0.8", "169.254.169.254", "::ffff:127.0.0.1", "ff02::1")]
    [True, False, False, False, False]
    """
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped
        if inner is not None:
            return is_public(inner)
        if address.sixtofour or address.teredo or address.is_site_local:
            return False
        if any(address in network for network in (*_TRANSLATED, *_SET_ASIDE)):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def check_url(url: str, *, livemode: bool, may_be_private: bool) -> None:
    """
    Refuse an address that can never be right; what its name leads to is looked at with every delivery.

    Raises:
        RefusedAddressError: not http or https, without a host, with a user name, or plainly not public.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise RefusedAddressError("not a valid URL") from error
    is_odd = any(ord(mark) < 33 for mark in url) or not (host or "").isascii()
    if parts.scheme not in {"http", "https"} or not host or is_odd:
        raise RefusedAddressError("the URL must begin with http:// or https:// and name a host")
    if livemode and parts.scheme != "https":
        raise RefusedAddressError("live mode webhook URLs must begin with https://")
    if parts.username is not None or parts.password is not None or port == 0:
        raise RefusedAddressError("the URL must not hold a user name or password")
    if may_be_private:
        return
    name = host.removesuffix(".")  # with it a name is the same, only written out to the root
    literal = _literal(name)
    is_inside = name == "localhost" or name.endswith((".localhost", ".local", ".internal"))
    if is_inside or (literal is not None and not is_public(literal)):
        raise RefusedAddressError("the URL must be publicly reachable")


def _literal(name: str) -> IPv4Address | IPv6Address | None:
    """Return the address that *name* writes down, in whatever way the system reads one: 127.1, 0x7f000001, 2130706433."""
    try:
        return ip_address(name)
    except ValueError:
        pass
    if not _LIKE_A_NUMBER.fullmatch(name):
        return None
    try:
        return IPv4Address(socket.inet_aton(name))
    except OSError:
        return None


def addresses_of(host: str, port: int, *, may_be_private: bool) -> list[str]:
    """
    Look *host* up once and return the addresses that may be connected to, in the order the system prefers.

    One refused address refuses them all: a name that leads both outside and inside is an attack or a mistake.

    Raises:
        NoSuchHostError: the name leads nowhere.
        RefusedAddressError: it leads to where webhooks may not go.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoSuchHostError(host) from error
    numbers = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not numbers:
        raise NoSuchHostError(host)
    if not may_be_private and not all(is_public(ip_address(each.partition("%")[0])) for each in numbers):
        raise RefusedAddressError("the name leads to an address that is not public")
    return numbers
