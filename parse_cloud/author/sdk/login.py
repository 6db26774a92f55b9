"""Who somebody is: by name and password, by a service, by a session token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, Unpack, cast

from parse_cloud.author.sdk.calls import Api, CallOptions
from parse_cloud.author.sdk.fetching import take
from parse_cloud.author.sdk.stored import Stored
from parse_cloud.author.sdk.twins import blocks
from parse_cloud.author.threads import in_thread
from parse_core.values.scalars import Document


class Login(Stored):
    """What `User` does without a user to begin with."""

    __slots__ = ()

    @classmethod
    @blocks
    def log_in(
        cls,
        username: str,
        password: str,
        auth_data: Mapping[str, Any] | None = None,
        **options: Unpack[CallOptions],
    ) -> Self:
        """The user of a name and password, with a new session; `auth_data` for services that are asked as well.

        Raises `ParseError` 101 when both do not fit.
        """
        body: Document = {"username": username, "password": password}
        if auth_data is not None:
            body["authData"] = dict(auth_data)
        return cls._from(Api(options).post("login", body))

    @classmethod
    async def alog_in(
        cls,
        username: str,
        password: str,
        auth_data: Mapping[str, Any] | None = None,
        **options: Unpack[CallOptions],
    ) -> Self:
        """`log_in` for the event loop."""
        return await in_thread(lambda: cls.log_in(username, password, auth_data, **options))

    @classmethod
    @blocks
    def log_in_with(cls, provider: str, auth_data: Mapping[str, Any], **options: Unpack[CallOptions]) -> Self:
        """The user who logs in through a service, a new one if there is none yet.

        With a session only for the `installation_id` of a device, as with `sign_up`.
        """
        return cast("Self", cast("Any", cls)().link_with(provider, auth_data, **options))

    @classmethod
    async def alog_in_with(cls, provider: str, auth_data: Mapping[str, Any], **options: Unpack[CallOptions]) -> Self:
        """`log_in_with` for the event loop."""
        return await in_thread(lambda: cls.log_in_with(provider, auth_data, **options))

    @classmethod
    @blocks
    def log_in_as(cls, user_id: str, **options: Unpack[CallOptions]) -> Self:
        """Any user, with a new session: with the master key, unless `use_master_key=False` is given."""
        return cls._from(Api({"use_master_key": True, **options}).post("loginAs", {"userId": user_id}))

    @classmethod
    async def alog_in_as(cls, user_id: str, **options: Unpack[CallOptions]) -> Self:
        """`log_in_as` for the event loop."""
        return await in_thread(lambda: cls.log_in_as(user_id, **options))

    @classmethod
    @blocks
    def become(cls, token: str, **options: Unpack[CallOptions]) -> Self:
        """The user behind a session token. Raises `ParseError` 209 for one nobody has."""
        me = Api({**options, "session_token": token}).get("users/me")
        return cls._from({**me, "sessionToken": token})

    @classmethod
    async def abecome(cls, token: str, **options: Unpack[CallOptions]) -> Self:
        """`become` for the event loop."""
        return await in_thread(lambda: cls.become(token, **options))

    @classmethod
    @blocks
    def verify_password(cls, username: str, password: str, **options: Unpack[CallOptions]) -> Self:
        """The user of a name and password, without a session. Raises `ParseError` 101 when both do not fit."""
        body = {"username": username, "password": password}
        return cls._from(Api(options).post("verifyPassword", body))

    @classmethod
    async def averify_password(cls, username: str, password: str, **options: Unpack[CallOptions]) -> Self:
        """`verify_password` for the event loop."""
        return await in_thread(lambda: cls.verify_password(username, password, **options))

    @classmethod
    @blocks
    def request_password_reset(cls, email: str, **options: Unpack[CallOptions]) -> None:
        """Sends a mail with which the user of an address can choose a new password."""
        Api(options).post("requestPasswordReset", {"email": email})

    @classmethod
    async def arequest_password_reset(cls, email: str, **options: Unpack[CallOptions]) -> None:
        """`request_password_reset` for the event loop."""
        await in_thread(lambda: cls.request_password_reset(email, **options))

    @classmethod
    @blocks
    def request_email_verification(cls, email: str, **options: Unpack[CallOptions]) -> None:
        """Sends the mail once more with which an address is confirmed."""
        Api(options).post("verificationEmailRequest", {"email": email})

    @classmethod
    async def arequest_email_verification(cls, email: str, **options: Unpack[CallOptions]) -> None:
        """`request_email_verification` for the event loop."""
        await in_thread(lambda: cls.request_email_verification(email, **options))

    @classmethod
    def _from(cls, document: Document) -> Self:
        made = cast("Any", cls)()
        take(made, document)
        return cast("Self", made)
