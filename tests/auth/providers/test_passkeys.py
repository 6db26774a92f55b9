"""Passkeys as a provider, with an authenticator in software (`docs/passkeys.md`); with a browser's: `tests/browser`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cbor2
import psycopg
import pytest

from tests.auth.conftest import Configure
from tests.auth.people import PASSWORD, Person, log_in, sign_up
from tests.support.authenticator import PRESENT, Authenticator, decoded, encoded
from tests.support.client import ApiClient, Reply

ORIGIN = "https://app.example.com"
OPTIONS = {"rpId": "example.com", "rpName": "Tides", "origins": [ORIGIN]}
INVALID = (101, "The passkey is not valid.")


@pytest.fixture
def use(configure: Configure, api: ApiClient) -> Callable[..., None]:
    """Configures the provider; options of the application with `_options`."""

    def apply(_options: dict[str, Any] | None = None, **options: Any) -> None:
        configure(**{"auth": {"webauthn": {**OPTIONS, **options}}, **(_options or {})})

    apply()
    return apply


@pytest.fixture
def device() -> Authenticator:
    return Authenticator(ORIGIN)


def challenge(api: ApiClient, kind: str = "get", **how: Any) -> Any:
    reply = api.post("/challenge", {"challengeData": {"webauthn": {"type": kind}}}, **how)
    assert reply.status == 200, reply.body
    return reply.json["challengeData"]["webauthn"]["publicKey"]


def add(api: ApiClient, person: Person, device: Authenticator, name: str = "") -> Reply:
    """The answer to a user who makes a passkey on a device."""
    credential = device.create(challenge(api, "create", as_user=person.token))
    return send(api, credential, person, name=name)


def send(api: ApiClient, credential: Any, person: Person | None = None, **more: Any) -> Reply:
    """Sends a device's answer: as a link of a user, else to sign in."""
    body = {"authData": {"webauthn": {"credential": credential, **more}}}
    if person is None:
        return api.post("/users", body)
    return api.put(person.path, body, as_user=person.token)


def sign_in(api: ApiClient, device: Authenticator) -> Reply:
    return send(api, device.get(challenge(api)))


def passkeys(api: ApiClient, person: Person) -> list[dict[str, Any]]:
    """What a user sees of his passkeys."""
    found: list[dict[str, Any]] = api.get(person.path, as_user=person.token).json["authData"]["webauthn"]["credentials"]
    return found


def test_a_user_makes_a_passkey_and_signs_in_with_it_without_a_name(
    api: ApiClient, use: Any, ann: Person, device: Authenticator
) -> None:
    made = add(api, ann, device, "My phone")
    assert made.status == 200, made.body
    assert made.json["authDataResponse"] == {"webauthn": {"credential": encoded(device.passkeys[0].id)}}
    for _ in range(3):
        reply = sign_in(api, device)
        assert (reply.status, reply.json["objectId"]) == (200, ann.id)
        assert api.get("/users/me", as_user=reply.json["sessionToken"]).json["username"] == "ann"


