"""Errors as authors of Cloud Code raise and catch them: a code and a text, by the names all SDKs have for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar


class ParseError(Exception):
    """What a client gets as `{"code": …, "error": …}`: `raise ParseError(ParseError.VALIDATION_ERROR, "too long")`.

    Of a call to the server, `code` and `message` are what it answered. `errors` are those of the single objects of
    `Object.destroy_all`, each with the `object` it is about.
    """

    OTHER_CAUSE: ClassVar = -1
    INTERNAL_SERVER_ERROR: ClassVar = 1
    CONNECTION_FAILED: ClassVar = 100
    OBJECT_NOT_FOUND: ClassVar = 101
    INVALID_QUERY: ClassVar = 102
    INVALID_CLASS_NAME: ClassVar = 103
    MISSING_OBJECT_ID: ClassVar = 104
    INVALID_KEY_NAME: ClassVar = 105
    INVALID_POINTER: ClassVar = 106
    INVALID_JSON: ClassVar = 107
    COMMAND_UNAVAILABLE: ClassVar = 108
    NOT_INITIALIZED: ClassVar = 109
    INCORRECT_TYPE: ClassVar = 111
    INVALID_CHANNEL_NAME: ClassVar = 112
    PUSH_MISCONFIGURED: ClassVar = 115
    OBJECT_TOO_LARGE: ClassVar = 116
    OPERATION_FORBIDDEN: ClassVar = 119
    CACHE_MISS: ClassVar = 120
    INVALID_NESTED_KEY: ClassVar = 121
    INVALID_FILE_NAME: ClassVar = 122
    INVALID_ACL: ClassVar = 123
    TIMEOUT: ClassVar = 124
    INVALID_EMAIL_ADDRESS: ClassVar = 125
    MISSING_CONTENT_TYPE: ClassVar = 126
    MISSING_CONTENT_LENGTH: ClassVar = 127
    INVALID_CONTENT_LENGTH: ClassVar = 128
    FILE_TOO_LARGE: ClassVar = 129
    FILE_SAVE_ERROR: ClassVar = 130
    DUPLICATE_VALUE: ClassVar = 137
    INVALID_ROLE_NAME: ClassVar = 139
    EXCEEDED_QUOTA: ClassVar = 140
    SCRIPT_FAILED: ClassVar = 141
    VALIDATION_ERROR: ClassVar = 142
    INVALID_IMAGE_DATA: ClassVar = 143
    UNSAVED_FILE_ERROR: ClassVar = 151
    INVALID_PUSH_TIME_ERROR: ClassVar = 152
    FILE_DELETE_ERROR: ClassVar = 153
    REQUEST_LIMIT_EXCEEDED: ClassVar = 155
    DUPLICATE_REQUEST: ClassVar = 159
    INVALID_EVENT_NAME: ClassVar = 160
    FILE_DELETE_UNNAMED_ERROR: ClassVar = 161
    INVALID_VALUE: ClassVar = 162
    USERNAME_MISSING: ClassVar = 200
    PASSWORD_MISSING: ClassVar = 201
    USERNAME_TAKEN: ClassVar = 202
    EMAIL_TAKEN: ClassVar = 203
    EMAIL_MISSING: ClassVar = 204
    EMAIL_NOT_FOUND: ClassVar = 205
    SESSION_MISSING: ClassVar = 206
    MUST_CREATE_USER_THROUGH_SIGNUP: ClassVar = 207
    ACCOUNT_ALREADY_LINKED: ClassVar = 208
    INVALID_SESSION_TOKEN: ClassVar = 209
    MFA_ERROR: ClassVar = 210
    MFA_TOKEN_REQUIRED: ClassVar = 211
    LINKED_ID_MISSING: ClassVar = 250
    INVALID_LINKED_SESSION: ClassVar = 251
    UNSUPPORTED_SERVICE: ClassVar = 252
    INVALID_SCHEMA_OPERATION: ClassVar = 255
    AGGREGATE_ERROR: ClassVar = 600
    FILE_READ_ERROR: ClassVar = 601
    X_DOMAIN_REQUEST: ClassVar = 602

    def __init__(self, code: int, message: Any = None, *, errors: Sequence[ParseError] = (), about: Any = None) -> None:
        """`message` is a text; None leaves `error` out of the answer. `about` becomes `object`."""
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.errors = list(errors)
        self.object = about

    def __str__(self) -> str:
        return f"{self.code} {self.message}" if self.message is not None else str(self.code)

    def to_json(self) -> dict[str, Any]:
        """`{"message": …, "code": …}`, as the SDKs write an error."""
        return {"message": self.message, "code": self.code}
