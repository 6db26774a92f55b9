"""Every refusal of a class definition, over HTTP; nothing of a refused request is done."""

from __future__ import annotations

import pytest

from tests.schema.definition_cases import ON_CREATE, ON_MODIFY, PRESENT, Case
from tests.support.client import ApiClient


def _why(case: Case) -> str:
    return case.why


@pytest.mark.parametrize("case", ON_CREATE, ids=_why)
def test_a_class_is_not_created(api: ApiClient, case: Case) -> None:
    reply = api.post("/schemas/Game", case.body, master=True)
    assert (reply.status, reply.error) == (400, (case.code, case.error))
    assert api.get("/schemas/Game", master=True).error == (103, "Class Game does not exist.")


@pytest.mark.parametrize("case", ON_MODIFY, ids=_why)
def test_a_class_is_not_modified(api: ApiClient, case: Case) -> None:
    before = api.post("/schemas/Game", PRESENT, master=True)
    assert before.status == 200
    reply = api.put("/schemas/Game", case.body, master=True)
    assert (reply.status, reply.error) == (400, (case.code, case.error))
    assert api.get("/schemas/Game", master=True).json == before.json


@pytest.mark.parametrize(
    "name",
    ["1a", "_Foo", "a-b", "a b", "é", "length", "className", "a" * 121, "_Join:a:B", "a\n", "_SCHEMA", "_GlobalConfig"],
)
def test_a_class_of_that_name_is_not_created(api: ApiClient, name: str) -> None:
    reply = api.post("/schemas", {"className": name}, master=True)
    rule = "classnames can only have alphanumeric characters and _, and must start with an alpha character "
    assert (reply.status, reply.error) == (400, (103, f"Invalid classname: {name}, {rule}"))


def test_one_hundred_and_twenty_characters_are_a_class_name(api: ApiClient) -> None:
    name = "a" * 120
    assert api.post(f"/schemas/{name}", {}, master=True).status == 200
    assert api.post(f"/classes/{name}", {"x": 1}, master=True).status == 201
    assert api.delete(f"/purge/{name}", master=True).status == 200
    assert api.delete(f"/schemas/{name}", master=True).status == 200


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        pytest.param("/schemas/A", {"className": "B"}, (103, "Class name mismatch between B and A."), id="two names"),
        pytest.param("/schemas", {}, (135, "POST /schemas needs a class name."), id="no name"),
        pytest.param("/schemas", {"className": ""}, (135, "POST /schemas needs a class name."), id="an empty name"),
        pytest.param("/schemas/_User", {}, (103, "Class _User already exists."), id="a class that exists"),
    ],
)
def test_a_creation_is_refused(api: ApiClient, path: str, body: dict[str, str], error: tuple[int, str]) -> None:
    reply = api.post(path, body, master=True)
    assert (reply.status, reply.error) == (400, error)


def test_a_class_that_objects_made_already_exists(api: ApiClient) -> None:
    assert api.post("/classes/Game", {"score": 1}, master=True).status == 201
    assert api.post("/schemas/Game", {}, master=True).error == (103, "Class Game already exists.")


def test_modifying_an_unknown_class_or_another_one_is_refused(api: ApiClient) -> None:
    assert api.put("/schemas/Game", {}, master=True).error == (103, "Class Game does not exist.")
    assert api.put("/schemas/Game", {"className": "Other"}, master=True).error == (
        103,
        "Class name mismatch between Other and Game.",
    )
