"""Where the contents of a file come from."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Final, Protocol
from urllib.error import URLError
from urllib.request import Request, urlopen

from parse_cloud.author.sdk.error import ParseError

TIMEOUT: Final = 30.0  # seconds without an answer


class Readable(Protocol):
    """Something opened for reading in binary."""

    def read(self) -> bytes: ...


Source = bytes | bytearray | memoryview | str | Sequence[int] | Mapping[str, str] | Readable


def content_of(source: Source, content_type: str | None) -> tuple[bytes, str | None]:
    """Contents and type of what a file was made with. Raises `TypeError` for what nothing can be read from."""
    if isinstance(source, Mapping) and "uri" in source:
        data, sent = download(source["uri"])
        return data, content_type or sent
    text = source.get("base64") if isinstance(source, Mapping) else source
    if isinstance(text, str):
        return _from_base64(text, content_type)
    if isinstance(source, (bytes, bytearray, memoryview, list, tuple)):
        return bytes(source), content_type
    if hasattr(source, "read"):
        return source.read(), content_type
    raise TypeError("Cannot create a Parse.File with that data.")


def download(url: str) -> tuple[bytes, str | None]:
    """Contents and type of what is at an HTTP address. Raises `ParseError` 601 for a failure, and other schemes."""
    if not url.startswith(("http://", "https://")):
        raise ParseError(ParseError.FILE_READ_ERROR, f"Cannot download from {url}")
    try:
        with urlopen(Request(url), timeout=TIMEOUT) as response:  # noqa: S310 (the scheme is checked)
            return response.read(), response.headers.get("Content-Type")
    except (URLError, OSError) as error:
        raise ParseError(ParseError.FILE_READ_ERROR, f"Cannot download {url}: {error}") from error


def _from_base64(text: str, content_type: str | None) -> tuple[bytes, str | None]:
    head, comma, data = text.rpartition(",")
    if comma and content_type is None:
        content_type = head.removeprefix("data:").partition(";")[0] or "text/plain"
    try:
        return base64.b64decode(data, validate=True), content_type
    except binascii.Error as error:
        raise TypeError("The text is not base64") from error
