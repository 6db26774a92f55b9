"""Forms with files as the parameters of a function (`contract/cloud.md` §2.7)."""

from __future__ import annotations

import re
from email.message import Message
from email.parser import HeaderParser
from typing import Final

from parse_cloud.invocations import Upload
from parse_core.errors import InvalidJson, ObjectTooLarge
from parse_core.values.scalars import Document

KIND: Final = "multipart/form-data"
TOO_LARGE: Final = "Multipart request exceeds maximum upload size."
MAX_PARTS: Final = 1_000
MAX_HEADERS: Final = 16_384  # bytes of the headers of a part
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
    try:
        headers = HeaderParser().parsestr(raw_headers.decode())
    except UnicodeDecodeError:
        raise _invalid("Malformed part header") from None
    name = headers.get_param("name", header="content-disposition")
    if headers.get_content_disposition() != "form-data" or not isinstance(name, str) or "\0" in name:
        raise _invalid("Malformed part header")
    filename = headers.get_filename()
    if filename is not None:
        given = headers["content-type"]
        return name, Upload(filename, str(given) if given else "application/octet-stream", content)
    text = content.decode(errors="replace")
    if "\0" in text:
        raise InvalidJson("NUL is not allowed in a form.")
    return name, text


def _invalid(why: str) -> InvalidJson:
    return InvalidJson(f"Invalid multipart request: {why}")
