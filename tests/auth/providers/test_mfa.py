"""Second factors (`contract/auth_providers.md` §9)."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pyotp import random_base32
from pyotp.totp import TOTP

from parse_auth.providers import mfa
from tests.auth.conftest import Configure
from tests.auth.people import PASSWORD, Person, sign_up, tokens
from tests.support.client import ApiClient, Reply

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DP"
MISSING = (-1, "Missing additional authData mfa")
WRONG = (141, "Invalid MFA token")
NO_DATA = (141, "Invalid MFA data")


@pytest.fixture(autouse=True)
def _totp(configure: Configure, api: ApiClient) -> None:
    configure(auth={"mfa": {"options": ["TOTP"]}})


def token(offset: int = 0, secret: str = SECRET, **how: Any) -> str:
    return TOTP(secret, **how).at(int(time.time()), counter_offset=offset)


def enrol(api: ApiClient, person: Person, **data: Any) -> Reply:
    mfa_data = {"secret": SECRET, "token": token(), **data}
    return api.put(person.path, {"authData": {"mfa": mfa_data}}, as_user=person.token)


def log_in(api: ApiClient, given: Any = None, name: str = "ann") -> Reply:
    body: dict[str, Any] = {"username": name, "password": PASSWORD}
    return api.post("/login", body if given is None else {**body, "authData": {"mfa": given}})


def codes(reply: Reply) -> list[str]:
    found: list[str] = reply.json["authDataResponse"]["mfa"]["recovery"].split(", ")
    return found


def test_enrolling_answers_two_recovery_codes_and_hides_the_rest(api: ApiClient, ann: Person) -> None:
    reply = enrol(api, ann)
    assert reply.status == 200, reply.body
    assert [len(code) for code in codes(reply)] == [30, 30]
    assert api.get("/users/me", as_user=ann.token).json["authData"] == {"mfa": {"status": "enabled"}}
    found = api.get("/users", as_user=ann.token).json["results"]
    assert found[0]["authData"] == {"mfa": {"status": "enabled"}}
    stored = api.get(ann.path, master=True).json["authData"]["mfa"]
    assert stored == {"secret": SECRET, "recovery": codes(reply)}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"secret": None}, NO_DATA),
        ({"token": None}, NO_DATA),
        ({"secret": "JBSWY3DP"}, NO_DATA),
        ({"secret": "0" * 24}, NO_DATA),
        ({"secret": 5}, NO_DATA),
        ({"token": "000000x"}, WRONG),
        ({"token": 123456}, WRONG),
    ],
)
def test_what_enrols_nobody(api: ApiClient, ann: Person, data: Any, error: Any) -> None:
    assert enrol(api, ann, **data).error == error
    assert "authData" not in api.get(ann.path, master=True).json


def test_a_login_needs_the_token_of_the_moment(api: ApiClient, ann: Person) -> None:
    enrol(api, ann)
    assert log_in(api).error == MISSING
    assert api.post("/login", {"username": "ann", "password": "wrong"}).error[0] == 101
    for wrong in ({"token": token(3)}, {"token": token(-3)}, {"token": 5}, {"token": ""}, {}):
        assert log_in(api, wrong).error == WRONG, wrong
    assert log_in(api, {"token": token(-1)}).status == 200
    assert log_in(api, {"token": token()}).status == 200
    assert log_in(api, {"token": token()}).error == WRONG  # used already
    assert log_in(api, {"token": token(-1)}).error == WRONG  # older than the one used
    reply = log_in(api, {"token": token(1)})
    assert reply.status == 200
    assert reply.json["authData"] == {"mfa": {"status": "enabled"}}


def test_a_token_in_a_query_string_is_not_seen(api: ApiClient, ann: Person) -> None:
    enrol(api, ann)
    query = {"username": "ann", "password": PASSWORD, "authData": {"mfa": {"token": token()}}}
    assert api.get("/login", query=query).error == MISSING


def test_a_recovery_code_works_once(api: ApiClient, ann: Person) -> None:
    first, second = codes(enrol(api, ann))
    assert log_in(api, {"token": first}).status == 200
    assert log_in(api, {"token": first}).error == WRONG
    assert log_in(api, {"token": second}).status == 200


@pytest.mark.parametrize("secret", ["recovery", "totp"])
def test_of_fifty_logins_at_once_with_one_secret_one_succeeds(api: ApiClient, ann: Person, secret: str) -> None:
    first, _ = codes(enrol(api, ann))
    before = len(tokens(api))
    given = {"token": first if secret == "recovery" else token()}
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda _: log_in(api, given), range(50)))
    assert sorted(reply.status for reply in replies) == [200] + [400] * 49
    assert len(tokens(api)) == before + 1


def test_changing_it_needs_the_old_one(api: ApiClient, ann: Person) -> None:
    recovery = codes(enrol(api, ann))
    other = random_base32()
    change = {"secret": other, "token": token(secret=other)}
    assert enrol(api, ann, **change).error == WRONG
    assert enrol(api, ann, **change, old="000000x").error == WRONG
    assert api.get(ann.path, master=True).json["authData"]["mfa"]["secret"] == SECRET
    changed = enrol(api, ann, **change, old=recovery[0])
    assert not set(codes(changed)) & set(recovery)
    assert log_in(api, {"token": token(secret=other)}).status == 200


def test_sending_back_what_was_shown_is_no_change(api: ApiClient, ann: Person) -> None:
    enrol(api, ann)
    shown = {"authData": {"mfa": {"status": "enabled"}, "anonymous": {"id": "device"}}}
    assert api.put(ann.path, shown, as_user=ann.token).status == 200
    assert log_in(api, {"token": token()}).status == 200


def test_it_can_be_taken_off(api: ApiClient, ann: Person) -> None:
    enrol(api, ann)
    api.put(ann.path, {"authData": {"mfa": None}}, as_user=ann.token)
    assert log_in(api).status == 200


def test_enrolling_while_signing_up_and_while_logging_in(api: ApiClient, bob: Person) -> None:
    data = {"secret": SECRET, "token": token()}
    sign_up(api, "ann", authData={"mfa": data})
    assert log_in(api).error == MISSING
    assert len(codes(log_in(api, data, "bob"))) == 2
    assert log_in(api, name="bob").error == MISSING


def test_a_login_by_provider_needs_it_too(api: ApiClient) -> None:
    device = {"anonymous": {"id": "device"}}
    api.post("/users", {"authData": {**device, "mfa": {"secret": SECRET, "token": token()}}})
    assert api.post("/users", {"authData": device}).error == MISSING
    reply = api.post("/users", {"authData": {**device, "mfa": {"token": token()}}})
    assert reply.status == 200
    assert reply.json["authData"] == {**device, "mfa": {"status": "enabled"}}


def test_other_digits_periods_and_digests(configure: Configure, api: ApiClient, ann: Person) -> None:
    configure(auth={"mfa": {"options": ["TOTP"], "digits": 8, "period": 60, "algorithm": "SHA256"}})
    how: Any = {"digits": 8, "interval": 60, "digest": mfa.DIGESTS["SHA256"]}
    assert enrol(api, ann, token=token(**how)).status == 200
    assert log_in(api, {"token": token(**how)}).status == 200


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "mfa.options must be an array"),
        ({"options": []}, "mfa.options must include SMS or TOTP"),
        ({"options": ["TOTP"], "digits": "x"}, "mfa.digits must be a number"),
        ({"options": ["TOTP"], "digits": 3}, "mfa.digits must be between 4 and 10"),
        ({"options": ["TOTP"], "period": "x"}, "mfa.period must be a number"),
        ({"options": ["TOTP"], "period": 9}, "mfa.period must be greater than 10"),
        ({"options": ["SMS"]}, "mfa.sendSMS callback must be defined when using SMS OTPs"),
    ],
)
def test_wrong_options_answer_every_use(
    configure: Configure, api: ApiClient, ann: Person, options: Any, text: str
) -> None:
    configure(auth={"mfa": options})
    assert enrol(api, ann).error == (1, text)


class Phones:
    """Keeps what was sent to whom."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    async def __call__(self, code: str, mobile: str) -> None:
        self.sent.append((code, mobile))