def test_the_options_for_a_device_are_complete(api: ApiClient, use: Any, ann: Person, device: Authenticator) -> None:
    add(api, ann, device)
    options = challenge(api, "create", as_user=ann.token)
    assert options["rp"] == {"id": "example.com", "name": "Tides"}
    assert options["user"]["name"] == "ann"
    assert [each["id"] for each in options["excludeCredentials"]] == [encoded(device.passkeys[0].id)]
    chosen = options["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    asked = challenge(api)
    assert (asked["rpId"], asked["userVerification"], asked["allowCredentials"]) == ("example.com", "required", [])
    assert len(decoded(asked["challenge"])) >= 16


def test_a_new_user_signs_up_with_a_passkey_alone(api: ApiClient, use: Any, device: Authenticator) -> None:
    reply = send(api, device.create(challenge(api, "create")))
    assert reply.status == 201, reply.body
    assert sign_in(api, device).json["objectId"] == reply.json["objectId"]


def test_a_user_has_several_passkeys_sees_them_and_removes_one(
    api: ApiClient, use: Any, ann: Person, device: Authenticator
) -> None:
    other = Authenticator(ORIGIN, counts=False)
    add(api, ann, device, "My phone")
    add(api, ann, other, "  ")
    assert [each["name"] for each in passkeys(api, ann)] == ["My phone", "Passkey"]
    assert set(passkeys(api, ann)[0]) == {"id", "name", "createdAt", "lastUsedAt", "backedUp"}
    remove = {"authData": {"webauthn": {"remove": encoded(device.passkeys[0].id)}}}
    assert api.put(ann.path, remove, as_user=ann.token).status == 200
    assert [each["name"] for each in passkeys(api, ann)] == ["Passkey"]
    assert sign_in(api, device).error == INVALID
    assert sign_in(api, other).status == 200
    assert api.put(ann.path, remove, as_user=ann.token).error == INVALID
    assert api.put(ann.path, {"authData": {"webauthn": None}}, as_user=ann.token).status == 200
    assert sign_in(api, other).error[0] == 101


def test_nobody_reads_a_key_not_even_its_owner(api: ApiClient, use: Any, ann: Person, device: Authenticator) -> None:
    add(api, ann, device)
    for reply in (api.get(ann.path, as_user=ann.token), sign_in(api, device), api.get("/users", master=True)):
        assert b"publicKey" not in reply.body
        assert b"counter" not in reply.body


def test_a_client_may_send_back_what_it_was_shown_long_ago(
    api: ApiClient, use: Any, ann: Person, device: Authenticator
) -> None:
    add(api, ann, device)
    held = api.get(ann.path, as_user=ann.token).json["authData"]
    add(api, ann, Authenticator(ORIGIN))
    for stale in (held, {"webauthn": {**held["webauthn"], "credentials": []}}):
        reply = api.put(ann.path, {"authData": stale, "nick": "A"}, as_user=ann.token)
        assert reply.status == 200, reply.body
    assert len(passkeys(api, ann)) == 2
    assert api.post("/users", {"authData": held}).error == INVALID


def test_a_challenge_works_once(api: ApiClient, use: Any, ann: Person, device: Authenticator) -> None:
    creation = device.create(challenge(api, "create", as_user=ann.token))
    assert send(api, creation, ann).status == 200
    assert send(api, creation, ann).error == INVALID
    credential = device.get(challenge(api))
    assert send(api, credential).status == 200
    assert send(api, credential).error == INVALID


def test_of_fifty_parallel_tries_with_one_answer_one_signs_in(api: ApiClient, use: Any, ann: Person) -> None:
    device = Authenticator(ORIGIN, counts=False)
    add(api, ann, device)
    credential = device.get(challenge(api))
    with ThreadPoolExecutor(16) as threads:
        statuses = Counter(reply.status < 300 for reply in threads.map(lambda _: send(api, credential), range(50)))
    assert statuses == {True: 1, False: 49}


def test_two_devices_sign_in_at_once(api: ApiClient, use: Any, ann: Person) -> None:
    devices = [Authenticator(ORIGIN, counts=False) for _ in range(2)]
    for device in devices:
        add(api, ann, device)
    answers = [device.get(challenge(api)) for device in devices * 4]
    with ThreadPoolExecutor(8) as threads:
        assert {reply.status for reply in threads.map(lambda answer: send(api, answer), answers)} == {200}


def test_a_challenge_grows_old(api: ApiClient, use: Any, ann: Person, device: Authenticator) -> None:
    add(api, ann, device)
    credential = device.get(challenge(api))
    with psycopg.connect(api.application.database.conninfo, autocommit=True) as connection:
        connection.execute("UPDATE parse_challenge SET ends_at = ends_at - interval '300 s'")
    assert send(api, credential).error == INVALID


def test_a_counter_that_does_not_grow_is_a_copy_of_the_key(
    api: ApiClient, use: Any, ann: Person, device: Authenticator
) -> None:
    add(api, ann, device)
    copy = device.counter
    assert sign_in(api, device).status == 200
    device.counter = copy
    assert sign_in(api, device).error == INVALID
    device.counter += 10
    assert sign_in(api, device).status == 200


@pytest.mark.parametrize(
    "device",
    [Authenticator("https://evil.example"), Authenticator("http://app.example.com"), Authenticator(ORIGIN + ":8443")],
    ids=lambda device: device.origin,
)
def test_a_page_of_another_origin_signs_in_nobody(api: ApiClient, use: Any, ann: Person, device: Authenticator) -> None:
    assert add(api, ann, device).error == INVALID
    device.origin, origin = ORIGIN, device.origin
    add(api, ann, device)
    device.origin = origin
    assert sign_in(api, device).error == INVALID


def test_who_did_not_show_that_it_is_him_is_refused(api: ApiClient, use: Any, ann: Person) -> None:
    for flags in (PRESENT, 0):
        assert add(api, ann, Authenticator(ORIGIN, flags=flags)).error == INVALID
    use(userVerification="preferred")
    unverified = Authenticator(ORIGIN, flags=PRESENT)
    assert add(api, ann, unverified).status == 200
    assert sign_in(api, unverified).status == 200
    use()
    assert sign_in(api, unverified).error == INVALID


def test_a_key_of_another_site_is_refused(api: ApiClient, use: Any, ann: Person, device: Authenticator) -> None:
    options = challenge(api, "create", as_user=ann.token)
    options["rp"]["id"] = "example.org"
    assert send(api, device.create(options), ann).error == INVALID


def test_a_passkey_is_made_for_who_asked(
    api: ApiClient, use: Any, ann: Person, bob: Person, device: Authenticator
) -> None:
    """An answer to a challenge of Ann's makes no key for Bob, no new user, and signs in nobody."""
    options = challenge(api, "create", as_user=ann.token)
    credential = device.create(options)
    assert send(api, credential, bob).error == INVALID
    assert send(api, credential).error == INVALID
    body = {"username": "ann", "password": PASSWORD, "authData": {"webauthn": {"credential": credential}}}
    assert api.post("/login", {**body, "username": "bob"}).error == INVALID
    assert send(api, Authenticator(ORIGIN).create(challenge(api, "create")), ann).error == INVALID
    assert send(api, credential, ann).status == 200


def test_a_password_alone_makes_no_passkey(api: ApiClient, use: Any, ann: Person) -> None:
    body = {"username": "ann", "password": PASSWORD, "challengeData": {"webauthn": {"type": "create"}}}
    assert api.post("/challenge", body).error[0] == 209


def test_a_device_cannot_sign_for_somebody_else(
    api: ApiClient, use: Any, ann: Person, bob: Person, device: Authenticator
) -> None:
    """The handle says who it is; the key has to be his."""
    other = Authenticator(ORIGIN)
    add(api, ann, device)
    add(api, bob, other)
    for claimed, named in [(device, other), (other, device)]:
        credential = claimed.get(challenge(api))
        credential["response"]["userHandle"] = named.passkeys[0].handle
        assert send(api, credential).error == INVALID
        credential["id"] = credential["rawId"] = encoded(named.passkeys[0].id)
        assert send(api, credential).error == INVALID
    assert send(api, device.get(challenge(api)), bob).error == INVALID


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
@pytest.mark.parametrize(
    "value",
    [None, 5, "", "x", "é", [], {}, "AA" * 500, *map(encoded, (cbor2.dumps([1]), b"\x81" * 5000, b"[1]", b"{}"))],
    ids=lambda value: str(value)[:8],
)
def test_a_response_that_is_broken_is_refused(
    api: ApiClient, use: Any, ann: Person, device: Authenticator, part: str, value: Any
) -> None:
    add(api, ann, device)
    credential = device.get(challenge(api))
    credential["response"][part] = value
    assert send(api, credential).error == INVALID


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        "",
        "x",
        [],
        {},
        *map(encoded, (cbor2.dumps([1]), b"\x81" * 5000, b"\x9f" * 9, cbor2.dumps({"fmt": "x"}))),
    ],
    ids=lambda value: str(value)[:8],
)
def test_an_attestation_that_is_broken_is_refused(
    api: ApiClient, use: Any, ann: Person, device: Authenticator, value: Any
) -> None:
    credential = device.create(challenge(api, "create", as_user=ann.token))
    credential["response"]["attestationObject"] = value
    assert send(api, credential, ann).error == INVALID


