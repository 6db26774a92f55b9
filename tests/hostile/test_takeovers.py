"""What somebody tries who wants the account of somebody else (`contract/hostile.md` §2): none of it gives it to him."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from parse_auth.mail.outbox import outbox
from parse_auth.signals import before_login
from parse_core.application import Application
from tests.auth.mailing import PUBLIC_URL, Mailbox, hidden, sending
from tests.auth.people import PASSWORD, Person, listening, log_in, sign_up, tokens
from tests.hostile.attacks import sent
from tests.hostile.conftest import Configure
from tests.support.client import ApiClient, Reply
from tests.support.scenario import Request

TOKEN = re.compile(rb"r:[0-9a-f]{32}")
DEVICE = "the device of the victim"
ADDRESS = "victim@example.com"


@pytest.fixture(scope="module")
def victim(application: Application) -> Person:
    """Whom it is about: a name, an address, a password and a device."""
    return sign_up(ApiClient(application), "victim", email=ADDRESS, authData={"anonymous": {"id": DEVICE}})


@pytest.fixture(scope="module")
def mallory(application: Application) -> Person:
    return sign_up(ApiClient(application), "mallory", email="mallory@example.com")


@pytest.fixture(autouse=True)
def mailbox(configure: Configure) -> Mailbox:
    """What the application mails."""
    mailbox = Mailbox()
    configure(**sending(mailbox), verifyUserEmails=True)
    return mailbox


def overridden(method: str, path: str, body: Any, **how: Any) -> Request:
    return Request("POST", path, {**body, "_method": method}, how)


def changes(path: str, me: str) -> Iterator[Request]:
    """Ways to write another user."""
    taken = {"password": "mine", "email": "mallory2@example.com"}
    everything: list[dict[str, Any]] = [
        taken,
        {"username": "mine"},
        {"password": {"__op": "SetOnInsert", "amount": "mine"}},
        {"_hashed_password": "$2b$04$" + "a" * 53},
        {"_perishable_token": "mine"},
        {"sessionToken": "r:" + "0" * 32},
        {"authData": {"anonymous": {"id": "mine"}}},
        {"authData": {"anonymous": None}},
        {"authData.anonymous.id": "mine"},
        {"ACL": {"*": {"read": True, "write": True}}},
        {"emailVerified": True},
    ]
    for how in ({}, {"as_user": me}):
        for body in everything:
            yield Request("PUT", path, body, how)
        yield overridden("PUT", path, taken, **how)
        yield overridden("put", path, taken, **how)
        yield overridden("DELETE", path, {}, **how)
        yield overridden("PUT", path.replace("/users/", "/classes/_User/"), taken, **how)
        yield Request("POST", path, taken, {**how, "headers": {"X-HTTP-Method-Override": "PUT"}})
        yield Request("GET", path, None, {**how, "query": {"_method": "PUT", "password": "mine"}})
        yield Request("DELETE", path, None, how)
        part = {"method": "PUT", "path": "/parse" + path, "body": taken}
        yield Request("POST", "/batch", {"requests": [part]}, how)
        yield Request("POST", "/batch", {"requests": [part], "transaction": True}, how)
        yield overridden("PUT", "/users", {"objectId": path.rpartition("/")[2], **taken}, **how)
        yield Request("POST", "/users", {"objectId": path.rpartition("/")[2], "username": "u", **taken}, how)


def logins() -> Iterator[Request]:
    """Ways to log in without the password."""
    for route in ("/login", "/verifyPassword", "/challenge"):
        for username in ({"$ne": None}, {"$regex": "vict"}, ["victim"], {"__op": "Set"}, "victim%", "vict_m", ".*"):
            for password in ({"$ne": None}, {"$exists": True}, [PASSWORD], True, 1, "wrong"):
                yield Request("POST", route, {"username": username, "password": password, "challengeData": {"x": 1}})
        nothing: list[Any] = [{"$ne": None}, None, "", [], {}, False, 0]
        for empty in nothing:
            for name in ({"username": "victim"}, {"email": ADDRESS}):
                yield Request("POST", route, {**name, "password": empty, "challengeData": {"x": 1}})
        yield Request("GET", route, None, {"query": "username=victim&password[$ne]=x"})
        yield Request("GET", route, None, {"query": "username[$ne]=x&password[$ne]=x"})
        yield Request("GET", route, None, {"query": "username=victim&username=mallory&password=" + PASSWORD + "x"})
        yield Request("POST", route, {"username": "victim", "authData": {"anonymous": {"id": "mine"}}})


def providers(me: Person) -> Iterator[Request]:
    """Ways to come in by the victim's provider, or to take it away."""
    ids: list[Any] = [{"$ne": None}, {"$regex": "dev"}, [DEVICE], None, True, "", 0, {"id": DEVICE}]
    for identity in ids:
        yield Request("POST", "/users", {"authData": {"anonymous": {"id": identity}}})
        yield Request("PUT", me.path, {"authData": {"anonymous": {"id": identity}}}, {"as_user": me.token})
    for name in ("Anonymous", "anonymous ", "anonymous.id", "__proto__", "facebook", "mfa"):
        yield Request("POST", "/users", {"authData": {name: {"id": DEVICE}}})
    own = {"id": DEVICE}
    for body in (
        {"authData": {"anonymous": own}},
        {"authData": {"__op": "SetOnInsert", "amount": {"anonymous": own}}},
        {"authData": {"__op": "Add", "objects": [{"anonymous": own}]}},
        {"authData.anonymous": own},
        {"authData.anonymous.id": DEVICE},
    ):
        yield Request("PUT", me.path, body, {"as_user": me.token})
        if body.get("authData") != {"anonymous": own}:
            yield Request("POST", "/users", {"username": "new", "password": "x", **body})
    yield Request("POST", "/login", {"username": "mallory", "password": PASSWORD, "authData": {"anonymous": own}})
    yield Request("POST", "/users", {"authData": {"anonymous": own}}, {"as_user": me.token})


