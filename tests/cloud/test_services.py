"""The small services: analytics, receipts of the App Store, the audit log (`contract/cloud.md` §9, §11, §14)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest

from parse_core.application import applications
from tests.support.client import ApiClient

Start = Callable[..., ApiClient]


@pytest.fixture
def start(database_url: str) -> Iterator[Start]:
    def configured(**options: Any) -> ApiClient:
        application = applications.configure(
            {
                "appId": "services",
                "masterKey": "master",
                "allowClientClassCreation": True,
                "serverURL": "http://api.example/parse",
                "enableProductPurchaseLegacyApi": True,
                **options,
            }
        )
        application.reset()
        return ApiClient(application)

    yield configured
    applications.remove("services")


class Tracker:
    """Keeps events, and answers the way `answer` says."""

    def __init__(self, answer: Any = None) -> None:
        self.answer, self.events = answer, []  # type: ignore[var-annotated]

    def app_opened(self, parameters: dict[str, Any], _request: object) -> Any:
        self.events.append(("AppOpened", parameters))
        return self.answer

    async def track_event(self, name: str, parameters: dict[str, Any], _request: object) -> Any:
        self.events.append((name, parameters))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


EVENT = {"dimensions": {"price": "high"}, "at": {"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"}}


def test_events_go_to_the_adapter_and_its_answer_comes_back(start: Start) -> None:
    tracker = Tracker({"kept": True})
    api = start(analyticsAdapter=tracker)
    for name in ("AppOpened", "Sold"):
        answer = api.post(f"/events/{name}", EVENT)
        assert (answer.status, answer.json) == (200, {"kept": True})
    assert tracker.events == [("AppOpened", EVENT), ("Sold", EVENT)]


@pytest.mark.parametrize("adapter", [None, Tracker(), Tracker("text"), Tracker(RuntimeError("down"))])
def test_an_event_is_always_welcome(start: Start, adapter: Tracker | None) -> None:
    answer = start(analyticsAdapter=adapter).post("/events/Sold", EVENT)
    assert (answer.status, answer.json) == (200, {})


def test_an_event_has_a_name(start: Start) -> None:
    assert start().post("/events", EVENT).status == 404


@pytest.fixture
def apple(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Both of Apple's verifiers, canned: by receipt what production says, else what the sandbox says."""
    canned: dict[str, Any] = {}

    class Verifier(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receipt = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))["receipt-data"]
            body = canned.get(f"{self.path}:{receipt}", b"nothing")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else orjson.dumps(body))

        def log_message(self, *_args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Verifier)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setattr("parse_cloud.purchases.PRODUCTION", f"{base}/production")
    monkeypatch.setattr("parse_cloud.purchases.SANDBOX", f"{base}/sandbox")
    yield canned
    server.shutdown()
    server.server_close()


FILE = {"__type": "File", "name": "song.mp3", "url": "http://api.example/parse/files/services/song.mp3"}
ICON = {**FILE, "name": "icon.png"}
PRODUCT = {"productIdentifier": "song", "icon": ICON, "order": 1, "title": "A song", "subtitle": "Loud"}
MALFORMED = "The data in the receipt-data property was malformed or missing."
NEITHER_NOR = [{"receipt": "x"}, {"productIdentifier": "song"}, {"receipt": 5, "productIdentifier": "s"}, {}]


def test_a_good_receipt_is_answered_with_the_download(start: Start, apple: dict[str, Any]) -> None:
    api = start()
    made = api.post("/classes/_Product", {**PRODUCT, "download": FILE}, master=True)
    assert (made.status, made.json["downloadName"]) == (201, "song.mp3")
    apple["/production:good"] = {"status": 0}
    apple["/production:trial"] = {"status": 21007}
    apple["/sandbox:trial"] = {"status": 0}
    for receipt in ("good", {"__type": "Bytes", "base64": "good"}, "trial"):
        answer = api.post("/validate_purchase", {"receipt": receipt, "productIdentifier": "song"})
        assert (answer.status, answer.json["__type"], answer.json["name"]) == (200, "File", "song.mp3"), answer.body
    answer = api.post("/validate_purchase", {"receipt": "good", "productIdentifier": "nope"})
    assert (answer.status, answer.error) == (404, (101, "Object not found."))


