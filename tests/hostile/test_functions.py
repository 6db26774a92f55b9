"""What is sent to functions, jobs and hooks in bad faith (`contract/hostile.md` §1 names, §3 batches, §5, §8)."""

from __future__ import annotations

from typing import Any

import pytest
from pyotp.totp import TOTP

from parse_cloud import FunctionRequest
from parse_cloud.author.cloud import Cloud
from tests.auth.people import Person
from tests.hostile.attacks import Attack, attacks, sent
from tests.hostile.conftest import Configure
from tests.support.client import ApiClient
from tests.support.scenario import Request, post

ran: list[str] = []
ELSEWHERE = "198.51.100.7"
FACTOR = "JBSWY3DPEHPK3PXPJBSWY3DP"
HEAD = b'--x\r\nContent-Disposition: form-data; name="a'
END = b"\r\n\r\nv\r\n"


def code(cloud: Cloud) -> None:
    """Functions that nobody may call without a key, and some that everybody may."""

    @cloud.function(require_master=True)
    def guarded(request: FunctionRequest) -> str:
        ran.append("guarded")
        return "ran"

    @cloud.function(rate_limit={"requestTimeWindow": 60_000, "requestCount": 2, "errorResponseMessage": "enough"})
    def limited(_request: FunctionRequest) -> None:
        ran.append("limited")

    @cloud.function
    def names(request: FunctionRequest) -> list[str]:
        return sorted(request.params)[:5]

    @cloud.function
    def context(request: FunctionRequest) -> Any:
        ran.append("context")
        return request.context

    @cloud.function
    def me(request: FunctionRequest) -> Any:
        return request.user

    @cloud.job
    def work(_request: Any) -> None:
        ran.append("work")


@pytest.fixture
def functions(configure: Configure, api: ApiClient) -> ApiClient:
    configure(cloud=code)
    ran.clear()
    return api


