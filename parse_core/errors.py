"""Every error a client can see, with its code, HTTP status and default message.

::

    ParseError                      {"code": n, "error": "…"}
    ├── one subclass per code the server raises (`contract/objects.md` §24)
    └── Forbidden                   its text is for the log: clients read "Permission denied"
    HttpError                       {"error": "…"}, no code: 403, 404, 413, 415, malformed bodies

Raise where you know; each transport renders in one place. Whatever is neither of these two is our own defect: it is
logged with its cause and answered as code 1 without detail.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ErrorCode(IntEnum):
    """The numbers SDKs switch on (`contract/objects.md` §24)."""

    OTHER_CAUSE = -1
    INTERNAL_SERVER_ERROR = 1
    CONNECTION_FAILED = 100
    OBJECT_NOT_FOUND = 101
    INVALID_QUERY = 102
    INVALID_CLASS_NAME = 103
    MISSING_OBJECT_ID = 104
    INVALID_KEY_NAME = 105
    INVALID_POINTER = 106
    INVALID_JSON = 107
    COMMAND_UNAVAILABLE = 108
    INCORRECT_TYPE = 111
    PUSH_MISCONFIGURED = 115
    OBJECT_TOO_LARGE = 116
    OPERATION_FORBIDDEN = 119
    INVALID_NESTED_KEY = 121
    INVALID_FILE_NAME = 122
    INVALID_ACL = 123
    TIMEOUT = 124
    INVALID_EMAIL_ADDRESS = 125
    FILE_SAVE_ERROR = 130
    AMBIGUOUS_INSTALLATION = 132
    MISSING_VALUE = 135
    NOT_CHANGEABLE = 136
    DUPLICATE_VALUE = 137
    SCRIPT_FAILED = 141
    VALIDATION_ERROR = 142
    INVALID_HOOK = 143
    FILE_DELETE_ERROR = 153
    DUPLICATE_REQUEST = 159
    INVALID_VALUE = 162
    USERNAME_MISSING = 200
    PASSWORD_MISSING = 201
    USERNAME_TAKEN = 202
    EMAIL_TAKEN = 203
    EMAIL_MISSING = 204
    EMAIL_NOT_FOUND = 205
    SESSION_MISSING = 206
    ACCOUNT_ALREADY_LINKED = 208
    INVALID_SESSION_TOKEN = 209
    INVALID_LINKED_SESSION = 251
    UNSUPPORTED_SERVICE = 252
    INVALID_SCHEMA_OPERATION = 255


PERMISSION_DENIED = "Permission denied"


class ParseError(Exception):
    """An error with a Parse code. The docstring of a subclass is its default message."""

    code: ClassVar[ErrorCode] = ErrorCode.INTERNAL_SERVER_ERROR
    status: ClassVar[int] = 400
    # What clients read instead of the message while `enableSanitizedErrorResponse` is on; None: the message itself.
    public_message: str | None = None

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message if message is not None else (type(self).__doc__ or ""))

    @property
    def message(self) -> str:
        """The full text; for the log, and for clients unless `public_message` stands in for it."""
        return str(self.args[0])

    def body(self, *, sanitize: bool) -> dict[str, int | str]:
        """The JSON body clients get: `{"code": 101, "error": "Object not found."}`."""
        hidden = sanitize and self.public_message is not None
        return {"code": int(self.code), "error": self.public_message or "" if hidden else self.message}


class HttpError(Exception):
    """A refusal that the protocol expresses by its HTTP status alone, without a Parse code."""

    public_message: str | None = None

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def body(self, *, sanitize: bool) -> dict[str, int | str]:
        """The JSON body clients get: `{"error": "unauthorized"}`."""
        hidden = sanitize and self.public_message is not None
        return {"error": self.public_message or "" if hidden else self.message}


class Unauthorized(HttpError):
    """The application id or a key does not fit: 403 `{"error": "unauthorized"}`."""

    def __init__(self) -> None:
        super().__init__(403, "unauthorized")


class MasterKeyRequired(HttpError):
    """A master-only route was asked without the master key: 403."""

    public_message = PERMISSION_DENIED

    def __init__(self) -> None:
        super().__init__(403, "unauthorized: master key is required")


class InternalError(ParseError):
    """Internal server error."""

    code = ErrorCode.INTERNAL_SERVER_ERROR
    status = 500


class InvalidGeometry(ParseError):
    """Invalid geometry."""

    # The reference answers code 1 with 500 here; SDKs retry on 5xx, so the status is 400 (`contract/objects.md` §10).
    code = ErrorCode.INTERNAL_SERVER_ERROR


class ConnectionFailed(ParseError):
    """Too many requests."""

    code = ErrorCode.CONNECTION_FAILED


class TooManyRequests(ConnectionFailed):
    """Too many requests."""

    status = 429


class ObjectNotFound(ParseError):
    """Object not found."""

    code = ErrorCode.OBJECT_NOT_FOUND
    status = 404


class AuthenticationNeeded(ObjectNotFound):
    """Permission denied, user needs to be authenticated."""

    public_message = PERMISSION_DENIED


class InvalidQuery(ParseError):
    """Invalid query."""

    code = ErrorCode.INVALID_QUERY


class SanitizedInvalidQuery(InvalidQuery):
    """Invalid query."""

    public_message = PERMISSION_DENIED


class InvalidClassName(ParseError):
    """Invalid class name."""

    code = ErrorCode.INVALID_CLASS_NAME


class MissingObjectId(ParseError):
    """objectId must not be empty, null or undefined"""

    code = ErrorCode.MISSING_OBJECT_ID


class InvalidKeyName(ParseError):
    """Invalid key name."""

    code = ErrorCode.INVALID_KEY_NAME


class InvalidJson(ParseError):
    """Invalid JSON."""

    code = ErrorCode.INVALID_JSON


class CommandUnavailable(ParseError):
    """Command unavailable."""

    code = ErrorCode.COMMAND_UNAVAILABLE


class IncorrectType(ParseError):
    """Incorrect type."""

    code = ErrorCode.INCORRECT_TYPE


class ObjectTooLarge(ParseError):
    """A value is too large for its index."""

    code = ErrorCode.OBJECT_TOO_LARGE


class OperationForbidden(ParseError):
    """Operation forbidden."""

    code = ErrorCode.OPERATION_FORBIDDEN


class Forbidden(OperationForbidden):
    """Permission denied."""

    public_message = PERMISSION_DENIED


class InvalidNestedKey(ParseError):
    """Nested keys should not contain the '$' or '.' characters"""

    code = ErrorCode.INVALID_NESTED_KEY


class InvalidAcl(ParseError):
    """Invalid ACL."""

    code = ErrorCode.INVALID_ACL


class InvalidEmailAddress(ParseError):
    """Email address format is invalid."""

    code = ErrorCode.INVALID_EMAIL_ADDRESS


class FileSaveError(ParseError):
    """Invalid file URL."""

    code = ErrorCode.FILE_SAVE_ERROR


class AmbiguousInstallation(ParseError):
    """Must specify installationId when deviceToken matches multiple Installation objects"""

    code = ErrorCode.AMBIGUOUS_INSTALLATION


class MissingValue(ParseError):
    """A value is missing."""

    code = ErrorCode.MISSING_VALUE


class NotChangeable(ParseError):
    """This cannot be changed."""

    code = ErrorCode.NOT_CHANGEABLE


class DuplicateValue(ParseError):
    """A duplicate value for a field with unique values was provided"""

    code = ErrorCode.DUPLICATE_VALUE

    def __init__(self, message: str | None = None, *, index: str = "") -> None:
        super().__init__(message)
        self.index = index  # the registered name of the unique index that refused, "" when unknown


class ScriptFailed(ParseError):
    """Script failed."""

    code = ErrorCode.SCRIPT_FAILED


class ValidationError(ParseError):
    """Validation failed."""

    code = ErrorCode.VALIDATION_ERROR


class DuplicateRequest(ParseError):
    """Duplicate request"""

    code = ErrorCode.DUPLICATE_REQUEST


class InvalidValue(ParseError):
    """Invalid value."""

    code = ErrorCode.INVALID_VALUE


class UsernameMissing(ParseError):
    """bad or missing username"""

    code = ErrorCode.USERNAME_MISSING


class PasswordMissing(ParseError):
    """password is required"""

    code = ErrorCode.PASSWORD_MISSING


class UsernameTaken(ParseError):
    """Account already exists for this username."""

    code = ErrorCode.USERNAME_TAKEN


class EmailTaken(ParseError):
    """Account already exists for this email address."""

    code = ErrorCode.EMAIL_TAKEN


class EmailNotVerified(ParseError):
    """User email is not verified."""

    code = ErrorCode.EMAIL_NOT_FOUND


class SessionMissing(ParseError):
    """Insufficient auth to delete user"""

    code = ErrorCode.SESSION_MISSING


class UserNotModifiable(SessionMissing):
    """Insufficient auth."""

    public_message = PERMISSION_DENIED


class AccountAlreadyLinked(ParseError):
    """this auth is already used"""

    code = ErrorCode.ACCOUNT_ALREADY_LINKED


class InvalidSessionToken(ParseError):
    """Invalid session token"""

    code = ErrorCode.INVALID_SESSION_TOKEN


class SessionRequired(InvalidSessionToken):
    """Invalid session token"""

    public_message = PERMISSION_DENIED


class WriteConflict(ParseError):
    """The storage reported a write conflict; trying again may help."""

    code = ErrorCode.INVALID_LINKED_SESSION


class UnsupportedService(ParseError):
    """This authentication method is unsupported."""

    code = ErrorCode.UNSUPPORTED_SERVICE


class InvalidSchemaOperation(ParseError):
    """Invalid schema operation."""

    code = ErrorCode.INVALID_SCHEMA_OPERATION
