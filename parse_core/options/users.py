"""Users, their passwords and sessions, and the mails they get."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from parse_core.options.errors import Refused
from parse_core.options.fields import REQUIRED, Group, option
from parse_core.options.kinds import (
    ADAPTER,
    BOOLEAN,
    BOOLEAN_OR_CALLABLE,
    CALLABLE,
    NUMBER,
    OBJECT,
    STRICT_NUMBER,
    STRING,
    STRINGS,
    Check,
    Kind,
    group,
    is_number,
    one_of,
    pattern,
)


def _number_where(fits: Callable[[float], bool]) -> Check:
    def check(value: Any) -> Any:
        if not is_number(value) or not fits(value):
            raise Refused
        return value

    return check


def _is_whole(value: float) -> bool:
    return float(value).is_integer()


LOCKOUT_DURATION = STRICT_NUMBER.but(
    refusal="Account lockout duration should be greater than 0 and less than 100000",
    check=_number_where(lambda value: 0 < value < 100_000),
    nullable=False,
)
LOCKOUT_THRESHOLD = STRICT_NUMBER.but(
    refusal="Account lockout threshold should be an integer greater than 0 and less than 1000",
    check=_number_where(lambda value: _is_whole(value) and 0 < value < 1000),
    nullable=False,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class AccountLockout(Group):
    """`accountLockout`: how long an account is closed after failed log-ins."""

    env_prefix = "PARSE_SERVER_ACCOUNT_LOCKOUT_"

    duration: float = option(REQUIRED, LOCKOUT_DURATION, "Minutes for which the account is closed.")
    threshold: int = option(REQUIRED, LOCKOUT_THRESHOLD, "Failed log-ins that close it.")
    unlock_on_password_reset: bool = option(False, BOOLEAN, "A password reset opens it again.")


VALIDATOR_PATTERN = Kind("pattern", "passwordPolicy.validatorPattern must be a regex string or RegExp object.", pattern)


def _check_validator(value: Any) -> Any:
    if callable(value) or (isinstance(value, str) and "." in value):
        return value
    raise Refused


VALIDATOR = CALLABLE.but(refusal="{path} must be a function.", check=_check_validator)
POSITIVE_NUMBER = STRICT_NUMBER.but(
    refusal="{path} must be a positive number", check=_number_where(lambda value: value > 0)
)
PASSWORD_AGE = POSITIVE_NUMBER.but(check=_number_where(lambda value: value >= 0))
PASSWORD_HISTORY = STRICT_NUMBER.but(
    refusal="{path} must be an integer ranging 0 - 20",
    check=_number_where(lambda value: _is_whole(value) and 0 <= value <= 20),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class PasswordPolicy(Group):
    """`passwordPolicy`: what a password must look like and how long it lives."""

    env_prefix = "PARSE_SERVER_PASSWORD_POLICY_"

    validator_pattern: re.Pattern[str] | None = option(
        None, VALIDATOR_PATTERN, "A pattern that a password must match somewhere."
    )
    validator_callback: Callable[[str], bool] | None = option(
        None, VALIDATOR, "A callable, or the dotted path of one, that says whether a password will do."
    )
    validation_error: str = option(
        "Password does not meet the Password Policy requirements.", STRING, "What a refused password answers."
    )
    do_not_allow_username: bool = option(
        False, BOOLEAN.but(refusal="{path} must be a boolean value."), "Passwords must not contain the user name."
    )
    max_password_age: float | None = option(None, PASSWORD_AGE, "Days after which a password must be reset.")
    max_password_history: int = option(0, PASSWORD_HISTORY, "Former passwords that may not come back.")
    reset_token_validity_duration: float | None = option(
        None, POSITIVE_NUMBER, "Seconds for which a reset link works; forever when not set."
    )
    reset_token_reuse_if_valid: bool = option(
        False,
        BOOLEAN.but(refusal="resetTokenReuseIfValid must be a boolean value"),
        "A second request sends the same link while it works.",
    )
    reset_password_success_on_invalid_email: bool = option(
        True,
        BOOLEAN.but(refusal="resetPasswordSuccessOnInvalidEmail must be a boolean value"),
        "A request for an unknown address answers as for a known one.",
    )

    def problems(self) -> Iterator[str]:
        if self.reset_token_reuse_if_valid is True and not self.reset_token_validity_duration:
            yield "You cannot use resetTokenReuseIfValid without resetTokenValidityDuration"


_PROVIDER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def _check_providers(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Refused
    for name in value:
        if not _PROVIDER_NAME.fullmatch(str(name)):
            message = f'Parse Server option {{path}} contains an invalid provider name "{name}".'
            raise Refused(message)
    return value


SESSION_LENGTH = NUMBER.but(refusal="Session length must be a valid number.")
TOKEN_DURATION = NUMBER.but(refusal="Email verify token validity duration must be a valid number.")
PLAIN_FLAG = BOOLEAN.but(refusal="{path} must be a boolean value")


@dataclass(frozen=True, kw_only=True, eq=False)
class UserOptions(Group):
    """Users, sessions, e-mail."""

    env_prefix = "PARSE_SERVER_"

    auth: Mapping[str, Any] = option(
        {},
        OBJECT.but(check=_check_providers),
        "Sign-in providers: name → options of the provider.",
        env="PARSE_SERVER_AUTH_PROVIDERS",
        secret=True,
    )
    enable_anonymous_users: bool = option(True, BOOLEAN, "Users without a name.", env="PARSE_SERVER_ENABLE_ANON_USERS")
    enable_insecure_auth_adapters: bool = option(False, BOOLEAN, "Accept providers that trust a token alone.")
    allow_expired_auth_data_token: bool = option(
        False, BOOLEAN, "Do not check provider data again with every update of a user."
    )
    enforce_private_users: bool = option(True, BOOLEAN, "New users are readable by themselves alone.")
    session_length: float = option(31_536_000, SESSION_LENGTH, "Seconds that a session lives.")
    expire_inactive_sessions: bool = option(True, BOOLEAN, "Sessions end at all.")
    extend_session_on_use: bool = option(False, PLAIN_FLAG, "A session in use lives on.")
    revoke_session_on_password_reset: bool = option(True, PLAIN_FLAG, "A new password ends all sessions of the user.")
    account_lockout: AccountLockout | None = option(
        None, group(AccountLockout), "How long an account is closed after failed log-ins."
    )
    password_policy: PasswordPolicy | None = option(
        None, group(PasswordPolicy), "What a password must look like and how long it lives."
    )
    password_hash: str = option(
        "bcrypt",
        one_of("bcrypt", "argon2"),
        "How new passwords are hashed; with argon2, older hashes are replaced as their users log in.",
    )
    email_adapter: Any = option(None, ADAPTER, "How mails are sent.", secret=True)
    verify_user_emails: bool | Callable[..., Any] = option(
        False, BOOLEAN_OR_CALLABLE, "Ask users to confirm their address; a callable decides for each."
    )
    send_user_email_verification: bool | Callable[..., Any] = option(
        True, BOOLEAN_OR_CALLABLE, "Send the mail at sign-up; a callable decides for each."
    )
    prevent_login_with_unverified_email: bool | Callable[..., Any] = option(
        False, BOOLEAN_OR_CALLABLE, "Log-in needs a confirmed address; a callable decides for each."
    )
    prevent_signup_with_unverified_email: bool = option(
        False, BOOLEAN, "Sign-up is refused instead of answered without a session."
    )
    email_verify_token_validity_duration: float | None = option(
        None, TOKEN_DURATION, "Seconds for which a confirmation link works; forever when not set."
    )
    email_verify_token_reuse_if_valid: bool = option(
        False, PLAIN_FLAG, "A second request sends the same link while it works."
    )
    email_verify_success_on_invalid_email: bool = option(
        True, PLAIN_FLAG, "A request for an unknown or confirmed address answers as for any other."
    )
    user_sensitive_fields: tuple[str, ...] = option(
        (), STRINGS, "Deprecated: fields added to `protectedFields._User.*`."
    )
