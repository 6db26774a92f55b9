"""What the keys of a request are worth, and from where they may be used (`contract/objects.md` §2.3, §2.4).

Every comparison takes the same time however much of a key is right.
"""

from __future__ import annotations

import logging
import time
from functools import lru_cache
from hmac import compare_digest
from typing import TYPE_CHECKING

from parse_core.context import Level
from parse_core.errors import Unauthorized

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.options.addresses import AddressRanges
    from parse_core.rest.credentials import Credentials

log = logging.getLogger("parse_core.rest")


def level(application: Application, credentials: Credentials, address: str) -> Level:
    """What the keys are worth. Raises `Unauthorized` for a right key from an address that may not use it."""
    if credentials.maintenance_key is None and credentials.master_key is None:
        return Level.CLIENT
    options = application.options
    candidates = (
        (Level.MAINTENANCE, credentials.maintenance_key, options.maintenance_key, options.maintenance_key_ips),
        (Level.MASTER, credentials.master_key, master_key(application), options.master_key_ips),
        (Level.READ_ONLY, credentials.master_key, options.read_only_master_key, options.read_only_master_key_ips),
    )
    for found, sent, key, addresses in candidates:
        if sent and key and equal(sent, key):
            if not _admits(addresses, address):
                log.error(
                    "the %s key was refused: its addresses (%s) do not include %s", found.value, addresses, address
                )
                raise Unauthorized
            return found
    return Level.CLIENT


def check_client_key(application: Application, credentials: Credentials) -> None:
    """Raises `Unauthorized` when client keys are configured and none of those sent is right."""
    options = application.options
    keys = (options.client_key, options.javascript_key, options.rest_api_key, options.dot_net_key)
    if keys == (None, None, None, None):
        return
    for key, sent in zip(keys, credentials.client_keys, strict=True):
        if key is not None and sent is not None and equal(sent, key):
            return
    raise Unauthorized


def master_key(application: Application) -> str:
    """The application's master key; a callable option is asked, and its answer kept `masterKeyTtl` seconds."""
    key = application.options.master_key
    return key if isinstance(key, str) else application.part(MasterKey).current()


class MasterKey:
    """The last answer of a `masterKey` that is a callable."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._known: tuple[object, str, float] = (None, "", 0.0)

    def current(self) -> str:
        """The answer, asked for again when it is too old or the option has changed."""
        options = self._application.options
        source, key, expires = self._known
        if source is not options.master_key or time.monotonic() >= expires:
            asked = options.master_key
            key = asked() if callable(asked) else asked
            self._known = (asked, key, time.monotonic() + options.master_key_ttl)
        return key


@lru_cache(maxsize=4096)
def _admits(addresses: AddressRanges, address: str) -> bool:
    return addresses.admits(address)


def equal(sent: str, key: str) -> bool:
    """Whether a key that was sent is the configured one."""
    return compare_digest(sent.encode(errors="replace"), key.encode())
