"""Users without a name: whoever knows the random id that the device made up is the user."""

from __future__ import annotations

from parse_auth.providers.base import Provider, Settings, register
from parse_core.errors import InvalidValue, UnsupportedService
from parse_core.values.scalars import Document


@register
class Anonymous(Provider):
    """`{"anonymous": {"id": "<uuid>"}}`: the id is the whole proof."""

    name = "anonymous"
    answers_unconfigured = True

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        if not settings.application.enable_anonymous_users:
            raise UnsupportedService

    def verify(self, data: Document) -> Document:
        if "id" not in data:
            message = f"Invalid authData id for provider '{self.name}'."
            raise InvalidValue(message)
        return data
