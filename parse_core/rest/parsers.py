"""Request bodies: read within the size limit, decoded whatever their content type (`contract/objects.md` §1.2)."""

from __future__ import annotations

import zlib
from email.message import Message
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from rest_framework.parsers import BaseParser

from parse_core.errors import HttpError, InvalidJson
from parse_core.values.decoding import JsonRefused, decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from parse_core.values.scalars import Document

_TOO_LARGE = "request entity too large"
_DIGITS = 18  # of a content length; more are not worth reading
_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_UTF8 = frozenset({"", "utf-8", "utf8"})


class TooLarge(HttpError):
    """The body is larger than `maxUploadSize`: 413."""

    def __init__(self) -> None:
        super().__init__(413, _TOO_LARGE)


class BodyParser(BaseParser):
    """Decodes a body to an object: JSON, or the flat texts of a form; multipart is left to the routes that take it."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Document:
        """The object in a body; `{}` of nothing, and `{"0": …}` of an array. Raises 400 and 415 without a code."""
        kind, charset = _media_type(media_type or "")
        raw = stream.read()
        if not raw or kind == _MULTIPART:
            return {}
        if charset not in _UTF8:
            raise HttpError(415, f'unsupported charset "{charset.upper()}"')
        if kind == _URLENCODED:
            return _form(raw)
        return json_object(raw)


parser = BodyParser()


def json_object(raw: bytes) -> Document:
    """The object a JSON text holds. Raises 400 without a code when it is none, 107 for NUL and too deep a nesting."""
    try:
        value = decode(raw)
    except JsonRefused as error:
        raise HttpError(400, str(error)) from error
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    raise HttpError(400, "the body must be a JSON object")


def read_body(request: HttpRequest, limit: int) -> bytes:
    """The bytes of a request body, unpacked. Raises 413 at the first byte beyond `limit`, before reading the rest."""
    meta = request.META
    encoding = meta.get("HTTP_CONTENT_ENCODING")
    length = meta.get("CONTENT_LENGTH")
    if length:
        if not length.isdecimal():
            raise HttpError(400, "the content length is not a number")
        if len(length) > _DIGITS or int(length) > limit:
            raise TooLarge
        raw = request.read(int(length))
    elif meta.get("wsgi.input_terminated") and "HTTP_TRANSFER_ENCODING" in meta:
        raw = _read_chunked(meta["wsgi.input"], limit)
    else:
        return b""
    return _unpacked(raw, encoding, limit) if encoding and encoding != "identity" else raw


def _read_chunked(stream: IO[bytes], limit: int) -> bytes:
    raw = stream.read(limit + 1)
    if len(raw) > limit:
        raise TooLarge
    return raw


def _unpacked(raw: bytes, encoding: str, limit: int) -> bytes:
    if encoding not in ("gzip", "deflate"):
        raise HttpError(415, f'unsupported content encoding "{encoding[:40]}"')
    try:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        body = unpacker.decompress(raw, limit + 1)
    except zlib.error as error:
        raise HttpError(400, "the body is not packed as its content encoding says") from error
    if len(body) > limit:
        raise TooLarge
    if not unpacker.eof:
        raise HttpError(400, "the packed body has no end")
    return body


def _form(raw: bytes) -> Document:
    try:
        fields = dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=1000))
    except ValueError as error:
        raise HttpError(400, "the form cannot be read") from error
    if any("\x00" in name or "\x00" in value for name, value in fields.items()):
        raise InvalidJson("NUL is not allowed in a form.")
    return fields


@lru_cache(maxsize=256)
def _parsed_media_type(text: str) -> tuple[str, str]:
    message = Message()
    message["Content-Type"] = text
    charset = message.get_param("charset", "")
    return message.get_content_type().lower(), charset.lower() if isinstance(charset, str) else ""


def _media_type(text: str) -> tuple[str, str]:
    """Kind and charset: `("application/json", "utf-8")`."""
    if text in ("", "application/json"):
        return text, ""
    return _parsed_media_type(text[:200])