def sessions(victim: Person, me: Person) -> Iterator[Request]:
    """Ways to a session of the victim."""
    for how in ({}, {"as_user": me.token}, {"read_only": True}, {"headers": {"X-Parse-Master-Key": "guess"}}):
        yield Request("POST", "/loginAs", {"userId": victim.id}, how)
        yield Request("POST", "/loginAs", {"userId": victim.id, "_MasterKey": "guess"}, how)
        yield Request("POST", "/loginAs", None, {**how, "query": {"userId": victim.id}})
    for token in ("victim", victim.id, ADDRESS, "r:", "r:%", "r:*", "r:" + "0" * 32, "null", "undefined"):
        for path in ("/users/me", "/sessions/me"):
            yield Request("GET", path, None, {"as_user": token})
        yield Request("POST", "/upgradeToRevocableSession", {}, {"as_user": token})
    for value in ({"$ne": None}, ["r:x"], True, 1):
        yield Request("POST", "/users/me", {"_method": "GET", "_SessionToken": value})
        yield Request("POST", "/upgradeToRevocableSession", {"_SessionToken": value})
    forged = {"user": victim.pointer, "sessionToken": "r:" + "1" * 32, "createdWith": {"action": "login"}}
    for body in (forged, {"user": victim.pointer}, {"user": {"__op": "SetOnInsert", "amount": victim.pointer}}):
        yield Request("POST", "/sessions", body, {"as_user": me.token})
        yield Request("POST", "/classes/_Session", body, {"as_user": me.token})
        yield Request("POST", "/sessions", body)
    yield Request("GET", "/sessions", None, {"as_user": me.token, "query": {"where": {"user": victim.pointer}}})
    yield Request("GET", "/users/me", None, {"as_user": "r:" + "1" * 32})


