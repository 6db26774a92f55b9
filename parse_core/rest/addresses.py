"""Where a request comes from when proxies stand in between: the option `trustProxy` (`contract/config.md` §10)."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMED = {
    "loopback": ("127.0.0.1/8", "::1/128"),
    "linklocal": ("169.254.0.0/16", "fe80::/10"),
    "uniquelocal": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
}


def client_address(meta: Mapping[str, str], trust: Any) -> str:
    """The address of the client: the peer's, or what trusted proxies say in `X-Forwarded-For`.

    `trust` is True (the left-most entry), a number of hops, or addresses, ranges and names of ranges of the proxies.
    """
    peer = meta.get("REMOTE_ADDR", "")
    if not trust:
        return peer
    forwarded = [part.strip() for part in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    hops = [peer, *reversed(forwarded)]
    if trust is True:
        return hops[-1]
    if isinstance(trust, int):
        return hops[min(trust, len(hops) - 1)]
    proxies = _proxies(trust)
    return next((hop for hop in hops if not _covered(hop, proxies)), hops[-1])


def address_of_mount(meta: Mapping[str, str], mount: str, trust: Any) -> str:
    """Scheme, host and mount as the client addressed them: `https://example.com/parse`."""
    scheme, host = meta.get("wsgi.url_scheme", "http"), meta.get("HTTP_HOST", "")
    if trust and _trusts_peer(meta.get("REMOTE_ADDR", ""), trust):
        scheme = meta.get("HTTP_X_FORWARDED_PROTO", scheme).split(",")[0].strip()
        host = meta.get("HTTP_X_FORWARDED_HOST", host).split(",")[0].strip()
    return f"{scheme}://{host}{mount}"


def _trusts_peer(peer: str, trust: Any) -> bool:
    return isinstance(trust, int) or _covered(peer, _proxies(trust))


def _proxies(trust: Any) -> tuple[str, ...]:
    entries = trust.split(",") if isinstance(trust, str) else trust
    return tuple(range_ for entry in entries for range_ in _NAMED.get(entry.strip(), (entry.strip(),)))


@lru_cache(maxsize=1024)
def _covered(address: str, ranges: tuple[str, ...]) -> bool:
    try:
        client = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(client, "ipv4_mapped", None)
    return any((mapped or client) in ip_network(range_, strict=False) for range_ in ranges)
