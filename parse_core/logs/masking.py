"""What must not be read in a log: secrets by the names they have in the protocol, at any depth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

MASK: Final = "********"
_SECRET: Final = frozenset(
    {
        "password", "sessiontoken", "_sessiontoken", "_session_token", "_hashed_password", "_perishable_token",
        "_email_verify_token", "_masterkey", "_maintenancekey", "_javascriptkey", "_clientkey", "masterkey",
        "maintenancekey", "readonlymasterkey", "webhookkey", "access_token", "id_token", "token", "refresh_token",
        "authorization", "cookie", "base64", "recovery", "secret",
        "x-parse-master-key", "x-parse-maintenance-key", "x-parse-rest-api-key", "x-parse-client-key",
        "x-parse-javascript-key", "x-parse-windows-key", "x-parse-session-token", "x-parse-webhook-key",
    }
)  # fmt: skip
_AUTH_DATA: Final = frozenset({"authdata", "_authdata"})
_SESSION_TOKEN: Final = re.compile(r"\br:[0-9a-fA-F]{32}\b")
# `"name": "value"` and `'name': ['value']`, as JSON, as Python shows it, or as JSON in a text of JSON; cut off, too
_IN_TEXT: Final = re.compile(
    rf"""((\\*["'])(?:{"|".join(sorted(_SECRET))})\2\s*:\s*\[?\s*)(\\*["'])(?:(?!(?<!\\)\3).)*(?:\3|\Z)"""
    r"""(?:(?:\s*,\s*\3(?:(?!(?<!\\)\3).)*(?:\3|\Z))*(?=\s*\]))?""",
    re.IGNORECASE | re.DOTALL,
)
_IN_QUERY: Final = re.compile(r"(?i)(?<=[?&])(password|token|_SessionToken|_MasterKey|sessionToken)=[^&#\s\"]*")
_IN_ADDRESS: Final = re.compile(r"(?<=://)[^/@\s\"]{1,200}:[^/@\s\"]{1,200}@")


def masked(value: Any) -> Any:
    """A copy without secrets: values under their names, all that proves an identity, and those in texts."""
    if isinstance(value, Mapping):
        return {key: _member(str(key).lower(), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return masked_text(value) if isinstance(value, str) else value


def masked_text(text: str) -> str:
    """A text without the secrets in it that have their names with them, and without session tokens.

    Halves of surrogate pairs, which cannot be written, are shown as Python does.
    """
    if not text.isascii():
        text = text.encode(errors="backslashreplace").decode()
    if ":" not in text:
        return text
    if "r:" in text:
        text = _SESSION_TOKEN.sub(f"r:{MASK}", text)
    if '"' in text or "'" in text:
        text = _IN_TEXT.sub(rf"\1\3{MASK}\3", text)
    return _IN_ADDRESS.sub(f"{MASK}@", masked_url(text)) if "://" in text else text


def masked_url(url: str) -> str:
    """A path with its query string, secrets in it masked."""
    return _IN_QUERY.sub(lambda match: f"{match[1]}={MASK}", url)


def cut(text: str, length: int = 1000) -> str:
    """A text that is not longer than a line of a log should be."""
    return text if len(text) <= length else f"{text[:length]}... (truncated)"


def _member(name: str, value: Any) -> Any:
    if name in _SECRET:
        return MASK if value else value
    if name in _AUTH_DATA and isinstance(value, Mapping):
        return {provider: _identity(data) for provider, data in value.items()}
    return masked(value)


def _identity(data: Any) -> Any:
    """The data of one provider: who it is, not what proves it."""
    if not isinstance(data, Mapping):
        return data
    return {name: masked(item) if name == "id" or item is None else MASK for name, item in data.items()}
