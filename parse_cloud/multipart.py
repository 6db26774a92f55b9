"""Forms with files as the parameters of a function (`contract/cloud.md` §2.7)."""

from __future__ import annotations

import re
from email.message import Message
from typing import Final
from urllib.parse import unquote

from parse_cloud.invocations import Upload
from parse_core.errors import InvalidJson, ObjectTooLarge
from parse_core.values.scalars import Document

KIND: Final = "multipart/form-data"
TOO_LARGE: Final = "Multipart request exceeds maximum upload size."
MAX_PARTS: Final = 1_000
MAX_HEADERS: Final = 16_384  # bytes of the headers of a part
MAX_LINES: Final = 32  # headers of a part
MAX_PARAMETERS: Final = 16  # of its disposition
# Each character is looked at once: `; name=value` or `; name="value"`, and spaces
_PARAMETER: Final = re.compile(r""";[ \t]*([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))[ \t]*""", re.ASCII)
_ESCAPED: Final = re.compile(r'\\(["\\])')
_BOUNDARY: Final = re.compile(r"[ -~]{1,200}")


def is_multipart(content_type: str) -> bool:
    """Whether a content type is that of a form with files."""
    return content_type[:200].partition(";")[0].strip().lower() == KIND


def parse(raw: bytes, content_type: str, limit: int) -> Document:
    """The parts by name: texts as strings, files as `Upload`; of two with one name the later.

    Raises `InvalidJson` (107) for what is no such form, `ObjectTooLarge` (116) beyond `limit` bytes.
    """
    if len(raw) > limit:
        raise ObjectTooLarge(TOO_LARGE)
    found: Document = {}
    for part in _parts(raw, _boundary(content_type)):
        headers, separator, content = part.partition(b"\r\n\r\n")
        if not separator or len(headers) > MAX_HEADERS:
            raise _invalid("a part has no headers")
        name, value = _read(headers, content)
        found[name] = value
    return found


def _boundary(content_type: str) -> bytes:
    message = Message()
    message["Content-Type"] = content_type[:1000]
    boundary = message.get_param("boundary")
    if not isinstance(boundary, str) or _BOUNDARY.fullmatch(boundary) is None:
        raise _invalid("Boundary not found")
    return b"--" + boundary.encode()


def _parts(raw: bytes, delimiter: bytes) -> list[bytes]:
    """What stands between the delimiters; what stands before the first and after the last means nothing."""
    pieces = (b"\r\n" + raw).split(b"\r\n" + delimiter, MAX_PARTS + 2)
    if len(pieces) > MAX_PARTS + 2:
        raise _invalid("too many parts")
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise _invalid("Unexpected end of form")
    parts = pieces[1:-1]
    if any(not part.startswith(b"\r\n") for part in parts):
        raise _invalid("Malformed part header")
    return [part[2:] for part in parts]


def _read(raw_headers: bytes, content: bytes) -> tuple[str, str | Upload]:
    headers = _headers(raw_headers)
    parameters = _disposition(headers.get("content-disposition", ""))
    name, filename = parameters.get("name"), parameters.get("filename")
    if name is None:
        raise _malformed()
    if filename is not None:
        return name, Upload(filename, headers.get("content-type") or "application/octet-stream", content)
    text = content.decode(errors="replace")
    if "\0" in text:
        raise InvalidJson("NUL is not allowed in a form.")
    return name, text


def _headers(raw: bytes) -> dict[str, str]:
    """The values by name in lower case. The standard library's parser takes seconds for what means harm."""
    if raw.count(b"\r\n") >= MAX_LINES or b"\0" in raw:
        raise _malformed()
    found = {}
    try:
        for line in raw.decode().split("\r\n"):
            name, colon, value = line.partition(":")
            if not colon:
                raise _malformed()
            found[name.strip().lower()] = value.strip()
    except UnicodeDecodeError:
        raise _malformed() from None
    return found


def _disposition(value: str) -> dict[str, str]:
    """The parameters of `form-data; name="a"; filename="b"`. Raises `InvalidJson` for anything else."""
    kind, _, _ = value.partition(";")
    if kind.strip().lower() != "form-data":
        raise _malformed()
    value = value.rstrip("; \t")
    found: dict[str, str] = {}
    place = len(kind)
    for _ in range(MAX_PARAMETERS):
        match = _PARAMETER.match(value, place)
        if match is None:
            break
        name, quoted, plain = match[1].lower(), match[2], match[3]
        if name == "filename*":  # UTF-8'en'percent-encoded
            found["filename"] = unquote(plain.rpartition("'")[2] if plain else "", errors="replace")
        elif name not in found:
            found[name] = plain if quoted is None else _ESCAPED.sub(r"\1", quoted)
        place = match.end()
    if place < len(value):
        raise _malformed()
    return found


def _malformed() -> InvalidJson:
    return _invalid("Malformed part header")


def _invalid(why: str) -> InvalidJson:
    return InvalidJson(f"Invalid multipart request: {why}")