def resets() -> Iterator[Request]:
    """Ways to a mail that goes, or leads, somewhere else."""
    for address in (
        {"$ne": None},
        {"$regex": ".*"},
        [ADDRESS, "mallory@example.com"],
        f"{ADDRESS},mallory@example.com",
        f"{ADDRESS}\r\nBcc: mallory@example.com",
        f"{ADDRESS}\u0000mallory@example.com",
    ):
        yield Request("POST", "/requestPasswordReset", {"email": address})
        yield Request("POST", "/verificationEmailRequest", {"email": address})
        yield Request("POST", "/requestPasswordReset", {"token": address})


Play = Callable[[Iterator[Request]], None]


@pytest.fixture
def play(api: ApiClient, victim: Person, mailbox: Mailbox) -> Play:
    """Sends requests, of which none gives an account away: no token of the victim's, no change, no mail elsewhere."""
    before = account(api, victim)

    def check(requests: Iterator[Request]) -> None:
        for request in requests:
            reply = sent(api, request)
            assert gives_away(api, reply, victim) == [], (request, reply.body)
            assert account(api, victim) == before, request
        assert {mail.to for mail in mailbox.sent} <= {ADDRESS, "mallory@example.com"}
        assert log_in(api, "victim").json["objectId"] == victim.id
        device = api.post("/users", {"authData": {"anonymous": {"id": DEVICE}}})
        assert device.json["objectId"] == victim.id
        assert api.get("/users/me", as_user=victim.token).json["objectId"] == victim.id

    return check


def gives_away(api: ApiClient, reply: Reply, victim: Person) -> list[str]:
    """The tokens of an answer that are the victim's."""
    given = [token.decode() for token in TOKEN.findall(reply.body)]
    return [token for token in given if api.get("/users/me", as_user=token).json.get("objectId") == victim.id]


def account(api: ApiClient, victim: Person) -> tuple[Any, ...]:
    """All that is stored of the victim, and the tokens of his sessions."""
    return hidden(api, victim.id), sorted(tokens(api, user=victim.pointer))


def test_nobody_writes_another_user(play: Play, victim: Person, mallory: Person) -> None:
    play(changes(victim.path, mallory.token))


def test_nobody_logs_in_without_the_password(play: Play) -> None:
    play(logins())


def test_nobody_comes_in_by_a_provider_that_is_not_his(play: Play, mallory: Person) -> None:
    play(providers(mallory))


def test_nobody_gets_a_session_that_is_not_his(play: Play, victim: Person, mallory: Person) -> None:
    play(sessions(victim, mallory))


def test_no_mail_about_an_account_goes_elsewhere(play: Play) -> None:
    play(resets())


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-Host", "X-Forwarded-Server"])
def test_links_lead_to_the_configured_address_whatever_a_request_says(
    api: ApiClient, mailbox: Mailbox, victim: Person, header: str
) -> None:
    value = "host=evil.example" if header == "Forwarded" else "evil.example"
    api.post("/requestPasswordReset", {"email": ADDRESS}, headers={header: value, "X-Forwarded-Proto": "http"})
    assert mailbox.last.link.startswith(f"{PUBLIC_URL}/apps/hostile/request_password_reset?token=")
    page = api.post(
        "/apps/hostile/resend_verification_email",
        raw=b"username=nobody&locale=//evil.example",
        content_type="application/x-www-form-urlencoded",
        headers={header: value},
    )
    assert page.status == 303
    assert page.headers["location"].startswith(f"{PUBLIC_URL}/apps/")
    assert b"evil" not in page.body
    assert "evil" not in page.headers["location"]


CARRIED: list[dict[str, Any]] = [
    {},
    {"authData": {"facebook": None}},
    {"authData": {"anonymous": {"id": "a new device"}}},
    {"authData": {"mine": {"id": "x"}}},
]


