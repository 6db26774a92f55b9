"""Second factors: a time-based code of an authenticator app (RFC 6238), or one sent as an SMS (`auth_providers.md` §9).

Whatever works once is spent by the conditional write that every login ends in: of two logins with one recovery code, or
one step of the clock, the second finds other data than were validated.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import inspect
import re
import secrets
import string
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from asgiref.sync import async_to_sync
from django.utils.module_loading import import_string
from pyotp.totp import TOTP

from parse_auth.providers.base import (
    ACCEPTED,
    AuthFailed,
    Misconfigured,
    Provider,
    ProviderRequest,
    Settings,
    Validated,
    register,
)
from parse_core.values.scalars import Document, Json, date_value, now, parse_iso

ALPHABET: Final = string.ascii_letters + string.digits
MOBILE: Final = re.compile(r"[+]*[(]{0,1}[0-9]{1,3}[)]{0,1}[-\s\./0-9]*")
DIGESTS: Final = {
    "SHA1": hashlib.sha1,
    "SHA224": hashlib.sha224,
    "SHA256": hashlib.sha256,
    "SHA384": hashlib.sha384,
    "SHA512": hashlib.sha512,
    "SHA3-224": hashlib.sha3_224,
    "SHA3-256": hashlib.sha3_256,
    "SHA3-384": hashlib.sha3_384,
    "SHA3-512": hashlib.sha3_512,
}
INVALID_DATA: Final = "Invalid MFA data"
INVALID_TOKEN: Final = "Invalid MFA token"  # noqa: S105 - a text


@register
class Mfa(Provider):
    """Stored: `{"secret", "recovery": [two codes], "step": last accepted}`, or `{"mobile", "pending": {…}}`."""

    name = "mfa"
    filters_reads = True

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        methods = self.options.get("options")
        if not isinstance(methods, list | tuple):
            raise Misconfigured("mfa.options must be an array")
        self.sms, self.totp = "SMS" in methods, "TOTP" in methods
        if not (self.sms or self.totp):
            raise Misconfigured("mfa.options must include SMS or TOTP")
        self.digits = self._number("digits", 6)
        self.period = self._number("period", 30)
        if not 4 <= self.digits <= 10:
            raise Misconfigured("mfa.digits must be between 4 and 10")
        if self.period < 10:
            raise Misconfigured("mfa.period must be greater than 10")
        algorithm = str(self.options.get("algorithm") or "SHA1").upper()
        if algorithm not in DIGESTS:
            raise Misconfigured(f"mfa.algorithm must be one of: {', '.join(DIGESTS)}")
        self.digest = DIGESTS[algorithm]
        self.send_sms = self._sender() if self.sms else None

    def policy(self, request: ProviderRequest, stored: Document) -> str:
        """A number that was never confirmed keeps nobody out."""
        return "default" if self.sms and set(stored) == {"pending"} else "additional"

    def validate(self, data: Document, request: ProviderRequest) -> Validated:
        stored = request.stored(self.name)
        if not stored or request.trigger_name == "validateSetUp":
            return self._set_up(data)
        if request.trigger_name == "validateUpdate":
            return self._update(data, stored, request)
        return self._log_in(data.get("token"), stored)

    def shown(self, data: Document, request: ProviderRequest) -> Document | None:
        if request.master:
            return None
        is_enabled = (self.totp and data.get("secret")) or (self.sms and data.get("mobile"))
        return {"status": "enabled" if is_enabled else "disabled"}

    def _set_up(self, data: Document) -> Validated:
        if self.sms and data.get("mobile"):
            return self._begin_sms(data["mobile"])
        if not self.totp:
            raise AuthFailed(INVALID_DATA)
        secret, token = _secret(data.get("secret")), data.get("token")
        if not token:
            raise AuthFailed(INVALID_DATA)
        if self._step(secret, token) is None:
            raise AuthFailed(INVALID_TOKEN)
        recovery = ["".join(secrets.choice(ALPHABET) for _ in range(30)) for _ in range(2)]
        return Validated({"secret": secret, "recovery": recovery}, {"recovery": ", ".join(recovery)})

    def _update(self, data: Document, stored: Document, request: ProviderRequest) -> Validated:
        if request.master:
            return ACCEPTED
        if self.sms and data.get("mobile"):
            if data.get("token"):
                return self._confirm_sms(data, stored)
            if set(stored) == {"pending"}:
                return self._begin_sms(data["mobile"])
            raise AuthFailed("MFA is already set up on this account")
        if not self.totp:
            raise AuthFailed(INVALID_DATA)
        if stored.get("secret"):
            self._log_in_totp(data.get("old"), stored)
        return self._set_up(data)

    def _log_in(self, token: Json, stored: Document) -> Validated:
        if self.sms and stored.get("mobile"):
            return self._log_in_sms(token, stored)
        if self.totp:
            return self._log_in_totp(token, stored) if stored.get("secret") else _unused(token)
        return Validated(discards=True)

    def _log_in_totp(self, token: Json, stored: Document) -> Validated:
        """Accepts a recovery code, which is then gone, or a step of the clock later than the last accepted one."""
        if not isinstance(token, str) or not token:
            raise AuthFailed(INVALID_TOKEN)
        recovery = list(stored.get("recovery") or ())
        used = [code for code in recovery if _same(code, token)]
        if used:
            return Validated({**stored, "recovery": [code for code in recovery if code not in used]})
        step = self._step(stored["secret"], token)
        if step is None or step <= int(stored.get("step") or 0):
            raise AuthFailed(INVALID_TOKEN)
        return Validated({**stored, "step": step})

    def _step(self, secret: str, token: Json) -> int | None:
        """The step of the clock that a token belongs to: this one, or one beside it."""
        if not isinstance(token, str):
            return None
        # The library gives six digits or more; fewer are the last ones of these
        clock = TOTP(secret, digits=max(self.digits, 6), digest=self.digest, interval=self.period)
        current = int(time.time()) // self.period
        steps = (current - 1, current, current + 1)
        matches = [step for step in steps if _same(clock.generate_otp(step)[-self.digits :], token)]
        return matches[0] if matches else None

    def _begin_sms(self, mobile: Json) -> Validated:
        if not isinstance(mobile, str) or MOBILE.fullmatch(mobile) is None:
            raise AuthFailed("Invalid mobile number.")
        return Validated({"pending": {mobile: self._send(mobile)}})

    def _confirm_sms(self, data: Document, stored: Document) -> Validated:
        pending = (stored.get("pending") or {}).get(data["mobile"]) if isinstance(data["mobile"], str) else None
        if not pending:
            raise AuthFailed("This number is not pending")
        if not _same(pending.get("token"), data["token"]) or _is_over(pending.get("expiry")):
            raise AuthFailed(INVALID_TOKEN)
        return Validated({"pending": {}, "mobile": data["mobile"]})

    def _log_in_sms(self, token: Json, stored: Document) -> Validated:
        if token == "request":  # noqa: S105 - a word of the protocol
            return Validated({**stored, **self._send(stored["mobile"])}, refusal="Please enter the token")
        if not _same(stored.get("token"), token):
            raise AuthFailed(f"{INVALID_TOKEN} 1")
        if _is_over(stored.get("expiry")):
            raise AuthFailed(f"{INVALID_TOKEN} 2")
        return Validated({key: value for key, value in stored.items() if key not in ("token", "expiry")})

    def _send(self, mobile: str) -> Document:
        """Sends a code: what to keep of it."""
        token = "".join(secrets.choice(string.digits) for _ in range(self.digits))
        assert self.send_sms is not None  # noqa: S101 - checked when the provider was made
        result = self.send_sms(token, mobile)
        if inspect.isawaitable(result):
            async_to_sync(_awaited)(result)
        return {"token": token, "expiry": date_value(now() + timedelta(seconds=self.period))}

    def _number(self, name: str, default: int) -> int:
        value = self.options.get(name) or default
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise Misconfigured(f"mfa.{name} must be a number")
        return int(value)

    def _sender(self) -> Callable[[str, str], Any]:
        sender = self.options.get("sendSMS")
        sender = import_string(sender) if isinstance(sender, str) else sender
        if not callable(sender):
            raise Misconfigured("mfa.sendSMS callback must be defined when using SMS OTPs")
        return sender  # type: ignore[no-any-return]


def _secret(value: Json) -> str:
    """A secret in base32 as it is stored. Raises `AuthFailed` for anything shorter than 20 characters, or no base32."""
    text = value.replace(" ", "").upper() if isinstance(value, str) else ""
    try:
        TOTP(text).byte_secret()
    except (binascii.Error, ValueError):
        text = ""
    if len(text) < 20:
        raise AuthFailed(INVALID_DATA)
    return text


def _unused(token: Json) -> Validated:
    if not isinstance(token, str):
        raise AuthFailed(INVALID_TOKEN)
    return Validated(discards=True)


def _same(expected: Json, token: Json) -> bool:
    """Compared in constant time."""
    if not isinstance(expected, str) or not isinstance(token, str):
        return False
    return hmac.compare_digest(expected.encode(), token.encode("utf-8", "surrogatepass"))


def _is_over(expiry: Json) -> bool:
    moment = parse_iso(expiry["iso"]) if isinstance(expiry, dict) and isinstance(expiry.get("iso"), str) else None
    return moment is None or moment <= now()


async def _awaited(result: Any) -> Any:
    return await result
