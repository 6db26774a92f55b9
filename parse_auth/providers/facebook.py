"""Facebook: tokens of limited login, and access tokens of an app."""

from __future__ import annotations

import hashlib
import hmac

from parse_auth.providers.base import NotProved, Settings, register
from parse_auth.providers.oauth2 import text_of
from parse_auth.providers.openid_connect import SignedToken
from parse_core.values.scalars import Document


@register
class Facebook(SignedToken):
    """`{"id": …, "token": "<JWT>"}` (limited) or `{"id": …, "access_token": …}`; options `appIds`, `appSecret`."""

    name = "facebook"
    label = "Facebook"
    token_field = "token"  # noqa: S105 - a key
    keys_url = "https://www.facebook.com/.well-known/oauth/openid/jwks/"
    issuers = ("https://www.facebook.com",)
    audience_option = "appIds"
    graph_url = "https://graph.facebook.com/"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        app_ids = self.options.get("appIds")
        if app_ids and not isinstance(app_ids, list | tuple):
            raise NotProved("appIds must be an array.")

    def verify(self, data: Document) -> Document:
        if data.get("token"):
            return super().verify(data)
        if not self.audience():
            raise NotProved("Facebook auth is not configured.")
        token = data.get("access_token")
        if not isinstance(token, str) or not token:
            raise self._invalid()
        if text_of(self._asked("app", token).get("id")) not in self.audience():
            raise self._invalid()
        if not data.get("id") or text_of(self._asked("me", token, fields="id").get("id")) != data["id"]:
            raise self._invalid()
        return data

    def _asked(self, path: str, token: str, **query: str) -> Document:
        query["access_token"] = token
        secret = self.options.get("appSecret")
        if secret:
            query["appsecret_proof"] = hmac.new(str(secret).encode(), token.encode(), hashlib.sha256).hexdigest()
        reply = self.exchange.get(self.graph_url + path, query=query)
        return reply.json if reply.ok else {}

    def _invalid(self) -> NotProved:
        return NotProved("Facebook auth is invalid for this user.")
