"""Spotify: codes with proof of who asked for them (PKCE)."""

from __future__ import annotations

from parse_auth.providers.base import NotProved, register
from parse_auth.providers.oauth2 import CodeExchange
from parse_core.values.scalars import Document


@register
class Spotify(CodeExchange):
    """`{"code": …, "redirect_uri": …, "code_verifier": …}`; option `clientId`."""

    name = "spotify"
    label = "Spotify"
    prefix = "spotify"
    secret_needed = False
    token_url = "https://accounts.spotify.com/api/token"  # noqa: S105 - an address
    profile_url = "https://api.spotify.com/v1/me"

    def check_sent(self, data: Document) -> None:
        if not all(
            data.get(name) and isinstance(data[name], str) for name in ("code", "redirect_uri", "code_verifier")
        ):
            raise NotProved(
                "Spotify auth configuration authData.code and/or authData.redirect_uri and/or authData.code_verifier."
            )

    def grant(self, data: Document) -> dict[str, str]:
        return {**super().grant(data), "code_verifier": str(data["code_verifier"])}
