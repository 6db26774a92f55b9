"""Several applications in one process: nothing of one is seen in another; each can change, start over and go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from parse_core.application import Application, applications
from parse_core.options import ConfigurationError
from parse_core.signals import application_configured, application_reset
from tests.support.client import ApiClient

LOGIN = {"username": "ada", "password": "correct horse"}


def options(name: str, **more: Any) -> dict[str, Any]:
    return {"appId": name, "masterKey": "master", "allowClientClassCreation": True, **more}


@pytest.fixture
def one(database_url: str) -> Iterator[ApiClient]:
    yield from served("multi-one")


@pytest.fixture
def two(database_url: str) -> Iterator[ApiClient]:
    yield from served("multi-two")


def served(name: str) -> Iterator[ApiClient]:
    application = applications.configure(options(name))
    yield ApiClient(application)
    application.reset()
    applications.remove(name)


def test_one_class_in_two_applications_holds_different_objects(one: ApiClient, two: ApiClient) -> None:
    one.post("/classes/Post", {"title": "one"})
    two.post("/classes/Post", {"title": 2})
    assert [post["title"] for post in one.get("/classes/Post").json["results"]] == ["one"]
    assert [post["title"] for post in two.get("/classes/Post").json["results"]] == [2]
    assert one.get("/schemas/Post", master=True).json["fields"]["title"] == {"type": "String"}
    assert two.get("/schemas/Post", master=True).json["fields"]["title"] == {"type": "Number"}


def test_an_object_of_one_application_does_not_exist_in_the_other(one: ApiClient, two: ApiClient) -> None:
    created = one.post("/classes/Post", {"title": "one"}).json
    two.post("/classes/Post", {"title": "two"})
    path = f"/classes/Post/{created['objectId']}"
    assert one.get(path).status == 200
    assert two.get(path).error == (101, "Object not found.")
    assert two.delete(path, master=True).error[0] == 101


def test_a_user_name_can_be_taken_in_each_application(one: ApiClient, two: ApiClient) -> None:
    assert one.post("/users", LOGIN).status == 201
    assert two.post("/users", {**LOGIN, "password": "another"}).status == 201
    assert two.post("/login", LOGIN).error[0] == 101


def test_a_session_counts_in_its_application_alone(one: ApiClient, two: ApiClient) -> None:
    token = one.post("/users", LOGIN).json["sessionToken"]
    assert one.get("/users/me", as_user=token).status == 200
    assert two.get("/users/me", as_user=token).error == (209, "Invalid session token")


def test_each_application_has_its_own_options(one: ApiClient, two: ApiClient) -> None:
    applications.configure(options("multi-two", allowClientClassCreation=False))
    assert one.post("/classes/Fresh", {}).status == 201
    assert two.post("/classes/Fresh", {}).error[0] == 119


def test_a_new_configuration_keeps_the_application_and_its_data(one: ApiClient) -> None:
    one.post("/classes/Post", {"title": "kept"})
    again = applications.configure(options("multi-one", defaultLimit=1))
    assert again is one.application
    one.post("/classes/Post", {"title": "other"})
    assert len(one.get("/classes/Post").json["results"]) == 1


def test_a_wrong_configuration_changes_nothing(one: ApiClient) -> None:
    before = one.application.options
    with pytest.raises(ConfigurationError, match="Default limit must be a value greater than 0"):
        applications.configure(options("multi-one", defaultLimit=0))
    with pytest.raises(ConfigurationError):
        applications.configure(options("never", masterKeyIps=["x"]))
    assert one.application.options is before
    assert "never" not in applications


def test_an_application_that_was_removed_is_unknown_and_the_others_go_on(one: ApiClient, two: ApiClient) -> None:
    applications.remove("multi-one")
    assert one.get("/classes/Post").status == 403
    assert two.get("/classes/Post").status == 200


def test_an_application_that_starts_over_is_empty_and_the_others_are_not(one: ApiClient, two: ApiClient) -> None:
    for client in (one, two):
        client.post("/classes/Post", {"title": "x"})
        client.post("/users", LOGIN)
    one.put("/schemas/_User", {"fields": {"nickname": {"type": "String"}}}, master=True)
    one.application.reset()
    assert one.get("/classes/Post").json == {"results": []}
    assert one.get("/schemas/Post", master=True).status == 400
    assert one.get("/users", master=True).json == {"results": []}
    assert "nickname" not in one.get("/schemas/_User", master=True).json["fields"]
    assert one.post("/users", LOGIN).status == 201
    assert len(two.get("/classes/Post").json["results"]) == 1
    assert len(two.get("/users", master=True).json["results"]) == 1


def test_starting_over_twice_is_harmless(one: ApiClient) -> None:
    one.application.reset()
    one.application.reset()
    assert one.post("/users", LOGIN).status == 201


def test_listeners_hear_of_configurations_and_of_starting_over(one: ApiClient) -> None:
    heard: list[tuple[str, Application]] = []

    def on_configured(application: Application, **_signal: Any) -> None:
        heard.append(("configured", application))

    def on_reset(application: Application, **_signal: Any) -> None:
        heard.append(("reset", application))

    application_configured.connect(on_configured)
    application_reset.connect(on_reset)
    applications.configure(options("multi-one"))
    one.application.reset()
    assert heard == [("configured", one.application), ("reset", one.application)]


def test_unknown_keys_are_logged_in_one_line(one: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    applications.configure(options("multi-one", bogus=1, pages={"x": 1}))
    assert [record.getMessage() for record in caplog.records if record.name == "parse_core.configuration"] == [
        "Invalid key(s) found in Parse Server configuration: bogus, pages.x"
    ]


def test_the_master_key_is_in_no_representation(one: ApiClient) -> None:
    application = applications.configure(options("multi-one", masterKey="very-secret", clientKey="secret-too"))
    assert "secret" not in repr(application)


def test_ids_with_any_characters_have_tables_of_their_own(database_url: str) -> None:
    names = ["multi ü", "multi_ü", "MULTI ü", 'multi"; DROP', "m" * 100, "m" * 101]
    clients = [ApiClient(applications.configure(options(name))) for name in names]
    assert len({client.application.namespace for client in clients}) == len(names)
    for client in clients:
        assert client.post("/classes/Post", {}, headers={}).status == 201
        assert len(client.get("/classes/Post").json["results"]) == 1
    for name, client in zip(names, clients, strict=True):
        client.application.reset()
        applications.remove(name)
