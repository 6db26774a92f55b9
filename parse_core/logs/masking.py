"""What must not be read in a log: secrets by the names they have in the protocol, at any depth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

MASK: Final = "********"
_SECRET: Final = frozenset(
    {
        "password", "sessiontoken", "_sessiontoken", "_masterkey", "_maintenancekey", "_javascriptkey", "_clientkey",
        "access_token", "id_token", "token", "refresh_token", "authorization", "cookie", "base64", "recovery",
        "x-parse-master-key", "x-parse-maintenance-key", "x-parse-rest-api-key", "x-parse-client-key",
        "x-parse-javascript-key", "x-parse-windows-key", "x-parse-session-token", "x-parse-webhook-key",
    }
)  # fmt: skip
_IN_TEXT: Final = re.compile(r'("(?:password|sessionToken|_SessionToken|_MasterKey)"\s*:\s*)"(?:[^"\\]|\\.)*"')
_IN_QUERY: Final = re.compile(r"(?i)(?<=[?&])(password|token|_SessionToken|_MasterKey|sessionToken)=[^&#\s]*")


def masked(value: Any) -> Any:
    """A copy without secrets: values under their names, and those in texts that are JSON."""
    if isinstance(value, Mapping):
        return {key: MASK if str(key).lower() in _SECRET and item else masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return _IN_TEXT.sub(rf'\1"{MASK}"', value) if isinstance(value, str) and '"' in value else value


def masked_url(url: str) -> str:
    """A path with its query string, secrets in it masked."""
    return _IN_QUERY.sub(lambda match: f"{match[1]}={MASK}", url)


def cut(text: str, length: int = 1000) -> str:
    """A text that is not longer than a line of a log should be."""
    return text if len(text) <= length else f"{text[:length]}... (truncated)"
