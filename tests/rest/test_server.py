"""`/health` and `/serverInfo`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parse_core.application import applications
from parse_core.state import Readiness, State
from tests.rest.conftest import OPTIONS, Configure
from tests.support.client import ApiClient
from tests.support.scenario import Scenario, delete, get, post, put, scenarios

NOBODY = {"X-Parse-Application-Id": None}
OK = {"status": "ok"}


@scenarios(
    Scenario("without application id", get("/health", headers=NOBODY), json=OK),
    Scenario("with one", get("/health"), json=OK),
    Scenario("by POST", post("/health", {"_method": "GET"}, headers=NOBODY), json=OK),
    Scenario("by PUT", put("/health", headers=NOBODY), json=OK),
    Scenario("by DELETE", delete("/health", headers=NOBODY), json=OK),
    Scenario("below", get("/health/deep/down", headers=NOBODY), json=OK),
    Scenario("with a broken body", post("/health", raw=b"{", headers=NOBODY), json=OK),
)
def test_health_is_told_to_anybody(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)


@pytest.mark.parametrize("state", ["initialized", "starting", "error"])
def test_until_an_application_is_ready_nothing_else_is_served(api: ApiClient, state: State) -> None:
    readiness = api.application.part(Readiness)
    readiness.state = state
    health = api.get("/health", headers=NOBODY)
    assert (health.status, health.json) == (503, {"status": state})
    assert health.headers.get("retry-after") == ("1" if state == "starting" else None)
    for refused in (api.get("/classes/X"), api.get("/schemas", master=True), api.post("/batch", {"requests": []})):
        assert (refused.status, refused.error) == (500, (1, f"Invalid server state: {state}"))
    readiness.state = "ok"
    assert api.get("/health").status == 200


@pytest.fixture
def neighbour(database_url: str) -> Iterator[ApiClient]:
    yield ApiClient(applications.configure({**OPTIONS, "appId": "neighbour", "masterKey": "other"}))
    applications.remove("neighbour")


def test_health_speaks_for_all_applications_of_the_mount(api: ApiClient, neighbour: ApiClient) -> None:
    neighbour.application.part(Readiness).state = "error"
    assert api.get("/health", headers=NOBODY).status == 503
    assert api.get("/health").json == OK
    assert api.get("/classes/X").status == 200


def test_applications_on_one_mount_share_nothing(api: ApiClient, neighbour: ApiClient) -> None:
    object_id = api.post("/classes/Mine", {"a": 1}).json["objectId"]
    assert neighbour.get(f"/classes/Mine/{object_id}").status == 404
    assert neighbour.get("/schemas", headers={"X-Parse-Master-Key": "master"}).status == 403


def test_a_mount_refuses_the_applications_of_others(configure: Configure, neighbour: ApiClient) -> None:
    elsewhere = ApiClient(configure(mountPath="/elsewhere"))
    assert neighbour.get("/classes/X").status == 200
    reply = elsewhere.get("/classes/X")
    assert (reply.status, reply.json) == (403, {"error": "unauthorized"})


def test_server_info_lists_the_features(api: ApiClient) -> None:
    info = api.get("/serverInfo", master=True).json
    assert info["parseServerVersion"].startswith("9.")
    assert info["features"].keys() == {"globalConfig", "hooks", "cloudCode", "logs", "push", "schemas", "settings"}
    assert info["features"]["push"]["immediatePush"] is False
    assert api.get("/serverInfo", read_only=True).json == info


@scenarios(
    Scenario("a client", get("/serverInfo"), status=403, json={"error": "Permission denied"}),
    Scenario("the maintenance key", get("/serverInfo", maintenance=True), status=403),
    Scenario("nobody", get("/serverInfo", headers=NOBODY), status=403, json={"error": "unauthorized"}),
)
def test_server_info_needs_the_master_key(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)


def test_an_unsanitised_refusal_says_why(configure: Configure) -> None:
    reply = ApiClient(configure(enableSanitizedErrorResponse=False)).get("/serverInfo")
    assert (reply.status, reply.json) == (403, {"error": "unauthorized: master key is required"})
