"""Janrain Capture: access tokens of its user store."""

from __future__ import annotations

from parse_auth.providers.base import Settings, register
from parse_auth.providers.oauth2 import ProfileToken, text_of
from parse_core.errors import UnsupportedService


@register
class JanrainCapture(ProfileToken):
    """`{"id": …, "access_token": …}`; option `janrain_capture_host`."""

    name = "janraincapture"
    label = "Janrain capture"
    answers_unconfigured = False

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.host = self.options.get("janrain_capture_host")
        if not isinstance(self.host, str) or not self.host:
            raise UnsupportedService

    def identity(self, token: str) -> str:
        query = {"access_token": token, "attribute_name": "uuid"}
        answer = self.exchange.get(f"https://{self.host}/entity", query=query).json
        return text_of(answer.get("result")) if answer.get("stat") == "ok" else ""