@pytest.mark.parametrize("more", CARRIED, ids=["alone", "unlinking", "anonymous", "linking"])
def test_what_was_confirmed_of_one_address_is_not_carried_to_another(
    api: ApiClient, configure: Configure, more: dict[str, Any]
) -> None:
    mailbox = Mailbox()
    accepting = {"validateAuthData": lambda *_: None}
    configure(**sending(mailbox), verifyUserEmails=True, auth={"mine": accepting})
    name = f"carrier{CARRIED.index(more)}"
    eve = sign_up(api, name, email=f"{name}@example.com")
    first = mailbox.last
    assert api.get(first.path).status == 200
    assert api.get(eve.path, master=True).json["emailVerified"] is True
    claimed = f"ceo{CARRIED.index(more)}@example.com"
    assert api.put(eve.path, {"email": claimed, **more}, as_user=eve.token).status == 200
    assert api.get(eve.path, master=True).json["emailVerified"] is False
    assert (mailbox.last.to, mailbox.last.token == first.token) == (claimed, False)


@pytest.mark.parametrize("asks", [False, lambda request: not request.object["email"].startswith("vip")])
def test_an_address_that_was_changed_is_not_confirmed_where_nobody_asks_either(
    api: ApiClient, configure: Configure, asks: Any
) -> None:
    configure(**sending(Mailbox()), verifyUserEmails=asks)
    name = "quiet" if asks else "silent"
    eve = sign_up(api, name, email=f"{name}@example.com")
    assert api.put(eve.path, {"emailVerified": True}, master=True).status == 200
    assert api.put(eve.path, {"email": f"vip-{name}@example.com"}, as_user=eve.token).json.keys() == {"updatedAt"}
    assert api.get(eve.path, master=True).json["emailVerified"] is False
    confirmed = {"email": f"vip2-{name}@example.com", "emailVerified": True}
    assert api.put(eve.path, confirmed, master=True).status == 200
    assert api.get(eve.path, master=True).json["emailVerified"] is True
    assert api.put(eve.path, {"email": confirmed["email"], "nick": "x"}, as_user=eve.token).status == 200
    assert api.get(eve.path, master=True).json["emailVerified"] is True, "which is the same address"


def test_whoever_confirmed_one_address_does_not_wait_for_the_owner_of_another(
    api: ApiClient, configure: Configure
) -> None:
    """An account made ready for somebody else: with his address, and a password that only its maker knows."""
    letters: list[tuple[str, str]] = []

    class Letters(Mailbox):
        def send_mail(self, to: str, subject: str, text: str) -> None:
            letters.append((to, text))

    configure(**sending(Letters()), auth={"emailCode": {}})

    def come_in(address: str) -> Reply:
        challenge = api.post("/challenge", {"challengeData": {"emailCode": {"email": address}}})
        secret = challenge.json["challengeData"]["emailCode"]["challenge"]
        outbox.settle()
        to, text = letters[-1]
        assert to == address
        code = re.search(r"\b(\d{3}[ -]?\d{3})\b", text)
        assert code is not None, text
        return api.post("/users", {"authData": {"emailCode": {"challenge": secret, "code": code[1]}}})

    waiting = come_in("waiting@example.com").json
    trap = {"email": "owner@example.com", "username": "trap", "password": PASSWORD}
    assert api.put(f"/users/{waiting['objectId']}", trap, as_user=waiting["sessionToken"]).status == 200
    assert come_in("owner@example.com").json["objectId"] != waiting["objectId"]


def test_a_link_sent_to_one_address_confirms_no_other(api: ApiClient, configure: Configure) -> None:
    mailbox = Mailbox()
    configure(**sending(mailbox), verifyUserEmails=lambda request: not request.object["email"].startswith("vip"))
    eve = sign_up(api, "linker", email="linker@example.com")
    link = mailbox.last.path
    api.put(eve.path, {"email": "vip@example.com"}, as_user=eve.token)
    api.get(link)
    assert api.get(eve.path, master=True).json["emailVerified"] is False


