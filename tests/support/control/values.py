"""The values of the protocol: plain JSON, except for objects with the key `__bridge`."""

from __future__ import annotations

import re
from typing import Any

from tests.support.control.remote import RemoteAdapter, RemoteFunction

UNSET = object()  # JavaScript's undefined
FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}


class Unsupported(Exception):
    """A value that lives in the harness's process, and that we cannot call there yet."""


def decode(value: Any) -> Any:
    """The value as Python code would write it; members that are undefined are left out. Raises `Unsupported`."""
    if isinstance(value, list):
        return [None if item is UNSET else item for item in map(decode, value)]
    if not isinstance(value, dict):
        return value
    if "__bridge" in value:
        return _decode_special(value)
    decoded = {key: decode(item) for key, item in value.items()}
    return {key: item for key, item in decoded.items() if item is not UNSET}


def _decode_special(value: dict[str, Any]) -> Any:
    match value["__bridge"]:
        case "undefined":
            return UNSET
        case "date":
            return value["iso"]
        case "regexp":
            flags = sum(FLAGS.get(flag, 0) for flag in value["flags"])
            return re.compile(value["source"], flags)
        case "value":
            return value["json"]
        case "function":
            return RemoteFunction(value["callbackURL"], value["id"])
        case "adapter":
            methods = frozenset(value["methods"])
            return RemoteAdapter(value["callbackURL"], value["id"], methods, decode(value.get("fields", {})))
        case "type" | "bytes" | "error":
            return value
        case other:
            raise Unsupported(f"values of the kind {other!r} are not supported")


# What the reference throws as Error objects; the rest of its refusals are plain strings.
_ERRORS = re.compile(r"masterKey and|Parse Server option customPages|requestComplexity|You cannot specify|When using")


def encode_refusal(text: str) -> dict[str, Any]:
    """A refused configuration as the reference would have thrown it."""
    if _ERRORS.match(text):
        return encode_error(text)
    return thrown(text)


def thrown(text: str) -> dict[str, Any]:
    """A text that was thrown as it is."""
    return {"__bridge": "error", "type": "value", "value": text}


def encode_error(text: str) -> dict[str, Any]:
    """An Error object."""
    return {"__bridge": "error", "type": "Error", "name": "Error", "message": text}
