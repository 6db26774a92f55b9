"""Sessions: what a login leaves, until it is logged out."""

from __future__ import annotations

from typing import ClassVar, Self, Unpack

from parse_cloud.author.sdk.calls import Api, CallOptions
from parse_cloud.author.sdk.fetching import take
from parse_cloud.author.sdk.object import Object
from parse_cloud.author.sdk.twins import blocks
from parse_cloud.author.threads import in_thread


class Session(Object):
    """A session. Only the server writes what it says of the login."""

    class_name = "_Session"
    read_only: ClassVar = frozenset(
        {"createdWith", "expiresAt", "installationId", "restricted", "sessionToken", "user"}
    )

    @property
    def session_token(self) -> str | None:
        """The token by which clients name the session."""
        token = self.get("sessionToken")
        return token if isinstance(token, str) else None

    @classmethod
    @blocks
    def current(cls, **options: Unpack[CallOptions]) -> Self:
        """The session of `session_token`, or of the user's. Raises `ParseError` 209 without one."""
        user = options.get("user")
        if user is not None and not options.get("session_token"):
            options["session_token"] = user.session_token
        made = cls()
        take(made, Api(options).get("sessions/me"))
        return made

    @classmethod
    async def acurrent(cls, **options: Unpack[CallOptions]) -> Self:
        """`current` for the event loop."""
        return await in_thread(lambda: cls.current(**options))
