"""Which installation a save is about: a device that registers again gets its row back instead of a second one.

`contract/push.md` §1.3 and §1.4. Conflicting rows are removed (or lose the conflicting field) before the save itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import orjson

from parse_core.context import RequestContext
from parse_core.errors import AmbiguousInstallation, MissingValue, NotChangeable, ObjectNotFound, OperationForbidden
from parse_core.objects.delete import delete
from parse_core.objects.requests import SaveRequest
from parse_core.objects.save import save
from parse_core.query.ast import IdIs
from parse_core.store.rows import ROW, lookup
from parse_core.store.sql import Sql, any_of, json_param
from parse_core.values.scalars import Document

CLOUD = "cloud"  # the installation id of requests by key alone
APNS_TOKEN_LENGTH = 64  # characters of a token that is hexadecimal, whatever its case
UNSET = {"__op": "Delete"}


@dataclass(frozen=True, slots=True)
class Device:
    """How a save names its device. `installation_id` is the body's (`own_id`) or else the request's."""

    token: str | None
    own_id: str | None
    installation_id: str | None
    app_identifier: str | None

    def holds_token(self, row: Document) -> bool:
        """Whether the stored row has this device's token."""
        return self.token is not None and row.get("deviceToken") == self.token


def directed(context: RequestContext, request: SaveRequest) -> SaveRequest:
    """The save, as an update of the row it is about where there is one. One statement, and one for each conflict.

    Raises `MissingValue` (135), `NotChangeable` (136), `AmbiguousInstallation` (132), `ObjectNotFound` (101).
    """
    body = _normalised(request.body)
    device = _device(context, body)
    creates = request.object_id is None
    if creates and not (device.token or device.installation_id or context.installation_id):
        raise MissingValue("at least one ID field (deviceToken, installationId) must be specified in this operation")
    if not creates and not (device.token or device.installation_id or "deviceType" in body):
        _check_kept(body, {})
        return replace(request, body=body)
    rows = _rows(context, request.object_id, device)
    if creates:
        return _directed_create(context, replace(request, body=body), device, rows)
    own = next((row for row in rows if row["objectId"] == request.object_id), None)
    if own is None:
        raise ObjectNotFound("Object not found for update.")
    _check_kept(body, own)
    match = _by_installation(rows, device) if "installationId" not in own else None
    return _update_of(context, match or own, body, device, rows)


def _directed_create(
    context: RequestContext, request: SaveRequest, device: Device, rows: list[Document]
) -> SaveRequest:
    body, match = dict(request.body), _by_installation(rows, device)
    if match is not None:
        _check_kept(body, match)
        return _update_of(context, match, body, device, rows)
    if "deviceType" not in body:
        raise MissingValue("deviceType must be specified in this operation")
    holders = [row for row in rows if device.holds_token(row)]
    if len(holders) == 1 and ("installationId" not in holders[0] or device.installation_id is None):
        return _update(holders[0], body)
    if holders and device.own_id is None:
        raise AmbiguousInstallation
    _clean_up(context, _conflicting(holders, device), "deviceToken")
    if device.installation_id is not None and device.installation_id != CLOUD:
        body["installationId"] = device.installation_id
    return replace(request, body=body)


def _update_of(
    context: RequestContext, match: Document, body: Mapping[str, Any], device: Device, rows: list[Document]
) -> SaveRequest:
    """The save as an update of `match`, or of the row that survives when two turn out to be one device."""
    holders = [row for row in rows if device.holds_token(row)]
    if len(holders) == 1 and "installationId" not in holders[0]:
        if holders[0] is match:
            return _update(match, body)
        return _merged(context, match, holders[0], body)
    if device.token is not None and match.get("deviceToken") != device.token:
        others = [row for row in _conflicting(holders, device) if row is not match]
        _clean_up(context, others, "deviceToken")
    return _update(match, body)


