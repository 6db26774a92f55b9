"""Twitter: verifiers of OAuth 1.0a, and `digits`, its other name."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import string
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from parse_auth.exchange import Exchange, Reply
from parse_auth.providers.base import Misconfigured, NotProved, Provider, ProviderRequest, Settings, register
from parse_auth.providers.oauth2 import text_of
from parse_core.values.scalars import Document

EXCHANGE_URL = "https://api.twitter.com/oauth/access_token"
PROFILE_URL = "https://api.twitter.com/2/users/me"
ALPHABET = string.ascii_letters + string.digits


@register
class Twitter(Provider):
    """`{"oauth_token": …, "oauth_verifier": …}`; options `consumer_key`, `consumer_secret`. Stored: id, auth_token."""

    name = "twitter"
    filters_reads = True

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        if not self.options:
            raise Misconfigured("Twitter auth options are required.")
        self.exchange = Exchange("Twitter", self.options.get("baseUrls"))
        self.insecure = settings.allows_insecure and settings.application.enable_insecure_auth_adapters
        if not self.insecure and not (self.options.get("consumer_key") and self.options.get("consumer_secret")):
            raise Misconfigured("Consumer key and secret are required for secure Twitter auth.")

    def verify(self, data: Document) -> Document:
        if self.insecure and not data.get("oauth_verifier"):
            return self._verify_insecurely(data)
        token, verifier = data.get("oauth_token"), data.get("oauth_verifier")
        if not isinstance(token, str) or not isinstance(verifier, str) or not token or not verifier:
            raise _invalid()
        form = {"oauth_token": token, "oauth_verifier": verifier}
        header = authorization("POST", EXCHANGE_URL, form, self._consumer(data))
        reply = self.exchange.post(EXCHANGE_URL, form=form, headers={"Authorization": header})
        answer = reply.form if reply.ok else {}
        identity = text_of(answer.get("user_id"))
        if not identity or not answer.get("oauth_token") or data.get("id", identity) != identity:
            raise _invalid()
        return {"id": identity, "auth_token": str(answer["oauth_token"])}

    def shown(self, data: Document, request: ProviderRequest) -> Document | None:
        return {"id": data["id"]} if "id" in data else None

    def _verify_insecurely(self, data: Document) -> Document:
        token, secret = data.get("oauth_token") or data.get("auth_token"), data.get("oauth_token_secret")
        if not isinstance(token, str) or not isinstance(secret, str) or not token or not secret:
            raise NotProved("Twitter insecure auth requires oauth_token and oauth_token_secret.")
        consumer = {**self._consumer(data), "token": token, "token_secret": secret}
        header = authorization("GET", PROFILE_URL, {}, consumer)
        reply: Reply = self.exchange.get(PROFILE_URL, headers={"Authorization": header})
        found = reply.json.get("data") if isinstance(reply.json.get("data"), dict) else reply.json
        if not reply.ok or not data.get("id") or text_of((found or {}).get("id")) != data["id"]:
            raise _invalid()
        return {"id": data["id"], "auth_token": token}

    def _consumer(self, data: Document) -> dict[str, str]:
        """The keys of the application; of several, those the client names."""
        several = self.options.get("configurations")
        chosen: Mapping[str, Any] = self.options
        if isinstance(several, list | tuple):
            named = (entry for entry in several if entry.get("consumer_key") == data.get("consumer_key"))
            chosen = next(named, {})
        if not chosen.get("consumer_key"):
            raise _invalid()
        return {"key": str(chosen["consumer_key"]), "secret": str(chosen.get("consumer_secret") or "")}


@register
class Digits(Twitter):
    """Phone numbers by way of Twitter."""

    name = "digits"


def authorization(method: str, url: str, fields: Mapping[str, str], consumer: Mapping[str, str]) -> str:
    """The `Authorization` header of a request (RFC 5849), signed with HMAC-SHA1."""
    signed = {
        "oauth_consumer_key": consumer["key"],
        "oauth_nonce": "".join(secrets.choice(ALPHABET) for _ in range(30)),
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(int(time.time())),
        "oauth_version": "1.0",
        **({"oauth_token": consumer["token"]} if "token" in consumer else {}),
    }
    signed["oauth_signature"] = signature(method, url, {**signed, **fields}, consumer)
    return "OAuth " + ", ".join(f'{name}="{escaped(value)}"' for name, value in sorted(signed.items()))


def signature(method: str, url: str, fields: Mapping[str, str], consumer: Mapping[str, str]) -> str:
    """The signature of a request over its method, address and fields."""
    pairs = "&".join(f"{name}={value}" for name, value in sorted((escaped(k), escaped(v)) for k, v in fields.items()))
    base = "&".join((method, escaped(url), escaped(pairs)))
    key = f"{escaped(consumer['secret'])}&{escaped(consumer.get('token_secret', ''))}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def escaped(text: str) -> str:
    """As RFC 3986 has it, `!'()*` included."""
    return quote(text, safe="-._~")


def _invalid() -> NotProved:
    return NotProved("Twitter auth is invalid for this user.")
