"""Signing in with a code that comes by mail (`docs/sign-in-by-mail.md`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from parse_auth.challenges import Challenges
from parse_auth.mail.outbox import outbox
from tests.auth.conftest import Configure
from tests.auth.mailing import PUBLIC_URL
from tests.auth.people import PASSWORD, anonymous, log_in, sign_up
from tests.support.client import ApiClient, Reply

ANN = "ann@example.com"
WRONG = (101, "The code is wrong, was used, or is too old.")
NOT_AN_ADDRESS = [
    None,
    5,
    "",
    "ann",
    "a@b\r\nBcc: c@d",
    "a@b\x7f",
    "a b@c",
    "a@b@c",
    "a@b,c@d",
    ["a@b"],
    "@b",
    "a" * 300 + "@b",
]


class Letters:
    """A mail adapter that keeps the texts it is given."""

    def __init__(self) -> None:
        self._sent: list[tuple[str, str, str]] = []

    @property
    def sent(self) -> list[tuple[str, str, str]]:
        outbox.settle()
        return self._sent

    def send_mail(self, to: str, subject: str, text: str) -> None:
        self._sent.append((to, subject, text))

    @property
    def code(self) -> str:
        """The code in the last one."""
        found = re.search(r"^ {4}(\d+)$", self.sent[-1][2], re.MULTILINE)
        assert found, self.sent[-1]
        return found[1]


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def use(configure: Configure, api: ApiClient, letters: Letters) -> Callable[..., None]:
    """Configures the provider: `use(period=60)`, options of the application with `_options`."""

    def apply(_options: dict[str, Any] | None = None, **options: Any) -> None:
        configure(
            appName="Tides",
            publicServerURL=PUBLIC_URL,
            emailAdapter=letters,
            **{"auth": {"emailCode": options}, **(_options or {})},
        )

    apply()
    return apply


@pytest.fixture
def statements(api: ApiClient) -> Iterator[psycopg.Connection]:
    with psycopg.connect(api.application.database.conninfo, autocommit=True) as connection:
        yield connection


def ask(api: ApiClient, email: Any = ANN, **more: Any) -> Reply:
    return api.post("/challenge", {"challengeData": {"emailCode": {"email": email, **more}}})


def challenge(api: ApiClient, email: str = ANN) -> str:
    """The secret name of a new challenge."""
    reply = ask(api, email)
    assert reply.status == 200, reply.body
    secret: str = reply.json["challengeData"]["emailCode"]["challenge"]
    return secret


def answer(api: ApiClient, secret: Any, code: Any, *, more: Any = None, **how: Any) -> Reply:
    body = {"authData": {"emailCode": {"challenge": secret, "code": code}, **(more or {})}}
    return api.post("/users", body, **how)


def sign_in(api: ApiClient, letters: Letters, email: str = ANN, **how: Any) -> Reply:
    secret = challenge(api, email)
    return answer(api, secret, letters.code, **how)


def test_who_reads_the_mail_signs_up_and_then_logs_in(api: ApiClient, use: Any, letters: Letters) -> None:
    first = sign_in(api, letters)
    assert first.status == 201, first.body
    assert letters.sent[0][0] == ANN
    second = sign_in(api, letters, " Ann@Example.com ")
    assert (second.status, second.json["objectId"]) == (200, first.json["objectId"])
    assert second.json["sessionToken"] != first.json["sessionToken"]
    me = api.get("/users/me", as_user=second.json["sessionToken"]).json
    assert me["authData"] == {"emailCode": {"id": ANN}}
    assert (me["email"], me["emailVerified"]) == (ANN, True)


def test_the_mail_says_what_the_code_is_for_in_the_language_asked_for(
    api: ApiClient, use: Any, letters: Letters
) -> None:
    for locale, subject, text in [
        (None, "{} is your sign-in code for Tides", "your code to sign in to Tides"),
        ("de-AT", "{} ist Ihr Anmeldecode für Tides", "Ihr Code, um sich bei Tides anzumelden"),
        ("../de", "{} is your sign-in code for Tides", "for 10 minutes"),
        (7, "{} is your sign-in code for Tides", "for 10 minutes"),
    ]:
        assert ask(api, locale=locale).status == 200
        assert letters.sent[-1][1] == subject.format(letters.code)
        assert text in letters.sent[-1][2]


def test_an_adapter_may_word_the_mail_itself(api: ApiClient, configure: Configure) -> None:
    class Wordy(Letters):
        async def send_sign_in_code(self, **words: Any) -> None:
            self._sent.append((words["email"], words["locale"], words["code"]))

    wordy = Wordy()
    configure(appName="Tides", publicServerURL=PUBLIC_URL, emailAdapter=wordy, auth={"emailCode": {}})
    ask(api, locale="de")
    assert wordy.sent[0][:2] == (ANN, "de")
    assert re.fullmatch(r"\d{6}", wordy.sent[0][2])


def test_a_code_may_be_typed_as_it_is_read(api: ApiClient, use: Any, letters: Letters) -> None:
    secret = challenge(api)
    assert answer(api, secret, f" {letters.code[:3]} {letters.code[3:]}-").status == 201


@pytest.mark.parametrize("email", NOT_AN_ADDRESS)
def test_what_is_no_address_gets_no_mail(api: ApiClient, use: Any, letters: Letters, email: Any) -> None:
    assert ask(api, email).error[0] == 125
    assert letters.sent == []


@pytest.mark.parametrize("value", [True, 1, "x", [], [ANN]])
def test_a_challenge_that_names_no_address_is_refused(api: ApiClient, use: Any, value: Any) -> None:
    assert api.post("/challenge", {"challengeData": {"emailCode": value}}).error[0] in (125, -1)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"id": ANN},
        {"email": ANN},
        {"challenge": "x"},
        {"code": "1"},
        {"challenge": 1, "code": 2},
        {"challenge": {"$ne": 1}, "code": []},
        {"challenge": "x", "code": "x", "id": ANN},
    ],
)
def test_nothing_but_an_answer_signs_in(api: ApiClient, use: Any, letters: Letters, data: Any) -> None:
    sign_in(api, letters)
    reply = api.post("/users", {"authData": {"emailCode": data}})
    assert reply.error in (WRONG, (200, "bad or missing username")), reply.body


def test_a_code_works_once(api: ApiClient, use: Any, letters: Letters) -> None:
    secret = challenge(api)
    assert answer(api, secret, letters.code).status == 201
    assert answer(api, secret, letters.code).error == WRONG


def test_of_fifty_parallel_tries_with_one_code_one_signs_in(api: ApiClient, use: Any, letters: Letters) -> None:
    use(attempts=20)
    sign_in(api, letters)
    secret = challenge(api)
    code = letters.code
    with ThreadPoolExecutor(16) as threads:
        statuses = Counter(reply.status for reply in threads.map(lambda _: answer(api, secret, code), range(50)))
    assert statuses in ({200: 1, 400: 49}, {200: 1, 404: 49}), statuses
    assert len(api.get("/sessions", master=True).json["results"]) == 2


def test_after_five_wrong_codes_the_right_one_is_wrong_too(api: ApiClient, use: Any, letters: Letters) -> None:
    secret = challenge(api)
    wrong = "000000" if letters.code != "000000" else "111111"
    for _ in range(5):
        assert answer(api, secret, wrong).error == WRONG
    assert answer(api, secret, letters.code).error == WRONG


def test_parallel_guesses_get_no_more_tries(api: ApiClient, use: Any, letters: Letters) -> None:
    secret = challenge(api)
    wrong = [f"{number:06}" for number in range(40) if f"{number:06}" != letters.code]
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda code: answer(api, secret, code), wrong))
    assert answer(api, secret, letters.code).error == WRONG


def test_a_code_is_worth_nothing_to_another_challenge(api: ApiClient, use: Any, letters: Letters) -> None:
    """Who asks for a code to somebody else's address neither spoils that one's own code nor can try it."""
    mine = challenge(api)
    code = letters.code
    theirs = challenge(api)
    if letters.code != code:  # once in a million mails it is the same
        assert answer(api, theirs, code).error == WRONG
    assert answer(api, mine, code).status == 201


def test_a_code_grows_old(api: ApiClient, use: Any, letters: Letters, statements: psycopg.Connection) -> None:
    use(period=60)
    secret = challenge(api)
    statements.execute("UPDATE parse_challenge SET ends_at = ends_at - interval '60 s'")
    assert answer(api, secret, letters.code).error == WRONG


def test_an_address_gets_five_mails_in_fifteen_minutes_from_whomever(
    api: ApiClient, use: Any, letters: Letters
) -> None:
    for _ in range(5):
        assert ask(api).status == 200
    assert ask(api, ANN.upper()).error == (141, "Too many mails were sent to this address. Please try again later.")
    assert len(letters.sent) == 5
    assert ask(api, "bob@example.com").status == 200


def test_nothing_tells_whether_an_address_has_an_account(api: ApiClient, use: Any, letters: Letters) -> None:
    use(signUp=False)
    sign_up(api, "ann", email=ANN)
    known, unknown = ask(api), ask(api, "nobody@example.com")
    assert (known.status, known.statements) == (unknown.status, unknown.statements)
    shape = [sorted(reply.json["challengeData"]["emailCode"].items()) for reply in (known, unknown)]
    assert [[name for name, _ in each] for each in shape] == [["challenge", "expiresIn"]] * 2
    use(signUp=False, attempts=6)
    refusals = {answer(api, r.json["challengeData"]["emailCode"]["challenge"], "0").body for r in (known, unknown)}
    assert len(refusals) == 1
    assert letters.sent == []  # the address was never confirmed, so nobody could sign in with it


def test_without_sign_up_only_known_people_get_a_mail(api: ApiClient, use: Any, letters: Letters) -> None:
    sign_in(api, letters)
    use(signUp=False)
    ask(api, "nobody@example.com")
    assert len(letters.sent) == 1
    assert sign_in(api, letters).status == 200


def test_neither_code_nor_challenge_is_stored(
    api: ApiClient, use: Any, letters: Letters, statements: psycopg.Connection
) -> None:
    secret = challenge(api)
    row = str(statements.execute("SELECT c::text FROM parse_challenge c").fetchall())
    assert ANN in row
    assert letters.code not in row
    assert secret not in row


def test_a_confirmed_address_says_whose_user_it_is(api: ApiClient, use: Any, letters: Letters) -> None:
    ann = sign_up(api, "ann", email="Ann@example.com")
    api.put(ann.path, {"emailVerified": True}, master=True)
    reply = sign_in(api, letters)
    assert (reply.status, reply.json["objectId"]) == (200, ann.id)
    assert reply.json["authData"] == {"emailCode": {"id": ANN}}
    assert log_in(api, "ann").status == 200


def test_an_account_that_waits_with_somebody_elses_address_catches_nobody(
    api: ApiClient, use: Any, letters: Letters
) -> None:
    """Mallory writes Ann's address into a user of his own. Ann gets one of her own, and his stays as it is."""
    mallory = sign_up(api, "mallory", email=ANN)
    reply = sign_in(api, letters)
    assert reply.status == 201
    assert reply.json["objectId"] != mallory.id
    assert "email" not in api.get(f"/users/{reply.json['objectId']}", master=True).json
    his = api.get(mallory.path, master=True).json
    assert (his["email"], his.get("authData")) == (ANN, None)
    assert sign_in(api, letters).json["objectId"] == reply.json["objectId"]


