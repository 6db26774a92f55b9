"""Users confirm their address by a link in a mail (`users.md` §15)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from parse_auth.verification import VerificationRequest
from parse_core.options import ConfigurationError
from tests.auth.conftest import Configure
from tests.auth.mailing import PUBLIC_URL, Mailbox, hidden, sending
from tests.auth.people import PASSWORD, anonymous, log_in
from tests.support.client import ApiClient, Reply

Serve = Callable[..., None]
UNVERIFIED = (205, "User email is not verified.")


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def serve(configure: Configure, api: ApiClient, mailbox: Mailbox) -> Serve:
    """Serves an application that wants addresses confirmed, with more options."""

    def serving(**options: Any) -> None:
        configure(**sending(mailbox, **{"verifyUserEmails": True, **options}))

    serving()
    return serving


def join(api: ApiClient, name: str = "zoe", **fields: Any) -> Reply:
    return api.post("/users", {"username": name, "password": PASSWORD, "email": f"{name}@example.com", **fields})


def stored(api: ApiClient, reply: Reply) -> Any:
    return hidden(api, reply.json["objectId"])


def shown(reply: Reply) -> str:
    """Which page it is, by its heading."""
    return reply.body.decode().partition("<h1>")[2].partition("</h1>")[0]


def test_a_sign_up_with_an_address_sends_one_mail(api: ApiClient, serve: Serve, mailbox: Mailbox) -> None:
    zoe = join(api)
    assert zoe.json.keys() == {"objectId", "createdAt", "sessionToken"}
    assert [(mail.kind, mail.to) for mail in mailbox.sent] == [("verification", "zoe@example.com")]
    assert mailbox.last.link == f"{PUBLIC_URL}/apps/auth/verify_email?token={mailbox.last.token}"
    user = stored(api, zoe)
    assert user["emailVerified"] is False
    assert user["_email_verify_token"] == mailbox.last.token
    assert len(mailbox.last.token) == 25
    assert "_email_verify_token_expires_at" not in user


def test_the_mail_knows_no_secrets(api: ApiClient, serve: Serve, mailbox: Mailbox) -> None:
    join(api)
    assert not [name for name in mailbox.last.user if name.startswith("_") or name in ("password", "authData")]


def test_a_sign_up_without_an_address_sends_none(api: ApiClient, serve: Serve, mailbox: Mailbox) -> None:
    assert api.post("/users", {"username": "zoe", "password": PASSWORD}).status == 201
    assert mailbox.sent == []


def test_the_link_works_once(api: ApiClient, serve: Serve, mailbox: Mailbox) -> None:
    zoe = join(api)
    first = api.get(mailbox.last.path)
    assert (first.status, shown(first)) == (200, "Address confirmed")
    user = stored(api, zoe)
    assert user["emailVerified"] is True
    assert "_email_verify_token" not in user
    assert shown(api.get(mailbox.last.path)) == "This link does not work any more"


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", "?token[]=a"])
def test_other_links_are_invalid(api: ApiClient, serve: Serve, query: str) -> None:
    reply = api.get(f"/apps/auth/verify_email{query}")
    assert (reply.status, shown(reply)) == (200, "This link does not work any more")


def test_of_fifty_visits_at_once_one_confirms(api: ApiClient, serve: Serve, mailbox: Mailbox) -> None:
    join(api)
    path = mailbox.last.path
    with ThreadPoolExecutor(8) as threads:
        pages = [shown(reply) for reply in threads.map(lambda _: api.get(path), range(50))]
    assert pages.count("Address confirmed") == 1


def test_an_expired_link_confirms_nothing(api: ApiClient, serve: Serve, mailbox: Mailbox) -> None:
    serve(emailVerifyTokenValidityDuration=60)
    zoe = join(api)
    past = {"_email_verify_token_expires_at": "2020-01-01T00:00:00.000Z"}
    api.put(f"/users/{zoe.json['objectId']}", past, maintenance=True)
    page = api.get(mailbox.last.path)
    assert shown(page) == "This link does not work any more"
    assert b"resend_verification_email" in page.body
    assert stored(api, zoe)["emailVerified"] is False


def test_who_is_not_confirmed_gets_no_session_and_cannot_log_in(api: ApiClient, serve: Serve, mailbox: Mailbox) -> None:
    serve(preventLoginWithUnverifiedEmail=True)
    assert "sessionToken" not in join(api).json
    assert log_in(api, "zoe").error == UNVERIFIED
    assert log_in(api, "zoe", "wrong").error[0] == 101
    checked = {"username": "zoe", "password": PASSWORD}
    assert api.post("/verifyPassword", checked).error == UNVERIFIED
    ignoring = {**checked, "ignoreEmailVerification": True}
    assert api.post("/verifyPassword", ignoring).error == UNVERIFIED
    assert api.post("/verifyPassword", ignoring, master=True).status == 200
    text = {**checked, "ignoreEmailVerification": "false"}
    assert api.get("/verifyPassword", query=text, master=True).error == UNVERIFIED
    api.get(mailbox.last.path)
    assert log_in(api, "zoe").status == 200


MINE = {"mine": {"validateAuthData": lambda *_: None, "challenge": lambda *_: {"asked": True}}}
BY_PROVIDER = {"authData": {"mine": {"id": "x"}}}


def test_a_sign_up_by_a_provider_gets_no_session_either_and_a_login_by_it_does(
    api: ApiClient, serve: Serve, mailbox: Mailbox
) -> None:
    asked: list[VerificationRequest] = []

    def prevent(request: VerificationRequest) -> bool:
        asked.append(request)
        return True

    serve(preventLoginWithUnverifiedEmail=prevent, auth=MINE)
    for body in (BY_PROVIDER, anonymous("device"), {**anonymous("other"), "email": "a@example.com"}):
        signed_up = api.post("/users", body)
        assert (signed_up.status, signed_up.json.get("sessionToken")) == (201, None)
    assert [request.created_with for request in asked] == [
        {"action": "signup", "authProvider": name} for name in ("mine", "anonymous", "anonymous")
    ]
    asked.clear()
    for body in (BY_PROVIDER, anonymous("device")):
        assert api.post("/users", body).json["sessionToken"]
    assert asked == []
    assert [mail.to for mail in mailbox.sent] == ["a@example.com"]


def test_an_address_that_comes_with_a_provider_is_not_asked_about(
    api: ApiClient, serve: Serve, mailbox: Mailbox
) -> None:
    serve(auth=MINE)
    user = api.post("/users", {**BY_PROVIDER, "email": "zoe@example.com"}).json
    assert mailbox.sent == []
    assert "emailVerified" not in api.get(f"/users/{user['objectId']}", master=True).json


def test_whoever_has_not_confirmed_is_not_challenged_by_his_password(
    api: ApiClient, serve: Serve, mailbox: Mailbox
) -> None:
    asked: list[VerificationRequest] = []

    def prevent(request: VerificationRequest) -> bool:
        asked.append(request)
        return True

    serve(preventLoginWithUnverifiedEmail=prevent, auth=MINE)
    join(api)
    asked.clear()
    known = {"username": "zoe", "password": PASSWORD, "challengeData": {"mine": {}}}
    assert api.post("/challenge", known).error == UNVERIFIED
    assert api.post("/login", {**known, **BY_PROVIDER}).error == UNVERIFIED
    assert [request.created_with for request in asked] == [
        {"action": "login", "authProvider": name} for name in ("password", "mine")
    ]
    api.get(mailbox.last.path)
    assert api.post("/challenge", known).json == {"challengeData": {"mine": {"asked": True}}}


def test_a_sign_up_may_be_refused_although_the_user_is_there(api: ApiClient, serve: Serve, mailbox: Mailbox) -> None:
    serve(preventLoginWithUnverifiedEmail=True, preventSignupWithUnverifiedEmail=True)
    assert join(api).error == UNVERIFIED
    assert len(mailbox.sent) == 1
    assert len(api.get("/users", master=True).json["results"]) == 1


def test_a_new_address_begins_anew(api: ApiClient, serve: Serve, mailbox: Mailbox) -> None:
    zoe = join(api)
    api.get(mailbox.last.path)
    path, token = f"/users/{zoe.json['objectId']}", zoe.json["sessionToken"]
    assert api.put(path, {"email": "new@example.com"}, as_user=token).json.keys() == {"updatedAt"}
    assert [mail.to for mail in mailbox.sent] == ["zoe@example.com", "new@example.com"]
    assert stored(api, zoe)["emailVerified"] is False
    api.put(path, {"email": {"__op": "Delete"}}, as_user=token)
    api.put(path, {"nick": "z"}, as_user=token)
    assert len(mailbox.sent) == 2


def test_an_anonymous_user_who_gives_his_address_has_to_confirm_it(
    api: ApiClient, serve: Serve, mailbox: Mailbox
) -> None:
    nobody = api.post("/users", anonymous("device")).json
    changes = {"username": "zoe", "password": PASSWORD, "email": "zoe@example.com", "authData": {"anonymous": None}}
    reply = api.put(f"/users/{nobody['objectId']}", changes, as_user=nobody["sessionToken"])
    assert reply.status == 200, reply.body
    assert len(mailbox.sent) == 1


def test_code_decides_for_each_user(api: ApiClient, serve: Serve, mailbox: Mailbox) -> None:
    asked: list[VerificationRequest] = []

    def decide(request: VerificationRequest) -> object:
        asked.append(request)
        return True if request.object["username"] == "zoe" else "yes"

    serve(verifyUserEmails=decide)
    zoe = join(api)
    join(api, "max")
    assert [mail.to for mail in mailbox.sent] == ["zoe@example.com"]
    assert asked[0].created_with == {"action": "signup", "authProvider": "password"}
    assert "password" not in asked[0].object
    asked.clear()
    api.put(f"/users/{zoe.json['objectId']}", {"email": "z@example.com"}, as_user=zoe.json["sessionToken"])
    changed = dataclasses.asdict(asked[0])
    assert (changed["original"]["email"], changed["object"]["email"]) == ("zoe@example.com", "z@example.com")
    assert changed["created_with"] is None
    asked.clear()
    api.post("/verificationEmailRequest", {"email": "z@example.com"})
    assert len(mailbox.sent) == 3
    assert asked[0].resend_request


def test_code_is_asked_at_logins(api: ApiClient, serve: Serve) -> None:
    asked: list[VerificationRequest] = []
    serve()
    join(api)

    def prevent(request: VerificationRequest) -> bool:
        asked.append(request)
        return True

    serve(preventLoginWithUnverifiedEmail=prevent)
    assert log_in(api, "zoe").error == UNVERIFIED
    assert asked[0].created_with == {"action": "login", "authProvider": "password"}
    serve(preventLoginWithUnverifiedEmail=lambda _: 1)
    assert log_in(api, "zoe").status == 200


@pytest.mark.parametrize("answer", [False, lambda request: request.user["username"] != "zoe"])
def test_a_token_without_a_mail(api: ApiClient, serve: Serve, mailbox: Mailbox, answer: Any) -> None:
    serve(sendUserEmailVerification=answer)
    assert "_email_verify_token" in stored(api, join(api))
    assert mailbox.sent == []


ASKED: list[tuple[Any, bool, tuple[int, str] | None]] = [
    (None, True, (204, "you must provide an email")),
    ("", True, (204, "you must provide an email")),
    (5, True, (125, "you must provide a valid email string")),
    ({"$ne": ""}, True, (125, "you must provide a valid email string")),
    ("nobody@example.com", True, None),
    ("nobody@example.com", False, (205, "No user found with email nobody@example.com")),
    ("max@example.com", True, None),
    ("max@example.com", False, (-1, "Email max@example.com is already verified.")),
    ("zoe@example.com", True, None),
]


@pytest.mark.parametrize(("email", "success", "expected"), ASKED)
def test_another_mail_on_request(
    api: ApiClient, serve: Serve, mailbox: Mailbox, email: Any, success: bool, expected: Any
) -> None:
    serve(emailVerifySuccessOnInvalidEmail=success)
    max_ = join(api, "max")
    api.put(f"/users/{max_.json['objectId']}", {"emailVerified": True}, master=True)
    zoe = join(api)
    before = len(mailbox.sent)
    token = stored(api, zoe)["_email_verify_token"]
    reply = api.post("/verificationEmailRequest", {} if email is None else {"email": email})
    assert (reply.json if reply.status == 200 else reply.error) == (expected or {})
    assert len(mailbox.sent) - before == (1 if email == "zoe@example.com" else 0)
    assert (stored(api, zoe)["_email_verify_token"] == token) is (email != "zoe@example.com")


def test_a_valid_token_may_be_used_again(api: ApiClient, serve: Serve, mailbox: Mailbox) -> None:
    serve(emailVerifyTokenValidityDuration=60, emailVerifyTokenReuseIfValid=True)
    join(api)
    api.post("/verificationEmailRequest", {"email": "zoe@example.com"})
    assert mailbox.sent[0].token == mailbox.sent[1].token


def test_without_mails_the_request_is_the_operators_error(api: ApiClient, configure: Configure) -> None:
    configure()
    for path in ("/verificationEmailRequest", "/requestPasswordReset"):
        reply = api.post(path, {"email": "zoe@example.com"})
        assert (reply.status, reply.error[0]) == (400, 1)
        assert reply.error[1].startswith("An appName, publicServerURL, and emailAdapter are required")


def test_the_link_may_lead_through_a_frame(api: ApiClient, serve: Serve, mailbox: Mailbox) -> None:
    serve(customPages={"parseFrameURL": "https://frame.example/x"})
    join(api)
    expected = f"https://frame.example/x?link=%2Fapps%2Fauth%2Fverify_email&token={mailbox.last.token}"
    assert mailbox.last.link == expected


def test_links_never_have_the_address_a_request_came_to(api: ApiClient, serve: Serve, mailbox: Mailbox) -> None:
    join(api)
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Origin": "https://evil.example"}
    api.post("/verificationEmailRequest", {"email": "zoe@example.com"}, headers=evil)
    api.post("/requestPasswordReset", {"email": "zoe@example.com"}, headers=evil)
    assert len(mailbox.sent) == 3
    assert all(mail.link.startswith(PUBLIC_URL) for mail in mailbox.sent)


def test_a_mail_that_cannot_be_sent_fails_no_request(
    api: ApiClient, configure: Configure, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Mailbox):
        def send_verification_email(self, link: str, app_name: str, user: Any) -> None:
            raise OSError("no route to the mail server")

    broken = Broken()
    configure(**sending(broken, verifyUserEmails=True))
    assert join(api).status == 201
    assert broken.sent == []
    assert "a mail could not be sent" in caplog.text


@pytest.mark.parametrize("missing", ["appName", "publicServerURL", "emailAdapter"])
def test_verification_needs_what_mails_are_made_of(configure: Configure, missing: str) -> None:
    options = sending(Mailbox(), verifyUserEmails=True)
    del options[missing]
    with pytest.raises(ConfigurationError):
        configure(**options)
