"""The triggers of signing in and out (`contract/cloud.md` §4.9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from parse_cloud.invocations import Invocation, ObjectCall
from parse_cloud.kinds import Failure, Kind
from parse_core.application import Application
from parse_core.errors import InvalidQuery
from tests.auth.mailing import Mailbox, sending
from tests.auth.people import PASSWORD, anonymous, log_in, sign_up
from tests.cloud.conftest import Code
from tests.support.client import ApiClient

FILE = {"__type": "File", "name": "a.txt", "url": "http://api.example/parse/files/cloud/a.txt"}


def refusing(_call: Any) -> None:
    raise Failure("no")


def sessions(api: ApiClient, user_id: str) -> int:
    where = {"user": {"__type": "Pointer", "className": "_User", "objectId": user_id}}
    return len(api.get("/sessions", query={"where": where}, master=True).json["results"])


def test_before_a_login_the_user_is_there_and_nobody_is_the_caller(api: ApiClient, code: Code) -> None:
    ann = sign_up(api, "ann", picture=FILE)
    seen: list[ObjectCall] = []
    code(Kind.BEFORE_LOGIN, "_User", seen.append)
    reply = log_in(api, "ann", headers={"X-Parse-Cloud-Context": '{"x":1}'})
    assert reply.status == 200
    (call,) = seen
    assert (call.object["objectId"], call.object["picture"], call.user) == (ann.id, FILE, None)
    assert (call.name, call.cloud) == ("_User", {"x": 1})
    assert not any(name.startswith("_") for name in call.object)


@pytest.mark.parametrize(("raised", "error"), [(Failure("no"), (141, "no")), (InvalidQuery("own"), (102, "own"))])
def test_a_refused_login_leaves_no_session(api: ApiClient, code: Code, raised: Exception, error: Any) -> None:
    def refuse(_call: Any) -> None:
        raise raised

    ann = sign_up(api, "ann")
    before = sessions(api, ann.id)
    code(Kind.BEFORE_LOGIN, "_User", refuse)
    reply = log_in(api, "ann")
    assert (reply.status, reply.error, sessions(api, ann.id)) == (400, error, before)


def test_the_login_handlers_run_for_logins_only(api: ApiClient, code: Code) -> None:
    ran: list[str] = []
    for kind in (Kind.BEFORE_LOGIN, Kind.AFTER_LOGIN):
        code(kind, "_User", lambda call: ran.append(str(call.kind)))
    ann = sign_up(api, "ann")
    log_in(api, "ann", "wrong")
    log_in(api, "nobody")
    api.post("/loginAs", {"userId": ann.id}, master=True)
    api.post("/verifyPassword", {"username": "ann", "password": PASSWORD})
    api.get("/users/me", as_user=ann.token)
    assert ran == []
    log_in(api, "ann")
    assert ran == ["beforeLogin", "afterLogin"]


def test_who_comes_back_through_a_provider_is_asked_as_well(api: ApiClient, code: Code) -> None:
    ran: list[str] = []
    for kind in (Kind.BEFORE_LOGIN, Kind.BEFORE_SAVE, Kind.AFTER_SAVE):
        code(kind, "_User", lambda call: ran.append(str(call.kind)))
    api.post("/users", anonymous("one"))
    assert ran == ["beforeSave", "afterSave"]
    ran.clear()
    assert api.post("/users", anonymous("one")).status == 200
    assert ran == ["beforeLogin"]
    code(Kind.BEFORE_LOGIN, "_User", refusing)
    assert api.post("/users", anonymous("one")).error == (141, "no")


def test_after_a_login_the_caller_is_who_logged_in(api: ApiClient, code: Code) -> None:
    ann = sign_up(api, "ann")
    seen: list[ObjectCall] = []
    code(Kind.AFTER_LOGIN, "_User", seen.append)
    token = log_in(api, "ann").json["sessionToken"]
    (call,) = seen
    assert call.user is not None
    assert (call.user["objectId"], call.user["sessionToken"]) == (ann.id, token)
    assert call.object["objectId"] == ann.id


def test_what_is_raised_after_a_login_is_answered_although_the_session_is_there(api: ApiClient, code: Code) -> None:
    ann = sign_up(api, "ann")
    before = sessions(api, ann.id)
    code(Kind.AFTER_LOGIN, "_User", refusing)
    assert log_in(api, "ann").error == (141, "no")
    assert sessions(api, ann.id) == before + 1


def test_a_login_reads_the_user_as_any_object(api: ApiClient, code: Code) -> None:
    sign_up(api, "ann", city="Rome")
    order: list[str] = []

    def run(call: Invocation) -> None:
        order.append(str(call.kind))

    for kind in (Kind.BEFORE_LOGIN, Kind.AFTER_LOGIN, Kind.BEFORE_FIND, Kind.AFTER_FIND):
        code(kind, "_User", run)
    assert log_in(api, "ann").json["city"] == "Rome"
    assert order == ["beforeLogin", "afterLogin", "beforeFind", "afterFind"]


@pytest.mark.parametrize("kind", [Kind.BEFORE_FIND, Kind.AFTER_FIND])
def test_what_refuses_to_read_the_user_is_answered(api: ApiClient, code: Code, kind: Kind) -> None:
    sign_up(api, "ann")
    code(kind, "_User", refusing)
    assert log_in(api, "ann").error == (141, "no")


def test_after_a_logout_the_session_is_seen_and_gone(api: ApiClient, code: Code) -> None:
    ann = sign_up(api, "ann")
    seen: list[ObjectCall] = []
    code(Kind.AFTER_LOGOUT, "_Session", seen.append)
    assert api.post("/logout", {}, as_user=ann.token).status == 200
    (call,) = seen
    assert (call.object["user"], call.object["sessionToken"]) == (ann.pointer, ann.token)
    assert call.user is not None
    assert call.user["objectId"] == ann.id
    assert sessions(api, ann.id) == 0
    code(Kind.AFTER_LOGOUT, "_Session", refusing)
    token = log_in(api, "ann").json["sessionToken"]
    assert api.post("/logout", {}, as_user=token).error == (141, "no")
    assert sessions(api, ann.id) == 0


def test_a_request_for_a_new_password_can_be_refused(configure: Callable[..., Application]) -> None:
    mailbox = Mailbox()
    application = configure(**sending(mailbox))
    api, code, seen = ApiClient(application), Code(application), []

    def refuse(call: ObjectCall) -> None:
        seen.append(call.object["username"])
        raise Failure("no")

    sign_up(api, "ann", email="ann@example.com")
    code(Kind.BEFORE_PASSWORD_RESET_REQUEST, "_User", refuse)
    assert api.post("/requestPasswordReset", {"email": "nobody@example.com"}).json == {}
    assert seen == []
    assert api.post("/requestPasswordReset", {"email": "ann@example.com"}).error == (141, "no")
    assert seen == ["ann"]
    assert mailbox.sent == []


def test_the_handlers_of_users_see_no_secrets(api: ApiClient, code: Code) -> None:
    seen: list[dict[str, Any]] = []
    code(Kind.AFTER_SAVE, "_User", lambda call: seen.append(call.object))
    code(Kind.AFTER_FIND, "_User", lambda call: seen.extend(call.objects))
    ann = sign_up(api, "ann", email="ann@example.com")
    api.get("/users", as_user=ann.token)
    assert len(seen) == 2
    for document in seen:
        assert not any(name.startswith("_") for name in document)
        assert "password" not in document