@pytest.mark.parametrize(
    ("email", "kept", "confirmed"),
    [(ANN, ANN, True), ("ANN@example.com", "ANN@example.com", True), ("other@example.com", "other@example.com", None)],
)
def test_only_the_proven_address_of_a_new_user_is_confirmed(
    api: ApiClient, use: Any, letters: Letters, email: str, kept: str, confirmed: bool | None
) -> None:
    secret = challenge(api)
    body = {"email": email, "authData": {"emailCode": {"challenge": secret, "code": letters.code}}}
    user = api.get(f"/users/{api.post('/users', body).json['objectId']}", master=True).json
    assert (user["email"], user.get("emailVerified")) == (kept, confirmed)


def test_who_proved_his_address_has_nothing_left_to_confirm(api: ApiClient, use: Any, letters: Letters) -> None:
    strict = {"verifyUserEmails": True, "preventLoginWithUnverifiedEmail": True}
    use({**strict, "preventSignupWithUnverifiedEmail": True})
    reply = sign_in(api, letters)
    assert (reply.status, "sessionToken" in reply.json) == (201, True), reply.body
    assert len(letters.sent) == 1
    use(strict)
    secret = challenge(api, "bob@example.com")
    body = {"email": "other@example.com", "authData": {"emailCode": {"challenge": secret, "code": letters.code}}}
    other = api.post("/users", body)
    assert (other.status, "sessionToken" in other.json) == (201, False)


