"""What is asked of callers and parameters before a handler runs (`contract/cloud.md` §3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from parse_cloud.invocations import BeforeSaveCall, FunctionCall
from parse_cloud.kinds import CONFIG, Failure, IllegalRegistration, Kind
from parse_cloud.validators import Validator
from parse_core.application import applications
from parse_core.errors import InvalidQuery
from tests.auth.people import Person, make_role, sign_up
from tests.cloud.conftest import OPTIONS, Code
from tests.support.client import ApiClient, Reply

LOGIN = "Validation failed. Please login to continue."
MASTER = "Validation failed. Master key is required to complete this request."
MISSING = "Validation failed. Please specify data for {}."


@pytest.fixture
def ann(api: ApiClient) -> Person:
    return sign_up(api, "ann")


def echo(call: FunctionCall) -> Any:
    return call.params


def call(api: ApiClient, params: Any = None, **how: Any) -> Reply:
    return api.post("/functions/f", params or {}, **how)


def refused(reply: Reply, text: str) -> bool:
    return (reply.status, reply.json) == (400, {"code": 142, "error": text})


# --- Who calls -------------------------------------------------------------------------------------------------------


def test_a_user_can_be_required(api: ApiClient, code: Code, ann: Person) -> None:
    code(Kind.FUNCTION, "f", echo, requireUser=True)
    assert refused(call(api), LOGIN)
    assert call(api, as_user=ann.token).status == 200
    assert call(api, master=True).status == 200
    code(Kind.FUNCTION, "f", echo, requireUser=True, validateMasterKey=True)
    assert refused(call(api, master=True), LOGIN)


def test_the_master_key_can_be_required(api: ApiClient, code: Code, ann: Person) -> None:
    code(Kind.FUNCTION, "f", echo, requireMaster=True)
    assert refused(call(api), MASTER)
    assert refused(call(api, as_user=ann.token), MASTER)
    assert call(api, master=True).status == 200
    assert call(api, read_only=True).status == 200


@pytest.mark.parametrize("required", [["Admin", "Other"], lambda: ["Admin"]])
def test_one_of_some_roles_can_be_required_inherited_or_not(
    api: ApiClient, code: Code, ann: Person, required: Any
) -> None:
    bob = sign_up(api, "bob")
    admins = make_role(api, "Admin")
    make_role(api, "Boss", users=(ann,))
    code(Kind.FUNCTION, "f", echo, requireAnyUserRoles=required)
    text = "Validation failed. User does not match the required roles."
    assert refused(call(api), LOGIN)
    assert refused(call(api, as_user=ann.token), text)
    boss = api.get("/roles", query={"where": {"name": "Boss"}}, master=True).json["results"][0]["objectId"]
    roles = {"__op": "AddRelation", "objects": [{"__type": "Pointer", "className": "_Role", "objectId": boss}]}
    api.put(f"/roles/{admins}", {"roles": roles}, master=True)
    assert call(api, as_user=ann.token).status == 200
    assert refused(call(api, as_user=bob.token), text)


@pytest.mark.parametrize("required", [["Admin", "Boss"], lambda: ["Admin", "Boss"]])
def test_all_of_some_roles_can_be_required(api: ApiClient, code: Code, ann: Person, required: Any) -> None:
    make_role(api, "Admin", users=(ann,))
    code(Kind.FUNCTION, "f", echo, requireAllUserRoles=required)
    assert refused(call(api), LOGIN)
    assert refused(call(api, as_user=ann.token), "Validation failed. User does not match all the required roles.")
    make_role(api, "Boss", users=(ann,))
    assert call(api, as_user=ann.token).status == 200


def test_what_a_user_has_can_be_required(api: ApiClient, code: Code, ann: Person) -> None:
    code(Kind.FUNCTION, "f", echo, requireUserKeys=["city"])
    assert refused(call(api), "Please login to make this request.")
    assert refused(call(api, as_user=ann.token), "Validation failed. Please set data for city on your account.")
    api.put(ann.path, {"city": ""}, as_user=ann.token)
    assert call(api, as_user=ann.token).status == 200
    rules = {"city": {"options": ["Rome", "Oslo"], "error": "Where?"}, "zip": {"options": "1"}}
    code(Kind.FUNCTION, "f", echo, requireUserKeys=rules)
    assert refused(call(api), "Please login to make this request.")
    assert refused(call(api, as_user=ann.token), "Where?")
    api.put(ann.path, {"city": "Oslo"}, as_user=ann.token)
    assert refused(call(api, as_user=ann.token), "Validation failed. Invalid option for zip. Expected: 1")
    api.put(ann.path, {"zip": "1"}, as_user=ann.token)
    assert call(api, as_user=ann.token).status == 200


def test_who_signs_up_is_a_user_already(api: ApiClient, code: Code, ann: Person) -> None:
    code(Kind.BEFORE_SAVE, "_User", lambda _call: None, requireUser=True, requireUserKeys=["city"])
    body = {"username": "bob", "password": "x"}
    missing = "Validation failed. Please set data for city on your account."
    assert refused(api.post("/users", body), missing)
    assert api.post("/users", {**body, "city": "Rome"}).status == 201
    code(Kind.BEFORE_SAVE, "Post", lambda _call: None, requireUser=True)
    assert refused(api.post("/classes/Post", {}), LOGIN)
    assert api.post("/classes/Post", {}, as_user=ann.token).status == 201


# --- Parameters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [["a"], {"a": {"required": True}}])
def test_parameters_can_be_required(api: ApiClient, code: Code, fields: Any) -> None:
    code(Kind.FUNCTION, "f", echo, fields=fields)
    for params in ({}, {"a": None}, {"b": 1}):
        assert refused(call(api, params), MISSING.format("a"))
    values: list[Any] = [0, False, "", [], {}]
    for value in values:
        assert call(api, {"a": value}).json == {"result": {"a": value}}
    assert call(api, master=True).status == 200


DATE = {"__type": "Date", "iso": "2026-01-31T10:00:00.000Z"}
TYPES = [
    (str, "string", ["", "x"], [0, False, [], {}, None]),
    (float, "number", [0, 1.5, -1], ["0", True, [], {}, None]),
    (int, "number", [0, 1.5], ["0", True, None]),
    (bool, "boolean", [True, False], [0, "true", None]),
    (list, "array", [[], [1]], [{}, "x", None]),
    (dict, "object", [{}, {"a": 1}, None, DATE], [[], "x", 1]),
    (datetime, "date", [DATE], ["2026-01-31", 0, None]),
]


@pytest.mark.parametrize(("kind", "name", "good", "bad"), TYPES)
def test_parameters_can_be_of_a_type(
    api: ApiClient, code: Code, kind: type, name: str, good: list[Any], bad: list[Any]
) -> None:
    code(Kind.FUNCTION, "f", echo, fields={"a": {"type": kind}})
    for value in good:
        assert call(api, {"a": value}).status == 200, value
    for value in bad:
        assert refused(call(api, {"a": value}), f"Validation failed. Invalid type for a. Expected: {name}"), value
    assert call(api, {}).status == 200, "absent and not required"


def test_a_default_takes_the_place_of_nothing(api: ApiClient, code: Code) -> None:
    code(Kind.FUNCTION, "f", echo, fields={"a": {"default": {"x": 1}, "type": dict, "required": True}})
    for params in ({}, {"a": None}):
        assert call(api, params).json == {"result": {"a": {"x": 1}}}
    assert call(api, {"a": {}}).json == {"result": {"a": {}}}
    assert call(api, master=True).json == {"result": {}}


def odd(value: Any) -> bool:
    return bool(value % 2)


def raising(error: Exception) -> Callable[[Any], None]:
    def ask(_value: Any) -> None:
        raise error

    return ask


CHOICES: list[tuple[str, Any, list[Any], list[Any], str]] = [
    ("one value", "yes", ["yes"], ["no", None, 1], "Validation failed. Invalid option for a. Expected: yes"),
    ("a list", ["a", 1, True], ["a", 1, True], ["b", 0, None],
     "Validation failed. Invalid option for a. Expected: a, 1, true"),
    ("true is not one", [1], [1, 1.0], [True], "Validation failed. Invalid option for a. Expected: 1"),
    ("a function", odd, [1, 3], [2, 4], "Validation failed. Invalid value for a."),
    ("a function that says nothing", lambda _value: None, [1, None], [], ""),
    ("a function that raises a text", raising(Failure("Nope.")), [], [1], "Nope."),
    ("a function that raises an error", raising(ValueError("Nope.")), [], [1], "Nope."),
    ("a function that raises nothing", raising(Failure(None)), [], [1], "Validation failed. Invalid value for a."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "good", "bad", "text"), [row[1:] for row in CHOICES], ids=[row[0] for row in CHOICES]
)
def test_parameters_can_have_options(
    api: ApiClient, code: Code, options: Any, good: list[Any], bad: list[Any], text: str
) -> None:
    code(Kind.FUNCTION, "f", echo, fields={"a": {"options": options}})
    for value in good:
        assert call(api, {"a": value}).status == 200, value
    for value in bad:
        assert refused(call(api, {"a": value}), text), value
    assert call(api, {}).status == 200
    code(Kind.FUNCTION, "f", echo, fields={"a": {"options": options, "error": "My own."}})
    for value in bad:
        assert refused(call(api, {"a": value}), "My own."), value


def test_options_are_looked_at_last(api: ApiClient, code: Code) -> None:
    code(Kind.FUNCTION, "f", echo, fields={"a": {"options": 1}, "b": {"required": True}})
    assert refused(call(api, {"a": 2}), MISSING.format("b"))


# --- Fields of objects -----------------------------------------------------------------------------------------------


def make(api: ApiClient, **fields: Any) -> str:
    identifier: str = api.post("/classes/Post", fields, master=True).json["objectId"]
    return identifier


def read(api: ApiClient, object_id: str) -> dict[str, Any]:
    document: dict[str, Any] = api.get(f"/classes/Post/{object_id}", master=True).json
    return {name: value for name, value in document.items() if name not in ("objectId", "createdAt", "updatedAt")}


def test_an_object_needs_what_is_required_stored_or_sent(api: ApiClient, code: Code) -> None:
    object_id = make(api, a=1, b=1)
    code(Kind.BEFORE_SAVE, "Post", lambda _call: None, fields=["a"])
    assert refused(api.post("/classes/Post", {"b": 1}), MISSING.format("a"))
    assert api.put(f"/classes/Post/{object_id}", {"b": 2}).status == 200
    assert refused(api.put(f"/classes/Post/{object_id}", {"a": {"__op": "Delete"}}), MISSING.format("a"))
    assert refused(api.put(f"/classes/Post/{object_id}", {"a": None}), MISSING.format("a"))


def test_a_default_and_a_constant_are_stored_and_answered(api: ApiClient, code: Code) -> None:
    old = make(api, a=1, b=1)
    rules = {"a": {"default": 5, "constant": True}, "b": {"default": 7}}
    code(Kind.BEFORE_SAVE, "Post", lambda _call: None, fields=rules)
    new = api.post("/classes/Post", {"a": 9})
    assert (new.json["a"], new.json["b"]) == (5, 7)
    assert read(api, new.json["objectId"]) == {"a": 5, "b": 7}
    reply = api.put(f"/classes/Post/{old}", {"a": 9, "b": 2})
    assert reply.json["a"] == 1
    assert read(api, old) == {"a": 1, "b": 2}
    api.put(f"/classes/Post/{old}", {"a": 9}, master=True)
    assert read(api, old)["a"] == 9, "the master key is not asked"


def test_a_constant_means_nothing_to_a_function(api: ApiClient, code: Code) -> None:
    code(Kind.FUNCTION, "f", echo, fields={"a": {"default": 5, "constant": True}})
    assert call(api, {"a": 9}).json == {"result": {"a": 9}}


def test_a_handler_sees_what_its_validator_put_in_place(api: ApiClient, code: Code) -> None:
    seen: list[Any] = []
    code(Kind.BEFORE_SAVE, "Post", lambda call: seen.append(call.object), fields={"a": {"default": 5}})
    api.post("/classes/Post", {})
    assert seen == [{"a": 5}]


# --- Functions as validators -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("validate", "body"),
    [
        (lambda _call: False, None),
        (lambda _call: None, None),
        (raising(Failure("not you")), {"code": 142, "error": "not you"}),
        (raising(ValueError("native")), {"code": 142, "error": "native"}),
        (raising(Failure("own", 999)), {"code": 999, "error": "own"}),
        (raising(InvalidQuery("own")), {"code": 102, "error": "own"}),
        (raising(Failure(None, 999)), {"code": 999}),
        (raising(Failure(None)), {"code": 142, "error": "Validation failed."}),
    ],
)
def test_a_function_can_validate(api: ApiClient, code: Code, validate: Any, body: Any) -> None:
    ran: list[Any] = []
    code(Kind.FUNCTION, "f", ran.append, validator=Validator(function=validate))
    reply = call(api)
    assert (reply.status, reply.json, len(ran)) == ((400, body, 0) if body else (200, {}, 1))
    assert call(api, master=True).status == reply.status, "whoever asks"


def test_a_validating_function_sees_the_call(api: ApiClient, code: Code, ann: Person) -> None:
    seen: list[Any] = []
    validator = Validator(function=lambda call: seen.append((call.name, call.user and call.user["objectId"])))
    code(Kind.FUNCTION, "f", echo, validator=validator)
    call(api, as_user=ann.token)
    assert seen == [("f", ann.id)]


# --- Every kind of trigger -------------------------------------------------------------------------------------------


def act(api: ApiClient, kind: Kind, object_id: str, **how: Any) -> Reply:
    """What makes a trigger of `Post` run."""
    if kind in (Kind.BEFORE_DELETE, Kind.AFTER_DELETE):
        return api.delete(f"/classes/Post/{object_id}", **how)
    if kind in (Kind.BEFORE_FIND, Kind.AFTER_FIND):
        return api.get("/classes/Post", **how)
    return api.post("/classes/Post", {"a": 1}, **how)


TRIGGERS = [
    Kind.BEFORE_SAVE,
    Kind.AFTER_SAVE,
    Kind.BEFORE_DELETE,
    Kind.AFTER_DELETE,
    Kind.BEFORE_FIND,
    Kind.AFTER_FIND,
]


@pytest.mark.parametrize("kind", TRIGGERS)
def test_the_validator_of_a_trigger_refuses_before_the_trigger_runs(api: ApiClient, code: Code, kind: Kind) -> None:
    object_id = make(api, a=1)
    ran: list[object] = []
    code(kind, "Post", ran.append, requireUser=True)
    reply = act(api, kind, object_id)
    if kind is Kind.AFTER_SAVE:
        assert reply.status == 201, "what is saved is saved"
    else:
        assert refused(reply, LOGIN)
    assert ran == []
    left = api.get("/classes/Post", query={"where": {"objectId": object_id}}, master=True).json["results"]
    assert len(left) == (0 if kind is Kind.AFTER_DELETE else 1)


@pytest.mark.parametrize("kind", TRIGGERS)
def test_a_trigger_can_be_skipped_with_the_master_key(api: ApiClient, code: Code, kind: Kind) -> None:
    def change(_call: Any) -> None:
        raise Failure("ran")

    object_id = make(api, a=1)
    code(kind, "Post", change, skipWithMasterKey=True)
    reply = act(api, kind, object_id, master=True)
    assert reply.status in (200, 201)
    if kind is Kind.AFTER_FIND:
        assert "className" not in reply.json["results"][0]
    object_id = make(api, a=1)
    assert (act(api, kind, object_id).status == 400) is (kind is not Kind.AFTER_SAVE)
    code(kind, "Post", change, skipWithMasterKey=True, validateMasterKey=True, requireUser=True)
    object_id = make(api, a=1) if kind is not Kind.BEFORE_SAVE else object_id
    if kind is not Kind.AFTER_SAVE:
        assert refused(act(api, kind, object_id, master=True), LOGIN)


def test_the_config_and_functions_know_the_rule_too(api: ApiClient, code: Code) -> None:
    ran: list[Any] = []
    code(Kind.BEFORE_SAVE, CONFIG, ran.append, skipWithMasterKey=True)
    assert api.put("/config", {"params": {"a": 1}}, master=True).status == 200
    assert ran == []
    code(Kind.BEFORE_SAVE, CONFIG, ran.append, fields=["b"], validateMasterKey=True)
    assert refused(api.put("/config", {"params": {"a": 1}}, master=True), MISSING.format("b"))
    code(Kind.FUNCTION, "f", ran.append, skipWithMasterKey=True)
    call(api, master=True)
    assert len(ran) == 1, "functions always run"


def test_logins_and_logouts_are_not_validated(api: ApiClient, code: Code) -> None:
    ran: list[Any] = []
    ann = sign_up(api, "ann")
    for kind, name in ((Kind.BEFORE_LOGIN, "_User"), (Kind.AFTER_LOGIN, "_User"), (Kind.AFTER_LOGOUT, "_Session")):
        code(kind, name, ran.append, requireMaster=True, skipWithMasterKey=True)
    assert api.post("/login", {"username": "ann", "password": "s3cret"}).status == 200
    assert api.post("/logout", {}, as_user=ann.token).status == 200
    assert len(ran) == 3


# --- Declaring -------------------------------------------------------------------------------------------------------

TYPED = "Invalid type for Cloud Function validation key {}. Expected {}, actual {}"
UNKNOWN = "{} is not a supported parameter for Cloud Function validations."
ILLEGAL: list[tuple[dict[str, Any], str]] = [
    ({"unknown": True}, UNKNOWN.format("unknown")),
    ({"requireUser": []}, TYPED.format("requireUser", "boolean", "array")),
    ({"requireMaster": "yes"}, TYPED.format("requireMaster", "boolean", "string")),
    ({"validateMasterKey": 1}, TYPED.format("validateMasterKey", "boolean", "number")),
    ({"skipWithMasterKey": {}}, TYPED.format("skipWithMasterKey", "boolean", "object")),
    ({"requireAnyUserRoles": True}, TYPED.format("requireAnyUserRoles", "array|function", "boolean")),
    ({"requireAllUserRoles": "Admin"}, TYPED.format("requireAllUserRoles", "array|function", "string")),
    ({"requireUserKeys": True}, TYPED.format("requireUserKeys", "array|object", "boolean")),
    ({"fields": lambda: None}, TYPED.format("fields", "array|object", "function")),
    ({"rateLimit": []}, TYPED.format("rateLimit", "object", "array")),
    ({"fields": {"a": {"unknown": 1}}}, UNKNOWN.format("unknown")),
    ({"fields": {"a": {"required": "yes"}}}, TYPED.format("required", "boolean", "string")),
    ({"fields": {"a": {"constant": []}}}, TYPED.format("constant", "boolean", "array")),
    ({"fields": {"a": {"error": 1}}}, TYPED.format("error", "string", "number")),
    ({"requireUserKeys": {"a": {"error": []}}}, TYPED.format("error", "string", "array")),
    ({"fields": {"a": "text"}}, UNKNOWN.format("0")),
    ({"rateLimit": {"requestCount": 1, "requestTimeWindow": 1, "max": 2}}, 'Invalid rate limit option "max"'),
    ({"rateLimit": {"requestTimeWindow": 1}}, "rateLimit.requestCount must be defined"),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "text"), ILLEGAL, ids=[text for _, text in ILLEGAL])
def test_rules_that_nobody_could_follow_are_refused_when_they_are_declared(rules: dict[str, Any], text: str) -> None:
    with pytest.raises(IllegalRegistration) as refusal:
        Validator(rules=rules)
    assert str(refusal.value) == text


def test_a_validator_that_runs_into_an_error_of_its_own_refuses(api: ApiClient, code: Code) -> None:
    def broken(_call: BeforeSaveCall) -> None:
        raise KeyError("missing")

    code(Kind.BEFORE_SAVE, "Post", lambda _call: None, validator=Validator(function=broken))  # type: ignore[arg-type]
    assert api.post("/classes/Post", {}).json["code"] == 142


# --- Rate limits -----------------------------------------------------------------------------------------------------

LIMIT = {"requestCount": 1, "requestTimeWindow": 60_000, "includeInternalRequests": True}
TOO_MANY = {"code": 100, "error": "Too many requests."}


def test_a_function_can_be_limited(api: ApiClient, code: Code, ann: Person) -> None:
    code(Kind.FUNCTION, "f", echo, rateLimit=LIMIT)
    code(Kind.FUNCTION, "g:x*", echo, rateLimit={**LIMIT, "errorResponseMessage": "Slowly."})
    assert [call(api).status for _ in range(2)] == [200, 429]
    assert call(api).json == TOO_MANY
    assert call(api, address="10.0.0.1").status == 200
    assert call(api, master=True).status == 200
    assert [api.post("/functions/g:x*", {}).status for _ in range(2)] == [200, 429]
    assert api.post("/functions/g:x*", {}).json == {"code": 100, "error": "Slowly."}
    assert api.post("/functions/g:xy", {}).json["code"] == 141


def test_a_limit_may_count_the_master_key_by_user_and_everybody_alike(api: ApiClient, code: Code, ann: Person) -> None:
    bob = sign_up(api, "bob")
    code(Kind.FUNCTION, "f", echo, rateLimit={**LIMIT, "includeMasterKey": True, "zone": "user"})
    code(Kind.FUNCTION, "all", echo, rateLimit={**LIMIT, "zone": "global"})
    assert [call(api, as_user=who.token).status for who in (ann, bob, ann)] == [200, 200, 429]
    assert [call(api, master=True).status for _ in range(2)] == [200, 429]
    assert [api.post("/functions/all", {}, address=f"10.0.0.{n}").status for n in range(2)] == [200, 429]


LIMITED = [
    (Kind.BEFORE_SAVE, "Post", ("POST", "/classes/Post"), ("PUT", "/classes/Post/x"), ("GET", "/classes/Post")),
    (Kind.BEFORE_DELETE, "Post", ("DELETE", "/classes/Post/x"), ("DELETE", "/classes/Post/y"),
     ("POST", "/classes/Post")),
    (Kind.BEFORE_FIND, "Post", ("GET", "/classes/Post"), ("GET", "/classes/Post/x"), ("POST", "/classes/Post")),
    (Kind.BEFORE_FIND, "_User", ("GET", "/users"), ("GET", "/classes/_User/x"), ("GET", "/classes/Post")),
    (Kind.BEFORE_LOGIN, "_User", ("GET", "/login"), ("POST", "/login"), ("GET", "/users")),
    (Kind.BEFORE_PASSWORD_RESET_REQUEST, "_User", ("POST", "/requestPasswordReset"), ("POST", "/requestPasswordReset"),
     ("POST", "/login")),
    (Kind.BEFORE_SAVE, CONFIG, ("PUT", "/config"), ("PUT", "/config"), ("GET", "/config")),
]  # fmt: skip


@pytest.mark.parametrize("row", LIMITED, ids=[f"{row[0]} of {row[1]}" for row in LIMITED])
def test_what_makes_a_trigger_run_can_be_limited(api: ApiClient, code: Code, row: Any) -> None:
    kind, name, *requests = row
    code(kind, name, lambda _call: None, rateLimit=LIMIT)
    first, second, other, again = (api.request(method, path, {}) for method, path in (*requests, requests[-1]))
    assert first.status != 429
    assert second.status == 429
    assert 429 not in (other.status, again.status)


def test_a_limit_lasts_as_long_as_its_registration_and_no_longer(code: Code, api: ApiClient) -> None:
    code(Kind.FUNCTION, "f", echo, rateLimit=LIMIT)
    applications.configure({**OPTIONS, "rateLimit": []})
    code(Kind.FUNCTION, "g", echo)
    assert [call(api).status for _ in range(2)] == [200, 429], "whatever was configured afterwards"
    code(Kind.FUNCTION, "f", echo)
    assert [call(api).status for _ in range(3)] == [200, 200, 200]


def test_a_window_passes(api: ApiClient, code: Code) -> None:
    import time

    code(Kind.FUNCTION, "f", echo, rateLimit={**LIMIT, "requestTimeWindow": 200})
    assert [call(api).status for _ in range(2)] == [200, 429]
    time.sleep(0.25)
    assert call(api).status == 200


def test_a_limit_may_name_its_own_path_and_methods(api: ApiClient, code: Code) -> None:
    own = {**LIMIT, "requestPath": "/classes/:any", "requestMethods": ["GET"]}
    code(Kind.FUNCTION, "f", echo, rateLimit=own)
    assert [call(api).status for _ in range(2)] == [200, 200]
    assert [api.get(f"/classes/{name}").status for name in ("A", "B")] == [200, 429]
