"""Users: signing up, logging in and out, and proving who they are with other services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self, Unpack

from parse_cloud.author.sdk.calls import Api, CallOptions
from parse_cloud.author.sdk.error import ParseError
from parse_cloud.author.sdk.login import Login
from parse_cloud.author.sdk.object import Object
from parse_cloud.author.sdk.twins import blocks, twin
from parse_core.operations.base import MISSING

ANONYMOUS = "anonymous"


class User(Login, Object):
    """A user. There is no current one here: pass `user=request.user` to what acts for somebody."""

    class_name = "_User"
    read_only: ClassVar = frozenset({"sessionToken"})
    kept_on_fetch: ClassVar = ("sessionToken",)

    @property
    def username(self) -> str | None:
        """The name to log in with. Setting it takes an anonymous user's anonymity away."""
        return _text(self.get("username"))

    @username.setter
    def username(self, username: str) -> None:
        self._strip_anonymity()
        self.set("username", username)

    @property
    def email(self) -> str | None:
        """The address for mails of the server."""
        return _text(self.get("email"))

    @email.setter
    def email(self, email: str) -> None:
        self.set("email", email)

    @property
    def password(self) -> str | None:
        """A password that is to be saved, or is being saved: it is never read back."""
        return _text(self.get("password"))

    @password.setter
    def password(self, password: str) -> None:
        self.set("password", password)

    @property
    def session_token(self) -> str | None:
        """The token of the session the user was seen through; None for one that a query found."""
        return _text(self.get("sessionToken"))

    @property
    def authenticated(self) -> bool:
        """Whether the user came with a session of its own."""
        return self.id is not None and bool(self.session_token)

    def is_linked(self, provider: str) -> bool:
        """Whether the user may log in through a service."""
        return bool((self.get("authData") or {}).get(provider))

    @blocks
    def sign_up(self, values: Mapping[str, Any] | None = None, /, **options: Unpack[CallOptions]) -> Self:
        """The user, stored. Raises `ParseError`: 202 and 203 for a name or address that is taken.

        Cloud Code begins no session by it, unless with the `installation_id` of the device it is for; `log_in` does.
        """
        self.set(values or {})
        for name, value in (("username", self.username), ("password", self.password)):
            if not value:
                raise ParseError(ParseError.OTHER_CAUSE, f"Cannot sign up user with an empty {name}.")
        self.save(**options)
        self.state.values.put("password", MISSING)
        return self

    @blocks
    def link_with(self, provider: str, auth_data: Mapping[str, Any] | None, **options: Unpack[CallOptions]) -> Self:
        """The user, who may log in through a service from now on; with its own session unless told otherwise.

        A user without id is the one who already does, or a new one. `auth_data` None: not any more.
        """
        if not options.get("session_token") and not options.get("use_master_key") and self.session_token:
            options["session_token"] = self.session_token
        self._strip_anonymity()
        before = self.op("authData")
        self.set("authData", {**(self.get("authData") or {}), provider: auth_data})
        try:
            return self.save(**options)
        except ParseError:
            self.revert("authData")
            if before is not None:
                self.set("authData", before)
            raise

    @blocks
    def unlink(self, provider: str, **options: Unpack[CallOptions]) -> Self:
        """The user, who may not log in through a service any more."""
        self.link_with(provider, None, **options)
        linked = {name: data for name, data in (self.get("authData") or {}).items() if data is not None}
        self.state.values.put("authData", linked)
        return self

    @blocks
    def log_out(self, **options: Unpack[CallOptions]) -> None:
        """Ends the user's session, or the one that `session_token` names."""
        token = options.get("session_token") or self.session_token
        if token is None:
            raise ParseError(ParseError.SESSION_MISSING, "This user has no session to end")
        Api({**options, "session_token": token}).post("logout")
        self.state.values.put("sessionToken", MISSING)

    @blocks
    def upgrade_to_revocable_session(self, **options: Unpack[CallOptions]) -> Self:
        """The user, with a session that can be ended in the place of a token from an old server."""
        if self.session_token is None:
            raise ParseError(ParseError.SESSION_MISSING, "Cannot upgrade a user with no session token")
        answer = Api({**options, "session_token": self.session_token}).post("upgradeToRevocableSession")
        self.state.values.put_wire("sessionToken", answer["sessionToken"])
        return self

    asign_up = twin(sign_up)
    alink_with = twin(link_with)
    aunlink = twin(unlink)
    alog_out = twin(log_out)
    aupgrade_to_revocable_session = twin(upgrade_to_revocable_session)

    def _strip_anonymity(self) -> None:
        auth_data = self.get("authData") or {}
        if ANONYMOUS in auth_data:
            self.set("authData", {**auth_data, ANONYMOUS: None})


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