def test_a_user_links_an_address_and_lets_go_of_it(api: ApiClient, use: Any, letters: Letters) -> None:
    ann = sign_up(api, "ann")
    secret = challenge(api)
    link = {"authData": {"emailCode": {"challenge": secret, "code": letters.code}}}
    assert api.put(ann.path, link, as_user=ann.token).status == 200
    assert sign_in(api, letters).json["objectId"] == ann.id
    assert api.put(ann.path, {"authData": {"emailCode": {"id": ANN}}}, as_user=ann.token).status == 200
    assert api.put(ann.path, {"authData": {"emailCode": None}}, as_user=ann.token).status == 200
    assert sign_in(api, letters).status == 201


def test_an_address_of_somebody_else_is_his(api: ApiClient, use: Any, letters: Letters) -> None:
    sign_in(api, letters)
    bob = sign_up(api, "bob")
    secret = challenge(api)
    link = {"authData": {"emailCode": {"challenge": secret, "code": letters.code}}}
    assert api.put(bob.path, link, as_user=bob.token).error[0] == 208
    wrong = {"authData": {"emailCode": {"challenge": challenge(api), "code": "x"}}}
    assert api.put(bob.path, wrong, as_user=bob.token).error == WRONG


def test_an_anonymous_user_becomes_somebody(api: ApiClient, use: Any, letters: Letters) -> None:
    user = api.post("/users", anonymous("d")).json
    secret = challenge(api)
    data = {"authData": {"anonymous": None, "emailCode": {"challenge": secret, "code": letters.code}}}
    assert api.put(f"/users/{user['objectId']}", data, as_user=user["sessionToken"]).status == 200
    assert sign_in(api, letters).json["objectId"] == user["objectId"]


