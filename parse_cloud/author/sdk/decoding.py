"""From REST JSON to the values of user code. Each type of the SDK registers what becomes of its `__type`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, Final

from parse_core.registry import Registry
from parse_core.values.scalars import Document, Json, parse_iso

# By `__type`. Each gives the value, or the document itself when it is not what its `__type` promises.
decoders: Registry[Callable[[Document], Any]] = Registry("decoder")

# What the parameters of functions and jobs are decoded from; the rest of the types stay as they came (§2.2).
OF_PARAMETERS: Final = frozenset({"Date", "File", "Pointer"})


def decode(value: Json) -> Any:
    """A value as user code knows it: moments, bytes, places, files, objects; sharing nothing mutable with the JSON."""
    kind = type(value)
    if kind is list:
        return [decode(item) for item in value]
    if kind is not dict:
        return value
    name = value.get("__type")
    if name is not None:
        decoder = decoders.get(name) if isinstance(name, str) else None
        if decoder is not None:
            return decoder(value)
    return {key: decode(item) for key, item in value.items()}


def decode_parameters(value: Json) -> Any:
    """The parameters of a function or job: moments, files and pointers decoded at any depth, all else as it came."""
    if isinstance(value, list):
        return [decode_parameters(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("__type") in OF_PARAMETERS:
        return decode(value)
    return {key: decode_parameters(item) for key, item in value.items()}


def _moment(value: Document) -> Any:
    iso = value.get("iso")
    moment = parse_iso(iso) if isinstance(iso, str) else None
    return dict(value) if moment is None else moment


def _bytes(value: Document) -> Any:
    try:
        return base64.b64decode(value["base64"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error):
        return dict(value)


decoders.add("Date", _moment)
decoders.add("Bytes", _bytes)
