"""Cloud Code: what an application's own code imports.

::

    from parse_cloud import Object, ParseError, Query, cloud


    @cloud.before_save("Review")
    def clamp(request):
        if request.object.get("stars", 0) > 5:
            raise ParseError(ParseError.VALIDATION_ERROR, "too many stars")

The names are looked up when they are asked for: a server without Cloud Code does not load them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from parse_cloud.author.cloud import Cloud as Cloud
    from parse_cloud.author.proxy import cloud as cloud
    from parse_cloud.author.requests import AfterFindRequest as AfterFindRequest
    from parse_cloud.author.requests import BeforeFindRequest as BeforeFindRequest
    from parse_cloud.author.requests import ConfigTriggerRequest as ConfigTriggerRequest
    from parse_cloud.author.requests import ConnectRequest as ConnectRequest
    from parse_cloud.author.requests import FileTriggerRequest as FileTriggerRequest
    from parse_cloud.author.requests import FunctionRequest as FunctionRequest
    from parse_cloud.author.requests import JobRequest as JobRequest
    from parse_cloud.author.requests import LiveQueryEventRequest as LiveQueryEventRequest
    from parse_cloud.author.requests import SubscribeRequest as SubscribeRequest
    from parse_cloud.author.requests import TriggerRequest as TriggerRequest
    from parse_cloud.author.response import FunctionResponse as FunctionResponse
    from parse_cloud.author.response import Replace as Replace
    from parse_cloud.author.response import Response as Response
    from parse_cloud.author.rules import Field as Field
    from parse_cloud.author.rules import RateLimit as RateLimit
    from parse_cloud.author.sdk.acl import ACL as ACL
    from parse_cloud.author.sdk.analytics import Analytics as Analytics
    from parse_cloud.author.sdk.config import Config as Config
    from parse_cloud.author.sdk.error import ParseError as ParseError
    from parse_cloud.author.sdk.file import File as File
    from parse_cloud.author.sdk.geopoint import GeoPoint as GeoPoint
    from parse_cloud.author.sdk.hooks import Hooks as Hooks
    from parse_cloud.author.sdk.installation import Installation as Installation
    from parse_cloud.author.sdk.object import Object as Object
    from parse_cloud.author.sdk.polygon import Polygon as Polygon
    from parse_cloud.author.sdk.push import Push as Push
    from parse_cloud.author.sdk.query import Query as Query
    from parse_cloud.author.sdk.relation import Relation as Relation
    from parse_cloud.author.sdk.role import Role as Role
    from parse_cloud.author.sdk.schema import Schema as Schema
    from parse_cloud.author.sdk.session import Session as Session
    from parse_cloud.author.sdk.user import User as User

_PLACES: Final = {
    "cloud": ("Cloud",),
    "proxy": ("cloud",),
    "requests": (
        "AfterFindRequest",
        "BeforeFindRequest",
        "ConfigTriggerRequest",
        "ConnectRequest",
        "FileTriggerRequest",
        "FunctionRequest",
        "JobRequest",
        "LiveQueryEventRequest",
        "SubscribeRequest",
        "TriggerRequest",
    ),
    "response": ("FunctionResponse", "Replace", "Response"),
    "rules": ("Field", "RateLimit"),
    "sdk.acl": ("ACL",),
    "sdk.analytics": ("Analytics",),
    "sdk.config": ("Config",),
    "sdk.error": ("ParseError",),
    "sdk.file": ("File",),
    "sdk.geopoint": ("GeoPoint",),
    "sdk.hooks": ("Hooks",),
    "sdk.installation": ("Installation",),
    "sdk.object": ("Object",),
    "sdk.polygon": ("Polygon",),
    "sdk.push": ("Push",),
    "sdk.query": ("Query",),
    "sdk.relation": ("Relation",),
    "sdk.role": ("Role",),
    "sdk.schema": ("Schema",),
    "sdk.session": ("Session",),
    "sdk.user": ("User",),
}
_MODULES: Final = {name: f"parse_cloud.author.{place}" for place, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted((*globals(), *_MODULES))
