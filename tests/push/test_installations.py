"""A device that registers again gets its row back (`contract/push.md` §1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from parse_core.application import applications
from tests.support.client import ApiClient

A, B = "aaaaaaaa-1111", "bbbbbbbb-2222"
CONFIG = {"appId": "installations", "masterKey": "master"}


@pytest.fixture
def api(database_url: str) -> Iterator[ApiClient]:
    application = applications.configure(CONFIG)
    application.reset()
    yield ApiClient(application)
    applications.remove(application.id)


def rows(api: ApiClient) -> list[dict[str, Any]]:
    """What is stored, in the order of creation, without ids and times."""
    found = api.get("/installations", master=True).json["results"]
    return [{key: row[key] for key in row if key not in ("objectId", "createdAt", "updatedAt")} for row in found]


IOS = {"deviceType": "ios"}

REGISTRATIONS: tuple[tuple[str, list[dict[str, Any]], dict[str, Any], int, list[dict[str, Any]]], ...] = (
    ("a new device", [], {"installationId": A, **IOS}, 201, [{"installationId": A, **IOS}]),
    ("ids are lower-cased", [], {"installationId": A.upper(), **IOS}, 201, [{"installationId": A, **IOS}]),
    (
        "the tokens of Apple are lower-cased, others are not",
        [{"deviceToken": "X1", **IOS}],
        {"deviceToken": "F" * 64, **IOS},
        201,
        [{"deviceToken": "X1", **IOS}, {"deviceToken": "f" * 64, **IOS}],
    ),
    (
        "the same installation keeps its channels",
        [{"installationId": A, "channels": ["x"], **IOS}],
        {"installationId": A, "foo": 1, **IOS},
        200,
        [{"installationId": A, "channels": ["x"], "foo": 1, **IOS}],
    ),
    (
        "a token without an installation gains it",
        [{"deviceToken": "1", **IOS}],
        {"deviceToken": "1", "installationId": A, **IOS},
        200,
        [{"deviceToken": "1", "installationId": A, **IOS}],
    ),
    (
        "two halves of one device become one row",
        [{"installationId": A, **IOS}, {"deviceToken": "1", "channels": ["x"], **IOS}],
        {"installationId": A, "deviceToken": "1", **IOS},
        200,
        [{"installationId": A, "deviceToken": "1", "channels": ["x"], **IOS}],
    ),
    (
        "a token that moved to another installation leaves the former",
        [{"installationId": A, "deviceToken": "1", **IOS}],
        {"installationId": B, "deviceToken": "1", **IOS},
        201,
        [{"installationId": B, "deviceToken": "1", **IOS}],
    ),
    (
        "a token alone finds its row",
        [{"installationId": A, "deviceToken": "1", **IOS}],
        {"deviceToken": "1", "foo": 1, **IOS},
        200,
        [{"installationId": A, "deviceToken": "1", "foo": 1, **IOS}],
    ),
    (
        "the same token in another app stays",
        [{"installationId": A, "deviceToken": "1", "appIdentifier": "a", **IOS}],
        {"installationId": B, "deviceToken": "1", "appIdentifier": "b", **IOS},
        201,
        [
            {"installationId": A, "deviceToken": "1", "appIdentifier": "a", **IOS},
            {"installationId": B, "deviceToken": "1", "appIdentifier": "b", **IOS},
        ],
    ),
)


@pytest.mark.parametrize(
    ("before", "body", "status", "after"), [case[1:] for case in REGISTRATIONS], ids=[case[0] for case in REGISTRATIONS]
)
def test_a_registration(
    api: ApiClient, before: list[dict[str, Any]], body: dict[str, Any], status: int, after: list[dict[str, Any]]
) -> None:
    for row in before:
        assert api.post("/installations", row).status == 201
    reply = api.post("/installations", body)
    assert reply.status == status
    assert set(reply.json) == ({"objectId", "createdAt"} if status == 201 else {"updatedAt"})
    assert rows(api) == after


REFUSALS: tuple[tuple[dict[str, Any], int, str], ...] = (
    (IOS, 135, "at least one ID field (deviceToken, installationId) must be specified in this operation"),
    ({"installationId": B}, 135, "deviceType must be specified in this operation"),
    ({"deviceToken": "1"}, 135, "deviceType must be specified in this operation"),
    ({"installationId": A, "deviceType": "android"}, 136, "deviceType may not be changed in this operation"),
)


@pytest.mark.parametrize(("body", "code", "text"), REFUSALS)
def test_a_registration_is_refused(api: ApiClient, body: dict[str, Any], code: int, text: str) -> None:
    api.post("/installations", {"installationId": A, "deviceToken": "1", **IOS})
    assert api.post("/installations", body).error == (code, text)
    assert rows(api) == [{"installationId": A, "deviceToken": "1", **IOS}]


@pytest.mark.parametrize(
    ("row", "body", "error"),
    [
        ({"installationId": A}, {"installationId": B}, (136, "installationId may not be changed in this operation")),
        (
            {"installationId": A},
            {"installationId": {"__op": "Delete"}},
            (136, "installationId may not be changed in this operation"),
        ),
        ({"deviceToken": "1"}, {"deviceToken": "2"}, (136, "deviceToken may not be changed in this operation")),
        ({"installationId": A}, {"deviceType": "web"}, (136, "deviceType may not be changed in this operation")),
        ({"installationId": A, "deviceToken": "1"}, {"deviceToken": "2"}, None),
        ({"installationId": A, "deviceToken": "1"}, {"deviceToken": {"__op": "Delete"}}, None),
        ({"deviceToken": "1"}, {"deviceToken": "2", "installationId": A}, None),
        ({"deviceToken": "1"}, {"channels": ["x"]}, None),
    ],
)
def test_what_an_update_may_change(
    api: ApiClient, row: dict[str, Any], body: dict[str, Any], error: tuple[int, str] | None
) -> None:
    path = f"/installations/{api.post('/installations', {**row, **IOS}).json['objectId']}"
    reply = api.put(path, body)
    assert reply.status == (200 if error is None else 400)
    assert error is None or reply.error == error


def test_an_update_of_a_row_that_is_gone_is_not_found(api: ApiClient) -> None:
    assert api.put("/installations/gone", {"deviceToken": "1"}).error == (101, "Object not found for update.")


def test_a_token_of_several_installations_needs_to_say_which(api: ApiClient) -> None:
    for name, app in ((A, "a"), (B, "b")):
        api.post("/installations", {"installationId": name, "deviceToken": "1", "appIdentifier": app, **IOS})
    text = "Must specify installationId when deviceToken matches multiple Installation objects"
    assert api.post("/installations", {"deviceToken": "1", **IOS}).error == (132, text)


def test_the_installation_of_the_request_is_stored(api: ApiClient) -> None:
    headers = {"X-Parse-Installation-Id": A}
    assert api.post("/installations", IOS, headers=headers).status == 201
    assert api.post("/installations", {**IOS, "foo": 1}, headers=headers).status == 200
    assert rows(api) == [{"installationId": A, "foo": 1, **IOS}]


def test_a_former_row_can_be_kept_without_its_token(api: ApiClient) -> None:
    applications.configure({**CONFIG, "installation": {"duplicateDeviceTokenAction": "update"}})
    api.post("/installations", {"installationId": A, "deviceToken": "1", **IOS})
    api.post("/installations", {"installationId": B, "deviceToken": "1", **IOS})
    assert rows(api) == [{"installationId": A, **IOS}, {"installationId": B, "deviceToken": "1", **IOS}]


def test_the_row_of_the_installation_can_be_the_one_that_stays(api: ApiClient) -> None:
    applications.configure({**CONFIG, "installation": {"duplicateDeviceTokenMergePriority": "installationId"}})
    api.post("/installations", {"installationId": A, "channels": ["kept"], **IOS})
    api.post("/installations", {"deviceToken": "1", "channels": ["lost"], **IOS})
    api.post("/installations", {"installationId": A, "deviceToken": "1", **IOS})
    assert rows(api) == [{"installationId": A, "deviceToken": "1", "channels": ["kept"], **IOS}]


def test_a_row_the_caller_may_not_delete_stays_when_rights_count(api: ApiClient) -> None:
    applications.configure({**CONFIG, "installation": {"duplicateDeviceTokenActionEnforceAuth": True}})
    api.post("/installations", {"installationId": A, "deviceToken": "1", **IOS})
    assert api.post("/installations", {"installationId": B, "deviceToken": "1", **IOS}).status == 201
    assert len(rows(api)) == 2


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_clients_look_at_and_delete_no_others(api: ApiClient, method: str) -> None:
    object_id = api.post("/installations", {"installationId": A, **IOS}).json["objectId"]
    path = "/installations" if method == "GET" else f"/installations/{object_id}"
    assert api.request(method, path).error == (119, "Permission denied")
    assert api.get(f"/installations/{object_id}").status == 200
    assert api.request(method, path, master=True).status == 200