class SecondFactor:
    """A second factor that knows one word."""

    policy = "additional"

    def validate_auth_data(self, auth_data: Any, options: Any, request: Any) -> None:
        if auth_data.get("word") != "swordfish":
            raise ValueError("That is not the word.")


def test_a_second_factor_is_asked_for_after_the_code_and_the_code_still_works(
    api: ApiClient, use: Any, letters: Letters
) -> None:
    use({"auth": {"emailCode": {}, "second": SecondFactor()}})
    user = sign_in(api, letters, more={"second": {"word": "swordfish"}}).json
    secret = challenge(api)
    assert answer(api, secret, "000000x").error == WRONG  # who has not proved the address learns of no factor
    assert answer(api, secret, letters.code).error == (-1, "Missing additional authData second")
    wrong = answer(api, secret, letters.code, more={"second": {"word": "x"}})
    assert wrong.error == (141, "That is not the word.")
    right = answer(api, secret, letters.code, more={"second": {"word": "swordfish"}})
    assert (right.status, right.json["objectId"]) == (200, user["objectId"])


def test_it_can_itself_be_a_second_factor(api: ApiClient, use: Any, letters: Letters) -> None:
    use(policy="additional")
    ann = sign_up(api, "ann")
    link = {"authData": {"emailCode": {"challenge": challenge(api), "code": letters.code}}}
    assert api.put(ann.path, link, as_user=ann.token).status == 200
    assert log_in(api, "ann").error == (-1, "Missing additional authData emailCode")
    proof = {"emailCode": {"challenge": challenge(api), "code": letters.code}}
    body = {"username": "ann", "password": PASSWORD, "authData": proof}
    assert api.post("/login", body).status == 200
    assert api.post("/login", body).error == WRONG


def test_attempts_cannot_be_taken_back_with_a_transaction(api: ApiClient, use: Any, letters: Letters) -> None:
    secret = challenge(api)
    body = {"authData": {"emailCode": {"challenge": secret, "code": letters.code}}}
    batch = {"requests": [{"method": "POST", "path": "/parse/users", "body": body}], "transaction": True}
    reply = api.post("/batch", batch)
    assert b"A challenge cannot be answered in a transaction." in reply.body
    assert answer(api, secret, letters.code).status == 201


@pytest.mark.parametrize(
    "options", [{"period": 5}, {"period": "x"}, {"digits": 4}, {"digits": 11}, {"attempts": 0}, {"mails": True}]
)
def test_options_that_are_not_safe_answer_every_use(api: ApiClient, use: Any, options: dict[str, Any]) -> None:
    use(**options)
    reply = api.post("/users", {"authData": {"emailCode": {"challenge": "x", "code": "y"}}})
    assert reply.error[0] == 1
    assert next(iter(options)) in reply.error[1]


def test_without_mail_settings_it_says_what_is_missing(api: ApiClient, configure: Configure) -> None:
    configure(auth={"emailCode": {}})
    assert ask(api).error[0] == 1


def test_an_application_that_does_not_want_it_does_not_have_it(api: ApiClient, use: Any) -> None:
    use({"auth": {}})
    assert ask(api).json == {"challengeData": {}}
    assert answer(api, "x", "y").error[0] == 252


def test_what_nobody_answered_is_removed(
    api: ApiClient, use: Any, letters: Letters, statements: psycopg.Connection
) -> None:
    challenge(api)
    statements.execute("UPDATE parse_challenge SET ends_at = now() - interval '1 s'")
    api.application.part(Challenges)._next_cleaning = 0
    challenge(api)
    assert statements.execute("SELECT count(*) FROM parse_challenge").fetchone() == (1,)
