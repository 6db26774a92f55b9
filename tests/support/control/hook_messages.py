"""What the harness's handlers are told, and what becomes of what they leave (message 2 of `bridge.js`)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

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
    ObjectCall,
)
from parse_cloud.kinds import Failure, Kind
from parse_core.objects.find_request import parse_find
from parse_core.objects.requests import FindRequest
from parse_core.operations.data import Set
from parse_core.operations.encode import encode
from parse_core.operations.parse import parse_operation
from parse_core.values.scalars import Document
from tests.support.control.cloud_values import (
    UNDEFINED,
    decode_result,
    document_of,
    encode_object,
    encode_params,
    operation_json,
)

PREFERENCES = ("readPreference", "includeReadPreference", "subqueryReadPreference")
OF_QUERIES = ("where", "limit", "skip", "include", "keys", "excludeKeys", "order", "explain", "comment")


def request_of(call: Invocation) -> Document:
    """The members of the cloud request that there are, encoded."""
    common: Document = {
        "master": call.master,
        "isReadOnly": call.is_read_only,
        "ip": call.ip,
        "headers": dict(call.headers),
        "context": call.cloud,
    }
    if call.installation_id is not None:
        common["installationId"] = call.installation_id
    if call.user is not None and not isinstance(call, JobRun):
        common["user"] = encode_object("_User", call.user)
    members = _MEMBERS.get(type(call))
    own = members(call) if members else {}
    if not isinstance(call, FunctionCall | JobRun):
        own["triggerName"] = str(call.kind)
    return {key: value for key, value in {**common, **own}.items() if value is not None}


def _function(call: FunctionCall) -> Document:
    return {"functionName": call.name, "params": encode_params(call.params)}


def _job(call: JobRun) -> Document:
    return {"jobName": call.name, "jobId": call.job_id, "params": encode_params(call.params)}


def _before_save(call: BeforeSaveCall) -> Document:
    base = call.original or ({"objectId": call.object_id} if call.object_id else {})
    operations = {key: encode(operation) for key, operation in _plain_parents(call).items()}
    return {"object": encode_object(call.name, base, operations), "original": _original(call)}


def _plain_parents(call: BeforeSaveCall) -> Document:
    """The pending changes as the SDK has them: a value set at a path makes its whole field pending."""
    found: Document = {}
    for key, operation in call.changes.items():
        root, _, path = key.partition(".")
        if path and isinstance(operation, Set):
            found[root] = Set(call.object.get(root))
        elif isinstance(operation, Set) and root not in call.object:
            found[key] = operation
        elif type(operation).__name__ == "ChangeLinks":
            found[key] = Set(call.object.get(key))
        else:
            found[key] = operation
    return found


def _stored(call: AfterSaveCall | ObjectCall) -> Document:
    is_created = isinstance(call, AfterSaveCall) and call.original is None
    encoded = encode_object(call.name, call.object)
    return {"object": {**encoded, "existed": not is_created}, "original": _original(call)}


def _original(call: BeforeSaveCall | AfterSaveCall | ObjectCall) -> Document | None:
    return None if call.original is None else encode_object(call.name, call.original)


def _before_find(call: BeforeFindCall) -> Document:
    return {"query": _query(call), "count": call.count, "isGet": call.is_get}


def _after_find(call: AfterFindCall) -> Document:
    objects = [encode_object(str(each.get("className", call.name)), each) for each in call.objects]
    return {"objects": objects, "query": _query(call), "isGet": call.is_get}


def _query(call: BeforeFindCall | AfterFindCall) -> Document:
    query = call.query
    limit = call.context.options.default_limit if query.limit is None else query.limit
    options = {
        "where": query.where or {},
        "limit": limit,
        "skip": query.skip or None,
        "include": ",".join(query.include) or None,
        "keys": None if query.keys is None else ",".join(query.keys),
        "excludeKeys": ",".join(query.exclude_keys) or None,
        "order": ",".join(query.order) or None,
        "explain": query.explain,
        "comment": query.comment,
        "readPreference": query.read_preference,
        "includeReadPreference": query.include_read_preference,
        "subqueryReadPreference": query.subquery_read_preference,
    }
    options = {key: value for key, value in options.items() if value is not None}
    return {"__bridge": "query", "className": call.name, "json": options}


def _config(call: ConfigCall) -> Document:
    original = None if call.original is None else {"__bridge": "config", "attributes": call.original}
    return {"object": {"__bridge": "config", "attributes": call.object}, "original": original}


def _file(call: FileCall) -> Document:
    file = call.file
    encoded = {
        "__bridge": "file",
        "name": file.name,
        "url": file.url,
        "data": None if file.data is None else b64encode(file.data).decode(),
        "contentType": file.content_type,
        "metadata": file.metadata,
        "tags": file.tags,
    }
    return {"file": encoded, "fileSize": call.size, "stream": call.is_streamed or None}


_MEMBERS: Mapping[type[Invocation], Callable[[Any], Document]] = {
    FunctionCall: _function,
    JobRun: _job,
    BeforeSaveCall: _before_save,
    AfterSaveCall: _stored,
    ObjectCall: _stored,
    BeforeFindCall: _before_find,
    AfterFindCall: _after_find,
    ConfigCall: _config,
    FileCall: _file,
}


def put(call: Invocation, result: Any, request: Mapping[str, Any]) -> None:
    """Puts what a handler returned, and what it left of its request, where it counts. Raises `Failure`."""
    if isinstance(request.get("context"), dict):
        call.cloud = decode_result(request["context"])
    effect = _EFFECTS.get(type(call))
    if effect is not None:
        effect(call, result, request)


def _returned(call: FunctionCall | JobRun, result: Any, _request: Mapping[str, Any]) -> None:
    if result != UNDEFINED:
        call.result = decode_result(result)


def _saved(call: BeforeSaveCall, result: Any, request: Mapping[str, Any]) -> None:
    files = call.context.application.file_addresses
    given = {key: encode(operation) for key, operation in _plain_parents(call).items()}
    if isinstance(result, dict) and "__bridge" not in result and isinstance(result.get("object"), dict):
        body = decode_result(result["object"])
        call.changes = {key: parse_operation(value, files) for key, value in body.items() if key not in _FIXED}
        return
    left = {key: operation_json(change) for key, change in request["object"]["ops"].items() if key not in _FIXED}
    changes = {}
    for key, operation in call.changes.items():
        root = key if key in given else key.partition(".")[0]
        if root in left and left[root] == given[root]:
            changes[key] = operation
    for key, change in left.items():
        if key not in given or change != given[key]:
            changes[key] = parse_operation(change, files)
    call.changes = changes


_FIXED = ("objectId", "createdAt", "updatedAt", "className")


def _answered(call: AfterSaveCall, result: Any, request: Mapping[str, Any]) -> None:
    if isinstance(result, dict) and "__bridge" not in result:
        call.body = decode_result(result)
        return
    left = result if isinstance(result, dict) and result["__bridge"] == "object" else request["object"]
    after = document_of(left)
    for key in {*call.object, *after} - {*_FIXED}:
        if after.get(key) != call.object.get(key):
            call.shown[key] = after.get(key, {"__op": "Delete"})


def _asked(call: BeforeFindCall, result: Any, request: Mapping[str, Any]) -> None:
    set_by_hand = {name: request[name] for name in PREFERENCES if isinstance(request.get(name), str)}
    objects = result if isinstance(result, list) else [result]
    if all(isinstance(each, dict) and each.get("__bridge") == "object" for each in objects):
        call.objects = [document_of(each) for each in objects]
        return
    is_query = isinstance(result, dict) and result.get("__bridge") == "query"
    query = result if is_query else request["query"]
    if query["json"] != _query(call)["json"]:
        told = {key: value for key, value in query["json"].items() if key in OF_QUERIES}
        left: FindRequest = parse_find(call.name, told)
        call.query = replace(left, object_id=call.query.object_id, count=call.query.count)
    call.preferences |= set_by_hand


def _found(call: AfterFindCall, result: Any, request: Mapping[str, Any]) -> None:
    objects = request["objects"] if result in (None, UNDEFINED) else result
    if not isinstance(objects, list):
        raise Failure("afterFind must return a list")
    call.objects = [
        document_of(each) if isinstance(each, dict) and each.get("__bridge") == "object" else decode_result(each)
        for each in objects
    ]


def _filed(call: FileCall, result: Any, request: Mapping[str, Any]) -> None:
    own = result.get("file") if isinstance(result, dict) and "__bridge" not in result else result
    is_file = isinstance(own, dict) and own.get("__bridge") == "file"
    file = own if is_file else request.get("file")
    if isinstance(file, dict) and (is_file or call.kind is Kind.BEFORE_SAVE):
        data = None if file.get("data") is None else b64decode(file["data"])
        metadata, tags = (decode_result(file.get(name) or {}) for name in ("metadata", "tags"))
        content_type = file.get("contentType") or call.file.content_type
        call.file = FileContent(
            file["name"], data, content_type, metadata, tags, call.file.directory, file.get("url") or None
        )


_EFFECTS: Mapping[type[Invocation], Callable[[Any, Any, Mapping[str, Any]], None]] = {
    FunctionCall: _returned,
    JobRun: _returned,
    BeforeSaveCall: _saved,
    AfterSaveCall: _answered,
    BeforeFindCall: _asked,
    AfterFindCall: _found,
    FileCall: _filed,
}