@pytest.mark.parametrize("who", ["the owner", "the master key", "the link of a mail"])
def test_no_token_outlives_a_password(api: ApiClient, mailbox: Mailbox, who: str) -> None:
    name = who.replace(" ", "")
    person = sign_up(api, name, email=f"{name}@example.com")
    stolen = [person.token, *(log_in(api, name).json["sessionToken"] for _ in range(3))]
    for token in stolen:
        assert api.get("/users/me", as_user=token).status == 200  # remembered by the process
    if who == "the link of a mail":
        api.post("/requestPasswordReset", {"email": f"{name}@example.com"})
        body = f"token={mailbox.last.token}&new_password=changed".encode()
        api.post(mailbox.last.path, raw=body, content_type="application/x-www-form-urlencoded")
    else:
        how: dict[str, Any] = {"master": True} if who == "the master key" else {"as_user": stolen[1]}
        assert api.put(person.path, {"password": "changed"}, **how).status == 200
    for token in stolen:
        for request in (
            Request("GET", "/users/me", None, {}),
            Request("GET", "/sessions/me", None, {}),
            Request("POST", "/upgradeToRevocableSession", {}, {}),
            Request("POST", "/sessions", {}, {}),
            Request("PUT", person.path, {"nick": "x"}, {}),
        ):
            reply = sent(api, Request(request.method, request.path, request.body, {"as_user": token}))
            assert reply.error[0] == 209, request
    assert log_in(api, name, "changed").status == 200


@pytest.mark.parametrize("phone", [{}, {"X-Parse-Installation-Id": "phone"}], ids=["anywhere", "on an installation"])
def test_a_login_that_is_under_way_does_not_outlive_the_password(api: ApiClient, phone: dict[str, str]) -> None:
    """The password is changed after it was compared and before the session is made."""
    name = f"hasty{len(phone)}"
    person = sign_up(api, name)
    login = {"username": name, "password": PASSWORD}

    def change(**_signal: object) -> None:
        assert api.put(person.path, {"password": "changed"}, master=True).status == 200

    with listening(before_login, change):
        assert api.post("/login", login, headers=phone).error == (101, "Invalid username/password.")
    assert tokens(api, user=person.pointer) == []

    def change_back(**_signal: object) -> None:
        assert api.put(person.path, {"password": "changed"}, master=True).status == 200  # another hash of the same

    with listening(before_login, change_back):
        assert api.post("/login", {**login, "password": "changed"}, headers=phone).status == 200
    assert len(tokens(api, user=person.pointer)) == 1


def test_nobody_chooses_the_token_of_his_session(api: ApiClient) -> None:
    chosen = "r:" + "2" * 32
    for number, body in enumerate(({"sessionToken": chosen}, {"_session_token": chosen}, {"_SessionToken": ""})):
        reply = api.post("/users", {"username": f"chooser{number}", "password": PASSWORD, **body})
        assert reply.status >= 400 or reply.json["sessionToken"] != chosen
    assert api.get("/users/me", as_user=chosen).error[0] == 209
    assert chosen.encode() not in api.get("/users", query={"limit": 1000}, master=True).body


def test_a_token_of_former_times_is_traded_once(api: ApiClient, configure: Configure) -> None:
    person = sign_up(api, "oldtimer")
    legacy = "former-token-of-the-user"
    api.application.database.fetch(
        _set_legacy_token(api, person.id, legacy),
    )
    with ThreadPoolExecutor(10) as pool:
        replies = list(
            pool.map(lambda _: api.post("/upgradeToRevocableSession", {}, as_user=legacy), range(20)),
        )
    assert sorted(reply.status for reply in replies) == [200] + [400] * 19
    assert {reply.error for reply in replies if reply.status == 400} == {(209, "invalid legacy session token")}
    assert len(tokens(api, user=person.pointer)) == 2


def _set_legacy_token(api: ApiClient, user_id: str, token: str) -> Any:
    from parse_core.store.sql import Sql, json_param

    return (
        Sql("UPDATE ")
        + api.application.schemas["_User"].relation
        + Sql(" SET internal = coalesce(internal, '{}'::jsonb) || ")
        + json_param({"_session_token": token})
        + Sql(" WHERE object_id = %s RETURNING 1", (user_id,))
    )
