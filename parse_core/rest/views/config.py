"""`/config`: parameters that clients read and the master key changes (`contract/cloud.md` §8)."""

from __future__ import annotations

from parse_core.context import Level
from parse_core.errors import MasterKeyRequired
from parse_core.objects.global_config import read_config, write_config
from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer, Call
from parse_core.rest.routes import routes
from parse_core.values.scalars import Json


class ConfigView(ParseView):
    """Read by everybody, changed with the master key."""

    def get(self, call: Call) -> Answer:
        """`{"params": {…}, "masterKeyOnly": {…}}`."""
        return Answer(read_config(call.context))

    def put(self, call: Call) -> Answer:
        """`{"result": true}`."""
        if call.context.principal.level is not Level.MASTER:
            raise MasterKeyRequired
        write_config(
            call.context, _object(call.parameters.get("params")), _object(call.parameters.get("masterKeyOnly"))
        )
        return Answer({"result": True})

    def read_only_refusal(self, call: Call) -> str:
        return "read-only masterKey isn't allowed to update the config."


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


routes.add("config", ConfigView)