def _merged(
    context: RequestContext, by_installation: Document, by_token: Document, body: Mapping[str, Any]
) -> SaveRequest:
    if context.options.installation.duplicate_device_token_merge_priority == "installationId":  # noqa: S105 - a field
        _clean_up(context, [by_token], "deviceToken")
        return _update(by_installation, body)
    _clean_up(context, [by_installation], "installationId")
    inherited = by_installation.get("installationId")
    return _update(by_token, body if inherited is None else {"installationId": inherited, **body})


def _update(row: Document, body: Mapping[str, Any]) -> SaveRequest:
    kept = {name: value for name, value in body.items() if name not in ("objectId", "createdAt")}
    return SaveRequest("_Installation", kept, row["objectId"])


def _check_kept(body: Mapping[str, Any], row: Document) -> None:
    """Refuses to change what makes the row this device's. `row` is the one that is stored."""
    identifier, token = body.get("installationId"), body.get("deviceToken")
    if identifier == UNSET or (identifier and row.get("installationId", identifier) != identifier):
        raise NotChangeable("installationId may not be changed in this operation")
    is_other_token = isinstance(token, str) and row.get("deviceToken", token) != token
    if is_other_token and not identifier and "installationId" not in row:
        raise NotChangeable("deviceToken may not be changed in this operation")
    if row and "deviceType" in body and body["deviceType"] != row.get("deviceType"):
        raise NotChangeable("deviceType may not be changed in this operation")


def _conflicting(holders: Iterable[Document], device: Device) -> list[Document]:
    """The rows of other devices that have this device's token; of the same app, when the body names one."""
    return [
        row
        for row in holders
        if (device.installation_id is None or row.get("installationId") != device.installation_id)
        and (device.app_identifier is None or row.get("appIdentifier") == device.app_identifier)
    ]


def _clean_up(context: RequestContext, losers: Iterable[Document], field: str) -> None:
    """Removes rows that are in the way, or their `field`; what the caller's rights forbid, if they count, stays."""
    options = context.options.installation
    acting = context if options.duplicate_device_token_action_enforce_auth else context.as_master()
    for row in losers:
        with suppress(ObjectNotFound, OperationForbidden):
            if options.duplicate_device_token_action == "update":  # noqa: S105 - a word
                save(acting, SaveRequest("_Installation", {field: UNSET}, row["objectId"]))
            else:
                delete(acting, "_Installation", row["objectId"])


def _normalised(body: Document) -> Document:
    normal = dict(body)
    token, identifier = body.get("deviceToken"), body.get("installationId")
    if isinstance(token, str) and len(token) == APNS_TOKEN_LENGTH:
        normal["deviceToken"] = token.lower()
    if isinstance(identifier, str):
        normal["installationId"] = identifier.lower()
    return normal


def _device(context: RequestContext, body: Document) -> Device:
    own = _text(body, "installationId")
    asked = None if context.principal.is_privileged or not context.installation_id else context.installation_id.lower()
    return Device(_text(body, "deviceToken"), own, own or asked, _text(body, "appIdentifier"))


def _text(body: Document, name: str) -> str | None:
    value = body.get(name)
    return value if isinstance(value, str) and value else None


def _rows(context: RequestContext, object_id: str | None, device: Device) -> list[Document]:
    """Every row the save could be about, whoever may read it."""
    schema = context.schema("_Installation")
    names = {"installationId": device.installation_id, "deviceToken": device.token}
    conditions = [Sql("t.data @> ") + json_param({name: value}) for name, value in names.items() if value is not None]
    if object_id is not None:
        conditions.append(IdIs(object_id).sql(ROW))
    if not schema.exists:
        return []
    return [orjson.loads(row[1]) for row in context.executor.fetch(lookup(schema.relation, any_of(conditions)))]


def _by_installation(rows: Iterable[Document], device: Device) -> Document | None:
    return next((row for row in rows if row.get("installationId") == (device.installation_id or "")), None)
