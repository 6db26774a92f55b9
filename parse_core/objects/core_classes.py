"""The classes in which the core itself keeps things: the configuration of clients and of GraphQL, and idempotency keys.

`_Product` is here as it belongs to no app: its only life is the REST API's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from parse_core.operations.data import Set
from parse_core.schema.classes import Field
from parse_core.schema.system_class import SystemClass, register

if TYPE_CHECKING:
    from parse_core.context import RequestContext
    from parse_core.objects.requests import Write


@register
class GlobalConfig(SystemClass):
    """`_GlobalConfig`: one object with the parameters of `/config`."""

    name = "_GlobalConfig"
    fields: ClassVar = {"params": Field("Object"), "masterKeyOnly": Field("Object")}
    master_only = True
    definable = False
    listed = False


@register
class GraphQLConfig(SystemClass):
    """`_GraphQLConfig`: one object that says which classes GraphQL shows."""

    name = "_GraphQLConfig"
    fields: ClassVar = {"config": Field("Object")}
    master_only = True
    definable = False
    listed = False


@register
class IdempotencyKey(SystemClass):
    """`_Idempotency`: requests that were seen, until they expire. `_request` tells requests with one `reqId` apart."""

    name = "_Idempotency"
    fields: ClassVar = {"reqId": Field("String"), "expire": Field("Date")}
    master_only = True
    listed = False
    created_at_start = True
    internal_fields: ClassVar = {"_request": "String"}
    unique = (("request", "_request", "exact"),)


@register
class Product(SystemClass):
    """`_Product`: something a store offers."""

    name = "_Product"
    fields: ClassVar = {
        "productIdentifier": Field("String"),
        "downloadName": Field("String"),
        "title": Field("String"),
        "subtitle": Field("String"),
        "download": Field("File"),
        "icon": Field("File"),
        "order": Field("Number"),
    }
    required_fields = ("productIdentifier", "icon", "order", "title", "subtitle")

    def before_write(self, context: RequestContext, write: Write) -> Write:
        """The name of the download follows the file."""
        download = write.value("download")
        return write.with_changes(downloadName=Set(download["name"])) if isinstance(download, dict) else write
