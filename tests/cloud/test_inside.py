"""The REST API from inside, as Cloud Code asks it: the same routes, rights and triggers, without HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from parse_cloud.kinds import Failure, Kind
from parse_core.application import Application
from parse_core.context import RequestContext
from parse_core.errors import (
    Forbidden,
    InvalidSessionToken,
    MasterKeyRequired,
    ObjectNotFound,
    ParseError,
    PasswordMissing,
    UsernameMissing,
)
from parse_core.rest.base import UnknownRoute
from parse_core.rest.inside import caller, perform
from tests.auth.people import sign_up
from tests.cloud.conftest import Code
from tests.support.client import ApiClient

ask: Callable[..., Any] = perform  # what a test looks into has no type

FILE = {"__type": "File", "name": "a.txt", "url": "http://api.example/parse/files/cloud/a.txt"}


def acting(application: Application, **who: Any) -> RequestContext:
    """A request of Cloud Code: with the rights it names, otherwise with nobody's."""
    return RequestContext(application, caller(application, **who), installation_id="cloud")


@pytest.fixture
def nobody(application: Application) -> RequestContext:
    return acting(application)


@pytest.fixture
def master(application: Application) -> RequestContext:
    return acting(application, master=True)


def test_a_route_answers_with_values_and_real_addresses(nobody: RequestContext) -> None:
    created = ask(nobody, "POST", "/classes/Post", {"a": 1, "f": FILE})
    assert created.status == 201
    assert created.headers["Location"].endswith(f"/classes/Post/{created.body['objectId']}")
    found = ask(nobody, "GET", "classes/Post", query={"where": {"a": 1}, "limit": 1})
    assert [each["f"] for each in found.body["results"]] == [FILE]
    assert ask(nobody, "GET", 'classes/Post?where={"a":2}').body == {"results": []}
    assert ask(nobody, "PUT", f"/classes/Post/{created.body['objectId']}/", {"a": 2}).status == 200
    assert ask(nobody, "DELETE", f"/classes/Post/{created.body['objectId']}").body == {}


@pytest.mark.parametrize(("method", "path"), [("GET", "nosuch"), ("PATCH", "classes/Post"), ("GET", "functions/f")])
def test_what_is_no_route_is_none_here_either(nobody: RequestContext, method: str, path: str) -> None:
    with pytest.raises(UnknownRoute):
        ask(nobody, method, path)


@pytest.mark.parametrize("transaction", [None, False, True])
def test_a_batch_is_made_of_the_same_routes(nobody: RequestContext, *, transaction: bool | None) -> None:
    ask(nobody, "POST", "classes/Post", {"key": "value0"})
    requests = [
        {"method": "POST", "path": "/classes/Post", "body": {"key": f"value{n}"}, "status": 201} for n in (1, 2)
    ]
    body = {"requests": requests, **({} if transaction is None else {"transaction": transaction})}
    answer = ask(nobody, "POST", "batch", body)
    assert answer.status == 200
    assert [set(each["success"]) for each in answer.body] == [{"objectId", "createdAt"}] * 2
    found = ask(nobody, "GET", "classes/Post", query={"order": "key"}).body["results"]
    assert [each["key"] for each in found] == ["value0", "value1", "value2"]


def test_nothing_of_a_transaction_is_stored_when_a_part_fails(nobody: RequestContext) -> None:
    ask(nobody, "POST", "classes/Post", {"key": "value0"})
    bodies: list[Any] = [{"key": "value1"}, {"key": 10}]
    requests = [{"method": "POST", "path": "/classes/Post", "body": body} for body in bodies]
    answer = ask(nobody, "POST", "batch", {"requests": requests, "transaction": True})
    assert (answer.status, answer.body["code"]) == (400, 111)
    assert len(ask(nobody, "GET", "classes/Post").body["results"]) == 1


def test_nobody_is_a_user_or_the_master_unless_it_says_so(
    application: Application, api: ApiClient, nobody: RequestContext, master: RequestContext
) -> None:
    ann = sign_up(api, "ann")
    hers = api.post("/classes/Post", {"ACL": {ann.id: {"read": True}}}, master=True).json["objectId"]
    with pytest.raises(ObjectNotFound):
        ask(nobody, "GET", f"classes/Post/{hers}")
    assert ask(acting(application, session_token=ann.token), "GET", f"classes/Post/{hers}").status == 200
    assert ask(master, "GET", f"classes/Post/{hers}").status == 200
    with pytest.raises(MasterKeyRequired):
        ask(nobody, "GET", "schemas")
    assert ask(master, "GET", "schemas").status == 200
    with pytest.raises(InvalidSessionToken):
        caller(application, session_token="r:nonsense")
    with pytest.raises(Forbidden):
        ask(nobody, "GET", "classes/_JobStatus")


def test_the_user_of_a_token_is_the_user(application: Application, api: ApiClient) -> None:
    ann = sign_up(api, "ann")
    me = ask(acting(application, session_token=ann.token), "GET", "users/me").body
    assert (me["objectId"], me["sessionToken"]) == (ann.id, ann.token)


@pytest.mark.parametrize(
    ("body", "error"),
    [({"username": "", "password": "x"}, UsernameMissing), ({"username": "x", "password": ""}, PasswordMissing)],
)
def test_a_user_without_name_or_password_is_none(
    nobody: RequestContext, master: RequestContext, body: Any, error: type[ParseError]
) -> None:
    with pytest.raises(error):
        ask(nobody, "POST", "users", body)
    assert ask(master, "GET", "users").body["results"] == []


def test_users_made_by_code_have_a_session_only_on_an_installation(
    nobody: RequestContext, master: RequestContext
) -> None:
    answer = ask(nobody, "POST", "users", {"username": "ann", "password": "x"})
    assert "sessionToken" not in answer.body
    assert ask(master, "GET", "sessions").body["results"] == []
    phone = replace(nobody, installation_id="phone")
    answer = ask(phone, "POST", "users", {"username": "bob", "password": "x"})
    assert answer.body["sessionToken"].startswith("r:")
    ask(replace(phone, installation_id="tablet"), "POST", "login", {"username": "bob", "password": "x"})
    sessions = ask(master, "GET", "sessions").body["results"]
    assert {each["installationId"] for each in sessions} == {"phone", "tablet"}
    assert {each["createdWith"]["action"] for each in sessions} == {"signup", "login"}


def test_the_context_object_reaches_the_triggers(nobody: RequestContext, code: Code) -> None:
    seen: list[Any] = []
    code(Kind.BEFORE_SAVE, "Post", lambda call: seen.append(call.cloud))
    ask(replace(nobody, cloud={"x": 1}), "POST", "classes/Post", {})
    assert seen == [{"x": 1}]


def test_a_handler_that_refuses_is_heard(nobody: RequestContext, code: Code) -> None:
    def refuse(_call: Any) -> None:
        raise Failure("no", 999)

    code(Kind.BEFORE_SAVE, "Post", refuse)
    with pytest.raises(Failure) as refusal:
        ask(nobody, "POST", "classes/Post", {})
    assert refusal.value.body(sanitize=True) == {"code": 999, "error": "no"}


def test_rate_limits_and_client_keys_are_for_the_network(configure: Any) -> None:
    application = configure(
        restAPIKey="rest",
        rateLimit=[{"requestPath": "/*path", "requestCount": 1, "requestTimeWindow": 60_000}],
    )
    for _ in range(3):
        assert ask(acting(application), "GET", "classes/Post").status == 200