@pytest.mark.parametrize(
    "data",
    [
        {"credential": None},
        {"credential": 5},
        {"credential": []},
        {"credential": {}},
        {"credential": {"response": 5}},
        {"credential": {"response": {"clientDataJSON": encoded(b'{"challenge":"x"}')}}},
        {"remove": "x"},
        {"remove": 5},
        {"id": "x"},
        {"id": "x", "credentials": []},
        {"id": "x", "remove": "y"},
        {"kept": {"type": "create"}},
    ],
    ids=str,
)
def test_nothing_but_an_answer_signs_in(api: ApiClient, use: Any, ann: Person, data: Any) -> None:
    assert api.post("/users", {"authData": {"webauthn": data}}).error == INVALID


def test_knowing_a_handle_is_nothing(api: ApiClient, use: Any, ann: Person, device: Authenticator) -> None:
    add(api, ann, device)
    handle = device.passkeys[0].handle
    attempts: list[dict[str, Any]] = [{}, {"credentials": []}, {"remove": encoded(device.passkeys[0].id)}]
    for data in attempts:
        assert api.post("/users", {"authData": {"webauthn": {"id": handle, **data}}}).error == INVALID
    assert len(passkeys(api, ann)) == 1


class SecondFactor:
    policy = "additional"

    def validate_auth_data(self, auth_data: Any, options: Any, request: Any) -> None:
        if auth_data.get("word") != "swordfish":
            raise ValueError("That is not the word.")