@pytest.fixture
def phones(configure: Configure, api: ApiClient) -> Phones:
    phones = Phones()
    configure(auth={"mfa": {"options": ["SMS"], "sendSMS": phones}})
    return phones


MOBILE = "+15550100"


def sms(api: ApiClient, person: Person, **data: Any) -> Reply:
    return api.put(person.path, {"authData": {"mfa": data}}, as_user=person.token)


def test_a_number_counts_once_it_is_confirmed(api: ApiClient, ann: Person, phones: Phones) -> None:
    assert sms(api, ann, mobile="x").error == (141, "Invalid mobile number.")
    assert sms(api, ann, mobile=5).error == (141, "Invalid mobile number.")
    assert sms(api, ann, mobile=MOBILE).json["authDataResponse"] == {}
    assert log_in(api).status == 200
    assert sms(api, ann, mobile=MOBILE).status == 200
    _, (code, mobile) = phones.sent
    assert (len(code), mobile) == (6, MOBILE)
    assert sms(api, ann, mobile=MOBILE, token="x").error == WRONG
    assert sms(api, ann, mobile="+15550199", token=code).error == (141, "This number is not pending")
    assert sms(api, ann, mobile=MOBILE, token=code).status == 200
    assert sms(api, ann, mobile=MOBILE).error == (141, "MFA is already set up on this account")
    assert api.get(ann.path, master=True).json["authData"]["mfa"] == {"pending": {}, "mobile": MOBILE}
    assert api.get(ann.path, as_user=ann.token).json["authData"] == {"mfa": {"status": "enabled"}}


