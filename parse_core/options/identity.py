"""Who an application is and which keys open it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parse_core.options.addresses import AddressRanges
from parse_core.options.fields import Group, option
from parse_core.options.kinds import ADDRESSES, NUMBER, STRING, STRING_OR_CALLABLE

if TYPE_CHECKING:
    from collections.abc import Callable

LOCALHOST = AddressRanges(("127.0.0.1", "::1"))


@dataclass(frozen=True, kw_only=True, eq=False)
class IdentityOptions(Group):
    """Identity and keys."""

    env_prefix = "PARSE_SERVER_"

    app_id: str = option(
        "",
        STRING,
        "The application id. Characters that are reserved in URLs give a warning.",
        env="PARSE_SERVER_APPLICATION_ID",
    )
    app_name: str | None = option(None, STRING, "The name of the application in mails and on pages.")
    master_key: str | Callable[[], str] = option(
        "", STRING_OR_CALLABLE, "The key with all rights; a callable is asked for it.", secret=True
    )
    master_key_ttl: float = option(
        0, NUMBER, "Seconds for which the answer of a callable `masterKey` counts; 0 asks for each request."
    )
    master_key_ips: AddressRanges = option(
        LOCALHOST,
        ADDRESSES,
        "Addresses and CIDR ranges that may use the master key. `0.0.0.0/0` is every IPv4 address, `::/0` every IPv6 "
        "address; an empty list admits nobody. Cloud Code in the process is not subject to it.",
    )
    read_only_master_key: str | None = option(
        None, STRING, "A key that reads everything and writes nothing.", secret=True
    )
    read_only_master_key_ips: AddressRanges = option(
        LOCALHOST,
        ADDRESSES,
        "Addresses and CIDR ranges that may use the read-only master key.",
        since="The reference admits every address.",
    )
    maintenance_key: str | None = option(
        None, STRING, "A key that also reads and writes internal and read-only fields.", secret=True
    )
    maintenance_key_ips: AddressRanges = option(
        LOCALHOST, ADDRESSES, "Addresses and CIDR ranges that may use the maintenance key."
    )
    client_key: str | None = option(
        None,
        STRING,
        "Key of the iOS, macOS and Android SDKs. With any client key set, every request must carry a matching one.",
        secret=True,
    )
    javascript_key: str | None = option(None, STRING, "Key of the JavaScript SDK.", secret=True)
    rest_api_key: str | None = option(
        None, STRING, "Key of REST clients.", name="restAPIKey", env="PARSE_SERVER_REST_API_KEY", secret=True
    )
    dot_net_key: str | None = option(None, STRING, "Key of the .NET and Unity SDKs.", secret=True)
    file_key: str | None = option(None, STRING, "Prefix of the names of files from hosted Parse.", secret=True)
    encryption_key: str | None = option(
        None, STRING, "Key with which a files adapter encrypts what it stores.", secret=True
    )
    webhook_key: str | None = option(
        None, STRING, "Sent as `X-Parse-Webhook-Key` with every call of a webhook.", secret=True
    )

    @property
    def client_keys(self) -> tuple[str, ...]:
        """The client keys that are set; an empty text is a key, too."""
        keys = (self.client_key, self.javascript_key, self.rest_api_key, self.dot_net_key)
        return tuple(key for key in keys if key is not None)
