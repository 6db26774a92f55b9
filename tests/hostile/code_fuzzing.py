"""Random requests to the routes of Cloud Code, and Cloud Code that hands what it is sent to all of the SDK."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import orjson

from parse_cloud import Config, FunctionRequest, JobRequest, Object, Query, TriggerRequest
from parse_cloud.author.cloud import Cloud
from parse_cloud.kinds import TRIGGERS
from tests.hostile.fuzzing import Fuzzer
from tests.support.scenario import Request

ROUTES: Final = (
    *("functions/<name>",) * 8, "jobs/<name>", "jobs", "hooks/functions", "hooks/functions/<name>", "hooks/triggers",
    "hooks/triggers/<class>/<trigger>", "config", "config", "cloud_code/jobs", "cloud_code/jobs/data",
    "cloud_code/jobs/<id>", "events/<name>", "scriptlog", "validate_purchase", "batch", "batch", "classes/Fuzz",
    "classes/Fuzz", "classes/Fuzz2", "classes/Fuzz/<id>", "classes/Fuzz2/<id>", "users", "login", "audit",
)  # fmt: skip
NAMES: Final = (
    "echo", "echo", "later", "store", "store", "find", "call", "answer", "work", "nosuch", "constructor", "__proto__",
    "echo.prototype.constructor", "__init__", "toString", "hasOwnProperty", "", "a'b", 'a"b', "a`b", "a/b", "ECHO",
)  # fmt: skip
URLS: Final = (
    "http://127.0.0.1:1/", "ftp://x/", "http://[::1", "", "http://", "file:///etc/passwd", "http://127.0.0.1:99999/",
    "http://user:pass@127.0.0.1:1/", "javascript:alert(1)", "http://127.0.0.1:1/\n", "HTTP://127.0.0.1:1", "//x",
)  # fmt: skip
CONTEXTS: Final = (
    "{}", "[]", "1", "null", '"x"', "{", '{"__proto__":{"a":1}}', '{"a":"\\u0000"}', '{"a":"\\ud800"}', '{"a":1,"a":2}',
    '{"a":1e999}', '{"a":NaN}', "[" * 500, '{"a":' * 200 + "1" + "}" * 200, '{"a":"' + "x" * 7000 + '"}',
    '{"a":' + "9" * 400 + "}", "\xff", '{"a":{"__type":"Pointer"}}',
)  # fmt: skip


def code(cloud: Cloud) -> None:
    """Handlers that take whatever comes, and do all they can with it."""
    functions(cloud)
    triggers(cloud)


def functions(cloud: Cloud) -> None:

    @cloud.function
    def echo(request: FunctionRequest) -> Any:
        return request.params

    @cloud.function(fields=["a"], require_user=False)
    async def later(request: FunctionRequest) -> Any:
        return [request.params, request.context, dict(request.headers), request.user]

    @cloud.function
    def store(request: FunctionRequest) -> Any:
        made = Object("Fuzz", **{key: value for key, value in request.params.items() if key.isidentifier()})
        options: Any = {**request.as_user(), "context": request.context}
        made.save(**options)
        return made

    @cloud.function
    def find(request: FunctionRequest) -> Any:
        return Query("Fuzz").with_json(request.params).find(**request.as_user())

    @cloud.function
    def call(request: FunctionRequest) -> Any:
        return cloud.run(request.params.get("a", "echo"), request.params.get("o"), context=request.params.get("x"))

    @cloud.function
    def answer(request: FunctionRequest, response: Any) -> None:
        response.status(request.params.get("n")).header(request.params.get("s"), request.params.get("a")).success(1)

    @cloud.job
    def work(request: JobRequest) -> Any:
        request.message(request.params.get("s"))
        return request.params.get("a")


def triggers(cloud: Cloud) -> None:
    @cloud.before_save("Fuzz")
    @cloud.before_save("_User")
    def seen(request: TriggerRequest[Any]) -> None:
        request.object.to_json()
        request.object.set("seen", request.object.dirty_keys())

    @cloud.after_save("Fuzz")
    @cloud.before_delete("Fuzz")
    @cloud.after_delete("Fuzz")
    @cloud.before_login
    @cloud.before_save(Config)
    @cloud.after_save(Config)
    def looked_at(request: Any) -> None:
        for each in (request.object, request.original):
            if isinstance(each, Object):
                each.to_json()

    @cloud.before_find("Fuzz")
    async def asked(request: Any) -> Any:
        return Query("Fuzz").with_json(request.query.to_json())

    @cloud.after_find("Fuzz2")
    @cloud.after_find("Fuzz")
    def found(request: Any) -> Any:
        return [Object("Other", o=each.to_json()) if index % 2 else each for index, each in enumerate(request.objects)]


class CodeFuzzer(Fuzzer):
    """Mostly asks for what Cloud Code answers."""

    def path(self) -> str:
        if self.chance(0.1):
            return super().path()
        parts = []
        for part in self.random.choice(ROUTES).split("/"):
            made = {
                "<name>": self.function_name,
                "<class>": self.class_name,
                "<trigger>": self.trigger,
                "<id>": self.object_id,
            }.get(part)
            parts.append(quote(made(), safe="/" if self.chance(0.3) else "") if made else part)
        return "/" + "/".join(parts)

    def function_name(self) -> str:
        return self.random.choice(NAMES) if self.chance(0.95) else self.text()

    def trigger(self) -> str:
        return self.random.choice(sorted(TRIGGERS)) if self.chance(0.9) else self.text()

    def body(self, path: str) -> Any:
        if self.chance(0.1):
            return super().body(path)
        made: dict[str, Any] = {}
        if path.startswith("/hooks"):
            made = {
                "functionName": self.function_name(),
                "className": self.one(self.class_name, lambda: "@File", lambda: "@Config", lambda: "@Connect"),
                "triggerName": self.trigger(),
                "url": self.random.choice(URLS),
                **({"__op": "Delete"} if self.chance(0.5) else {}),
            }
        elif path.startswith("/config"):
            made = {"params": self.document(), "masterKeyOnly": {self.name(): self.atom() for _ in range(2)}}
        elif path.startswith("/cloud_code"):
            schedule = {"jobName": self.function_name(), "params": self.text(), "startAfter": self.text()}
            made = {"job_schedule": {**schedule, "daysOfWeek": self.value(2), "repeatMinutes": self.atom()}}
        elif path.startswith("/validate_purchase"):
            made = {"receipt": self.value(1), "productIdentifier": self.text()}
        elif path.startswith(("/functions", "/jobs")):
            made = {**self.one(self.document, self.parameters), "jobName": self.function_name()}
        else:
            return super().body(path)
        wrong = {name: self.value(2) for name in made if self.chance(0.1)}
        return {name: value for name, value in {**made, **wrong}.items() if self.chance(0.95)}

    def request(self) -> Request:
        """The next one."""
        made = super().request()
        how: dict[str, Any] = dict(made.how)
        if self.chance(0.1):
            how["headers"] = {"X-Parse-Cloud-Context": self.random.choice(CONTEXTS).encode().decode("latin-1")}
        elif self.chance(0.1):
            how["headers"] = {"X-Parse-Request-Id": self.text().encode().decode("latin-1")}
        if self.chance(0.05) and isinstance(made.body, dict):
            wrapped = {**made.body, "_context": self.value(2), "_ApplicationId": "hostile", "_method": made.method}
            return Request("POST", made.path, wrapped, {**how, "headers": {"X-Parse-Application-Id": None}})
        if made.path.startswith("/functions") and self.chance(0.15):
            return Request("POST", made.path, None, {**how, **self.form()})
        return Request(made.method, made.path, made.body, how)

    def form(self) -> dict[str, Any]:
        """A multipart body, nearly always a wrong one."""
        boundary = self.random.choice(("x", "x", "x", "a b", "", "x" * 300, '"x"', "é"))
        lines = []
        for _ in range(self.random.randrange(4)):
            name, filename = self.text().replace("\n", ""), self.text()
            lines.append(f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n')
            lines.append(self.random.choice(("Content-Type: a/b\r\n", "Content-Type: é\r\n", "X: \0\r\n", "")))
            lines.append(self.random.choice(("\r\n", "\r\n", "\n", "")) + self.text() + "\r\n")
        raw = "".join(lines).encode() + self.random.choice((b"--x--", b"--x--\r\n", b"--x", b""))
        if self.chance(0.3):
            raw = self.mutated(raw.decode())
        return {"raw": raw, "content_type": f"multipart/form-data; boundary={boundary}".encode().decode("latin-1")}

    def mutated(self, body: Any) -> bytes:
        return super().mutated(body) if not isinstance(body, str) else super().mutated(body)[1:-1]


def is_json(body: bytes) -> bool:
    """Whether an answer can be learnt from."""
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True
