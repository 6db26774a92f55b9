"""No log carries what proves who somebody is: not the application's at its most talkative level, nor the process's."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from pyotp.totp import TOTP

from parse_cloud import Config, FunctionRequest, ParseError
from parse_cloud.author.cloud import Cloud
from parse_core.logs.masking import masked_text
from parse_core.tasks import bell
from parse_server.log_records import JsonLines, Lines
from tests.hostile.conftest import OPTIONS, Configure
from tests.support.client import ApiClient, Reply

FACTOR = "JBSWY3DPEHPK3PXPJBSWY3DP"
KEYS = {"webhookKey": "KEY-of-webhooks", "javascriptKey": "KEY-of-javascript", "restAPIKey": "KEY-of-rest"}
SECRET = re.compile(rf"PASSWORD-\d|PROOF-\d|KEY-of|{FACTOR}|key-nobody-knows|\br:[0-9a-f]{{32}}")
SERVER_KEYS = {"_MasterKey": OPTIONS["masterKey"], "_MaintenanceKey": OPTIONS["maintenanceKey"]}


def code(cloud: Cloud) -> None:
    """Handlers of all that has to do with users, and functions that say what they are sent."""

    @cloud.function
    def echo(request: FunctionRequest) -> Any:
        return request.params

    @cloud.function
    def refuse(request: FunctionRequest) -> Any:
        raise ParseError(141, "no")

    @cloud.function
    def crash(request: FunctionRequest) -> Any:
        raise ValueError(repr(request.params))

    @cloud.function
    def me(request: FunctionRequest) -> Any:
        return request.user

    @cloud.function
    def talk(request: FunctionRequest) -> None:
        said = (request.params, dict(request.headers), request.user)
        request.log.info("asked", *said)
        request.log.error(str(said))

    @cloud.job
    def work(_request: Any) -> None: ...

    @cloud.before_save("_User")
    @cloud.after_save("_User")
    @cloud.before_login
    @cloud.after_login
    @cloud.after_logout
    @cloud.before_password_reset_request
    @cloud.before_find("_User")
    @cloud.after_find("_User")
    @cloud.before_save(Config)
    @cloud.after_save(Config)
    def nothing(_request: Any) -> None: ...


class Talker:
    """A client that sends secrets in all the ways there are."""

    def __init__(self, api: ApiClient) -> None:
        self.api = api
        self.token = ""
        self.path = ""

    def ask(self, method: str, path: str, body: Any = None, **how: Any) -> Reply:
        headers = {"X-Parse-JavaScript-Key": KEYS["javascriptKey"], **how.pop("headers", {})}
        return self.api.request(method, path, body, headers=headers, **how)

    def users(self) -> None:
        proofs = {"id": "anonymous-1", "access_token": "PROOF-1", "id_token": "PROOF-2", "anything": ["PROOF-3"]}
        made = self.ask("POST", "/users", {"username": "u", "password": "PASSWORD-1", "email": "u@example.com", "authData": {"anonymous": proofs}})  # fmt: skip  # noqa: E501
        self.token, self.path = made.json["sessionToken"], f"/users/{made.json['objectId']}"
        for password in ("PASSWORD-1", "PASSWORD-2"):
            self.ask("POST", "/login", {"username": "u", "password": password})
            self.ask("GET", f"/login?username=u&password={password}")
            self.ask("GET", "/verifyPassword", query={"username": "u", "password": password})
        self.ask("POST", "/users", {"authData": {"anonymous": {"id": "anonymous-1", "access_token": "PROOF-4"}}})
        factor = {"secret": FACTOR, "token": TOTP(FACTOR).now()}
        self.ask("PUT", self.path, {"authData": {"mfa": factor}}, as_user=self.token)
        proven: dict[str, Any] = {"secret": FACTOR, "recovery": ["PROOF-5", "PROOF-6"]}
        assert self.ask("PUT", self.path, {"authData": {"mfa": proven}}, master=True).status == 200
        self.ask("GET", "/users", maintenance=True)
        for path in (self.path, "/users", "/sessions", "/sessions/me", "/users/me"):
            self.ask("GET", path, master=True)
            self.ask("GET", path, as_user=self.token)
        self.ask("GET", f"/users/me?_SessionToken={self.token}")
        self.ask("GET", "/sessions", master=True, query={"where": {"sessionToken": self.token}})
        self.ask("POST", "/challenge", {"username": "u", "password": "PASSWORD-1", "challengeData": {"mfa": {"token": "PROOF-7"}}})  # fmt: skip  # noqa: E501
        login = {"method": "POST", "path": "/parse/login", "body": {"username": "u", "password": "PASSWORD-3"}}
        self.ask("POST", "/batch", {"requests": [login]})
        self.ask("POST", "/requestPasswordReset", {"email": "u@example.com"})
        self.ask("POST", "/loginAs", {"userId": made.json["objectId"]}, master=True)

    def functions(self) -> None:
        deep = [{"sessionToken": self.token, "authData": {"x": {"access_token": "PROOF-1"}}}, SERVER_KEYS]
        for name in ("echo", "refuse", "crash", "me", "talk", "nosuch"):
            for how in ({"as_user": self.token}, {"master": True}):
                body = {"password": "PASSWORD-4", "token": "PROOF-8", "deep": deep}
                self.ask("POST", f"/functions/{name}", {**body, "text": '{"password":"PASSWORD-5"}'}, **how)
        for length in range(900, 1000, 9):  # wherever the line is cut
            self.ask("POST", "/functions/echo", {"pad": "x" * length, "password": "PASSWORD-6", "s": self.token})
        wrapped = {"_ApplicationId": OPTIONS["appId"], "_SessionToken": self.token, **SERVER_KEYS}
        self.ask("POST", "/functions/echo", wrapped, headers={"X-Parse-Application-Id": None})
        self.ask("POST", "/functions/echo", wrapped)
        self.ask("POST", "/functions/echo", raw=b'{"password":"PASSWORD-7"')
        form = b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nPASSWORD-8\r\n--x--'
        self.ask("POST", "/functions/talk", raw=form, content_type="multipart/form-data; boundary=x")
        self.ask(
            "POST", "/functions/talk", raw=b"password=PASSWORD-9", content_type="application/x-www-form-urlencoded"
        )

    def services(self) -> None:
        self.ask("POST", "/jobs/work", {"password": "PASSWORD-1", "sessionToken": self.token}, master=True)
        self.ask("POST", "/cloud_code/jobs", {"job_schedule": {"jobName": "work", "params": '{"password":"PASSWORD-2"}'}}, master=True)  # fmt: skip  # noqa: E501
        hook = {"functionName": "hook", "url": "http://user:PASSWORD-3@127.0.0.1:1/?token=PROOF-1"}
        self.ask("POST", "/hooks/functions", hook, master=True)
        self.ask("POST", "/functions/hook", {"password": "PASSWORD-4"}, as_user=self.token)
        self.ask("PUT", "/config", {"params": {"password": "PASSWORD-5"}}, master=True)
        self.ask("PUT", self.path, {"password": "PASSWORD-6"}, as_user=self.token)
        self.ask("POST", "/logout", {}, as_user=self.token)


def test_no_log_tells_secrets(
    api: ApiClient, configure: Configure, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    options = {
        "logsFolder": str(tmp_path),
        "logLevel": "silly",
        "verbose": True,
        "auth": {"mfa": {"options": ["TOTP"]}},
    }
    configure(cloud=code, auditLog=str(tmp_path / "audit"), **KEYS, **options)
    api.application.reset()
    caplog.set_level(1)
    talker = Talker(api)
    talker.users()
    talker.functions()
    talker.services()
    bell().settle(10)
    answer = talker.ask("GET", "/scriptlog", query={"size": "10000"}, master=True)
    kept = [orjson.dumps(entry).decode() for entry in answer.json]
    printed = [form.format(record) for record in caplog.records for form in (Lines(), JsonLines())]
    audited = [line for path in tmp_path.iterdir() for line in path.read_text().splitlines()]
    assert min(len(kept), len(printed), len(audited)) > 100
    said = [*kept, *printed, *audited]
    found = {(match[0][:12], line[max(0, match.start() - 300) : match.end()]) for line in said for match in SECRET.finditer(line)}  # fmt: skip  # noqa: E501
    assert not found
    assert any("********" in line for line in said)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"password":"ab","x":1}', '{"password":"********","x":1}'),
        (r'{"password":"a\"b","x":1}', '{"password":"********","x":1}'),
        ('{"password" : ""}', '{"password" : "********"}'),
        ("{'password': 'ab', 'x': 1}", "{'password': '********', 'x': 1}"),
        ("{'password': \"it's\"}", "{'password': \"********\"}"),
        (r'{"text":"{\"password\":\"ab\",\"x\":1}"}', r'{"text":"{\"password\":\"********\",\"x\":1}"}'),
        ('{"recovery": ["a", "b"], "x": 1}', '{"recovery": ["********"], "x": 1}'),
        ('{"x":1,"Access_Token":"ab... (trunc', '{"x":1,"Access_Token":"********"'),
        ("GET http://u:p@h/?a=1&token=ab", "GET http://********@h/?a=1&token=********"),
        (f"session r:{'0a' * 16} ended", "session r:******** ended"),
        ('{"x-parse-master-key":"ab"}', '{"x-parse-master-key":"********"}'),
        ('{"token":null,"password":1,"deviceToken":"ab"}', '{"token":null,"password":1,"deviceToken":"ab"}'),
        ("half a surrogate: \ud800", r"half a surrogate: \ud800"),
        ("Parse error: the token: none", "Parse error: the token: none"),
    ],
)
def test_secrets_are_found_in_texts_of_every_form(text: str, expected: str) -> None:
    assert masked_text(text) == expected


def test_a_failure_is_printed_without_the_secrets_in_it() -> None:
    error = ValueError({"password": "PASSWORD-1"})
    record = logging.LogRecord("x", logging.ERROR, "", 1, "failed", (), (ValueError, error, None))
    for form in (Lines(), JsonLines()):
        assert "ValueError" in form.format(record)
        assert "PASSWORD" not in form.format(record)
