"""Who may ask at all: application ids, client keys, keys of the server and where they may come from."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from tests.rest.conftest import Configure
from tests.support.client import ApiClient
from tests.support.scenario import Scenario, get, post, put, scenarios

REFUSED: dict[str, Any] = {"status": 403, "json": {"error": "unauthorized"}}
DENIED: dict[str, Any] = {"status": 403, "json": {"error": "Permission denied"}}
NOBODY = {"X-Parse-Application-Id": None}


def basic(text: str) -> dict[str, str | None]:
    return {"Authorization": "Basic " + b64encode(text.encode()).decode(), **NOBODY}


@scenarios(
    Scenario("no application id", get("/classes/Empty", headers=NOBODY), **REFUSED),
    Scenario("an unknown application id", get("/classes/Empty", headers={"X-Parse-Application-Id": "nope"}), **REFUSED),
    Scenario("an unknown route without application id", get("/nosuch", headers=NOBODY), **REFUSED),
    Scenario(
        "a hostile application id", get("/classes/Empty", headers={"X-Parse-Application-Id": "__proto__"}), **REFUSED
    ),
    Scenario("no client key where none is configured", get("/classes/Empty"), json={"results": []}),
    Scenario(
        "application id in the body",
        post("/classes/Empty", {"_method": "GET", "_ApplicationId": "rest"}, headers=NOBODY),
        json={"results": []},
    ),
    Scenario(
        "an unknown application id in the body",
        post("/classes/Empty", {"_method": "GET", "_ApplicationId": "nope"}, headers=NOBODY),
        **REFUSED,
    ),
    Scenario(
        "an application id in the body that is no text",
        post("/classes/Empty", {"_method": "GET", "_ApplicationId": {"$ne": 1}}, headers=NOBODY),
        **REFUSED,
    ),
    Scenario(
        "an unknown application id in the header and a known one in the body",
        post(
            "/classes/Empty", {"_method": "GET", "_ApplicationId": "rest"}, headers={"X-Parse-Application-Id": "nope"}
        ),
        json={"results": []},
    ),
)
def test_applications_are_named_by_header_or_body(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)


@scenarios(
    Scenario("no key", get("/classes/Empty"), **REFUSED),
    Scenario("a wrong key", get("/classes/Empty", headers={"X-Parse-REST-API-Key": "wrong"}), **REFUSED),
    Scenario("an empty key", get("/classes/Empty", headers={"X-Parse-REST-API-Key": ""}), **REFUSED),
    Scenario(
        "the key of another kind of client", get("/classes/Empty", headers={"X-Parse-Client-Key": "rest"}), **REFUSED
    ),
    Scenario("the right key", get("/classes/Empty", headers={"X-Parse-REST-API-Key": "rest"})),
    Scenario(
        "one right key among wrong ones",
        get("/classes/Empty", headers={"X-Parse-REST-API-Key": "wrong", "X-Parse-Client-Key": "client"}),
    ),
    Scenario("a key that is not configured", get("/classes/Empty", headers={"X-Parse-Windows-Key": "x"}), **REFUSED),
    Scenario("the master key needs no other", get("/classes/Empty", master=True)),
    Scenario("the maintenance key needs no other", get("/classes/Empty", maintenance=True)),
    Scenario("the read-only master key needs no other", get("/classes/Empty", read_only=True)),
    Scenario("a wrong master key alone", get("/classes/Empty", headers={"X-Parse-Master-Key": "wrong"}), **REFUSED),
    Scenario(
        "a wrong master key and a right client key are a client",
        get("/schemas", headers={"X-Parse-Master-Key": "wrong", "X-Parse-REST-API-Key": "rest"}),
        **DENIED,
    ),
    Scenario(
        "a JavaScript key in the body",
        post("/classes/Empty", {"_method": "GET", "_ApplicationId": "rest", "_JavaScriptKey": "js"}, headers=NOBODY),
    ),
    Scenario(
        "a wrong JavaScript key in the body",
        post("/classes/Empty", {"_method": "GET", "_ApplicationId": "rest", "_JavaScriptKey": "no"}, headers=NOBODY),
        **REFUSED,
    ),
    Scenario(
        "basic authorization with the JavaScript key", get("/classes/Empty", headers=basic("rest:javascript-key=js"))
    ),
    Scenario(
        "basic authorization with a wrong JavaScript key",
        get("/classes/Empty", headers=basic("rest:javascript-key=no")),
        **REFUSED,
    ),
)
def test_a_configured_client_key_must_be_sent(scenario: Scenario, configure: Configure) -> None:
    scenario.play(ApiClient(configure(restAPIKey="rest", clientKey="client", javascriptKey="js")))


def test_an_empty_client_key_is_a_key(configure: Configure) -> None:
    api = ApiClient(configure(restAPIKey=""))
    assert api.get("/classes/Empty").status == 403
    assert api.get("/classes/Empty", headers={"X-Parse-REST-API-Key": ""}).status == 200


@scenarios(
    Scenario("basic authorization with the master key", get("/schemas", headers=basic("rest:master"))),
    Scenario("basic authorization with a wrong key is a client", get("/schemas", headers=basic("rest:no")), **DENIED),
    Scenario("basic authorization with two colons", get("/schemas", headers=basic("rest:mas:ter")), **REFUSED),
    Scenario("basic authorization for an unknown application", get("/schemas", headers=basic("no:master")), **REFUSED),
    Scenario(
        "another kind of authorization is ignored",
        get("/classes/Empty", headers={"Authorization": "Bearer rest:master"}),
    ),
    Scenario("broken basic authorization is ignored", get("/classes/Empty", headers={"Authorization": "Basic ÿ%%"})),
    Scenario(
        "a master key in the body",
        post("/schemas", {"_method": "GET", "_ApplicationId": "rest", "_MasterKey": "master"}, headers=NOBODY),
    ),
    Scenario(
        "a master key in the header beside an application id in the body",
        post(
            "/schemas", {"_method": "GET", "_ApplicationId": "rest"}, headers={**NOBODY, "X-Parse-Master-Key": "master"}
        ),
    ),
    Scenario(
        "a wrong master key in the header beside an application id in the body",
        post(
            "/classes/Empty",
            {"_method": "GET", "_ApplicationId": "rest"},
            headers={**NOBODY, "X-Parse-Master-Key": "x"},
        ),
        **REFUSED,
    ),
    Scenario(
        "a maintenance key in the body",
        post(
            "/classes/Empty",
            {"_ApplicationId": "rest", "_MaintenanceKey": "maintenance", "createdAt": {"__type": "Date", "iso": "x"}},
            headers=NOBODY,
        ),
        status=400,
    ),
    Scenario("the maintenance key is no master key", get("/schemas", maintenance=True), **DENIED),
    Scenario("the read-only master key reads what the master key reads", get("/schemas", read_only=True)),
)
def test_keys_of_the_server(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)


@pytest.mark.parametrize("member", ["_SessionToken", "_MasterKey", "_InstallationId", "_JavaScriptKey", "_ContentType"])
@pytest.mark.parametrize("value", [{"$ne": ""}, ["x"], 1, True])
def test_credentials_in_the_body_are_texts(api: ApiClient, member: str, value: object) -> None:
    reply = api.post("/classes/Empty", {"_method": "GET", "_ApplicationId": "rest", member: value}, headers=NOBODY)
    assert (reply.status, reply.json) == (403, {"error": "unauthorized"})


def test_control_members_are_stripped_from_a_body_beside_a_header(api: ApiClient) -> None:
    members = {
        "_ApplicationId": "rest",
        "_ClientVersion": "js1",
        "_MasterKey": "master",
        "_SessionToken": 1,
        "_noBody": 1,
    }
    stored = api.post("/classes/Song", {"a": 1, **members})
    assert stored.status == 201
    assert api.get(f"/classes/Song/{stored.json['objectId']}").json.keys() == {
        "objectId",
        "createdAt",
        "updatedAt",
        "a",
    }
    assert api.post("/schemas", {"_method": "GET", "_MasterKey": "master"}).status == 403, "they have no effect there"


ADDRESSES = [
    (["127.0.0.1"], "127.0.0.1", True),
    (["127.0.0.1"], "10.0.0.1", False),
    (["127.0.0.1"], "::1", False),
    (["127.0.0.1"], "::ffff:127.0.0.1", True),
    (["10.0.0.0/8"], "10.2.3.4", True),
    (["10.0.0.0/8"], "::ffff:10.2.3.4", True),
    (["10.0.0.0/8"], "11.2.3.4", False),
    (["0.0.0.0/0"], "8.8.8.8", True),
    (["0.0.0.0/0"], "2001:db8::1", False),
    (["0.0.0.0/0"], "::ffff:8.8.8.8", False),
    (["::/0"], "::ffff:8.8.8.8", True),
    (["0.0.0.0"], "8.8.8.8", True),  # noqa: S104 (listed, not bound)
    (["::/0"], "2001:db8::1", True),
    (["::"], "8.8.8.8", False),
    (["::0"], "2001:db8::1", True),
    (["2001:db8::/32"], "2001:db8::1", True),
    ([], "127.0.0.1", False),
]


@pytest.mark.parametrize(
    ("key", "option"),
    [("master", "masterKeyIps"), ("maintenance", "maintenanceKeyIps"), ("read_only", "readOnlyMasterKeyIps")],
)
@pytest.mark.parametrize(("listed", "address", "admitted"), ADDRESSES)
def test_keys_of_the_server_may_only_come_from_listed_addresses(
    configure: Configure, key: str, option: str, listed: list[str], address: str, admitted: bool
) -> None:
    api = ApiClient(configure(**{option: listed}))
    reply = api.get("/classes/Empty", address=address, **{key: True})
    assert reply.status == (200 if admitted else 403)
    if not admitted:
        assert reply.json == {"error": "unauthorized"}


@scenarios(
    Scenario("on a public route", get("/classes/Empty", master=True, address="10.0.0.1"), **REFUSED),
    Scenario("on an unknown route", get("/nosuch", master=True, address="10.0.0.1"), **REFUSED),
    Scenario("before the body is read", post("/classes/Empty", master=True, address="10.0.0.1", raw=b"{"), **REFUSED),
    Scenario(
        "in the body",
        put("/classes/X/1", {"_ApplicationId": "rest", "_MasterKey": "master"}, headers=NOBODY, address="10.0.0.1"),
        **REFUSED,
    ),
    Scenario(
        "in basic authorization", get("/classes/Empty", headers=basic("rest:master"), address="10.0.0.1"), **REFUSED
    ),
)
def test_a_right_key_from_a_wrong_address_is_refused_everywhere(scenario: Scenario, api: ApiClient) -> None:
    scenario.play(api)


def test_a_master_key_may_be_asked_for(configure: Configure) -> None:
    asked: list[str] = []

    def key() -> str:
        asked.append("key")
        return f"key-{len(asked)}"

    api = ApiClient(configure(masterKey=key, masterKeyTtl=1000))
    for _ in range(2):
        assert api.get("/schemas", headers={"X-Parse-Master-Key": "key-1"}).status == 200
    api = ApiClient(configure(masterKey=lambda: "other"))
    assert api.get("/schemas", headers={"X-Parse-Master-Key": "key-1"}).status == 403
    assert api.get("/schemas", headers={"X-Parse-Master-Key": "other"}).status == 200
