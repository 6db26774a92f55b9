"""Providers of one's own (`contract/auth_providers.md` §3, §5, §7)."""

from __future__ import annotations

import hashlib
import hmac
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.auth.conftest import Configure
from tests.auth.people import PASSWORD, Person
from tests.auth.providers.conftest import SignIn
from tests.support.client import ApiClient

UNSUPPORTED = (252, "This authentication method is unsupported.")
DOCUMENT = Path(__file__).parents[3] / "docs" / "extending" / "sign-in-provider.md"


class Recorder:
    """Accepts everybody, and keeps what it was asked."""

    def __init__(self, options: Any = None, **result: Any) -> None:
        self.options = options or {}
        self.result = result
        self.calls: list[tuple[str, Any, Any]] = []

    async def validate_set_up(self, data: Any, options: Any, request: Any) -> Any:
        return self._told("set_up", data, request)

    def validate_login(self, data: Any, options: Any, request: Any) -> Any:
        return self._told("login", data, request)

    def validate_update(self, data: Any, options: Any, request: Any) -> Any:
        return self._told("update", data, request)

    def _told(self, name: str, data: Any, request: Any) -> Any:
        self.calls.append((name, data, request))
        return self.result

    @property
    def names(self) -> list[str]:
        return [name for name, _, _ in self.calls]


def test_the_file_of_the_documentation_works(
    configure: Configure, api: ApiClient, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = next(
        block for block in re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL) if "class" in block
    )
    module = ModuleType("badge_of_the_documentation")
    exec(source, module.__dict__)  # noqa: S102
    monkeypatch.setitem(sys.modules, module.__name__, module)
    configure(auth={"badge": {"module": f"{module.__name__}.Badge", "options": {"secret": "s"}}})
    signature = hmac.new(b"s", b"17", hashlib.sha256).hexdigest()
    assert sign_in("badge", {"id": "17", "signature": "x"}).error == (101, "This badge is not ours.")
    user = sign_in("badge", {"id": "17", "signature": signature})
    assert user.json["authDataResponse"] == {"badge": {"welcome": True}}
    again = sign_in("badge", {"id": "17", "signature": signature})
    assert (again.status, again.json["authData"]) == (200, {"badge": {"id": "17"}})


def test_each_situation_asks_its_method_once(configure: Configure, api: ApiClient, sign_in: SignIn) -> None:
    recorder = Recorder()
    configure(auth={"mine": recorder})
    user = sign_in("mine", {"id": "x"}).json
    assert sign_in("mine", {"id": "x"}).status == 200
    path, token = f"/users/{user['objectId']}", user["sessionToken"]
    assert api.put(path, {"authData": {"mine": {"id": "x"}}}, as_user=token).status == 200
    assert recorder.names == ["set_up", "login"]  # what is sent back unchanged asks nobody
    assert api.put(path, {"authData": {"mine": {"id": "y"}}}, as_user=token).status == 200
    assert recorder.names == ["set_up", "login", "update"]
    request = recorder.calls[-1][2]
    assert request.original["objectId"] == request.object["objectId"] == request.user_id == user["objectId"]
    assert request.original["authData"] == {"mine": {"id": "x"}}
    assert recorder.calls[0][2].original is None  # nobody was known
    assert sign_in("mine", {"id": "x"}).status == 201  # the former id is free again


def test_what_a_method_returns_decides_what_is_stored_and_told(
    configure: Configure, api: ApiClient, sign_in: SignIn
) -> None:
    saver = Recorder(save={"id": "kept"}, response={"told": 1})
    forgetful = Recorder(doNotSave=True)
    configure(auth={"saver": saver, "forgetful": forgetful})
    user = api.post("/users", {"authData": {"saver": {"id": "sent"}, "forgetful": {"token": 1}}}).json
    assert user["authDataResponse"] == {"saver": {"told": 1}}
    stored = api.get(f"/users/{user['objectId']}", master=True).json["authData"]
    assert stored == {"saver": {"id": "kept"}}


def raising(error: Any) -> Any:
    def validate(data: Any, options: Any, request: Any) -> None:
        raise error

    return {"validateAuthData": validate}


def test_errors_keep_their_text(configure: Configure, sign_in: SignIn) -> None:
    for error, answer in (
        (ValueError("no"), (141, "no")),
        (RuntimeError(), (141, "Auth failed. Unknown error.")),
    ):
        configure(auth={"mine": raising(error)})
        assert sign_in("mine", {"id": "x"}).error == answer


def test_the_first_refusal_in_alphabetical_order_ends_it(configure: Configure, api: ApiClient) -> None:
    later = Recorder()
    configure(auth={"b": later, "a": raising(ValueError("no"))})
    assert api.post("/users", {"authData": {"b": {"id": "x"}, "a": {"id": "x"}}}).error == (141, "no")
    assert later.calls == []


