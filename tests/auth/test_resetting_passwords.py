"""Whoever forgot a password chooses another one by a link in a mail (`users.md` §16)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest

from parse_auth.signals import before_password_reset_request
from parse_core.errors import ParseError
from tests.auth.conftest import Configure
from tests.auth.mailing import Mailbox, hidden, sending
from tests.auth.people import PASSWORD, Person, listening, log_in
from tests.support.client import ApiClient, Reply

Serve = Callable[..., None]
PASSWORD_2 = "new"
FORM = "application/x-www-form-urlencoded"
INVALID = "Failed to reset password: username / email / token is invalid"
EXPIRED = "The password reset link has expired"
PAST = "2020-01-01T00:00:00.000Z"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def serve(configure: Configure, api: ApiClient, mailbox: Mailbox) -> Serve:
    def serving(**options: Any) -> None:
        configure(**sending(mailbox, **options))

    serving()
    return serving


@pytest.fixture
def zoe(api: ApiClient, serve: Serve) -> Person:
    reply = api.post("/users", {"username": "zoe", "password": PASSWORD, "email": "zoe@example.com"})
    return Person(reply.json["objectId"], "zoe", reply.json["sessionToken"])


def ask(api: ApiClient, email: object = "zoe@example.com") -> Reply:
    return api.post("/requestPasswordReset", {"email": email})


def choose(
    api: ApiClient, token: str | None, password: str | None = PASSWORD_2, *, script: bool = False, **more: str
) -> Reply:
    fields = {"token": token, "new_password": password, **more}
    body = urlencode({name: value for name, value in fields.items() if value is not None})
    headers = {"X-Requested-With": "XMLHttpRequest"} if script else {}
    path = "/apps/auth/request_password_reset"
    return api.post(path, raw=body.encode(), content_type=FORM, headers=headers)


def shown(reply: Reply) -> str:
    return reply.body.decode().partition("<h1>")[2].partition("</h1>")[0]


REQUESTS: list[tuple[Any, bool, tuple[int, str] | None]] = [
    ({}, True, (204, "you must provide an email")),
    ({"email": ""}, True, (204, "you must provide an email")),
    ({"email": {"a": 1}}, True, (125, "you must provide a valid email string")),
    ({"token": 5}, True, (162, "token must be a string")),
    ({"token": "unknown"}, True, (125, "you must provide a valid email string")),
    ({"email": "nobody@example.com"}, True, None),
    ({"email": "nobody@example.com"}, False, (101, "A user with that email does not exist.")),
    ({"email": "zoe"}, True, None),  # a name counts only for who has no address
    ({"email": "zoe"}, False, (101, "A user with that email does not exist.")),
]


@pytest.mark.parametrize(("body", "success", "expected"), REQUESTS)
def test_requests_that_send_nothing(  # noqa: PLR0917 - a table's columns and fixtures
    api: ApiClient, serve: Serve, zoe: Person, mailbox: Mailbox, body: Any, success: bool, expected: Any
) -> None:
    serve(passwordPolicy={"resetPasswordSuccessOnInvalidEmail": success})
    reply = api.post("/requestPasswordReset", body)
    assert (reply.json if reply.status == 200 else reply.error) == (expected or {})
    assert mailbox.sent == []


def test_known_and_unknown_addresses_cost_and_answer_the_same(api: ApiClient, zoe: Person) -> None:
    known, unknown = ask(api), ask(api, "nobody@example.com")
    assert (known.status, known.body, known.statements) == (unknown.status, unknown.body, unknown.statements)


def test_the_mail_leads_to_a_page_that_sets_the_password(api: ApiClient, zoe: Person, mailbox: Mailbox) -> None:
    assert ask(api).json == {}
    assert (mailbox.last.kind, mailbox.last.to) == ("reset", "zoe@example.com")
    form = api.get(mailbox.last.path)
    assert shown(form) == "Choose a new password"
    assert f'value="{mailbox.last.token}"'.encode() in form.body
    assert b"zoe" not in form.body
    assert shown(choose(api, mailbox.last.token)) == "Password changed"
    assert log_in(api, "zoe", "new").status == 200
    assert log_in(api, "zoe").status == 404
    assert api.get("/users/me", as_user=zoe.token).error[0] == 209


def test_a_token_works_once(api: ApiClient, zoe: Person, mailbox: Mailbox) -> None:
    ask(api)
    token = mailbox.last.token
    assert choose(api, token, "first", script=True).body == b'"Password successfully reset"'
    assert choose(api, token, "second", script=True).error == (-1, INVALID)
    assert shown(api.get(mailbox.last.path)) == "This link does not work any more"


def test_of_fifty_resets_at_once_one_wins(api: ApiClient, zoe: Person, mailbox: Mailbox) -> None:
    ask(api)
    token = mailbox.last.token
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda place: choose(api, token, f"password{place}", script=True), range(50)))
    won = [place for place, reply in enumerate(replies) if reply.status == 200]
    assert len(won) == 1
    assert {reply.error for reply in replies if reply.status != 200} == {(-1, INVALID)}
    assert log_in(api, "zoe", f"password{won[0]}").status == 200


@pytest.mark.parametrize(
    ("token", "password", "error"),
    [(None, "new", (-1, "Missing token")), ("x", None, (201, "Missing password")), ("x", "new", (-1, INVALID))],
)
def test_scripts_get_json(api: ApiClient, zoe: Person, token: Any, password: Any, error: Any) -> None:
    reply = choose(api, token, password, script=True)
    assert (reply.status, reply.error) == (400, error)


def test_people_are_led_to_a_page(api: ApiClient, zoe: Person) -> None:
    reply = choose(api, None)
    assert reply.status == 303
    assert reply.headers["location"].startswith("https://example.com/parse/apps/password_reset_link_invalid.html?")
    failed = choose(api, "wrong")
    assert (failed.status, shown(failed)) == (200, "Choose a new password")
    assert INVALID.encode() in failed.body


def test_a_json_body_will_do(api: ApiClient, zoe: Person, mailbox: Mailbox) -> None:
    ask(api)
    body = {"token": mailbox.last.token, "new_password": "new"}
    assert shown(api.post("/apps/auth/request_password_reset", body)) == "Password changed"


def test_an_expired_link_asks_for_another_mail(api: ApiClient, serve: Serve, zoe: Person, mailbox: Mailbox) -> None:
    serve(passwordPolicy={"resetTokenValidityDuration": 60})
    ask(api)
    old = mailbox.last.token
    assert api.post("/requestPasswordReset", {"token": old}).error[0] == 125  # it still works
    api.put(zoe.path, {"_perishable_token_expires_at": PAST}, maintenance=True)
    assert shown(api.get(mailbox.last.path)) == "This link does not work any more"
    assert choose(api, old, script=True).error == (-1, EXPIRED)
    assert api.post("/requestPasswordReset", {"token": old}).json == {}
    assert len(mailbox.sent) == 2
    assert choose(api, mailbox.last.token, script=True).status == 200


@pytest.mark.parametrize("reuses", [True, False])
def test_a_valid_token_may_be_used_again(
    api: ApiClient, serve: Serve, zoe: Person, mailbox: Mailbox, reuses: bool
) -> None:
    serve(passwordPolicy={"resetTokenValidityDuration": 60, "resetTokenReuseIfValid": reuses})
    ask(api)
    first = mailbox.last.token
    ask(api)
    assert (mailbox.last.token == first) is reuses


@pytest.mark.parametrize("changes", [{"email": "other@example.com"}, {"password": "other"}])
def test_a_new_address_or_password_kills_the_link(api: ApiClient, zoe: Person, mailbox: Mailbox, changes: Any) -> None:
    ask(api)
    token = mailbox.last.token
    api.put(zoe.path, changes, master=True)
    assert choose(api, token, script=True).error == (-1, INVALID)


def test_who_has_no_address_is_written_to_by_name(api: ApiClient, serve: Serve, mailbox: Mailbox) -> None:
    api.post("/users", {"username": "max@example.com", "password": PASSWORD})
    ask(api, "max@example.com")
    assert mailbox.last.to == "max@example.com"


def test_an_address_counts_before_a_name(api: ApiClient, zoe: Person, mailbox: Mailbox) -> None:
    api.post("/users", {"username": "zoe@example.com", "password": PASSWORD})
    ask(api)
    assert mailbox.last.user["objectId"] == zoe.id


def test_the_policy_holds_and_the_link_still_works_afterwards(
    api: ApiClient, serve: Serve, zoe: Person, mailbox: Mailbox
) -> None:
    serve(passwordPolicy={"validatorPattern": "[0-9]", "doNotAllowUsername": True, "maxPasswordHistory": 2})
    ask(api)
    token = mailbox.last.token
    refused = choose(api, token, "nodigit")
    assert b"Password does not meet the Password Policy requirements." in refused.body
    assert f'value="{token}"'.encode() in refused.body
    assert choose(api, token, "zoe1", script=True).error == (-1, "Password cannot contain your username.")
    assert choose(api, token, "s3cret", script=True).error[1].startswith("New password should not be the same")
    assert choose(api, token, "s3cret2", script=True).status == 200


@pytest.mark.parametrize("unlocks", [True, False])
def test_a_reset_may_open_a_locked_account(
    api: ApiClient, serve: Serve, zoe: Person, mailbox: Mailbox, unlocks: bool
) -> None:
    serve(accountLockout={"duration": 5, "threshold": 1, "unlockOnPasswordReset": unlocks})
    log_in(api, "zoe", "wrong")
    ask(api)
    assert choose(api, mailbox.last.token, script=True).status == 200
    assert (log_in(api, "zoe", "new").status == 200) is unlocks


def test_listeners_may_refuse(api: ApiClient, zoe: Person, mailbox: Mailbox) -> None:
    def refuse(event: Any, **_rest: Any) -> None:
        message = f"not {event.user['username']}"
        raise ParseError(message)

    with listening(before_password_reset_request, refuse):
        assert ask(api).error[1] == "not zoe"
    assert mailbox.sent == []
    assert "_perishable_token" not in hidden(api, zoe.id)
