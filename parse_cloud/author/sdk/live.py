"""Live queries of user code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Unpack

from parse_cloud.author.sdk.calls import CallOptions
from parse_cloud.author.sdk.error import ParseError

if TYPE_CHECKING:
    from parse_cloud.author.sdk.query import Query


def subscribe(query: Query[Any], **_options: Unpack[CallOptions]) -> NoReturn:
    """A subscription to what a query finds. Raises `ParseError` 108: this server has no live queries yet."""
    raise ParseError(
        ParseError.COMMAND_UNAVAILABLE,
        f"Cloud Code cannot subscribe to {query.class_name}: live queries are not part of this server yet.",
    )
