"""Lists of client addresses that may use a key."""

from __future__ import annotations

from functools import cached_property
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable

Network = IPv4Network | IPv6Network

# An unspecified address stands for its whole family, as in the reference.
_WHOLE_FAMILY = {"0.0.0.0": "0.0.0.0/0", "::": "::/0", "::0": "::/0"}  # noqa: S104 - read, not bound


class AddressRanges(tuple[str, ...]):  # noqa: SLOT001 - the parsed ranges are kept
    """Addresses and CIDR ranges as configured, which can tell whether they admit a client.

    IPv4 and IPv6 are separate families: `0.0.0.0/0` admits no IPv6 client. Raises `ValueError` with the one entry that
    is no address.
    """

    def __new__(cls, ranges: Iterable[str]) -> Self:
        self = super().__new__(cls, ranges)
        self.networks  # noqa: B018 - refuses what is no address now, not at the first request
        return self

    @cached_property
    def networks(self) -> tuple[Network, ...]:
        """The parsed ranges."""
        return tuple(_network(text) for text in self)

    def admits(self, address: str) -> bool:
        """Whether the client at this address is covered; never for text that is no address."""
        try:
            client = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        # How a dual-stack socket shows IPv4 clients: by their IPv4 address, but not one of "every IPv4 address".
        mapped = client.ipv4_mapped if isinstance(client, IPv6Address) else None
        return any(
            client in network or (mapped is not None and network.prefixlen > 0 and mapped in network)
            for network in self.networks
        )


def _network(text: str) -> Network:
    try:
        return ip_network(_WHOLE_FAMILY.get(text, text), strict=False)
    except ValueError:
        raise ValueError(text) from None
