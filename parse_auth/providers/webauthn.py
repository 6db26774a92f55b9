"""Passkeys (WebAuthn): keys that a device keeps, one pair for each site, and signs challenges with.

Everything that the standard says about responses is checked by `py_webauthn`; here is what it leaves to a site: whose
challenge it was, that it is answered once, whose key it is, and what is kept of it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar
from urllib.parse import urlsplit

import orjson

from parse_auth.challenges import Answer, challenges, new_secret
from parse_auth.internals import by_id, stored_user
from parse_auth.providers.base import (
    Misconfigured,
    NotProved,
    Provider,
    ProviderRequest,
    Settings,
    Validated,
    register,
)
from parse_core.context import RequestContext
from parse_core.errors import SessionRequired
from parse_core.values.scalars import Document, Json, date_value, now, parse_iso

log = logging.getLogger(__name__)

R = TypeVar("R")
INVALID: Final = "The passkey is not valid."
SECONDS: Final = 300
ATTEMPTS: Final = 10  # of one challenge: each may wait for a second factor
MAX_PASSKEYS: Final = 20
MAX_NAME: Final = 100
LOCAL: Final = ("localhost",)
VERIFICATIONS: Final = ("required", "preferred")
SHOWN: Final = ("name", "createdAt", "lastUsedAt", "backedUp")
FRESH: Final = timedelta(hours=1)  # how exactly it is kept when a key was used last


@register
class WebAuthn(Provider):
    """Stored: `{"id": handle, "credentials": {id: {"publicKey", "counter", "name", "createdAt", …}}}`.

    The handle is what devices call the user: chance, the same on all of his devices, and the id by which he is found.
    The client sends `{"credential": what the device answered}`, with a `name` for a new one, or `{"remove": id}`.
    """

    name = "webauthn"
    has_challenge = True
    filters_reads = True

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.rp_id = self._text("rpId")
        self.rp_name = str(self.options.get("rpName") or settings.application.app_name or self.rp_id)
        self.origins = self._origins()
        verification = self.options.get("userVerification", "required")
        if verification not in VERIFICATIONS:
            raise Misconfigured(f"webauthn.userVerification must be one of: {', '.join(VERIFICATIONS)}")
        self.verifies_user = verification == "required"
        self.seconds = self.options.get("period", SECONDS)
        if isinstance(self.seconds, bool) or not isinstance(self.seconds, int) or not 30 <= self.seconds <= 3600:
            raise Misconfigured("webauthn.period must be a whole number from 30 to 3600")

    def policy(self, request: ProviderRequest, stored: Document) -> str:
        """A key and the finger or number that unlocks it are two factors already."""
        return "solo" if self.verifies_user else "default"

    def challenge(self, challenge: Json, data: Document | None, request: ProviderRequest) -> Json:
        """Options for the device: `{"type": "create"}` to make a passkey, `{"type": "get"}` to sign in with one.

        For `create`, the user of the session gets one more; without a session a new user can sign up with
        it, whom the device calls `user`.
        """
        asked = challenge if isinstance(challenge, dict) else {}
        kind = asked.get("type", "get")
        if kind not in ("create", "get"):
            raise NotProved("webauthn.type must be create or get")
        secret, context = new_secret(), request.context
        owner = self._owner(request, asked.get("user")) if kind == "create" else {}
        kept = {"type": kind, "user": owner.get("objectId"), "handle": owner.get("handle")}
        challenges(context).begin(self.name, Answer(secret), kept, seconds=self.seconds)
        options = self._creation(secret, owner) if kind == "create" else self._request(secret)
        return {"publicKey": orjson.loads(options)}

    def prove(self, data: Document, context: RequestContext) -> Document:
        """What the device answered, with the handle that its challenge, or it itself, names; the rest is proved later.

        Nobody is found by a handle alone: it is chance, and only he and his devices know it.
        """
        if "credential" not in data:
            if isinstance(data.get("remove"), str):
                return {"remove": data["remove"]}
            if isinstance(data.get("credentials"), list):
                return {"credentials": data["credentials"]}
            raise NotProved(INVALID)
        credential = data["credential"]
        kept = challenges(context).attempt(self.name, _answered(credential), attempts=ATTEMPTS)
        if kept is None:
            raise NotProved(INVALID)
        handle = kept["handle"] if kept["type"] == "create" else _handle(credential)
        name = data.get("name")
        return {"id": handle, "credential": credential, "kept": kept, "name": name if isinstance(name, str) else ""}

    def validate(self, data: Document, request: ProviderRequest) -> Validated:
        stored = request.stored(self.name)
        if "remove" in data:
            return self._without(data["remove"], stored, request)
        if "credential" not in data:  # what a client was shown some time ago, and sends back with something else
            if request.trigger_name != "validateUpdate":
                raise NotProved(INVALID)
            return Validated(discards=True)
        if data["kept"]["type"] == "create":
            return self._with_new(data, stored, request)
        return self._signed_in(data, stored)

    def spend(self, data: Document, context: RequestContext) -> None:
        if "credential" in data and challenges(context).spend(self.name, _answered(data["credential"])) is None:
            raise NotProved(INVALID)

    def shown(self, data: Document, request: ProviderRequest) -> Document | None:
        """The passkeys as a user tells them apart."""
        credentials = data.get("credentials") or {}
        listed = [
            {"id": name, **{key: credential[key] for key in SHOWN if key in credential}}
            for name, credential in credentials.items()
        ]
        return {"id": data.get("id"), "credentials": sorted(listed, key=lambda each: str(each.get("createdAt")))}

    def _with_new(self, data: Document, stored: Document, request: ProviderRequest) -> Validated:
        from webauthn import verify_registration_response

        user_id = (request.original or {}).get("objectId")
        if data["kept"]["user"] != user_id or request.trigger_name == "validateLogin":
            raise NotProved(INVALID)
        if stored and stored.get("id") != data["id"]:  # his first one was made meanwhile, under another handle
            raise NotProved(INVALID)
        verified = _checked(
            lambda: verify_registration_response(
                credential=data["credential"],
                expected_challenge=_bytes(_answered(data["credential"]).secret),
                expected_rp_id=self.rp_id,
                expected_origin=self.origins,
                require_user_verification=self.verifies_user,
            )
        )
        credentials = dict(stored.get("credentials") or {})
        if len(credentials) >= MAX_PASSKEYS:
            raise NotProved(f"A user has at most {MAX_PASSKEYS} passkeys.")
        moment = date_value(now())
        name = _text(verified.credential_id)
        credentials[name] = {
            "publicKey": _text(verified.credential_public_key),
            "counter": verified.sign_count,
            "name": data["name"].strip()[:MAX_NAME] or "Passkey",
            "createdAt": moment,
            "lastUsedAt": moment,
            "backedUp": verified.credential_backed_up,
        }
        return Validated({"id": data["id"], "credentials": credentials}, {"credential": name})

    def _signed_in(self, data: Document, stored: Document) -> Validated:
        """Checks the signature with the key that is stored of this user, and that the key's counter has grown."""
        from webauthn import verify_authentication_response

        credential = data["credential"]
        name = credential.get("id")
        credentials = stored.get("credentials") or {}
        known = credentials.get(name) if isinstance(name, str) else None
        if known is None or stored.get("id") != data["id"]:
            raise NotProved(INVALID)
        verified = _checked(
            lambda: verify_authentication_response(
                credential=credential,
                expected_challenge=_bytes(_answered(credential).secret),
                expected_rp_id=self.rp_id,
                expected_origin=self.origins,
                credential_public_key=_bytes(known["publicKey"]),
                credential_current_sign_count=known["counter"],
                require_user_verification=self.verifies_user,
            )
        )
        used = parse_iso(known["lastUsedAt"]["iso"])
        if verified.new_sign_count == known["counter"] and used is not None and now() - used < FRESH:
            return Validated(discards=True)  # two devices may sign in at once
        changed = {**known, "counter": verified.new_sign_count, "lastUsedAt": date_value(now())}
        return Validated({**stored, "credentials": {**credentials, name: changed}})

    def _without(self, name: str, stored: Document, request: ProviderRequest) -> Validated:
        credentials = stored.get("credentials") or {}
        if request.trigger_name != "validateUpdate" or name not in credentials:
            raise NotProved(INVALID)
        return Validated({**stored, "credentials": {key: kept for key, kept in credentials.items() if key != name}})

    def _owner(self, request: ProviderRequest, label: Json) -> Document:
        """Who a new passkey is for: name, handle, and the passkeys he has; a fresh handle for who has none.

        Raises `SessionRequired` for who proved with a password who he is, but perhaps not with his second factor.
        """
        user: Document | None = None
        if request.user_id is not None:
            found = stored_user(request.context, by_id(request.user_id))
            user = found.user if found is not None else None
        elif request.original is not None:
            raise SessionRequired
        linked = ((user or {}).get("authData") or {}).get(self.name) or {}
        handle = linked.get("id") or new_secret()
        known = (user or {}).get("email") or (user or {}).get("username")
        sent = label[:MAX_NAME] if isinstance(label, str) else None
        credentials = list(linked.get("credentials") or {})
        owner: Document = {
            "handle": handle,
            "label": known or sent or self.rp_name,
            "credentials": credentials,
        }
        return owner if user is None else {**owner, "objectId": user["objectId"]}

    def _creation(self, secret: str, owner: Document) -> str:
        from webauthn import generate_registration_options, options_to_json
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            PublicKeyCredentialDescriptor,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        return options_to_json(
            generate_registration_options(
                rp_id=self.rp_id,
                rp_name=self.rp_name,
                user_id=_bytes(owner["handle"]),
                user_name=owner["label"],
                challenge=_bytes(secret),
                timeout=self.seconds * 1000,
                authenticator_selection=AuthenticatorSelectionCriteria(
                    resident_key=ResidentKeyRequirement.REQUIRED,
                    user_verification=UserVerificationRequirement(self._verification),
                ),
                exclude_credentials=[PublicKeyCredentialDescriptor(_bytes(name)) for name in owner["credentials"]],
            )
        )

    def _request(self, secret: str) -> str:
        from webauthn import generate_authentication_options, options_to_json
        from webauthn.helpers.structs import UserVerificationRequirement

        return options_to_json(
            generate_authentication_options(
                rp_id=self.rp_id,
                challenge=_bytes(secret),
                timeout=self.seconds * 1000,
                user_verification=UserVerificationRequirement(self._verification),
            )
        )

    @property
    def _verification(self) -> str:
        return "required" if self.verifies_user else "preferred"

    def _text(self, name: str) -> str:
        value = self.options.get(name)
        if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", value):
            raise Misconfigured(f"webauthn.{name} must be a domain, like example.com")
        return value

    def _origins(self) -> list[str]:
        """Where the site's pages may be: HTTPS, at the domain or below it; on this machine HTTP will do."""
        origins = self.options.get("origins")
        if not isinstance(origins, list | tuple) or not origins or not all(map(self._is_origin, origins)):
            raise Misconfigured(f"webauthn.origins must be an array of origins, like https://{self.rp_id}")
        return list(origins)

    def _is_origin(self, origin: object) -> bool:
        if not isinstance(origin, str):
            return False
        if re.fullmatch(r"android:apk-key-hash:[\w-]+", origin):
            return True
        parts = urlsplit(origin)
        host = parts.hostname or ""
        is_below = host == self.rp_id or host.endswith(f".{self.rp_id}")
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOCAL)
        return is_below and is_safe and origin == f"{parts.scheme}://{parts.netloc}" and "@" not in origin


