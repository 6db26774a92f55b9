"""Validators as authors declare them in Python: keywords, a pasted dictionary, a function (Python API B)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from parse_cloud import Field, File, FunctionRequest, GeoPoint, Object, ParseError, RateLimit, TriggerRequest
from parse_cloud.author.cloud import Cloud
from parse_cloud.author.loading import CloudCodeError
from tests.cloud.python.conftest import Serving

FormOf = Callable[[Any], Any]
LOGIN = (142, "Validation failed. Please login to continue.")
DATE = {"__type": "Date", "iso": "2026-01-31T12:00:00.000Z"}
FILE = {"__type": "File", "name": "a.txt", "url": "http://api.example/a.txt"}
PLACE = {"__type": "GeoPoint", "latitude": 1, "longitude": 2}
POST = {"__type": "Pointer", "className": "Ticket", "objectId": "x"}


class Ticket(Object):  # known to all applications of the process: a class no other test has
    class_name = "Ticket"


def wrong(kind: str) -> tuple[int, str]:
    return 142, f"Validation failed. Invalid type for a. Expected: {kind}"


@pytest.mark.parametrize(
    ("how", "params", "error"),
    [
        ({"require_user": True}, {}, LOGIN),
        ({"validator": {"requireUser": True}}, {}, LOGIN),
        ({"require_master": True}, {}, (142, "Validation failed. Master key is required to complete this request.")),
        ({"require_any_user_roles": ["a"]}, {}, LOGIN),
        ({"require_user_keys": ["phone"]}, {}, (142, "Please login to make this request.")),
        ({"fields": ["a"]}, {}, (142, "Validation failed. Please specify data for a.")),
        ({"fields": ("a",)}, {"a": None}, (142, "Validation failed. Please specify data for a.")),
        ({"fields": ["a"]}, {"a": 0}, None),
        ({"fields": {"a": Field(str)}}, {"a": 1}, wrong("string")),
        ({"fields": {"a": str}}, {"a": 1}, wrong("string")),
        ({"fields": {"a": Field("String")}}, {"a": 1}, wrong("string")),
        ({"fields": {"a": Field(int)}}, {"a": True}, wrong("number")),
        ({"fields": {"a": Field(float)}}, {"a": 1}, None),
        ({"fields": {"a": Field(bool)}}, {"a": 1}, wrong("boolean")),
        ({"fields": {"a": Field(list)}}, {"a": {}}, wrong("array")),
        ({"fields": {"a": Field(dict)}}, {"a": {}}, None),
        ({"fields": {"a": Field(datetime)}}, {"a": DATE}, None),
        ({"fields": {"a": Field(datetime)}}, {"a": "2026"}, wrong("date")),
        ({"fields": {"a": Field(File)}}, {"a": FILE}, None),
        ({"fields": {"a": Field(File)}}, {"a": DATE}, wrong("file")),
        ({"fields": {"a": Field(GeoPoint)}}, {"a": PLACE}, None),
        ({"fields": {"a": Field(Ticket)}}, {"a": POST}, None),
        ({"fields": {"a": Field(Ticket)}}, {"a": {**POST, "className": "Other"}}, wrong("*Ticket")),
        ({"fields": {"a": Field(Object)}}, {"a": POST}, None),
        ({"fields": {"a": Field(str)}}, {}, None),
        (
            {"fields": {"a": Field(options=[1, 2])}},
            {"a": 3},
            (142, "Validation failed. Invalid option for a. Expected: 1, 2"),
        ),
        ({"fields": {"a": Field(options=5, error="five!")}}, {"a": 3}, (142, "five!")),
        ({"fields": {"a": Field(options=[datetime(2026, 1, 31, 12, tzinfo=UTC)])}}, {"a": DATE}, None),
        (
            {"fields": {"a": Field(options=lambda value: value > 2)}},
            {"a": 1},
            (142, "Validation failed. Invalid value for a."),
        ),
        ({"fields": {"a": Field(options=lambda value: value.year == 2026)}}, {"a": DATE}, None),
        (
            {"fields": {"a": {"type": int, "required": True}}},
            {},
            (142, "Validation failed. Please specify data for a."),
        ),
    ],
)
def test_rules_hold(serving: Serving, how: dict[str, Any], params: dict[str, Any], error: Any) -> None:
    api = serving(
        lambda cloud: cloud.function("f", **how)(lambda _request: 1), fileUpload={"allowedFileUrlDomains": ["*"]}
    )
    reply = api.post("/functions/f", params)
    assert (reply.error if reply.status != 200 else None) == error
    assert "validateMasterKey" in how or api.post("/functions/f", params, master=True).status == 200


def test_options_may_be_asked_of_coroutines(serving: Serving) -> None:
    async def is_even(value: int) -> bool:
        if value == 7:
            raise ValueError("seven is odd")
        return value % 2 == 0

    api = serving(lambda cloud: cloud.function("f", fields={"a": Field(options=is_even)})(lambda _request: 1))
    assert api.post("/functions/f", {"a": 2}).status == 200
    assert api.post("/functions/f", {"a": 3}).error == (142, "Validation failed. Invalid value for a.")
    assert api.post("/functions/f", {"a": 7}).error == (142, "seven is odd")


def test_roles_may_be_asked_of_functions(serving: Serving, form: FormOf) -> None:
    def roles() -> list[str]:
        return ["editor"]

    api = serving(lambda cloud: cloud.function("f", require_any_user_roles=form(roles))(lambda _request: 1))
    user = api.post("/users", {"username": "ada", "password": "x"}).json
    refused = api.post("/functions/f", {}, as_user=user["sessionToken"])
    assert refused.error == (142, "Validation failed. User does not match the required roles.")
    member = {"__type": "Pointer", "className": "_User", "objectId": user["objectId"]}
    users = {"__op": "AddRelation", "objects": [member]}
    assert api.post("/roles", {"name": "editor", "ACL": {}, "users": users}, master=True).status == 201
    assert api.post("/functions/f", {}, as_user=user["sessionToken"]).status == 200


def test_defaults_arrive(serving: Serving) -> None:
    how: dict[str, Any] = {
        "fields": {"a": Field(int, default=3), "when": Field(default=datetime(2026, 1, 31, 12, tzinfo=UTC))}
    }
    api = serving(
        lambda cloud: cloud.function("f", **how)(lambda request: [request.params["a"], request.params["when"]])
    )
    assert api.post("/functions/f").json == {"result": [3, DATE]}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, None),
        (ValueError("not you"), (142, "not you")),
        (ParseError(101, "hidden"), (101, "hidden")),
        (Exception(), (142, "Validation failed.")),
        (SystemExit(), (142, "Validation failed.")),
    ],
    ids=repr,
)
def test_a_function_is_a_validator(serving: Serving, form: FormOf, error: BaseException | None, expected: Any) -> None:
    def check(request: FunctionRequest) -> bool:
        request.params["seen"] = True
        if error is not None:
            raise error
        return False

    api = serving(
        lambda cloud: cloud.function("f", validator=form(check))(form(lambda request: request.params["seen"]))
    )
    reply = api.post("/functions/f")
    assert (None if reply.status == 200 else reply.error) == expected
    if expected is None:
        assert reply.json == {"result": True}


def test_a_parse_error_without_a_text_has_none(serving: Serving) -> None:
    def check(_request: FunctionRequest) -> None:
        raise ParseError(142)

    api = serving(lambda cloud: cloud.function("f", validator=check)(lambda _request: 1))
    assert api.post("/functions/f").json == {"code": 142}


def test_fields_of_objects_have_defaults_and_constants(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.before_save(
            "Post", fields={"kind": Field(str, default="a", constant=True), "n": Field(int, required=True)}
        )
        def look(request: TriggerRequest[Any]) -> None:
            request.object.set("seen", request.object.get("kind"))

    api = serving(setup)
    created = api.post("/classes/Post", {"kind": "x", "n": 1}).json
    assert (created["kind"], created["seen"]) == ("a", "a")
    updated = api.put(f"/classes/Post/{created['objectId']}", {"kind": "y"}).json
    assert updated["kind"] == "a"
    assert api.post("/classes/Post", {"n": "1"}).error == (
        142,
        "Validation failed. Invalid type for n. Expected: number",
    )


def test_too_many_calls_are_refused(serving: Serving) -> None:
    def setup(cloud: Cloud) -> None:
        limit = RateLimit(2, 60_000, message="slowly", include_internal_requests=True)
        cloud.function("f", rate_limit=limit)(lambda _request: 1)
        cloud.before_login(
            rate_limit={"requestCount": 1, "requestTimeWindow": 60_000, "includeInternalRequests": True}
        )(lambda _request: None)

    api = serving(setup)
    assert [api.post("/functions/f").status for _ in range(3)] == [200, 200, 429]
    assert api.post("/functions/f").error == (100, "slowly")
    assert api.post("/functions/f", {}, master=True).status == 200
    assert [api.post("/login", {"username": "a", "password": "b"}).status for _ in range(2)] == [404, 429]


@pytest.mark.parametrize(
    ("register", "said"),
    [
        (
            lambda cloud: cloud.function("f", requre_user=True),
            "requre_user is not a supported parameter for Cloud Function validations.",
        ),
        (
            lambda cloud: cloud.function("f", validator={"user": True}),
            "user is not a supported parameter for Cloud Function validations.",
        ),
        (
            lambda cloud: cloud.function("f", require_user=[]),
            "Invalid type for Cloud Function validation key requireUser. Expected boolean, actual array",
        ),
        (
            lambda cloud: cloud.function("f", require_any_user_roles="x"),
            "validation key requireAnyUserRoles. Expected array|function, actual string",
        ),
        (
            lambda cloud: cloud.function("f", fields={"a": {"kind": 1}}),
            "kind is not a supported parameter for Cloud Function validations.",
        ),
        (lambda cloud: cloud.function("f", rate_limit={"count": 1}), 'Invalid rate limit option "count"'),
        (
            lambda cloud: cloud.before_save("_Session"),
            "Only the afterLogout trigger is allowed for the _Session class.",
        ),
        (lambda cloud: cloud.before_save("_PushStatus"), "Only afterSave is allowed on _PushStatus"),
        (
            lambda cloud: cloud.before_login("Post"),
            "Only the _User class is allowed for the beforeLogin, afterLogin, and beforePasswordResetRequest triggers",
        ),
        (lambda cloud: cloud.after_logout("_User"), "Only the _Session class is allowed for the afterLogout trigger."),
        (lambda cloud: cloud.after_login(require_user=True), "afterLogin takes no validator"),
        (
            lambda cloud: cloud.function("f", validator=print, require_user=True),
            "either by `validator=` or by keywords",
        ),
        (lambda cloud: cloud.function("f", validator=5), "A validator is a dictionary or a function, not 5"),
        (lambda cloud: cloud.function(5), "A function has a text as its name, not 5"),
        (lambda cloud: cloud.before_save(""), "beforeSave needs a class"),
        (lambda cloud: cloud.before_save(5), "5 is not a class of the SDK, nor the name of a class"),
    ],
)
def test_what_could_never_hold_is_refused_while_loading(serving: Serving, register: Any, said: str) -> None:
    with pytest.raises(CloudCodeError) as raised:
        serving(lambda cloud: register(cloud)(lambda _request: None))
    assert said in str(raised.value)
    assert "test_validators.py" in str(raised.value)


def test_of_two_functions_with_one_name_the_last_counts_and_it_is_told(
    serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    def setup(cloud: Cloud) -> None:
        cloud.function("f")(lambda _request: 1)
        cloud.function("f")(lambda _request: 2)

    assert serving(setup).post("/functions/f").json == {"result": 2}
    assert "Warning: Duplicate cloud functions exist for f. Only the last one will be used" in caplog.text
