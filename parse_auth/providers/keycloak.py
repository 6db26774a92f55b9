"""Keycloak: access tokens of a realm."""

from __future__ import annotations

from collections import Counter
from typing import Any

from parse_auth.providers.base import NotProved, Settings, register
from parse_auth.providers.openid_connect import SignedToken
from parse_core.values.scalars import Document, Json


@register
class Keycloak(SignedToken):
    """`{"id": …, "access_token": "<JWT>", "roles"?: […], "groups"?: […]}`; option `config`."""

    name = "keycloak"
    label = "Keycloak"
    token_field = "access_token"  # noqa: S105 - a key

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        config = self.options.get("config")
        self.config: dict[str, Any] = dict(config) if isinstance(config, dict) else {}
        url, realm = self.config.get("auth-server-url"), self.config.get("realm")
        self.issuer = f"{str(url).rstrip('/')}/realms/{realm}" if url and realm else ""
        self.key_set = self.keys(f"{self.issuer}/protocol/openid-connect/certs")

    def verify(self, data: Document) -> Document:
        if not data.get("access_token") or not data.get("id"):
            raise NotProved("Missing access token and/or User id")
        if not self.issuer:
            raise NotProved("Missing keycloak configuration")
        client_id = self.config.get("client-id")
        if not client_id:
            raise NotProved("Keycloak auth is not configured. Missing client-id.")
        claims = self.claims(data["access_token"], None)
        issuer, party = claims.get("iss"), claims.get("azp")
        if issuer != self.issuer:
            raise NotProved(f"access token not issued by correct provider - expected: {self.issuer} | from: {issuer}")
        if party != client_id:
            raise NotProved(f"access token is not authorized for this client - expected: {client_id} | from: {party}")
        if claims.get("sub") != data["id"]:
            raise NotProved("auth data is invalid for this user.")
        if any(_members(claims.get(name)) != _members(data.get(name)) for name in ("roles", "groups")):
            raise NotProved("Invalid authentication")
        return data


def _members(value: Json) -> Counter[str] | None:
    """The members of a list whatever their order, None for no list."""
    return Counter(str(member) for member in value) if isinstance(value, list) else None
