"""Values of Cloud Code between wire JSON and the protocol: objects, dates, files and their like of the SDK."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from parse_cloud.invocations import Upload
from parse_cloud.kinds import Failure
from parse_core.operations.base import MISSING
from parse_core.operations.parse import parse_operation
from parse_core.values.nested import FileAddresses
from parse_core.values.scalars import Document, Json

UNDEFINED = {"__bridge": "undefined"}
FILES = FileAddresses("", lambda _url: None)
TYPES = {"String": str, "Number": float, "Boolean": bool, "Array": list, "Object": dict, "Date": datetime}
_IDENTITY = ("objectId", "createdAt", "updatedAt", "className", "__type")


def encode_object(class_name: str, document: Document, operations: Document | None = None) -> Document:
    """An object of the SDK; `operations` are its pending changes as JSON."""
    fields = {name: value for name, value in document.items() if name not in ("className", "__type")}
    described = {"__bridge": "object", "className": class_name, "objectId": document.get("objectId")}
    return {**described, "base": fields, "ops": operations or {}, "existed": "createdAt" in document}


def encode_params(value: Any) -> Any:
    """Parameters of a function: dates, files and pointers are the SDK's, other typed values stay as they are."""
    if isinstance(value, Upload):
        data = {"__bridge": "bytes", "base64": b64encode(value.data).decode()}
        return {"filename": value.filename, "contentType": value.content_type, "data": data}
    if isinstance(value, list):
        return [encode_params(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    match value.get("__type"):
        case "Date":
            return {"__bridge": "date", "iso": value.get("iso"), "props": dict(value)}
        case "File":
            return {"__bridge": "file", "name": value.get("name"), "url": value.get("url"), "data": None}
        case "Pointer" if value.get("objectId"):
            return {**encode_object(str(value["className"]), {"objectId": value["objectId"]}), "existed": True}
    return {key: encode_params(item) for key, item in value.items()}


def decode_result(value: Any) -> Json:
    """What a function returns as REST JSON. Raises `Failure` (141) for an object that nobody stored."""
    if isinstance(value, list):
        return [decode_result(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    match value.get("__bridge"):
        case None:
            return {key: decode_result(item) for key, item in value.items() if item != UNDEFINED}
        case "undefined":
            return None
        case "object":
            return _result_object(value)
        case "date":
            return {"__type": "Date", "iso": value["iso"]}
        case "file":
            return {"__type": "File", "name": value["name"], "url": value.get("url")}
        case "value":
            return value["json"].get("__acl", value["json"])
        case "config":
            return dict(value["attributes"])
    return {}


def _result_object(value: Mapping[str, Any]) -> Json:
    if not value.get("objectId"):
        raise Failure("Cannot create a pointer to an unsaved ParseObject")
    if value["ops"] or not value["base"]:
        return {"__type": "Pointer", "className": value["className"], "objectId": value["objectId"]}
    return {"__type": "Object", **document_of(value)}


def document_of(value: Mapping[str, Any]) -> Document:
    """An encoded object as a document with `className`: as stored, with its pending changes done."""
    document: Document = {**value["base"], "className": value["className"]}
    if value.get("objectId"):
        document["objectId"] = value["objectId"]
    for key, change in value["ops"].items():
        after = parse_operation(_unwrapped(change), FILES).apply(document.get(key, MISSING))
        if after is MISSING:
            document.pop(key, None)
        else:
            document[key] = after
    return document


def operation_json(change: Json) -> Json:
    """A pending change as REST has it: objects with their data are pointers."""
    return _pointing(_unwrapped(change))


def _unwrapped(change: Json) -> Json:
    return change["value"] if isinstance(change, dict) and change.get("__op") == "Set" else change


def _pointing(value: Json) -> Json:
    if isinstance(value, list):
        return [_pointing(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("__type") == "Object" and value.get("objectId"):
        return {"__type": "Pointer", "className": value["className"], "objectId": value["objectId"]}
    return {key: _pointing(item) for key, item in value.items()}


def failure_of(error: Mapping[str, Any]) -> Failure:
    """What a handler threw."""
    match error.get("type"):
        case "ParseError":
            return Failure(error.get("message") or None, error.get("code"))
        case "Error":
            return Failure(error.get("message"))
        case "value":
            thrown = decode_result(error.get("value"))
            return Failure(thrown["message"] if isinstance(thrown, dict) and thrown.get("message") else thrown)
    return Failure(None)
