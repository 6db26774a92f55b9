"""The classes of push: the devices, the messages that were sent to them, and saved groups of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from parse_core.errors import Forbidden
from parse_core.permissions.actions import Action
from parse_core.schema.classes import Field
from parse_core.schema.system_class import SystemClass, register
from parse_push.installations import directed

if TYPE_CHECKING:
    from parse_core.context import RequestContext
    from parse_core.objects.requests import SaveRequest
    from parse_core.schema.classes import ClassSchema


@register
class Installation(SystemClass):
    """`_Installation`: one app on one device. Clients know their own and may look at no others."""

    name = "_Installation"
    fields: ClassVar = {
        "installationId": Field("String"),
        "deviceToken": Field("String"),
        "channels": Field("Array"),
        "deviceType": Field("String"),
        "pushType": Field("String"),
        "GCMSenderId": Field("String"),
        "timeZone": Field("String"),
        "localeIdentifier": Field("String"),
        "badge": Field("Number"),
        "appVersion": Field("String"),
        "appName": Field("String"),
        "appIdentifier": Field("String"),
        "parseVersion": Field("String"),
    }

    def receive(self, context: RequestContext, request: SaveRequest) -> SaveRequest:
        """A device that registers again updates its row."""
        return directed(context, request)

    def authorize(self, context: RequestContext, action: Action, schema: ClassSchema) -> None:
        if context.principal.is_privileged:
            return
        if action in (Action.FIND, Action.COUNT, Action.DELETE):
            verb = "delete" if action is Action.DELETE else "find"
            raise Forbidden(f"Clients aren't allowed to perform the {verb} operation on the installation collection.")


@register
class PushStatus(SystemClass):
    """`_PushStatus`: a push and how far it got."""

    name = "_PushStatus"
    fields: ClassVar = {
        "pushTime": Field("String"),
        "source": Field("String"),
        "query": Field("String"),
        "payload": Field("String"),
        "title": Field("String"),
        "expiry": Field("Number"),
        "expiration_interval": Field("Number"),
        "status": Field("String"),
        "numSent": Field("Number"),
        "numFailed": Field("Number"),
        "pushHash": Field("String"),
        "errorMessage": Field("Object"),
        "sentPerType": Field("Object"),
        "failedPerType": Field("Object"),
        "sentPerUTCOffset": Field("Object"),
        "failedPerUTCOffset": Field("Object"),
        "count": Field("Number"),
    }
    master_only = True
    listed = False


@register
class Audience(SystemClass):
    """`_Audience`: a saved query for installations."""

    name = "_Audience"
    fields: ClassVar = {
        "name": Field("String"),
        "query": Field("String"),
        "lastUsed": Field("Date"),
        "timesUsed": Field("Number"),
    }
    master_only = True
