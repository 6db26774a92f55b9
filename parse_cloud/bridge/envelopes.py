"""What Node is told of an invocation: the JSON that its `requests.js` makes a request of (`contract/cloud.md`, I)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final

from parse_cloud.invocations import (
    AfterFindCall,
    AfterSaveCall,
    BeforeFindCall,
    BeforeSaveCall,
    ConfigCall,
    FileCall,
    FileContent,
    FunctionCall,
    Invocation,
    JobRun,
    LiveCall,
    ObjectCall,
)
from parse_cloud.kinds import Kind
from parse_cloud.wire import asked_json, query_json, with_uploads
from parse_core.operations.encode import encode
from parse_core.values.scalars import Document, Json

# The user of these is who it is about; before a login there is none yet.
_WITHOUT_USER: Final = frozenset({Kind.BEFORE_LOGIN})


def envelope(invocation: Invocation) -> Document:
    """Everything the handler may know, as wire JSON."""
    told: Document = {
        "master": invocation.master,
        "isReadOnly": invocation.is_read_only,
        "installationId": invocation.installation_id,
        "ip": invocation.ip,
        "headers": dict(invocation.headers),
        "context": invocation.cloud,
        "user": None if invocation.kind in _WITHOUT_USER else invocation.user,
    }
    return told | _OF_KIND[type(invocation)](invocation)


def _function(call: FunctionCall) -> Document:
    return {"params": _parameters(call.params)}


def _job(run: JobRun) -> Document:
    return {"params": _parameters(run.params), "jobId": run.job_id, "user": None}


def _parameters(params: Document) -> Json:
    """Parameters with their uploads as base64."""
    return with_uploads(params, lambda upload: {"__type": "MultipartFile", **upload})


def _before_save(call: BeforeSaveCall) -> Document:
    operations = {key: encode(operation) for key, operation in call.changes.items()}
    return {"objectId": call.object_id, "original": call.original, "operations": operations}


def _after_save(call: AfterSaveCall) -> Document:
    return {"object": call.object, "original": call.original}


def _object(call: ObjectCall) -> Document:
    return {"object": call.object, "original": call.original, "isChallenge": call.is_challenge}


def _before_find(call: BeforeFindCall) -> Document:
    return {"query": {**asked_json(call), **call.preferences}, "count": call.count, "isGet": call.is_get}


def _after_find(call: AfterFindCall) -> Document:
    return {"query": query_json(call.query), "objects": call.objects, "isGet": call.is_get}


def _config(call: ConfigCall) -> Document:
    return {"object": call.object, "original": call.original}


def _file(call: FileCall) -> Document:
    return {
        "kind": str(call.kind),
        "file": file_json(call.file),
        "fileSize": call.size,
        "stream": call.is_streamed,
        "forceDownload": call.force_download,
        "responseHeaders": dict(call.response_headers),
    }


def file_json(file: FileContent) -> Document:
    """A file with its bytes, where they were read."""
    data = {} if file.data is None else {"base64": b64encode(file.data).decode()}
    return {
        "name": file.name,
        "contentType": file.content_type,
        "metadata": file.metadata,
        "tags": file.tags,
        "directory": file.directory,
        "url": file.url,
        **data,
    }


def _live(call: LiveCall) -> Document:
    query = None if call.query is None else query_json(call.query)
    return {
        "event": call.event,
        "query": query,
        "object": call.object,
        "original": call.original,
        "details": call.details,
    }


_OF_KIND: Final[Mapping[type, Callable[[Any], Document]]] = {
    FunctionCall: _function,
    JobRun: _job,
    BeforeSaveCall: _before_save,
    AfterSaveCall: _after_save,
    ObjectCall: _object,
    BeforeFindCall: _before_find,
    AfterFindCall: _after_find,
    ConfigCall: _config,
    FileCall: _file,
    LiveCall: _live,
}