@pytest.mark.parametrize(
    ("canned", "answer"),
    [
        (
            {"status": 21002},
            {"status": 21002, "error": MALFORMED},
        ),
        ({"status": 29999}, {"status": 29999, "error": "unknown error."}),
        ({}, {"status": None, "error": "unknown error."}),
        (b"no json", {"status": None, "error": "unknown error."}),
    ],
)
def test_what_apple_does_not_verify_is_told_with_200(
    start: Start, apple: dict[str, Any], canned: Any, answer: dict[str, Any]
) -> None:
    apple["/production:bad"] = canned
    got = start().post("/validate_purchase", {"receipt": "bad", "productIdentifier": "song"})
    assert (got.status, got.json) == (200, answer)


@pytest.mark.parametrize(
    "body", [{"receipt": "x"}, {"productIdentifier": "song"}, {"receipt": 5, "productIdentifier": "s"}, {}]
)
def test_a_receipt_and_a_product_are_needed(start: Start, body: dict[str, Any]) -> None:
    answer = start().post("/validate_purchase", body)
    assert (answer.status, answer.error) == (400, (107, "missing receipt or productIdentifier"))


def test_receipts_are_only_taken_where_the_option_says_so(start: Start) -> None:
    answer = start(enableProductPurchaseLegacyApi=False).post("/validate_purchase", {})
    assert answer.status == 404


@pytest.mark.parametrize("missing", ["productIdentifier", "icon", "order", "title", "subtitle"])
def test_a_product_needs_what_a_store_shows(start: Start, missing: str) -> None:
    api = start()
    body = {key: value for key, value in PRODUCT.items() if key != missing}
    assert api.post("/classes/_Product", body, master=True).error == (111, f"{missing} is required.")
    made = api.post("/classes/_Product", PRODUCT, master=True)
    answer = api.put(f"/classes/_Product/{made.json['objectId']}", {missing: {"__op": "Delete"}}, master=True)
    assert answer.error == (111, f"{missing} is required.")


def test_the_audit_log_tells_who_changed_what_and_no_values(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "audit"
    api = start(auditLog=str(path))
    user = api.post("/users", {"username": "ada", "password": "secret-1"}).json
    made = api.post("/classes/Post", {"title": "secret-2"}, master=True).json
    api.post("/classes/Post", {"title": "a client's"}, as_user=user["sessionToken"])
    api.get("/classes/Post", master=True)
    api.put("/classes/Post/nope", {"title": "x"}, master=True)
    api.put("/config", {"params": {"a": 1}})
    part = {"method": "POST", "path": "/parse/classes/Post", "body": {"title": "in a batch"}}
    api.post("/batch", {"requests": [part, part]}, master=True)
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    told = [(line["key"], line["operation"], line["path"], line["keys"], line["code"]) for line in lines]
    assert told == [
        ("master", "POST", "/classes/Post", ["title"], 201),
        ("master", "PUT", "/classes/Post/nope", ["title"], 101),
        ("client", "PUT", "/config", ["params"], 403),
        ("master", "POST", "/classes/Post", ["title"], 201),
        ("master", "POST", "/classes/Post", ["title"], 201),
        ("master", "POST", "/batch", ["requests"], 200),
    ]
    assert (lines[0]["class"], lines[1]["object"], "time" in lines[0], "ip" in lines[0]) == ("Post", "nope", True, True)
    assert b"secret" not in path.read_bytes()
    assert made["objectId"]


def test_without_the_option_nothing_is_audited(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    assert start().post("/classes/Post", {"title": "x"}, master=True).status == 201
    assert not [record for record in caplog.records if record.name == "parse_core.audit"]
