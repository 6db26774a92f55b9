"""Which request an invocation becomes."""

from __future__ import annotations

from typing import Final

from parse_cloud.author.requests.base import Request
from parse_cloud.author.requests.configs import ConfigTriggerRequest
from parse_cloud.author.requests.files import FileTriggerRequest
from parse_cloud.author.requests.finds import AfterFindRequest, BeforeFindRequest
from parse_cloud.author.requests.functions import FunctionRequest, JobRequest
from parse_cloud.author.requests.live import ConnectRequest, LiveQueryEventRequest, SubscribeRequest
from parse_cloud.author.requests.triggers import TriggerRequest
from parse_cloud.invocations import (
    AfterFindCall,
    AfterSaveCall,
    BeforeFindCall,
    BeforeSaveCall,
    ConfigCall,
    FileCall,
    FunctionCall,
    Invocation,
    JobRun,
    LiveCall,
    ObjectCall,
)
from parse_cloud.kinds import Kind

_REQUESTS: Final[dict[type[Invocation], type[Request]]] = {
    FunctionCall: FunctionRequest,
    JobRun: JobRequest,
    BeforeSaveCall: TriggerRequest,
    AfterSaveCall: TriggerRequest,
    ObjectCall: TriggerRequest,
    BeforeFindCall: BeforeFindRequest,
    AfterFindCall: AfterFindRequest,
    ConfigCall: ConfigTriggerRequest,
    FileCall: FileTriggerRequest,
}
_LIVE: Final[dict[Kind, type[Request]]] = {
    Kind.BEFORE_CONNECT: ConnectRequest,
    Kind.BEFORE_SUBSCRIBE: SubscribeRequest,
    Kind.AFTER_EVENT: LiveQueryEventRequest,
    Kind.ON_LIVE_QUERY_EVENT: LiveQueryEventRequest,
}


def request_of(invocation: Invocation) -> Request:
    """The request of an invocation, one and the same for its validator and its handler."""
    known: Request | None = vars(invocation).get("python_request")
    if known is None:
        kinds = _LIVE if isinstance(invocation, LiveCall) else _REQUESTS
        known = kinds[invocation.kind if isinstance(invocation, LiveCall) else type(invocation)](invocation)  # type: ignore[index]
        vars(invocation)["python_request"] = known
    return known
