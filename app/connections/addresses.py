"""Where letters may go: an address is read, its host resolved, and every answer must lie on the public internet.

Whoever connects uses the very address that was checked: asking twice would let the name answer differently. Hosts that
the operator names (WEBHOOK_HOSTS) may be private: a gateway in the building. Link-local addresses, where clouds keep
their own secrets, never count.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Iterable[str]]

PUBLIC_PORT = 443
MOST_CHARACTERS = 500
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_UNICAST6 = ip_network("2000::/3")
_TUNNELS = tuple(ip_network(text) for text in ("2002::/16", "2001::/32"))
"""6to4 and Teredo: they hold an IPv4 address of anybody's choice."""
_PROTOCOLS = tuple(ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24"))
"""Addresses of protocols; a cloud keeps its own service at one of them."""


class Forbidden(ValueError):
    """No letter goes there; the code says why: form, scheme, port, host or address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Target:
    """A URL taken apart: where to connect, and what to ask there for."""

    host: str
    port: int
    path: str
    is_secure: bool

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.is_secure else 80) else f"{name}:{self.port}"


def lookup(host: str, port: int) -> list[str]:
    """Every address the system knows for a host, as text."""
    return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class Guard:
    """What may be written to: `named` hosts (`host` or `host:port`, may be private), else public ones on 443."""

    named: frozenset[str] = frozenset()
    plain_http: bool = False
    """Whether http will do; only a named host ever gets it outside development."""
    resolve: Resolver = field(default=lookup)

    def read(self, url: str) -> Target:
        """The URL taken apart; raises Forbidden. Asks nobody, so a page may call it."""
        if len(url) > MOST_CHARACTERS or not url.isascii() or any(ord(c) <= 32 or c in '\\"<>^`{|}\x7f' for c in url):
            raise Forbidden("form")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise Forbidden("form") from error
        host = (parts.hostname or "").rstrip(".")
        if parts.username is not None or parts.password is not None or parts.fragment or not _is_host(host):
            raise Forbidden("form")
        target = Target(
            host=host,
            port=port or (443 if parts.scheme == "https" else 80),
            path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            is_secure=parts.scheme == "https",
        )
        if parts.scheme not in {"https", "http"} or (parts.scheme == "http" and not self.plain_http):
            raise Forbidden("scheme")
        if not self._is_named(target):
            self._require_public(target)
        return target

    def _require_public(self, target: Target) -> None:
        if target.port != PUBLIC_PORT and not self.plain_http:
            raise Forbidden("port")
        literal = _literal(target.host)
        if literal is not None and not is_public(literal):
            raise Forbidden("address")
        if literal is None and ("." not in target.host or target.host.rsplit(".", 1)[1].isdigit()):
            raise Forbidden("host")  # no public name is a single word, or ends like a number

    def addresses(self, target: Target) -> list[str]:
        """The addresses to connect to, each one checked; raises Forbidden when a single one of them may not be."""
        try:
            found = list(dict.fromkeys(self.resolve(target.host, target.port)))
            known = [ip_address(text) for text in found]
        except (OSError, ValueError, UnicodeError) as error:
            raise Forbidden("host") from error
        allowed = self._is_allowed_here if self._is_named(target) else is_public
        if not known or not all(allowed(address) for address in known):
            raise Forbidden("address")
        return found

    def _is_named(self, target: Target) -> bool:
        return bool(self.named & {target.host, f"{target.host}:{target.port}"})

    def _is_allowed_here(self, address: Address) -> bool:
        """On a named host: public or private. This very machine only where its own address is what was named."""
        plain = _unwrapped(address)
        if plain.is_loopback:
            return any(name.partition(":")[0] == str(plain) for name in self.named)
        private = plain.is_private and not (plain.is_link_local or plain.is_unspecified or plain.is_reserved)
        return is_public(address) or (private and not plain.is_multicast)


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet and hides no other inside."""
    if isinstance(address, IPv4Address):
        special = address.is_multicast or address.is_reserved or any(address in network for network in _PROTOCOLS)
        return address.is_global and not special
    wrapped = address.scope_id is not None or any(address in tunnel for tunnel in _TUNNELS)
    return address in _UNICAST6 and address.is_global and not address.is_multicast and not wrapped


def _unwrapped(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_host(host: str) -> bool:
    return _literal(host) is not None or _HOST.fullmatch(host) is not None