def test_a_code_is_sent_for_a_login_and_works_once(api: ApiClient, ann: Person, phones: Phones) -> None:
    sms(api, ann, mobile=MOBILE)
    sms(api, ann, mobile=MOBILE, token=phones.sent[0][0])
    assert log_in(api).error == MISSING
    assert log_in(api, {"token": "000000"}).error == (141, "Invalid MFA token 1")
    assert log_in(api, {"token": "request"}).error == (141, "Please enter the token")
    assert len(phones.sent) == 2
    assert api.get("/users/me", as_user=ann.token).status == 200
    code = phones.sent[-1][0]
    assert log_in(api, {"token": code}).status == 200
    assert log_in(api, {"token": code}).error == (141, "Invalid MFA token 1")


def test_of_fifty_logins_at_once_with_one_code_one_succeeds(api: ApiClient, ann: Person, phones: Phones) -> None:
    sms(api, ann, mobile=MOBILE)
    sms(api, ann, mobile=MOBILE, token=phones.sent[0][0])
    log_in(api, {"token": "request"})
    before, code = len(tokens(api)), phones.sent[-1][0]
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda _: log_in(api, {"token": code}), range(50)))
    assert sorted(reply.status for reply in replies) == [200] + [400] * 49
    assert len(tokens(api)) == before + 1


def test_of_fifty_confirmations_at_once_all_leave_the_number_confirmed(
    api: ApiClient, ann: Person, phones: Phones
) -> None:
    sms(api, ann, mobile=MOBILE)
    code = phones.sent[0][0]
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda _: sms(api, ann, mobile=MOBILE, token=code), range(50)))
    assert sorted(reply.status for reply in replies) == [200] + [400] * 49
    assert api.get(ann.path, master=True).json["authData"]["mfa"] == {"pending": {}, "mobile": MOBILE}


def test_a_code_ends(api: ApiClient, ann: Person, phones: Phones, monkeypatch: pytest.MonkeyPatch) -> None:
    sms(api, ann, mobile=MOBILE)
    sms(api, ann, mobile=MOBILE, token=phones.sent[0][0])
    log_in(api, {"token": "request"})
    monkeypatch.setattr(mfa, "_is_over", lambda expiry: expiry["iso"] > "")
    assert log_in(api, {"token": phones.sent[-1][0]}).error == (141, "Invalid MFA token 2")


def test_of_many_changes_at_once_with_one_recovery_code_one_is_stored_whole(api: ApiClient, ann: Person) -> None:
    first, _ = codes(enrol(api, ann))
    secrets = [random_base32() for _ in range(20)]

    def change(place: int) -> Reply:
        mfa = {"secret": secrets[place], "token": token(secret=secrets[place]), "old": first}
        return api.put(ann.path, {"nick": str(place), "authData": {"mfa": mfa}}, as_user=ann.token)

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(change, range(20)))
    statuses = [reply.status for reply in replies]
    assert sorted(statuses) == [200] + [400] * 19
    assert {reply.error for reply in replies if reply.status == 400} <= {WRONG, (141, "Invalid auth data")}
    user = api.get(ann.path, master=True).json
    winner = statuses.index(200)
    assert (user["nick"], user["authData"]["mfa"]["secret"]) == (str(winner), secrets[winner])


def test_a_change_that_is_refused_spends_no_recovery_code(api: ApiClient, ann: Person, bob: Person) -> None:
    first, _ = codes(enrol(api, ann))
    other = random_base32()
    mfa = {"secret": other, "token": token(secret=other), "old": first}
    refused = api.put(ann.path, {"username": bob.name, "authData": {"mfa": mfa}}, as_user=ann.token)
    assert refused.error[0] == 202
    assert log_in(api, {"token": first}).status == 200
    assert api.get(ann.path, master=True).json["authData"]["mfa"]["secret"] == SECRET


def test_the_change_of_a_factor_is_part_of_the_one_statement(api: ApiClient, ann: Person) -> None:
    enrol(api, ann)
    api.get("/users/me", as_user=ann.token)  # the session is remembered
    other = random_base32()
    change = {"secret": other, "token": token(secret=other), "old": token()}
    assert enrol(api, ann, **change).statements == 2  # the other one looks up what is linked
