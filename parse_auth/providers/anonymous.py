"""Users without a name: whoever knows the random id that the device made up is the user."""

from __future__ import annotations

from parse_auth.providers.base import Provider, register
from parse_core.context import RequestContext
from parse_core.errors import InvalidValue
from parse_core.options import Options
from parse_core.values.scalars import Document


@register
class Anonymous(Provider):
    """`{"anonymous": {"id": "<uuid>"}}`: the id is the whole proof."""

    name = "anonymous"

    def is_enabled(self, options: Options) -> bool:
        return options.enable_anonymous_users

    def verify(self, context: RequestContext, data: Document) -> Document:
        if "id" not in data:
            message = f"Invalid authData id for provider '{self.name}'."
            raise InvalidValue(message)
        return data
