"""`/health` and `/serverInfo` (`contract/objects.md` §5)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from parse_core.application import applications
from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer, Call
from parse_core.rest.guards import guard
from parse_core.rest.routes import routes
from parse_core.state import Readiness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parse_core.options import Options
    from parse_core.rest.reception import Reception
    from parse_core.values.scalars import Document

# The dashboard compares it with releases of the reference, to know what it may offer.
COMPATIBLE_VERSION = "9.10.0"


class HealthView(ParseView):
    """Whether requests are served: asked by any method, with or without credentials."""

    in_batch = False

    def respond(self, reception: Reception, arguments: Mapping[str, str]) -> Answer:
        """`{"status": "ok"}`; 503 with the state while the application, or one of the mount's, is in another one."""
        asked = [reception.application] if reception.application is not None else reception.neighbours
        method = reception.request.method or ""
        for application in asked:
            guard(application.options, reception.weigh_keys(application), method, reception.path)
        states = (application.part(Readiness).state for application in asked)
        unknown = "starting" if applications.starting and reception.application is None else "ok"
        state = next((state for state in states if state != "ok"), unknown)
        if state == "ok":
            return Answer({"status": state})
        headers = {"Retry-After": "1"} if state == "starting" else {}
        return Answer({"status": state}, HTTPStatus.SERVICE_UNAVAILABLE, headers)


class ServerInfoView(ParseView):
    """What the server offers, for the dashboard."""

    master_only = True

    def get(self, call: Call) -> Answer:
        """`{"features": {"schemas": {"addField": true, …}, …}, "parseServerVersion": "9.10.0"}`."""
        return Answer({"features": _features(call.context.options), "parseServerVersion": COMPATIBLE_VERSION})


def _features(options: Options) -> Document:
    pushes = bool(options.push)
    return {
        "globalConfig": _all("create", "read", "update", "delete"),
        "hooks": _all("create", "read", "update", "delete"),
        "cloudCode": _all("jobs"),
        "logs": _all("level", "size", "order", "until", "from"),
        "push": {
            "immediatePush": pushes,
            "scheduledPush": pushes and options.scheduled_push,
            "storedPushData": pushes,
            "pushAudiences": True,
            "localization": True,
        },
        "schemas": {
            **_all("addField", "removeField", "addClass", "removeClass", "clearAllDataFromClass"),
            "exportClass": False,
            **_all("editClassLevelPermissions", "editPointerPermissions"),
        },
        "settings": {"securityCheck": options.security.enable_check},
    }


def _all(*names: str) -> Document:
    return dict.fromkeys(names, True)


routes.add("health", HealthView)
routes.add("health/<below...>", HealthView)
routes.add("serverInfo", ServerInfoView)
