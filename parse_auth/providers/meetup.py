"""Meetup: access tokens that say nothing of the application they were given to."""

from __future__ import annotations

from parse_auth.providers.base import register
from parse_auth.providers.oauth2 import ProfileToken, text_of


@register
class Meetup(ProfileToken):
    """`{"id": …, "access_token": …}`; option `enableInsecureAuth`."""

    name = "meetup"
    label = "Meetup"
    not_allowed = "Meetup only works with enableInsecureAuth: true"

    def identity(self, token: str) -> str:
        headers = {"Authorization": f"bearer {token}"}
        return text_of(self.exchange.get("https://api.meetup.com/2/member/self", headers=headers).json.get("id"))
