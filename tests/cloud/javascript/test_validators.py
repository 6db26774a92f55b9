"""Validators of JavaScript handlers (acceptance cases 23-38, 54, 55): the same answers wherever they are checked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cloud.javascript.conftest import Serve
from tests.support.client import ApiClient

V = "Validation failed. "
LOGIN = V + "Please login to continue."


@pytest.fixture(scope="module")
def api(serve: Serve) -> ApiClient:
    client = serve("validators.js")
    user = client.post("/users", {"username": "ada", "password": "secret", "nickname": "A"}).json
    client.users["ada"] = user["sessionToken"]
    pointer = {"__type": "Pointer", "className": "_User", "objectId": user["objectId"]}
    admins = client.post(
        "/roles",
        {"name": "Admins", "ACL": {}, "users": {"__op": "AddRelation", "objects": [pointer]}},
        master=True,
    ).json
    role = {"__type": "Pointer", "className": "_Role", "objectId": admins["objectId"]}
    client.post(
        "/roles", {"name": "Editors", "ACL": {}, "roles": {"__op": "AddRelation", "objects": [role]}}, master=True
    )
    return client


RAN = "ran"
USER: dict[str, Any] = {"as_user": "ada"}
MASTER: dict[str, Any] = {"master": True}


@pytest.mark.parametrize("where", ["", "InNode"], ids=["in the server", "in Node"])
@pytest.mark.parametrize(
    ("name", "params", "how", "expected"),
    [
        ("user", {}, {}, LOGIN),
        ("user", {}, USER, RAN),
        ("user", {}, MASTER, RAN),
        ("userAlsoMaster", {}, MASTER, LOGIN),
        ("master", {}, USER, V + "Master key is required to complete this request."),
        ("master", {}, MASTER, RAN),
        ("master", {}, {"read_only": True}, RAN),
        ("listed", {}, {}, V + "Please specify data for a."),
        ("listed", {"a": None}, {}, V + "Please specify data for a."),
        ("listed", {"a": 0}, {}, RAN),
        ("listed", {"a": ""}, {}, RAN),
        ("listed", {}, MASTER, RAN),
        ("typed", {}, {}, RAN),
        ("typed", {"String": "", "Number": 0, "Boolean": False, "Array": [], "Object": {}}, {}, RAN),
        ("typed", {"Date": {"__type": "Date", "iso": "2020-01-01T00:00:00.000Z"}}, {}, RAN),
        ("typed", {"String": 1}, {}, V + "Invalid type for String. Expected: string"),
        ("typed", {"String": None}, {}, V + "Invalid type for String. Expected: string"),
        ("typed", {"Number": "1"}, {}, V + "Invalid type for Number. Expected: number"),
        ("typed", {"Number": True}, {}, V + "Invalid type for Number. Expected: number"),
        ("typed", {"Array": {}}, {}, V + "Invalid type for Array. Expected: array"),
        ("typed", {"Object": []}, {}, V + "Invalid type for Object. Expected: object"),
        ("typed", {"Object": None}, {}, RAN),
        ("typed", {"Boolean": 0}, {}, V + "Invalid type for Boolean. Expected: boolean"),
        ("options", {"a": "x"}, {}, RAN),
        ("options", {"a": "z"}, {}, V + "Invalid option for a. Expected: x, y"),
        ("options", {"a": None}, {}, V + "Invalid option for a. Expected: x, y"),
        ("options", {"b": 2}, {}, "only one"),
        ("anyRole", {}, {}, LOGIN),
        ("anyRole", {}, USER, RAN),
        ("allRoles", {}, USER, RAN),
        ("keys", {}, {}, "Please login to make this request."),
        ("keys", {}, USER, V + "Please set data for missing on your account."),
    ],
)
def test_rules(where: str, name: str, params: dict[str, Any], how: Any, expected: str, api: ApiClient) -> None:
    reply = api.post(f"/functions/{name}{where}", params, **how)
    if expected == RAN:
        assert reply.status == 200, reply.json
        assert reply.json["result"]["ran"] is True
    else:
        assert reply.error == (142, expected)


@pytest.mark.parametrize("where", ["", "InNode"])
def test_defaults_are_parameters(where: str, api: ApiClient) -> None:
    result = api.post(f"/functions/defaulted{where}", {"b": 1, "a": None}).json["result"]
    assert result["params"] == {"a": 7, "b": 1}


@pytest.mark.parametrize(
    ("name", "params", "expected"),
    [
        ("optionFunction", {"a": 2}, RAN),
        ("optionFunction", {"a": 1}, (142, V + "Invalid value for a.")),
        ("optionFunction", {}, RAN),
        ("optionAsync", {"a": 1}, (142, "too small")),
        ("optionAsync", {"a": 2}, RAN),
        ("optionRaising", {"a": 1}, (142, "raised")),
        ("roleFunction", {}, RAN),
        ("keyOptions", {}, RAN),
        ("functionFalse", {}, RAN),
        ("functionText", {}, (142, "no")),
        ("functionParse", {}, (9, "own")),
        ("functionNothing", {}, (142, "Validation failed.")),
        ("functionParams", {"bad": 1}, (142, "bad")),
        ("functionParams", {}, RAN),
    ],
)
def test_functions_in_validators(name: str, params: dict[str, Any], expected: Any, api: ApiClient) -> None:
    reply = api.post(f"/functions/{name}", params, as_user="ada")
    assert (reply.json.get("result") if expected == RAN else reply.error) == expected


def test_a_parse_error_without_a_text_has_none(api: ApiClient) -> None:
    assert api.post("/functions/functionParseSilent", {}).json == {"code": 9}


@pytest.mark.parametrize("class_name", ["Constant", "ConstantInNode"])
def test_constants(class_name: str, api: ApiClient) -> None:
    constant = api.post(f"/classes/{class_name}", {"a": 5}).json["objectId"]
    assert api.get(f"/classes/{class_name}/{constant}").json["a"] == 1
    api.put(f"/classes/{class_name}/{constant}", {"a": 6})
    assert api.get(f"/classes/{class_name}/{constant}").json["a"] == 1
    free = api.post(f"/classes/{class_name}", {"a": 5}, master=True).json["objectId"]
    assert api.get(f"/classes/{class_name}/{free}").json["a"] == 5


def test_what_is_stored_need_not_be_sent_again(api: ApiClient) -> None:
    assert api.post("/classes/Required", {}).error == (142, V + "Please specify data for a.")
    required = api.post("/classes/Required", {"a": 1}).json["objectId"]
    assert api.put(f"/classes/Required/{required}", {"b": 1}).status == 200
    assert api.put(f"/classes/Required/{required}", {"a": {"__op": "Delete"}}).error[0] == 142


@pytest.mark.parametrize("class_name", ["Skipped", "SkippedInNode"])
def test_handlers_are_skipped_for_the_master_key(class_name: str, api: ApiClient) -> None:
    ran = [api.post(f"/classes/{class_name}", {"n": 1}, **how).json.get("ran") for how in ({}, MASTER)]
    assert ran == [True, None]


def test_refused_triggers(api: ApiClient) -> None:
    refused = (142, LOGIN)
    assert "ran" not in api.post("/classes/AfterSave", {"n": 1}).json
    assert api.post("/classes/AfterSave", {"n": 1}, as_user="ada").json["ran"] is True
    kept = api.post("/classes/BeforeDelete", {}).json["objectId"]
    assert api.delete(f"/classes/BeforeDelete/{kept}").error == refused
    gone = api.post("/classes/AfterDelete", {}).json["objectId"]
    assert api.delete(f"/classes/AfterDelete/{gone}").error == refused
    assert api.get(f"/classes/AfterDelete/{gone}").status == 404
    for class_name in ("BeforeFind", "AfterFind"):
        api.post(f"/classes/{class_name}", {})
        assert api.get(f"/classes/{class_name}").error == refused
        assert api.get(f"/classes/{class_name}", as_user="ada").status == 200


def test_who_signs_up_is_the_user(api: ApiClient) -> None:
    assert api.post("/users", {"username": "new", "password": "secret"}).status == 201


@pytest.mark.parametrize("where", ["", "InNode"])
def test_rate_limits(where: str, api: ApiClient) -> None:
    replies = [api.post(f"/functions/limited{where}", {}, address="10.1.1.1") for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 429]
    assert replies[-1].error == (100, "slower")


def test_mistakes_are_thrown_where_they_are_made(api: ApiClient) -> None:
    wrong = "Invalid type for Cloud Function validation key "
    assert api.post("/functions/refusals", {}).json["result"] == [
        "nonsense is not a supported parameter for Cloud Function validations.",
        wrong + "requireUser. Expected boolean, actual array",
        wrong + "requireAnyUserRoles. Expected array|function, actual string",
        "nonsense is not a supported parameter for Cloud Function validations.",
        wrong + "required. Expected boolean, actual string",
        wrong + "error. Expected string, actual number",
        'Invalid rate limit option "nonsense"',
        "Only the afterLogout trigger is allowed for the _Session class.",
        "Only afterSave is allowed on _PushStatus",
        "Only the _User class is allowed for the beforeLogin, afterLogin, and beforePasswordResetRequest triggers",
        "Only the _Session class is allowed for the afterLogout trigger.",
    ]


def test_the_last_of_two_with_one_name_counts(api: ApiClient) -> None:
    assert api.post("/functions/double", {}).json["result"] == "last"
