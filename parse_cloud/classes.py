"""The classes of Cloud Code: jobs that run, jobs that will, and webhooks."""

from __future__ import annotations

from typing import ClassVar

from parse_core.schema.classes import Field
from parse_core.schema.system_class import SystemClass, register


@register
class JobStatus(SystemClass):
    """`_JobStatus`: a job that was started and how it ended."""

    name = "_JobStatus"
    fields: ClassVar = {
        "jobName": Field("String"),
        "source": Field("String"),
        "status": Field("String"),
        "message": Field("String"),
        "params": Field("Object"),
        "finishedAt": Field("Date"),
    }
    master_only = True
    listed = False


@register
class JobSchedule(SystemClass):
    """`_JobSchedule`: when a job shall run."""

    name = "_JobSchedule"
    fields: ClassVar = {
        "jobName": Field("String"),
        "description": Field("String"),
        "params": Field("String"),
        "startAfter": Field("String"),
        "daysOfWeek": Field("Array"),
        "timeOfDay": Field("String"),
        "lastRun": Field("Number"),
        "repeatMinutes": Field("Number"),
    }
    master_only = True
    listed = False


@register
class Hooks(SystemClass):
    """`_Hooks`: functions and triggers that another server answers."""

    name = "_Hooks"
    fields: ClassVar = {
        "functionName": Field("String"),
        "className": Field("String"),
        "triggerName": Field("String"),
        "url": Field("String"),
    }
    master_only = True
    listed = False