def test_a_passkey_that_knows_its_user_needs_no_second_factor(api: ApiClient, use: Any, device: Authenticator) -> None:
    both = {"webauthn": OPTIONS, "second": SecondFactor()}
    use({"auth": both})
    ann = sign_up(api, "ann", authData={"second": {"word": "swordfish"}})
    add(api, ann, device)
    assert log_in(api, "ann").error == (-1, "Missing additional authData second")
    assert sign_in(api, device).status == 200
    use({"auth": {**both, "webauthn": {**OPTIONS, "userVerification": "preferred"}}})
    assert sign_in(api, device).error == (-1, "Missing additional authData second")


def test_a_user_has_at_most_twenty(api: ApiClient, use: Any, ann: Person) -> None:
    for _ in range(20):
        assert add(api, ann, Authenticator(ORIGIN)).status == 200
    assert add(api, ann, Authenticator(ORIGIN)).error == (101, "A user has at most 20 passkeys.")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rpId", None),
        ("rpId", "https://example.com"),
        ("rpId", "example.com:443"),
        ("origins", []),
        ("origins", ORIGIN),
        ("origins", ["https://example.org"]),
        ("origins", ["https://notexample.com"]),
        ("origins", ["http://example.com"]),
        ("origins", [ORIGIN + "/"]),
        ("origins", ["https://example.com@example.com"]),
        ("origins", ["*"]),
        ("userVerification", "discouraged"),
        ("period", 5),
    ],
)
def test_options_that_are_not_safe_answer_every_use(api: ApiClient, use: Any, name: str, value: Any) -> None:
    use(**{name: value})
    reply = api.post("/users", {"authData": {"webauthn": {"credential": {}}}})
    assert reply.error[0] == 1
    assert f"webauthn.{name}" in reply.error[1]
