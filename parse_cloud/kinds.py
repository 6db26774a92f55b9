"""What user code can be registered for, and for which classes (`contract/cloud.md` §4.1)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from parse_core.errors import ErrorCode, ParseError

FILE: Final = "@File"
CONFIG: Final = "@Config"
CONNECT: Final = "@Connect"
SCRIPT_FAILED: Final = int(ErrorCode.SCRIPT_FAILED)


class Kind(StrEnum):
    """A kind of handler, by the name that hooks and requests carry."""

    FUNCTION = "function"
    JOB = "job"
    BEFORE_SAVE = "beforeSave"
    AFTER_SAVE = "afterSave"
    BEFORE_DELETE = "beforeDelete"
    AFTER_DELETE = "afterDelete"
    BEFORE_FIND = "beforeFind"
    AFTER_FIND = "afterFind"
    BEFORE_LOGIN = "beforeLogin"
    AFTER_LOGIN = "afterLogin"
    AFTER_LOGOUT = "afterLogout"
    BEFORE_PASSWORD_RESET_REQUEST = "beforePasswordResetRequest"  # noqa: S105 (a name)
    BEFORE_CONNECT = "beforeConnect"
    BEFORE_SUBSCRIBE = "beforeSubscribe"
    AFTER_EVENT = "afterEvent"
    ON_LIVE_QUERY_EVENT = "onLiveQueryEvent"


NAMED: Final = frozenset({Kind.FUNCTION, Kind.JOB})
# What a webhook may stand for: `onLiveQueryEvent` has many handlers and no class, a job runs for long.
TRIGGERS: Final = frozenset(Kind) - NAMED - {Kind.ON_LIVE_QUERY_EVENT}
OF_USERS: Final = frozenset({Kind.BEFORE_LOGIN, Kind.AFTER_LOGIN, Kind.BEFORE_PASSWORD_RESET_REQUEST})
# What a handler leaves in `context` is what the next moments of the request see (§4.13).
CONTEXT_GOES_ON: Final = frozenset(
    {Kind.BEFORE_SAVE, Kind.AFTER_SAVE, Kind.BEFORE_DELETE, Kind.AFTER_DELETE, Kind.BEFORE_FIND}
)
DEFAULT_CLASS: Final = {
    **dict.fromkeys(OF_USERS, "_User"),
    Kind.AFTER_LOGOUT: "_Session",
    Kind.BEFORE_CONNECT: CONNECT,
}


class IllegalRegistration(Exception):
    """Code is registered for what it cannot be; the text says for what it can. Raised while Cloud Code is loaded."""


def class_of(kind: Kind, class_name: str | None) -> str:
    """The class a trigger is registered under; where there is only one choice it need not be named.

    Raises `IllegalRegistration` for combinations that never run (§4.1).
    """
    name = class_name or DEFAULT_CLASS.get(kind, "")
    if kind is Kind.BEFORE_SAVE and name == "_PushStatus":
        raise IllegalRegistration("Only afterSave is allowed on _PushStatus")
    if kind in OF_USERS and name != "_User":
        raise IllegalRegistration(
            "Only the _User class is allowed for the beforeLogin, afterLogin, and beforePasswordResetRequest triggers"
        )
    if kind is Kind.AFTER_LOGOUT and name != "_Session":
        raise IllegalRegistration("Only the _Session class is allowed for the afterLogout trigger.")
    if name == "_Session" and kind is not Kind.AFTER_LOGOUT:
        raise IllegalRegistration("Only the afterLogout trigger is allowed for the _Session class.")
    return name


class Failure(ParseError):
    """What user code raised, as clients get it: any code with any text (§2.5); `text` may be JSON of any kind.

    With a `code` it was a Parse error and goes out as it is. Without one it was something else (a text, an exception,
    nothing: None), and whoever ran the code says which code and, of nothing, which text it stands for (`settled`).
    """

    def __init__(self, text: object = None, code: int | None = None) -> None:
        super().__init__(str(text))
        self.text = text
        self.number = SCRIPT_FAILED if code is None else code
        self.is_parse_error = code is not None
        self.status = {1: 500, 101: 404}.get(self.number, 400)  # type: ignore[misc]  # of the class, otherwise

    def settled(self, code: int, text: str) -> Failure:
        """The failure with its place's own code, and its text for nothing at all, unless a Parse error was raised."""
        if self.is_parse_error:
            return self
        settled = Failure(text if self.text is None or self.text == "" else self.text, code)
        settled.__cause__ = self.__cause__ or self
        return settled

    def body(self, *, sanitize: bool) -> dict[str, int | str]:
        """`{"code": 141, "error": …}`; without `error` where a Parse error had no message."""
        body: dict[str, int | str] = {"code": self.number}
        if self.text is not None:
            body["error"] = self.text  # type: ignore[assignment]  # an object that was thrown goes out as it is
        return body
