"""What handlers are given: one class of request for each family of kinds (`contract/cloud.md`, Python API D)."""

from __future__ import annotations

from parse_cloud.author.requests.base import Request
from parse_cloud.author.requests.configs import ConfigTriggerRequest
from parse_cloud.author.requests.files import FileTriggerRequest
from parse_cloud.author.requests.finds import AfterFindRequest, BeforeFindRequest
from parse_cloud.author.requests.functions import FunctionRequest, JobRequest
from parse_cloud.author.requests.live import ConnectRequest, LiveQueryEventRequest, SubscribeRequest
from parse_cloud.author.requests.of import request_of
from parse_cloud.author.requests.triggers import TriggerRequest

__all__ = [
    "AfterFindRequest",
    "BeforeFindRequest",
    "ConfigTriggerRequest",
    "ConnectRequest",
    "FileTriggerRequest",
    "FunctionRequest",
    "JobRequest",
    "LiveQueryEventRequest",
    "Request",
    "SubscribeRequest",
    "TriggerRequest",
    "request_of",
]
