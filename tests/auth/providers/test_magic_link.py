"""Signing in with a link that comes by mail (`docs/sign-in-by-mail.md`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.auth.conftest import Configure
from tests.auth.mailing import PUBLIC_URL
from tests.auth.people import sign_up
from tests.auth.providers.test_email_code import ANN, Letters
from tests.support.client import ApiClient, Reply

REDIRECT = "https://app.example/signed-in?from=mail"
NATIVE = "tides://signed-in"
WRONG = (101, "The link has not been opened, was used, or is too old.")
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def use(configure: Configure, api: ApiClient, letters: Letters) -> Callable[..., None]:
    """Configures the provider; options of the application with `_options`."""

    def apply(_options: dict[str, Any] | None = None, **options: Any) -> None:
        configure(
            appName="Tides",
            publicServerURL=PUBLIC_URL,
            emailAdapter=letters,
            auth={"magicLink": {"redirectURLs": [REDIRECT, NATIVE], **options}},
            **(_options or {}),
        )

    apply()
    return apply


def ask(api: ApiClient, email: str = ANN, **more: Any) -> Reply:
    return api.post("/challenge", {"challengeData": {"magicLink": {"email": email, **more}}})


def challenge(api: ApiClient, **more: Any) -> str:
    reply = ask(api, **more)
    assert reply.status == 200, reply.body
    secret: str = reply.json["challengeData"]["magicLink"]["challenge"]
    return secret


def link(letters: Letters) -> str:
    """The link in the last mail, as a path below the mount."""
    found = re.search(rf"{re.escape(PUBLIC_URL)}(\S+)", letters.sent[-1][2])
    assert found, letters.sent[-1]
    return found[1]


def visit(api: ApiClient, path: str) -> Reply:
    return api.get(path, headers={"X-Parse-Application-Id": None})


def press(api: ApiClient, path: str) -> Reply:
    """Presses the button of the page at a link."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    raw = urlencode({"token": query["token"], "locale": query.get("locale", "")}).encode()
    return api.post(path.partition("?")[0], raw=raw, content_type=FORM, headers={"X-Parse-Application-Id": None})


def shown_code(reply: Reply) -> str:
    found = re.search(r'<output class="code">([2-9A-Z]{8})</output>', reply.body.decode())
    assert found, reply.body
    return found[1]


def answer(api: ApiClient, secret: str, code: str) -> Reply:
    return api.post("/users", {"authData": {"magicLink": {"challenge": secret, "code": code}}})


def test_the_link_leads_to_a_page_whose_button_gives_a_code_that_signs_in(
    api: ApiClient, use: Any, letters: Letters
) -> None:
    secret = challenge(api)
    page = visit(api, link(letters))
    assert page.status == 200
    assert b"Sign in to Tides" in page.body
    assert ANN.encode() in page.body
    code = shown_code(press(api, link(letters)))
    reply = answer(api, secret, code)
    assert reply.status == 201, reply.body
    assert reply.json["authDataResponse"] == {}
    again = challenge(api)
    found = answer(api, again, shown_code(press(api, link(letters))).lower())
    assert (found.status, found.json["objectId"]) == (200, reply.json["objectId"])


def test_programs_that_open_the_links_of_mails_use_nothing_up(api: ApiClient, use: Any, letters: Letters) -> None:
    secret = challenge(api)
    for _ in range(3):
        assert b"<form" in visit(api, link(letters)).body
        assert api.request("HEAD", link(letters), headers={"X-Parse-Application-Id": None}).status == 200
    assert answer(api, secret, "23456789").error == WRONG
    assert answer(api, secret, shown_code(press(api, link(letters)))).status == 201


@pytest.mark.parametrize("redirect", [REDIRECT, NATIVE])
def test_the_button_takes_the_code_to_a_page_of_the_application(
    api: ApiClient, use: Any, letters: Letters, redirect: str
) -> None:
    secret = challenge(api, redirect=redirect)
    policy = visit(api, link(letters)).headers["content-security-policy"]
    assert ("https://app.example" if redirect == REDIRECT else "tides:") in policy.partition("form-action")[2]
    gone = press(api, link(letters))
    assert gone.status == 303
    assert gone.headers["location"].startswith(redirect)
    assert (gone.headers["referrer-policy"], gone.headers["cache-control"]) == ("no-referrer", "no-store")
    assert not [name for name in gone.headers if name.startswith("x-parse-page-param")]
    query = parse_qs(urlsplit(gone.headers["location"]).query)
    assert query.get("from") == (["mail"] if redirect == REDIRECT else None)
    assert answer(api, secret, query["code"][0]).status == 201


