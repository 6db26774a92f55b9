"""A route that answers what reached it: for tests of what happens on the way there."""

from __future__ import annotations

from typing import Any

from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer, Call


class EchoView(ParseView):
    """The call, as JSON."""

    def get(self, call: Call, **arguments: str) -> Answer:
        return Answer(described(call, arguments))

    post = put = delete = get


def described(call: Call, arguments: dict[str, str]) -> dict[str, Any]:
    """What a handler can know."""
    context = call.context
    return {
        "method": call.method,
        "path": call.path,
        "arguments": arguments,
        "parameters": call.parameters,
        "query": call.query,
        "contentType": call.content_type,
        "sessionToken": call.session_token,
        "level": context.principal.level.value,
        "user": context.principal.user_id,
        "installation": context.installation_id,
        "address": context.client_address,
        "baseUrl": context.base_url,
        "cloud": dict(context.cloud),
        "headers": dict(context.headers),
    }