def test_what_is_no_provider(configure: Configure, sign_in: SignIn) -> None:
    configure(auth={"mine": {"validateAppId": lambda *_: None}})
    assert sign_in("mine", {"id": "x"}).error[0] == -1
    configure(auth={"mine": {"validateAuthData": lambda *_: None, "policy": "bad"}})
    assert sign_in("mine", {"id": "x"}).error[1].startswith("AuthAdapter policy is not configured correctly.")
    configure(auth={"mine": {"x": 1}, "github": {"enabled": False, "clientId": "a", "clientSecret": "b"}})
    assert sign_in("mine", {"id": "x"}).error == UNSUPPORTED
    assert sign_in("github", {"code": "x"}).error == UNSUPPORTED
    configure(auth={"mine": "no.such.module.Class"})
    assert sign_in("mine", {"id": "x"}).error[0] == 1


def accepting(policy: str) -> dict[str, Any]:
    return {"validateAuthData": lambda *_: None, "policy": policy}


def test_second_factors_and_what_needs_none(configure: Configure, api: ApiClient) -> None:
    configure(auth={"base": accepting("default"), "second": accepting("additional"), "strong": accepting("solo")})
    everything = {"base": {"id": "b"}, "second": {"token": 1}, "strong": {"id": "s"}}
    assert api.post("/users", {"authData": everything}).status == 201
    assert api.post("/users", {"authData": {"base": {"id": "b"}}}).error == (
        -1,
        "Missing additional authData second",
    )
    assert api.post("/users", {"authData": {"base": {"id": "b"}, "second": {"token": 1}}}).status == 200
    assert api.post("/users", {"authData": {"strong": {"id": "s"}}}).status == 200


def test_ids_of_others(configure: Configure, api: ApiClient, sign_in: SignIn, ann: Person, bob: Person) -> None:
    configure(auth={"mine": Recorder(), "other": Recorder()})
    link = {"authData": {"mine": {"id": "x"}}}
    assert api.put(ann.path, link, as_user=ann.token).status == 200
    taken = (208, "this auth is already used")
    assert api.put(bob.path, link, as_user=bob.token).error == taken
    assert api.post("/login", {"username": "bob", "password": PASSWORD, **link}).error == taken
    assert api.post("/users", link, as_user=bob.token).error == taken
    assert api.put(bob.path, {"authData": {"other": {"id": "y"}}}, as_user=bob.token).status == 200
    assert api.post("/users", {"authData": {"mine": {"id": "x"}, "other": {"id": "y"}}}).error == taken


CHALLENGES: list[Any] = [
    ({}, "Nothing to challenge."),
    ({"challengeData": True}, "challengeData should be an object."),
    ({"challengeData": {"mine": {}}, "authData": True}, "authData should be an object."),
    ({"challengeData": {"mine": {}}, "authData": {"mine": 5}}, "authData.mine should be an object."),
    (
        {"challengeData": {"mine": {}}, "username": "ann"},
        "You provided username or email, you need to also provide password.",
    ),
    (
        {"challengeData": {"mine": {}}, "username": "ann", "password": PASSWORD, "authData": {}},
        "You cannot provide username/email and authData, only use one identification method.",
    ),
    (
        {"challengeData": {"mine": {}}, "authData": {"mine": {"id": "a"}, "other": {"id": "b"}}},
        "You cannot provide more than one authData provider with an id.",
    ),
]


@pytest.mark.parametrize(("body", "text"), CHALLENGES)
def test_what_challenges_nobody(api: ApiClient, ann: Person, body: Any, text: str) -> None:
    assert api.post("/challenge", body).error == (-1, text)


def test_a_challenge_knows_who_is_asked_for(configure: Configure, api: ApiClient, ann: Person) -> None:
    asked: list[Any] = []

    def challenge(challenge_data: Any, data: Any, options: Any, request: Any) -> Any:
        asked.append((challenge_data, data, request))
        return {"token": "t"}

    configure(auth={"mine": {**accepting("default"), "challenge": challenge}, "quiet": accepting("default")})
    given = {"challengeData": {"mine": {"a": 1}, "quiet": {}, "unknown": {}}}
    assert api.post("/challenge", given).json == {"challengeData": {"mine": {"token": "t"}}}
    assert not asked[-1][2].original
    known = {"username": "ann", "password": PASSWORD, **given}
    assert api.post("/challenge", {**known, "password": "wrong"}).error[0] == 101
    assert api.post("/challenge", known).status == 200
    assert asked[-1][2].original.get("objectId") == ann.id
    assert asked[-1][2].is_challenge
    api.put(ann.path, {"authData": {"mine": {"id": "x"}}}, as_user=ann.token)
    assert api.post("/challenge", {**given, "authData": {"mine": {"id": "x"}}}).status == 200
    nobody = (101, "User not found.")
    assert api.post("/challenge", {**given, "authData": {"mine": {"id": "y"}}}).error == nobody
    assert api.post("/challenge", {**given, "authData": {"mine": {"id": 5}}}).error[0] == 162