@pytest.mark.parametrize(
    "redirect",
    [
        "https://evil.example/",
        "https://app.example/signed-in",
        REDIRECT + "&next=https://evil.example",
        "https://app.example@evil.example/signed-in?from=mail",
        "//evil.example",
        "/",
        "",
        "javascript:alert(1)",
        5,
        ["https://evil.example"],
        {"$ne": 1},
    ],
)
def test_nobody_is_sent_anywhere_else(api: ApiClient, use: Any, letters: Letters, redirect: Any) -> None:
    assert ask(api, redirect=redirect).error == (162, "redirect must be one of magicLink.redirectURLs")
    assert letters.sent == []


def test_an_address_that_is_not_listed_any_more_is_not_followed(api: ApiClient, use: Any, letters: Letters) -> None:
    secret = challenge(api, redirect=REDIRECT)
    use(redirectURLs=[])
    assert answer(api, secret, shown_code(press(api, link(letters)))).status == 201


def test_a_leaked_link_signs_in_nobody_without_the_device_that_asked(
    api: ApiClient, use: Any, letters: Letters
) -> None:
    challenge(api)
    code = shown_code(press(api, link(letters)))
    other = challenge(api, email="mallory@example.com")
    assert answer(api, other, code).error == WRONG
    assert answer(api, "", code).error == WRONG


def test_who_asks_for_a_link_to_somebody_else_waits_in_vain(api: ApiClient, use: Any, letters: Letters) -> None:
    """Mallory asks for a link to Ann's address; that she presses the button does not help him: he lacks the code."""
    secret = challenge(api)
    press(api, link(letters))
    assert answer(api, secret, "").error == WRONG
    assert api.post("/users", {"authData": {"magicLink": {"challenge": secret}}}).error == WRONG


def test_a_button_works_once(api: ApiClient, use: Any, letters: Letters) -> None:
    challenge(api)
    path = link(letters)
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: press(api, path), range(20)))
    assert Counter(b'class="code"' in reply.body for reply in replies) == {True: 1, False: 19}
    assert b"does not work any more" in visit(api, path).body


def test_of_fifty_parallel_tries_with_one_code_one_signs_in(api: ApiClient, use: Any, letters: Letters) -> None:
    use(attempts=20)
    secret = challenge(api)
    code = shown_code(press(api, link(letters)))
    with ThreadPoolExecutor(16) as threads:
        replies = list(threads.map(lambda _: answer(api, secret, code), range(50)))
    assert Counter(reply.status < 300 for reply in replies) == {True: 1, False: 49}
    assert len(api.get("/users", master=True).json["results"]) == 1


@pytest.mark.parametrize("query", ["", "?token=", "?token=x", "?token=%ff", "?token[a]=b"])
def test_a_link_that_is_wrong_says_so(api: ApiClient, use: Any, query: str) -> None:
    page = visit(api, f"/apps/auth/sign_in{query}")
    assert page.status == 200
    assert b"This link does not work any more" in page.body


def test_pages_and_mail_speak_the_language_asked_for(api: ApiClient, use: Any, letters: Letters) -> None:
    use({"pages": {"enableLocalization": True}})
    challenge(api, locale="de")
    assert letters.sent[-1][1] == "Anmeldung bei Tides"
    assert "Sie melden sich als" in visit(api, link(letters)).body.decode()
    assert "Geben Sie diesen Code dort ein" in press(api, link(letters)).body.decode()
    assert "Dieser Link funktioniert nicht mehr" in press(api, link(letters)).body.decode()


def test_a_mail_without_a_language_is_in_english(api: ApiClient, use: Any, letters: Letters) -> None:
    challenge(api)
    assert letters.sent[-1][1] == "Sign in to Tides"
    assert "locale" not in link(letters)


def test_a_confirmed_address_says_whose_user_it_is(api: ApiClient, use: Any, letters: Letters) -> None:
    ann = sign_up(api, "ann", email=ANN)
    secret = challenge(api)
    api.put(ann.path, {"emailVerified": True}, master=True)
    assert answer(api, secret, shown_code(press(api, link(letters)))).json["objectId"] == ann.id


@pytest.mark.parametrize(
    "urls",
    [
        "https://app.example/",
        ["/signed-in"],
        ["javascript:alert(1)"],
        ["data:text/html,x"],
        ["https://app.example/#x"],
        ["https://user@app.example/"],
        ["https:///x"],
        ["https://app.example\\@evil.example/"],
        [5],
    ],
)
def test_addresses_that_are_none_answer_every_use(api: ApiClient, use: Any, urls: Any) -> None:
    use(redirectURLs=urls)
    reply = answer(api, "x", "y")
    assert reply.error[0] == 1
    assert "redirectURLs" in reply.error[1]