@pytest.mark.parametrize(
    "name",
    [
        "guarded.prototype.constructor", "guarded.constructor", "guarded.__call__", "guarded.__wrapped__", "Guarded",
        "guarded ", " guarded", "guarded/", "guarded/.", "x/../guarded", "guarded%00", "guarded%0a", "guarded'",
        'guarded"', "guarded`", "guarded;x", "gu%61rded ", "constructor", "__proto__", "hasOwnProperty", "__init__",
        "toString", "find", "names.guarded", "@guarded", "function:guarded", "*", "[", "\uff47uarded",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["functions", "jobs", "batch"])
def test_only_the_very_name_leads_to_a_function(functions: ApiClient, name: str, kind: str) -> None:
    """And so no name leads around its validator."""
    if kind == "batch":
        part = {"method": "POST", "path": f"/parse/functions/{name}", "body": {}}
        answer = sent(functions, post("/batch", {"requests": [part]})).json
        assert "error" in (answer[0] if isinstance(answer, list) else answer)
    else:
        reply = sent(functions, post(f"/{kind}/{name}", {}, master=kind == "jobs"))
        assert reply.json.get("code") in (107, 141, 142, None)
        assert reply.status >= 400
    assert not ran


@pytest.mark.parametrize("body", [{}, {"_method": "POST"}, {"_MasterKey": "master-key-nobody-knows"}, {"master": True}])
def test_a_validator_is_not_talked_round(functions: ApiClient, body: dict[str, Any], ann: Person) -> None:
    for how in ({}, {"as_user": ann.token}, {"maintenance": True}):
        assert sent(functions, post("/functions/guarded", body, **how)).error[0] == 142
        part = {"method": "POST", "path": "/parse/functions/guarded", "body": body}
        (answer,) = sent(functions, post("/batch", {"requests": [part]}, **how)).json
        assert answer["error"]["code"] == 142
    assert sent(functions, post("/functions/guarded?master=true&_MasterKey=x", body)).error[0] == 142
    assert not ran


def test_a_batch_does_not_go_around_the_limit_of_a_function(functions: ApiClient) -> None:
    parts = [{"method": "POST", "path": "/parse/functions/limited", "body": {}} for _ in range(10)]
    assert sent(functions, post("/batch", {"requests": parts}, address=ELSEWHERE)).error == (100, "enough")
    assert not ran
    for path in ("/functions/limited", "/functions/limited/", "/functions/limited?x=1"):
        for body in ({}, {"_method": "POST"}):
            sent(functions, post(path, body, address=ELSEWHERE))
    assert len(ran) <= 2


@pytest.mark.parametrize("who", [{}, {"read_only": True}, {"maintenance": True}])
@pytest.mark.parametrize("path", ["/jobs/work", "/jobs"])
def test_nobody_without_the_master_key_starts_a_job(functions: ApiClient, path: str, who: dict[str, Any]) -> None:
    body = {"jobName": "work"}
    assert sent(functions, post(path, body, **who)).status in (400, 403)
    parts = [{"method": "POST", "path": f"/parse{path}", "body": body}]
    (answer,) = sent(functions, post("/batch", {"requests": parts}, **who)).json
    assert "error" in answer
    assert not ran


def form(body: bytes) -> Request:
    return post("/functions/names", raw=body + b"--x--", content_type="multipart/form-data; boundary=x")


@attacks(
    Attack("semicolons instead of parameters", form((HEAD + b'"' + b";" * 16000 + END) * 400)),
    Attack("semicolons inside a name that does not end", form((HEAD + b";" * 16000 + END) * 400), 107),
    Attack("quotes that open and close", form((HEAD + b'"' + b';"' * 8000 + END) * 400), 107),
    Attack("backslashes in a name", form((HEAD + b"\\" * 16000 + END) * 400), 107),
    Attack("a thousand pieces of one name", form((HEAD + b'"' + b"; name*1=a" * 1500 + END) * 400), 107),
    Attack("thousands of headers", form((b"--x\r\n" + b"a:b\r\n" * 3000 + HEAD[5:] + b'"' + END) * 400), 107),
    Attack("brackets, which once were comments", form((HEAD + b'"' + b"(" * 16000 + END) * 400), 107),
    Attack("a content type of quotes", form((HEAD + b'"; filename="b"\r\nContent-Type: ' + b';"' * 8000 + END) * 400)),
    Attack("too many parts", form((HEAD + b'"' + END) * 1500), 107),
    Attack("a boundary that comes and goes", form(b"--x" * 1_000_000)),
    Attack("NUL in the name of a file", form(HEAD + b'"; filename="b\0c"' + END), 107),
    Attack("NUL in a type", form(HEAD + b'"; filename="b"\r\nContent-Type: a\0b' + END), 107),
    Attack("NUL in a text", form(HEAD + b'"\r\n\r\na\0b\r\n'), 107),
    Attack("a broken encoding of a file's name", form(HEAD + b"\"; filename*=UTF-8''%ff%fe%" + END)),
    Attack("names of prototypes", form((HEAD + b'"' + END).replace(b'"a"', b'"__proto__"') * 2)),
)
def test_a_form_is_read_in_time_or_refused(attack: Attack, functions: ApiClient) -> None:
    attack.play(functions)


def header(context: str) -> Request:
    return post("/functions/context", {}, headers={"X-Parse-Cloud-Context": context.encode().decode("latin-1")})


@attacks(
    *(Attack(text[:20], header(text), 107) for text in ("[]", "1", "null", '"x"', "{", "nonsense", '{"a":"\\u0000"}')),
    Attack("nested too deeply", header('{"a":' + "[" * 1000 + "]" * 1000 + "}"), 107),
    Attack("nested and never closed", header('{"a":' + "[" * 7000), 107),
    Attack("an object of names of prototypes", header('{"__proto__":{"a":1},"constructor":{}}')),
    Attack("a number beyond all numbers", header('{"a":1e999,"b":' + "9" * 400 + "}")),
    Attack("half a surrogate", header('{"a":"\\ud800"}')),
    Attack("two members of one name", header('{"a":1,"a":2}')),
    Attack("a megabyte", header('{"a":"' + "x" * 1_000_000 + '"}')),
)
def test_a_context_is_an_object_or_refused_before_anything_runs(attack: Attack, functions: ApiClient) -> None:
    attack.play(functions)
    assert ran == ([] if attack.code else ["context"])


def wrapped(context: Any) -> Request:
    body = {"_ApplicationId": "hostile", "_context": context}
    return post("/functions/context", body, headers={"X-Parse-Application-Id": None})


@attacks(
    *(Attack(repr(value)[:20], wrapped(value), 107) for value in ([1], 1, True, "1", "x", '"x"', "[]")),
)
def test_a_context_in_the_body_is_an_object_or_refused(attack: Attack, functions: ApiClient) -> None:
    attack.play(functions)
    assert not ran


@attacks(
    *(
        Attack(
            str(url)[:40], post("/functions/names", {"a": [{"b": {"__type": "File", "name": "x", "url": url}}]}), 130
        )
        for url in (
            "http://169.254.169.254/latest",
            "http://127.0.0.1:22/",
            "file:///etc/passwd",
            "http://[::1",
            "//x",
            5,
            {"a": 1},
            "http://api.example@evil.example/",
        )
    ),
    Attack("a file without address", post("/functions/names", {"a": {"__type": "File", "name": "x"}})),
)
def test_a_file_from_elsewhere_reaches_no_function(attack: Attack, functions: ApiClient) -> None:
    attack.play(functions)


def test_the_user_of_a_function_has_no_secrets_of_the_server(configure: Configure, api: ApiClient) -> None:
    """A function that answers with its caller tells him no more than `/users/me` does."""
    configure(cloud=code, auth={"mfa": {"options": ["TOTP"]}})
    made = api.post("/users", {"username": "second", "password": "x", "authData": {"anonymous": {"id": "second"}}}).json
    factor = {"authData": {"mfa": {"secret": FACTOR, "token": TOTP(FACTOR).now()}}}
    assert api.put(f"/users/{made['objectId']}", factor, as_user=made["sessionToken"]).status == 200
    answer = api.post("/functions/me", {}, as_user=made["sessionToken"])
    assert answer.json["result"]["authData"] == {"anonymous": {"id": "second"}, "mfa": {"status": "enabled"}}
    assert FACTOR.encode() not in answer.body
