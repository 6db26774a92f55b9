"""Weak entity tags: a client that has the answer already gets 304 without a body (`contract/objects.md` §1.1)."""

from __future__ import annotations

from hashlib import sha1
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def entity_tag(body: bytes) -> str:
    """`W/"<length>-<digest>"`, the same in every process."""
    return f'W/"{len(body):x}-{sha1(body, usedforsecurity=False).hexdigest()[:27]}"'


def is_fresh(meta: Mapping[str, str], tag: str) -> bool:
    """Whether the client named this tag as the one it has, and did not ask for a fresh copy all the same."""
    known = meta.get("HTTP_IF_NONE_MATCH")
    if known is None or "no-cache" in meta.get("HTTP_CACHE_CONTROL", ""):
        return False
    opaque = tag.removeprefix("W/")
    return known.strip() == "*" or any(item.strip().removeprefix("W/") == opaque for item in known.split(","))
