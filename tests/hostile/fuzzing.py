"""Random requests over the table of routes, the same for the same seed: shaped like real ones, and wrong somewhere."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

import orjson

from parse_core.operations.parse import operations
from parse_core.query.operators.base import operators
from parse_core.rest.routes import routes
from tests.support.scenario import Request

CLASSES: Final = (
    "Fuzz",
    "Fuzz",
    "Fuzz2",
    "Fuzz3",
    "_User",
    "_Session",
    "_Role",
    "_Installation",
    "_Join:r:Fuzz",
    "_Hooks",
)
FIELDS: Final = (
    "a",
    "n",
    "s",
    "o",
    "p",
    "r",
    "d",
    "g",
    "b",
    "f",
    "x",
    "objectId",
    "createdAt",
    "ACL",
    "username",
    "user",
)
TEXTS: Final = (
    "", "x", "*", "0", "-1", "null", "true", "a.b", "$or", "__op", "__proto__", "%", "%s", "'", '"', "\\", "\n", "\r\n",
    "é", "\U0001f600", "\u202e", "\ufeff", "²", "a" * 300, "a" * 3000, "../..", "<b>", "role:x", "2020-01-01", "now",
    "[", "(", "(?i)a+", "\\d+", "^\\Qx\\E", "1e999", "NaN", "{}", "[]", ",", "-a,b", "*,a.b.c", "r:0", "me",
)  # fmt: skip
NUMBERS: Final = (
    0,
    1,
    -1,
    0.5,
    -0.0,
    2**31,
    2**53 + 1,
    2**63,
    2**64 - 1,
    -(2**63),
    1e20,
    1e21,
    1e300,
    5e-324,
    90,
    180.5,
)
TYPES: Final = ("Pointer", "Date", "File", "GeoPoint", "Polygon", "Bytes", "Relation", "Object", "ACL", "Nosuch")
PARAMETERS: Final = (
    "where", "limit", "skip", "order", "keys", "excludeKeys", "include", "includeAll", "count", "explain", "hint",
    "redirectClassNameForKey", "readPreference", "comment", "pipeline", "distinct", "nosuch", "after", "before",
    "cursor",
)  # fmt: skip
HEADERS: Final = (
    "X-Parse-Installation-Id", "X-Parse-Client-Version", "X-Parse-Cloud-Context", "X-Parse-Request-Id", "Authorization",
    "If-None-Match", "Origin", "X-Forwarded-For", "Content-Encoding", "Host", "X-Parse-Revocable-Session",
)  # fmt: skip
STAGES: Final = (
    "$match",
    "$group",
    "$project",
    "$sort",
    "$limit",
    "$skip",
    "$unwind",
    "$count",
    "$lookup",
    "$addFields",
)


class Fuzzer:
    """Makes requests; `ids` and `tokens` are what the server answered, for requests that come near to working."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.ids: list[str] = ["x"]
        self.tokens: list[str] = []

    def learn(self, answer: Any) -> None:
        """Keeps ids and tokens of an answer, the last ones only."""
        if isinstance(answer, dict):
            for name, known in (("objectId", self.ids), ("sessionToken", self.tokens)):
                if isinstance(answer.get(name), str):
                    known.append(answer[name])
                    del known[:-30]

    def one(self, *makers: Callable[[], Any]) -> Any:
        return self.random.choice(makers)()

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def text(self) -> str:
        if self.chance(0.1):
            return "".join(self.random.choices("ab.$_-{}[]()\\'\"%\x01\x7f \t🙂", k=self.random.randrange(20)))
        return self.random.choice(TEXTS)

    def name(self) -> str:
        name = self.random.choice(FIELDS) if self.chance(0.8) else self.text()
        return name if self.chance(0.8) else f"{name}.{self.random.choice((*FIELDS, '0', '9999', '01', self.text()))}"

    def class_name(self) -> str:
        return self.random.choice(CLASSES) if self.chance(0.9) else self.text()

    def object_id(self) -> str:
        return self.random.choice(self.ids) if self.chance(0.8) else self.text()

    def atom(self) -> Any:
        return self.one(self.text, lambda: self.random.choice(NUMBERS), lambda: self.random.choice((None, True, False)))

    def value(self, depth: int = 3) -> Any:
        if depth == 0 or self.chance(0.4):
            return self.atom()
        return self.one(
            lambda: [self.value(depth - 1) for _ in range(self.random.randrange(4))],
            lambda: {self.name(): self.value(depth - 1) for _ in range(self.random.randrange(4))},
            self.typed,
            lambda: self.operation(depth - 1),
            self.nest,
        )

    def nest(self) -> Any:
        value = self.atom()
        for _ in range(self.random.choice((5, 50, 199, 239, 300))):
            value = [value] if self.chance(0.5) else {self.random.choice(("a", "$or", "$not", "x")): value}
        return value

    def typed(self) -> Any:
        kind = self.random.choice(TYPES)
        members = {
            "className": self.class_name(),
            "objectId": self.object_id(),
            "iso": self.random.choice(
                ("2020-01-01T00:00:00.000Z", "0001-01-01", "9999-12-31T23:59:59-23:00", self.text())
            ),
            "name": self.text(),
            "url": self.random.choice(
                ("http://api.example/parse/files/x/a", "http://[::1", "http://10.0.0.1/", self.text())
            ),
            "latitude": self.random.choice(NUMBERS),
            "longitude": self.random.choice(NUMBERS),
            "coordinates": [
                [self.random.choice(NUMBERS), self.random.choice((1, 2, 3))] for _ in range(self.random.randrange(6))
            ],
            "base64": self.random.choice(("YQ==", "!", "")),
        }
        wrong = {name: self.value(1) for name in members if self.chance(0.05)}
        return {"__type": kind, **{name: value for name, value in members.items() if self.chance(0.9)}, **wrong}

    def operation(self, depth: int = 2) -> Any:
        name = self.random.choice((*operations, "Nosuch"))
        objects: Any = [self.value(max(depth, 0)) for _ in range(self.random.randrange(4))]
        if name in ("AddRelation", "RemoveRelation"):
            objects = [
                {"__type": "Pointer", "className": self.class_name(), "objectId": self.object_id()} for _ in objects
            ]
        made = {"__op": name, "amount": self.random.choice(NUMBERS), "objects": objects, "ops": objects}
        return {
            **made,
            **({self.random.choice(("amount", "objects", "ops", "__op")): self.value(1)} if self.chance(0.1) else {}),
        }

    def document(self) -> Any:
        body = {self.name(): self.value() for _ in range(self.random.randrange(6))}
        if self.chance(0.2):
            body["ACL"] = self.one(lambda: {self.text(): {"read": True}}, lambda: self.value(2), self.operation)
        if self.chance(0.2):
            body |= {"username": self.text(), "password": self.text(), "email": self.text()}
        if self.chance(0.1):
            body["authData"] = {self.random.choice(("anonymous", "google", "mfa", "x")): self.value(2)}
        if self.chance(0.1):
            body["objectId"] = self.object_id()
        return body

    def where(self, depth: int = 3) -> Any:
        made: dict[str, Any] = {}
        for _ in range(self.random.randrange(3)):
            if depth and self.chance(0.2):
                made[self.random.choice(("$or", "$and", "$nor"))] = [self.where(depth - 1) for _ in range(2)]
            elif self.chance(0.1):
                made["$relatedTo"] = {"object": self.typed(), "key": self.name()}
            elif self.chance(0.6):
                made[self.name()] = {self.random.choice((*operators, "$nosuch")): self.operand(depth) for _ in range(2)}
            else:
                made[self.name()] = self.value(2)
        return made

    def operand(self, depth: int) -> Any:
        query = {"className": self.class_name(), "where": {} if depth <= 0 else self.where(depth - 1)}
        return self.one(
            lambda: self.value(2),
            lambda: [self.value(1) for _ in range(self.random.randrange(5))],
            lambda: query,
            lambda: {"query": query, "key": self.name()},
            lambda: {"$search": {"$term": self.value(1)}},
            lambda: {"$box": [self.typed(), self.typed()]},
            lambda: {"$centerSphere": [[self.random.choice(NUMBERS), 1], self.random.choice(NUMBERS)]},
            lambda: {"$polygon": [self.typed() for _ in range(3)]},
            lambda: {"$geometry": self.typed(), "$point": self.typed()},
            lambda: self.where(depth - 1) if depth > 0 else {},
            self.typed,
        )

    def parameters(self) -> Any:
        made: dict[str, Any] = {}
        for name in self.random.sample(PARAMETERS, self.random.randrange(4)):
            made[name] = self.one(self.where, self.name, self.atom, lambda: self.value(2), self.pipeline)
        if self.chance(0.5):
            made["where"] = self.where()
        return made

    def pipeline(self) -> Any:
        stages = []
        for _ in range(self.random.randrange(4)):
            operand = self.one(
                self.where,
                lambda: self.value(3),
                lambda: {"_id": f"${self.name()}", "t": {"$sum": f"${self.name()}"}},
                lambda: {"_id": self.value(2), self.name(): {"$max": self.value(2)}},
                self.atom,
            )
            stages.append({self.random.choice(STAGES): operand})
        return stages

    def definition(self) -> Any:
        fields = {
            self.name(): {"type": self.random.choice((*TYPES, "Number", "String")), "targetClass": self.class_name()}
            for _ in range(self.random.randrange(3))
        }
        permissions = {
            self.random.choice(
                ("find", "get", "create", "update", "ACL", "protectedFields", "readUserFields")
            ): self.one(lambda: {"*": True}, lambda: self.value(2), lambda: {"pointerFields": [self.name()]})
            for _ in range(self.random.randrange(3))
        }
        made = {"className": self.class_name(), "fields": fields, "classLevelPermissions": permissions}
        made["indexes"] = {self.text(): {self.name(): self.value(1)}}
        return {name: value if self.chance(0.9) else self.value(2) for name, value in made.items() if self.chance(0.5)}

    def path(self) -> str:
        if self.chance(0.03):
            return "/" + "/".join(quote(self.text(), safe="/%") for _ in range(self.random.randrange(5)))
        parts = []
        for part in self.random.choice([route.pattern for route in routes]).split("/"):
            made = self.class_name() if part == "<class_name>" else self.object_id() if part[:1] == "<" else part
            parts.append(quote(made, safe=""))
        return "/" + "/".join(parts)

    def body(self, path: str) -> Any:
        if path.startswith("/schemas"):
            return self.definition()
        if path.startswith("/batch") or self.chance(0.02):
            return {"requests": [self.part() for _ in range(self.random.randrange(4))], "transaction": self.chance(0.4)}
        return self.one(self.document, self.document, self.parameters, lambda: self.value(3))

    def part(self) -> Any:
        if self.chance(0.05):
            return self.value(2)
        path = self.path()
        method = self.random.choice(("GET", "POST", "PUT", "DELETE"))
        return {
            "method": method,
            "path": "/parse" + path,
            "body": self.body("/classes") if self.chance(0.8) else self.value(2),
        }

    def request(self) -> Request:
        """The next one."""
        path = self.path()
        method = self.random.choice(("GET", "GET", "POST", "POST", "PUT", "PUT", "DELETE", "HEAD", "PATCH"))
        how: dict[str, Any] = self.caller()
        body = None
        if method == "GET" and self.chance(0.7):
            how["query"] = self.one(self.parameters, self.parameters, self.raw_query)
        elif method != "GET":
            body = self.body(path)
            if self.chance(0.3) and isinstance(body, dict):
                body = {
                    **body,
                    **(self.parameters() if self.chance(0.5) else {}),
                    "_method": self.random.choice(("GET", "PUT", "DELETE")),
                }
        if body is not None and self.chance(0.15):
            how["raw"], body = self.mutated(body), None
        if self.chance(0.1):
            how["headers"] = {
                self.random.choice(HEADERS): self.one(self.text, lambda: "gzip").encode().decode("latin-1")
            }
        if self.chance(0.05):
            how["content_type"] = self.random.choice(
                (
                    "text/plain",
                    "multipart/form-data; boundary=x",
                    "application/x-www-form-urlencoded",
                    "a/b; charset=x",
                    "",
                )
            )
        return Request(method, path, body, how)

    def caller(self) -> dict[str, Any]:
        if self.tokens and self.chance(0.3):
            return {"as_user": self.random.choice(self.tokens)}
        return self.random.choice(
            ({}, {}, {"master": True}, {"master": True}, {"read_only": True}, {"maintenance": True})
        )

    def raw_query(self) -> str:
        pairs = [
            f"{quote(self.random.choice(PARAMETERS))}[{quote(self.name())}]={quote(self.text())}" for _ in range(3)
        ]
        return "&".join(self.random.sample(pairs, 2)) + self.random.choice(
            ("", "&", "&&=", "&%", "&%zz=%ff", "&where[=1")
        )

    def mutated(self, body: Any) -> bytes:
        """The body as JSON with some bytes changed, doubled or left out."""
        raw = bytearray(orjson_or_empty(body))
        for _ in range(self.random.randrange(1, 4)):
            if not raw:
                break
            place = self.random.randrange(len(raw))
            piece = self.random.choice(
                (b"", b"\x00", b"\xff", b"{", b"]", b'"', b"\\u0000", b"\\ud800", b"1e999", b"null", b",")
            )
            raw[place : place + self.random.randrange(3)] = piece
        return bytes(raw)


def orjson_or_empty(body: Any) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # nested deeper than it writes
        return b"{}"