def _checked(check: Callable[[], R]) -> R:
    """What the library found. Whatever it says about a response that is wrong is for the log."""
    try:
        return check()
    except Exception as error:  # a response that is broken may raise anything
        log.info("a passkey was refused: %s: %.200r", type(error).__name__, str(error))
        raise NotProved(INVALID) from error


def _answered(credential: Json) -> Answer:
    """The challenge that a device's answer is for, as the answer itself says it."""
    try:
        client_data = orjson.loads(_bytes(credential["response"]["clientDataJSON"]))
        return Answer(_text(_bytes(client_data["challenge"])))
    except (TypeError, KeyError, ValueError, IndexError):
        raise NotProved(INVALID) from None


def _handle(credential: Json) -> str:
    """The user that a device says it signs for. Raises `NotProved`."""
    handle = credential["response"].get("userHandle")
    if not isinstance(handle, str) or not handle:
        raise NotProved(INVALID)
    try:
        return _text(_bytes(handle))
    except ValueError:
        raise NotProved(INVALID) from None


def _bytes(text: str) -> bytes:
    from webauthn import base64url_to_bytes

    return base64url_to_bytes(text)


def _text(value: bytes) -> str:
    from webauthn.helpers import bytes_to_base64url

    return bytes_to_base64url(value)
