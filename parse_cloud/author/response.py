"""What handlers may return or be given beside plain values."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from parse_cloud.author.sdk.error import ParseError
from parse_cloud.invocations import NOTHING

log = logging.getLogger("parse_cloud.code")

_AGAIN: Final = (
    "Cannot call %s() after response has already been sent. "
    "Make sure to call success() or error() only once per cloud function execution."
)


@dataclass(frozen=True, slots=True)
class Response:
    """What a function returns with a status and headers: `Response({"id": 1}, status=201)`."""

    value: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replace:
    """From `before_save`: all that is written, in the place of the changes. From `after_save`: the response's body."""

    data: Mapping[str, Any]


class FunctionResponse:
    """The second parameter of a function that has two: the answer, said instead of returned (§2.6)."""

    def __init__(self) -> None:
        self.result: Any = NOTHING
        self.failure: Exception | None = None
        self.headers: dict[str, str] = {}
        self.status_code: int | None = None
        self.is_sent = False

    def success(self, result: Any = NOTHING) -> None:
        """Answers with a result; the first answer counts."""
        if self._sends("success"):
            self.result = result

    def error(self, message: object = None) -> None:
        """Answers with an error: a text, or an exception."""
        if self._sends("error"):
            self.failure = message if isinstance(message, Exception) else _failure(message)

    def status(self, code: Any) -> Self:
        """Sets the HTTP status."""
        self.status_code = checked_status(code)
        return self

    def header(self, name: str, value: str) -> Self:
        """Sets an HTTP header."""
        self.headers.update(checked_headers({name: value}))
        return self

    def _sends(self, name: str) -> bool:
        if self.is_sent:
            log.error(_AGAIN, name)
            return False
        self.is_sent = True
        return True


def _failure(message: object) -> ParseError:
    return ParseError(ParseError.SCRIPT_FAILED, "Script failed." if message is None or message == "" else message)


def checked_status(code: object) -> int:
    """The HTTP status of an answer. Raises `ValueError` for what is none."""
    if not isinstance(code, int) or isinstance(code, bool) or not 200 <= code <= 599:
        raise ValueError(f"{code!r} is not the HTTP status of an answer")
    return code


def checked_headers(headers: Mapping[str, object]) -> dict[str, str]:
    """Headers as they can be sent. Raises `ValueError` for what would end the header, or cannot be one."""
    checked = {str(name): str(value) for name, value in headers.items()}
    for name, value in checked.items():
        if (
            not name
            or not name.isascii()
            or any(not 32 < ord(character) < 127 or character == ":" for character in name)
        ):
            raise ValueError(f"{name!r} is not the name of a header")
        if any(ord(character) < 32 or not ord(character) < 256 for character in value):
            raise ValueError(f"{value!r} cannot be the value of a header")
    return checked
